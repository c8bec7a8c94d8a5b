//! `[[destination]]` of `kind = "http"`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use super::super::secrets::secret;
use super::super::section::Section;
use super::super::token::TokenConfig;
use super::link::{self, ClientCertificate};
use crate::secret::SecretRef;
use parts::{auth, body, codes, headers, is_token};

pub(super) mod parts;
mod poll;

pub use poll::PollConfig;

/// `kind = "http"`.
#[derive(Debug, Clone)]
pub struct HttpConfig {
    /// Where orders are sent.
    pub url: String,
    /// Where updates are sent (default: `url`).
    pub update_url: Option<String>,
    /// Where cancels are sent (default: `url`).
    pub cancel_url: Option<String>,
    /// How orders are sent (default `POST`).
    pub method: Verb,
    /// How updates are sent (default: `method`).
    pub update_method: Verb,
    /// How cancels are sent (default: `method`).
    pub cancel_method: Verb,
    /// Further headers.
    pub headers: Vec<(String, HeaderText)>,
    /// A template for the body (default: the canonical order as JSON).
    pub body: Option<BodyTemplate>,
    /// The body's media type (default: what suits the body).
    pub content_type: Option<String>,
    /// How we prove who we are.
    pub auth: Auth,
    /// The header that carries the key (default `Idempotency-Key`; empty text: none).
    pub idempotency_header: Option<String>,
    /// To connect (default 5 s).
    pub connect_timeout: Duration,
    /// From the last byte sent to the first of the answer (default 30 s).
    pub response_timeout: Duration,
    /// For all of it (default 60 s).
    pub total_timeout: Duration,
    /// What this partner means by some status codes.
    pub codes: BTreeMap<u16, Meaning>,
    /// Where in the answer the partner's own id of the order stands: a JSON pointer (RFC 6901).
    pub remote_id: Option<String>,
    /// What else of the answer is kept with the order: names, and JSON pointers.
    pub facts: BTreeMap<String, String>,
    /// A signature over the request.
    pub sign: Option<Sign>,
    /// How it is asked what has become of an order.
    pub poll: Option<PollConfig>,
    /// A certificate authority of the partner's own, PEM, believed beside the system's.
    pub ca: Option<PathBuf>,
    /// A certificate of our own, for partners that ask who connects.
    pub client: Option<ClientCertificate>,
    /// A proxy's URL; the environment's proxies are never used.
    pub proxy: Option<String>,
    /// Whether unencrypted http to another machine is accepted.
    pub allow_plaintext: bool,
}

/// How an order is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// POST.
    Post,
    /// PUT.
    Put,
    /// PATCH.
    Patch,
    /// DELETE, for cancels.
    Delete,
}

impl Verb {
    /// As HTTP writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// The value of a header.
#[derive(Debug, Clone)]
pub enum HeaderText {
    /// For everybody to see.
    Plain(String),
    /// A secret.
    Secret(SecretRef),
}

/// A template for bodies.
#[derive(Debug, Clone)]
pub struct BodyTemplate {
    /// Its text.
    pub text: String,
    /// The file it is from, for messages.
    pub file: Option<PathBuf>,
    /// How values are written into it (default: by the file's name and the media type).
    pub escape: Escape,
}

/// How values are written into a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Escape {
    /// As JSON values, quotes included.
    Json,
    /// As text of XML.
    Xml,
    /// As they are.
    None,
}

/// How we prove who we are.
#[derive(Debug, Clone)]
pub enum Auth {
    /// Not at all.
    None,
    /// User and password.
    Basic {
        /// The user.
        user: String,
        /// The password.
        password: SecretRef,
    },
    /// `Authorization: Bearer …`.
    Bearer {
        /// The token.
        token: SecretRef,
    },
    /// Tokens of an OAuth server.
    OAuth2(Box<TokenConfig>),
    /// A header of the partner's own.
    Header {
        /// Its name.
        name: String,
        /// Its value.
        value: SecretRef,
    },
}

/// A signature over the request (RFC 2104), made when it is sent.
#[derive(Debug, Clone)]
pub struct Sign {
    /// What it is signed with.
    pub key: SecretRef,
    /// What is signed: text with `{method}`, `{url}`, `{path}`, `{timestamp}`, `{key}` and `{body}`.
    pub over: String,
    /// The hash.
    pub hash: Hash,
    /// How the signature is written.
    pub coding: Coding,
    /// The header it stands in.
    pub header: String,
    /// What stands before it there.
    pub prefix: String,
    /// The header of the time stamp, in seconds; empty: none.
    pub timestamp_header: String,
}

/// A hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hash {
    /// SHA-256.
    Sha256,
    /// SHA-512.
    Sha512,
}

/// How a signature is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// Lower-case hexadecimal.
    Hex,
    /// Base 64.
    Base64,
}

/// What a status code means, where a partner differs from the usual.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// It has the order.
    Accepted,
    /// The sender's turn.
    Refused,
    /// Try again.
    Later,
    /// Credentials or address are wrong: the lane pauses.
    Denied,
    /// It may or may not have been applied.
    Unknown,
    /// A person must look.
    Parked,
}

impl HttpConfig {
    /// The secrets it names.
    pub(super) fn secrets(&self) -> Vec<&SecretRef> {
        let mut secrets = match &self.auth {
            Auth::None => Vec::new(),
            Auth::Basic { password, .. } => vec![password],
            Auth::Bearer { token } => vec![token],
            Auth::Header { value, .. } => vec![value],
            Auth::OAuth2(tokens) => tokens.secrets().collect(),
        };
        secrets.extend(self.headers.iter().filter_map(|(_, text)| match text {
            HeaderText::Secret(secret) => Some(secret),
            HeaderText::Plain(_) => None,
        }));
        secrets.extend(self.sign.as_ref().map(|sign| &sign.key));
        secrets.extend(self.client.as_ref().map(|client| &client.key));
        secrets
    }
}

pub(super) fn read(section: &Section<'_, '_>) -> HttpConfig {
    let allow_plaintext = section.or("allow_plaintext", false);
    let url = |key| link::address(section, key, allow_plaintext);
    let words = [
        ("POST", Verb::Post),
        ("PUT", Verb::Put),
        ("PATCH", Verb::Patch),
        ("DELETE", Verb::Delete),
    ];
    let method = section.word("method", &words[..3]).unwrap_or(Verb::Post);
    let content_type = section.get::<String>("content_type");
    let first = url("url");
    if !section.has("url") {
        section.missing("url");
    }
    let http = HttpConfig {
        url: first.unwrap_or_default(),
        update_url: url("update_url"),
        cancel_url: url("cancel_url"),
        method,
        update_method: section.word("update_method", &words[..3]).unwrap_or(method),
        cancel_method: section.word("cancel_method", &words).unwrap_or(method),
        headers: headers(section),
        body: body(section, content_type.as_deref()),
        content_type,
        auth: auth(section),
        idempotency_header: idempotency(section),
        connect_timeout: link::timeout(section, "connect_timeout", 5),
        response_timeout: link::timeout(section, "response_timeout", 30),
        total_timeout: link::timeout(section, "total_timeout", 60),
        codes: codes(section),
        remote_id: remote_id(section),
        facts: facts(section),
        sign: sign(section),
        poll: poll::read(section, allow_plaintext),
        proxy: link::proxy(section),
        ca: link::file(section, "ca"),
        client: link::client_certificate(section),
        allow_plaintext,
    };
    let wrong = |text: &String| text.is_empty() || text.chars().any(char::is_control);
    if http.content_type.as_ref().is_some_and(wrong) {
        section.error(
            "content_type",
            "`content_type` must be a media type such as \"application/xml\"",
        );
    }
    http
}

/// The header that carries the key. Without one no partner can recognise a repeat.
fn idempotency(section: &Section<'_, '_>) -> Option<String> {
    let name: String = section.or("idempotency_header", "Idempotency-Key".to_owned());
    if name.is_empty() {
        let held = section.get::<String>("on_unknown").as_deref() == Some("hold");
        if !held {
            section.warn(
                "idempotency_header",
                "no key is sent and a lost answer is met by sending again: unless the partner knows \
                 repeats by the order itself, set `on_unknown = \"hold\"`",
            );
        }
        return None;
    }
    if !is_token(&name) {
        section.error(
            "idempotency_header",
            "`idempotency_header` must be the name of a header, or empty for none",
        );
    }
    Some(name)
}

fn remote_id(section: &Section<'_, '_>) -> Option<String> {
    let pointer: String = section.get("remote_id")?;
    if !pointer.starts_with('/') {
        section.error(
            "remote_id",
            "`remote_id` must be a JSON pointer such as \"/id\" or \"/data/order_id\"",
        );
    }
    Some(pointer)
}

/// `facts = { tracking_number = "/tracking/code" }`.
fn facts(section: &Section<'_, '_>) -> BTreeMap<String, String> {
    let facts = link::texts(section, "facts");
    for (name, pointer) in &facts {
        if !pointer.starts_with('/') {
            section.error(
                "facts",
                format!("`facts`: {name} must be a JSON pointer such as \"/tracking/number\""),
            );
        }
    }
    facts
}

fn sign(section: &Section<'_, '_>) -> Option<Sign> {
    let table = section.table("sign")?;
    let template = table.or("over", "{timestamp}\n{method}\n{path}\n{body}".to_owned());
    let hashes = [("sha256", Hash::Sha256), ("sha512", Hash::Sha512)];
    let codings = [("hex", Coding::Hex), ("base64", Coding::Base64)];
    let name = |key, usual: &str| {
        let name = table.or(key, usual.to_owned());
        if !name.is_empty() && !is_token(&name) {
            table.error(key, format!("`{key}` must be the name of a header"));
        }
        name
    };
    let key = secret(&table, "key");
    if !table.has("key") {
        table.missing("key");
    }
    let sign = Sign {
        key: key?,
        over: template,
        hash: table.word("hash", &hashes).unwrap_or(Hash::Sha256),
        coding: table.word("coding", &codings).unwrap_or(Coding::Hex),
        header: name("header", "X-Signature"),
        prefix: table.or("prefix", String::new()),
        timestamp_header: name("timestamp_header", "X-Timestamp"),
    };
    table.finish();
    Some(sign)
}

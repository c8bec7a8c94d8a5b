//! `[[destination]]` of `kind = "http"`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use super::section::Section;
use super::values::Url;
use crate::secret::SecretRef;
use parts::{auth, body, codes, headers, is_token};

mod parts;

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
    /// A certificate authority of the partner's own, PEM, believed beside the system's.
    pub ca: Option<PathBuf>,
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
    /// A header of the partner's own.
    Header {
        /// Its name.
        name: String,
        /// Its value.
        value: SecretRef,
    },
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

pub(super) fn read(section: &Section<'_, '_>) -> HttpConfig {
    let allow_plaintext = section.or("allow_plaintext", false);
    let url = |key| address(section, key, allow_plaintext);
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
        connect_timeout: timeout(section, "connect_timeout", 5),
        response_timeout: timeout(section, "response_timeout", 30),
        total_timeout: timeout(section, "total_timeout", 60),
        codes: codes(section),
        remote_id: remote_id(section),
        proxy: proxy(section),
        ca: file(section, "ca"),
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

fn proxy(section: &Section<'_, '_>) -> Option<String> {
    let url: Url = section.get("proxy")?;
    if !matches!(url.scheme.as_str(), "http" | "https") || url.has_password {
        section.error(
            "proxy",
            "`proxy` must be an http:// or https:// URL without a password",
        );
    }
    Some(url.text)
}

fn timeout(section: &Section<'_, '_>, key: &'static str, seconds: u64) -> Duration {
    section.within(
        key,
        Duration::from_secs(seconds),
        Duration::from_millis(100)..=Duration::from_mins(10),
        "from \"100ms\" to \"10m\"",
    )
}

/// An address of the partner: https, or http where that is safe or wanted.
fn address(section: &Section<'_, '_>, key: &'static str, allow_plaintext: bool) -> Option<String> {
    let url: Url = section.get(key)?;
    match url.scheme.as_str() {
        "https" => {}
        "http" if url.is_loopback() => {}
        "http" if allow_plaintext => section.warn(
            key,
            format!("PLAINTEXT: everybody between here and {} can read and change the orders", url.host),
        ),
        "http" => section.error(
            key,
            format!(
                "`{key}` is unencrypted http to {}: use https, or set `allow_plaintext = true` if the way there is safe",
                url.host
            ),
        ),
        _ => section.error(key, format!("`{key}` must begin with https:// or http://")),
    }
    if url.has_user {
        section.error(
            key,
            format!("`{key}` must not hold a user or password: put them into `auth`"),
        );
    }
    Some(url.text)
}

/// A file that `check` looks for and the daemon needs.
pub(super) fn file(section: &Section<'_, '_>, key: &'static str) -> Option<PathBuf> {
    let path: String = section.get(key)?;
    Some(section.doc().resolve(&path))
}

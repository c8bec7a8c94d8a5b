//! What the configuration says about an HTTP destination.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper::header::{
    ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, USER_AGENT,
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::poll::PollSettings;
use super::sign::Sign;
use crate::limits;
use crate::partners::form::BodyForm;
use crate::partners::wire::link::AGENT;
use crate::partners::wire::redact::Redactor;
use crate::partners::wire::settings::WireSettings;
use crate::partners::wire::{Authorities, Identity, Meaning};
use crate::token::TokenSettings;

/// The settings of one HTTP destination. The shell fills it: files are read, secrets resolved.
#[derive(Debug, Clone)]
pub struct HttpSettings {
    /// The destination's name, for messages.
    pub name: String,
    /// Where new orders go.
    pub create: Endpoint,
    /// Where updates go; the same as creates without it.
    pub update: Option<Endpoint>,
    /// Where cancels go; the same as creates without it.
    pub cancel: Option<Endpoint>,
    /// Headers sent with every request.
    pub headers: Vec<(String, Text)>,
    /// How we prove who we are.
    pub auth: Auth,
    /// The header for the idempotency key; `None` sends none.
    pub idempotency_header: Option<String>,
    /// What the body is made of.
    pub body: BodyForm,
    /// The body's `Content-Type`; without it, what suits [`Self::body`].
    pub content_type: Option<String>,
    /// JSON pointer (RFC 6901) to the partner's own id in its answer. Without it, or where the
    /// answer has none, the last part of a `Location` header.
    pub remote_id: Option<String>,
    /// What else of the answer is kept with the order: names, and JSON pointers to their values.
    pub facts: BTreeMap<String, String>,
    /// A signature over each request.
    pub sign: Option<Sign>,
    /// How it is asked what has become of an order.
    pub poll: Option<PollSettings>,
    /// Status codes whose meaning this partner gives differently.
    pub codes: BTreeMap<u16, Meaning>,
    /// Whose certificates are believed.
    pub authorities: Authorities,
    /// A certificate of our own.
    pub identity: Option<Identity>,
    /// A proxy's URL. The environment's proxies are never used.
    pub proxy: Option<String>,
    /// `http://` to other machines is allowed.
    pub allow_plaintext: bool,
    /// `on_unknown = "hold"`: the partner does not recognise repeats by their key.
    pub hold_unknown: bool,
    /// Requests at the same time, and so connections kept.
    pub concurrency: usize,
    /// Longest wait for a connection, TLS included.
    pub connect_timeout: Duration,
    /// Longest wait for any byte of an answer.
    pub response_timeout: Duration,
    /// Longest time for a request and its whole answer.
    pub total_timeout: Duration,
}

impl HttpSettings {
    /// POST of the canonical JSON to `url`, everything else as by default.
    #[must_use]
    pub fn new(name: impl Into<String>, url: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            create: Endpoint {
                verb: Verb::Post,
                url: url.into(),
            },
            update: None,
            cancel: None,
            headers: Vec::new(),
            auth: Auth::None,
            idempotency_header: Some("Idempotency-Key".to_owned()),
            body: BodyForm::Canonical,
            content_type: None,
            remote_id: None,
            facts: BTreeMap::new(),
            sign: None,
            poll: None,
            codes: BTreeMap::new(),
            authorities: Authorities::System,
            identity: None,
            proxy: None,
            allow_plaintext: false,
            hold_unknown: false,
            concurrency: limits::HTTP_CONNECTIONS,
            connect_timeout: limits::HTTP_CONNECT,
            response_timeout: limits::HTTP_RESPONSE,
            total_timeout: limits::HTTP_TOTAL,
        }
    }

    /// The configured way to prove who we are, else user and password of the URL.
    pub(super) fn auth_or(&self, user: Option<(String, SecretString)>) -> Auth {
        match (&self.auth, user) {
            (Auth::None, Some((user, password))) => Auth::Basic { user, password },
            (auth, _) => auth.clone(),
        }
    }

    /// How connections are made.
    pub(super) fn wire(&self) -> WireSettings {
        WireSettings {
            authorities: self.authorities.clone(),
            identity: self.identity.clone(),
            proxy: self.proxy.clone(),
            concurrency: self.concurrency,
            connect_timeout: self.connect_timeout,
            response_timeout: self.response_timeout,
            total_timeout: self.total_timeout,
        }
    }

    /// What takes the settings' secrets out of texts from outside.
    pub(super) fn redactor(&self, auth: &Auth) -> Redactor {
        let headers = self.headers.iter().filter_map(|(_, text)| match text {
            Text::Secret(secret) => Some(secret.clone()),
            Text::Plain(_) => None,
        });
        let sent = auth.header().and_then(|(_, text)| {
            let credentials = text.expose_secret().split_once(' ');
            credentials.map(|(_, credentials)| SecretString::from(credentials))
        });
        let signing = self.sign.iter().map(|sign| sign.key.clone());
        let all = headers.chain(auth.secret().cloned()).chain(sent);
        Redactor::new(all.chain(signing))
    }

    /// The headers that are the same for every request.
    pub(super) fn header_map(&self, auth: &Auth) -> Result<HeaderMap, String> {
        let mut map = HeaderMap::new();
        let content_type = self
            .content_type
            .as_deref()
            .unwrap_or_else(|| self.body.content_type());
        map.insert(USER_AGENT, HeaderValue::from_static(AGENT));
        map.insert(ACCEPT, HeaderValue::from_static("*/*"));
        map.insert(CONTENT_TYPE, value("Content-Type", content_type)?);
        for (header, text) in &self.headers {
            let mut held = value(header, text.exposed())?;
            held.set_sensitive(matches!(text, Text::Secret(_)));
            map.insert(name(header)?, held);
        }
        if let Some((header, text)) = auth.header() {
            let mut held = value(&header, text.expose_secret())?;
            held.set_sensitive(true);
            map.insert(name(&header)?, held);
        }
        Ok(map)
    }

    pub(super) fn idempotency_name(&self) -> Result<Option<HeaderName>, String> {
        self.idempotency_header.as_deref().map(name).transpose()
    }
}

fn name(header: &str) -> Result<HeaderName, String> {
    header
        .parse()
        .map_err(|_| format!("“{header}” cannot be the name of a header"))
}

/// Says which header is wrong, never its value.
fn value(header: &str, text: &str) -> Result<HeaderValue, String> {
    HeaderValue::from_str(text).map_err(|_| {
        format!("the value of the header {header} holds a line break or control character")
    })
}

/// One address and how it is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// The method.
    pub verb: Verb,
    /// The address. `{reference}`, `{remote_id}` and `{key}` in path or query are filled in,
    /// percent-encoded.
    pub url: String,
}

/// The methods that carry an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Verb {
    /// POST.
    #[default]
    Post,
    /// PUT.
    Put,
    /// PATCH.
    Patch,
    /// DELETE, for cancels.
    Delete,
    /// GET, for questions.
    Get,
}

/// A value that may be a secret.
#[derive(Debug, Clone)]
pub enum Text {
    /// May be shown.
    Plain(String),
    /// Never shown.
    Secret(SecretString),
}

impl Text {
    fn exposed(&self) -> &str {
        match self {
            Self::Plain(text) => text,
            Self::Secret(text) => text.expose_secret(),
        }
    }
}

/// How we prove who we are.
#[derive(Debug, Clone, Default)]
pub enum Auth {
    /// Not at all.
    #[default]
    None,
    /// User and password (RFC 7617).
    Basic {
        /// The user.
        user: String,
        /// The password.
        password: SecretString,
    },
    /// A token (RFC 6750).
    Bearer(SecretString),
    /// Tokens that a server gives out (RFC 6749).
    OAuth2(Box<TokenSettings>),
    /// A header of the partner's own, such as `X-Api-Key`.
    Header {
        /// Its name.
        name: String,
        /// Its value.
        value: SecretString,
    },
}

impl Auth {
    fn header(&self) -> Option<(String, SecretString)> {
        let standard = AUTHORIZATION.to_string();
        match self {
            Self::None | Self::OAuth2(_) => None,
            Self::Basic { user, password } => {
                let both = STANDARD.encode(format!("{user}:{}", password.expose_secret()));
                Some((standard, format!("Basic {both}").into()))
            }
            Self::Bearer(token) => {
                Some((standard, format!("Bearer {}", token.expose_secret()).into()))
            }
            Self::Header { name, value } => Some((name.clone(), value.clone())),
        }
    }

    fn secret(&self) -> Option<&SecretString> {
        match self {
            Self::None => None,
            Self::OAuth2(tokens) => tokens.client_secret.as_ref(),
            Self::Basic { password, .. } => Some(password),
            Self::Bearer(token) => Some(token),
            Self::Header { value, .. } => Some(value),
        }
    }
}

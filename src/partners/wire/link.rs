//! A partner system with an interface of its own: where it is, and one request to it.

use std::time::Duration;

use bytes::Bytes;
use hyper::Method;
use hyper::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use secrecy::SecretString;
use url::Url;

use super::address;
use super::answer::{Answer, Meaning, Rules};
use super::client::{Client, Draft, Opened};
use super::redact::Redactor;
use super::settings::{Authorities, Identity, WireSettings};
use super::words;
use crate::failure::Failure;
use crate::limits;
use crate::partners::{Outcome, Request};

/// What we call ourselves.
pub(in crate::partners) const AGENT: &str = concat!("orderdock/", env!("CARGO_PKG_VERSION"));

/// Where a partner system is and how it is reached.
#[derive(Debug, Clone)]
pub struct LinkSettings {
    /// The destination's name, for messages.
    pub name: String,
    /// The address that all paths are below.
    pub url: String,
    /// Whose certificates are believed.
    pub authorities: Authorities,
    /// A certificate of our own.
    pub identity: Option<Identity>,
    /// A proxy's URL. The environment's proxies are never used.
    pub proxy: Option<String>,
    /// `http://` to other machines is allowed.
    pub allow_plaintext: bool,
    /// Requests at the same time, and so connections kept.
    pub concurrency: usize,
    /// Longest wait for a connection, TLS included.
    pub connect_timeout: Duration,
    /// Longest wait for any byte of an answer.
    pub response_timeout: Duration,
    /// Longest time for a request and its whole answer.
    pub total_timeout: Duration,
}

impl LinkSettings {
    /// `url`, and everything else as by default.
    #[must_use]
    pub fn new(name: impl Into<String>, url: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            url: url.into(),
            authorities: Authorities::System,
            identity: None,
            proxy: None,
            allow_plaintext: false,
            concurrency: limits::HTTP_CONNECTIONS,
            connect_timeout: limits::HTTP_CONNECT,
            response_timeout: limits::HTTP_RESPONSE,
            total_timeout: limits::HTTP_TOTAL,
        }
    }
}

/// The way to one partner system.
#[derive(Debug)]
pub(in crate::partners) struct Link {
    client: Client,
    base: Url,
    during: String,
    redactor: Redactor,
    rules: Rules,
}

impl Link {
    /// `secrets` never appear in what is returned.
    pub(in crate::partners) fn new(
        settings: &LinkSettings,
        secrets: impl IntoIterator<Item = SecretString>,
    ) -> Result<Self, Failure> {
        let made = Self::made(settings, Redactor::new(secrets));
        made.map_err(|message| {
            let during = format!("setting up the destination “{}”", settings.name);
            Failure::operator(during, message)
        })
    }

    fn made(settings: &LinkSettings, redactor: Redactor) -> Result<Self, String> {
        let base = Url::parse(&settings.url).map_err(|error| format!("the url is wrong: {error}"));
        let base = base?;
        address::check(&base, settings.allow_plaintext)?;
        if base.query().is_some() || base.fragment().is_some() || !base.username().is_empty() {
            return Err("the url must end with its path and hold no user".to_owned());
        }
        let wire = WireSettings {
            authorities: settings.authorities.clone(),
            identity: settings.identity.clone(),
            proxy: settings.proxy.clone(),
            concurrency: settings.concurrency,
            connect_timeout: settings.connect_timeout,
            response_timeout: settings.response_timeout,
            total_timeout: settings.total_timeout,
        };
        Ok(Self {
            client: Client::new(&wire, base.scheme() == "https")?,
            during: format!("sending to “{}”", settings.name),
            base,
            redactor,
            rules: Rules::default(),
        })
    }

    /// The same for a system whose whole address is one, query included.
    pub(in crate::partners) fn whole(
        settings: &LinkSettings,
        secrets: impl IntoIterator<Item = SecretString>,
    ) -> Result<Self, Failure> {
        let bare = LinkSettings {
            url: settings
                .url
                .split(['?', '#'])
                .next()
                .unwrap_or_default()
                .to_owned(),
            ..settings.clone()
        };
        let mut link = Self::new(&bare, secrets)?;
        let query = settings.url.split_once('?').map(|(_, query)| query);
        link.base.set_query(query);
        Ok(link)
    }

    /// What is being done, for messages.
    pub(in crate::partners) fn during(&self) -> &str {
        &self.during
    }

    /// The address of `path`, below the partner's own. `path` is made by us: what comes from an
    /// order was encoded by [`step`] or [`address::encoded`].
    pub(in crate::partners) fn url(&self, path: &str) -> Result<Url, String> {
        if path.is_empty() {
            return Ok(self.base.clone());
        }
        let whole = format!(
            "{}/{}",
            self.base.as_str().trim_end_matches('/'),
            path.trim_start_matches('/')
        );
        Url::parse(&whole).map_err(|error| format!("the address is wrong: {error}"))
    }

    /// Sends once. The error is what becomes of the order without an answer.
    pub(in crate::partners) async fn exchange(&self, call: Call) -> Result<Answer, Outcome> {
        let redactor = match &call.secret {
            Some(secret) => &self.redactor.and(secret),
            None => &self.redactor,
        };
        let most = call.most;
        let (url, draft) = self.draft(call)?;
        match self.client.exchange_up_to(&url, draft, most).await {
            Ok(mut answer) => {
                // Before anything is cut: half a secret would no longer be recognised.
                answer.body = redactor.bytes(answer.body);
                Ok(answer)
            }
            Err(trouble) => Err(trouble.outcome(&self.during, redactor)),
        }
    }

    /// Sends once, for an answer that is a stream of events.
    pub(in crate::partners) async fn open(&self, call: Call) -> Result<Opened, Outcome> {
        let secret = call.secret.clone();
        let (url, draft) = self.draft(call)?;
        let redactor = match &secret {
            Some(secret) => &self.redactor.and(secret),
            None => &self.redactor,
        };
        let opened = self.client.open(&url, draft, is_events).await;
        match opened.map_err(|trouble| trouble.outcome(&self.during, redactor))? {
            Opened::Answer(mut answer) => {
                answer.body = redactor.bytes(answer.body);
                Ok(Opened::Answer(answer))
            }
            opened @ Opened::Stream(_) => Ok(opened),
        }
    }

    fn draft(&self, call: Call) -> Result<(Url, Draft), Outcome> {
        let url = self.url(&call.path);
        let url = url.map_err(|why| Outcome::Parked(Failure::operator(&self.during, why)))?;
        let draft = Draft {
            method: call.method,
            headers: call.headers,
            body: call.body,
        };
        Ok((url, draft))
    }

    /// What an answer means by its status alone.
    pub(in crate::partners) fn plain(&self, answer: &Answer, request: &Request) -> Outcome {
        self.rules
            .outcome(answer, request, &self.during, &self.redactor)
    }

    /// A failure of this destination.
    pub(in crate::partners) fn failure(&self, message: impl std::fmt::Display) -> Failure {
        Failure::operator(&self.during, self.redactor.clean(message.to_string()))
    }

    /// One that passes.
    pub(in crate::partners) fn passing(&self, message: impl std::fmt::Display) -> Failure {
        Failure::temporary(&self.during, self.redactor.clean(message.to_string()))
    }

    /// Status and start of an answer, for people.
    pub(in crate::partners) fn line(&self, answer: &Answer) -> String {
        self.redactor.clean(answer.line())
    }

    /// Later, after what the answer asks for.
    pub(in crate::partners) fn later(&self, answer: &Answer, said: &str) -> Outcome {
        Outcome::Later {
            after: answer.retry_after(crate::clock::now()),
            failure: self.passing(answer.sentence(Meaning::Later, said)),
            destination: true,
        }
    }

    /// Our credentials or rights are the matter.
    pub(in crate::partners) fn denied(&self, answer: &Answer, said: &str) -> Outcome {
        Outcome::Denied(self.failure(answer.sentence(Meaning::Denied, said)))
    }
}

/// Answers to the question what has become of an order.
impl Link {
    /// Whether an answer can be read, or what it is instead. What is said of the order is never a
    /// refusal of it: it was accepted.
    pub(in crate::partners) fn readable(&self, answer: &Answer) -> Result<(), Outcome> {
        let said = || words::reason(answer.content_type(), &answer.body);
        match answer.status.as_u16() {
            200..=299 if answer.whole => Ok(()),
            401 | 403 | 407 | 300..=399 => Err(self.denied(answer, &said())),
            408 | 425 | 429 | 500..=599 => Err(self.later(answer, &said())),
            _ => Err(self.later_order(answer)),
        }
    }

    /// Its JSON.
    pub(in crate::partners) fn tracked(
        &self,
        answer: &Answer,
    ) -> Result<serde_json::Value, Outcome> {
        self.readable(answer)?;
        let read = serde_json::from_slice(&answer.body);
        read.map_err(|_| self.later_order(answer))
    }

    /// This order cannot be told of now; others can.
    pub(in crate::partners) fn later_order(&self, answer: &Answer) -> Outcome {
        let said = words::reason(answer.content_type(), &answer.body);
        Outcome::Later {
            after: None,
            failure: self.passing(answer.sentence(Meaning::Later, &said)),
            destination: false,
        }
    }
}

/// What stands for an order where there is none: a question.
pub(in crate::partners) fn question() -> Request {
    Request {
        key: String::new(),
        action: crate::order::Action::Create,
        reference: String::new(),
        body: Bytes::new(),
        remote_id: None,
        repeated: false,
    }
}

/// One request as a connector makes it.
pub(in crate::partners) struct Call {
    method: Method,
    path: String,
    headers: HeaderMap,
    body: Bytes,
    secret: Option<SecretString>,
    /// How much of the answer is read.
    most: usize,
}

impl Call {
    pub(in crate::partners) fn new(method: Method, path: impl Into<String>) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(USER_AGENT, HeaderValue::from_static(AGENT));
        headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
        Self {
            method,
            path: path.into(),
            headers,
            body: Bytes::new(),
            secret: None,
            most: limits::ANSWER_BYTES,
        }
    }

    /// Reads so much of the answer.
    pub(in crate::partners) fn up_to(mut self, bytes: usize) -> Self {
        self.most = bytes;
        self
    }

    pub(in crate::partners) fn body(mut self, kind: &'static str, body: impl Into<Bytes>) -> Self {
        self.headers
            .insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        self.body = body.into();
        self
    }

    pub(in crate::partners) fn json(self, body: &serde_json::Value) -> Self {
        // A value has no key that is no text, which alone could fail.
        let bytes = serde_json::to_vec(body).unwrap_or_default();
        self.body("application/json", bytes)
    }

    pub(in crate::partners) fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// A header with a secret in it, which is taken out of what the partner says.
    pub(in crate::partners) fn secret_header(
        mut self,
        name: HeaderName,
        text: &str,
        secret: SecretString,
    ) -> Result<Self, String> {
        let mut value = HeaderValue::from_str(text)
            .map_err(|_| format!("what is to stand in the header {name} cannot stand there"))?;
        value.set_sensitive(true);
        self.headers.insert(name, value);
        self.secret = Some(secret);
        Ok(self)
    }
}

/// Whether an answer is a stream of events (WHATWG HTML, 9.2).
fn is_events<B>(response: &hyper::Response<B>) -> bool {
    let kind = response.headers().get(CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    response.status().is_success() && kind.eq_ignore_ascii_case("text/event-stream")
}

/// An id as one step of a path; `None` where it would lead elsewhere.
pub(in crate::partners) fn step(id: &str) -> Option<String> {
    let step = address::encoded(id);
    (!step.is_empty() && !address::has_dots(&step)).then_some(step)
}

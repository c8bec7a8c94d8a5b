//! A partner behind plain HTTP: one request an order, the canonical JSON or a template's text as
//! its body, the idempotency key in a header.
//!
//! Promises: one request for each call of `deliver`, never a retry and never a redirect followed;
//! TLS is verified always; an answer is read up to a bound and classed by design rule, not by
//! guess; whether a request may have left us is told apart from one that cannot have. No secret of
//! the settings appears in what it returns, not even where the partner echoes it.

mod poll;
mod settings;
mod sign;
mod target;

use async_trait::async_trait;
use bytes::Bytes;
use hyper::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, StatusCode};
use secrecy::ExposeSecret;
use url::Url;

pub use self::poll::{Parts, PollSettings};
pub use self::settings::{Auth, Endpoint, HttpSettings, Text, Verb};
pub use self::sign::{Coding, Hash, Sign};

use self::poll::Poll;
use self::sign::{Sent, Signer};
use self::target::Target;
use super::form::template::Template;
pub use super::form::{BodyForm, Escape};
use super::wire::answer::{Answer, Rules};
use super::wire::bearer::Bearer;
use super::wire::client::{Client, Draft};
use super::wire::redact::Redactor;
pub use super::wire::{Authorities, Identity, Meaning};
use super::{Body, Found, Outcome, Partner, Request};
use crate::failure::Failure;
use crate::order::{Action, Order};
use crate::problem::Problem;
use crate::token::Tokens;

/// One HTTP destination.
#[derive(Debug)]
pub struct HttpPartner {
    client: Client,
    during: String,
    create: Target,
    update: Target,
    cancel: Target,
    headers: HeaderMap,
    idempotency: Option<HeaderName>,
    template: Option<Template>,
    signer: Option<Signer>,
    bearer: Option<Bearer>,
    rules: Rules,
    poll: Option<Poll>,
    hold_unknown: bool,
    redactor: Redactor,
}

impl HttpPartner {
    /// Compiles `settings`. Needs the process's TLS provider to be installed.
    ///
    /// # Errors
    /// What is wrong with the settings, for the operator; never a secret of them.
    pub fn new(settings: &HttpSettings) -> Result<Self, Failure> {
        let during = format!("setting up the destination “{}”", settings.name);
        Self::compile(settings).map_err(|message| Failure::operator(during, message))
    }

    fn compile(settings: &HttpSettings) -> Result<Self, String> {
        let create = Target::new(&settings.create, settings.allow_plaintext)?;
        let other = |endpoint: &Option<Endpoint>| match endpoint {
            Some(endpoint) => Target::new(endpoint, settings.allow_plaintext),
            None => Ok(create.clone()),
        };
        let (update, cancel) = (other(&settings.update)?, other(&settings.cancel)?);
        let auth = settings.auth_or(create.user());
        let poll = settings.poll.as_ref();
        let poll = poll.map(|poll| Poll::new(poll, settings.allow_plaintext));
        let poll = poll.transpose()?;
        let secure = [&create, &update, &cancel]
            .into_iter()
            .any(Target::is_https)
            || poll.as_ref().is_some_and(Poll::is_https);
        Ok(Self {
            client: Client::new(&settings.wire(), secure)?,
            during: format!("sending to “{}”", settings.name),
            headers: settings.header_map(&auth)?,
            idempotency: settings.idempotency_name()?,
            template: Template::compile(&settings.body)?,
            signer: settings.sign.as_ref().map(Signer::new).transpose()?,
            bearer: bearer(&auth)?,
            rules: Rules::new(
                settings.codes.clone(),
                settings.remote_id.clone(),
                settings.facts.clone(),
            )?,
            poll,
            hold_unknown: settings.hold_unknown,
            redactor: settings.redactor(&auth),
            create,
            update,
            cancel,
        })
    }

    fn target(&self, action: Action) -> &Target {
        match action {
            Action::Create => &self.create,
            Action::Update => &self.update,
            Action::Cancel => &self.cancel,
        }
    }

    /// The request and its address, or why there can be none. Nothing has been sent.
    fn request(&self, request: &Request) -> Result<(Url, Draft), String> {
        self.drafted(self.target(request.action), request)
    }

    fn drafted(&self, target: &Target, request: &Request) -> Result<(Url, Draft), String> {
        let mut headers = self.headers.clone();
        if let Some(name) = &self.idempotency {
            let key = HeaderValue::from_str(&request.key)
                .map_err(|_| "its idempotency key cannot stand in a header".to_owned())?;
            headers.insert(name.clone(), key);
        }
        let url = target.url(request)?;
        if let Some(signer) = &self.signer {
            let sent = Sent {
                method: target.method().as_str(),
                url: &url,
                key: &request.key,
                body: &request.body,
            };
            signer.sign(&sent, &mut headers)?;
        }
        let draft = Draft {
            method: target.method().clone(),
            headers,
            body: request.body.clone(),
        };
        Ok((url, draft))
    }

    /// The answer, or what becomes of the order without one. A token that had run out is got anew,
    /// once.
    async fn exchange(&self, url: &Url, draft: Draft) -> Result<Answer, Outcome> {
        let Some(bearer) = &self.bearer else {
            return self.once(url, draft, &self.redactor).await;
        };
        let mut again = true;
        loop {
            let token = bearer.token().await?;
            let mut draft = draft.clone();
            let text = format!("Bearer {}", token.secret().expose_secret());
            let value = HeaderValue::from_str(&text);
            let mut value = value.map_err(|_| {
                let why = "the access token cannot stand in a header";
                Outcome::Denied(Failure::operator(&self.during, why))
            })?;
            value.set_sensitive(true);
            draft.headers.insert(AUTHORIZATION, value);
            let redactor = self.redactor.and(token.secret());
            let answer = self.once(url, draft, &redactor).await?;
            if !(bearer.is_refused(&token, &answer).await && std::mem::take(&mut again)) {
                return Ok(answer);
            }
        }
    }

    async fn once(&self, url: &Url, draft: Draft, redactor: &Redactor) -> Result<Answer, Outcome> {
        let answer = self.client.exchange(url, draft).await;
        let mut answer = answer.map_err(|trouble| trouble.outcome(&self.during, redactor))?;
        // Before anything is cut: half a secret would no longer be recognised.
        answer.body = redactor.bytes(answer.body);
        Ok(answer)
    }
}

fn bearer(auth: &Auth) -> Result<Option<Bearer>, String> {
    let Auth::OAuth2(settings) = auth else {
        return Ok(None);
    };
    let tokens = Tokens::new((**settings).clone()).map_err(|failure| failure.message)?;
    let is_stale = |answer: &Answer| answer.status == StatusCode::UNAUTHORIZED;
    Ok(Some(Bearer::new(tokens, is_stale)))
}

#[async_trait]
impl Partner for HttpPartner {
    fn check(&self, _order: &Order) -> Vec<Problem> {
        Vec::new()
    }

    fn checks(&self) -> bool {
        false
    }

    fn render(&self, canonical: &[u8], _key: &str) -> Result<Body, Failure> {
        let Some(template) = &self.template else {
            return Ok(Body::Canonical);
        };
        let during = || format!("rendering an order, before {}", self.during);
        template
            .render(canonical)
            .map(Body::Rendered)
            .map_err(|message| Failure::operator(during(), message))
    }

    async fn deliver(&self, request: &Request) -> Outcome {
        let (url, draft) = match self.request(request) {
            Ok(made) => made,
            Err(message) => return Outcome::Parked(Failure::operator(&self.during, message)),
        };
        match self.exchange(&url, draft).await {
            Ok(answer) => self
                .rules
                .outcome(&answer, request, &self.during, &self.redactor),
            Err(outcome) => outcome,
        }
    }

    /// A plain HTTP partner has no question for this.
    async fn look_up(&self, _request: &Request) -> Option<Found> {
        None
    }

    /// Asks with HEAD, which has no effect (RFC 9110, 9.2.1), at the address of creates. Servers
    /// that know only POST there answer 404 or 405, which is an answer too.
    async fn probe(&self) -> Result<(), Failure> {
        let Some(url) = self.create.fixed() else {
            return Ok(());
        };
        let draft = Draft {
            method: Method::HEAD,
            headers: self.headers.clone(),
            body: Bytes::new(),
        };
        match self.exchange(url, draft).await {
            Ok(answer) => answer.probed(&self.during),
            Err(outcome) => Err(outcome.into_failure()),
        }
    }

    fn recognises_repeats(&self, _action: Action) -> bool {
        !self.hold_unknown
    }
}

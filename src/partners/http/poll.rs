//! Asking a plain HTTP partner what has become of an order.

use std::time::Duration;

use async_trait::async_trait;
use hyper::header::CONTENT_TYPE;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::HttpPartner;
use super::settings::{Endpoint, Verb};
use super::target::Target;
use crate::failure::Failure;
use crate::limits;
use crate::order::Action;
use crate::partners::tracker::{End, Followed, Manner, Sighting, Tracker};
use crate::partners::wire::answer::Answer;
use crate::partners::wire::link::question;
use crate::partners::wire::sighted::{bounded, word};
use crate::partners::{Outcome, Request};

/// What is asked, when, and where in the answer the events stand.
#[derive(Debug, Clone)]
pub struct PollSettings {
    /// The address; `{reference}`, `{remote_id}` and `{key}` are filled in.
    pub url: String,
    /// The first wait.
    pub first: Duration,
    /// The waits after it.
    pub every: Duration,
    /// JSON pointer (RFC 6901) to the list of events; without it the answer is the one event.
    pub events: Option<String>,
    /// Pointers within an event.
    pub parts: Parts,
    /// The codes that say that it is done.
    pub done: Vec<String>,
    /// The codes that say that it was not done.
    pub failed: Vec<String>,
}

/// Where in an event its parts stand: JSON pointers.
#[derive(Debug, Clone, Default)]
pub struct Parts {
    /// Its code.
    pub code: String,
    /// Its words.
    pub text: Option<String>,
    /// Its place.
    pub place: Option<String>,
    /// Its time.
    pub at: Option<String>,
    /// Its id.
    pub id: Option<String>,
}

/// Compiled [`PollSettings`].
#[derive(Debug)]
pub(super) struct Poll {
    target: Target,
    settings: PollSettings,
}

impl Poll {
    pub(super) fn new(settings: &PollSettings, allow_plaintext: bool) -> Result<Self, String> {
        let endpoint = Endpoint {
            verb: Verb::Get,
            url: settings.url.clone(),
        };
        let target = Target::new(&endpoint, allow_plaintext);
        Ok(Self {
            target: target.map_err(|why| format!("poll: {why}"))?,
            settings: settings.clone(),
        })
    }

    pub(super) fn is_https(&self) -> bool {
        self.target.is_https()
    }

    fn sightings(&self, body: &Value) -> Vec<Sighting> {
        let events = match &self.settings.events {
            Some(pointer) => {
                let list = body.pointer(pointer).and_then(Value::as_array);
                list.map_or(&[][..], Vec::as_slice)
            }
            None => std::slice::from_ref(body),
        };
        let events = events.iter().filter_map(|event| self.sighting(event));
        events.take(limits::SIGHTINGS).collect()
    }

    fn sighting(&self, event: &Value) -> Option<Sighting> {
        let parts = &self.settings.parts;
        let of = |pointer: &Option<String>| word(event.pointer(pointer.as_deref()?)?);
        let code = word(event.pointer(&parts.code)?)?;
        let end = if self.settings.failed.contains(&code) {
            Some(End::Failed)
        } else {
            let done = self.settings.done.contains(&code);
            done.then_some(End::Done)
        };
        bounded(Sighting {
            id: of(&parts.id),
            end,
            code,
            text: of(&parts.text).unwrap_or_default(),
            place: of(&parts.place),
            at: of(&parts.at),
        })
    }
}

#[async_trait]
impl Tracker for HttpPartner {
    fn manner(&self) -> Manner {
        let waits = self.poll.as_ref();
        let waits = waits.map(|poll| (poll.settings.first, poll.settings.every));
        let (first, every) = waits.unwrap_or((limits::TRACKING_LASTS, limits::TRACKING_LASTS));
        Manner::Asked { first, every }
    }

    /// Nothing calls us; what cannot be asked for is not followed.
    fn mark(&self, order: &Followed) -> Option<String> {
        let poll = self.poll.as_ref()?;
        let asked = poll.target.url(&request(order)).ok();
        asked.map(|_| {
            order
                .remote_id
                .clone()
                .unwrap_or_else(|| order.reference.clone())
        })
    }

    async fn poll(&self, order: &Followed) -> Result<Vec<Sighting>, Outcome> {
        let Some(poll) = &self.poll else {
            return Ok(Vec::new());
        };
        let request = request(order);
        let answer = self.ask(poll, &request).await?;
        if !answer.status.is_success() {
            return Err(self
                .rules
                .outcome(&answer, &request, &self.during, &self.redactor));
        }
        let body = serde_json::from_slice(&answer.body).map_err(|_| Outcome::Later {
            after: None,
            failure: Failure::temporary(
                &self.during,
                "the answer to the question for its state is no JSON, or too long",
            ),
            destination: false,
        })?;
        Ok(poll.sightings(&body))
    }

    /// Asks for an order that there is not: that there is none, or an answer that could be read, is
    /// enough.
    async fn try_out(&self) -> Result<(), Failure> {
        let Some(poll) = &self.poll else {
            return Ok(());
        };
        let nothing = Request {
            key: "0".to_owned(),
            reference: "0".to_owned(),
            remote_id: Some("0".to_owned()),
            ..question()
        };
        let answer = self.ask(poll, &nothing).await;
        let answer = answer.map_err(Outcome::into_failure)?;
        answer.probed(&self.during)?;
        let read = serde_json::from_slice::<IgnoredAny>(&answer.body);
        let fine = match answer.status.as_u16() {
            200..=299 => read.is_ok(),
            405 => false,
            // The address of one order; one for all is there or is wrong.
            _ => poll.target.fixed().is_none(),
        };
        if fine {
            return Ok(());
        }
        let line = self.redactor.clean(answer.line());
        let why = format!("It tells no state as JSON there ({line}): check the url of poll.");
        Err(Failure::operator(&self.during, why))
    }
}

impl HttpPartner {
    /// One question.
    async fn ask(&self, poll: &Poll, about: &Request) -> Result<Answer, Outcome> {
        let made = self.drafted(&poll.target, about);
        let (url, mut draft) =
            made.map_err(|why| Outcome::Parked(Failure::operator(&self.during, why)))?;
        draft.headers.remove(CONTENT_TYPE);
        self.exchange(&url, draft).await
    }
}

/// The question as a request: what an address needs.
fn request(order: &Followed) -> Request {
    Request {
        key: order.key.clone(),
        // A 404 is about this order and not about the address.
        action: Action::Update,
        reference: order.reference.clone(),
        body: bytes::Bytes::new(),
        remote_id: order.remote_id.clone(),
        repeated: false,
    }
}

//! CargoCONNECT: air freight is followed by subscription to its air waybill.
//!
//! Promises: an order is delivered when its subscription is taken; subscribing twice is the same as
//! once and begins its three weeks anew; that there is nothing to end is as good as its end. What
//! is told is read only from calls that prove who they are from, over their bytes as they came.

mod errands;
mod events;
mod orders;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use hyper::header::HeaderName;
use hyper::{Method, StatusCode};
use secrecy::{ExposeSecret, SecretString};

use self::orders::{Targets, Wish};
use super::errands::Errands;
use super::form::Fields;
use super::tracker::{Callback, Followed, Heard, Manner, NotTaken, Tracker};
use super::wire::answer::Answer;
use super::wire::link::{Call, Link};
use super::wire::words;
use super::{Body, Found, LinkSettings, Outcome, Partner, Proof, Receipt, Refusal, Request};
use crate::failure::Failure;
use crate::order::{Action, Order};
use crate::problem::Problem;

/// The settings of one CargoCONNECT destination.
#[derive(Debug, Clone)]
pub struct CargoConnectSettings {
    /// Where it is. `url` is the base of all paths.
    pub link: LinkSettings,
    /// Our key.
    pub api_key: SecretString,
    /// Our own address for its calls.
    pub callback: Option<String>,
    /// What its calls must carry.
    pub proof: Proof,
    /// Mail addresses that are told of every order.
    pub emails: Vec<String>,
    /// Whether the addresses that an order names are passed on.
    pub pass_on: bool,
    /// How long one subscription is relied upon.
    pub renew: Duration,
    /// The path of subscribing.
    pub subscribe_path: String,
    /// The path of the contrary.
    pub unsubscribe_path: String,
    /// Fields that are taken from elsewhere.
    pub fields: BTreeMap<String, String>,
}

/// One CargoCONNECT destination.
#[derive(Debug)]
pub struct CargoConnect {
    link: Link,
    api_key: SecretString,
    targets: Targets,
    proof: Proof,
    manner: Manner,
    subscribe_path: String,
    unsubscribe_path: String,
    fields: Fields,
}

impl CargoConnect {
    /// Compiles `settings`. Asks for nothing yet.
    ///
    /// # Errors
    /// What is wrong with them, for the operator.
    pub fn new(settings: &CargoConnectSettings) -> Result<Self, Failure> {
        let during = format!("setting up the destination “{}”", settings.link.name);
        let fields = Fields::compile(&settings.fields, &[orders::FIELDS]);
        Ok(Self {
            link: Link::new(&settings.link, [settings.api_key.clone()])?,
            api_key: settings.api_key.clone(),
            targets: Targets {
                url: settings.callback.clone(),
                emails: settings.emails.clone(),
                pass_on: settings.pass_on,
            },
            proof: settings.proof.clone(),
            manner: Manner::Subscribed {
                renew: settings.renew,
            },
            subscribe_path: settings.subscribe_path.clone(),
            unsubscribe_path: settings.unsubscribe_path.clone(),
            fields: fields.map_err(|why| Failure::operator(during, why))?,
        })
    }

    async fn exchange(&self, path: &str, body: impl Into<bytes::Bytes>) -> Result<Answer, Outcome> {
        let call = Call::new(Method::POST, path).body("application/json", body);
        let name = HeaderName::from_static("x-api-key");
        let key = self.api_key.clone();
        let call = call.secret_header(name, self.api_key.expose_secret(), key);
        let call = call.map_err(|why| Outcome::Denied(self.link.failure(why)))?;
        self.link.exchange(call).await
    }

    async fn send(&self, request: &Request) -> Result<Answer, Outcome> {
        let path = match request.action {
            Action::Create | Action::Update => &self.subscribe_path,
            Action::Cancel => &self.unsubscribe_path,
        };
        self.exchange(path, request.body.clone()).await
    }

    /// Begins or ends the subscription of an order that was accepted.
    async fn wish(&self, order: &Followed, action: Action) -> Result<(), Outcome> {
        let body = self.render(&order.content, &order.key);
        let body = match body.map_err(Outcome::Parked)? {
            Body::Canonical => order.content.clone(),
            Body::Rendered(bytes) => bytes,
        };
        let request = Request {
            key: order.key.clone(),
            action,
            reference: order.reference.clone(),
            body,
            remote_id: order.remote_id.clone(),
            repeated: false,
        };
        match self.deliver(&request).await {
            Outcome::Accepted(_) => Ok(()),
            outcome => Err(outcome),
        }
    }

    fn outcome(&self, answer: &Answer, request: &Request) -> Outcome {
        let said = words::reason(answer.content_type(), &answer.body);
        let cancel = request.action == Action::Cancel;
        let gone = answer.status == StatusCode::NOT_FOUND && said.contains("subscription")
            || answer.status == StatusCode::BAD_REQUEST && said.contains("not subscribed");
        match answer.status {
            status if status.is_success() => Outcome::Accepted(Receipt {
                remote_id: wish(&request.body).map(|wish| wish.awb),
                answer: self.link.line(answer),
                ..Receipt::default()
            }),
            // The wanted state is there already.
            _ if cancel && gone => Outcome::Accepted(Receipt {
                answer: self.link.line(answer),
                ..Receipt::default()
            }),
            StatusCode::BAD_REQUEST => Outcome::Refused(Refusal {
                code: "HTTP 400".to_owned(),
                words: said,
            }),
            // Not that of an order: there is no other thing at these addresses.
            StatusCode::NOT_FOUND => self.link.denied(answer, &said),
            _ => self.link.plain(answer, request),
        }
    }
}

fn wish(body: &[u8]) -> Option<Wish> {
    serde_json::from_slice(body).ok()
}

#[async_trait]
impl Partner for CargoConnect {
    fn check(&self, order: &Order) -> Vec<Problem> {
        orders::fill(order, &self.targets, &self.fields).1
    }

    fn checks(&self) -> bool {
        true
    }

    fn render(&self, canonical: &[u8], _key: &str) -> Result<Body, Failure> {
        let during = || "writing an order in CargoCONNECT's form";
        let order = serde_json::from_slice(canonical).map_err(|e| Failure::ours(during(), e))?;
        let (wish, _) = orders::fill(&order, &self.targets, &self.fields);
        let bytes = serde_json::to_vec(&wish).map_err(|e| Failure::ours(during(), e))?;
        Ok(Body::Rendered(bytes.into()))
    }

    async fn deliver(&self, request: &Request) -> Outcome {
        match self.send(request).await {
            Ok(answer) => self.outcome(&answer, request),
            Err(outcome) => outcome,
        }
    }

    /// A repeat does no harm: nothing has to be asked.
    async fn look_up(&self, _request: &Request) -> Option<Found> {
        None
    }

    /// Ends the subscription to an air waybill that there is not: the key is looked at first, and
    /// nobody is subscribed to by it.
    async fn probe(&self) -> Result<(), Failure> {
        let nothing = Wish {
            awb: "000-00000000".to_owned(),
            emails: vec!["nobody@orderdock.invalid".to_owned()],
            ..Wish::default()
        };
        let during = || self.link.during().to_owned();
        let body = serde_json::to_vec(&nothing).map_err(|e| Failure::ours(during(), e))?;
        let answer = self.exchange(&self.unsubscribe_path, body).await;
        answer
            .map_err(Outcome::into_failure)?
            .probed(self.link.during())
    }

    fn recognises_repeats(&self, _action: Action) -> bool {
        true
    }

    fn errands(&self) -> Option<&dyn Errands> {
        Some(self)
    }
}

#[async_trait]
impl Tracker for CargoConnect {
    fn manner(&self) -> Manner {
        self.manner
    }

    fn mark(&self, order: &Followed) -> Option<String> {
        let (wish, _) = orders::fill(&order.order(), &self.targets, &self.fields);
        Some(wish.awb).filter(|awb| !awb.is_empty())
    }

    async fn subscribe(&self, order: &Followed) -> Result<(), Outcome> {
        self.wish(order, Action::Create).await
    }

    async fn unsubscribe(&self, order: &Followed) -> Result<(), Outcome> {
        self.wish(order, Action::Cancel).await
    }

    fn receive(&self, call: &Callback) -> Result<Vec<Heard>, NotTaken> {
        self.proof.check(call)?;
        Ok(vec![events::heard(&call.body)?])
    }
}

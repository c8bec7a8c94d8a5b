//! Contargo COLA: STAR orders, by which a container is picked up at a terminal or dropped off there.
//!
//! Promises: a terminal is told by its id, however the order names it; a create is sent once, and
//! where its answer is lost the order waits for a person, because Contargo knows no key of ours and
//! finds no order by its reference. The note in the order says which of ours it is. Changes and
//! deletes are the same twice as once, and are repeated.

mod errands;
mod locations;
mod orders;
mod report;
#[cfg(test)]
mod tests;
mod tracking;

use std::collections::BTreeMap;

use async_trait::async_trait;
use hyper::{Method, StatusCode};
use secrecy::SecretString;
use serde_json::Value;

use self::locations::Locations;
use self::orders::Frozen;
pub use self::tracking::TrackingSettings;
use super::errands::Errands;
use super::form::Fields;
use super::wire::answer::{Answer, Meaning, is_id, plain};
use super::wire::bearer::{Bearer, is_invalid_token};
use super::wire::link::{Call, Link, step};
use super::wire::words;
use super::{Body, Found, LinkSettings, Outcome, Partner, Receipt, Refusal, Request};
use crate::failure::Failure;
use crate::limits;
use crate::order::{Action, Order};
use crate::problem::Problem;
use crate::token::{ClientProof, Grant, TokenSettings, Tokens};

/// The settings of one Contargo destination.
#[derive(Debug, Clone)]
pub struct ContargoSettings {
    /// Where it is. `url` is the base of all paths.
    pub link: LinkSettings,
    /// Who we are there.
    pub user: String,
    /// Our password.
    pub password: SecretString,
    /// Where tokens come from.
    pub token_url: String,
    /// What the token server calls the interface.
    pub client_id: String,
    /// What is asked for.
    pub scope: String,
    /// Certificate authorities of the token server beside the system's, PEM.
    pub token_ca: Option<Vec<u8>>,
    /// The path of locations.
    pub locations_path: String,
    /// The path of STAR orders.
    pub orders_path: String,
    /// How orders are followed.
    pub tracking: TrackingSettings,
    /// A create whose answer was lost is sent again, at the risk of a second order.
    pub resend_unknown: bool,
    /// Fields that are taken from elsewhere.
    pub fields: BTreeMap<String, String>,
}

/// One Contargo destination.
#[derive(Debug)]
pub struct Contargo {
    link: Link,
    bearer: Bearer,
    locations: Locations,
    orders_path: String,
    tracking: TrackingSettings,
    resend_unknown: bool,
    fields: Fields,
}

impl Contargo {
    /// Compiles `settings`. Asks for nothing yet.
    ///
    /// # Errors
    /// What is wrong with them, for the operator.
    pub fn new(settings: &ContargoSettings) -> Result<Self, Failure> {
        let during = format!("setting up the destination “{}”", settings.link.name);
        let fields = Fields::compile(&settings.fields, &[orders::FIELDS]);
        let tokens = Tokens::new(TokenSettings {
            url: settings.token_url.clone(),
            client_id: settings.client_id.clone(),
            client_secret: None,
            client_proof: ClientProof::Body,
            scope: Some(settings.scope.clone()),
            grant: Grant::Password {
                user: settings.user.clone(),
                password: settings.password.clone(),
            },
            ca: settings.token_ca.clone(),
        })?;
        Ok(Self {
            link: Link::new(&settings.link, [settings.password.clone()])?,
            bearer: Bearer::new(tokens, is_invalid_token),
            locations: Locations::new(settings.locations_path.clone()),
            orders_path: settings.orders_path.clone(),
            tracking: settings.tracking.clone(),
            resend_unknown: settings.resend_unknown,
            fields: fields.map_err(|why| Failure::operator(during, why))?,
        })
    }

    /// The order's own address.
    fn address(&self, request: &Request) -> Result<String, Outcome> {
        let id = request.remote_id.as_deref().and_then(step);
        let id = id.ok_or_else(|| {
            Outcome::Parked(self.link.failure(
                "Contargo's id of this order is not known, so that it cannot be changed or deleted \
                 there: do it by hand, then cancel this delivery.",
            ))
        })?;
        Ok(format!("{}/{id}", self.orders_path))
    }

    /// The body with its terminal's id.
    async fn body(&self, frozen: Frozen) -> Result<Value, Outcome> {
        let found = self
            .locations
            .find(&self.link, &self.bearer, &frozen.terminal);
        let id = found.await?;
        let mut body = frozen.order;
        if let Some(order) = body.as_object_mut() {
            order.insert("terminalId".to_owned(), id.into());
        }
        Ok(body)
    }

    async fn send(&self, request: &Request) -> Result<Outcome, Outcome> {
        let frozen: Frozen = serde_json::from_slice(&request.body)
            .map_err(|error| Outcome::Parked(Failure::ours(self.link.during(), error)))?;
        let note = frozen.note();
        let answer = match request.action {
            Action::Create => {
                let body = self.body(frozen).await?;
                let make = || Call::new(Method::POST, &self.orders_path).json(&body);
                self.bearer.exchange(&self.link, make).await
            }
            Action::Update => {
                let address = self.address(request)?;
                let body = self.body(frozen).await?;
                let make = || Call::new(Method::PUT, &address).json(&body);
                self.bearer.exchange(&self.link, make).await
            }
            Action::Cancel => {
                let address = self.address(request)?;
                let make = || Call::new(Method::DELETE, &address);
                self.bearer.exchange(&self.link, make).await
            }
        };
        let outcome = match answer {
            Ok(answer) => self.outcome(&answer, request),
            Err(outcome) => outcome,
        };
        Ok(match outcome {
            Outcome::Unknown(mut failure) if request.action == Action::Create => {
                failure.message = format!(
                    "{} In STAR look for an order with the note “{note}”: if it is there, cancel \
                     this delivery; if not, send it again.",
                    failure.message
                );
                Outcome::Unknown(failure)
            }
            outcome => outcome,
        })
    }

    fn outcome(&self, answer: &Answer, request: &Request) -> Outcome {
        let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let said = words::reason(answer.content_type(), &answer.body);
        let objects = body.get("messages").and_then(Value::as_array);
        let objects = objects.is_some_and(|messages| !messages.is_empty());
        match answer.status {
            status if status.is_success() && objects => refused(answer, said),
            status if status.is_success() => {
                let id = body.get("id").and_then(plain).filter(|id| is_id(id));
                if request.action == Action::Create && id.is_none() {
                    let failure = self.link.passing(format!(
                        "{} The answer has no id of the order.",
                        answer.sentence(Meaning::Unknown, "")
                    ));
                    return Outcome::Unknown(failure);
                }
                Outcome::Accepted(Receipt {
                    remote_id: id,
                    answer: self.link.line(answer),
                    ..Receipt::default()
                })
            }
            // The order's state does not allow it; never that it is there already.
            StatusCode::CONFLICT => refused(answer, said),
            _ => self.link.plain(answer, request),
        }
    }
}

fn refused(answer: &Answer, words: String) -> Outcome {
    Outcome::Refused(Refusal {
        code: format!("HTTP {}", answer.status.as_u16()),
        words,
    })
}

#[async_trait]
impl Partner for Contargo {
    fn check(&self, order: &Order) -> Vec<Problem> {
        orders::fill(order, "", &self.fields).1
    }

    fn checks(&self) -> bool {
        true
    }

    fn render(&self, canonical: &[u8], key: &str) -> Result<Body, Failure> {
        let during = || "writing an order in Contargo's form";
        let order = serde_json::from_slice(canonical).map_err(|e| Failure::ours(during(), e))?;
        let (frozen, _) = orders::fill(&order, key, &self.fields);
        let bytes = serde_json::to_vec(&frozen).map_err(|e| Failure::ours(during(), e))?;
        Ok(Body::Rendered(bytes.into()))
    }

    async fn deliver(&self, request: &Request) -> Outcome {
        self.send(request).await.unwrap_or_else(|outcome| outcome)
    }

    /// Orders are found by Contargo's own id only, which is what the lost answer would have told.
    async fn look_up(&self, _request: &Request) -> Option<Found> {
        None
    }

    /// Asks for one location: the log-in, the address and our rights are looked at.
    async fn probe(&self) -> Result<(), Failure> {
        let path = self.locations.page(1, 1);
        let make = || Call::new(Method::GET, &path);
        let answer = self.bearer.exchange(&self.link, make).await;
        let answer = answer.map_err(Outcome::into_failure)?;
        if answer.status == StatusCode::NOT_FOUND {
            return Err(self
                .link
                .failure("It knows no locations: check url and locations_path."));
        }
        answer.probed(self.link.during())
    }

    fn recognises_repeats(&self, action: Action) -> bool {
        action != Action::Create || self.resend_unknown
    }

    fn errands(&self) -> Option<&dyn Errands> {
        Some(self)
    }
}

/// Locations on a page: a page fits into what is read of an answer.
const PAGE: usize = limits::LOCATIONS_PAGE;

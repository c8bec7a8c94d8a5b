//! Cargooffice's REST interface: transport orders in its standard XML, with a signature over the
//! time.
//!
//! Promises: what it holds is asked for before an order whose answer was lost is sent again; the
//! signature is made when the request is sent. The vendor recommends mail over this interface, because
//! it lost orders on bad networks: the question after a lost answer is our answer to that.

mod errands;
mod orders;
#[cfg(test)]
mod tests;
mod tracking;

use async_trait::async_trait;
use hyper::{Method, StatusCode};
use md5::{Digest, Md5};
use secrecy::{ExposeSecret, SecretString};

use self::orders::{Frozen, Rules};
pub use self::tracking::TrackingSettings;
use super::errands::Errands;
use super::form::Fields;
use super::wire::address;
use super::wire::answer::{Answer, is_id};
use super::wire::link::{Call, Link};
use super::wire::words;
use super::{Body, Found, LinkSettings, Outcome, Partner, Receipt, Refusal, Request};
use crate::clock;
use crate::failure::Failure;
use crate::order::{Action, Order};
use crate::problem::Problem;

/// The settings of one Cargooffice destination.
#[derive(Debug, Clone)]
pub struct CargoofficeSettings {
    /// Where it is. `url` is the base of all paths.
    pub link: LinkSettings,
    /// What the time is signed with.
    pub key: SecretString,
    /// The carrier's number, where orders do not name one.
    pub carrier: Option<String>,
    /// The customer's number, where orders do not name one.
    pub customer: Option<String>,
    /// The path of orders.
    pub orders_path: String,
    /// How orders are followed.
    pub tracking: TrackingSettings,
}

/// One Cargooffice destination.
#[derive(Debug)]
pub struct Cargooffice {
    link: Link,
    key: SecretString,
    path: String,
    rules: Rules,
    tracking: TrackingSettings,
}

impl Cargooffice {
    /// Compiles `settings`.
    ///
    /// # Errors
    /// What is wrong with them, for the operator.
    pub fn new(settings: &CargoofficeSettings) -> Result<Self, Failure> {
        Ok(Self {
            link: Link::new(&settings.link, [settings.key.clone()])?,
            key: settings.key.clone(),
            path: settings.orders_path.clone(),
            rules: Rules {
                carrier: settings.carrier.clone(),
                customer: settings.customer.clone(),
            },
            tracking: settings.tracking.clone(),
        })
    }

    /// A call signed now, perhaps about one shipment.
    fn call(&self, method: Method, about: Option<&Frozen>) -> Call {
        let ts = clock::now().0.div_euclid(1000).to_string();
        let sig = signature(&ts, &self.key);
        let mut query = vec![("sig", sig.as_str()), ("ts", ts.as_str())];
        if let Some(frozen) = about {
            query.push(("ShipmentID", &frozen.shipment));
            query.push(("Postcode", &frozen.postcode));
        }
        Call::new(method, format!("{}?{}", self.path, address::pairs(query)))
    }

    /// What it says of one shipment: its order, the status included.
    async fn ask(&self, about: &Frozen) -> Result<Answer, Outcome> {
        self.link
            .exchange(self.call(Method::GET, Some(about)))
            .await
    }

    fn frozen(&self, request: &Request) -> Result<Frozen, Outcome> {
        serde_json::from_slice(&request.body)
            .map_err(|error| Outcome::Parked(Failure::ours(self.link.during(), error)))
    }

    async fn send(&self, request: &Request) -> Result<Outcome, Outcome> {
        let frozen = self.frozen(request)?;
        let method = match request.action {
            Action::Create => Method::POST,
            Action::Update => Method::PUT,
            Action::Cancel => Method::DELETE,
        };
        let call = if request.action == Action::Cancel {
            self.call(method, Some(&frozen))
        } else {
            let call = self.call(method, None);
            call.body("text/xml; charset=utf-8", frozen.xml.clone())
        };
        let answer = self.link.exchange(call).await?;
        Ok(self.outcome(&answer, request))
    }

    fn outcome(&self, answer: &Answer, request: &Request) -> Outcome {
        let text = String::from_utf8_lossy(&answer.body);
        let error = words::element(&text, "error").map(words::without_tags);
        match error {
            Some(error) if answer.status.is_success() => Outcome::Refused(Refusal {
                code: format!("HTTP {}", answer.status.as_u16()),
                words: words::start(error.as_bytes(), crate::limits::WORDS_CHARS),
            }),
            _ => match self.link.plain(answer, request) {
                Outcome::Accepted(receipt) => {
                    let id = words::element(&text, "shipmentID").map(|id| id.trim().to_owned());
                    Outcome::Accepted(Receipt {
                        remote_id: id.filter(|id| is_id(id)),
                        ..receipt
                    })
                }
                outcome => outcome,
            },
        }
    }
}

/// Lower-case hex of the MD5 of time and key, as the interface wants it: it keeps no secret from
/// somebody who can read along, which TLS does.
fn signature(ts: &str, key: &SecretString) -> String {
    let mut hash = Md5::new();
    hash.update(ts.as_bytes());
    hash.update(key.expose_secret().as_bytes());
    hex::encode(hash.finalize())
}

#[async_trait]
impl Partner for Cargooffice {
    fn check(&self, order: &Order) -> Vec<Problem> {
        orders::fill(order, &self.rules, &Fields::default()).1
    }

    fn checks(&self) -> bool {
        true
    }

    fn render(&self, canonical: &[u8], _key: &str) -> Result<Body, Failure> {
        let during = || "writing an order in Cargooffice's form";
        let order = serde_json::from_slice(canonical).map_err(|e| Failure::ours(during(), e))?;
        let (frozen, _) = orders::fill(&order, &self.rules, &Fields::default());
        let bytes = serde_json::to_vec(&frozen).map_err(|e| Failure::ours(during(), e))?;
        Ok(Body::Rendered(bytes.into()))
    }

    async fn deliver(&self, request: &Request) -> Outcome {
        self.send(request).await.unwrap_or_else(|outcome| outcome)
    }

    /// Asks for the shipment by its id and postcode.
    async fn look_up(&self, request: &Request) -> Option<Found> {
        let frozen = match self.frozen(request) {
            Ok(frozen) => frozen,
            Err(outcome) => return Some(Found::Unclear(outcome)),
        };
        let answer = self.ask(&frozen).await;
        let gone = request.action == Action::Cancel;
        Some(match answer {
            Err(outcome) => Found::Unclear(outcome),
            Ok(answer) if answer.status == StatusCode::NOT_FOUND && !gone => Found::NotThere,
            Ok(answer) if answer.status == StatusCode::NOT_FOUND => Found::There(Receipt {
                answer: "it is no longer there".to_owned(),
                ..Receipt::default()
            }),
            Ok(answer) if answer.status.is_success() && gone => Found::NotThere,
            Ok(answer) if answer.status.is_success() => Found::There(Receipt {
                remote_id: Some(frozen.shipment),
                answer: format!(
                    "{} (asked for after its answer was lost)",
                    self.link.line(&answer)
                ),
                ..Receipt::default()
            }),
            Ok(answer) => Found::Unclear(self.link.plain(&answer, request)),
        })
    }

    fn looks_up(&self) -> bool {
        true
    }

    /// Asks for a shipment that there is not: the signature is looked at first.
    async fn probe(&self) -> Result<(), Failure> {
        let answer = self.ask(&Frozen::about("0", "0")).await;
        answer
            .map_err(Outcome::into_failure)?
            .probed(self.link.during())
    }

    fn recognises_repeats(&self, action: Action) -> bool {
        // A change sent twice is the same as once.
        action == Action::Update
    }

    fn errands(&self) -> Option<&dyn Errands> {
        Some(self)
    }
}

//! Trademax: a furniture retailer's warehouse. Dispatches, drafts of them, vendor dispatches and
//! receipts; where a destination says so, orders set the stock, correct packages or lock lines instead.
//!
//! Promises: every request is signed when it is sent, over parameters that were frozen with the
//! first attempt; the transaction id is the same at every attempt, so that a repeat is refused there
//! as the duplicate it is and counts as success here; the numbers of the envelope are never taken for
//! those of HTTP. What the documents leave open is a setting.

mod answer;
mod errands;
mod instead;
mod orders;
mod sign;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use async_trait::async_trait;
use hyper::Method;
use secrecy::SecretString;
use serde_json::{Map, Value};

use self::answer::{Code, Envelope};
pub use self::instead::Instead;
use self::orders::{Frozen, Rules};
use super::errands::Errands;
use super::form::Fields;
use super::wire::address;
use super::wire::answer::Answer;
use super::wire::link::{Call, Link, step};
use super::{Body, Found, LinkSettings, Outcome, Partner, Refusal, Request};
use crate::clock;
use crate::failure::Failure;
use crate::limits;
use crate::order::{Action, Order};
use crate::problem::Problem;

/// The path of vendor dispatches.
const VENDOR: &str = "vendor/dispatch";

/// The settings of one Trademax destination.
#[derive(Debug, Clone)]
pub struct TrademaxSettings {
    /// Where it is. `url` is the base of all paths.
    pub link: LinkSettings,
    /// The public key.
    pub api_key: String,
    /// What requests are signed with.
    pub secret: SecretString,
    /// How parameters travel.
    pub encoding: Encoding,
    /// The base that is signed, where Trademax knows itself by another address than ours to it.
    pub signed_url: Option<String>,
    /// Dispatches go to the vendors' interface.
    pub vendor: bool,
    /// Length of the transaction ids that we make.
    pub transaction_chars: usize,
    /// What orders become in place of dispatches and receipts.
    pub instead: Option<Instead>,
    /// Fields that are taken from elsewhere.
    pub fields: BTreeMap<String, String>,
}

/// How the parameters of a body travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Encoding {
    /// As JSON.
    #[default]
    Json,
    /// As a form with the bracket names of PHP.
    Form,
}

/// One Trademax destination.
#[derive(Debug)]
pub struct Trademax {
    link: Link,
    api_key: String,
    secret: SecretString,
    encoding: Encoding,
    signed_url: Option<String>,
    rules: Rules,
    fields: Fields,
}

impl Trademax {
    /// Compiles `settings`.
    ///
    /// # Errors
    /// What is wrong with them, for the operator.
    pub fn new(settings: &TrademaxSettings) -> Result<Self, Failure> {
        let fields = Fields::compile(&settings.fields, &[orders::FIELDS]);
        let during = format!("setting up the destination “{}”", settings.link.name);
        Ok(Self {
            link: Link::new(&settings.link, [settings.secret.clone()])?,
            api_key: settings.api_key.clone(),
            secret: settings.secret.clone(),
            encoding: settings.encoding,
            signed_url: settings.signed_url.clone(),
            rules: Rules {
                vendor: settings.vendor,
                transaction_chars: settings.transaction_chars,
                instead: settings.instead,
            },
            fields: fields.map_err(|why| Failure::operator(during, why))?,
        })
    }

    /// The request of one call, signed now.
    fn call(
        &self,
        method: &Method,
        path: &str,
        mut params: Map<String, Value>,
    ) -> Result<Call, String> {
        let url = match &self.signed_url {
            Some(base) => format!("{}/{path}", base.trim_end_matches('/')),
            None => self.link.url(path)?.to_string(),
        };
        let mut add = |name: &str, value: String| params.insert(name.to_owned(), value.into());
        add("api_key", self.api_key.clone());
        add("timestamp", clock::now().0.div_euclid(1000).to_string());
        add("method", method.to_string());
        add("url", url);
        let mut flat = sign::flatten(&params);
        let signature = sign::signature(&mut flat, &self.secret);
        let signature = signature.ok_or("the secret cannot be used as a key")?;
        flat.push(("signature".to_owned(), signature.clone()));
        let pairs = || {
            let pairs = flat.iter();
            address::pairs(pairs.map(|(name, value)| (name.as_str(), value.as_str())))
        };
        if matches!(*method, Method::GET | Method::DELETE) {
            let call = Call::new(method.clone(), format!("{path}?{}", pairs()));
            return Ok(call.up_to(limits::ECHO_BYTES));
        }
        let call = Call::new(method.clone(), path).up_to(limits::ECHO_BYTES);
        Ok(match self.encoding {
            Encoding::Form => call.body("application/x-www-form-urlencoded", pairs()),
            Encoding::Json => {
                params.insert("signature".to_owned(), signature.into());
                call.json(&Value::Object(params))
            }
        })
    }

    async fn exchange(
        &self,
        method: &Method,
        path: &str,
        params: Map<String, Value>,
    ) -> Result<Answer, Outcome> {
        let call = self.call(method, path, params);
        let call = call.map_err(|why| Outcome::Parked(self.link.failure(why)))?;
        self.link.exchange(call).await
    }

    /// Where a change goes, or what becomes of it instead.
    fn changed(&self, frozen: &Frozen, request: &Request) -> Result<String, Outcome> {
        if frozen.to != "dispatch" {
            return Err(Outcome::Refused(Refusal {
                code: "no changes".to_owned(),
                words: "Trademax takes no changes of receipts and vendor dispatches".to_owned(),
            }));
        }
        let id = request.remote_id.as_deref().and_then(step);
        id.map(|id| format!("dispatch/{id}")).ok_or_else(|| {
            Outcome::Parked(self.link.failure(
                "Trademax's id of this dispatch is not known, because the answer that told it was \
                 lost: change it there by hand, then cancel this delivery.",
            ))
        })
    }
}

#[async_trait]
impl Partner for Trademax {
    fn check(&self, order: &Order) -> Vec<Problem> {
        orders::fill(order, "", self.rules, &self.fields).1
    }

    fn checks(&self) -> bool {
        true
    }

    fn render(&self, canonical: &[u8], key: &str) -> Result<Body, Failure> {
        let during = || "writing an order in Trademax's form";
        let order = serde_json::from_slice(canonical).map_err(|e| Failure::ours(during(), e))?;
        let (frozen, _) = orders::fill(&order, key, self.rules, &self.fields);
        let bytes = serde_json::to_vec(&frozen).map_err(|e| Failure::ours(during(), e))?;
        Ok(Body::Rendered(bytes.into()))
    }

    async fn deliver(&self, request: &Request) -> Outcome {
        let mut frozen: Frozen = match serde_json::from_slice(&request.body) {
            Ok(frozen) => frozen,
            Err(error) => return Outcome::Parked(Failure::ours(self.link.during(), error)),
        };
        let (method, path) = match request.action {
            _ if frozen.patch => (Method::PATCH, Ok(frozen.to.clone())),
            Action::Create => (Method::POST, Ok(frozen.to.clone())),
            Action::Update => (Method::PATCH, self.changed(&frozen, request)),
            Action::Cancel => (Method::DELETE, self.changed(&frozen, request)),
        };
        let path = match path {
            Ok(path) => path,
            Err(outcome) => return outcome,
        };
        let params = if method == Method::DELETE {
            Map::new()
        } else {
            std::mem::take(&mut frozen.params)
        };
        match self.exchange(&method, &path, params).await {
            Ok(answer) if frozen.patch => answer::changed(&self.link, &answer),
            Ok(answer) => answer::outcome(&self.link, &answer, request),
            Err(outcome) => outcome,
        }
    }

    /// Nothing is found by its transaction id.
    async fn look_up(&self, _request: &Request) -> Option<Found> {
        None
    }

    /// Asks for the stock of no article: key, time stamp and signature are looked at first.
    async fn probe(&self) -> Result<(), Failure> {
        let answer = self
            .exchange(&Method::GET, "inventory/0/stock-adjustment", Map::new())
            .await;
        let answer = answer.map_err(Outcome::into_failure)?;
        match Envelope::read(&answer).map(|envelope| envelope.code) {
            Some(Code::Credentials(_)) => {
                let words = super::wire::words::reason("application/json", &answer.body);
                Err(self
                    .link
                    .failure(format!("Trademax refused our key or signature: {words}")))
            }
            Some(_) => Ok(()),
            None => answer.probed(self.link.during()),
        }
    }

    fn recognises_repeats(&self, action: Action) -> bool {
        match self.rules.instead {
            // The same change twice is another one.
            Some(Instead::StockChange) => false,
            Some(_) => true,
            // Vendor dispatches have no transaction id.
            None => action != Action::Create || !self.rules.vendor,
        }
    }

    fn errands(&self) -> Option<&dyn Errands> {
        Some(self)
    }
}

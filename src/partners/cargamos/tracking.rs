//! What happens to a shipment at Cargamos: asked for, and told by its webhook.
//!
//! Both tell the same states in the same words, so that what comes on both ways is one event.

use async_trait::async_trait;
use hyper::Method;
use serde_json::Value;

use super::Cargamos;
use crate::failure::Failure;
use crate::limits;
use crate::partners::tracker::{
    Callback, End, Followed, Heard, Manner, NotTaken, Sighting, Tracker,
};
use crate::partners::wire::answer::{Answer, plain};
use crate::partners::wire::link::{Call, step};
use crate::partners::wire::sighted::{bounded, word};
use crate::partners::{Outcome, Proof};

/// How Cargamos is followed.
#[derive(Debug, Clone)]
pub struct TrackingSettings {
    /// Whether shipments are asked for by themselves.
    pub asked: bool,
    /// The path of what has happened to a shipment.
    pub path: String,
    /// When shipments are asked for.
    pub manner: Manner,
    /// What its webhook's calls must carry.
    pub proof: Proof,
    /// The states after which nothing comes any more.
    pub final_states: Vec<String>,
}

#[async_trait]
impl Tracker for Cargamos {
    fn manner(&self) -> Manner {
        self.tracking.manner
    }

    /// The tracking id, which its messages call the label's.
    fn mark(&self, order: &Followed) -> Option<String> {
        order.facts.get("tracking_number").cloned()
    }

    async fn poll(&self, order: &Followed) -> Result<Vec<Sighting>, Outcome> {
        let Some(id) = self.mark(order).as_deref().and_then(step) else {
            return Ok(Vec::new());
        };
        let path = format!("{}/{id}", self.tracking.path);
        let answer = self.ask(&path).await?;
        let body = self.link.tracked(&answer)?;
        if body.pointer("/errors/0").is_some() {
            return Err(self.link.later_order(&answer));
        }
        let data = body.get("data").unwrap_or(&body);
        // Without a history there is the present.
        let history = data.get("history").and_then(Value::as_array);
        let history = history.map_or(std::slice::from_ref(data), Vec::as_slice);
        Ok(self.sightings(history))
    }

    /// Asks for a shipment that there is not: an answer in its own form is enough.
    async fn try_out(&self) -> Result<(), Failure> {
        if !self.tracking.asked {
            return Ok(());
        }
        let answer = self.ask(&format!("{}/0", self.tracking.path)).await;
        let answer = answer.map_err(Outcome::into_failure)?;
        let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let known = matches!(answer.status.as_u16(), 200..=299 | 400 | 404 | 409 | 422);
        let own = body.pointer("/errors/0/code").or_else(|| body.get("data"));
        if known && own.is_some() {
            return Ok(());
        }
        if known {
            let line = self.link.line(&answer);
            let why = format!("It has no tracking there ({line}): check url and path of track.");
            return Err(self.link.failure(why));
        }
        answer.probed(self.link.during())
    }

    fn receive(&self, call: &Callback) -> Result<Vec<Heard>, NotTaken> {
        self.tracking.proof.check(call)?;
        let unreadable = |why: &str| NotTaken::Unreadable(why.to_owned());
        let body: Value =
            serde_json::from_slice(&call.body).map_err(|_| unreadable("it is no JSON"))?;
        let mark = body.get("label_id").and_then(plain);
        let mark = mark.filter(|mark| !mark.is_empty());
        let mark = mark.ok_or_else(|| unreadable("it names no label_id"))?;
        let sightings = self.sightings(std::slice::from_ref(&body));
        if sightings.is_empty() {
            return Err(unreadable("it names no state"));
        }
        Ok(vec![Heard { mark, sightings }])
    }
}

impl Cargamos {
    /// One question.
    pub(super) async fn ask(&self, path: &str) -> Result<Answer, Outcome> {
        let make = || Call::new(Method::GET, path).up_to(limits::TRACKING_BYTES);
        self.bearer.exchange(&self.link, make).await
    }

    fn sightings(&self, events: &[Value]) -> Vec<Sighting> {
        let last = &self.tracking.final_states;
        let events = events.iter().filter_map(sighting).take(limits::SIGHTINGS);
        let ended = events.map(|sighting| Sighting {
            end: last.contains(&sighting.code).then_some(End::Done),
            ..sighting
        });
        ended.collect()
    }
}

fn sighting(event: &Value) -> Option<Sighting> {
    let anomalies = event.get("anomalies").and_then(Value::as_object);
    let anomalies = anomalies.into_iter().flatten();
    let anomalies = anomalies.filter_map(|(name, value)| Some(format!("{name}: {}", word(value)?)));
    bounded(Sighting {
        id: None,
        code: event.get("state").and_then(word)?,
        text: anomalies.collect::<Vec<_>>().join(", "),
        place: None,
        at: event.get("timestamp").and_then(instant),
        end: None,
    })
}

/// A time as text, or in milliseconds since 1970, as the envelopes have it.
fn instant(value: &Value) -> Option<String> {
    match value.as_i64() {
        Some(millis) => Some(crate::clock::Millis(millis).to_string()),
        None => word(value),
    }
}

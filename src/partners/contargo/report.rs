//! What others tell of a container, on its way to Contargo (`POST tracking/events`).
//!
//! Contargo knows no id of ours, and the answer to an earlier try may have been lost: the order's own
//! history there is read first, and an event of the same type and instant is the one that was told.

use hyper::Method;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::Contargo;
use crate::partners::tracker::{Followed, Sighting};
use crate::partners::wire::address;
use crate::partners::{Outcome, Refusal};

/// The types that the documents name; the list is open.
const TYPES: [&str; 6] = [
    "GATE_OUT",
    "GATE_IN",
    "ARRIVED",
    "DEPARTED",
    "HANDLING_STARTED",
    "HANDLING_FINISHED",
];

/// One event.
#[derive(Debug, Clone, Default)]
pub(super) struct Report {
    pub(super) order: String,
    pub(super) position: String,
    pub(super) kind: String,
    pub(super) at: Timestamp,
    pub(super) place: Option<String>,
    pub(super) container: Option<String>,
    pub(super) loading_state: Option<String>,
    pub(super) condition: Option<String>,
    pub(super) truck: Option<String>,
    pub(super) barge: Option<String>,
    pub(super) train: Option<String>,
}

/// A type as Contargo writes it.
pub(super) fn kind(word: &str) -> String {
    word.trim().to_uppercase().replace([' ', '-'], "_")
}

impl Report {
    /// As it is sent.
    pub(super) fn body(&self) -> Value {
        let mut seen = Map::new();
        if let Some(means) = self.means() {
            seen.insert("observedMeansOfTransport".to_owned(), means);
        }
        let mut unit = Map::new();
        if let Some(number) = &self.container {
            let container = json!({
                "containerClass": "CONTAINER", "identification": "BIC", "number": number,
            });
            unit.insert("loadingUnit".to_owned(), container);
        }
        let words = [
            ("loadingState", &self.loading_state),
            ("condition", &self.condition),
        ];
        for (name, word) in words {
            if let Some(word) = word {
                unit.insert(name.to_owned(), word.clone().into());
            }
        }
        if !unit.is_empty() {
            seen.insert("observedLoadingUnit".to_owned(), unit.into());
        }
        if let Some(place) = &self.place {
            seen.insert("location".to_owned(), json!({ "designation": place }));
        }
        json!({
            "order": { "orderId": self.order, "positionId": self.position },
            "event": {
                "timestamp": self.at.to_string(),
                "type": self.kind,
                "observation": seen,
            },
        })
    }

    fn means(&self) -> Option<Value> {
        if let Some(plate) = &self.truck {
            let truck = json!({ "countryCode": "", "licensePlate": plate });
            return Some(json!({ "modeOfTransport": "TRUCK", "truck": truck }));
        }
        if let Some(name) = &self.barge {
            return Some(json!({ "modeOfTransport": "BARGE", "barge": { "name": name } }));
        }
        let train = self.train.as_ref()?;
        Some(json!({ "modeOfTransport": "RAIL", "train": { "identifier": train } }))
    }
}

impl Contargo {
    /// What Contargo calls an event that others tell; `None`: it is not told of it.
    pub(super) fn reported(&self, told: &Sighting) -> Option<String> {
        let known = self.tracking.report.as_ref()?;
        let named = |word: &str| {
            let mut names = known.iter();
            let found = names.find(|(name, _)| name.eq_ignore_ascii_case(word.trim()));
            let own = || Some(kind(word)).filter(|kind| TYPES.contains(&kind.as_str()));
            found.map(|(_, kind)| kind.clone()).or_else(own)
        };
        named(&told.code).or_else(|| named(&told.text))
    }

    /// Tells it, unless it is known there.
    pub(super) async fn tell(&self, order: &Followed, told: &Sighting) -> Result<(), Outcome> {
        let at = told.at.as_deref().and_then(|at| at.parse().ok());
        let (Some(id), Some(at), Some(kind)) = (&order.remote_id, at, self.reported(told)) else {
            return Err(Outcome::Refused(Refusal {
                code: "event".to_owned(),
                words: "the event has no instant, or Contargo no id of its order".to_owned(),
            }));
        };
        let report = Report {
            order: id.clone(),
            position: self.tracking.position.clone(),
            kind,
            at,
            place: told.place.clone(),
            ..Report::default()
        };
        if self.knows(&report).await? {
            return Ok(());
        }
        let path = &self.tracking.events_path;
        self.ask(&Method::POST, path, Some(&report.body()))
            .await
            .map(drop)
    }

    /// Whether an event of this type and instant is in the order's history there.
    async fn knows(&self, report: &Report) -> Result<bool, Outcome> {
        let pair = [
            ("orderId", report.order.as_str()),
            ("positionId", &report.position),
        ];
        let path = format!("{}?{}", self.tracking.path, address::pairs(pair));
        let history = self.ask(&Method::GET, &path, None).await?;
        let events = history["events"].as_array();
        Ok(events.into_iter().flatten().any(|event| {
            let at = event["timestamp"].as_str().and_then(|at| at.parse().ok());
            event["type"] == report.kind && at == Some(report.at)
        }))
    }
}

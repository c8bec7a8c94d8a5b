//! What happens to a shipment at Cargooffice: its order is asked for, whose status is a history.

use async_trait::async_trait;
use hyper::{Method, StatusCode};

use super::Cargooffice;
use super::orders;
use crate::limits;
use crate::partners::Outcome;
use crate::partners::form::Fields;
use crate::partners::tracker::{End, Followed, Manner, Sighting, Tracker};
use crate::partners::wire::sighted::bounded;
use crate::partners::wire::words;

/// How Cargooffice is followed.
#[derive(Debug, Clone)]
pub struct TrackingSettings {
    /// When orders are asked for.
    pub manner: Manner,
    /// The statuses after which nothing comes any more, in lower case.
    pub final_states: Vec<String>,
}

#[async_trait]
impl Tracker for Cargooffice {
    fn manner(&self) -> Manner {
        self.tracking.manner
    }

    fn mark(&self, order: &Followed) -> Option<String> {
        let (frozen, _) = orders::fill(&order.order(), &self.rules, &Fields::default());
        Some(frozen.shipment).filter(|id| !id.is_empty())
    }

    async fn poll(&self, order: &Followed) -> Result<Vec<Sighting>, Outcome> {
        let (frozen, _) = orders::fill(&order.order(), &self.rules, &Fields::default());
        let call = self.call(Method::GET, Some(&frozen));
        let answer = self.link.exchange(call).await?;
        if answer.status == StatusCode::NOT_FOUND {
            return Err(self.link.later_order(&answer));
        }
        self.link.readable(&answer)?;
        let text = String::from_utf8_lossy(&answer.body);
        let status = words::element(&text, "status").unwrap_or_default();
        let last = &self.tracking.final_states;
        let over = |sighting: &Sighting| last.contains(&sighting.text.to_lowercase());
        let plain = words::without_tags(status);
        let ended = history(&plain).map(|sighting| Sighting {
            end: over(&sighting).then_some(End::Done),
            ..sighting
        });
        Ok(ended.collect())
    }
}

/// A line an event: `+2009-10-21 14:20 delivered`.
pub(super) fn history(status: &str) -> impl Iterator<Item = Sighting> {
    let lines = status.lines().filter_map(|line| {
        let line = line.trim().trim_start_matches('+').trim_start();
        let (at, text) = timed(line);
        bounded(Sighting {
            text: text.to_owned(),
            at,
            ..Sighting::default()
        })
    });
    lines.take(limits::SIGHTINGS)
}

/// The time before a status, local to the carrier.
fn timed(line: &str) -> (Option<String>, &str) {
    let at = line.split_at_checked(16).and_then(|(at, rest)| {
        let at = at.replacen(' ', "T", 1);
        let at: jiff::civil::DateTime = at.parse().ok()?;
        Some((at.strftime("%Y-%m-%dT%H:%M").to_string(), rest.trim()))
    });
    match at {
        Some((at, text)) => (Some(at), text),
        None => (None, line),
    }
}

//! What happens to a shipment at Cargooffice: its order is asked for, whose status is a history.

use async_trait::async_trait;
use hyper::StatusCode;

use super::Cargooffice;
use super::orders::{self, Frozen};
use crate::failure::Failure;
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
        let answer = self.ask(&frozen).await?;
        if answer.status == StatusCode::NOT_FOUND {
            return Err(self.link.later_order(&answer));
        }
        self.link.readable(&answer)?;
        let last = &self.tracking.final_states;
        let over = |sighting: &Sighting| last.contains(&sighting.text.to_lowercase());
        let told = told(&String::from_utf8_lossy(&answer.body)).into_iter();
        let ended = told.map(|sighting| Sighting {
            end: over(&sighting).then_some(End::Done),
            ..sighting
        });
        Ok(ended.collect())
    }

    /// Asks for a shipment that there is not. That there is none is said in their own form; a web
    /// page is a log-in's or a proxy's, and no status would ever come from it.
    async fn try_out(&self) -> Result<(), Failure> {
        let answer = self.ask(&Frozen::about("0", "0")).await;
        let answer = answer.map_err(Outcome::into_failure)?;
        answer.probed(self.link.during())?;
        if answer.is_page() || answer.status == StatusCode::METHOD_NOT_ALLOWED {
            let line = self.link.line(&answer);
            let why = format!("It tells no status there ({line}): check url and orders_path.");
            return Err(self.link.failure(why));
        }
        Ok(())
    }
}

/// The status in an answer.
pub(super) fn told(answer: &str) -> Vec<Sighting> {
    let status = words::element(answer, "status").unwrap_or_default();
    history(&words::without_tags(status)).collect()
}

/// A line an event: `+2009-10-21 14:20 delivered`.
fn history(status: &str) -> impl Iterator<Item = Sighting> {
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

//! What is told of orders: events out of files on their way to the ledger, and the loop that looks
//! after those that wait and forwards those that have come.
//!
//! An event is never lost: it is in the history of its order, or it waits for the order, or a person
//! was told. It is never sent on twice to the same follower: what is sent is frozen with it.

use std::sync::Arc;

use super::plan::Plan;
use super::{Shared, soon};
use crate::clock::{self, Millis};
use crate::failure::Failure;
use crate::ledger::DueParse;
use crate::ledger::tracking::NewEvent;
use crate::limits;
use crate::order::StatusUpdate;
use crate::tracking::{By, TrackingEvent};

mod forward;
mod news;
mod overdue;
mod rules;
mod send;

pub use rules::{Links, StatusFolder, TrackingRules};

pub(super) const LOOP: &str = "tracking loop";

impl Plan {
    /// Who tells what stands in a file of `sender`.
    fn teller(&self, sender: &str) -> By {
        By::Sender {
            name: sender.to_owned(),
            carries: self
                .entry(sender)
                .map(|entry| entry.carries.clone())
                .unwrap_or_default(),
        }
    }
}

/// The status updates of a file as events.
pub(super) fn events(
    shared: &Shared,
    file: &DueParse,
    updates: Vec<StatusUpdate>,
) -> Vec<NewEvent> {
    if updates.is_empty() {
        return Vec::new();
    }
    let plan = &shared.ports.plan;
    let zone = plan
        .entry(&file.sender)
        .and_then(|entry| entry.time_zone.clone())
        .unwrap_or_else(|| shared.ports.desk.time_zone.clone());
    let now = clock::now();
    let heard = updates.into_iter().map(|update| {
        let event = TrackingEvent::of_update(update, plan.teller(&file.sender));
        shared.ports.tracking.heard(event, &zone, now)
    });
    heard.collect()
}

/// Looks after events until the end.
pub(super) async fn run(shared: Arc<Shared>) {
    loop {
        shared.quiet.begin(LOOP);
        let mut worked = false;
        let next = loop {
            let looked = clock::now();
            match round(&shared, looked).await {
                Ok(false) => break soon(shared.ledger().next_tracking(looked).await),
                Ok(true) => worked = true,
                Err(failure) => {
                    tracing::error!(%failure, "Tracking could not be handled; trying again soon.");
                    break Some(clock::now().after(limits::PAUSE_AFTER_FAILURE));
                }
            }
            if shared.stop.is_cancelled() {
                return;
            }
            shared.quiet.alive(LOOP);
        };
        shared.quiet.end(LOOP, worked);
        if !shared.wait_together(&shared.wakes.tracking, next).await {
            return;
        }
    }
}

/// One look; whether it found anything.
async fn round(shared: &Shared, now: Millis) -> Result<bool, Failure> {
    if !shared.ledger().tracking_due(now).await? {
        return Ok(false);
    }
    let mut worked = shared.ledger().rematch().await?;
    worked |= overdue::tell(shared, now).await?;
    if worked {
        // A file may have been concluded.
        shared.wakes.settle.notify_one();
        shared.wakes.report.notify_one();
    }
    worked |= forward::forward(shared).await?;
    worked |= send::send(shared, now).await?;
    Ok(worked)
}

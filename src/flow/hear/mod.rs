//! What partners tell of the orders that they have accepted comes in here: asked for, by a stream, or
//! by a call of theirs.
//!
//! ```text
//!  ask.rs     one task a destination: subscriptions that are due are asked for or renewed
//!  listen.rs  one task a destination with a stream: it says whom to ask
//!  call.rs    calls of partners, answered once what they tell is durable
//! ```
//!
//! Promises: what was told is in the ledger before anything says that it was heard (a cursor, the
//! answer to a call, the next look), so that a crash makes us hear it again and never miss it; one
//! destination never delays another. Never: an order sent from here.

mod ask;
mod call;
mod listen;
mod patience;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, Notify};

use super::Shared;
use crate::clock::{self, Millis};
use crate::failure::Failure;
use crate::partners::tracker::{End, Manner, Sighting, Tracker};
use crate::tracking::{About, Channel, TrackingEvent};

pub(super) use ask::run;
pub use call::Call;
pub(super) use listen::run as listen;

/// How a destination is heard about its orders.
pub struct Hearing {
    /// The adapter.
    pub tracker: Arc<dyn Tracker>,
    /// SHA-256 of the step of the address by which the partner calls us.
    pub hook: Option<[u8; 32]>,
    /// Accepted orders are followed, each for so long at most.
    pub lasts: Option<Duration>,
}

impl Hearing {
    /// When an order that was accepted at `now` is first looked at; `None`: it is not followed.
    pub(super) fn first(&self, now: Millis) -> Option<Millis> {
        self.lasts?;
        Some(match self.tracker.manner() {
            Manner::Asked { first, .. } => now.after(first),
            Manner::Subscribed { renew, .. } => now.after(renew),
            // At once, so that it can be woken from now on.
            Manner::Streamed { .. } => now,
        })
    }

    pub(super) fn has_stream(&self) -> bool {
        self.lasts.is_some() && matches!(self.tracker.manner(), Manner::Streamed { .. })
    }
}

/// What a destination's tasks of hearing share.
#[derive(Default)]
pub(super) struct Ear {
    /// Something may be due.
    pub(super) wake: Notify,
    /// The subscriptions that are being asked for, by their rows.
    in_hand: Mutex<HashMap<i64, InHand>>,
}

/// A subscription whose answer is on its way.
#[derive(Default)]
struct InHand {
    mark: String,
    /// A stream has told of it meanwhile, and the answer may be older than that: it is asked for again
    /// after so long.
    stirred: Option<Duration>,
}

/// The name of a destination's loop.
pub(super) fn loop_of(destination: &str) -> String {
    format!("hearing {destination}")
}

/// Sightings as events of `destination`, on their way to the ledger.
async fn record(
    shared: &Shared,
    destination: &str,
    (channel, about): (Channel, &About),
    sightings: Vec<Sighting>,
) -> Result<(), Failure> {
    let now = clock::now();
    let zone = &shared.ports.desk.time_zone;
    let mut events = Vec::with_capacity(sightings.len());
    for sighting in sightings {
        if sighting.end == Some(End::Failed) {
            failed(shared, destination, about, &sighting).await;
        }
        let event = TrackingEvent {
            code: Some(sighting.code),
            text: sighting.text,
            place: sighting.place,
            at: sighting.at,
            id: sighting.id,
            last: sighting.end.is_some(),
            ..TrackingEvent::of_destination(destination, channel, about.clone())
        };
        events.push(shared.ports.tracking.heard(event, zone, now));
    }
    shared.ledger().heard(events, None).await?;
    shared.wakes.tracking.notify_one();
    Ok(())
}

/// The partner says that it did not do what it had accepted.
async fn failed(shared: &Shared, destination: &str, about: &About, sighting: &Sighting) {
    let about = about.words();
    let subject = format!("Destination {destination} ended an order without success: {about}");
    let text = format!(
        "{destination} had accepted it and now says “{} {}”. It is in the history of the order, and it is \
         not sent again by itself.\n",
        sighting.code, sighting.text
    );
    tracing::warn!(
        destination,
        "It ended {about} without success: {}",
        sighting.code
    );
    let fold = format!("failed/{destination}/{about}");
    shared.alert(&fold, &subject, &text).await;
}

//! list ▸ stable ▸ claim: one loop a source.
//!
//! Hints shorten the wait, the listing is the truth. Nothing is remembered of a file that is not
//! stable yet: after a restart it is seen again and costs one more wait.

use std::sync::Arc;
use std::time::Duration;

use crate::arrival::Entry;
use crate::backoff;
use crate::clock;
use crate::failure::Failure;
use crate::limits;
use crate::sources::stable::Tracker;
use crate::sources::{Listing, Probe};
use tokio::sync::Notify;

use super::known::Known;
use super::{Inlet, Shared};

/// Watches the source `name` until the end.
pub(super) async fn run(shared: Arc<Shared>, name: String) {
    let (Some(inlet), Some(hint)) = (shared.ports.inlets.get(&name), shared.wakes.watch.get(&name))
    else {
        return;
    };
    if !may_start(&shared, &name, inlet, hint).await {
        return;
    }
    let mut tracker = Tracker::new(inlet.pickup.stable, inlet.pickup.grace);
    let mut failures = 0;
    let mut first_look = shared.ports.once;
    while !shared.stop.is_cancelled() {
        shared.quiet.begin(&name);
        let wait = match look(&shared, &name, inlet, &mut tracker).await {
            Ok(looked) => {
                failures = 0;
                let wait = looked.next.map_or(inlet.pickup.poll, |next| next.min(inlet.pickup.poll));
                tell(&shared, &name, wait);
                // `--once` waits for what its first look saw to come to rest, and for nothing else.
                first_look &= looked.next.is_some_and(|next| next <= inlet.pickup.stable);
                if !first_look {
                    shared.quiet.end(&name, looked.claimed > 0);
                }
                wait
            }
            Err(failure) => {
                failures += 1;
                failed(&shared, &name, &failure, failures).await;
                shared.quiet.end(&name, false);
                backoff::wait(inlet.pickup.poll, limits::BACKOFF_MAX, failures, 255)
            }
        };
        tokio::select! {
            () = shared.stop.cancelled() => return,
            () = hint.notified() => {}
            () = inlet.source.wait(wait) => {}
        }
    }
}

/// Proves the rights that settling will need before anything is taken: a source without them would
/// fail after delivery, which is the worst moment. False at the end.
async fn may_start(shared: &Shared, name: &str, inlet: &Inlet, hint: &Notify) -> bool {
    loop {
        shared.quiet.begin(name);
        let failure = match inlet.source.probe(Probe::Start).await {
            Ok(()) => return true,
            Err(failure) => failure,
        };
        shared.quiet.tell(name, |health| health.trouble = Some(failure.to_string()));
        tracing::error!(source = name, %failure, "The source is not started.");
        let subject = format!("Source {name} is not started");
        let text = format!("{failure}\n\nNothing is taken from it until this is put right. It is tried again by itself.");
        shared.alert(&format!("source/{name}"), &subject, &text).await;
        shared.quiet.end(name, false);
        if !shared.wait(hint, Some(clock::now().after(limits::WAIT_FOR_OPERATOR))).await {
            return false;
        }
    }
}

/// What one look came to.
struct Looked {
    claimed: usize,
    /// When the next look can show more of what this one saw.
    next: Option<Duration>,
}

/// One look: lists, and claims what is at rest.
async fn look(
    shared: &Shared,
    name: &str,
    inlet: &Inlet,
    tracker: &mut Tracker,
) -> Result<Looked, Failure> {
    let Some(known) = shared.known.get(name) else {
        return Ok(Looked { claimed: 0, next: None });
    };
    if shared.ledger().paused().await?.iter().any(|paused| paused == name) {
        return Ok(Looked { claimed: 0, next: None });
    }
    (shared.ports.room)()?;
    let started = clock::moment();
    let listing = inlet.source.list().await?;
    if listing.cut {
        tracing::warn!(source = name, "The listing was cut; the rest is taken next time.");
    }
    let unknown = known.unknown(listing.entries, started);
    let fresh = Listing { entries: unknown.entries, cut: listing.cut };
    let mut resting = tracker.look(fresh, started);
    let more = resting.len() > inlet.pickup.batch.max(1) || unknown.look_again;
    resting.truncate(inlet.pickup.batch.max(1));
    let mut claimed = 0;
    for batch in resting.chunks(limits::BATCH_ARRIVALS) {
        claimed += claim(shared, name, known, batch.to_vec()).await?;
    }
    let next = tracker.next().map(|next| next.since(clock::moment()));
    Ok(Looked { claimed, next: if more { Some(Duration::ZERO) } else { next } })
}

async fn claim(
    shared: &Shared,
    name: &str,
    known: &Known,
    batch: Vec<Entry>,
) -> Result<usize, Failure> {
    let claimed = shared.ledger().claim(name, batch.clone()).await?;
    known.claimed(batch.into_iter());
    for claimed in &claimed {
        tracing::debug!(source = name, arrival = %claimed.arrival, name = %claimed.entry.locator, "Claimed.");
    }
    if !claimed.is_empty() {
        shared.wakes.fetch.notify_one();
    }
    Ok(claimed.len())
}

fn tell(shared: &Shared, name: &str, wait: Duration) {
    shared.quiet.tell(name, |health| {
        health.looked = Some(clock::now());
        health.next = Some(clock::now().after(wait));
        health.trouble = None;
    });
}

/// Logs a failed look; alerts when it lasts.
async fn failed(shared: &Shared, name: &str, failure: &Failure, failures: u32) {
    shared.quiet.tell(name, |health| health.trouble = Some(failure.to_string()));
    tracing::warn!(source = name, %failure, failures, "The source could not be looked at.");
    if failures == limits::LOOKS_TO_ALERT || (failures == 1 && !failure.is_temporary()) {
        let subject = format!("Source {name} cannot be looked at");
        let text = format!(
            "orderdock could not look at the source “{name}”.\n\n{failure}\n\nNothing is lost: files \
             stay where they are until this works again. It is tried again by itself."
        );
        shared.alert(&format!("source/{name}"), &subject, &text).await;
    }
}

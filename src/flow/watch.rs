//! list ▸ stable ▸ claim: one loop a source.
//!
//! Hints shorten the wait, the listing is the truth. Nothing is remembered of a file that is not
//! stable yet: after a restart it is seen again and costs one more wait.

use std::sync::Arc;

use crate::arrival::Entry;
use crate::backoff;
use crate::clock::{self, Moment};
use crate::failure::Failure;
use crate::limits;
use crate::sources::stable::Tracker;

use super::Shared;

/// Watches the source `name` until the end.
pub(super) async fn run(shared: Arc<Shared>, name: String) {
    let Some(inlet) = shared.ports.inlets.get(&name) else { return };
    let mut tracker = Tracker::new(inlet.pickup.stable);
    let mut failures = 0;
    let mut first_look = shared.ports.once;
    while !shared.stop.is_cancelled() {
        shared.quiet.begin(&name);
        let wait = match look(&shared, &name, &mut tracker).await {
            Ok(claimed) => {
                failures = 0;
                shared.quiet.tell(&name, format!("watched {}", inlet.source.watched()));
                let next = tracker.next_look(clock::moment());
                let waiting = first_look && next.is_some();
                if !waiting {
                    // `--once` has seen its first look through: what comes later is for later.
                    first_look = false;
                    shared.quiet.end(&name, claimed > 0);
                }
                next.map_or(inlet.pickup.poll, |next| next.min(inlet.pickup.poll))
            }
            Err(failure) => {
                failures += 1;
                tell(&shared, &name, &failure, failures).await;
                shared.quiet.end(&name, false);
                backoff::wait(inlet.pickup.poll, limits::BACKOFF_MAX, failures, 0)
            }
        };
        let Some(hint) = shared.wakes.watch.get(&name) else { return };
        tokio::select! {
            () = shared.stop.cancelled() => return,
            () = hint.notified() => {}
            () = inlet.source.wait(wait) => {}
        }
    }
}

/// One look: lists, and claims what is stable. Returns how many were claimed.
async fn look(shared: &Shared, name: &str, tracker: &mut Tracker) -> Result<usize, Failure> {
    let (Some(inlet), Some(known)) = (shared.ports.inlets.get(name), shared.known.get(name)) else {
        return Ok(0);
    };
    if shared.ledger().paused().await?.iter().any(|paused| paused == name) {
        return Ok(0);
    }
    (shared.ports.room)()?;
    let started = clock::moment();
    let listing = inlet.source.list().await?;
    if listing.cut {
        tracing::warn!(source = name, "The listing was cut; the rest is taken next time.");
    }
    let fresh = known.unknown(listing.entries, started);
    let stable = tracker.look(fresh, started);
    let mut claimed = 0;
    for batch in batches(stable, inlet.pickup.batch) {
        claimed += claim(shared, name, batch, started).await?;
    }
    Ok(claimed)
}

fn batches(mut entries: Vec<Entry>, per_look: usize) -> Vec<Vec<Entry>> {
    entries.truncate(per_look.max(1));
    entries.chunks(limits::BATCH_ARRIVALS).map(<[Entry]>::to_vec).collect()
}

async fn claim(
    shared: &Shared,
    name: &str,
    batch: Vec<Entry>,
    _listed: Moment,
) -> Result<usize, Failure> {
    let Some(known) = shared.known.get(name) else { return Ok(0) };
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

/// Logs a failed look; alerts when it lasts.
async fn tell(shared: &Shared, name: &str, failure: &Failure, failures: u32) {
    shared.quiet.tell(name, format!("not reachable: {failure}"));
    tracing::warn!(source = name, %failure, failures, "The source could not be looked at.");
    if failures == limits::LOOKS_TO_ALERT || !failure.is_temporary() {
        let subject = format!("Source {name} cannot be looked at");
        let text = format!(
            "orderdock could not look at the source “{name}”.\n\n{failure}\n\nNothing is lost: files \
             stay where they are until this works again. It is tried again by itself."
        );
        shared.alert(&format!("source/{name}"), &subject, &text).await;
    }
}

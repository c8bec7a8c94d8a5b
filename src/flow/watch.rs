//! list ▸ stable ▸ claim: one loop a source.
//!
//! Hints shorten the wait, the listing is the truth. Nothing is remembered of a file that is not
//! stable yet: after a restart it is seen again and costs one more wait.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use crate::arrival::Entry;
use crate::backoff;
use crate::clock;
use crate::failure::Failure;
use crate::limits;
use crate::sources::stable::Tracker;
use crate::sources::{Listing, Probe};

use super::known::Known;
use super::{Inlet, Shared};

/// Watches the source `name` until the end.
pub(super) async fn run(shared: Arc<Shared>, name: String) {
    let (Some(inlet), Some(hint)) = (
        shared.ports.inlets.get(&name),
        shared.wakes.watch.get(&name),
    ) else {
        return;
    };
    let place = shared.ports.inlets.keys().position(|other| *other == name);
    let turn = first_turn(place.unwrap_or(0), inlet.pickup.poll);
    tokio::select! {
        () = shared.stop.cancelled() => return,
        () = tokio::time::sleep(turn) => {}
    }
    let mut looks = 0u32;
    let mut tracker = Tracker::new(inlet.pickup.stable, inlet.pickup.grace);
    let mut trouble = Trouble::default();
    let mut proved = false;
    let mut first_look = shared.ports.once;
    while !shared.stop.is_cancelled() {
        shared.quiet.begin(&name);
        looks = looks.wrapping_add(1);
        let began = clock::moment();
        let looked = match prove(inlet, &mut proved).await {
            Ok(()) => look(&shared, &name, inlet, &mut tracker).await,
            Err(failure) => Err(failure),
        };
        let wait = match looked {
            Ok(looked) => {
                trouble.is_over(&shared, &name).await;
                let poll = spread(inlet.pickup.poll, jitter(&name, looks));
                let wait = looked.next.map_or(poll, |next| next.min(poll));
                tell(&shared, &name, wait);
                // `--once` waits for what its first look saw to come to rest, and for nothing else.
                first_look &= looked.next.is_some_and(|next| next <= inlet.pickup.stable);
                if !first_look {
                    shared.quiet.end(&name, looked.claimed > 0);
                }
                wait
            }
            Err(failure) => {
                // What comes back after it was gone may be another folder with other rights.
                proved &= failure.is_temporary();
                trouble.met(&shared, &name, &failure).await;
                shared.quiet.end(&name, false);
                let most = limits::WAIT_FOR_OPERATOR.max(inlet.pickup.poll);
                let wait = backoff::wait(
                    inlet.pickup.poll,
                    most,
                    trouble.failures,
                    jitter(&name, looks),
                );
                shared
                    .quiet
                    .tell(&name, |health| health.next = Some(clock::now().after(wait)));
                wait
            }
        };
        let rest = began
            .elapsed()
            .saturating_mul(limits::LOOK_SHARE)
            .min(limits::LOOK_REST);
        tokio::select! {
            () = shared.stop.cancelled() => return,
            () = hint.notified() => {}
            () = inlet.source.wait(wait) => {}
        }
        tokio::time::sleep(rest.saturating_sub(began.elapsed())).await;
    }
}

/// Proves the rights that settling will need before anything is taken: a source without them would
/// fail after delivery, which is the worst moment.
async fn prove(inlet: &Inlet, proved: &mut bool) -> Result<(), Failure> {
    if !*proved {
        inlet.source.probe(Probe::Start).await?;
        *proved = true;
    }
    Ok(())
}

/// When the source in this place looks first: one after the other, and none later than its poll.
fn first_turn(place: usize, poll: Duration) -> Duration {
    let place = u128::try_from(place).unwrap_or(0);
    // Begun anew at its poll, not held there: those behind would all look at that moment.
    let turn = limits::LOOK_STAGGER.as_nanos().saturating_mul(place) % poll.as_nanos().max(1);
    Duration::from_nanos(u64::try_from(turn).unwrap_or(0))
}

/// A number that differs from source to source and from look to look, so that sources configured
/// alike do not go in step.
fn jitter(name: &str, look: u32) -> u8 {
    let mut hasher = DefaultHasher::new();
    (name, look).hash(&mut hasher);
    hasher.finish().to_le_bytes()[0]
}

/// Nine tenths to all of a wait.
fn spread(wait: Duration, jitter: u8) -> Duration {
    wait.mul_f64(1.0 - f64::from(jitter) / 2_550.0)
}

/// What is wrong with a source: told when it begins, when it becomes something else, and when it
/// is over, however often it is met in between.
#[derive(Default)]
struct Trouble {
    failures: u32,
    /// What failed, as it was told. Not the whole sentence: that may hold numbers that change.
    during: String,
    alerted: bool,
}

impl Trouble {
    async fn met(&mut self, shared: &Shared, name: &str, failure: &Failure) {
        shared
            .quiet
            .tell(name, |health| health.trouble = Some(failure.to_string()));
        self.failures += 1;
        if self.during == failure.during {
            tracing::debug!(source = name, %failure, failures = self.failures, "Still the same.");
        } else {
            self.during.clone_from(&failure.during);
            tracing::warn!(source = name, %failure, "The source could not be looked at; nothing is taken from it meanwhile.");
        }
        let lasts = self.failures >= limits::LOOKS_TO_ALERT || !failure.is_temporary();
        if !lasts || std::mem::replace(&mut self.alerted, true) {
            return;
        }
        let subject = format!("Nothing is taken from source {name}");
        let text = format!(
            "orderdock cannot take files from the source “{name}”.\n\n{failure}\n\nNothing is lost: \
             files stay where they are until this works again. It is tried again by itself."
        );
        shared
            .alert(&format!("source/{name}"), &subject, &text)
            .await;
    }

    async fn is_over(&mut self, shared: &Shared, name: &str) {
        if self.failures > 0 {
            if self.alerted {
                let subject = format!("Source {name} works again");
                let text = format!(
                    "orderdock takes files from the source “{name}” again, after {} looks that failed. \
                     Nothing needs to be done.",
                    self.failures
                );
                shared
                    .alert(&format!("source-back/{name}"), &subject, &text)
                    .await;
            }
            tracing::info!(
                source = name,
                failures = self.failures,
                "The source works again."
            );
            *self = Self::default();
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
        return Ok(Looked {
            claimed: 0,
            next: None,
        });
    };
    if shared
        .ledger()
        .paused()
        .await?
        .iter()
        .any(|paused| paused == name)
    {
        return Ok(Looked {
            claimed: 0,
            next: None,
        });
    }
    (shared.ports.room)()?;
    // What was taken and delivered cannot be put away: more of it would only pile up.
    if let Some(failure) = shared.stuck().get(name) {
        return Err(failure.clone());
    }
    let started = clock::moment();
    let listing = inlet.source.list().await?;
    if listing.cut {
        tracing::warn!(
            source = name,
            "The listing was cut; the rest is taken next time."
        );
    }
    let unknown = known.unknown(listing.entries, started);
    let fresh = Listing {
        entries: unknown.entries,
        cut: listing.cut,
    };
    let mut resting = tracker.look(fresh, started);
    let more = resting.len() > inlet.pickup.batch.max(1) || unknown.look_again;
    resting.truncate(inlet.pickup.batch.max(1));
    let mut claimed = 0;
    for batch in resting.chunks(limits::BATCH_ARRIVALS) {
        claimed += claim(shared, name, known, batch.to_vec()).await?;
    }
    let next = tracker.next().map(|next| next.since(clock::moment()));
    Ok(Looked {
        claimed,
        next: if more { Some(Duration::ZERO) } else { next },
    })
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

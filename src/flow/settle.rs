//! concluded ▸ settled: the source is touched last.
//!
//! A failed move never causes a second delivery: it is tried again with growing waits, and after an
//! hour the operators hear of it. What is moved is verified by the source.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::crew::Crew;
use super::{Shared, story};
use crate::arrival::{Settled, Verdict};
use crate::backoff;
use crate::clock::{self, Millis, Moment};
use crate::failure::Failure;
use crate::ledger::DueSettle;
use crate::limits;
use crate::sources::Settlement;

pub(super) const LOOP: &str = "settle loop";

/// Settles what is concluded until the end.
pub(super) async fn run(shared: Arc<Shared>) {
    let mut crew = Crew::default();
    loop {
        shared.quiet.begin(LOOP);
        let mut worked = false;
        let next = loop {
            let looked = clock::now();
            match round(&shared, &mut crew, looked).await {
                Ok(0) => {
                    break shared.next(looked, |next| next.settle).await;
                }
                Ok(_) => worked = true,
                Err(failure) => {
                    tracing::error!(%failure, "Arrivals could not be settled; trying again soon.");
                    break Some(clock::now().after(limits::PAUSE_AFTER_FAILURE));
                }
            }
            if shared.stop.is_cancelled() {
                break None;
            }
            shared.quiet.alive(LOOP);
        };
        shared.quiet.end(LOOP, worked);
        if !shared.wait_together(&shared.wakes.settle, next).await {
            crew.end().await;
            return;
        }
    }
}

/// Begins what is due at sources that rest, and waits for one that is at work. Returns how many were
/// begun or at work.
async fn round(shared: &Arc<Shared>, crew: &mut Crew, now: Millis) -> Result<usize, Failure> {
    let due = shared
        .ledger()
        .due_settle(now, &crew.busy(), limits::BATCH_ARRIVALS)
        .await?;
    let count = due.len();
    let mut by_source: BTreeMap<String, Vec<DueSettle>> = BTreeMap::new();
    for arrival in due {
        by_source
            .entry(arrival.source.clone())
            .or_default()
            .push(arrival);
    }
    for (source, due) in by_source {
        let shared = Arc::clone(shared);
        let name = source.clone();
        crew.begin(source, async move { one_source(&shared, &name, due).await });
    }
    let at_work = crew.wait(shared, &shared.wakes.settle).await?;
    if at_work {
        // What is concluded meanwhile is moved with the next ones: their folders are synced once.
        shared.gather().await;
    }
    Ok(count.max(usize::from(at_work)))
}

async fn one_source(shared: &Shared, source: &str, due: Vec<DueSettle>) -> Result<(), Failure> {
    let Some(inlet) = shared.ports.inlets.get(source) else {
        return no_source(shared, source, due).await;
    };
    let started = clock::moment();
    let mut settlements = Vec::with_capacity(due.len());
    let (returning, plain): (Vec<_>, Vec<_>) = due.into_iter().partition(|d| d.lies_at.is_some());
    for arrival in &plain {
        settlements.push(settlement(shared, arrival).await?);
    }
    let mut answers = inlet.source.settle(settlements).await;
    for arrival in &returning {
        let Some(lies_at) = arrival.lies_at.clone() else {
            continue;
        };
        let settlement = settlement(shared, arrival).await?;
        answers.push(inlet.source.resettle(lies_at, settlement).await);
    }
    record(
        shared,
        source,
        plain.into_iter().chain(returning).zip(answers).collect(),
        started,
    )
    .await
}

async fn settlement(shared: &Shared, due: &DueSettle) -> Result<Settlement, Failure> {
    let sidecars = match due.verdict {
        Verdict::Done => Vec::new(),
        Verdict::Error => story::sidecars(shared, due).await?,
    };
    Ok(Settlement {
        arrival: due.arrival,
        locator: due.entry.locator.clone(),
        version: due.entry.version,
        verdict: due.verdict,
        sidecars,
    })
}

async fn record(
    shared: &Shared,
    source: &str,
    answers: Vec<(DueSettle, Result<Settled, Failure>)>,
    started: Moment,
) -> Result<(), Failure> {
    let ended = clock::moment();
    let mut settled = Vec::with_capacity(answers.len());
    let mut entries = Vec::with_capacity(answers.len());
    for (due, answer) in answers {
        match answer {
            Ok(end) => {
                tell(source, &due, &end);
                settled.push((due.arrival, end));
                entries.push(due.entry);
            }
            Err(failure) => unsettled(shared, source, &due, &failure).await?,
        }
    }
    if settled.is_empty() {
        return Ok(());
    }
    shared.ledger().settled(settled).await?;
    if shared.stuck().remove(source).is_some() {
        tracing::info!(source, "Its files can be moved again.");
        if let Some(watch) = shared.wakes.watch.get(source) {
            watch.notify_one();
        }
    }
    let Some(known) = shared.known.get(source) else {
        return Ok(());
    };
    let mut back = false;
    for entry in &entries {
        back |= known.settled(entry, started, ended);
    }
    if back && let Some(watch) = shared.wakes.watch.get(source) {
        watch.notify_one();
    }
    Ok(())
}

fn tell(source: &str, due: &DueSettle, end: &Settled) {
    let name = &due.entry.locator;
    match end {
        Settled::Moved(to) => match due.verdict {
            Verdict::Done => tracing::info!(source, %name, %to, "Done."),
            Verdict::Error => tracing::info!(source, %name, %to, "Moved to error."),
        },
        Settled::Already(to) => tracing::info!(source, %name, %to, "Had been moved already."),
        Settled::Finished => {
            tracing::info!(source, %name, verdict = due.verdict.as_str(), "Finished.");
        }
        Settled::Left => {
            tracing::info!(source, %name, verdict = due.verdict.as_str(), "Finished, and left where it is.");
        }
        Settled::Superseded => {
            tracing::warn!(source, %name, "Another version lies there now; it is an arrival of its own.");
        }
        Settled::Vanished => {
            tracing::warn!(source, %name, "Taken away while it was processed; its bytes are in the ledger.");
        }
    }
}

/// A move that failed: later again; after an hour the operators hear of it.
async fn unsettled(
    shared: &Shared,
    source: &str,
    due: &DueSettle,
    failure: &Failure,
) -> Result<(), Failure> {
    tracing::warn!(source, name = %due.entry.locator, %failure, "Not moved; trying again.");
    shared.stuck().insert(source.to_owned(), failure.clone());
    let now = clock::now();
    if due.concluded.until(now) >= limits::MOVE_TO_ALERT {
        let subject = format!("Files of source {source} cannot be moved");
        let text = format!(
            "“{}” was processed, but it cannot be moved to {}/.\n\n{failure}\n\nIts orders are not sent \
             again. It is tried again by itself.",
            due.entry.locator,
            due.verdict.as_str()
        );
        shared
            .alert(&format!("move/{source}"), &subject, &text)
            .await;
    }
    let until = now.after(backoff::default_wait(due.tries + 1, 128));
    shared
        .ledger()
        .unsettled(due.arrival, until, &failure.to_string())
        .await
}

/// The configuration no longer has the source: its arrivals wait for it to come back.
async fn no_source(shared: &Shared, source: &str, due: Vec<DueSettle>) -> Result<(), Failure> {
    let until = clock::now().after(limits::WAIT_FOR_OPERATOR);
    let why = format!("The configuration has no source “{source}” any more.");
    for arrival in due {
        shared
            .ledger()
            .unsettled(arrival.arrival, until, &why)
            .await?;
    }
    shared
        .alert(
            &format!("no-source/{source}"),
            &format!("Files of the removed source {source} wait"),
            &why,
        )
        .await;
    Ok(())
}

//! Once a day: the summary to the operators, and what is past retention.

use std::sync::Arc;

use jiff::ToSpan;
use jiff::civil::time;

use super::Shared;
use crate::clock::{self, Millis};
use crate::failure::Failure;
use crate::ledger::ReportKind;
use crate::limits;

const LOOP: &str = "upkeep loop";

/// Keeps house until the end. Wakes once a day.
///
/// `--once` keeps no house: it would wait for a pass that never comes.
pub(super) async fn run(shared: Arc<Shared>) {
    loop {
        shared.quiet.end(LOOP, false);
        let due = next(&shared);
        tokio::select! {
            () = shared.stop.cancelled() => return,
            () = tokio::time::sleep(clock::now().until(due)) => {}
        }
        shared.quiet.begin(LOOP);
        if let Err(failure) = keep_house(&shared).await {
            tracing::error!(%failure, "The daily upkeep failed; it is done again tomorrow.");
        }
    }
}

/// The next daily moment: the summary's time, else three at night.
fn next(shared: &Shared) -> Millis {
    let desk = &shared.ports.desk;
    let at = desk.daily_summary.unwrap_or(time(3, 0, 0, 0));
    let now = clock::now().timestamp().to_zoned(desk.time_zone.clone());
    let today = now.datetime().date().to_datetime(at);
    let candidates = [Ok(today), today.checked_add(1.day())];
    let later = candidates
        .into_iter()
        .flatten()
        .filter_map(|day| day.to_zoned(desk.time_zone.clone()).ok())
        .find(|moment| *moment > now);
    later.map_or_else(
        || clock::now().after(std::time::Duration::from_hours(24)),
        |moment| Millis(moment.timestamp().as_millisecond()),
    )
}

async fn keep_house(shared: &Shared) -> Result<(), Failure> {
    if shared.ports.desk.daily_summary.is_some() {
        let fold = format!("summary/{}", clock::now().0);
        shared
            .ledger()
            .alert(&fold, ReportKind::Summary, "Daily summary", "")
            .await?;
        shared.wakes.report.notify_one();
    }
    let before = clock::now().before(shared.ports.retention);
    while shared.ledger().prune(before).await? {
        shared.quiet.alive(LOOP);
        tokio::time::sleep(limits::PRUNE_REST).await;
        if shared.stop.is_cancelled() {
            return Ok(());
        }
    }
    Ok(())
}

/// Makes what has arrived findable by its words, until the end. Rests between steps, so that no arrow
/// waits for it for long, and does not hold up `--once`.
pub(super) async fn index(shared: Arc<Shared>) {
    loop {
        let rest = match shared.ledger().index().await {
            Ok(true) => limits::INDEX_REST,
            Ok(false) => {
                if !shared.wait(&shared.wakes.index, None).await {
                    return;
                }
                limits::INDEX_BEHIND
            }
            Err(failure) => {
                tracing::warn!(%failure, "Search could not be brought up to date; newer rows are read one by one meanwhile.");
                limits::WAIT_FOR_OPERATOR
            }
        };
        tokio::select! {
            () = shared.stop.cancelled() => return,
            () = tokio::time::sleep(rest) => {}
        }
    }
}

//! Counts for charts, out of `tally`: a bounded number of hours, each a short run of its key.

use rusqlite::Connection;

use super::all;
use crate::clock::Millis;
use crate::ledger::sqlite::work::{HOUR, Sql};
use crate::ledger::{Count, Counted};
use crate::limits;

/// What was counted in the last `hours` before `now`, in spans of `span` hours.
pub(in crate::ledger::sqlite) fn counts(
    db: &Connection,
    now: Millis,
    hours: i64,
    span: i64,
) -> Sql<Vec<Count>> {
    let hours = hours.clamp(1, limits::CHART_HOURS);
    let rows = all(
        db,
        "SELECT hour - hour % ?2, what, name, sum(count) FROM tally
         WHERE hour > ?1 AND (what GLOB 'orders.*' OR what GLOB 'took.*' OR what GLOB 'found.*')
         GROUP BY 1, 2, 3",
        (now.0 / HOUR - hours, span.max(1)),
        |row| {
            let what = Counted::parse(row.get_ref(1)?.as_str()?);
            Ok((row.get::<_, i64>(0)?, what, row.get(2)?, row.get(3)?))
        },
    )?;
    let told = rows.into_iter().filter_map(|(hour, what, name, count)| {
        Some(Count {
            at: Millis(hour * HOUR),
            what: what?,
            name,
            count,
        })
    });
    Ok(told.collect())
}

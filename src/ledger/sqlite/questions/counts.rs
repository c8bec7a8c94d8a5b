//! Counts for charts, out of `tally`: a bounded number of hours, read in the order of their key.
//!
//! Added up here and not by SQL: a temporary table of SQLite's for the groups would cost three times as
//! much as reading the rows.

use std::collections::{BTreeMap, HashMap};

use rusqlite::Connection;

use crate::clock::Millis;
use crate::ledger::sqlite::work::{HOUR, Sql};
use crate::ledger::{Count, Counted};
use crate::limits;

/// Sums by what, name and hour.
type Sums = HashMap<String, HashMap<String, BTreeMap<i64, u64>>>;

/// What was counted in the last `hours` before `now`, in spans of `span` hours.
pub(in crate::ledger::sqlite) fn counts(
    db: &Connection,
    now: Millis,
    hours: i64,
    span: i64,
) -> Sql<Vec<Count>> {
    let (hours, span) = (hours.clamp(1, limits::CHART_HOURS), span.max(1));
    let mut sums = Sums::new();
    let mut statement =
        db.prepare_cached("SELECT hour, what, name, count FROM tally WHERE hour > ?1")?;
    let mut rows = statement.query([now.0 / HOUR - hours])?;
    while let Some(row) = rows.next()? {
        let (hour, count): (i64, u64) = (row.get(0)?, row.get(3)?);
        let (what, name) = (row.get_ref(1)?.as_str()?, row.get_ref(2)?.as_str()?);
        // Words are few: only new ones are copied.
        if !sums.contains_key(what) {
            sums.insert(what.to_owned(), HashMap::new());
        }
        let Some(names) = sums.get_mut(what) else {
            continue;
        };
        if !names.contains_key(name) {
            names.insert(name.to_owned(), BTreeMap::new());
        }
        if let Some(by_hour) = names.get_mut(name) {
            *by_hour.entry(hour - hour % span).or_default() += count;
        }
    }
    let told = sums.into_iter().filter_map(|(word, names)| {
        let what = Counted::parse(&word)?;
        Some(names.into_iter().flat_map(move |(name, hours)| {
            let what = what.clone();
            hours.into_iter().map(move |(hour, count)| Count {
                at: Millis(hour * HOUR),
                what: what.clone(),
                name: name.clone(),
                count,
            })
        }))
    });
    Ok(told.flatten().collect())
}

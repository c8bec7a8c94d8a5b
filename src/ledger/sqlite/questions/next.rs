//! When each loop must look again although nothing woke it.

use rusqlite::Connection;

use super::first;
use crate::clock::Millis;
use crate::ledger::NextDue;
use crate::ledger::sqlite::work::Sql;

/// The earliest times after `now`. Each is one look at the edge of an index.
pub(in crate::ledger::sqlite) fn next(db: &Connection, now: Millis) -> Sql<NextDue> {
    let earliest = |sql: &str| -> Sql<Option<Millis>> {
        let found = first(db, sql, [now.0], |row| row.get::<_, Option<i64>>(0))?;
        Ok(found.flatten().map(Millis))
    };
    let claimed = earliest("SELECT min(due) FROM arrival WHERE stage = 'claimed' AND due > ?1")?;
    let fetched = earliest("SELECT min(due) FROM arrival WHERE stage = 'fetched' AND due > ?1")?;
    Ok(NextDue {
        intake: claimed.into_iter().chain(fetched).min(),
        deliver: earliest(LANES)?,
        settle: earliest("SELECT min(due) FROM arrival WHERE stage = 'concluded' AND due > ?1")?,
        report: earliest("SELECT min(due) FROM report WHERE due > ?1")?,
        answer: earliest("SELECT min(due) FROM answer WHERE due > ?1")?,
    })
}

/// From lane to lane, without walking through what each has waiting.
const LANES: &str = "
WITH RECURSIVE lane (name) AS (
    SELECT min(destination) FROM delivery WHERE due IS NOT NULL
    UNION ALL
    SELECT (SELECT min(destination) FROM delivery WHERE due IS NOT NULL AND destination > lane.name)
    FROM lane WHERE lane.name IS NOT NULL
)
SELECT min((SELECT min(due) FROM delivery WHERE destination = lane.name AND due > ?1))
FROM lane WHERE lane.name IS NOT NULL";

/// The next delivery of one lane, later than `now`.
pub(in crate::ledger::sqlite) fn delivery(
    db: &Connection,
    destination: &str,
    now: Millis,
) -> Sql<Option<Millis>> {
    db.prepare_cached(
        "SELECT min(due) FROM delivery
         WHERE destination = ?1 AND state = 'due' AND due > ?2",
    )?
    .query_row((destination, now.0), |row| super::maybe(row, 0))
}

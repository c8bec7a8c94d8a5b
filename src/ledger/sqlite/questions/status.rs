//! One screen: what is open, what was done in the last day, and what needs a person.
//!
//! Open work is counted from indexes that hold nothing else; what is closed is counted by `tally`,
//! hour by hour, so that the screen is as fast after years.

use std::collections::BTreeMap;

use rusqlite::Connection;

use super::{all, first, millis};
use crate::arrival::Stage;
use crate::clock::Millis;
use crate::ledger::sqlite::work::{HOUR, Sql};
use crate::ledger::{DestinationStatus, Need, SourceStatus, Status, Totals};
use crate::limits;

/// The screen at `now`.
pub(in crate::ledger::sqlite) fn status(db: &Connection, now: Millis) -> Sql<Status> {
    let tallies = tallies(db, now)?;
    let mails = count(db, "SELECT count(*) FROM report WHERE due IS NOT NULL", [])?;
    let destinations = destinations(db, &tallies)?;
    Ok(Status {
        sources: sources(db, &tallies)?,
        attention: attention(db, now, &destinations)?,
        destinations,
        paused: all(
            db,
            "SELECT name, since, who FROM pause ORDER BY name",
            [],
            |row| Ok((row.get(0)?, millis(row, 1)?, row.get(2)?)),
        )?,
        mails,
    })
}

/// What was counted since the ledger began. What retention took out of the hours stands in hour 0.
pub(in crate::ledger::sqlite) fn totals(db: &Connection) -> Sql<Totals> {
    let ended = all(
        db,
        "SELECT what, name, sum(count) FROM tally GROUP BY what, name",
        [],
        |row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?)),
    )?;
    let open = all(
        db,
        "SELECT stage, count(*), min(claimed) FROM arrival WHERE settled IS NULL GROUP BY stage",
        [],
        |row| Ok((row.get::<_, String>(0)?, row.get(1)?, millis(row, 2)?)),
    )?;
    let open: BTreeMap<String, (u64, Millis)> = open
        .into_iter()
        .map(|(stage, count, oldest)| (stage, (count, oldest)))
        .collect();
    let stages = [Stage::Claimed, Stage::Fetched, Stage::Due, Stage::Concluded];
    let stages = stages.into_iter().map(|stage| {
        let found = open.get(stage.as_str()).copied();
        let (count, oldest) = found.map_or((0, None), |(count, at)| (count, Some(at)));
        (stage.as_str(), count, oldest)
    });
    let size = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()";
    Ok(Totals {
        ended: ended.into_iter().collect(),
        stages: stages.collect(),
        bytes: count(db, size, [])?,
    })
}

type Tallies = BTreeMap<(String, String), u64>;

/// The last day's counts by what and name.
fn tallies(db: &Connection, now: Millis) -> Sql<Tallies> {
    let rows = all(
        db,
        "SELECT what, name, sum(count) FROM tally WHERE hour > ?1
           AND what IN ('done', 'error', 'delivered', 'refused') GROUP BY what, name",
        [now.0 / HOUR - 24],
        |row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?)),
    )?;
    Ok(rows.into_iter().collect())
}

/// Names that have something open or counted, each with a row to fill.
fn rows<T: Default>(tallies: &Tallies, what: [&str; 2]) -> BTreeMap<String, T> {
    tallies
        .keys()
        .filter(|(word, _)| what.contains(&word.as_str()))
        .map(|(_, name)| (name.clone(), T::default()))
        .collect()
}

fn tallied(tallies: &Tallies, what: &str, name: &str) -> u64 {
    let key = (what.to_owned(), name.to_owned());
    tallies.get(&key).copied().unwrap_or(0)
}

fn sources(db: &Connection, tallies: &Tallies) -> Sql<Vec<SourceStatus>> {
    let mut found: BTreeMap<String, SourceStatus> = rows(tallies, ["done", "error"]);
    let open = all(
        db,
        "SELECT u.source, u.pending, a.claimed
         FROM (SELECT source, count(*) AS pending, min(id) AS oldest FROM arrival
               WHERE settled IS NULL GROUP BY source) u JOIN arrival a ON a.id = u.oldest",
        [],
        |row| Ok((row.get::<_, String>(0)?, row.get(1)?, millis(row, 2)?)),
    )?;
    for (name, pending, oldest) in open {
        let source = found.entry(name).or_default();
        source.pending = pending;
        source.oldest = Some(oldest);
    }
    Ok(found
        .into_iter()
        .map(|(name, source)| SourceStatus {
            done: tallied(tallies, "done", &name),
            error: tallied(tallies, "error", &name),
            name,
            ..source
        })
        .collect())
}

fn destinations(db: &Connection, tallies: &Tallies) -> Sql<Vec<DestinationStatus>> {
    let mut found: BTreeMap<String, DestinationStatus> = rows(tallies, ["delivered", "refused"]);
    let due = all(
        db,
        "SELECT destination, count(*), min(due) FROM delivery WHERE due IS NOT NULL
         GROUP BY destination",
        [],
        |row| Ok((row.get::<_, String>(0)?, row.get(1)?, millis(row, 2)?)),
    )?;
    for (name, count, next) in due {
        let lane = found.entry(name).or_default();
        lane.due = count;
        lane.next = Some(next);
    }
    let person = all(
        db,
        "SELECT destination, state, count(*) FROM delivery WHERE person IS NOT NULL
         GROUP BY destination, state",
        [],
        |row| {
            Ok((
                row.get::<_, String>(0)?,
                row.get::<_, String>(1)?,
                row.get(2)?,
            ))
        },
    )?;
    for (name, state, count) in person {
        let lane = found.entry(name).or_default();
        if state == "held" {
            lane.held = count;
        } else {
            lane.parked = count;
        }
    }
    Ok(found
        .into_iter()
        .map(|(name, lane)| DestinationStatus {
            delivered: tallied(tallies, "delivered", &name),
            refused: tallied(tallies, "refused", &name),
            name,
            ..lane
        })
        .collect())
}

/// What a person should do, most urgent first.
fn attention(db: &Connection, now: Millis, lanes: &[DestinationStatus]) -> Sql<Vec<Need>> {
    let parked = lanes.iter().filter(|lane| lane.parked > 0);
    let mut needs: Vec<Need> = parked
        .map(|lane| Need::Parked {
            destination: lane.name.clone(),
            count: lane.parked,
        })
        .collect();
    needs.extend(all(
        db,
        "SELECT waiting, count(*), min(name) FROM file WHERE waiting IS NOT NULL
         GROUP BY waiting ORDER BY 2 DESC LIMIT 10",
        [],
        |row| {
            Ok(Need::Waiting {
                why: row.get(0)?,
                count: row.get(1)?,
                name: row.get(2)?,
            })
        },
    )?);
    needs.extend(all(
        db,
        "SELECT source, count(*), coalesce(max(why), '') FROM arrival
         WHERE stage = 'concluded' AND due IS NOT NULL AND tries > 0 AND concluded < ?1
         GROUP BY source",
        [now.before(limits::SETTLE_PATIENCE).0],
        |row| {
            Ok(Need::Stuck {
                source: row.get(0)?,
                count: row.get(1)?,
                why: row.get(2)?,
            })
        },
    )?);
    let held = lanes.iter().filter(|lane| lane.held > 0);
    needs.extend(held.map(|lane| Need::Held {
        destination: lane.name.clone(),
        count: lane.held,
    }));
    let withheld = count(
        db,
        "SELECT count(*) FROM report WHERE state = 'withheld' AND created > ?1",
        [now.0 - 24 * HOUR],
    )?;
    if withheld > 0 {
        needs.push(Need::Unmailed { count: withheld });
    }
    Ok(needs)
}

fn count(db: &Connection, sql: &str, params: impl rusqlite::Params) -> Sql<u64> {
    Ok(first(db, sql, params, |row| row.get(0))?.unwrap_or(0))
}

//! Events whose order is not known yet. They are looked at when an order with one of their numbers
//! appears, and told to a person when their time is over; never in between, so that many of them
//! cost nothing.

use rusqlite::Row;

use super::super::conclude::Books;
use super::super::orders::problems;
use super::super::{from_json, to_json};
use super::history::Landed;
use crate::clock::Millis;
use crate::ledger::sqlite::work::{Sql, Tx};
use crate::ledger::tracking::NewEvent;
use crate::limits;
use crate::problem::Problem;
use crate::tracking::TrackingEvent;

/// An event that waits.
pub(super) struct Waiting {
    pub(super) id: i64,
    pub(super) event: TrackingEvent,
    pub(super) file: Option<i64>,
    pub(super) since: Millis,
    pub(super) happened: Option<Millis>,
}

const WAITING: &str = "SELECT id, body, file, since, happened FROM waiting";

fn waiting(row: &Row<'_>) -> Sql<Waiting> {
    Ok(Waiting {
        id: row.get(0)?,
        event: from_json(row.get_ref(1)?.as_str()?)?,
        file: row.get(2)?,
        since: Millis(row.get(3)?),
        happened: row.get::<_, Option<i64>>(4)?.map(Millis),
    })
}

/// Lets an event wait, once. That several orders go by its numbers is not mended by waiting: a
/// person is told at once.
pub(super) fn wait(
    tx: &mut Tx<'_>,
    new: &NewEvent,
    file: Option<i64>,
    several: bool,
) -> Sql<Landed> {
    let due = if several { tx.now } else { new.until };
    let made = tx.run(
        "INSERT INTO waiting (once, file, since, due, several, happened, body)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING",
        (
            once(&new.event),
            file,
            tx.now.0,
            due.0,
            several,
            new.happened.map(|at| at.0),
            to_json(&new.event)?,
        ),
    )?;
    if made == 0 {
        return Ok(Landed::Known);
    }
    let id = tx.db.last_insert_rowid();
    for number in new.event.about.numbers() {
        tx.run(
            "INSERT OR IGNORE INTO waits_for (value, waiting) VALUES (?1, ?2)",
            (number, id),
        )?;
    }
    tx.memo.waits = true;
    Ok(Landed::Waiting)
}

/// The same event about the same numbers is the same.
fn once(event: &TrackingEvent) -> Vec<u8> {
    let mut once = [event.key(), event.content()].concat();
    once.extend(event.about.words().to_lowercase().bytes());
    once
}

/// Some of those for which an order has appeared.
pub(super) fn to_look_at(tx: &Tx<'_>) -> Sql<Vec<Waiting>> {
    let sql = format!("{WAITING} WHERE look = 1 ORDER BY id LIMIT ?1");
    tx.all(&sql, [limits::WAITING_TOGETHER], waiting)
}

/// Its order was found.
pub(super) fn leave(tx: &Tx<'_>, one: &Waiting) -> Sql<()> {
    for number in one.event.about.numbers() {
        tx.run(
            "DELETE FROM waits_for WHERE value = ?1 AND waiting = ?2",
            (number, one.id),
        )?;
    }
    tx.run("DELETE FROM waiting WHERE id = ?1", [one.id])?;
    Ok(())
}

/// It was not the order that appeared, or there are several now.
pub(super) fn stay(tx: &Tx<'_>, one: &Waiting, several: bool) -> Sql<()> {
    tx.run(
        "UPDATE waiting SET look = 0, several = ?2, due = CASE WHEN ?2 THEN min(due, ?3) ELSE due END
         WHERE id = ?1",
        (one.id, several, tx.now.0),
    )?;
    Ok(())
}

/// A person was told of events that waited in vain. Those out of a file end as its problems, and may
/// be sent again; the others stay, should their order come late.
pub(in crate::ledger::sqlite) fn given_up(tx: &mut Tx<'_>, told: &[(i64, Problem)]) -> Sql<()> {
    let mut books = Books::default();
    for (id, problem) in told {
        let sql = format!("{WAITING} WHERE id = ?1 AND due <= ?2 AND look = 0");
        let Some(one) = tx.first(&sql, (id, tx.now.0), waiting)? else {
            // Its order has come meanwhile.
            continue;
        };
        if let Some(file) = one.file {
            problems(tx, file, std::slice::from_ref(problem))?;
            leave(tx, &one)?;
            books.unheard(file);
        } else {
            tx.run("UPDATE waiting SET due = NULL WHERE id = ?1", [id])?;
        }
    }
    books.close(tx)
}

/// Drops some that nothing came for since `before`.
pub(in crate::ledger::sqlite) fn prune(tx: &Tx<'_>, before: Millis) -> Sql<bool> {
    let sql = format!("{WAITING} WHERE due IS NULL AND since < ?1 ORDER BY since LIMIT ?2");
    let old = tx.all(&sql, (before.0, limits::WAITING_TOGETHER), waiting)?;
    for one in &old {
        leave(tx, one)?;
    }
    Ok(!old.is_empty())
}

//! told ▸ in the history of an order, or ▸ waiting for it ▸ told to a person.
//!
//! A file that tells of an order that is not known waits with its arrival: each waiting event counts
//! as open, as a delivery does, and one that waited in vain is a problem of the file.

use super::conclude::Books;
use crate::ledger::sqlite::work::{Sql, Tx};
use crate::ledger::tracking::{Cursor, Heard, NewEvent, Stirred};

pub(in crate::ledger::sqlite) mod follow;
pub(in crate::ledger::sqlite) mod forward;
mod history;
pub(super) mod numbers;
pub(in crate::ledger::sqlite) mod subscribe;
pub(in crate::ledger::sqlite) mod waiting;

use history::Landed;

/// Takes events that no file told, and moves their cursor.
pub(in crate::ledger::sqlite) fn heard(
    tx: &mut Tx<'_>,
    events: &[NewEvent],
    cursor: Option<&Cursor>,
) -> Sql<Heard> {
    let mut heard = Heard::default();
    for event in events {
        match take(tx, event, None)? {
            Landed::New => heard.new += 1,
            Landed::Known => heard.known += 1,
            Landed::Waiting => heard.waiting += 1,
        }
    }
    go_on(tx, cursor)?;
    Ok(heard)
}

/// A stream's news: who is to be asked, and where it goes on.
pub(in crate::ledger::sqlite) fn stirred(tx: &Tx<'_>, stirred: &Stirred) -> Sql<()> {
    subscribe::stir(tx, stirred)?;
    go_on(tx, stirred.cursor.as_ref())
}

fn go_on(tx: &Tx<'_>, cursor: Option<&Cursor>) -> Sql<()> {
    if let Some(cursor) = cursor {
        tx.run(
            "INSERT INTO cursor (name, value, at) VALUES (?1, ?2, ?3)
             ON CONFLICT DO UPDATE SET value = excluded.value, at = excluded.at",
            (&cursor.name, &cursor.value, tx.now.0),
        )?;
    }
    Ok(())
}

/// Takes the events of a file; how many of them wait.
pub(super) fn of_file(tx: &mut Tx<'_>, file: i64, events: &[NewEvent]) -> Sql<i64> {
    let mut waiting = 0;
    for event in events {
        waiting += i64::from(take(tx, event, Some(file))? == Landed::Waiting);
    }
    Ok(waiting)
}

fn take(tx: &mut Tx<'_>, new: &NewEvent, file: Option<i64>) -> Sql<Landed> {
    match history::find(tx, &new.event)? {
        history::Found::One(order) => {
            let happened = new.happened.unwrap_or(tx.now);
            history::enter(tx, &order, &new.event, file, happened, tx.now)
        }
        history::Found::None => waiting::wait(tx, new, file, false),
        history::Found::Several => waiting::wait(tx, new, file, true),
    }
}

/// An order became visible, or got a number: what waits for it is looked at.
pub(super) fn appeared(tx: &Tx<'_>, order: i64, reference: &str) -> Sql<()> {
    if !tx.memo.waits {
        return Ok(());
    }
    tx.run(
        "UPDATE waiting SET look = 1 WHERE id IN
         (SELECT waiting FROM waits_for WHERE value = ?2
          UNION SELECT w.waiting FROM number n JOIN waits_for w ON w.value = n.value
                WHERE n.orders = ?1)",
        (order, reference),
    )?;
    Ok(())
}

/// Looks again at some of those for which an order has appeared; false if there were none.
pub(in crate::ledger::sqlite) fn rematch(tx: &mut Tx<'_>) -> Sql<bool> {
    let mut books = Books::default();
    let mut moved = false;
    for one in waiting::to_look_at(tx)? {
        moved = true;
        match history::find(tx, &one.event)? {
            history::Found::One(order) => {
                let happened = one.happened.unwrap_or(one.since);
                history::enter(tx, &order, &one.event, one.file, happened, one.since)?;
                waiting::leave(tx, &one)?;
                if let Some(file) = one.file {
                    books.heard(file);
                }
            }
            found => waiting::stay(tx, &one, matches!(found, history::Found::Several))?,
        }
    }
    books.close(tx)?;
    Ok(moved)
}

//! What a person does to files and deliveries: retry, release, cancel. Recorded with who and how.
//!
//! A dry run is the same work, taken back at its end: its answer cannot differ.

use super::again::{Again, last, unblock};
use super::conclude::Books;
use super::revise::insist;
use super::{house, reopen};
use crate::arrival::DeliveryState;
use crate::ledger::sqlite::work::{Sql, Tx};
use crate::ledger::{Changed, Who};

/// A change with its rows found: one bounded step of a [`crate::ledger::Change`].
#[derive(Debug, Clone)]
pub(in crate::ledger::sqlite) enum Doing {
    RetryFiles,
    RetryDeliveries,
    Release,
    Cancel(String),
}

/// Does it to the rows that are still in a state to which it can be done.
pub(in crate::ledger::sqlite) fn change(
    tx: &mut Tx<'_>,
    doing: &Doing,
    ids: &[i64],
    who: &Who,
    dry_run: bool,
) -> Sql<Vec<Changed>> {
    if !dry_run {
        return apply(tx, doing, ids, who);
    }
    let tallies = tx.tallies.clone();
    tx.db.execute_batch("SAVEPOINT dry_run")?;
    let changed = apply(tx, doing, ids, who);
    tx.db
        .execute_batch("ROLLBACK TO dry_run; RELEASE dry_run")?;
    tx.tallies = tallies;
    changed
}

fn apply(tx: &mut Tx<'_>, doing: &Doing, ids: &[i64], who: &Who) -> Sql<Vec<Changed>> {
    let mut books = Books::default();
    let mut changed = Vec::new();
    for &id in ids {
        changed.extend(match doing {
            Doing::RetryFiles => reopen::file(tx, id, who)?,
            Doing::RetryDeliveries => reopen::delivery(tx, id, who, &mut books)?,
            Doing::Release => release(tx, id, who, &mut books)?,
            Doing::Cancel(why) => cancel(tx, id, why, who, &mut books)?,
        });
    }
    books.close(tx)?;
    Ok(changed)
}

/// held or parked ▸ due.
fn release(tx: &mut Tx<'_>, id: i64, who: &Who, books: &mut Books) -> Sql<Option<Changed>> {
    let Some((again, reference, keyed)) = open(tx, id, &["held", "parked"])? else {
        return Ok(None);
    };
    let from = again.state;
    let to = if keyed {
        reopen::send_again(tx, id)?;
        DeliveryState::Due
    } else {
        let fate = insist(tx, &again.weighed(None))?;
        last(tx, id)?;
        again.write(tx, fate, false)?
    };
    books.became(again.file, from, to);
    let what = format!("released order {reference} (delivery {id})");
    house::record(tx, who, Some(again.file), &what)?;
    Ok(Some(reopen::changed(id, reference, from, to)))
}

/// due, held or parked ▸ cancelled. An attempt under way is not taken back: it may have arrived.
fn cancel(
    tx: &mut Tx<'_>,
    id: i64,
    why: &str,
    who: &Who,
    books: &mut Books,
) -> Sql<Option<Changed>> {
    let Some((again, reference, _)) = open(tx, id, &["due", "held", "parked"])? else {
        return Ok(None);
    };
    tx.run(
        "UPDATE delivery SET state = 'cancelled', due = NULL, behind = NULL, person = NULL,
                ended = ?2, detail = ?3
         WHERE id = ?1",
        (
            id,
            tx.now.0,
            format!("Cancelled by {} ({}): {why}", who.name, who.via),
        ),
    )?;
    let (from, to) = (again.state, DeliveryState::Cancelled);
    books.became(again.file, from, to);
    unblock(tx, id, books)?;
    let what = format!("cancelled order {reference} (delivery {id}): {why}");
    house::record(tx, who, Some(again.file), &what)?;
    Ok(Some(reopen::changed(id, reference, from, to)))
}

/// The delivery, if it is in one of these states; its order's number; whether it has a key.
fn open(tx: &Tx<'_>, id: i64, states: &[&str]) -> Sql<Option<(Again, String, bool)>> {
    let found = tx.first(
        "SELECT o.reference, d.key IS NOT NULL, d.state FROM delivery d
                JOIN orders o ON o.id = d.orders
         WHERE d.id = ?1",
        [id],
        |row| {
            Ok((
                row.get::<_, String>(0)?,
                row.get::<_, bool>(1)?,
                row.get::<_, String>(2)?,
            ))
        },
    )?;
    let Some((reference, keyed, state)) = found else {
        return Ok(None);
    };
    if !states.contains(&state.as_str()) {
        return Ok(None);
    }
    Ok(Again::load(tx, id)?.map(|again| (again, reference, keyed)))
}

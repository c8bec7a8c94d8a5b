//! staged ▸ due in bounded steps, in claim order, and the removal of stale staging.
//!
//! Revisions are decided here and not at staging: only now is it certain that the file counts. A
//! crash between two steps loses nothing, the next step goes on at the first order still staged.

use super::conclude::{Books, conclude};
use super::from_json;
use super::orders::{Origin, Owed, Plan, owe};
use super::revise::{action, on_change};
use crate::ledger::sqlite::work::{Sql, Tx};
use crate::limits;
use crate::order::{ContentHash, Identity};

/// One step; true if there is more to do.
pub(in crate::ledger::sqlite) fn promote(tx: &mut Tx<'_>) -> Sql<bool> {
    let next = tx.first(
        "SELECT id, arrival, reading FROM file WHERE state = 'promoting'
         ORDER BY arrival, id LIMIT 1",
        [],
        |row| {
            Ok(Origin {
                file: row.get(0)?,
                arrival: row.get(1)?,
                reading: row.get(2)?,
            })
        },
    )?;
    match next {
        Some(origin) => {
            forward(tx, origin)?;
            Ok(true)
        }
        None => discard(tx),
    }
}

/// Staged orders that were written together.
struct Span {
    first: i64,
    last: i64,
    plan: String,
}

/// The first span of a reading that is still staged.
fn staged(tx: &Tx<'_>, file: i64, reading: i64) -> Sql<Option<Span>> {
    tx.first(
        "SELECT first, last, plan FROM span
         WHERE file = ?1 AND reading = ?2 AND plan IS NOT NULL ORDER BY first LIMIT 1",
        (file, reading),
        |row| {
            Ok(Span {
                first: row.get(0)?,
                last: row.get(1)?,
                plan: row.get(2)?,
            })
        },
    )
}

/// Makes the next orders of the file visible.
fn forward(tx: &mut Tx<'_>, origin: Origin) -> Sql<()> {
    let mut books = Books::default();
    let mut done = 0;
    while done < limits::BATCH_ORDERS {
        let Some(span) = staged(tx, origin.file, origin.reading)? else {
            books.close(tx)?;
            tx.run(
                "UPDATE file SET state = 'read', staged = 0 WHERE id = ?1",
                [origin.file],
            )?;
            return conclude(tx, origin.arrival);
        };
        done += carry_out(tx, origin, &span, &mut books)?;
    }
    books.close(tx)
}

/// Decides for the orders of a span, and drops its plan; how many.
fn carry_out(tx: &mut Tx<'_>, origin: Origin, span: &Span, books: &mut Books) -> Sql<usize> {
    let plan: Plan<'_> = from_json(&span.plan)?;
    let orders = tx.all(
        "SELECT id, action, content_hash, source_hash, on_change, hold, identity, reference
         FROM orders WHERE id BETWEEN ?1 AND ?2 ORDER BY id",
        (span.first, span.last),
        |row| {
            Ok((
                row.get::<_, i64>(0)?,
                action(row, 1)?,
                ContentHash(row.get(2)?),
                row.get::<_, [u8; 32]>(3)?,
                on_change(row.get_ref(4)?.as_str_or_null()?),
                row.get::<_, bool>(5)?,
                Identity(row.get(6)?),
                row.get::<_, String>(7)?,
            ))
        },
    )?;
    let count = orders.len();
    for (id, action, content, source, on_change, hold, identity, reference) in orders {
        let owed = Owed {
            action,
            content,
            source,
            on_change,
            hold,
            reference: &reference,
            identity,
            destinations: &plan.destinations,
            refused: &plan.refused,
        };
        owe(tx, origin, id, &owed, books)?;
    }
    tx.run(
        "UPDATE span SET plan = NULL WHERE file = ?1 AND first = ?2",
        (origin.file, span.first),
    )?;
    Ok(count)
}

/// Deletes some orders of readings that do not count; true if some remain.
fn discard(tx: &Tx<'_>) -> Sql<bool> {
    let next = tx.first("SELECT file, reading FROM stale LIMIT 1", [], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))
    })?;
    let Some((file, reading)) = next else {
        return Ok(false);
    };
    match staged(tx, file, reading)? {
        Some(span) => {
            let rows = (span.first, span.last);
            tx.run("DELETE FROM content WHERE orders BETWEEN ?1 AND ?2", rows)?;
            tx.run("DELETE FROM number WHERE orders BETWEEN ?1 AND ?2", rows)?;
            tx.run("DELETE FROM orders WHERE id BETWEEN ?1 AND ?2", rows)?;
            tx.run(
                "DELETE FROM span WHERE file = ?1 AND first = ?2",
                (file, span.first),
            )?;
        }
        None => {
            tx.run(
                "DELETE FROM stale WHERE file = ?1 AND reading = ?2",
                (file, reading),
            )?;
        }
    }
    Ok(true)
}

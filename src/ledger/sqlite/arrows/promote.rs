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

/// Makes the next orders of the file visible.
fn forward(tx: &mut Tx<'_>, origin: Origin) -> Sql<()> {
    let orders = tx.all(
        "SELECT o.id, o.action, o.content_hash, o.source_hash, o.on_change, o.hold, p.body, o.reference
         FROM orders o JOIN plan p ON p.orders = o.id
         WHERE o.file = ?1 AND o.reading = ?2 AND o.staged = 1 ORDER BY o.id LIMIT ?3",
        (origin.file, origin.reading, limits::BATCH_ORDERS),
        |row| {
            let plan: Plan = from_json(row.get_ref(6)?.as_str()?)?;
            Ok((
                row.get::<_, i64>(0)?,
                action(row, 1)?,
                ContentHash(row.get(2)?),
                row.get::<_, [u8; 32]>(3)?,
                on_change(row.get_ref(4)?.as_str_or_null()?),
                row.get::<_, bool>(5)?,
                plan,
                row.get::<_, String>(7)?,
            ))
        },
    )?;
    let mut books = Books::default();
    let full = orders.len() == limits::BATCH_ORDERS;
    for (id, action, content, source, on_change, hold, plan, reference) in orders {
        let owed = Owed {
            action,
            content,
            source,
            on_change,
            hold,
            reference: &reference,
            identity: Identity(plan.identity),
            destinations: &plan.destinations,
            refused: &plan.refused,
        };
        owe(tx, origin, id, &owed, &mut books)?;
        tx.run("UPDATE orders SET staged = 0 WHERE id = ?1", [id])?;
        tx.run("DELETE FROM plan WHERE orders = ?1", [id])?;
    }
    books.close(tx)?;
    if !full {
        tx.run(
            "UPDATE file SET state = 'read', staged = 0 WHERE id = ?1",
            [origin.file],
        )?;
        conclude(tx, origin.arrival)?;
    }
    Ok(())
}

/// Deletes some orders of readings that do not count; true if some remain.
fn discard(tx: &Tx<'_>) -> Sql<bool> {
    let next = tx.first("SELECT file, reading FROM stale LIMIT 1", [], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))
    })?;
    let Some((file, reading)) = next else {
        return Ok(false);
    };
    let orders: Vec<i64> = tx.all(
        "SELECT id FROM orders WHERE file = ?1 AND reading = ?2 AND staged = 1 LIMIT ?3",
        (file, reading, limits::BATCH_ORDERS),
        |row| row.get(0),
    )?;
    for id in &orders {
        tx.run("DELETE FROM content WHERE orders = ?1", [id])?;
        tx.run("DELETE FROM plan WHERE orders = ?1", [id])?;
        tx.run("DELETE FROM orders WHERE id = ?1", [id])?;
    }
    if orders.len() < limits::BATCH_ORDERS {
        tx.run(
            "DELETE FROM stale WHERE file = ?1 AND reading = ?2",
            (file, reading),
        )?;
    }
    Ok(true)
}

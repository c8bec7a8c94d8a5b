//! The words by which people find orders and files, indexed in the background.
//!
//! No arrow of a file pays for search: rows are indexed in claim order, some at a time, behind a
//! cursor, and the few that are newer than the cursor are read row by row by whoever searches. A row
//! that is indexed twice is the same; one that is not there yet is still found.

use rusqlite::Connection;

use crate::ledger::sqlite::work::{Sql, Tx};
use crate::limits;

const ORDERS: &str = "
SELECT o.id, o.search || ' ' || lower(o.reference), f.sender, a.source,
       (SELECT group_concat(d.destination, ' ') FROM delivery d WHERE d.orders = o.id)
FROM orders o JOIN file f ON f.id = o.file JOIN arrival a ON a.id = f.arrival";

/// What staged orders may still become is not known: their rows may be dropped and their numbers used
/// again, so that the index stops before the first of them.
const LAST_ORDER: &str = "
SELECT min((SELECT coalesce(max(id), 0) FROM orders),
           (SELECT coalesce(min(first) - 1, 9223372036854775807) FROM span
            WHERE plan IS NOT NULL))";

/// Whether rows wait to be indexed. A look without a transaction.
pub(in crate::ledger::sqlite) fn behind(db: &Connection) -> Sql<bool> {
    db.prepare_cached(&format!(
        "SELECT (SELECT upto FROM indexed WHERE what = 'orders') < ({LAST_ORDER})
             OR (SELECT upto FROM indexed WHERE what = 'files')
                < (SELECT coalesce(max(id), 0) FROM file)"
    ))?
    .query_row([], |row| row.get(0))
}

/// Indexes some more; true if some remain.
pub(in crate::ledger::sqlite) fn step(tx: &Tx<'_>) -> Sql<bool> {
    let files = files(tx)?;
    let orders = orders(tx)?;
    Ok(files || orders)
}

fn cursor(tx: &Tx<'_>, what: &str) -> Sql<i64> {
    let upto = tx.first("SELECT upto FROM indexed WHERE what = ?1", [what], |row| {
        row.get(0)
    })?;
    Ok(upto.unwrap_or(0))
}

fn advance(tx: &Tx<'_>, what: &str, upto: i64) -> Sql<()> {
    tx.run("UPDATE indexed SET upto = ?2 WHERE what = ?1", (what, upto))?;
    Ok(())
}

fn orders(tx: &Tx<'_>) -> Sql<bool> {
    let from = cursor(tx, "orders")?;
    let last: i64 = tx.first(LAST_ORDER, [], |row| row.get(0))?.unwrap_or(0);
    let upto = last.min(from.saturating_add(limits::INDEX_ROWS));
    if upto <= from {
        return Ok(false);
    }
    tx.run(
        &format!(
            "INSERT INTO order_words (rowid, words, sender, source, destination)
             {ORDERS} WHERE o.id > ?1 AND o.id <= ?2 ORDER BY o.id"
        ),
        (from, upto),
    )?;
    advance(tx, "orders", upto)?;
    Ok(upto < last)
}

fn files(tx: &Tx<'_>) -> Sql<bool> {
    let from = cursor(tx, "files")?;
    let last: i64 = tx
        .first("SELECT coalesce(max(id), 0) FROM file", [], |row| {
            row.get(0)
        })?
        .unwrap_or(0);
    let upto = last.min(from.saturating_add(limits::INDEX_ROWS));
    if upto <= from {
        return Ok(false);
    }
    tx.run(
        "INSERT INTO file_words (rowid, words, sender, source)
         SELECT f.id, lower(f.name), f.sender, a.source FROM file f
                JOIN arrival a ON a.id = f.arrival
         WHERE f.id > ?1 AND f.id <= ?2 ORDER BY f.id",
        (from, upto),
    )?;
    advance(tx, "files", upto)?;
    Ok(upto < last)
}

/// An order whose words have changed after it was indexed.
pub(super) fn again(tx: &Tx<'_>, order: i64) -> Sql<()> {
    if order > cursor(tx, "orders")? {
        return Ok(());
    }
    tx.run("DELETE FROM order_words WHERE rowid = ?1", [order])?;
    tx.run(
        &format!(
            "INSERT INTO order_words (rowid, words, sender, source, destination)
             {ORDERS} WHERE o.id = ?1"
        ),
        [order],
    )?;
    Ok(())
}

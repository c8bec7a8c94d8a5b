//! Retention: the bytes of what was settled long ago are dropped; keys, hashes and states stay.

use super::tracking;
use crate::clock::Millis;
use crate::ledger::sqlite::work::{HOUR, Sql, Tx};
use crate::limits;

/// One bounded step; true if there is more to drop.
///
/// Walks the bytes in the order of claims and stops at the first that was claimed later than
/// `before`: nothing behind it can have been settled earlier.
pub(in crate::ledger::sqlite) fn prune(tx: &Tx<'_>, before: Millis) -> Sql<bool> {
    let whole = oldest(
        tx,
        "SELECT f.id, a.id, a.claimed, a.settled FROM body b JOIN file f ON f.id = b.file
                JOIN arrival a ON a.id = f.arrival ORDER BY b.file",
        before,
    )?;
    let chunked = oldest(
        tx,
        "SELECT f.id, a.id, a.claimed, a.settled FROM chunk c JOIN arrival a ON a.id = c.arrival
                JOIN file f ON f.arrival = a.id
         WHERE c.seq = 0 AND f.chunked = 1 ORDER BY c.arrival",
        before,
    )?;
    let members = oldest(
        tx,
        "SELECT f.id, a.id, a.claimed, a.settled FROM piece p
                JOIN file f ON f.container = p.container AND f.member = p.member
                JOIN arrival a ON a.id = f.arrival
         WHERE p.seq = 0 ORDER BY p.container, p.member",
        before,
    )?;
    let mut room = limits::BATCH_ORDERS;
    let mut more = false;
    for (file, arrival) in whole.into_iter().chain(members).chain(chunked) {
        more = true;
        let dropped = contents(tx, file, room)?;
        room -= dropped;
        if room == 0 {
            break;
        }
        rest(tx, file, arrival)?;
    }
    more |= tracking::waiting::prune(tx, before)? | tracking::forward::prune(tx, before)?;
    if !more {
        more = fold_tallies(tx, before)?;
        old_mails(tx, before)?;
    }
    vacuum(tx)?;
    Ok(more)
}

/// Counts of hours that no chart shows become one: a counter never goes down, and adding up all that was
/// ever counted stays as quick. Some days in one step; true if there are more.
fn fold_tallies(tx: &Tx<'_>, before: Millis) -> Sql<bool> {
    let first = "SELECT min(hour) FROM tally WHERE hour > 0";
    let first: Option<i64> = tx.first(first, [], |row| row.get(0))?.flatten();
    let Some(first) = first else {
        return Ok(false);
    };
    let shown = tx.now.0 / HOUR - limits::TALLIED_HOURS;
    let (last, step) = (shown.max(before.0 / HOUR), first + limits::FOLDED_HOURS);
    let hour = [last.min(step)];
    tx.run(
        "INSERT INTO tally (hour, what, name, count)
         SELECT 0, what, name, sum(count) FROM tally WHERE hour > 0 AND hour < ?1 GROUP BY what, name
         ON CONFLICT DO UPDATE SET count = count + excluded.count",
        hour,
    )?;
    tx.run("DELETE FROM tally WHERE hour > 0 AND hour < ?1", hour)?;
    Ok(step < last)
}

/// The first files that were settled before `before`, with their arrivals.
fn oldest(tx: &Tx<'_>, sql: &str, before: Millis) -> Sql<Vec<(i64, i64)>> {
    let mut statement = tx.db.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        if row.get::<_, i64>(2)? >= before.0 || found.len() == limits::BATCH_ARRIVALS {
            break;
        }
        if row
            .get::<_, Option<i64>>(3)?
            .is_some_and(|settled| settled < before.0)
        {
            found.push((row.get(0)?, row.get(1)?));
        }
    }
    Ok(found)
}

/// Drops the contents of at most `room` orders of a file; how many.
fn contents(tx: &Tx<'_>, file: i64, room: usize) -> Sql<usize> {
    tx.run(
        "DELETE FROM frozen WHERE delivery IN
         (SELECT d.id FROM span s JOIN delivery d ON d.orders BETWEEN s.first AND s.last
          WHERE s.file = ?1 AND EXISTS (SELECT 1 FROM frozen WHERE delivery = d.id) LIMIT ?2)",
        (file, room),
    )?;
    tx.run(
        "DELETE FROM edit WHERE orders IN
         (SELECT e.orders FROM span s JOIN edit e ON e.orders BETWEEN s.first AND s.last
          WHERE s.file = ?1)",
        [file],
    )?;
    tx.run(
        "DELETE FROM content WHERE orders IN
         (SELECT c.orders FROM span s JOIN content c ON c.orders BETWEEN s.first AND s.last
          WHERE s.file = ?1 LIMIT ?2)",
        (file, room),
    )
}

/// The file's own bytes go last: by them the next step finds it again.
fn rest(tx: &Tx<'_>, file: i64, arrival: i64) -> Sql<()> {
    tx.run("DELETE FROM body WHERE file = ?1", [file])?;
    tx.run("DELETE FROM chunk WHERE arrival = ?1", [arrival])?;
    tx.run(
        "DELETE FROM piece WHERE (container, member) IN
         (SELECT container, member FROM file WHERE id = ?1 AND container IS NOT NULL)",
        [file],
    )?;
    tx.run("DELETE FROM letter WHERE arrival = ?1", [arrival])?;
    tx.run(
        "DELETE FROM answer_body WHERE answer IN
         (SELECT id FROM answer WHERE file = ?1 AND due IS NULL)",
        [file],
    )?;
    tx.run(
        "DELETE FROM message WHERE report IN
         (SELECT id FROM report WHERE arrival = ?1 AND state <> 'due')",
        [arrival],
    )?;
    Ok(())
}

fn old_mails(tx: &Tx<'_>, before: Millis) -> Sql<()> {
    tx.run("DELETE FROM said WHERE at < ?1", [before.0])?;
    tx.run(
        "DELETE FROM message WHERE report IN
         (SELECT id FROM report WHERE state <> 'due' AND created < ?1)",
        [before.0],
    )?;
    Ok(())
}

/// Gives some free pages back.
fn vacuum(tx: &Tx<'_>) -> Sql<()> {
    let mut pages = tx.db.prepare_cached(&format!(
        "PRAGMA incremental_vacuum({})",
        limits::VACUUM_PAGES
    ))?;
    let mut rows = pages.query([])?;
    while rows.next()?.is_some() {}
    Ok(())
}

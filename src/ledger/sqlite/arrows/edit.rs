//! A person corrects an order that is held. The old content stays, with who replaced it and when.

use super::again::{Again, follow};
use super::conclude::Books;
use super::house::record;
use super::revise::weigh;
use super::tracking::numbers;
use super::words;
use crate::arrival::OrderId;
use crate::ledger::sqlite::work::{Sql, Tx};
use crate::ledger::{Correction, Who};

/// False if the order is not as it was seen, or was sent somewhere.
pub(in crate::ledger::sqlite) fn edit(
    tx: &mut Tx<'_>,
    order: OrderId,
    seen: &str,
    new: &Correction,
    who: &Who,
) -> Sql<bool> {
    let Some(held) = held(tx, order, seen)? else {
        return Ok(false);
    };
    keep(tx, order, new, who)?;
    write(tx, order, new)?;
    let mut books = Books::default();
    let mut file = None;
    for delivery in held {
        tx.run(
            "UPDATE delivery SET reference = ?2 WHERE id = ?1",
            (delivery, &new.reference),
        )?;
        let Some(again) = Again::load(tx, delivery)? else {
            continue;
        };
        file = Some(again.file);
        let fate = weigh(tx, &again.weighed(Some(again.rank)))?;
        let state = again.write(tx, fate, true)?;
        books.became(again.file, again.state, state);
        follow(tx, delivery, &mut books)?;
    }
    books.close(tx)?;
    let what = format!("edited order {}", new.reference);
    record(tx, who, file, &what)?;
    Ok(true)
}

/// The held deliveries of the order, if none of it has left and its content is the one that was seen.
fn held(tx: &Tx<'_>, order: OrderId, seen: &str) -> Sql<Option<Vec<i64>>> {
    let hash = tx.first(
        "SELECT content_hash FROM orders WHERE id = ?1",
        [order.0],
        |row| row.get::<_, Vec<u8>>(0),
    )?;
    if hash.is_none_or(|hash| hex::encode(hash) != seen) {
        return Ok(None);
    }
    let deliveries = tx.all(
        "SELECT id, state, attempts FROM delivery WHERE orders = ?1 ORDER BY id",
        [order.0],
        |row| {
            Ok((
                row.get::<_, i64>(0)?,
                row.get::<_, String>(1)?,
                row.get::<_, u32>(2)?,
            ))
        },
    )?;
    let left = deliveries.iter().any(|(_, state, attempts)| {
        *attempts > 0
            || matches!(
                state.as_str(),
                "due" | "attempting" | "delivered" | "parked"
            )
    });
    let held = deliveries.iter().filter(|(_, state, _)| state == "held");
    let held: Vec<i64> = held.map(|(id, ..)| *id).collect();
    Ok((!left && !held.is_empty()).then_some(held))
}

fn keep(tx: &Tx<'_>, order: OrderId, new: &Correction, who: &Who) -> Sql<()> {
    tx.run(
        "INSERT INTO edit (orders, at, who, via, old, new)
         SELECT orders, ?2, ?3, ?4, bytes, ?5 FROM content WHERE orders = ?1",
        (order.0, tx.now.0, &who.name, &who.via, &new.content[..]),
    )?;
    Ok(())
}

/// The source's own records stay what they were: the same file again is a repeat of the corrected
/// order, and does not undo the correction.
fn write(tx: &Tx<'_>, order: OrderId, new: &Correction) -> Sql<()> {
    tx.run(
        "UPDATE orders SET identity = ?2, action = ?3, kind = ?4, reference = ?5, content_hash = ?6,
                search = ?7
         WHERE id = ?1",
        (
            order.0,
            &new.identity.0,
            new.action.as_str(),
            new.kind,
            &new.reference,
            &new.content_hash.0,
            &new.search,
        ),
    )?;
    tx.run(
        "UPDATE content SET bytes = ?2 WHERE orders = ?1",
        (order.0, &new.content[..]),
    )?;
    numbers::again(tx, order.0, &new.numbers)?;
    words::again(tx, order.0)
}

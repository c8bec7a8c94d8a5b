//! A person's retry: a file is read again from its stored bytes, a delivery is sent again.
//!
//! What was accepted stays accepted: the new reading recognises it as a repeat. What lies in a
//! folder at the source stays there until the new verdict is known.

use super::again::{Again, last};
use super::conclude::Books;
use super::revise::{CONFLICT, Fate, weigh};
use super::{house, outbox, unpacked};
use crate::arrival::DeliveryState;
use crate::ledger::sqlite::work::{Sql, Tx};
use crate::ledger::{Changed, Who};

/// fetched again, if its bytes are still here and nothing of it is open.
pub(super) fn file(tx: &mut Tx<'_>, id: i64, who: &Who) -> Sql<Option<Changed>> {
    let found = tx.first(
        "SELECT f.name, f.arrival, f.state, a.stage FROM file f JOIN arrival a ON a.id = f.arrival
         WHERE f.id = ?1 AND f.open = 0 AND f.state IN ('fetched', 'waiting', 'read')
           AND a.stage IN ('fetched', 'due', 'settled')
           AND (EXISTS (SELECT 1 FROM body WHERE file = f.id) OR
                f.chunked = 1 AND f.container IS NULL
                    AND EXISTS (SELECT 1 FROM chunk WHERE arrival = a.id) OR
                f.chunked = 1 AND EXISTS (SELECT 1 FROM piece WHERE container = f.container
                                          AND member = f.member))",
        [id],
        |row| {
            Ok((
                row.get::<_, String>(0)?,
                row.get::<_, i64>(1)?,
                row.get::<_, String>(2)?,
                row.get::<_, String>(3)?,
            ))
        },
    )?;
    let Some((name, arrival, read, stage)) = found else {
        return Ok(None);
    };
    if !unpacked::is_closed(tx, id)? {
        return Ok(None);
    }
    if read != "fetched" {
        forget(tx, id)?;
        unpacked::pack(tx, id, forget)?;
    }
    reopen(tx, arrival, &stage, "fetched")?;
    house::record(tx, who, Some(id), "had the file read again")?;
    Ok(Some(Changed {
        thing: "file".into(),
        id,
        name,
        from: if read == "waiting" { read } else { stage },
        to: "fetched".into(),
    }))
}

/// Drops what the reading before found; its orders stay as history.
fn forget(tx: &Tx<'_>, file: i64) -> Sql<()> {
    tx.run("DELETE FROM problem WHERE file = ?1", [file])?;
    tx.run(
        "UPDATE file SET state = 'fetched', reading = reading + 1, waiting = NULL, bad = 0,
                cancelled = 0, deaths = 0, left_out = 0, outcome = NULL, orders = 0, withheld = 0,
                withheld_rows = NULL
         WHERE id = ?1",
        [file],
    )?;
    Ok(())
}

/// Takes the arrival back to `to`. If it was settled, it remembers where it lies; one that was left
/// at its source lies where it always did, and goes on covering it.
fn reopen(tx: &Tx<'_>, arrival: i64, stage: &str, to: &str) -> Sql<()> {
    let due = (to == "fetched").then_some(tx.now.0);
    if stage == "settled" {
        tx.run(
            "UPDATE arrival SET apart = CASE settled_as WHEN 'left' THEN 0 ELSE id END,
                    lies_as = verdict,
                    lies_at = CASE WHEN settled_as IN ('moved', 'already') THEN settled_to END,
                    settled = NULL, settled_as = NULL, settled_to = NULL, verdict = NULL,
                    concluded = NULL, tries = 0
             WHERE id = ?1",
            [arrival],
        )?;
        outbox::forget_unsent(tx, arrival)?;
    }
    tx.run(
        "UPDATE arrival SET stage = ?2, due = ?3, why = NULL WHERE id = ?1",
        (arrival, to, due),
    )?;
    Ok(())
}

/// What a retry needs to know of a delivery.
struct Tried {
    reference: String,
    arrival: i64,
    stage: String,
    keyed: bool,
    overtaken: bool,
}

/// due again, with the same key and bytes; what was never sent is decided anew.
pub(super) fn delivery(
    tx: &mut Tx<'_>,
    id: i64,
    who: &Who,
    books: &mut Books,
) -> Sql<Option<Changed>> {
    let found = tx.first(
        "SELECT o.reference, f.arrival, a.stage, d.key IS NOT NULL,
                EXISTS (SELECT 1 FROM delivery n JOIN orders r ON r.id = n.orders
                        WHERE n.reference = d.reference COLLATE NOCASE
                          AND n.destination = d.destination AND (n.key IS NOT NULL) = 1
                          AND r.identity = o.identity AND n.state NOT IN ('refused', 'cancelled')
                          AND coalesce(n.revised, n.id) > coalesce(d.revised, d.id))
         FROM delivery d JOIN orders o ON o.id = d.orders JOIN file f ON f.id = d.file
              JOIN arrival a ON a.id = f.arrival
         WHERE d.id = ?1 AND o.reading = f.reading AND a.stage IN ('due', 'settled')
           AND (d.state = 'parked'
                OR d.state = 'refused' AND (d.key IS NOT NULL OR d.code = ?2))
           AND EXISTS (SELECT 1 FROM content WHERE orders = o.id)",
        (id, CONFLICT),
        |row| {
            Ok(Tried {
                reference: row.get(0)?,
                arrival: row.get(1)?,
                stage: row.get(2)?,
                keyed: row.get(3)?,
                overtaken: row.get(4)?,
            })
        },
    )?;
    let (Some(tried), Some(again)) = (found, Again::load(tx, id)?) else {
        return Ok(None);
    };
    let from = again.state;
    let to = if tried.keyed && !tried.overtaken {
        send_again(tx, id)?;
        DeliveryState::Due
    } else {
        match weigh(tx, &again.weighed((!tried.keyed).then_some(again.rank)))? {
            Fate::Conflict if from == DeliveryState::Refused => return Ok(None),
            Fate::Parked(_) if from == DeliveryState::Parked => return Ok(None),
            fate => {
                if tried.keyed {
                    last(tx, id)?;
                }
                again.write(tx, fate, false)?
            }
        }
    };
    if tried.stage == "settled" {
        reopen(tx, tried.arrival, &tried.stage, "due")?;
    }
    books.became(again.file, from, to);
    let what = format!("had order {} sent again (delivery {id})", tried.reference);
    house::record(tx, who, Some(again.file), &what)?;
    Ok(Some(changed(id, tried.reference, from, to)))
}

/// The same request once more: key, bytes and attempts stay.
pub(super) fn send_again(tx: &Tx<'_>, id: i64) -> Sql<()> {
    tx.run(
        "UPDATE delivery SET state = 'due', due = CASE WHEN behind IS NULL THEN ?2 END,
                person = NULL, ended = NULL, code = NULL, detail = NULL,
                unknown = CASE unknown WHEN 0 THEN 0 ELSE 2 END
         WHERE id = ?1",
        (id, tx.now.0),
    )?;
    Ok(())
}

/// The answer about a delivery.
pub(super) fn changed(
    id: i64,
    reference: String,
    from: DeliveryState,
    to: DeliveryState,
) -> Changed {
    Changed {
        thing: "delivery".into(),
        id,
        name: reference,
        from: from.as_str().into(),
        to: to.as_str().into(),
    }
}

//! due ▸ attempting ▸ delivered, refused, due again or parked.

use super::again::unblock;
use super::conclude::Books;
use super::tracking::{numbers, subscribe};
use super::{counts, step, superseded};
use crate::arrival::{DeliveryId, DeliveryState};
use crate::clock::Millis;
use crate::ledger::sqlite::work::{Sql, Tx};
use crate::ledger::{AttemptEnd, AttemptResult, AttemptStart};

/// Records attempts before their requests leave. `due` stays, so that a start after a crash finds
/// them in the index of what is due.
pub(in crate::ledger::sqlite) fn attempt(tx: &Tx<'_>, starts: &[AttemptStart]) -> Sql<Vec<bool>> {
    let mut record = tx.db.prepare_cached(
        "UPDATE delivery SET state = 'attempting', attempts = attempts + 1, started = ?2,
                first_attempt = coalesce(first_attempt, ?2)
         WHERE id = ?1 AND state = 'due' AND due IS NOT NULL",
    )?;
    let mut may = Vec::with_capacity(starts.len());
    for start in starts {
        let id = start.delivery.0;
        let taken = !paused(tx, id)? && record.execute((id, tx.now.0))? == 1;
        if let (true, Some(body)) = (taken, &start.body) {
            // The first body stays: what is sent again is what was sent.
            tx.run(
                "INSERT OR IGNORE INTO frozen (delivery, bytes) VALUES (?1, ?2)",
                (id, &body[..]),
            )?;
        }
        may.push(taken);
    }
    Ok(may)
}

fn paused(tx: &Tx<'_>, id: i64) -> Sql<bool> {
    if tx.memo.paused.is_empty() {
        return Ok(false);
    }
    let lane: Option<String> = tx.first(
        "SELECT destination FROM delivery WHERE id = ?1",
        [id],
        |row| row.get(0),
    )?;
    Ok(lane.is_some_and(|lane| tx.memo.paused.contains(&lane)))
}

/// Takes attempts back whose requests never left.
pub(in crate::ledger::sqlite) fn unattempt(tx: &Tx<'_>, deliveries: &[DeliveryId]) -> Sql<()> {
    for delivery in deliveries {
        let back = step(
            tx,
            "unattempt",
            "UPDATE delivery SET state = 'due', attempts = attempts - 1,
                    first_attempt = CASE attempts WHEN 1 THEN NULL ELSE first_attempt END
             WHERE id = ?1 AND state = 'attempting'",
            delivery.0,
        )?;
        if back {
            tx.run(
                "DELETE FROM frozen WHERE delivery =
                 (SELECT id FROM delivery WHERE id = ?1 AND attempts = 0)",
                [delivery.0],
            )?;
        }
    }
    Ok(())
}

/// What a result writes into the row.
struct After<'a> {
    state: DeliveryState,
    word: &'static str,
    due: Option<i64>,
    code: Option<&'a str>,
    detail: Option<&'a str>,
    remote_id: Option<&'a str>,
    facts: Option<String>,
    unknown: bool,
}

impl<'a> After<'a> {
    fn of(end: &'a AttemptEnd) -> Self {
        let said = Some(end.detail.as_str()).filter(|detail| !detail.is_empty());
        let (state, word) = match &end.result {
            AttemptResult::Delivered { .. } => (DeliveryState::Delivered, "delivered"),
            AttemptResult::Refused { .. } => (DeliveryState::Refused, "refused"),
            AttemptResult::Later { .. } => (DeliveryState::Due, "later"),
            AttemptResult::Parked { .. } => (DeliveryState::Parked, "parked"),
        };
        let mut after = Self {
            state,
            word,
            due: None,
            code: None,
            detail: said,
            remote_id: None,
            facts: None,
            unknown: false,
        };
        match &end.result {
            AttemptResult::Delivered {
                remote_id, facts, ..
            } => {
                after.remote_id = remote_id.as_deref();
                after.facts = (!facts.is_empty())
                    .then(|| serde_json::to_string(facts).ok())
                    .flatten();
            }
            AttemptResult::Refused { code, words } => {
                after.code = Some(code);
                after.detail = Some(words);
            }
            AttemptResult::Later { until, unknown } => {
                (after.due, after.unknown) = (Some(until.0), *unknown);
            }
            AttemptResult::Parked { why, unknown } => {
                (after.detail, after.unknown) = (Some(why.as_str()), *unknown);
            }
        }
        after
    }
}

/// Records how attempts ended; concludes what is complete.
pub(in crate::ledger::sqlite) fn outcome(tx: &mut Tx<'_>, ends: &[AttemptEnd]) -> Sql<()> {
    let mut books = Books::default();
    for end in ends {
        let after = After::of(end);
        let found = finish(tx, end, &after)?;
        let Some(found) = found else {
            superseded("outcome", end.delivery.0);
            continue;
        };
        // The delivery's own row tells of the attempt that was accepted.
        if after.state != DeliveryState::Delivered {
            tx.db
                .prepare_cached(
                    "INSERT OR REPLACE INTO attempt (delivery, number, started, ended, result, detail)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                )?
                .execute((
                    end.delivery.0,
                    found.number,
                    end.started.0,
                    end.ended.0,
                    after.word,
                    &end.detail,
                ))?;
        }
        if let AttemptResult::Delivered {
            remote_id,
            facts,
            track,
        } = &end.result
        {
            numbers::of_receipt(
                tx,
                found.order,
                &found.reference,
                remote_id.as_deref(),
                facts,
            )?;
            if let Some(due) = track {
                subscribe::want(tx, end.delivery, &found.destination, *due)?;
            }
        }
        books.became(found.file, DeliveryState::Attempting, after.state);
        if after.state.is_final() {
            tx.tally(after.word, &found.destination, 1);
            counts::ended(tx, &found.source, after.state);
            if after.state == DeliveryState::Delivered {
                counts::took(tx, &found.destination, found.created.until(end.ended));
            }
            unblock(tx, end.delivery.0, &mut books)?;
        }
    }
    books.close(tx)
}

/// What is known of a delivery whose attempt has ended.
struct Finished {
    /// Its attempts.
    number: i64,
    file: i64,
    destination: String,
    order: i64,
    reference: String,
    created: Millis,
    source: String,
}

/// Writes the row; what is known of it. What may have been applied once stays so
/// until the end, whatever later attempts came to.
fn finish(tx: &Tx<'_>, end: &AttemptEnd, after: &After<'_>) -> Sql<Option<Finished>> {
    let found = tx.first(
        "SELECT d.attempts, d.file, d.destination, d.orders, d.reference, d.created, a.source
         FROM delivery d JOIN file f ON f.id = d.file JOIN arrival a ON a.id = f.arrival
         WHERE d.id = ?1 AND d.state = 'attempting'",
        [end.delivery.0],
        |row| {
            Ok(Finished {
                number: row.get(0)?,
                file: row.get(1)?,
                destination: row.get(2)?,
                order: row.get(3)?,
                reference: row.get(4)?,
                created: Millis(row.get(5)?),
                source: row.get(6)?,
            })
        },
    )?;
    if found.is_none() {
        return Ok(None);
    }
    tx.run(
        "UPDATE delivery SET state = ?2, due = ?3, ended = ?4, code = ?5, detail = ?6,
                remote_id = coalesce(?7, remote_id), started = ?10,
                facts = coalesce(?11, facts),
                unknown = CASE WHEN ?8 THEN 0 WHEN ?9 THEN 1 ELSE unknown END
         WHERE id = ?1",
        (
            end.delivery.0,
            after.state.as_str(),
            after.due,
            after.state.is_final().then_some(end.ended.0),
            after.code,
            after.detail,
            after.remote_id,
            after.state.is_final(),
            after.unknown,
            end.started.0,
            after.facts.as_deref(),
        ),
    )?;
    // Only where a person is asked for is the index of such rows touched.
    if after.state == DeliveryState::Parked {
        tx.run(
            "UPDATE delivery SET person = ?2 WHERE id = ?1",
            (end.delivery.0, tx.now.0),
        )?;
    }
    Ok(found)
}

//! Answers: what is due, what people see, and what became of a file's orders.

use std::collections::BTreeMap;

use bytes::Bytes;
use rusqlite::Connection;

use super::{all, maybe, millis};
use crate::arrival::{AnswerId, ArrivalId, DeliveryState, FileId};
use crate::clock::Millis;
use crate::ledger::sqlite::arrows::from_json;
use crate::ledger::sqlite::work::Sql;
use crate::ledger::{AnswerRow, DueAnswer, Fate, OwedAnswer};

/// Answers to make or lay.
pub(in crate::ledger::sqlite) fn due(
    db: &Connection,
    now: Millis,
    limit: usize,
) -> Sql<Vec<DueAnswer>> {
    all(
        db,
        "SELECT a.id, a.file, a.arrival, a.format, a.place, a.ours, a.theirs, a.number, a.name,
                b.bytes, a.tries, a.created
         FROM answer a LEFT JOIN answer_body b ON b.answer = a.id
         WHERE a.due <= ?1 ORDER BY a.due, a.id LIMIT ?2",
        (now.0, limit),
        |row| {
            let file = FileId(row.get(1)?);
            let bytes = row.get::<_, Option<Vec<u8>>>(9)?.map(Bytes::from);
            Ok(DueAnswer {
                answer: AnswerId(row.get(0)?),
                file,
                owed: OwedAnswer {
                    file,
                    arrival: ArrivalId(row.get(2)?),
                    format: row.get(3)?,
                    place: row.get(4)?,
                    ours: row.get(5)?,
                    theirs: row.get(6)?,
                },
                number: row.get(7)?,
                made: row.get::<_, Option<String>>(8)?.zip(bytes),
                tries: row.get(10)?,
                created: millis(row, 11)?,
            })
        },
    )
}

/// The answers to a file, oldest first.
pub(in crate::ledger::sqlite) fn of_file(db: &Connection, file: FileId) -> Sql<Vec<AnswerRow>> {
    all(
        db,
        "SELECT format, state, name, detail, laid FROM answer WHERE file = ?1 ORDER BY id",
        [file.0],
        |row| {
            Ok(AnswerRow {
                format: row.get(0)?,
                state: row.get(1)?,
                name: row.get(2)?,
                detail: row.get(3)?,
                laid: maybe(row, 4)?,
            })
        },
    )
}

/// What became of the orders of a file's last reading.
pub(in crate::ledger::sqlite) fn fates(
    db: &Connection,
    file: FileId,
    limit: u32,
) -> Sql<Vec<Fate>> {
    all(
        db,
        "SELECT o.reference, d.destination, d.state, d.detail, d.remote_id, d.facts
         FROM file f JOIN span s ON s.file = f.id AND s.reading = f.reading AND s.plan IS NULL
              JOIN orders o ON o.id BETWEEN s.first AND s.last JOIN delivery d ON d.orders = o.id
         WHERE f.id = ?1 ORDER BY o.id, d.id LIMIT ?2",
        (file.0, limit),
        |row| {
            let facts: Option<BTreeMap<String, String>> = match row.get_ref(5)?.as_str_or_null()? {
                Some(facts) => Some(from_json(facts)?),
                None => None,
            };
            Ok(Fate {
                reference: row.get(0)?,
                destination: row.get(1)?,
                state: DeliveryState::parse(row.get_ref(2)?.as_str()?)
                    .unwrap_or(DeliveryState::Parked),
                detail: row.get(3)?,
                remote_id: row.get(4)?,
                facts: facts.unwrap_or_default(),
            })
        },
    )
}

//! What is due: the questions of the four loops. Each reads an index that holds only open work.

use std::collections::HashSet;

use bytes::Bytes;
use rusqlite::{Connection, Row};

use super::{all, maybe, millis};
use crate::arrival::{
    ArrivalId, DeliveryId, Entry, FileId, Locator, OrderId, ReportId, Verdict, Version,
};
use crate::clock::Millis;
use crate::formats::FormatKind;
use crate::ledger::sqlite::arrows::revise::action;
use crate::ledger::sqlite::work::Sql;
use crate::ledger::{DueDelivery, DueFetch, DueParse, DueReport, DueSettle, ReportKind};
use crate::limits;

/// Arrivals to fetch, but of `busy` sources, a JSON list.
pub(in crate::ledger::sqlite) fn fetch(
    db: &Connection,
    now: Millis,
    after: ArrivalId,
    busy: &str,
    limit: usize,
) -> Sql<Vec<DueFetch>> {
    all(
        db,
        "SELECT id, source, locator, size, modified, claimed FROM arrival
         WHERE stage = 'claimed' AND due <= ?1 AND id > ?2
           AND source NOT IN (SELECT value FROM json_each(?4))
         ORDER BY due, id LIMIT ?3",
        (now.0, after.0, limit, busy),
        |row| {
            Ok(DueFetch {
                arrival: ArrivalId(row.get(0)?),
                source: row.get(1)?,
                entry: entry(row, 2)?,
                claimed: millis(row, 5)?,
            })
        },
    )
}

/// Locator, size and modification time in three columns from `first`.
fn entry(row: &Row<'_>, first: usize) -> Sql<Entry> {
    Ok(Entry {
        locator: Locator(row.get(first)?),
        version: Version {
            size: row.get(first + 1)?,
            modified: row.get(first + 2)?,
        },
    })
}

/// Files to parse, their small bodies with them.
pub(in crate::ledger::sqlite) fn parse(
    db: &Connection,
    now: Millis,
    after: FileId,
    limit: usize,
) -> Sql<Vec<DueParse>> {
    let mut statement = db.prepare_cached(
        "SELECT f.id, a.id, a.source, f.sender, f.name, f.sha256, f.bytes, b.bytes, f.deaths,
                f.alone, a.claimed, a.grace_over, f.container, f.forced
         FROM arrival a JOIN file f ON f.arrival = a.id LEFT JOIN body b ON b.file = f.id
         WHERE a.stage = 'fetched' AND a.due <= ?1 AND f.state = 'fetched' AND f.id > ?2
         ORDER BY a.due, a.id LIMIT ?3",
    )?;
    let mut rows = statement.query((now.0, after.0, limit))?;
    let mut files: Vec<DueParse> = Vec::new();
    let mut held = 0;
    while let Some(row) = rows.next()? {
        let body: Option<Vec<u8>> = row.get(7)?;
        held += body.as_ref().map_or(0, Vec::len);
        if held > limits::BATCH_BYTES && !files.is_empty() {
            break;
        }
        files.push(DueParse {
            file: FileId(row.get(0)?),
            arrival: ArrivalId(row.get(1)?),
            source: row.get(2)?,
            sender: row.get(3)?,
            name: row.get(4)?,
            sha256: row.get(5)?,
            bytes: row.get(6)?,
            body: body.map(Bytes::from),
            deaths: row.get(8)?,
            alone: row.get(9)?,
            claimed: millis(row, 10)?,
            grace_over: row.get(11)?,
            container: row.get::<_, Option<i64>>(12)?.map(FileId),
            forced: row
                .get_ref(13)?
                .as_str_or_null()?
                .and_then(FormatKind::parse),
        });
    }
    Ok(files)
}

/// Deliveries of one lane, without those in its hand.
pub(in crate::ledger::sqlite) fn deliveries(
    db: &Connection,
    destination: &str,
    now: Millis,
    holding: &HashSet<i64>,
    limit: usize,
) -> Sql<Vec<DueDelivery>> {
    let mut statement = db.prepare_cached(
        "SELECT d.id, d.orders, d.key, d.action, d.reference, c.bytes, z.bytes, d.attempts,
                d.first_attempt, d.unknown,
                CASE WHEN d.action <> 'create' THEN
                     (SELECT p.remote_id FROM delivery p JOIN orders r ON r.id = p.orders
                      WHERE p.reference = d.reference COLLATE NOCASE
                        AND p.destination = d.destination AND (p.key IS NOT NULL) = 1
                        AND r.identity = o.identity AND p.remote_id IS NOT NULL AND p.id <> d.id
                      ORDER BY p.id DESC LIMIT 1) END
         FROM delivery d JOIN orders o ON o.id = d.orders JOIN content c ON c.orders = o.id
              LEFT JOIN frozen z ON z.delivery = d.id
         WHERE d.destination = ?1 AND d.due <= ?2 AND d.state = 'due'
         ORDER BY d.due, d.id LIMIT ?3",
    )?;
    let most = limit.saturating_add(holding.len());
    let mut rows = statement.query((destination, now.0, most))?;
    let mut due: Vec<DueDelivery> = Vec::new();
    let mut held = 0;
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        if holding.contains(&id) {
            continue;
        }
        let content: Vec<u8> = row.get(5)?;
        let body: Option<Vec<u8>> = row.get(6)?;
        held += content.len() + body.as_ref().map_or(0, Vec::len);
        if due.len() == limit || (held > limits::BATCH_BYTES && !due.is_empty()) {
            break;
        }
        due.push(DueDelivery {
            delivery: DeliveryId(id),
            order: OrderId(row.get(1)?),
            key: row.get(2)?,
            action: action(row, 3)?,
            reference: row.get(4)?,
            content: content.into(),
            body: body.map(Bytes::from),
            attempts: row.get(7)?,
            first_attempt: maybe(row, 8)?,
            unknown: row.get::<_, u8>(9)? > 0,
            insisted: row.get::<_, u8>(9)? == 2,
            remote_id: row.get(10)?,
        });
    }
    Ok(due)
}

/// Arrivals to settle.
pub(in crate::ledger::sqlite) fn settle(
    db: &Connection,
    now: Millis,
    busy: &str,
    limit: usize,
) -> Sql<Vec<DueSettle>> {
    all(
        db,
        "SELECT a.id, a.source, f.sender, a.locator, a.size, a.modified, a.verdict, a.lies_at,
                a.tries, a.concluded
         FROM arrival a JOIN file f ON f.id = (SELECT min(id) FROM file WHERE arrival = a.id)
         WHERE a.stage = 'concluded' AND a.due <= ?1
           AND a.source NOT IN (SELECT value FROM json_each(?3))
         ORDER BY a.due, a.id LIMIT ?2",
        (now.0, limit, busy),
        |row| {
            Ok(DueSettle {
                arrival: ArrivalId(row.get(0)?),
                source: row.get(1)?,
                sender: row.get(2)?,
                entry: entry(row, 3)?,
                verdict: verdict(row.get_ref(6)?.as_str()?),
                lies_at: row.get::<_, Option<Vec<u8>>>(7)?.map(Locator),
                tries: row.get(8)?,
                concluded: millis(row, 9)?,
            })
        },
    )
}

/// A verdict's word; anything but `done` is the careful one.
pub(super) fn verdict(word: &str) -> Verdict {
    match word {
        "done" => Verdict::Done,
        _ => Verdict::Error,
    }
}

/// A kind's word.
pub(super) fn kind(word: &str) -> ReportKind {
    match word {
        "alert" => ReportKind::Alert,
        "summary" => ReportKind::Summary,
        "notice" => ReportKind::Notice,
        _ => ReportKind::Report,
    }
}

/// Mails to compose or send. An alert that stands for several says so.
pub(in crate::ledger::sqlite) fn reports(
    db: &Connection,
    now: Millis,
    limit: usize,
) -> Sql<Vec<DueReport>> {
    all(
        db,
        "SELECT r.id, r.kind, r.arrival, r.recipient, m.bytes, r.message_id, r.subject, r.text,
                r.count, r.tries, r.created
         FROM report r LEFT JOIN message m ON m.report = r.id
         WHERE r.due <= ?1 ORDER BY r.due, r.id LIMIT ?2",
        (now.0, limit),
        |row| {
            let created = millis(row, 10)?;
            let count: u64 = row.get(8)?;
            let text = match (row.get(6)?, row.get::<_, Option<String>>(7)?) {
                (Some(subject), Some(text)) => Some((subject, counted(text, count, created))),
                _ => None,
            };
            Ok(DueReport {
                report: ReportId(row.get(0)?),
                kind: kind(row.get_ref(1)?.as_str()?),
                arrival: row.get::<_, Option<i64>>(2)?.map(ArrivalId),
                recipient: row.get(3)?,
                message: row.get::<_, Option<Vec<u8>>>(4)?.map(Bytes::from),
                message_id: row.get(5)?,
                text,
                tries: row.get(9)?,
                created,
            })
        },
    )
}

fn counted(text: String, count: u64, since: Millis) -> String {
    if count < 2 {
        return text;
    }
    format!("{text}\n\nThis happened {count} times since {since}.")
}

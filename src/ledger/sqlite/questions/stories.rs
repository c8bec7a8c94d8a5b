//! All about one file or one order.

use rusqlite::{Connection, Row};

use super::due::kind;
use super::lists::{DELIVERY, FILE, ORDER, delivery_row, file_row, order_row, states};
use super::{all, first, maybe, millis, tracking};
use crate::arrival::{FileId, OrderId, ReportId};
use crate::formats::FormatKind;
use crate::ledger::sqlite::arrows::from_json;
use crate::ledger::sqlite::arrows::revise::CONFLICT;
use crate::ledger::sqlite::work::Sql;
use crate::ledger::{AttemptRow, DeliveryRow, EditRow, FileStory, OrderStory, ReportRow};
use crate::profiles::{Outcome, ProfileUse, Summary};

/// A file's story.
pub(in crate::ledger::sqlite) fn file(db: &Connection, id: FileId) -> Sql<Option<FileStory>> {
    let Some(row) = first(db, &format!("{FILE} WHERE f.id = ?1"), [id.0], file_row)? else {
        return Ok(None);
    };
    let problems: Vec<Vec<_>> = all(
        db,
        "SELECT body FROM problem WHERE file = ?1 ORDER BY n",
        [id.0],
        |row| from_json(row.get_ref(0)?.as_str()?),
    )?;
    // What a destination's own check found is among the problems already.
    let refusals = all(
        db,
        "SELECT o.reference, d.destination, coalesce(d.detail, '')
         FROM file f CROSS JOIN span s ON s.file = f.id AND s.reading = f.reading
              CROSS JOIN orders o ON o.id BETWEEN s.first AND s.last
              CROSS JOIN delivery d ON d.orders = o.id
         WHERE f.id = ?1 AND d.state = 'refused'
           AND (d.attempts > 0 OR d.code = ?2) ORDER BY d.id",
        (id.0, CONFLICT),
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?;
    let unfit = db.query_row(
        "SELECT count(DISTINCT d.orders)
         FROM file f CROSS JOIN span s ON s.file = f.id AND s.reading = f.reading
              CROSS JOIN orders o ON o.id BETWEEN s.first AND s.last
              CROSS JOIN delivery d ON d.orders = o.id
         WHERE f.id = ?1 AND d.state = 'refused' AND d.attempts = 0 AND d.code <> ?2",
        (id.0, CONFLICT),
        |row| row.get(0),
    )?;
    let reports = all(
        db,
        "SELECT id, kind, recipient, state, message_id, detail, created, sent FROM report
         WHERE arrival = ?1 ORDER BY id",
        [row.arrival.0],
        report_row,
    )?;
    let actions = all(
        db,
        "SELECT at, who, what FROM action WHERE file = ?1 ORDER BY id",
        [id.0],
        |row| Ok((millis(row, 0)?, row.get(1)?, row.get(2)?)),
    )?;
    let members = all(
        db,
        &format!("{FILE} WHERE f.container = ?1 ORDER BY f.member"),
        [id.0],
        file_row,
    )?;
    let letter = first(
        db,
        "SELECT body FROM letter WHERE arrival = ?1",
        [row.arrival.0],
        |row| from_json(row.get_ref(0)?.as_str()?),
    )?;
    Ok(Some(FileStory {
        members,
        letter,
        file: row,
        summary: summary(db, id)?,
        problems: problems.concat(),
        refusals,
        unfit,
        reports,
        answers: super::answers::of_file(db, id)?,
        actions,
    }))
}

fn report_row(row: &Row<'_>) -> Sql<ReportRow> {
    Ok(ReportRow {
        id: ReportId(row.get(0)?),
        kind: kind(row.get_ref(1)?.as_str()?),
        recipient: row.get(2)?,
        state: row.get(3)?,
        message_id: row.get(4)?,
        detail: row.get(5)?,
        created: millis(row, 6)?,
        sent: maybe(row, 7)?,
    })
}

/// What reading found, put together from its columns; `None` if it was not read yet.
fn summary(db: &Connection, file: FileId) -> Sql<Option<Summary>> {
    first(
        db,
        "SELECT f.outcome, f.format, p.name, p.version, p.hash, f.candidate, f.orders, f.withheld,
                f.withheld_rows, f.left_out, f.correctable
         FROM file f LEFT JOIN profile p ON p.id = f.profile
         WHERE f.id = ?1 AND f.outcome IS NOT NULL",
        [file.0],
        |row| {
            let profile = match row.get::<_, Option<String>>(2)? {
                Some(name) => Some(ProfileUse {
                    name,
                    version: row.get(3)?,
                    hash: row.get(4)?,
                }),
                None => None,
            };
            let rows = row.get_ref(8)?.as_str_or_null()?;
            Ok(Summary {
                outcome: match row.get_ref(0)?.as_str()? {
                    "accepted" => Outcome::Accepted,
                    "partial" => Outcome::Partial,
                    _ => Outcome::Rejected,
                },
                format: row
                    .get_ref(1)?
                    .as_str_or_null()?
                    .and_then(FormatKind::parse),
                profile,
                candidate: row.get(5)?,
                orders: row.get(6)?,
                withheld: row.get(7)?,
                withheld_rows: rows.map(from_json).transpose()?.unwrap_or_default(),
                problems_left_out: row.get(9)?,
                correctable: row.get(10)?,
            })
        },
    )
}

/// An order's story.
pub(in crate::ledger::sqlite) fn order(db: &Connection, id: OrderId) -> Sql<Option<OrderStory>> {
    let one = format!("{ORDER} WHERE o.id = ?1");
    let Some(mut row) = first(db, &one, [id.0], order_row)? else {
        return Ok(None);
    };
    row.deliveries = states(db, id)?;
    let (origin, content, hash, identity) = first(
        db,
        "SELECT o.origin, c.bytes, o.content_hash, o.identity FROM orders o LEFT JOIN content c ON c.orders = o.id
         WHERE o.id = ?1",
        [id.0],
        |row| {
            Ok((
                row.get::<_, String>(0)?,
                row.get::<_, Option<Vec<u8>>>(1)?,
                row.get::<_, Vec<u8>>(2)?,
                row.get::<_, Vec<u8>>(3)?,
            ))
        },
    )?
    .unwrap_or_default();
    let deliveries = all(
        db,
        &format!("{DELIVERY} WHERE o.id = ?1 ORDER BY d.id"),
        [id.0],
        delivery_row,
    )?;
    Ok(Some(OrderStory {
        order: row,
        content: content.and_then(|bytes| serde_json::from_slice(&bytes).ok()),
        content_hash: hex::encode(hash),
        edits: edits(db, id)?,
        origin: serde_json::from_str(&origin).unwrap_or(serde_json::Value::Null),
        events: tracking::history(db, &identity)?,
        followers: tracking::followers(db, &identity)?,
        notices: tracking::notices(db, &identity)?,
        deliveries: deliveries
            .into_iter()
            .map(|delivery| {
                let attempts = attempts(db, &delivery)?;
                Ok((delivery, attempts))
            })
            .collect::<Sql<_>>()?,
    }))
}

fn edits(db: &Connection, id: OrderId) -> Sql<Vec<EditRow>> {
    let json = |row: &Row<'_>, column| -> Sql<serde_json::Value> {
        let bytes = row.get_ref(column)?.as_blob()?;
        Ok(serde_json::from_slice(bytes).unwrap_or_default())
    };
    all(
        db,
        "SELECT at, who, old, new FROM edit WHERE orders = ?1 ORDER BY id",
        [id.0],
        |row| {
            Ok(EditRow {
                at: millis(row, 0)?,
                who: row.get(1)?,
                old: json(row, 2)?,
                new: json(row, 3)?,
            })
        },
    )
}

/// The history, the attempt that is under way, and the one that was accepted.
fn attempts(db: &Connection, delivery: &DeliveryRow) -> Sql<Vec<AttemptRow>> {
    all(
        db,
        "SELECT number, started, ended, result, detail FROM attempt WHERE delivery = ?1
         UNION ALL
         SELECT attempts, started, NULL, NULL, '' FROM delivery
         WHERE id = ?1 AND state = 'attempting'
         UNION ALL
         SELECT attempts, started, ended, state, coalesce(detail, '') FROM delivery
         WHERE id = ?1 AND state = 'delivered' ORDER BY 1",
        [delivery.id.0],
        |row| {
            Ok(AttemptRow {
                number: row.get(0)?,
                started: millis(row, 1)?,
                ended: maybe(row, 2)?,
                result: row.get(3)?,
                detail: row.get(4)?,
            })
        },
    )
}

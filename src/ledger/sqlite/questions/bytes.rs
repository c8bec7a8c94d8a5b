//! Stored bytes: of a file, of a mail, of a request.

use bytes::Bytes;
use rusqlite::Connection;

use super::{all, first};
use crate::arrival::{ArrivalId, DeliveryId, FileId, ReportId};
use crate::ledger::sqlite::arrows::int;
use crate::ledger::sqlite::work::Sql;
use crate::limits;

/// A span of a file's bytes, at most [`limits::CHUNK_BYTES`]; empty at the end, `None` if they are
/// no longer here.
pub(in crate::ledger::sqlite) fn bytes(
    db: &Connection,
    file: FileId,
    offset: u64,
    length: usize,
) -> Sql<Option<Bytes>> {
    let length = length.min(limits::CHUNK_BYTES);
    let found = first(
        db,
        "SELECT arrival, chunked, container, member FROM file WHERE id = ?1",
        [file.0],
        |row| {
            let packed: (Option<i64>, Option<i64>) = (row.get(2)?, row.get(3)?);
            Ok((row.get::<_, i64>(0)?, row.get::<_, bool>(1)?, packed))
        },
    )?;
    match found {
        None => Ok(None),
        Some((_, true, (Some(container), Some(member)))) => {
            chunked(db, &PIECES, (container, member), offset, length)
        }
        Some((arrival, true, _)) => chunked(db, &CHUNKS, (arrival, 0), offset, length),
        Some((_, false, _)) => {
            // A part of an empty blob is NULL to SQLite.
            let span: Option<Vec<u8>> = first(
                db,
                "SELECT coalesce(substr(bytes, ?2, ?3), x'') FROM body WHERE file = ?1",
                (file.0, int(offset) + 1, length),
                |row| row.get(0),
            )?;
            Ok(span.map(Bytes::from))
        }
    }
}

/// Where large bytes lie: their lengths, and a span of one piece.
struct Pieces {
    lengths: &'static str,
    span: &'static str,
}

/// Those of an arrival.
const CHUNKS: Pieces = Pieces {
    lengths: "SELECT seq, length(bytes) FROM chunk WHERE arrival = ?1 AND 0 = ?2 ORDER BY seq",
    span: "SELECT substr(bytes, ?4, ?5) FROM chunk WHERE arrival = ?1 AND 0 = ?2 AND seq = ?3",
};

/// Those of a member of a container.
const PIECES: Pieces = Pieces {
    lengths: "SELECT seq, length(bytes) FROM piece WHERE container = ?1 AND member = ?2 ORDER BY seq",
    span: "SELECT substr(bytes, ?4, ?5) FROM piece WHERE container = ?1 AND member = ?2 AND seq = ?3",
};

/// Out of the pieces of a large file, whatever their sizes: lengths are known without their bytes.
fn chunked(
    db: &Connection,
    lies: &Pieces,
    key: (i64, i64),
    offset: u64,
    length: usize,
) -> Sql<Option<Bytes>> {
    let pieces = all(db, lies.lengths, key, |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, u64>(1)?))
    })?;
    if pieces.is_empty() {
        return Ok(None);
    }
    let mut span = Vec::new();
    let mut start = 0;
    for (seq, size) in pieces {
        let end = start + size;
        let from = offset + span.len() as u64;
        if from < end && span.len() < length {
            let piece: Option<Vec<u8>> = first(
                db,
                lies.span,
                (
                    key.0,
                    key.1,
                    seq,
                    int(from - start) + 1,
                    length - span.len(),
                ),
                |row| row.get(0),
            )?;
            span.extend(piece.unwrap_or_default());
        }
        start = end;
    }
    Ok(Some(span.into()))
}

/// The (first) file of an arrival.
pub(in crate::ledger::sqlite) fn file_of(
    db: &Connection,
    arrival: ArrivalId,
) -> Sql<Option<FileId>> {
    first(
        db,
        "SELECT id FROM file WHERE arrival = ?1 AND state <> 'gone' ORDER BY id LIMIT 1",
        [arrival.0],
        |row| row.get(0).map(FileId),
    )
}

/// A mail as it was composed.
pub(in crate::ledger::sqlite) fn mail(db: &Connection, report: ReportId) -> Sql<Option<Bytes>> {
    let sql = "SELECT bytes FROM message WHERE report = ?1";
    blob(db, sql, report.0)
}

/// What a delivery's requests carry: its own form where it has one, else the canonical order.
pub(in crate::ledger::sqlite) fn body(db: &Connection, delivery: DeliveryId) -> Sql<Option<Bytes>> {
    let sql = "SELECT coalesce((SELECT bytes FROM frozen WHERE delivery = d.id),
                               (SELECT bytes FROM content WHERE orders = d.orders))
               FROM delivery d WHERE d.id = ?1";
    blob(db, sql, delivery.0)
}

fn blob(db: &Connection, sql: &str, id: i64) -> Sql<Option<Bytes>> {
    let found = first(db, sql, [id], |row| row.get::<_, Option<Vec<u8>>>(0))?;
    Ok(found.flatten().map(Bytes::from))
}

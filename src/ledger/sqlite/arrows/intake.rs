//! seen ▸ claimed ▸ fetched, and the ways back: vanished, later, cut off, a child that died.

use super::house::record_at;
use super::{int, superseded};
use crate::arrival::{ArrivalId, Entry, FileId};
use crate::clock::Millis;
use crate::ledger::sqlite::work::{Sql, Tx};
use crate::ledger::{Claimed, Fetched, NewFile, Who};
use crate::limits;

/// Takes what no unsettled arrival covers (`arrival_unsettled` is the judge) and what was not left at
/// its source when it was settled.
pub(in crate::ledger::sqlite) fn claim(
    tx: &Tx<'_>,
    source: &str,
    entries: &[Entry],
) -> Sql<Vec<Claimed>> {
    let mut insert = tx.db.prepare_cached(
        "INSERT INTO arrival (source, locator, size, modified, claimed, stage, due)
         SELECT ?1, ?2, ?3, ?4, ?5, 'claimed', ?5
         WHERE NOT EXISTS (SELECT 1 FROM arrival WHERE source = ?1 AND locator = ?2 AND size = ?3
                           AND modified = ?4 AND settled_as = 'left')
         ON CONFLICT DO NOTHING",
    )?;
    let mut claimed = Vec::with_capacity(entries.len());
    for entry in entries {
        let version = entry.version;
        let new = insert.execute((
            source,
            &entry.locator.0,
            int(version.size),
            version.modified,
            tx.now.0,
        ))?;
        if new == 1 {
            claimed.push(Claimed {
                arrival: ArrivalId(tx.db.last_insert_rowid()),
                entry: entry.clone(),
            });
        }
    }
    Ok(claimed)
}

/// An arrival whose bytes come in by themselves: no loop looks at it until it is complete.
pub(in crate::ledger::sqlite) fn receive(
    tx: &Tx<'_>,
    source: &str,
    entry: &Entry,
) -> Sql<ArrivalId> {
    tx.run(
        "INSERT INTO arrival (source, locator, size, modified, claimed, stage)
         VALUES (?1, ?2, ?3, ?4, ?5, 'claimed')",
        (
            source,
            &entry.locator.0,
            int(entry.version.size),
            entry.version.modified,
            tx.now.0,
        ),
    )?;
    Ok(ArrivalId(tx.db.last_insert_rowid()))
}

/// It is complete: due for parsing, and known who sent it.
pub(in crate::ledger::sqlite) fn received(
    tx: &Tx<'_>,
    one: &[Fetched; 1],
    who: &Who,
) -> Sql<FileId> {
    let [fetched] = one;
    self::fetched(tx, one)?;
    tx.run(
        "UPDATE arrival SET due = ?2 WHERE id = ?1 AND stage = 'fetched' AND due IS NULL",
        (fetched.arrival.0, tx.now.0),
    )?;
    let file = tx.first(
        "SELECT f.id, a.claimed FROM file f JOIN arrival a ON a.id = f.arrival WHERE a.id = ?1",
        [fetched.arrival.0],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let (file, began) = file.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
    // They began to send it when it was claimed; whatever becomes of it comes after.
    let what = format!("sent {}", fetched.file.name);
    record_at(tx, Millis(began), who, Some(file), &what)?;
    Ok(FileId(file))
}

/// Stores a piece of a large file; the same piece again takes the place of the first.
pub(in crate::ledger::sqlite) fn chunk(
    tx: &Tx<'_>,
    arrival: ArrivalId,
    seq: u32,
    bytes: &[u8],
) -> Sql<()> {
    if seq == 0 {
        // What an earlier try left may have been longer.
        tx.run("DELETE FROM chunk WHERE arrival = ?1", [arrival.0])?;
    }
    tx.run(
        "INSERT INTO chunk (arrival, seq, bytes) VALUES (?1, ?2, ?3)
         ON CONFLICT DO UPDATE SET bytes = excluded.bytes",
        (arrival.0, seq, bytes),
    )?;
    Ok(())
}

/// The bytes are ours: from here on the source is only touched to settle.
pub(in crate::ledger::sqlite) fn fetched(tx: &Tx<'_>, all: &[Fetched]) -> Sql<()> {
    for one in all {
        let again = tx.first(
            "SELECT grace_over FROM arrival WHERE id = ?1 AND stage = 'claimed'",
            [one.arrival.0],
            |row| row.get::<_, bool>(0),
        )?;
        let Some(again) = again else {
            superseded("fetched", one.arrival.0);
            continue;
        };
        tx.run(
            "UPDATE arrival SET stage = 'fetched', why = NULL WHERE id = ?1",
            [one.arrival.0],
        )?;
        let known = if again {
            tx.first(
                "SELECT id FROM file WHERE arrival = ?1 AND state = 'gone'",
                [one.arrival.0],
                |row| row.get::<_, i64>(0),
            )?
        } else {
            None
        };
        let file = match known {
            Some(file) => fetched_again(tx, file, one)?,
            None => new_file(tx, one)?,
        };
        store(tx, one.arrival, file, &one.file)?;
    }
    Ok(())
}

fn new_file(tx: &Tx<'_>, one: &Fetched) -> Sql<i64> {
    tx.run(
        "INSERT INTO file (arrival, state, chunked, sender, name, bytes, sha256)
         VALUES (?1, 'fetched', ?2, ?3, ?4, ?5, ?6)",
        (
            one.arrival.0,
            chunked(&one.file),
            &one.sender,
            &one.file.name,
            int(one.file.bytes),
            &one.file.sha256,
        ),
    )?;
    Ok(tx.db.last_insert_rowid())
}

/// The same row, so that a number somebody holds never comes to mean another file.
fn fetched_again(tx: &Tx<'_>, file: i64, one: &Fetched) -> Sql<i64> {
    tx.run(
        "UPDATE file SET state = 'fetched', chunked = ?2, sender = ?3, name = ?4, bytes = ?5,
                sha256 = ?6
         WHERE id = ?1",
        (
            file,
            chunked(&one.file),
            &one.sender,
            &one.file.name,
            int(one.file.bytes),
            &one.file.sha256,
        ),
    )?;
    Ok(file)
}

/// Large bytes lie as chunks, whether they came in pieces or as one.
fn chunked(file: &NewFile) -> bool {
    file.body
        .as_ref()
        .is_none_or(|body| body.len() > limits::CHUNK_BYTES)
}

fn store(tx: &Tx<'_>, arrival: ArrivalId, file: i64, new: &NewFile) -> Sql<()> {
    let Some(body) = &new.body else {
        return Ok(());
    };
    if body.len() <= limits::CHUNK_BYTES {
        tx.run(
            "INSERT OR REPLACE INTO body (file, bytes) VALUES (?1, ?2)",
            (file, &body[..]),
        )?;
        return Ok(());
    }
    for (seq, piece) in (0u32..).zip(body.chunks(limits::CHUNK_BYTES)) {
        chunk(tx, arrival, seq, piece)?;
    }
    Ok(())
}

/// Closes claims that came to nothing.
pub(in crate::ledger::sqlite) fn unclaimed(
    tx: &Tx<'_>,
    arrivals: &[(ArrivalId, String)],
) -> Sql<()> {
    for (arrival, why) in arrivals {
        let found = tx.run(
            "UPDATE arrival SET stage = 'settled', due = NULL, settled = ?2, settled_as = 'closed',
                    why = ?3
             WHERE id = ?1 AND stage = 'claimed'",
            (arrival.0, tx.now.0, why),
        )?;
        if found == 0 {
            superseded("unclaimed", arrival.0);
        }
        tx.run("DELETE FROM chunk WHERE arrival = ?1", [arrival.0])?;
    }
    Ok(())
}

/// The fetch or parse waits.
pub(in crate::ledger::sqlite) fn postponed(
    tx: &Tx<'_>,
    arrival: ArrivalId,
    until: Millis,
    why: &str,
) -> Sql<()> {
    let found = tx.run(
        "UPDATE arrival SET due = ?2, why = ?3
         WHERE id = ?1 AND stage IN ('claimed', 'fetched') AND due IS NOT NULL",
        (arrival.0, until.0, why),
    )?;
    if found == 0 {
        superseded("postponed", arrival.0);
    }
    Ok(())
}

/// Back to claimed, once: the bytes may have been cut off.
pub(in crate::ledger::sqlite) fn refetch(
    tx: &Tx<'_>,
    arrival: ArrivalId,
    until: Millis,
) -> Sql<()> {
    let found = tx.run(
        "UPDATE arrival SET stage = 'claimed', due = ?2, grace_over = 1,
                why = 'It may not be complete yet and will be looked at again.'
         WHERE id = ?1 AND stage IN ('claimed', 'fetched')",
        (arrival.0, until.0),
    )?;
    if found == 0 {
        superseded("refetch", arrival.0);
        return Ok(());
    }
    tx.run(
        "DELETE FROM body WHERE file IN (SELECT id FROM file WHERE arrival = ?1)",
        [arrival.0],
    )?;
    tx.run("DELETE FROM chunk WHERE arrival = ?1", [arrival.0])?;
    tx.run(
        "INSERT OR IGNORE INTO stale (file, reading)
         SELECT id, reading FROM file WHERE arrival = ?1 AND staged = 1",
        [arrival.0],
    )?;
    tx.run(
        "UPDATE file SET state = 'gone', reading = reading + staged, staged = 0
         WHERE arrival = ?1 AND state = 'fetched'",
        [arrival.0],
    )?;
    Ok(())
}

/// Counts a death; the file is read alone from then on.
pub(in crate::ledger::sqlite) fn died(tx: &Tx<'_>, file: FileId) -> Sql<u32> {
    let deaths = tx.first(
        "UPDATE file SET deaths = deaths + 1, alone = 1 WHERE id = ?1 RETURNING deaths",
        [file.0],
        |row| row.get(0),
    )?;
    Ok(deaths.unwrap_or(0))
}

//! fetched ▸ its members fetched: a container becomes the files in it, in one transaction.
//!
//! Unpacked again, after a retry or a crash, a member keeps its row by its place: a number somebody
//! holds never comes to mean another file.

use super::conclude::conclude;
use super::orders::problems;
use super::{int, superseded, to_json};
use crate::formats::FormatKind;
use crate::ledger::sqlite::work::{Sql, Tx};
use crate::ledger::{MemberPiece, NewMember, Unpacked};
use crate::limits;

/// Stores a piece of a large member; the first discards what an earlier try left.
pub(in crate::ledger::sqlite) fn piece(tx: &Tx<'_>, piece: &MemberPiece) -> Sql<()> {
    let (container, place) = (piece.container.0, piece.place);
    if piece.seq == 0 {
        drop_pieces(tx, container, place)?;
    }
    tx.run(
        "INSERT OR REPLACE INTO piece (container, member, seq, bytes) VALUES (?1, ?2, ?3, ?4)",
        (container, place, piece.seq, &piece.bytes[..]),
    )?;
    Ok(())
}

fn drop_pieces(tx: &Tx<'_>, container: i64, place: u32) -> Sql<()> {
    let sql = "DELETE FROM piece WHERE container = ?1 AND member = ?2";
    tx.run(sql, (container, place)).map(drop)
}

/// The arrow.
pub(in crate::ledger::sqlite) fn unpacked(tx: &mut Tx<'_>, one: &Unpacked) -> Sql<()> {
    let id = one.file.0;
    let found = tx.first(
        "SELECT arrival FROM file WHERE id = ?1 AND state = 'fetched' AND container IS NULL",
        [id],
        |row| row.get::<_, i64>(0),
    )?;
    let Some(arrival) = found else {
        superseded("unpacked", id);
        return Ok(());
    };
    container(tx, arrival, one)?;
    for new in &one.members {
        let file = member(tx, arrival, one, new)?;
        store(tx, id, file, new)?;
    }
    // Places that an earlier unpacking filled and this one did not.
    tx.run(
        "UPDATE file SET state = 'read', outcome = NULL, bad = 0, cancelled = 0
         WHERE container = ?1 AND state = 'packed'",
        [id],
    )?;
    let (stage, due) = if one.members.is_empty() {
        ("due", None)
    } else {
        ("fetched", Some(tx.now.0))
    };
    tx.run(
        "UPDATE arrival SET stage = ?2, due = ?3, why = NULL WHERE id = ?1 AND stage = 'fetched'",
        (arrival, stage, due),
    )?;
    if one.members.is_empty() {
        conclude(tx, arrival)?;
    }
    Ok(())
}

fn container(tx: &Tx<'_>, arrival: i64, one: &Unpacked) -> Sql<()> {
    let id = one.file.0;
    problems(tx, id, &one.problems)?;
    let bad = one
        .problems
        .iter()
        .filter(|problem| problem.is_error())
        .count();
    let outcome = match (bad, one.members.len()) {
        (0, _) => "accepted",
        (_, 0) => "rejected",
        _ => "partial",
    };
    tx.run(
        "UPDATE file SET state = 'read', name = ?2, sender = ?3, format = ?4, outcome = ?5,
                bad = ?6, alone = 0, open = 0
         WHERE id = ?1",
        (id, &one.name, &one.sender, one.kind, outcome, bad),
    )?;
    if let Some(letter) = &one.letter {
        tx.run(
            "INSERT OR REPLACE INTO letter (arrival, body) VALUES (?1, ?2)",
            (arrival, to_json(letter)?),
        )?;
    }
    Ok(())
}

/// The member's row: new, or the one that its place had before.
fn member(tx: &Tx<'_>, arrival: i64, one: &Unpacked, new: &NewMember) -> Sql<i64> {
    let container = one.file.0;
    let chunked = new.file.body.is_none();
    let forced = new.forced.map(FormatKind::as_str);
    let known = tx.first(
        "SELECT id FROM file WHERE container = ?1 AND member = ?2",
        (container, new.place),
        |row| row.get::<_, i64>(0),
    )?;
    let file = &new.file;
    if let Some(id) = known {
        tx.run(
            "UPDATE file SET state = 'fetched', chunked = ?2, sender = ?3, name = ?4, bytes = ?5,
                    sha256 = ?6, forced = ?7
             WHERE id = ?1",
            (
                id,
                chunked,
                &one.sender,
                &file.name,
                int(file.bytes),
                &file.sha256,
                forced,
            ),
        )?;
        return Ok(id);
    }
    tx.run(
        "INSERT INTO file (arrival, state, chunked, sender, name, bytes, sha256, container, member,
                           forced)
         VALUES (?1, 'fetched', ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        (
            arrival,
            chunked,
            &one.sender,
            &file.name,
            int(file.bytes),
            &file.sha256,
            container,
            new.place,
            forced,
        ),
    )?;
    Ok(tx.db.last_insert_rowid())
}

fn store(tx: &Tx<'_>, container: i64, file: i64, new: &NewMember) -> Sql<()> {
    let Some(body) = &new.file.body else {
        return tx.run("DELETE FROM body WHERE file = ?1", [file]).map(drop);
    };
    debug_assert!(
        body.len() <= limits::CHUNK_BYTES,
        "large members come as pieces"
    );
    drop_pieces(tx, container, new.place)?;
    let sql = "INSERT OR REPLACE INTO body (file, bytes) VALUES (?1, ?2)";
    tx.run(sql, (file, &body[..])).map(drop)
}

/// Before a container is unpacked again: whether nothing of its members is open.
pub(super) fn is_closed(tx: &Tx<'_>, container: i64) -> Sql<bool> {
    let open = tx.first(
        "SELECT 1 FROM file WHERE container = ?1 AND (open <> 0 OR state = 'promoting') LIMIT 1",
        [container],
        |_| Ok(()),
    )?;
    Ok(open.is_none())
}

/// The members of a container that is unpacked again wait for it.
pub(super) fn pack(tx: &Tx<'_>, container: i64, forget: fn(&Tx<'_>, i64) -> Sql<()>) -> Sql<()> {
    let ids = {
        let mut ids = tx
            .db
            .prepare_cached("SELECT id FROM file WHERE container = ?1")?;
        ids.query_map([container], |row| row.get::<_, i64>(0))?
            .collect::<Sql<Vec<_>>>()?
    };
    for id in ids {
        forget(tx, id)?;
        tx.run("UPDATE file SET state = 'packed' WHERE id = ?1", [id])?;
    }
    Ok(())
}

//! fetched ▸ due: what reading a file found, decided and made visible in one transaction.

use super::conclude::{Books, conclude};
use super::counts;
use super::orders::{self, Origin, Owed, insert, owe, problems};
use super::{int, superseded, to_json, tracking};
use crate::arrival::FileId;
use crate::ledger::sqlite::work::{Sql, Tx};
use crate::ledger::{ParsedFile, StagedOrder};
use crate::profiles::{Outcome, ProfileUse};

/// Stages a batch of a big file's orders, invisible to lanes.
pub(in crate::ledger::sqlite) fn stage(
    tx: &mut Tx<'_>,
    file: FileId,
    first: bool,
    orders: &[StagedOrder],
) -> Sql<()> {
    let Some(mut found) = Found::load(tx, file)? else {
        superseded("stage", file.0);
        return Ok(());
    };
    if first {
        found.discard(tx)?;
        tx.run(
            "UPDATE file SET reading = ?2, staged = 1 WHERE id = ?1",
            (file.0, found.origin.reading),
        )?;
    } else if !found.staged {
        superseded("stage", file.0);
        return Ok(());
    }
    orders::stage(tx, found.origin, orders)
}

/// A file at `fetched`.
struct Found {
    origin: Origin,
    /// Orders of this reading lie staged.
    staged: bool,
    /// Other files of the arrival are not read yet.
    others: bool,
    source: String,
    sender: String,
}

impl Found {
    fn load(tx: &Tx<'_>, file: FileId) -> Sql<Option<Self>> {
        tx.first(
            "SELECT arrival, reading, staged,
                    EXISTS (SELECT 1 FROM file o WHERE o.arrival = f.arrival AND o.id <> f.id
                            AND o.state IN ('fetched', 'gone', 'packed')),
                    (SELECT source FROM arrival WHERE id = f.arrival), sender
             FROM file f WHERE id = ?1 AND state = 'fetched'",
            [file.0],
            |row| {
                Ok(Self {
                    origin: Origin {
                        file: file.0,
                        arrival: row.get(0)?,
                        reading: row.get(1)?,
                    },
                    staged: row.get(2)?,
                    others: row.get(3)?,
                    source: row.get(4)?,
                    sender: row.get(5)?,
                })
            },
        )
    }

    /// Marks what lies staged as stale; it is deleted in steps, see `promote`.
    fn discard(&mut self, tx: &Tx<'_>) -> Sql<()> {
        if self.staged {
            tx.run(
                "INSERT OR IGNORE INTO stale (file, reading) VALUES (?1, ?2)",
                (self.origin.file, self.origin.reading),
            )?;
            self.origin.reading += 1;
            self.staged = false;
        }
        Ok(())
    }
}

/// The arrow.
pub(in crate::ledger::sqlite) fn parsed(tx: &mut Tx<'_>, files: &[ParsedFile]) -> Sql<()> {
    for file in files {
        match Found::load(tx, file.file)? {
            Some(found) => read(tx, file, found)?,
            None => superseded("parsed", file.file.0),
        }
    }
    Ok(())
}

/// How a reading leaves its file.
struct Left {
    state: &'static str,
    waiting: Option<String>,
    open: i64,
    bad: i64,
}

impl Left {
    fn new(state: &'static str, bad: i64) -> Self {
        Self {
            state,
            waiting: None,
            open: 0,
            bad,
        }
    }
}

fn read(tx: &mut Tx<'_>, file: &ParsedFile, mut found: Found) -> Sql<()> {
    let summary = &file.summary;
    let waiting = file.waiting.clone().or_else(|| nowhere(file));
    let all_here = summary.orders == file.orders.len() as u64;
    if waiting.is_some() || summary.outcome == Outcome::Rejected || all_here {
        found.discard(tx)?;
    }
    let origin = found.origin;
    problems(tx, origin.file, &file.problems)?;
    counts::read(tx, &found.source, &found.sender, file);
    let mut left = if waiting.is_some() {
        Left::new("waiting", 0)
    } else if summary.outcome == Outcome::Rejected {
        Left::new("read", 1)
    } else if found.staged {
        orders::stage(tx, origin, &file.orders)?;
        Left::new("promoting", withheld(file))
    } else {
        let mut books = Books::default();
        let first = insert(tx, origin, &file.orders, None)?;
        for (id, order) in (first..).zip(&file.orders) {
            owe(tx, origin, id, &Owed::from(order), &mut books)?;
        }
        let (open, bad, _) = books.take(origin.file);
        Left {
            open,
            ..Left::new("read", withheld(file) + bad)
        }
    };
    if waiting.is_none() && summary.outcome != Outcome::Rejected {
        left.open += tracking::of_file(tx, origin.file, &file.events)?;
    }
    left.waiting = waiting;
    write(tx, file, &found, &left)?;
    if !found.others {
        tx.run(
            "UPDATE arrival SET stage = 'due', due = NULL, why = NULL
             WHERE id = ?1 AND stage = 'fetched'",
            [origin.arrival],
        )?;
    }
    if left.open == 0 && left.state == "read" {
        conclude(tx, origin.arrival)?;
    }
    Ok(())
}

/// An order that is owed nowhere makes its file wait: sending the rest would settle it.
fn nowhere(file: &ParsedFile) -> Option<String> {
    if file.summary.outcome == Outcome::Rejected {
        return None;
    }
    let order = file
        .orders
        .iter()
        .find(|order| order.destinations.is_empty())?;
    Some(format!(
        "No route has a destination for order {}.",
        order.reference
    ))
}

/// Orders that keep the file from being done.
fn withheld(file: &ParsedFile) -> i64 {
    int(match file.summary.outcome {
        Outcome::Accepted => file.summary.withheld,
        Outcome::Partial | Outcome::Rejected => file.summary.withheld.max(1),
    })
}

fn write(tx: &mut Tx<'_>, file: &ParsedFile, found: &Found, left: &Left) -> Sql<()> {
    let summary = &file.summary;
    let profile = match &summary.profile {
        Some(used) => Some(profile(tx, used)?),
        None => None,
    };
    let rows = match &summary.withheld_rows[..] {
        [] => None,
        rows => Some(to_json(&rows)?),
    };
    let outcome = match summary.outcome {
        Outcome::Accepted => "accepted",
        Outcome::Partial => "partial",
        Outcome::Rejected => "rejected",
    };
    tx.db
        .prepare_cached(
            "UPDATE file SET state = ?2, reading = ?3, staged = ?4, waiting = ?5, bad = ?6,
                    outcome = ?7, format = ?8, profile = ?9, candidate = ?10, orders = ?11,
                    withheld = ?12, left_out = left_out + ?13, correctable = ?14,
                    withheld_rows = ?15, open = ?16, alone = 0
             WHERE id = ?1",
        )?
        .execute((
            found.origin.file,
            left.state,
            found.origin.reading,
            found.staged,
            &left.waiting,
            left.bad,
            outcome,
            summary.format.map(crate::formats::FormatKind::as_str),
            profile,
            summary.candidate,
            int(summary.orders),
            int(summary.withheld),
            int(summary.problems_left_out),
            summary.correctable,
            rows,
            left.open,
        ))?;
    Ok(())
}

/// The row of a used profile; few different ones, so remembered.
fn profile(tx: &mut Tx<'_>, used: &ProfileUse) -> Sql<i64> {
    let key = (used.name.clone(), used.version.clone(), used.hash.clone());
    if let Some(id) = tx.memo.profiles.get(&key) {
        return Ok(*id);
    }
    tx.run(
        "INSERT OR IGNORE INTO profile (name, version, hash) VALUES (?1, ?2, ?3)",
        (&used.name, &used.version, &used.hash),
    )?;
    let id = tx.first(
        "SELECT id FROM profile WHERE name = ?1 AND version = ?2 AND hash = ?3",
        (&used.name, &used.version, &used.hash),
        |row| row.get(0),
    )?;
    let id = id.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
    tx.memo.profiles.insert(key, id);
    Ok(id)
}

//! The counters of a file, and the verdict when the last of them reaches zero.

use std::collections::BTreeMap;

use rusqlite::Row;

use super::outbox;
use crate::arrival::{DeliveryState, Verdict};
use crate::ledger::sqlite::work::{Sql, Tx};

/// What one transaction changes about the counters of files. Collected, so that a file with many
/// orders is written once.
#[derive(Debug, Default)]
pub(super) struct Books(BTreeMap<i64, Change>);

#[derive(Debug, Default, Clone, Copy)]
struct Change {
    open: i64,
    bad: i64,
    cancelled: i64,
}

impl Change {
    fn count(&mut self, state: DeliveryState, by: i64) {
        match state {
            DeliveryState::Refused => self.bad += by,
            DeliveryState::Cancelled => self.cancelled += by,
            state if !state.is_final() => self.open += by,
            _ => {}
        }
    }
}

impl Books {
    /// A delivery of the file went from one state to another.
    pub(super) fn became(&mut self, file: i64, from: DeliveryState, to: DeliveryState) {
        let change = self.0.entry(file).or_default();
        change.count(from, -1);
        change.count(to, 1);
    }

    /// A delivery of the file was made.
    pub(super) fn made(&mut self, file: i64, state: DeliveryState) {
        self.0.entry(file).or_default().count(state, 1);
    }

    /// An event of the file that waited has found its order.
    pub(super) fn heard(&mut self, file: i64) {
        self.0.entry(file).or_default().open -= 1;
    }

    /// An event of the file waited in vain.
    pub(super) fn unheard(&mut self, file: i64) {
        let change = self.0.entry(file).or_default();
        change.open -= 1;
        change.bad += 1;
    }

    /// What was counted for one file, for who writes its row anyway: open, bad, cancelled.
    pub(super) fn take(mut self, file: i64) -> (i64, i64, i64) {
        let change = self.0.remove(&file).unwrap_or_default();
        (change.open, change.bad, change.cancelled)
    }

    /// Writes the counters and concludes the arrivals of which nothing is open any more.
    pub(super) fn close(self, tx: &mut Tx<'_>) -> Sql<()> {
        for (file, change) in self.0 {
            tx.run(
                "UPDATE file SET open = open + ?2, bad = bad + ?3, cancelled = cancelled + ?4
                 WHERE id = ?1",
                (file, change.open, change.bad, change.cancelled),
            )?;
            let left = tx.first(
                "SELECT arrival, open FROM file WHERE id = ?1",
                [file],
                |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)),
            )?;
            if let Some((arrival, 0)) = left {
                conclude(tx, arrival)?;
            }
        }
        Ok(())
    }
}

/// How an arrival stands, all its files together.
#[expect(
    clippy::struct_excessive_bools,
    reason = "a row of yes and no from one question"
)]
struct Standing {
    /// A file is not read, or a delivery is open.
    unfinished: bool,
    bad: bool,
    cancelled: bool,
    /// A person retried it after it was settled.
    apart: bool,
    lies_nowhere: bool,
    lies_in_error: bool,
}

impl Standing {
    fn of(row: &Row<'_>) -> Sql<Self> {
        Ok(Self {
            unfinished: row.get(0)?,
            bad: row.get(1)?,
            cancelled: row.get(2)?,
            apart: row.get(3)?,
            lies_nowhere: row.get(4)?,
            lies_in_error: row.get::<_, Option<bool>>(5)?.unwrap_or(false),
        })
    }

    fn verdict(&self) -> Verdict {
        if self.bad || self.cancelled {
            Verdict::Error
        } else {
            Verdict::Done
        }
    }

    /// Whether nothing is left to be settled.
    fn in_place(&self) -> bool {
        let error = self.verdict() == Verdict::Error;
        self.apart && (self.lies_nowhere || self.lies_in_error == error)
    }
}

/// due ▸ concluded, if every file of the arrival is read and nothing of them is open.
///
/// Something that a person retried and that lies where its verdict belongs already, or nowhere, has
/// nothing to be settled.
pub(super) fn conclude(tx: &mut Tx<'_>, arrival: i64) -> Sql<()> {
    let found = tx.first(
        "SELECT total(f.open <> 0 OR f.state <> 'read') > 0, total(f.bad) > 0,
                total(f.cancelled) > 0, a.apart <> 0, a.lies_at IS NULL, a.lies_as = 'error'
         FROM arrival a JOIN file f ON f.arrival = a.id WHERE a.id = ?1 AND a.stage = 'due'
         GROUP BY a.id",
        [arrival],
        Standing::of,
    )?;
    let Some(standing) = found.filter(|standing| !standing.unfinished) else {
        return Ok(());
    };
    let verdict = standing.verdict();
    tx.run(
        "UPDATE arrival SET stage = 'concluded', due = ?2, concluded = ?2, tries = 0,
                why = NULL, verdict = ?3
         WHERE id = ?1",
        (arrival, tx.now.0, verdict.as_str()),
    )?;
    if standing.in_place() {
        tx.run(
            "UPDATE arrival SET stage = 'settled', due = NULL, settled = ?2, settled_to = lies_at,
                    settled_as = CASE WHEN lies_at IS NULL THEN 'vanished' ELSE 'already' END
             WHERE id = ?1",
            (arrival, tx.now.0),
        )?;
    }
    // Not for what only a person's cancel made an error.
    if standing.bad {
        outbox::report(tx, arrival)?;
    }
    Ok(())
}

//! The counters of a file, and the verdict when the last of them reaches zero.

use std::collections::BTreeMap;

use super::outbox;
use crate::arrival::DeliveryState;
use crate::ledger::sqlite::writer::{Sql, Tx};

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

    /// Whether nothing was made or changed.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Writes the counters and concludes the arrivals of which nothing is open any more.
    pub(super) fn close(self, tx: &mut Tx<'_>) -> Sql<()> {
        for (file, change) in self.0 {
            let left = tx.first(
                "UPDATE file SET open = open + ?2, bad = bad + ?3, cancelled = cancelled + ?4
                 WHERE id = ?1 RETURNING arrival, open",
                (file, change.open, change.bad, change.cancelled),
                |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)),
            )?;
            if let Some((arrival, 0)) = left {
                conclude(tx, arrival)?;
            }
        }
        Ok(())
    }
}

/// due ▸ concluded, if every file of the arrival is read and nothing of them is open.
///
/// Something that a person retried and that lies where its verdict belongs already, or nowhere, has
/// nothing to be settled.
pub(super) fn conclude(tx: &mut Tx<'_>, arrival: i64) -> Sql<()> {
    let concluded = tx.first(
        "UPDATE arrival SET stage = 'concluded', due = ?2, concluded = ?2, tries = 0,
                why = NULL,
                verdict = (SELECT CASE sum(bad + cancelled) WHEN 0 THEN 'done' ELSE 'error' END
                           FROM file WHERE arrival = ?1)
         WHERE id = ?1 AND stage = 'due' AND NOT EXISTS
               (SELECT 1 FROM file WHERE arrival = ?1 AND (open <> 0 OR state <> 'read'))
         RETURNING verdict = 'error', apart <> 0 AND (lies_at IS NULL OR lies_as = verdict)",
        (arrival, tx.now.0),
        |row| Ok((row.get::<_, bool>(0)?, row.get::<_, bool>(1)?)),
    )?;
    let Some((error, in_place)) = concluded else {
        return Ok(());
    };
    if in_place {
        tx.run(
            "UPDATE arrival SET stage = 'settled', due = NULL, settled = ?2, settled_to = lies_at,
                    settled_as = CASE WHEN lies_at IS NULL THEN 'vanished' ELSE 'already' END
             WHERE id = ?1",
            (arrival, tx.now.0),
        )?;
    }
    if error {
        outbox::report(tx, arrival)?;
    }
    Ok(())
}

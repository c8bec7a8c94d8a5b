//! Deciding again about a delivery: when what it waited for ends, or when a person asks.
//!
//! A blocked order may then be a repeat of what was accepted, or a first order because the one before
//! it was refused.

use std::collections::VecDeque;

use super::conclude::Books;
use super::revise::{Fate, Weighed, action, on_change, state, weigh};
use crate::arrival::DeliveryState;
use crate::ledger::sqlite::work::{Sql, Tx};
use crate::order::{Action, ContentHash, Identity};
use crate::revision::OnChange;

/// A delivery with what deciding again needs.
pub(super) struct Again {
    pub(super) id: i64,
    pub(super) file: i64,
    pub(super) state: DeliveryState,
    /// Its place among the revisions.
    pub(super) rank: f64,
    destination: String,
    reference: String,
    identity: Identity,
    arrival: i64,
    action: Action,
    content: ContentHash,
    source: [u8; 32],
    on_change: OnChange,
    hold: bool,
}

impl Again {
    /// Looks it up.
    pub(super) fn load(tx: &Tx<'_>, id: i64) -> Sql<Option<Self>> {
        tx.first(
            "SELECT d.file, d.state, d.destination, o.identity, f.arrival, o.action,
                    o.content_hash, o.source_hash, o.on_change, o.hold,
                    coalesce(d.revised, d.id), d.reference
             FROM delivery d JOIN orders o ON o.id = d.orders JOIN file f ON f.id = d.file
             WHERE d.id = ?1",
            [id],
            |row| {
                Ok(Self {
                    id,
                    file: row.get(0)?,
                    state: state(row, 1)?,
                    destination: row.get(2)?,
                    identity: Identity(row.get(3)?),
                    arrival: row.get(4)?,
                    action: action(row, 5)?,
                    content: ContentHash(row.get(6)?),
                    source: row.get(7)?,
                    on_change: on_change(row.get_ref(8)?.as_str_or_null()?),
                    hold: row.get(9)?,
                    rank: row.get(10)?,
                    reference: row.get(11)?,
                })
            },
        )
    }

    /// As it is decided anew; `before`: only revisions before this rank count.
    pub(super) fn weighed(&self, before: Option<f64>) -> Weighed<'_> {
        Weighed {
            destination: &self.destination,
            reference: &self.reference,
            identity: self.identity,
            arrival: self.arrival,
            action: self.action,
            content: self.content,
            source: self.source,
            on_change: self.on_change,
            before,
        }
    }

    /// Writes what a fate makes of it. `hold`: whether it (still) waits for a person's review.
    pub(super) fn write(&self, tx: &mut Tx<'_>, fate: Fate, hold: bool) -> Sql<DeliveryState> {
        let made = fate.made(self.action, hold, tx.now.0);
        tx.run(
            "UPDATE delivery SET state = ?2, action = ?3, due = ?4, key = ?5, behind = ?6,
                    person = ?7, ended = ?8, code = ?9, detail = ?10, unknown = 0
             WHERE id = ?1",
            (
                self.id,
                made.state.as_str(),
                made.action.as_str(),
                made.due,
                &made.key,
                made.behind,
                made.person,
                made.ended,
                made.code,
                made.detail,
            ),
        )?;
        tx.memo.blockers.extend(made.behind);
        Ok(made.state)
    }
}

/// What a person sends now comes after everything that was sent before.
pub(super) fn last(tx: &Tx<'_>, delivery: i64) -> Sql<()> {
    tx.run(
        "UPDATE delivery SET revised = (SELECT max(id) FROM delivery) + 0.5 WHERE id = ?1",
        [delivery],
    )?;
    Ok(())
}

/// Decides again for all that waited for `ended`, and for those that waited for these.
pub(super) fn unblock(tx: &mut Tx<'_>, ended: i64, books: &mut Books) -> Sql<()> {
    behind(tx, ended, books, false)
}

/// Decides again for all behind a delivery whose content or key has changed: the keys of all that
/// follow cover it.
pub(super) fn follow(tx: &mut Tx<'_>, changed: i64, books: &mut Books) -> Sql<()> {
    behind(tx, changed, books, true)
}

fn behind(tx: &mut Tx<'_>, first: i64, books: &mut Books, all: bool) -> Sql<()> {
    let mut queue = VecDeque::from([first]);
    while let Some(ended) = queue.pop_front() {
        if !tx.memo.blockers.contains(&ended) {
            continue;
        }
        let waiting: Vec<i64> = tx.all(
            "SELECT id FROM delivery WHERE behind = ?1 ORDER BY id",
            [ended],
            |row| row.get(0),
        )?;
        for id in waiting {
            let Some(again) = Again::load(tx, id)? else {
                continue;
            };
            let fate = weigh(tx, &again.weighed(Some(again.rank)))?;
            // What a person released once is not held again; what was held stays so.
            let released = tx.first(
                "SELECT 1 FROM delivery WHERE id = ?1 AND key IS NOT NULL AND state = 'due'",
                [id],
                |_| Ok(()),
            )?;
            let state = again.write(tx, fate, again.hold && released.is_none())?;
            books.became(again.file, again.state, state);
            if all || state.is_final() {
                queue.push_back(id);
            }
        }
    }
    Ok(())
}

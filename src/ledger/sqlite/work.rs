//! Pieces of work for the writer, and what they see of the transaction they run in.

use std::borrow::Cow;
use std::collections::HashMap;

use rusqlite::{Connection, Params};
use tokio::sync::oneshot;

use super::arrows::Memo;
use crate::clock::Millis;
use crate::failure::Failure;

/// A result within a transaction.
pub(super) type Sql<T> = rusqlite::Result<T>;

/// What a piece of work sees: the open transaction, its time, and what the writer remembers.
pub(super) struct Tx<'c> {
    pub(super) db: &'c Connection,
    pub(super) now: Millis,
    pub(super) memo: &'c mut Memo,
    /// The host part of our Message-IDs.
    pub(super) host: &'c str,
    pub(super) tallies: HashMap<(Cow<'static, str>, String), u64>,
}

impl Tx<'_> {
    /// Runs a statement; the number of rows it changed.
    pub(super) fn run(&self, sql: &str, params: impl Params) -> Sql<usize> {
        self.db.prepare_cached(sql)?.execute(params)
    }

    /// The first row of a question, if there is one.
    pub(super) fn first<T>(
        &self,
        sql: &str,
        params: impl Params,
        map: impl FnOnce(&rusqlite::Row<'_>) -> Sql<T>,
    ) -> Sql<Option<T>> {
        let mut statement = self.db.prepare_cached(sql)?;
        let mut rows = statement.query(params)?;
        rows.next()?.map(map).transpose()
    }

    /// All rows of a question.
    pub(super) fn all<T>(
        &self,
        sql: &str,
        params: impl Params,
        map: impl FnMut(&rusqlite::Row<'_>) -> Sql<T>,
    ) -> Sql<Vec<T>> {
        self.db
            .prepare_cached(sql)?
            .query_map(params, map)?
            .collect()
    }

    /// Counts something for `status` and charts; written once a transaction.
    pub(super) fn tally(&mut self, what: impl Into<Cow<'static, str>>, name: &str, count: u64) {
        let sum = self.tallies.entry((what.into(), name.to_owned()));
        *sum.or_default() += count;
    }

    fn write_tallies(&mut self) -> Sql<()> {
        for ((what, name), count) in std::mem::take(&mut self.tallies) {
            self.run(
                "INSERT INTO tally (hour, what, name, count) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT DO UPDATE SET count = count + excluded.count",
                (self.now.0 / HOUR, what, name, count),
            )?;
        }
        Ok(())
    }
}

/// Milliseconds of one hour, the grain of `tally`.
pub(super) const HOUR: i64 = 3_600_000;

/// A piece of work in the queue.
pub(super) trait Work: Send {
    /// Does it, within the transaction. May be called again after a rollback.
    fn run(&mut self, tx: &mut Tx<'_>) -> Sql<()>;
    /// Tells the caller, after the commit or instead of it.
    fn answer(self: Box<Self>, outcome: Result<(), Failure>);
}

struct Piece<T, F> {
    work: F,
    made: Option<T>,
    reply: oneshot::Sender<Result<T, Failure>>,
}

impl<T: Send, F: FnMut(&mut Tx<'_>) -> Sql<T> + Send> Work for Piece<T, F> {
    fn run(&mut self, tx: &mut Tx<'_>) -> Sql<()> {
        self.made = Some((self.work)(tx)?);
        Ok(())
    }

    fn answer(self: Box<Self>, outcome: Result<(), Failure>) {
        let Self { made, reply, .. } = *self;
        let answer = outcome.and_then(|()| {
            made.ok_or_else(|| Failure::ours("writing the ledger", "the work was never run"))
        });
        // A caller that went away no longer wants to know; what was committed stays.
        drop(reply.send(answer));
    }
}

/// Wraps work for the queue.
pub(super) fn piece<T: Send + 'static>(
    work: impl FnMut(&mut Tx<'_>) -> Sql<T> + Send + 'static,
) -> (Box<dyn Work>, oneshot::Receiver<Result<T, Failure>>) {
    let (reply, answer) = oneshot::channel();
    let piece = Piece {
        work,
        made: None,
        reply,
    };
    (Box::new(piece), answer)
}

/// Ends the transaction: what was counted, then the commit.
pub(super) fn commit(tx: &mut Tx<'_>) -> Sql<()> {
    tx.write_tallies()?;
    tx.db.prepare_cached("COMMIT")?.execute([])?;
    Ok(())
}

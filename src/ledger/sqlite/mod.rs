//! The ledger on SQLite: one file in the state directory.
//!
//! ```text
//!  callers ─▶ queue ─▶ writer: BEGIN, everything that waits, COMMIT (one sync), answers     writer.rs
//!             lanes first   └─▶ pages of the log to the file, beside the commits          queue.rs, mover.rs
//!                        └─ arrows/: what each arrow does to the rows
//!  loops   ─▶ queue ─▶ one reader                                                           readers.rs
//!  people  ─▶ queue ─▶ two readers ─▶ questions/: what each question selects
//! ```
//!
//! Promises: an answered call survives a loss of power (WAL, synchronous=FULL, read back at the
//! start); a failed one changed nothing; an error of the disk ends the ledger for good, see
//! [`SqliteLedger::stopped`]. Never: a transaction that holds longer than
//! [`crate::limits::TRANSACTION`] asks for, plus one piece of work; a sync tried twice.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

use tokio::sync::{mpsc, watch};

use crate::clock;
use crate::failure::Failure;
use crate::ledger::News;
use crate::limits;

mod arrows;
mod fault;
mod ledger;
mod mover;
mod noted;
mod open;
mod people;
mod questions;
mod queue;
mod readers;
mod reads;
mod tracking;
mod work;
mod writer;

#[cfg(test)]
mod tests;

pub use fault::Stop;
pub use open::{FILE, LOCK, OpenError};

use mover::Mover;
use queue::{Order, Queue};
use readers::Readers;
use work::{Sql, Tx};
use writer::Writer;

type Result<T> = std::result::Result<T, Failure>;

/// What the ledger needs to know about the house.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The host part of the Message-IDs of our mails: `edi.example.com`.
    pub host: String,
}

/// The ledger, open and locked. Dropping it without [`crate::ledger::Ledger::close`] is the same as
/// a crash for the next start.
pub struct SqliteLedger {
    /// Both are `None` only while dropping.
    queue: Option<mpsc::Sender<Order>>,
    readers: Option<(Readers, Readers)>,
    threads: Vec<JoinHandle<()>>,
    stop: watch::Receiver<Option<Stop>>,
    state_dir: PathBuf,
    unclean: bool,
    news: Arc<News>,
}

impl SqliteLedger {
    /// Opens the ledger of `state_dir`, making both if they are missing, and takes its lock for as
    /// long as this lives.
    pub fn open(state_dir: &Path, options: Options) -> std::result::Result<Self, OpenError> {
        let lock = open::lock(state_dir)?;
        let io = |message: String| OpenError::Io {
            state_dir: state_dir.to_path_buf(),
            message,
        };
        let (db, unclean) = open::writer(state_dir, clock::now())?;
        let (queue, orders) = mpsc::channel(limits::WRITER_QUEUE);
        let (stopping, stop) = watch::channel(None);
        let news = Arc::new(News::default());
        let mover = Mover::start(state_dir).map_err(io)?;
        let mut writer = Writer::new(db, Queue::new(orders), stopping, options.host, lock, mover)
            .map_err(|error| io(error.to_string()))?;
        writer
            .tell(Arc::clone(&news))
            .map_err(|error| io(error.to_string()))?;
        let (loops, mut threads) = Readers::start(state_dir, "ledger-loops", 1).map_err(io)?;
        let (people, more) =
            Readers::start(state_dir, "ledger-people", limits::READERS).map_err(io)?;
        threads.extend(more);
        let thread = std::thread::Builder::new()
            .name("ledger-writer".into())
            .spawn(move || writer.run())
            .map_err(|error| io(error.to_string()))?;
        threads.push(thread);
        Ok(Self {
            queue: Some(queue),
            readers: Some((loops, people)),
            threads,
            stop,
            state_dir: state_dir.to_path_buf(),
            unclean,
            news,
        })
    }

    /// Resolves when the ledger stopped for good: the process must end (exit 74, or 65 where it is
    /// damaged) and be started anew. Every call fails from then on.
    pub async fn stopped(&self) -> Stop {
        let mut stop = self.stop.clone();
        loop {
            if let Some(stop) = stop.borrow_and_update().clone() {
                return stop;
            }
            if stop.changed().await.is_err() {
                // Closed in good order: nothing will ever stop it.
                std::future::pending::<()>().await;
            }
        }
    }

    /// Reads the whole file and compares every index with its table: long, and in the background.
    /// What is wrong, if anything.
    pub async fn check(&self) -> Result<Vec<String>> {
        let state_dir = self.state_dir.clone();
        let checked = tokio::task::spawn_blocking(move || {
            open::reader(&state_dir)?
                .prepare("PRAGMA integrity_check(10)")?
                .query_map([], |row| row.get::<_, String>(0))?
                .collect::<Sql<Vec<String>>>()
        })
        .await
        .map_err(|error| Failure::ours("checking the ledger", error))?;
        match checked {
            Ok(words) => Ok(words.into_iter().filter(|word| word != "ok").collect()),
            Err(error) => match fault::sort(&error) {
                fault::Fault::Stop(Stop::Damaged(message)) => Ok(vec![message]),
                _ => Err(fault::reading(&error)),
            },
        }
    }

    /// Hands work to the writer and waits until it is durable.
    async fn write<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut Tx<'_>) -> Sql<T> + Send + 'static,
    ) -> Result<T> {
        let (piece, answer) = work::piece(work);
        self.send(Order::Work(piece)).await?;
        answer.await.map_err(|_| self.ended())?
    }

    /// The same for what a lane waits for: before everything else that waits.
    async fn write_first<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut Tx<'_>) -> Sql<T> + Send + 'static,
    ) -> Result<T> {
        let (piece, answer) = work::piece(work);
        self.send(Order::Urgent(piece)).await?;
        answer.await.map_err(|_| self.ended())?
    }

    async fn send(&self, order: Order) -> Result<()> {
        let queue = self.queue.as_ref().ok_or_else(|| self.ended())?;
        queue.send(order).await.map_err(|_| self.ended())
    }

    fn ended(&self) -> Failure {
        self.stop.borrow().as_ref().map_or_else(
            || Failure::ours("using the ledger", "it is closed"),
            Stop::failure,
        )
    }

    /// Asks for one of the loops.
    async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&rusqlite::Connection) -> Sql<T> + Send + 'static,
    ) -> Result<T> {
        match &self.readers {
            Some((loops, _)) => loops.ask(question).await,
            None => Err(self.ended()),
        }
    }

    /// Asks for a person.
    async fn search<T: Send + 'static>(
        &self,
        question: impl FnOnce(&rusqlite::Connection) -> Sql<T> + Send + 'static,
    ) -> Result<T> {
        match &self.readers {
            Some((_, people)) => people.ask(question).await,
            None => Err(self.ended()),
        }
    }
}

impl Drop for SqliteLedger {
    /// Waits for the threads, so that the lock is free when this returns.
    fn drop(&mut self) {
        self.queue = None;
        self.readers = None;
        for thread in self.threads.drain(..) {
            // A thread that panicked has said so through `stop`.
            drop(thread.join());
        }
    }
}

impl std::fmt::Debug for SqliteLedger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqliteLedger")
            .field("state_dir", &self.state_dir)
            .finish_non_exhaustive()
    }
}

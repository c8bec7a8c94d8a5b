//! The one thread that writes, and the group commit.
//!
//! Callers hand over pieces of work and wait. The thread takes everything that waits, up to
//! [`limits::TRANSACTION`] of it, runs it in one transaction, commits once, and only then answers:
//! the price of a sync is paid for the batch. Promises: an answer means durable; a piece of work
//! happens as a whole or not at all; when one fails the others of its batch are run again without
//! it, so that work must be repeatable until it is answered.

use std::collections::HashMap;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

use rusqlite::Connection;
use tokio::sync::watch;

use super::arrows::Memo;
use super::fault::{self, Fault, Stop};
use super::mover::{self, Mover};
use super::noted::Noted;
use super::open::Lock;
use super::queue::{Next, Order, Queue};
use super::work::{Sql, Tx, Work, commit};
use crate::clock;
use crate::ledger::News;
use crate::limits;
use crate::measure;

/// The thread's own side.
pub(super) struct Writer {
    db: Connection,
    queue: Queue,
    memo: Memo,
    stop: watch::Sender<Option<Stop>>,
    file: PathBuf,
    inode: u64,
    /// Pages in the write-ahead log after the last commit.
    wal_pages: Arc<AtomicI32>,
    /// How many were in it when the writer last moved some itself.
    wal_tried: i32,
    mover: Mover,
    host: String,
    noted: Option<Noted>,
    _lock: Lock,
}

impl Writer {
    /// Ready to run. The lock goes with the writer: it is let go when nothing can write any more.
    pub(super) fn new(
        mut db: Connection,
        queue: Queue,
        stop: watch::Sender<Option<Stop>>,
        host: String,
        lock: Lock,
        mover: Mover,
    ) -> Sql<Self> {
        let file = PathBuf::from(db.path().unwrap_or_default());
        let wal_pages = Arc::new(AtomicI32::new(0));
        let seen = Arc::clone(&wal_pages);
        // Takes the place of SQLite's automatic checkpoint, which would run within a commit.
        db.wal_hook(Some(move |_: &mut rusqlite::hooks::Wal, pages| {
            seen.store(pages, Ordering::Relaxed);
            Ok(())
        }))?;
        let memo = Memo::load(&db)?;
        let inode = std::fs::metadata(&file).map_or(0, |meta| meta.ino());
        Ok(Self {
            db,
            queue,
            memo,
            stop,
            file,
            inode,
            wal_pages,
            wal_tried: 0,
            mover,
            host,
            noted: None,
            _lock: lock,
        })
    }

    /// Tells `news` which rows every commit touched.
    pub(super) fn tell(&mut self, news: Arc<News>) -> Sql<()> {
        self.noted = Some(Noted::hook(&mut self.db, news)?);
        Ok(())
    }

    /// Until the handle is dropped, the ledger is closed, or the disk fails.
    pub(super) fn run(mut self) {
        let mut end = StopOnPanic(&self.stop.clone(), true);
        let stopped = self.serve();
        end.1 = false;
        if let Err(stop) = stopped {
            tracing::error!(%stop, "The ledger stopped.");
            let failure = stop.failure();
            self.stop.send_replace(Some(stop));
            for order in self.queue.close() {
                order.into_work().answer(Err(failure.clone()));
            }
        }
    }

    fn serve(&mut self) -> Result<(), Stop> {
        while let Some(first) = self.next()? {
            if let Err(stop) = self.no_sync_failed() {
                first.into_work().answer(Err(stop.failure()));
                return Err(stop);
            }
            if self.batch(first)? {
                return self.move_pages();
            }
            self.keep_log_short()?;
        }
        Ok(())
    }

    /// Waits for work. Only if none comes for a while the log is moved: not between two commits of a
    /// busy day.
    fn next(&mut self) -> Result<Option<Order>, Stop> {
        let mut longest = Some(limits::WAL_REST);
        loop {
            match self.queue.wait(longest) {
                Next::Order(order) => return Ok(Some(order)),
                Next::Ended => return Ok(None),
                // Whether that goes well is to be known also if no more work comes.
                Next::Quiet if self.mover.is_moving() => {}
                Next::Quiet => {
                    self.no_sync_failed()?;
                    if self.unmoved() > limits::WAL_PAGES_IDLE {
                        self.move_pages()?;
                    }
                    longest = None;
                }
            }
        }
    }

    /// One transaction of everything that waits; true if the last of it was the end.
    fn batch(&mut self, first: Order) -> Result<bool, Stop> {
        let mut works = Vec::new();
        let began = clock::moment();
        let (done, closed) = self.transact(first, &mut works);
        match done {
            Ok(()) => {
                measure::COMMITS.waited(began);
                measure::COMMIT_ARROWS.observe(works.len() as u64);
                self.still_there(&mut works)?;
                self.committed();
                for work in works {
                    work.answer(Ok(()));
                }
            }
            Err((culprit, error)) => self.failed(works, culprit, &error)?,
        }
        Ok(closed)
    }

    /// Runs and commits what waits. All of it is in `works` afterwards, also after an error, which
    /// tells whose it was if it was one work's own. True with it: the end was among it.
    fn transact(
        &mut self,
        first: Order,
        works: &mut Vec<Box<dyn Work>>,
    ) -> (Result<(), (Option<usize>, rusqlite::Error)>, bool) {
        let started = clock::moment();
        let began = self.begin();
        let mut tx = Tx {
            db: &self.db,
            now: clock::now(),
            memo: &mut self.memo,
            host: &self.host,
            tallies: HashMap::new(),
        };
        let mut next = Some(first);
        let mut closed = false;
        let mut longest = limits::TRANSACTION;
        while let Some(order) = next.take() {
            match order {
                Order::Work(_) => {}
                Order::Urgent(_) => longest = limits::TRANSACTION_URGENT,
                Order::Close(_) => closed = true,
            }
            works.push(order.into_work());
            if began.is_err() {
                break;
            }
            let last = works.len() - 1;
            if let Err(error) = works[last].run(&mut tx) {
                return (Err((Some(last), error)), closed);
            }
            next = match started.elapsed() {
                _ if closed => None,
                held if held < longest => self.queue.ready(),
                held if held < limits::TRANSACTION => self.queue.urgent(),
                _ => None,
            };
        }
        let done = began.and_then(|()| commit(&mut tx));
        (done.map_err(|error| (None, error)), closed)
    }

    fn begin(&self) -> Sql<()> {
        self.db.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        Ok(())
    }

    /// Rolls back, answers those that failed, and runs the others again without them.
    fn failed(
        &mut self,
        mut works: Vec<Box<dyn Work>>,
        culprit: Option<usize>,
        error: &rusqlite::Error,
    ) -> Result<(), Stop> {
        match (fault::sort(error), culprit) {
            (Fault::Stop(stop), _) => {
                let failure = stop.failure();
                for work in works {
                    work.answer(Err(failure.clone()));
                }
                Err(stop)
            }
            (Fault::One(failure), Some(culprit)) => {
                self.roll_back()?;
                tracing::error!(%failure, "An arrow failed and was taken back.");
                works.remove(culprit).answer(Err(failure));
                for work in works {
                    // One at a time: what failed once may have a companion.
                    self.alone(work)?;
                }
                Ok(())
            }
            (Fault::One(failure) | Fault::All(failure), _) => {
                self.roll_back()?;
                for work in works {
                    work.answer(Err(failure.clone()));
                }
                Ok(())
            }
        }
    }

    fn alone(&mut self, mut work: Box<dyn Work>) -> Result<(), Stop> {
        let ran = self.begin().and_then(|()| {
            let mut tx = Tx {
                db: &self.db,
                now: clock::now(),
                memo: &mut self.memo,
                host: &self.host,
                tallies: HashMap::new(),
            };
            work.run(&mut tx)?;
            commit(&mut tx)
        });
        match ran {
            Ok(()) => {
                self.committed();
                work.answer(Ok(()));
            }
            Err(error) => match fault::sort(&error) {
                Fault::Stop(stop) => {
                    work.answer(Err(stop.failure()));
                    return Err(stop);
                }
                Fault::One(failure) | Fault::All(failure) => {
                    self.roll_back()?;
                    work.answer(Err(failure));
                }
            },
        }
        Ok(())
    }

    fn committed(&self) {
        if let Some(noted) = &self.noted {
            noted.committed();
        }
    }

    /// SQLite may have rolled back by itself; what the writer remembers may be of rows that are gone.
    fn roll_back(&mut self) -> Result<(), Stop> {
        if let Some(noted) = &self.noted {
            noted.rolled_back();
        }
        let again = if self.db.is_autocommit() {
            Ok(())
        } else {
            self.db.execute_batch("ROLLBACK")
        };
        again
            .and_then(|()| Memo::load(&self.db))
            .map(|memo| self.memo = memo)
            .map_err(|error| match fault::sort(&error) {
                Fault::Stop(stop) => stop,
                Fault::One(failure) | Fault::All(failure) => Stop::Io(failure.message),
            })
    }

    /// A ledger whose file was taken away would go on into the void.
    fn still_there(&self, works: &mut Vec<Box<dyn Work>>) -> Result<(), Stop> {
        if std::fs::metadata(&self.file).is_ok_and(|meta| meta.ino() == self.inode) {
            return Ok(());
        }
        let stop = Stop::Io(format!("{} was taken away", self.file.display()));
        for work in works.drain(..) {
            work.answer(Err(stop.failure()));
        }
        Err(stop)
    }

    /// Pages of the log that are not in the file yet.
    fn unmoved(&self) -> i32 {
        let pages = self.wal_pages.load(Ordering::Relaxed);
        if pages < self.mover.moved() {
            // The log was begun anew after everything in it was moved.
            self.mover.set_moved(0);
        }
        pages - self.mover.moved()
    }

    /// Between two commits: has most of the log moved beside them. What is left of a long one is moved
    /// while nothing is appended, so that it begins anew; not at every commit, since a reader may keep
    /// back the rest.
    fn keep_log_short(&mut self) -> Result<(), Stop> {
        if self.unmoved() > limits::WAL_PAGES_MOVED {
            self.mover.begin();
        }
        let pages = self.wal_pages.load(Ordering::Relaxed);
        if pages < self.wal_tried {
            self.wal_tried = 0;
        }
        if pages <= self.wal_tried.max(limits::WAL_PAGES_BUSY) {
            return Ok(());
        }
        self.wal_tried = pages + limits::WAL_PAGES_IDLE;
        self.move_pages()
    }

    /// Whether all went well beside the commits.
    fn no_sync_failed(&self) -> Result<(), Stop> {
        self.mover.stop().map_or(Ok(()), Err)
    }

    /// Moves pages from the log to the file. Nobody waits for it but the next transaction. Never while the
    /// mover is at it, whose sync may be failing: a second one could succeed without the pages.
    fn move_pages(&mut self) -> Result<(), Stop> {
        if self.mover.is_moving() {
            return Ok(());
        }
        self.no_sync_failed()?;
        match mover::passive(&self.db) {
            Ok(Some(moved)) => self.mover.set_moved(moved),
            Ok(None) => {}
            Err(error) => match fault::sort(&error) {
                Fault::Stop(stop) => return Err(stop),
                Fault::One(failure) | Fault::All(failure) => {
                    tracing::warn!(%failure, "The write-ahead log could not be moved now.");
                }
            },
        }
        Ok(())
    }
}

/// Tells the daemon if the thread ends by a defect of ours.
struct StopOnPanic<'a>(&'a watch::Sender<Option<Stop>>, bool);

impl Drop for StopOnPanic<'_> {
    fn drop(&mut self) {
        if self.1 {
            self.0
                .send_replace(Some(Stop::Io("the writer ended by a defect".into())));
        }
    }
}

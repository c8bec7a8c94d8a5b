//! Moves pages from the write-ahead log to the ledger's file while the writer goes on.
//!
//! SQLite lets one connection move pages while another appends (a passive checkpoint), so that a busy
//! day's log of some ten thousand pages keeps no commit waiting. Only what is left over at the end is
//! the writer's own: the log begins anew when everything in it was moved and nobody appends.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use rusqlite::Connection;

use super::fault::{self, Fault, Stop};
use super::open;
use super::work::Sql;

/// The writer's side. Dropping it waits for what is under way.
pub(super) struct Mover {
    /// `None` only while dropping.
    ask: Option<SyncSender<()>>,
    seen: Arc<Seen>,
    thread: Option<JoinHandle<()>>,
}

/// What both sides see.
#[derive(Default)]
struct Seen {
    moving: AtomicBool,
    moved: AtomicI32,
    stop: Mutex<Option<Stop>>,
}

impl Mover {
    /// Starts the thread, at rest.
    pub(super) fn start(state_dir: &Path) -> Result<Self, String> {
        let db = open::mover(state_dir).map_err(|error| error.to_string())?;
        let (ask, asked) = sync_channel(1);
        let seen = Arc::new(Seen::default());
        let own = Arc::clone(&seen);
        let thread = std::thread::Builder::new()
            .name("ledger-mover".into())
            .spawn(move || serve(&db, &asked, &own))
            .map_err(|error| error.to_string())?;
        Ok(Self {
            ask: Some(ask),
            seen,
            thread: Some(thread),
        })
    }

    /// Pages of the log that are in the file as well, as far as it was last told.
    pub(super) fn moved(&self) -> i32 {
        self.seen.moved.load(Ordering::Relaxed)
    }

    /// The writer knows better: it moved some itself, or the log was begun anew.
    pub(super) fn set_moved(&self, pages: i32) {
        self.seen.moved.store(pages, Ordering::Relaxed);
    }

    /// Has pages moved, unless that is under way. Does not wait.
    pub(super) fn begin(&self) {
        let rests = !self.seen.moving.swap(true, Ordering::AcqRel);
        if rests
            && let Some(ask) = &self.ask
            && ask.try_send(()).is_err()
        {
            tracing::error!("Nothing moves the write-ahead log beside the commits any more.");
        }
    }

    /// Whether pages are being moved. Not for ever, if the thread ended by a defect: then the writer moves
    /// them all.
    pub(super) fn is_moving(&self) -> bool {
        let lives = |thread: &JoinHandle<()>| !thread.is_finished();
        self.seen.moving.load(Ordering::Acquire) && self.thread.as_ref().is_some_and(lives)
    }

    /// The disk failed: the ledger must end, and nothing may be moved again. Known when
    /// [`is_moving`](Self::is_moving) is false.
    pub(super) fn stop(&self) -> Option<Stop> {
        let stop = self.seen.stop.lock();
        stop.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Mover {
    fn drop(&mut self) {
        self.ask = None;
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

fn serve(db: &Connection, asked: &Receiver<()>, seen: &Seen) {
    while asked.recv().is_ok() {
        match passive(db) {
            Ok(Some(pages)) => seen.moved.store(pages, Ordering::Relaxed),
            Ok(None) => {}
            Err(error) => match fault::sort(&error) {
                Fault::Stop(stop) => {
                    *seen.stop.lock().unwrap_or_else(PoisonError::into_inner) = Some(stop);
                }
                Fault::One(failure) | Fault::All(failure) => {
                    tracing::warn!(%failure, "The write-ahead log could not be moved now.");
                }
            },
        }
        seen.moving.store(false, Ordering::Release);
    }
}

/// Moves what no reader holds back; how many pages of the log are moved now. `None`: another
/// connection is at it.
pub(super) fn passive(db: &Connection) -> Sql<Option<i32>> {
    db.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| {
        let (busy, moved) = (row.get::<_, bool>(0)?, row.get::<_, i32>(2)?);
        Ok(Some(moved).filter(|moved| !busy && *moved >= 0))
    })
}

#[cfg(test)]
mod tests {
    use tokio::sync::{mpsc, watch};

    use super::super::queue::Queue;
    use super::super::writer::Writer;
    use super::*;

    #[test]
    fn a_sync_that_failed_beside_the_commits_ends_the_ledger_although_nobody_writes() {
        let folder = tempfile::tempdir().unwrap();
        let lock = open::lock(folder.path()).unwrap();
        let (db, _) = open::writer(folder.path(), crate::clock::now()).unwrap();
        let mover = Mover::start(folder.path()).unwrap();
        mover.begin();
        while mover.is_moving() {
            std::thread::yield_now();
        }
        assert_eq!(mover.stop(), None);
        let failed = Stop::Io("a sync failed".into());
        *mover.seen.stop.lock().unwrap() = Some(failed.clone());
        let (_callers, orders) = mpsc::channel(1);
        let (stopping, stop) = watch::channel(None);
        let queue = Queue::new(orders);
        let writer = Writer::new(db, queue, stopping, "x".into(), lock, mover).unwrap();
        std::thread::spawn(move || writer.run());
        while stop.borrow().is_none() {
            std::thread::yield_now();
        }
        assert_eq!(*stop.borrow(), Some(failed));
    }
}

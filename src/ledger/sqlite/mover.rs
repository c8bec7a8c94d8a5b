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
        if rests && let Some(ask) = &self.ask {
            // A thread that ended by a defect moves nothing any more: the writer does it all.
            ask.try_send(()).ok();
        }
    }

    /// The disk failed: the ledger must end.
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

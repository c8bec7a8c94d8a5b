//! Which rows the latest commits touched: for whoever tells people what happens.
//!
//! Nothing is noted while nobody watches. What is noted is a set, so that a row that changes ten
//! times between two looks is told once, as it is then; and it is bounded: beyond that it only says
//! that something was lost.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::limits;

/// A table whose rows are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Told {
    /// A file's arrival.
    Arrival,
    /// A file.
    File,
    /// A delivery.
    Delivery,
}

/// Rows by number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Touched {
    /// Each once.
    pub rows: BTreeSet<(Told, i64)>,
    /// There were more than could be noted.
    pub lost: bool,
}

/// What was touched and not yet taken.
#[derive(Debug, Default)]
pub struct News {
    watched: AtomicBool,
    touched: Mutex<Touched>,
    woken: Notify,
}

impl News {
    /// Begins or ends to note; what was noted before is dropped.
    pub fn watch(&self, watched: bool) {
        if self.watched.swap(watched, Ordering::AcqRel) != watched {
            *self.touched() = Touched::default();
        }
    }

    /// Whether anything is to be noted.
    #[must_use]
    pub fn is_watched(&self) -> bool {
        self.watched.load(Ordering::Acquire)
    }

    /// Notes rows of a transaction that was committed.
    pub fn note(&self, rows: impl IntoIterator<Item = (Told, i64)>) {
        let mut touched = self.touched();
        let before = touched.rows.len();
        for row in rows {
            if touched.rows.len() >= limits::NEWS_NOTED {
                touched.lost = true;
                break;
            }
            touched.rows.insert(row);
        }
        let some = touched.lost || touched.rows.len() > before;
        drop(touched);
        if some {
            self.woken.notify_one();
        }
    }

    /// Waits until something was touched. Of what was noted before, nothing is missed.
    pub async fn woken(&self) {
        loop {
            let waiting = self.woken.notified();
            {
                let touched = self.touched();
                if touched.lost || !touched.rows.is_empty() {
                    return;
                }
            }
            waiting.await;
        }
    }

    /// Takes at most `most` rows; the others stay for the next time.
    #[must_use]
    pub fn take(&self, most: usize) -> Touched {
        let mut touched = self.touched();
        if touched.lost {
            return std::mem::take(&mut *touched);
        }
        let rest = touched.rows.iter().nth(most).copied();
        let rest = rest.map(|first| touched.rows.split_off(&first));
        let rows = std::mem::replace(&mut touched.rows, rest.unwrap_or_default());
        Touched { rows, lost: false }
    }

    fn touched(&self) -> MutexGuard<'_, Touched> {
        self.touched.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

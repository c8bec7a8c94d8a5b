//! What a source's watch loop need not ask the ledger about again.
//!
//! A listing repeats every arrival that is not settled yet, ten thousand of them after a long
//! night. This memory passes them over. It is only a memory: after a restart the ledger says the
//! same, entry by entry.
//!
//! It also closes a gap: a listing that began before an arrival was moved away still shows it, and
//! must not make a second arrival of it; one that began after the move shows what a person has put
//! back, and must.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::arrival::{Entry, Locator, Version};
use crate::clock::{self, Moment};

/// Arrivals of one source that are claimed, and those settled a moment ago.
#[derive(Default)]
pub(super) struct Known {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    /// Claimed and not settled; when a listing that began then last showed it.
    claimed: HashMap<(Locator, Version), Option<Moment>>,
    /// Settled; when.
    settled: HashMap<(Locator, Version), Moment>,
}

impl Known {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The entries of a listing begun at `started` that the ledger must be asked about.
    pub(super) fn unknown(&self, entries: Vec<Entry>, started: Moment) -> Vec<Entry> {
        let mut inner = self.inner();
        // No listing from now on began before these were settled.
        inner.settled.retain(|_, settled| *settled > started);
        let mut unknown = Vec::new();
        for entry in entries {
            let key = (entry.locator.clone(), entry.version);
            if let Some(seen) = inner.claimed.get_mut(&key) {
                *seen = Some(started);
            } else if !inner.settled.contains_key(&key) {
                unknown.push(entry);
            }
        }
        unknown
    }

    /// These are claimed, now or earlier.
    pub(super) fn claimed(&self, entries: impl Iterator<Item = Entry>) {
        let mut inner = self.inner();
        inner.claimed.extend(entries.map(|entry| ((entry.locator, entry.version), None)));
    }

    /// This one is settled; the move began at `started`. True if a listing since then showed it, so
    /// that it lies there again and the source must be looked at.
    pub(super) fn settled(&self, entry: &Entry, started: Moment) -> bool {
        let key = (entry.locator.clone(), entry.version);
        let mut inner = self.inner();
        let seen = inner.claimed.remove(&key).flatten();
        inner.settled.insert(key, clock::moment());
        seen.is_some_and(|seen| seen >= started)
    }

    /// The claim came to nothing.
    pub(super) fn forget(&self, entry: &Entry) {
        self.inner().claimed.remove(&(entry.locator.clone(), entry.version));
    }
}

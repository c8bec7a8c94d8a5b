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
    /// Settled a moment ago.
    settled: HashMap<(Locator, Version), Away>,
}

/// When an arrival was moved away, and when the ledger knew.
struct Away {
    began: Moment,
    ended: Moment,
    recorded: Moment,
}

/// What a listing shows that the ledger must be asked about.
pub(super) struct Unknown {
    pub(super) entries: Vec<Entry>,
    /// Something was shown of which cannot be told whether it had not been moved away yet or lies
    /// there again: only another listing can.
    pub(super) look_again: bool,
}

impl Known {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What of a listing begun at `started` the ledger must be asked about.
    pub(super) fn unknown(&self, entries: Vec<Entry>, started: Moment) -> Unknown {
        let mut inner = self.inner();
        // No listing from now on began before these were settled.
        inner.settled.retain(|_, away| away.recorded > started);
        let mut unknown = Unknown {
            entries: Vec::new(),
            look_again: false,
        };
        for entry in entries {
            let key = (entry.locator.clone(), entry.version);
            if let Some(seen) = inner.claimed.get_mut(&key) {
                *seen = Some(started);
                continue;
            }
            match inner.settled.get(&key) {
                Some(away) if started < away.began => {}
                Some(away) if started < away.ended => unknown.look_again = true,
                // Listed after the move: somebody has put it back.
                Some(_) | None => unknown.entries.push(entry),
            }
        }
        unknown
    }

    /// These are claimed, now or earlier.
    pub(super) fn claimed(&self, entries: impl Iterator<Item = Entry>) {
        let mut inner = self.inner();
        inner
            .claimed
            .extend(entries.map(|entry| ((entry.locator, entry.version), None)));
    }

    /// This one is settled, and the ledger knows; the move began and ended then. True if a listing
    /// since the move began showed it, so that it may lie there again and the source must be looked at.
    pub(super) fn settled(&self, entry: &Entry, began: Moment, ended: Moment) -> bool {
        let key = (entry.locator.clone(), entry.version);
        let mut inner = self.inner();
        let seen = inner.claimed.remove(&key).flatten();
        inner.settled.insert(
            key,
            Away {
                began,
                ended,
                recorded: clock::moment(),
            },
        );
        seen.is_some_and(|seen| seen >= began)
    }

    /// The claim came to nothing.
    pub(super) fn forget(&self, entry: &Entry) {
        self.inner()
            .claimed
            .remove(&(entry.locator.clone(), entry.version));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> Entry {
        let version = Version {
            size: 1,
            modified: 1,
        };
        Entry {
            locator: Locator(b"a.csv".to_vec()),
            version,
        }
    }

    fn later(than: Moment) -> Moment {
        std::iter::repeat_with(clock::moment)
            .find(|now| *now > than)
            .unwrap_or(than)
    }

    /// A file that was moved away: a moment before its move began, when it began, when it ended.
    fn moved() -> (Known, [Moment; 3]) {
        let known = Known::default();
        let before = clock::moment();
        let began = later(before);
        let ended = later(began);
        known.claimed(std::iter::once(entry()));
        later(ended);
        assert!(!known.settled(&entry(), began, ended));
        (known, [before, began, ended])
    }

    fn shown(known: &Known, started: Moment) -> (usize, bool) {
        let unknown = known.unknown(vec![entry()], started);
        (unknown.entries.len(), unknown.look_again)
    }

    #[test]
    fn a_listing_begun_before_the_move_makes_no_second_arrival() {
        let (known, [before, ..]) = moved();
        assert_eq!(shown(&known, before), (0, false));
    }

    #[test]
    fn a_file_put_back_before_the_ledger_knew_of_its_move_is_not_overlooked() {
        let (known, [.., ended]) = moved();
        assert_eq!(shown(&known, ended), (1, false));
    }

    #[test]
    fn a_listing_begun_during_the_move_is_made_again() {
        let (known, [_, began, _]) = moved();
        assert_eq!(shown(&known, began), (0, true));
    }
}

//! When a file has come to rest.
//!
//! Pure: told what each look showed and when, on our own monotonic clock, it says which entries
//! were the same on two looks far enough apart. Never asks the server's clock: a file whose
//! modification time lies in the future or in another zone is judged like any other.

use std::collections::HashMap;
use std::collections::hash_map::Entry as Slot;
use std::time::Duration;

use super::Listing;
use crate::arrival::{Entry, Locator, Version};
use crate::clock::Moment;
use crate::limits;

#[cfg(test)]
mod tests;

/// Remembers what was seen and since when it is unchanged. Memory only: after a restart the wait
/// starts again, which costs one stable time and loses nothing.
#[derive(Debug)]
pub struct Tracker {
    stable: Duration,
    grace: Duration,
    seen: HashMap<Locator, Seen>,
    look: u64,
    next: Option<Moment>,
}

#[derive(Debug)]
struct Seen {
    version: Version,
    since: Moment,
    look: u64,
}

impl Tracker {
    /// Files rest after `stable`; empty ones only after `grace`, because many programs create a
    /// file long before they write it. Zero means that the first look is enough.
    #[must_use]
    pub fn new(stable: Duration, grace: Duration) -> Self {
        Self {
            stable,
            grace,
            seen: HashMap::new(),
            look: 0,
            next: None,
        }
    }

    /// Takes one look and returns the entries at rest, in the order of the listing. What the
    /// listing no longer shows is forgotten, unless the listing was cut.
    #[must_use]
    pub fn look(&mut self, listing: Listing, at: Moment) -> Vec<Entry> {
        self.look += 1;
        self.next = None;
        let mut resting = listing.entries;
        resting.retain(|entry| self.rests(entry, at));
        let look = self.look;
        if !listing.cut {
            self.seen.retain(|_, seen| seen.look == look);
        }
        resting
    }

    /// The earliest moment at which a file that is still waiting can be found at rest: no look
    /// before it can show more of what is known now. `None`: nothing is waiting.
    #[must_use]
    pub fn next(&self) -> Option<Moment> {
        self.next
    }

    /// How long this entry must not change.
    fn needed(&self, version: Version) -> Duration {
        if version.size == 0 {
            self.stable.max(self.grace)
        } else {
            self.stable
        }
    }

    fn rests(&mut self, entry: &Entry, at: Moment) -> bool {
        let needed = self.needed(entry.version);
        if needed.is_zero() {
            return true;
        }
        let full = self.seen.len() >= limits::LISTING_NAMES;
        let since = match self.seen.entry(entry.locator.clone()) {
            Slot::Occupied(mut slot) => {
                let seen = slot.get_mut();
                if seen.version != entry.version {
                    seen.version = entry.version;
                    seen.since = at;
                }
                seen.look = self.look;
                seen.since
            }
            Slot::Vacant(_) if full => return false,
            Slot::Vacant(slot) => {
                slot.insert(Seen {
                    version: entry.version,
                    since: at,
                    look: self.look,
                });
                at
            }
        };
        if at.since(since) >= needed {
            return true;
        }
        let rests_at = since.after(needed);
        self.next = Some(self.next.map_or(rests_at, |next| next.min(rests_at)));
        false
    }
}

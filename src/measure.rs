//! What this process has done since it started, in numbers: for `/metrics` and for nothing else.
//!
//! Instruments are few, fixed and free of locks on the paths that matter; nothing reads them to decide
//! anything, and nothing here is durable. What must outlive the process is counted by the ledger.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::clock::Moment;
use crate::limits;

/// Something that is counted and never goes down.
#[derive(Debug)]
pub struct Counter(AtomicU64);

impl Counter {
    const fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    /// So many more.
    pub fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    /// So far.
    #[must_use]
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Most bounds of a histogram.
const BOUNDS: usize = 12;

/// How often a value was within each bound.
#[derive(Debug)]
pub struct Histogram {
    bounds: &'static [u64],
    /// One for each bound, and one for what lies above all.
    counts: [AtomicU64; BOUNDS + 1],
    sum: AtomicU64,
}

/// Bounds of waits, in microseconds: from a commit on a fast disk to a partner that is given up.
const WAITS: &[u64] = &[
    500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 500_000, 2_000_000, 10_000_000,
    60_000_000,
];
/// Bounds of the size of a batch.
const SIZES: &[u64] = &[1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024];

impl Histogram {
    const fn new(bounds: &'static [u64]) -> Self {
        Self {
            bounds,
            counts: [const { AtomicU64::new(0) }; BOUNDS + 1],
            sum: AtomicU64::new(0),
        }
    }

    /// One more of this value.
    pub fn observe(&self, value: u64) {
        let place = self.bounds.partition_point(|bound| *bound < value);
        if let Some(count) = self.counts.get(place) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        self.sum.fetch_add(value, Ordering::Relaxed);
    }

    /// One more wait: from `since` until now.
    pub fn waited(&self, since: Moment) {
        self.observe(u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX));
    }

    /// Each bound with how many values were at most that, all values, and their sum.
    #[must_use]
    pub fn read(&self) -> (Vec<(u64, u64)>, u64, u64) {
        let mut below = 0;
        let bounds = self.bounds.iter().zip(&self.counts);
        let buckets: Vec<(u64, u64)> = bounds
            .map(|(bound, count)| {
                below += count.load(Ordering::Relaxed);
                (*bound, below)
            })
            .collect();
        let above = self.counts.get(self.bounds.len());
        let all = below + above.map_or(0, |count| count.load(Ordering::Relaxed));
        (buckets, all, self.sum.load(Ordering::Relaxed))
    }
}

/// Histograms of waits by name: of destinations, of parts of the web side.
#[derive(Debug)]
pub struct Waits(Mutex<BTreeMap<String, Arc<Histogram>>>);

impl Waits {
    const fn new() -> Self {
        Self(Mutex::new(BTreeMap::new()))
    }

    /// The histogram of a name. Names come from the configuration; beyond
    /// [`limits::MEASURED_NAMES`] of them the rest share one.
    pub fn of(&self, name: &str) -> Arc<Histogram> {
        let mut waits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = waits.get(name) {
            return Arc::clone(known);
        }
        let name = if waits.len() < limits::MEASURED_NAMES {
            name
        } else {
            "others"
        };
        let made = waits.entry(name.to_owned());
        Arc::clone(made.or_insert_with(|| Arc::new(Histogram::new(WAITS))))
    }

    /// All of them.
    #[must_use]
    pub fn read(&self) -> Vec<(String, Arc<Histogram>)> {
        let waits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let all = waits.iter().map(|(name, one)| (name.clone(), one));
        all.map(|(name, one)| (name, Arc::clone(one))).collect()
    }
}

/// Seconds (as microseconds) of the ledger's commits, from the first piece of work to the sync's end.
pub static COMMITS: Histogram = Histogram::new(WAITS);
/// Arrows in one commit.
pub static COMMIT_ARROWS: Histogram = Histogram::new(SIZES);
/// How long children took over files that were read alone, or over a batch of small ones.
pub static READS: Histogram = Histogram::new(WAITS);
/// Files that children have read to their end.
pub static FILES_READ: Counter = Counter::new();
/// Files that hit a limit of the children.
pub static FILES_LIMITED: Counter = Counter::new();
/// Files over which a child died.
pub static FILES_DIED: Counter = Counter::new();
/// Files whose reading failed for another reason.
pub static FILES_FAILED: Counter = Counter::new();
/// Children that were started.
pub static CHILDREN: Counter = Counter::new();
/// How long attempts took, by destination.
pub static ATTEMPTS: Waits = Waits::new();
/// How long requests took until their answer began, by part of the web side and class of its status:
/// `api 2xx`.
pub static REQUESTS: Waits = Waits::new();

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_counts_within_every_bound_it_does_not_exceed() {
        let histogram = Histogram::new(SIZES);
        for value in [1, 2, 3, 5_000] {
            histogram.observe(value);
        }
        let (buckets, all, sum) = histogram.read();
        assert_eq!(buckets[..3], [(1, 1), (2, 2), (4, 3)]);
        assert_eq!(buckets.last(), Some(&(1_024, 3)));
        assert_eq!((all, sum), (4, 5_006));
    }

    #[test]
    fn too_many_names_share_one_histogram() {
        let waits = Waits::new();
        for name in 0..limits::MEASURED_NAMES + 5 {
            waits.of(&name.to_string()).observe(1);
        }
        let all = waits.read();
        assert_eq!(all.len(), limits::MEASURED_NAMES + 1);
        let others = all.iter().find(|(name, _)| name == "others").unwrap();
        assert_eq!(others.1.read().1, 5);
    }
}

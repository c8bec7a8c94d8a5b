//! How often one may ask: a bucket for each key that fills by itself.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::fault::Fault;
use crate::clock::{self, Moment};
use crate::limits;

/// Requests by key.
pub(in crate::web) struct Rates {
    /// So many in a minute.
    most: f64,
    buckets: Mutex<HashMap<String, Bucket>>,
}

struct Bucket {
    left: f64,
    filled: Moment,
}

impl Rates {
    /// So many requests in a minute for each.
    pub(in crate::web) fn new(most: usize) -> Self {
        Self {
            most: u32::try_from(most).map_or(f64::MAX, f64::from),
            buckets: Mutex::default(),
        }
    }

    /// Whether `key` may ask; takes one request out of its bucket.
    pub(in crate::web) fn allow(&self, key: &str) -> bool {
        self.take(key).is_ok()
    }

    /// Takes one request out of the bucket of `key`.
    pub(super) fn take(&self, key: &str) -> Result<(), Fault> {
        let most = self.most;
        let each_second = most / 60.0;
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= limits::KEYS_COUNTED {
            // A bucket that is full again says nothing.
            buckets.retain(|_, bucket| {
                bucket.left + bucket.filled.elapsed().as_secs_f64() * each_second < most
            });
        }
        if buckets.len() >= limits::KEYS_COUNTED && !buckets.contains_key(key) {
            return Err(Fault::later(60));
        }
        let bucket = buckets.entry(key.to_owned()).or_insert_with(|| Bucket {
            left: most,
            filled: clock::moment(),
        });
        let filled = bucket.filled.elapsed().as_secs_f64() * each_second;
        bucket.left = (bucket.left + filled).min(most);
        bucket.filled = clock::moment();
        if bucket.left < 1.0 {
            return Err(Fault::later(1));
        }
        bucket.left -= 1.0;
        Ok(())
    }
}

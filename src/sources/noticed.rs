//! What the log was told about a source already.
//!
//! Pure but for its memory and the log: a thing that is left alone is named once, not at each look.

use std::collections::HashSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::limits;
use crate::names;

/// What the log already told, so that each poll does not tell it again.
#[derive(Debug, Default)]
pub(in crate::sources) struct Noticed {
    left: Mutex<HashSet<Vec<u8>>>,
    cut: AtomicBool,
}

impl Noticed {
    /// Names a thing that is left alone, the first time it is seen. Bounded: after so many names
    /// the operator knows.
    pub(in crate::sources) fn left_alone(&self, source: &str, path: &[u8], why: &str) {
        let Ok(mut left) = self.left.lock() else {
            return;
        };
        if left.len() < limits::NOTICED_NAMES && left.insert(path.to_vec()) {
            let path = names::label(path);
            tracing::warn!(source, path, why, "Left alone: only plain files are taken.");
        }
    }

    pub(in crate::sources) fn cut(&self, source: &str, cut: bool) {
        if cut && !self.cut.swap(cut, Ordering::Relaxed) {
            let taken = limits::LISTING_NAMES;
            tracing::warn!(
                source,
                taken,
                "More names than one look takes; the rest comes later."
            );
        } else if !cut {
            self.cut.store(false, Ordering::Relaxed);
        }
    }
}

//! Answers on their way into the ledger.
//!
//! A commit costs the same for one answer as for many, and every one of them wakes the loops that come
//! after: so what ends closely together is recorded together.

use std::time::Duration;

use crate::clock::{self, Moment};
use crate::ledger::AttemptEnd;
use crate::limits;

/// Those that came, and those that are being recorded.
#[derive(Default)]
pub(super) struct Ends {
    came: Vec<AttemptEnd>,
    /// When the first of them came.
    since: Option<Moment>,
    /// How many are being recorded.
    recording: usize,
}

impl Ends {
    /// Another one.
    pub(super) fn push(&mut self, end: AttemptEnd) {
        self.since.get_or_insert_with(clock::moment);
        self.came.push(end);
    }

    /// Whether none waits to be recorded.
    pub(super) fn is_empty(&self) -> bool {
        self.came.is_empty()
    }

    /// How many are in hand and not in the ledger.
    pub(super) fn behind(&self) -> usize {
        self.came.len() + self.recording
    }

    /// How much longer the first may wait for others; `None` if there is none.
    pub(super) fn rest(&self) -> Option<Duration> {
        let since = self.since?;
        if self.came.len() >= limits::OUTCOMES_TOGETHER {
            return Some(Duration::ZERO);
        }
        Some(limits::OUTCOMES_WAIT.saturating_sub(since.elapsed()))
    }

    /// Takes all that wait, to be recorded.
    pub(super) fn take(&mut self) -> Vec<AttemptEnd> {
        self.since = None;
        self.recording = self.came.len();
        std::mem::take(&mut self.came)
    }

    /// Those that were taken are durable, or come back by [`Ends::again`].
    pub(super) fn settled(&mut self) {
        self.recording = 0;
    }

    /// These could not be recorded: they come first the next time.
    pub(super) fn again(&mut self, mut ends: Vec<AttemptEnd>) {
        ends.append(&mut self.came);
        self.came = ends;
        self.since.get_or_insert_with(clock::moment);
    }
}

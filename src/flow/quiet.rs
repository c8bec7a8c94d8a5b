//! Who is at work: for `run --once`, the watchdog, and `status`.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::clock::{self, Millis, Moment};
use crate::limits;

/// Counts what each loop does. A *pass* is one look for work; a loop that waits has ended a pass.
#[derive(Default)]
pub struct Quiet {
    loops: Mutex<BTreeMap<String, Turn>>,
    changed: Notify,
}

#[derive(Clone)]
struct Turn {
    /// Looks for work that ended.
    passes: u64,
    /// Looks that found some.
    worked: u64,
    /// When it began to work, while it works.
    since: Option<Moment>,
    health: Health,
}

/// How a source or lane does right now, for `status`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Health {
    /// A source: its last look that went well.
    pub looked: Option<Millis>,
    /// The next look or probe, at the latest.
    pub next: Option<Millis>,
    /// What is wrong, in words.
    pub trouble: Option<String>,
    /// A lane: requests in flight.
    pub in_flight: u64,
}

/// A point in the work of all loops.
pub(super) struct Mark(BTreeMap<String, (u64, u64)>);

impl Quiet {
    fn turns(&self) -> MutexGuard<'_, BTreeMap<String, Turn>> {
        self.loops.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn turn<T>(&self, name: &str, change: impl FnOnce(&mut Turn) -> T) -> T {
        let mut turns = self.turns();
        if let Some(turn) = turns.get_mut(name) {
            return change(turn);
        }
        let mut turn = Turn {
            passes: 0,
            worked: 0,
            since: None,
            health: Health::default(),
        };
        let result = change(&mut turn);
        turns.insert(name.to_owned(), turn);
        result
    }

    /// The loop `name` starts to look for work.
    pub(super) fn begin(&self, name: &str) {
        self.turn(name, |turn| turn.since = Some(clock::moment()));
    }

    /// The loop shows that it is alive in the middle of a long piece of work.
    pub(super) fn alive(&self, name: &str) {
        self.begin(name);
    }

    /// The loop has looked, and is about to wait.
    pub(super) fn end(&self, name: &str, worked: bool) {
        self.turn(name, |turn| {
            turn.passes += 1;
            turn.worked += u64::from(worked);
            turn.since = None;
        });
        self.changed.notify_waiters();
    }

    /// The source or lane `name` has news of itself.
    pub(super) fn tell(&self, name: &str, change: impl FnOnce(&mut Health)) {
        self.turn(name, |turn| change(&mut turn.health));
    }

    pub(super) fn health(&self) -> BTreeMap<String, Health> {
        self.turns()
            .iter()
            .map(|(name, turn)| (name.clone(), turn.health.clone()))
            .collect()
    }

    pub(super) fn mark(&self) -> Mark {
        let turns = self.turns();
        Mark(
            turns
                .iter()
                .map(|(name, turn)| (name.clone(), (turn.passes, turn.worked)))
                .collect(),
        )
    }

    /// Returns when every loop has begun and ended a look since `mark`.
    ///
    /// Two passes: the first one may have been under way when the mark was set.
    pub(super) async fn passed(&self, mark: &Mark) {
        loop {
            let changed = self.changed.notified();
            let all = self.turns().iter().all(|(name, turn)| {
                let before = mark.0.get(name).map_or(0, |(passes, _)| *passes);
                turn.since.is_none() && turn.passes > before
            });
            if all {
                return;
            }
            changed.await;
        }
    }

    /// Whether no loop has found any work since `mark`.
    pub(super) fn unchanged_since(&self, mark: &Mark) -> bool {
        self.turns().iter().all(|(name, turn)| {
            turn.since.is_none()
                && mark
                    .0
                    .get(name)
                    .is_some_and(|(_, worked)| *worked == turn.worked)
        })
    }

    /// Whether no loop has been at one piece of work for longer than any bounded step may take.
    pub(super) fn is_alive(&self) -> bool {
        self.turns().values().all(|turn| {
            turn.since
                .is_none_or(|since| since.elapsed() < limits::STEP)
        })
    }
}

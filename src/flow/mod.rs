//! The way of a file: four loops that know ports and never adapters.
//!
//! ```text
//!  watch ─▶ fetch ─▶ parse ─▶ deliver (one lane a destination) ─▶ settle ─▶ report
//! ```
//!
//! No loop hands work to another. Each asks the ledger what is due, does a bounded batch of it, and
//! records the result; then it wakes the next loop, which is a hint and never the truth. So a crash
//! anywhere is the same thing as a slow step, and a lost hint costs a wait, never a file.
//!
//! What partners tell of orders afterwards comes in by `hear` and is looked after by `tracking`.

pub mod address;
mod answer;
mod answers;
mod crew;
mod deliver;
pub mod hear;
mod intake;
mod known;
pub mod plan;
mod ports;
mod quiet;
mod report;
mod settle;
mod story;
pub mod tracking;
mod upkeep;
mod watch;
mod whole;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::clock::{self, Millis};
use crate::failure::Failure;
use crate::ledger::{Ledger, NextDue, ReportKind};
use crate::limits;
use crate::partners::Partner;
use crate::problem::Problem;
pub use hear::Call;
use hear::{Ear, Hearing};
use known::Known;
pub use ports::{Desk, Inlet, Lane, Ports, Rate, Room};
pub use quiet::{Health, Quiet};

/// The running loops.
pub struct Flow {
    stop: CancellationToken,
    tasks: TaskTracker,
    shared: Arc<Shared>,
}

/// What the loops share: the ports, the hints, who is at work.
struct Shared {
    ports: Ports,
    wakes: Wakes,
    known: BTreeMap<String, Known>,
    /// What the tasks of each destination that is heard share.
    ears: BTreeMap<String, Ear>,
    quiet: Quiet,
    /// Sources whose files cannot be moved, with the reason: nothing more is taken from them.
    stuck: Mutex<BTreeMap<String, Failure>>,
    /// Lanes and sources that a person has resumed and that have not noticed yet.
    resumed: Mutex<BTreeSet<String>>,
    /// Whether deliveries of big files may wait to be made visible: at start nobody knows.
    promoting: AtomicBool,
    stop: CancellationToken,
}

/// One hint for each loop. A hint given while the loop works is kept for its next wait.
#[derive(Default)]
struct Wakes {
    fetch: Notify,
    parse: Notify,
    settle: Notify,
    report: Notify,
    tracking: Notify,
    answer: Notify,
    index: Notify,
    watch: BTreeMap<String, Notify>,
    lanes: BTreeMap<String, Notify>,
}

impl Wakes {
    fn new(sources: &[String], lanes: &[String]) -> Self {
        let each = |names: &[String]| names.iter().map(|n| (n.clone(), Notify::new())).collect();
        Self {
            watch: each(sources),
            lanes: each(lanes),
            ..Self::default()
        }
    }
}

impl Flow {
    /// Starts all loops.
    #[must_use]
    pub fn start(ports: Ports) -> Self {
        let stop = CancellationToken::new();
        let names = |keys: Vec<&String>| keys.into_iter().cloned().collect::<Vec<_>>();
        let sources = names(ports.inlets.keys().collect());
        let lanes = names(ports.lanes.keys().collect());
        let heard = ports.lanes.iter();
        let heard = heard.filter(|(_, lane)| {
            let hearing = lane.hearing.as_ref();
            hearing.is_some_and(|hearing| hearing.lasts.is_some())
        });
        let heard: Vec<String> = names(heard.map(|(name, _)| name).collect());
        let shared = Arc::new(Shared {
            wakes: Wakes::new(&sources, &lanes),
            known: sources
                .iter()
                .map(|name| (name.clone(), Known::default()))
                .collect(),
            ears: heard
                .iter()
                .map(|name| (name.clone(), Ear::default()))
                .collect(),
            quiet: Quiet::default(),
            stuck: Mutex::default(),
            resumed: Mutex::default(),
            promoting: AtomicBool::new(true),
            stop: stop.clone(),
            ports,
        });
        shared.begin_all();
        let tasks = TaskTracker::new();
        for name in sources {
            tasks.spawn(watch::run(Arc::clone(&shared), name));
        }
        for name in lanes {
            tasks.spawn(deliver::run(Arc::clone(&shared), name));
        }
        for name in heard {
            let lane = shared.ports.lanes.get(&name);
            let hearing = lane.and_then(|lane| lane.hearing.as_ref());
            // `--once` asks and does not listen: a stream has no end.
            if hearing.is_some_and(Hearing::has_stream) && !shared.ports.once {
                tasks.spawn(hear::listen(Arc::clone(&shared), name.clone()));
            }
            tasks.spawn(hear::run(Arc::clone(&shared), name));
        }
        tasks.spawn(intake::fetch::run(Arc::clone(&shared)));
        tasks.spawn(intake::parse::run(Arc::clone(&shared)));
        tasks.spawn(settle::run(Arc::clone(&shared)));
        tasks.spawn(report::run(Arc::clone(&shared)));
        tasks.spawn(tracking::run(Arc::clone(&shared)));
        tasks.spawn(answers::run(Arc::clone(&shared)));
        if !shared.ports.once {
            tasks.spawn(upkeep::run(Arc::clone(&shared)));
            tasks.spawn(upkeep::index(Arc::clone(&shared)));
        }
        tasks.close();
        Self {
            stop,
            tasks,
            shared,
        }
    }

    /// Stops taking new work, lets what is under way end, and returns when it has.
    pub async fn drain(&self) {
        self.stop.cancel();
        self.tasks.wait().await;
    }

    /// Returns when nothing is left to do that is not waiting for a time or a person: for
    /// `run --once`, where each loop makes its passes and each delivery is tried once.
    pub async fn settled(&self) {
        loop {
            let before = self.shared.quiet.mark();
            self.shared.wake_all();
            self.shared.quiet.passed(&before).await;
            if self.shared.quiet.unchanged_since(&before) {
                return;
            }
        }
    }

    /// Lets every loop look again, after a person's change.
    pub fn wake(&self) {
        self.shared.wake_all();
    }

    /// A person has resumed the lane or source `name`: it is tried at once.
    pub fn resume(&self, name: &str) {
        let mut resumed = self.shared.resumed();
        resumed.insert(name.to_owned());
        resumed.insert(hear::loop_of(name));
        drop(resumed);
        self.shared.wake_all();
    }

    /// Whether there is room to take more in.
    ///
    /// # Errors
    /// What is full.
    pub fn room(&self) -> Result<(), Failure> {
        (self.shared.ports.room)()
    }

    /// What the own checks of these destinations find in an order.
    #[must_use]
    pub fn check(&self, order: &crate::order::Order, destinations: &[String]) -> Vec<Problem> {
        let lanes = destinations.iter();
        lanes
            .filter_map(|name| self.shared.ports.lanes.get(name))
            .filter(|lane| lane.partner.checks())
            .flat_map(|lane| lane.partner.check(order))
            .collect()
    }

    /// The adapter of a destination.
    #[must_use]
    pub fn partner(&self, name: &str) -> Option<Arc<dyn Partner>> {
        let lane = self.shared.ports.lanes.get(name)?;
        Some(Arc::clone(&lane.partner))
    }

    /// Whether every loop has turned lately, for the watchdog: waiting counts as turning.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        self.shared.quiet.is_alive() && self.tasks.len() >= self.shared.loops()
    }

    /// How each source and lane does right now, by name.
    #[must_use]
    pub fn health(&self) -> BTreeMap<String, Health> {
        self.shared.quiet.health()
    }
}

impl Shared {
    fn loops(&self) -> usize {
        7 + self.ports.inlets.len() + self.ports.lanes.len() + self.ears.len()
    }

    /// Every loop counts as at work before its task first runs: who asks whether all is quiet must
    /// not be told so because nothing has begun.
    fn begin_all(&self) {
        let named = self
            .ports
            .inlets
            .keys()
            .chain(self.ports.lanes.keys())
            .map(String::as_str);
        let loops = [
            intake::fetch::LOOP,
            intake::parse::LOOP,
            settle::LOOP,
            report::LOOP,
            tracking::LOOP,
            answers::LOOP,
        ];
        named.chain(loops).for_each(|name| self.quiet.begin(name));
        let ears = self.ears.keys().map(|name| hear::loop_of(name));
        ears.for_each(|name| self.quiet.begin(&name));
    }

    fn wake_all(&self) {
        let wakes = &self.wakes;
        [
            &wakes.fetch,
            &wakes.parse,
            &wakes.settle,
            &wakes.report,
            &wakes.tracking,
            &wakes.answer,
            &wakes.index,
        ]
        .into_iter()
        .chain(wakes.watch.values())
        .chain(wakes.lanes.values())
        .chain(self.ears.values().map(|ear| &ear.wake))
        .for_each(Notify::notify_one);
    }

    fn resumed(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.resumed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn was_resumed(&self, name: &str) -> bool {
        self.resumed().remove(name)
    }

    fn stuck(&self) -> MutexGuard<'_, BTreeMap<String, Failure>> {
        self.stuck.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All operators, as the outbox keeps several recipients.
    fn operators(&self) -> String {
        self.ports.desk.operators.join(", ")
    }

    /// Makes some more deliveries of big files visible, if there are any. A step at a time, so that
    /// the first of a hundred thousand leave while the others are still being promoted.
    async fn promote(&self) -> Result<(), Failure> {
        if self.promoting.swap(false, Ordering::AcqRel) {
            if self.ledger().promote().await? {
                self.promoting.store(true, Ordering::Release);
            }
            // Events may have waited for these orders.
            self.wakes.tracking.notify_one();
        }
        Ok(())
    }

    fn wake_lanes(&self) {
        self.wakes.lanes.values().for_each(Notify::notify_one);
    }

    fn ledger(&self) -> &dyn Ledger {
        &*self.ports.ledger
    }

    /// Tells the operators, once for equal `fold` keys in a while. A failure to store an alert is
    /// logged and not passed on: the caller has something more important to finish.
    async fn alert(&self, fold: &str, subject: &str, text: &str) {
        match self
            .ledger()
            .alert(fold, ReportKind::Alert, subject, text)
            .await
        {
            Ok(_) => self.wakes.report.notify_one(),
            Err(failure) => tracing::error!(%failure, subject, "An alert could not be stored."),
        }
    }

    /// When a loop that found nothing has to look again although nobody gives a hint.
    async fn next(
        &self,
        looked: Millis,
        of: impl FnOnce(NextDue) -> Option<Millis>,
    ) -> Option<Millis> {
        soon(self.ledger().next_due(looked).await.map(of))
    }

    /// Like [`wait`](Self::wait), and after a hint a little longer, so that one look does for many hints: for
    /// what nobody waits for.
    async fn wait_together(&self, hint: &Notify, until: Option<Millis>) -> bool {
        self.wait(hint, until).await && self.gather().await
    }

    /// Gives hints that follow each other closely the time to come. False at the end.
    async fn gather(&self) -> bool {
        tokio::select! {
            () = self.stop.cancelled() => false,
            () = tokio::time::sleep(limits::HINTS_TOGETHER) => true,
        }
    }

    /// Waits for a hint, a time, or the end. False at the end.
    async fn wait(&self, hint: &Notify, until: Option<Millis>) -> bool {
        let longest = until.map_or(Duration::from_hours(24), |until| clock::now().until(until));
        tokio::select! {
            () = self.stop.cancelled() => false,
            () = hint.notified() => !self.stop.is_cancelled(),
            () = tokio::time::sleep(longest) => true,
        }
    }
}

/// The next time, or soon where that could not be told: a loop that took a failure for “nothing” would
/// rest until somebody gives a hint.
fn soon(next: Result<Option<Millis>, Failure>) -> Option<Millis> {
    next.unwrap_or_else(|failure| {
        tracing::error!(%failure, "What is due next could not be told; looking again soon.");
        Some(clock::now().after(limits::PAUSE_AFTER_FAILURE))
    })
}

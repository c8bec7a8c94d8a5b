//! What only a running daemon can answer: how it does, and what it is told to do.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use arc_swap::ArcSwap;
use async_trait::async_trait;
use tokio::sync::{Semaphore, mpsc, oneshot};

use super::workshop::Bench;
use crate::clock::Millis;
use crate::config::CheckReport;
use crate::control::{Call, Callback, Live, LiveLane, LiveSource, Running, UploadPlace};
use crate::failure::Failure;
use crate::flow::Flow;
use crate::flow::tracking::TrackingRules;
use crate::formats::ReadOptions;
use crate::jail::Jail;
use crate::order::Order;
use crate::partners::Partner;
use crate::problem::Problem;

/// A wish to reload, and where its answer goes.
pub(super) type Reload = oneshot::Sender<Result<String, String>>;

/// The names and the flow of the configuration that runs now.
pub(super) struct Now {
    pub(super) flow: Flow,
    /// Sources, and how each is watched.
    pub(super) sources: Vec<(String, String)>,
    pub(super) lanes: Vec<String>,
    /// The sources that take uploads.
    pub(super) uploads: Vec<UploadPlace>,
    /// The known profiles.
    pub(super) bench: Bench,
    /// How news of orders are kept and told.
    pub(super) tracking: Arc<TrackingRules>,
    /// What the operator declared about each source's files.
    pub(super) reads: BTreeMap<String, ReadOptions>,
}

/// The running daemon as the control socket sees it.
pub(super) struct Daemon {
    pub(super) since: Millis,
    pub(super) now: Arc<ArcSwap<Now>>,
    pub(super) reload: mpsc::Sender<Reload>,
    /// The configuration's file.
    pub(super) config: PathBuf,
    /// Where files are tried.
    pub(super) jail: Jail,
    /// How many are tried at once.
    pub(super) tries: Semaphore,
}

#[async_trait]
impl Live for Daemon {
    fn names(&self) -> Vec<String> {
        let now = self.now.load();
        let sources = now.sources.iter().map(|(name, _)| name.clone());
        sources.chain(now.lanes.iter().cloned()).collect()
    }

    fn lanes(&self) -> Vec<String> {
        self.now.load().lanes.clone()
    }

    fn partner(&self, name: &str) -> Result<Option<Arc<dyn Partner>>, Failure> {
        Ok(self.now.load().flow.partner(name))
    }

    fn running(&self) -> Option<Running> {
        let now = self.now.load();
        let health = now.flow.health();
        let of = |name: &String| health.get(name).cloned().unwrap_or_default();
        let sources = now.sources.iter().map(|(name, watched)| {
            let health = of(name);
            LiveSource {
                name: name.clone(),
                watched: watched.clone(),
                looked: health.looked,
                next: health.next,
                failure: health.trouble,
            }
        });
        let lanes = now.lanes.iter().map(|name| {
            let health = of(name);
            LiveLane {
                name: name.clone(),
                in_flight: health.in_flight,
                stopped: health.trouble,
                next: health.next,
            }
        });
        Some(Running {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            pid: std::process::id(),
            since: self.since,
            sources: sources.collect(),
            lanes: lanes.collect(),
        })
    }

    fn paused(&self, name: &str, paused: bool) {
        let now = self.now.load();
        if paused {
            now.flow.wake();
        } else {
            now.flow.resume(name);
        }
    }

    fn changed(&self) {
        self.now.load().flow.wake();
    }

    fn uploads(&self) -> Vec<UploadPlace> {
        self.now.load().uploads.clone()
    }

    fn room(&self) -> Result<(), Failure> {
        self.now.load().flow.room()
    }

    fn check(&self, order: &Order, destinations: &[String]) -> Vec<Problem> {
        self.now.load().flow.check(order, destinations)
    }

    fn tracking(&self) -> Arc<TrackingRules> {
        Arc::clone(&self.now.load().tracking)
    }

    async fn examine(&self, connect: bool) -> Result<CheckReport, Failure> {
        let path = self.config.clone();
        // Looks at files and opens connections, and has a runtime of its own for them.
        let looked = tokio::task::spawn_blocking(move || super::check::examine(&path, connect));
        looked
            .await
            .map_err(|error| Failure::ours("checking the configuration", error))
    }

    async fn call(&self, step: &str, call: &Callback) -> Call {
        let now = self.now.load_full();
        now.flow.call(step, call).await
    }

    async fn reload(&self) -> Result<String, String> {
        let gone = || "the daemon is ending".to_owned();
        let (answer, answered) = oneshot::channel();
        self.reload.send(answer).await.map_err(|_| gone())?;
        answered.await.map_err(|_| gone())?
    }
}

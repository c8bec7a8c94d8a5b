//! A folder on this machine.
//!
//! Promises: what a listing shows is a plain file at a name that can be opened, moved and told
//! about; a file is read whole and unchanged or not at all; a move never overwrites and is looked
//! at after it was made; nothing is ever deleted unless the source says `after = "delete"`.
//!
//! Never follows a symbolic link below the source's own folder or the done and error folders that
//! the operator gave it elsewhere, never blocks the runtime (every
//! call to the file system runs on a thread for blocking work, one for each batch), and never
//! takes an event for the truth: events only end a wait early.

mod fetch;

mod folder;
mod folders;
mod hints;
mod probe;
mod scan;
mod settle;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::mpsc;

use self::folder::Folder;
use self::hints::Hints;
use super::filter::Filter;
use super::noticed::Noticed;
use super::target::Targets;
use super::{Listing, Pickup, Piece, Probe, Settlement, Source};
use crate::arrival::{ArrivalId, Entry, Locator, Settled};
use crate::failure::Failure;

/// A watched folder.
#[derive(Debug)]
pub struct LocalSource {
    inner: Arc<Inner>,
}

/// What the blocking half works with.
#[derive(Debug)]
struct Inner {
    folder: Folder,
    pickup: Pickup,
    targets: Targets,
    filter: Filter,
    hints: Hints,
    noticed: Noticed,
}

impl LocalSource {
    /// A source over `root`. The folder need not exist yet: [`Source::probe`] says what is missing.
    ///
    /// # Errors
    /// What is wrong with the patterns of `pickup`, in words for the operator.
    pub fn open(root: PathBuf, pickup: Pickup) -> Result<Self, Failure> {
        let during = format!("opening the source “{}”", pickup.name);
        let wrong = |message: String| Failure::operator(during.clone(), message);
        let targets = Targets::new(&pickup).map_err(wrong)?;
        let filter = Filter::new(&pickup).map_err(wrong)?;
        let hints = Hints::new(&root, pickup.poll, pickup.depth);
        Ok(Self {
            inner: Arc::new(Inner {
                folder: Folder::new(root),
                targets,
                filter,
                hints,
                noticed: Noticed::default(),
                pickup,
            }),
        })
    }

    /// Runs `work` where it may block.
    async fn blocking<T: Send + 'static>(
        &self,
        during: &str,
        work: impl FnOnce(&Inner) -> T + Send + 'static,
    ) -> Result<T, Failure> {
        let inner = Arc::clone(&self.inner);
        tokio::task::spawn_blocking(move || work(&inner))
            .await
            .map_err(|error| Failure::ours(during, error))
    }
}

#[async_trait]
impl Source for LocalSource {
    async fn list(&self) -> Result<Listing, Failure> {
        self.blocking("listing the folder", scan::list).await?
    }

    async fn fetch(&self, entries: Vec<(ArrivalId, Entry)>, pieces: mpsc::Sender<Piece>) {
        let ended = self.blocking("reading files", move |inner| {
            fetch::fetch(&inner.folder, &entries, &pieces);
        });
        if let Err(failure) = ended.await {
            tracing::error!(source = %self.inner.pickup.name, %failure, "Reading files broke off.");
        }
    }

    async fn settle(&self, settlements: Vec<Settlement>) -> Vec<Result<Settled, Failure>> {
        let count = settlements.len();
        let settled = self.blocking("moving files", move |inner| {
            settle::settle(inner, &settlements)
        });
        settled
            .await
            .unwrap_or_else(|failure| vec![Err(failure); count])
    }

    async fn resettle(&self, from: Locator, settlement: Settlement) -> Result<Settled, Failure> {
        self.blocking("moving a file out of error", move |inner| {
            settle::resettle(inner, &from, &settlement)
        })
        .await?
    }

    async fn wait(&self, longest: Duration) {
        self.inner.hints.wait(longest).await;
    }

    async fn probe(&self, _depth: Probe) -> Result<Vec<String>, Failure> {
        self.blocking("probing the folder", probe::probe).await??;
        Ok(Vec::new())
    }

    fn watched(&self) -> String {
        self.inner.hints.words()
    }
}

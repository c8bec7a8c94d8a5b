//! A folder on a file server, whatever it speaks ([`crate::clients`]).
//!
//! What a source promises is written once, over all protocols: a file is read whole and unchanged or not at all; a move never overwrites and
//! is looked at after it was made, in a fresh session where its answer was lost; nothing is created
//! before the first settle or a `check --connect`; nothing is deleted unless the source says so.
//!
//! Paths are bytes as the server gave them, absolute or relative to the login folder (`/~/x` is
//! `x` there), parts separated by `/`. Nothing here ever shows them raw or joins them to a path of
//! this machine, and a name that is no single part of a path is never sent back to the server.

mod fetch;
mod probe;
mod scan;
mod settle;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::mpsc;

use super::filter::Filter;
use super::noticed::Noticed;
use super::target::Targets;
use super::{Listing, Pickup, Piece, Probe, Settlement, Source};
use crate::arrival::{ArrivalId, Entry, Locator, Settled};
use crate::clients::{Pool, Server, within};
use crate::failure::Failure;

/// A folder on a file server.
pub struct RemoteSource {
    inner: Arc<Inner>,
}

/// What all calls work with.
struct Inner {
    pool: Pool,
    root: Vec<u8>,
    pickup: Pickup,
    targets: Targets,
    filter: Filter,
    noticed: Noticed,
}

impl RemoteSource {
    /// A source over the folder `root` of `server`, with at most so many connections at a time.
    ///
    /// # Errors
    /// What is wrong with the patterns of `pickup`, in words for the operator.
    pub fn open(
        server: Box<dyn Server>,
        root: Vec<u8>,
        pickup: Pickup,
        connections: usize,
    ) -> Result<Self, Failure> {
        let during = format!("opening the source “{}”", pickup.name);
        let wrong = |message: String| Failure::operator(during.clone(), message);
        Ok(Self {
            inner: Arc::new(Inner {
                targets: Targets::new(&pickup).map_err(wrong)?,
                filter: Filter::new(&pickup).map_err(wrong)?,
                noticed: Noticed::default(),
                pool: Pool::new(server, connections),
                root,
                pickup,
            }),
        })
    }
}

impl Inner {
    /// The whole path of a place as the other rooms know it: relative ones lie in the watched
    /// folder.
    fn path(&self, place: &[u8]) -> Vec<u8> {
        within(&self.root, place)
    }
}

#[async_trait]
impl Source for RemoteSource {
    async fn list(&self) -> Result<Listing, Failure> {
        scan::list(&self.inner).await
    }

    async fn fetch(&self, entries: Vec<(ArrivalId, Entry)>, pieces: mpsc::Sender<Piece>) {
        fetch::fetch(&self.inner, entries, pieces).await;
    }

    async fn settle(&self, settlements: Vec<Settlement>) -> Vec<Result<Settled, Failure>> {
        settle::settle(&self.inner, settlements).await
    }

    async fn resettle(&self, from: Locator, settlement: Settlement) -> Result<Settled, Failure> {
        settle::resettle(&self.inner, &from, &settlement).await
    }

    async fn wait(&self, longest: Duration) {
        tokio::time::sleep(longest).await;
    }

    async fn probe(&self, depth: Probe) -> Result<Vec<String>, Failure> {
        probe::probe(&self.inner, depth).await
    }

    fn watched(&self) -> String {
        self.inner.pool.words()
    }
}

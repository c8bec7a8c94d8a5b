//! A source without a place: files arrive through the console and the API.
//!
//! Whoever receives an upload stores its bytes in the ledger himself, so that nothing is ever listed
//! or fetched here; settling only says that there is nothing to move. A person finds the file, its
//! verdict and its findings in the console.

use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::mpsc;

use super::{Listing, Piece, Probe, Settlement, Source};
use crate::arrival::{ArrivalId, Entry, Locator, Settled};
use crate::failure::Failure;

/// The HTTP upload as a source.
#[derive(Debug, Clone, Copy)]
pub struct UploadSource;

#[async_trait]
impl Source for UploadSource {
    async fn list(&self) -> Result<Listing, Failure> {
        Ok(Listing::default())
    }

    /// Bytes that are not in the ledger exist nowhere: an upload that was cut off is gone.
    async fn fetch(&self, entries: Vec<(ArrivalId, Entry)>, pieces: mpsc::Sender<Piece>) {
        for (arrival, _) in entries {
            if pieces.send(Piece::Gone(arrival)).await.is_err() {
                return;
            }
        }
    }

    async fn settle(&self, settlements: Vec<Settlement>) -> Vec<Result<Settled, Failure>> {
        settlements.iter().map(|_| Ok(Settled::Finished)).collect()
    }

    async fn resettle(&self, _: Locator, _: Settlement) -> Result<Settled, Failure> {
        Ok(Settled::Finished)
    }

    async fn wait(&self, longest: Duration) {
        tokio::time::sleep(longest).await;
    }

    async fn probe(&self, _: Probe) -> Result<Vec<String>, Failure> {
        Ok(Vec::new())
    }

    fn watched(&self) -> String {
        "by the console and the API".to_owned()
    }
}

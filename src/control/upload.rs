//! An upload on its way into the ledger: piece by piece, so that a large one costs a flat amount of
//! memory, and visible to the loops only when it is whole.
//!
//! Whoever drops an upload before it is whole (a browser that went away) closes its arrival.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use sha2::{Digest, Sha256};

use super::{Desk, Live};
use crate::arrival::{ArrivalId, Entry, FileId, Locator, Version};
use crate::clock;
use crate::failure::Failure;
use crate::ledger::{Fetched, Ledger, NewFile, Who};
use crate::limits;
use crate::names;

/// A source that takes uploads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadPlace {
    /// Its name.
    pub source: String,
    /// Who its files are from, unless the one who sends says more.
    pub sender: String,
    /// The largest file it takes.
    pub max_bytes: u64,
}

/// Why a file is not taken.
#[derive(Debug)]
pub enum NotTaken {
    /// No source takes uploads, or none of this name.
    Nowhere,
    /// A person has stopped the source.
    Paused,
    /// So many bytes at most.
    TooLarge(u64),
    /// There is no room on the disk, or the ledger does not answer.
    Failed(Failure),
}

impl From<Failure> for NotTaken {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// A file that is coming in.
pub struct Upload {
    ledger: Arc<dyn Ledger>,
    live: Arc<dyn Live>,
    arrival: ArrivalId,
    name: String,
    sender: String,
    who: Who,
    most: u64,
    bytes: u64,
    hash: Sha256,
    held: BytesMut,
    stored: u32,
    whole: bool,
}

impl Desk {
    /// The sources that take uploads.
    #[must_use]
    pub fn places(&self) -> Vec<UploadPlace> {
        self.live.uploads()
    }

    /// Begins an upload to `source`, or to the first that takes any.
    ///
    /// # Errors
    /// Why it is not taken.
    pub async fn upload(
        &self,
        source: Option<&str>,
        name: &str,
        sender: Option<&str>,
        who: &Who,
    ) -> Result<Upload, NotTaken> {
        let places = self.live.uploads();
        let place = places
            .into_iter()
            .find(|place| source.is_none_or(|wanted| wanted == place.source))
            .ok_or(NotTaken::Nowhere)?;
        if self.ledger.paused().await?.contains(&place.source) {
            return Err(NotTaken::Paused);
        }
        self.live.room()?;
        // Browsers of old send whole paths, in either writing.
        let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
        let name = if last.is_empty() { "upload" } else { last };
        let entry = Entry {
            locator: Locator(unique(name)?),
            version: Version {
                size: 0,
                modified: clock::now().0.saturating_mul(1_000_000),
            },
        };
        let arrival = self.ledger.receive(&place.source, entry).await?;
        Ok(Upload {
            ledger: Arc::clone(&self.ledger),
            live: Arc::clone(&self.live),
            arrival,
            name: names::label(name.as_bytes()),
            sender: sender.map_or(place.sender, str::to_owned),
            who: who.clone(),
            most: place.max_bytes,
            bytes: 0,
            hash: Sha256::new(),
            held: BytesMut::new(),
            stored: 0,
            whole: false,
        })
    }
}

/// Two uploads of one name at one moment are two arrivals.
fn unique(name: &str) -> Result<Vec<u8>, Failure> {
    let mut bytes = [0_u8; 8];
    rustix::rand::getrandom(&mut bytes, rustix::rand::GetRandomFlags::empty())
        .map_err(|error| Failure::ours("asking the system for random bytes", error))?;
    Ok(format!("{}/{name}", hex::encode(bytes)).into_bytes())
}

impl Upload {
    /// The next bytes.
    ///
    /// # Errors
    /// Why no more of it is taken.
    pub async fn piece(&mut self, bytes: &[u8]) -> Result<(), NotTaken> {
        self.bytes += bytes.len() as u64;
        if self.bytes > self.most {
            return Err(NotTaken::TooLarge(self.most));
        }
        self.hash.update(bytes);
        self.held.extend_from_slice(bytes);
        while self.held.len() > limits::CHUNK_BYTES {
            let chunk = self.held.split_to(limits::CHUNK_BYTES).freeze();
            self.store(chunk).await?;
        }
        Ok(())
    }

    async fn store(&mut self, chunk: Bytes) -> Result<(), Failure> {
        self.ledger.chunk(self.arrival, self.stored, chunk).await?;
        self.stored += 1;
        Ok(())
    }

    /// It is whole: durable when this returns, and from here on a file like any other.
    ///
    /// # Errors
    /// The ledger's.
    pub async fn finish(mut self) -> Result<FileId, Failure> {
        let rest = std::mem::take(&mut self.held).freeze();
        let body = if self.stored == 0 {
            Some(rest)
        } else {
            self.store(rest).await?;
            None
        };
        let fetched = Fetched {
            arrival: self.arrival,
            sender: self.sender.clone(),
            file: NewFile {
                name: self.name.clone(),
                sha256: std::mem::take(&mut self.hash).finalize().into(),
                bytes: self.bytes,
                body,
            },
        };
        let file = self.ledger.received(fetched, &self.who).await?;
        self.whole = true;
        self.live.changed();
        Ok(file)
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        if self.whole {
            return;
        }
        let (ledger, arrival) = (Arc::clone(&self.ledger), self.arrival);
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        runtime.spawn(async move {
            let why = "The upload was cut off or refused before it was whole.".to_owned();
            if let Err(failure) = ledger.unclaimed(vec![(arrival, why)]).await {
                tracing::warn!(%failure, "An upload that was cut off could not be closed; the next start does it.");
            }
        });
    }
}

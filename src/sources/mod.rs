//! Where order files come from: one file a kind, behind one port.
//!
//! The flow looks at a source in rounds: `list`, then `fetch` what was claimed, then `settle` what
//! is concluded. A source has no memory of its own: everything durable is in the ledger, and every
//! method may be repeated after a crash.

use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::mpsc;

use crate::arrival::{ArrivalId, Entry, Locator, Settled, Verdict, Version};
use crate::failure::Failure;

pub use crate::clients::Piece;

mod filter;
pub mod imap;
pub mod local;
mod noticed;
pub mod remote;
pub mod stable;
mod target;
pub mod upload;

/// What one look at a source showed.
#[derive(Debug, Clone, Default)]
pub struct Listing {
    /// Arrivals in the order in which they are to be taken: oldest first, ties by name. Temporary
    /// names, our own sidecars and everything that is not a plain file are left out.
    pub entries: Vec<Entry>,
    /// Whether the listing was cut at [`crate::limits::LISTING_NAMES`].
    pub cut: bool,
}

/// What to do with one arrival at its source.
#[derive(Debug, Clone)]
pub struct Settlement {
    /// Which.
    pub arrival: ArrivalId,
    /// Where it lies, or lay.
    pub locator: Locator,
    /// Which version of it was processed; any other is left alone.
    pub version: Version,
    /// Where it goes.
    pub verdict: Verdict,
    /// Files to lay beside it in error/, by suffix (`.error.txt`): best effort, written before the
    /// move and never over an existing file.
    pub sidecars: Vec<(String, Vec<u8>)>,
}

/// How deep a probe looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Probe {
    /// At start: everything that can be tried without leaving a trace on a remote server.
    Start,
    /// `check --connect`: also a rename into done and error.
    Connect,
}

/// A place watched for order files.
#[async_trait]
pub trait Source: Send + Sync {
    /// What lies there now. Complete or failed, never silently partial. Repeats itself as long as
    /// arrivals are unsettled.
    async fn list(&self) -> Result<Listing, Failure>;

    /// Reads each entry from start to end and sends it as pieces, ending each with `Complete`, `Gone`
    /// or `Failed`. Pieces of several entries may be mixed; those of one are in order. Has no side
    /// effect on the source. Never sends more than the entry's listed size plus one piece. Returns
    /// early if the receiver is dropped.
    async fn fetch(&self, entries: Vec<(ArrivalId, Entry)>, pieces: mpsc::Sender<Piece>);

    /// Moves each to its place and verifies it. One answer for each, in the same order. May be
    /// called again for the same arrival and then answers what it finds: nothing is recorded before
    /// a move, so whatever is not in its place is looked for where an earlier try would have put it.
    async fn settle(&self, settlements: Vec<Settlement>) -> Vec<Result<Settled, Failure>>;

    /// Moves an arrival that lies in error/ (at `from`) to done/, after a retry that succeeded, and
    /// removes our sidecars beside it.
    async fn resettle(&self, from: Locator, settlement: Settlement) -> Result<Settled, Failure>;

    /// Returns when there may be news (a hint), at the latest after `longest`.
    async fn wait(&self, longest: Duration);

    /// Proves the rights that settling will need, and tells what was found in sentences for the
    /// operator: clock difference, kind of listing, capabilities that are missing.
    ///
    /// # Errors
    /// A failure that says what is missing; the source must not start then.
    async fn probe(&self, depth: Probe) -> Result<Vec<String>, Failure>;

    /// How the source is watched, in words for the log and `status` ("by inotify").
    fn watched(&self) -> String;
}

/// How one source is configured, whatever its kind.
#[derive(Debug, Clone)]
pub struct Pickup {
    /// The source's name.
    pub name: String,
    /// Unchanged for so long on our clock; zero: the first look is enough.
    pub stable: Duration,
    /// How often to look without a hint.
    pub poll: Duration,
    /// How long an empty or cut-off file may still be growing.
    pub grace: Duration,
    /// Names to take; empty means all.
    pub include: Vec<String>,
    /// Names to leave.
    pub exclude: Vec<String>,
    /// A file of this name beside it (`{name}.ok`) says that it is complete.
    pub marker: Option<String>,
    /// Smaller files are left alone.
    pub min_bytes: u64,
    /// Larger files are problems.
    pub max_bytes: u64,
    /// Look into folders, so many levels deep; 0 does not.
    pub depth: usize,
    /// Arrivals taken in one look.
    pub batch: usize,
    /// Where accepted arrivals go: relative to the source, or an absolute path of the operator's
    /// elsewhere; `%Y-%m` and the like are filled in.
    pub done: String,
    /// Where the others go, in the same way.
    pub error: String,
    /// What to do with an arrival at the end.
    pub after: After,
}

/// What to do with an arrival at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum After {
    /// To done or error.
    #[default]
    Move,
    /// Accepted ones are deleted; the others go to error.
    Delete,
    /// Nothing is touched; the ledger alone remembers.
    Leave,
}

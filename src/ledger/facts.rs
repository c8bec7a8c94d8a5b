//! What the loops tell the ledger: one shape for each arrow that carries more than numbers.

use std::collections::BTreeMap;

use bytes::Bytes;

use super::tracking::NewEvent;
use crate::arrival::{ArrivalId, DeliveryId, Entry, FileId};
use crate::clock::Millis;
use crate::order::{Action, ContentHash, Identity};
use crate::problem::Problem;
use crate::profiles::Summary;
use crate::revision::OnChange;

/// A new arrival as the ledger took it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// Its row.
    pub arrival: ArrivalId,
    /// What was claimed.
    pub entry: Entry,
}

/// One file of an arrival at `fetched`.
#[derive(Debug, Clone)]
pub struct NewFile {
    /// Its name as a label.
    pub name: String,
    /// SHA-256 of its bytes.
    pub sha256: [u8; 32],
    /// Its size.
    pub bytes: u64,
    /// The bytes, where they were not stored before by [`Ledger::chunk`].
    pub body: Option<Bytes>,
}

/// An arrival whose bytes are complete.
#[derive(Debug, Clone)]
pub struct Fetched {
    /// Which.
    pub arrival: ArrivalId,
    /// Who it is from, resolved from the configuration.
    pub sender: String,
    /// What it holds. For a plain file: itself.
    pub file: NewFile,
}

/// One order as it is staged.
#[derive(Debug, Clone)]
pub struct StagedOrder {
    /// Its place in the file, from 0.
    pub seq: u32,
    /// Who it is.
    pub identity: Identity,
    /// create, update or cancel.
    pub action: Action,
    /// What it asks for, as a word.
    pub kind: &'static str,
    /// The sender's number.
    pub reference: String,
    /// Canonical JSON without origin: what is hashed and sent.
    pub content: Bytes,
    /// Its hash.
    pub content_hash: ContentHash,
    /// The hash of its source records.
    pub source_hash: [u8; 32],
    /// Where in the file, as JSON.
    pub origin: String,
    /// Other words by which people look for it (parties' names, postcodes, references), space
    /// separated, lower case.
    pub search: String,
    /// Numbers by which it is found beside its reference: its shipments', its tracking numbers.
    pub numbers: Vec<String>,
    /// Where it is owed. Empty: the route has no destination for it, the file waits for an operator.
    pub destinations: Vec<String>,
    /// The policy for a known number with other content.
    pub on_change: OnChange,
    /// Whether a person must release it first.
    pub hold: bool,
    /// Problems that the destinations' own checks found: the order is withheld for these.
    pub refused: Vec<(String, Problem)>,
}

/// The result of reading one file: the arrow to `due`, or to a verdict of error.
#[derive(Debug, Clone)]
pub struct ParsedFile {
    /// Which.
    pub file: FileId,
    /// What reading found. With `Rejected` all staged orders of the file are discarded.
    pub summary: Summary,
    /// All findings that are kept.
    pub problems: Vec<Problem>,
    /// The last (for small files: the only) orders of the file.
    pub orders: Vec<StagedOrder>,
    /// What it tells about earlier orders. With `Rejected` nothing of it counts.
    pub events: Vec<NewEvent>,
    /// Set when no route or destination is known: the file waits, an alert is due, nothing is sent.
    pub waiting: Option<String>,
}

/// A held order as a person wants it.
#[derive(Debug, Clone)]
pub struct Correction {
    /// Who it is now.
    pub identity: Identity,
    /// create, update or cancel.
    pub action: Action,
    /// What it asks for, as a word.
    pub kind: &'static str,
    /// The sender's number.
    pub reference: String,
    /// Canonical JSON without origin.
    pub content: Bytes,
    /// Its hash.
    pub content_hash: ContentHash,
    /// The words by which people look for it, as in [`StagedOrder::search`].
    pub search: String,
    /// As in [`StagedOrder::numbers`].
    pub numbers: Vec<String>,
}

/// An attempt about to be made.
#[derive(Debug, Clone)]
pub struct AttemptStart {
    /// Which delivery.
    pub delivery: DeliveryId,
    /// The rendered body, frozen with the first attempt; `None` for the canonical JSON and for
    /// later attempts.
    pub body: Option<Bytes>,
}

/// How an attempt ended.
#[derive(Debug, Clone)]
pub struct AttemptEnd {
    /// Which delivery.
    pub delivery: DeliveryId,
    /// When the request left.
    pub started: Millis,
    /// When the answer was known.
    pub ended: Millis,
    /// What becomes of the delivery.
    pub result: AttemptResult,
    /// What the partner or the network said, for people; no secrets.
    pub detail: String,
}

/// What becomes of a delivery after an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttemptResult {
    /// Accepted; the partner's id of it.
    Delivered {
        /// The partner's own id, where it told one.
        remote_id: Option<String>,
        /// What else it told: tracking numbers, links to labels.
        facts: BTreeMap<String, String>,
        /// Since when its partner is to be asked about it; `None`: it is not tracked.
        track: Option<Millis>,
    },
    /// The sender's turn, in the partner's words.
    Refused {
        /// The partner's code.
        code: String,
        /// The partner's words.
        words: String,
    },
    /// Again, same bytes and key.
    Later {
        /// At this time.
        until: Millis,
        /// Whether this attempt may have been applied all the same.
        unknown: bool,
    },
    /// Waits for a person.
    Parked {
        /// Why.
        why: String,
        /// Whether this attempt may have been applied all the same.
        unknown: bool,
    },
}

/// How a mail's try ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReportEnd {
    /// Accepted by the mail server.
    Sent,
    /// Again at this time.
    Later(Millis, String),
    /// Not sent, and why: refused by the mail server, or withheld by a gate.
    Withheld(String),
}

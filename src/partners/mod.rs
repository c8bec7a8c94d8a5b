//! Where orders go: one file (or folder) a kind, behind one port.
//!
//! A partner renders an order into the body its system wants, sends it once, and says what came
//! back. It never retries by itself, never keeps state that a restart would lose, and never decides
//! when to try again: back-off, circuit and order belong to the lane (`flow/deliver`).

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;

use crate::failure::Failure;
use crate::order::{Action, Order};
use crate::problem::Problem;

pub mod cargamos;
pub mod cargoconnect;
pub mod cargooffice;
pub mod contargo;
pub mod errands;
pub mod file;
pub mod folder;
mod form;
pub mod http;
pub mod mail;
pub mod remote;
pub mod soap;
pub mod tracker;
pub mod trademax;
mod wire;

pub use wire::{Authorities, Identity, LinkSettings, Proof};

/// One request as the lane hands it over.
#[derive(Debug, Clone)]
pub struct Request {
    /// The idempotency key: the same on every attempt of this revision.
    pub key: String,
    /// What is asked for.
    pub action: Action,
    /// The sender's reference, for URL templates of update and cancel, and for logs.
    pub reference: String,
    /// The frozen body.
    pub body: Bytes,
    /// What the partner called the order when it accepted an earlier revision.
    pub remote_id: Option<String>,
    /// An earlier attempt of ours may have been applied: that the partner has the order already is
    /// then no objection but the answer that was lost.
    pub repeated: bool,
}

/// What a partner said, classed by design.md 3.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It has the order.
    Accepted(Receipt),
    /// The sender's turn: the order is not acceptable, in the partner's own words.
    Refused(Refusal),
    /// Try again: after what it asked for, else by back-off.
    Later {
        /// What Retry-After asked for.
        after: Option<Duration>,
        /// Why.
        failure: Failure,
        /// Whether it says something about the destination (429, 5xx, network: opens the circuit)
        /// or only about this order.
        destination: bool,
    },
    /// The request may or may not have been applied.
    Unknown(Failure),
    /// Credentials or address are wrong: the lane pauses at once, the operators are told, no sender is.
    Denied(Failure),
    /// DNS or TLS failed before anything was sent: pauses the lane after several in a row.
    Unreachable(Failure),
    /// An answer that no rule covers: this delivery waits for a person.
    Parked(Failure),
}

impl Outcome {
    /// What kept it from being accepted, in the words of a failure.
    #[must_use]
    pub fn into_failure(self) -> Failure {
        match self {
            Self::Later { failure, .. }
            | Self::Unknown(failure)
            | Self::Denied(failure)
            | Self::Unreachable(failure)
            | Self::Parked(failure) => failure,
            Self::Refused(refusal) => Failure::operator("asking the destination", refusal.words),
            Self::Accepted(receipt) => Failure::ours("asking the destination", receipt.answer),
        }
    }
}

/// What an accepting partner told.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Receipt {
    /// The partner's own id of the order, where the answer has one.
    pub remote_id: Option<String>,
    /// What else it told of the order: tracking numbers, links to labels.
    pub facts: Facts,
    /// Status line and the start of the answer, for people.
    pub answer: String,
}

/// What a partner told of an order, by name: `tracking_number`, `label_url`, …
pub type Facts = BTreeMap<String, String>;

/// What a partner says of a request whose answer was lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// It was applied.
    There(Receipt),
    /// It was not: it may be sent again.
    NotThere,
    /// That could not be told; never [`Outcome::Accepted`].
    Unclear(Outcome),
}

/// Why a partner refused.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Refusal {
    /// The partner's own words, cleaned and cut, for the report to the sender.
    pub words: String,
    /// Its code (`HTTP 422`, or its own).
    pub code: String,
}

/// The body of an order for one destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// The canonical JSON as it lies in the ledger: needs no second copy.
    Canonical,
    /// Bytes of the partner's own form: frozen in the ledger with the first attempt.
    Rendered(Bytes),
}

/// A partner system.
#[async_trait]
pub trait Partner: Send + Sync {
    /// What is missing in `order` for this partner, without any network. Pure.
    fn check(&self, order: &Order) -> Vec<Problem>;

    /// Whether [`Partner::check`] ever finds anything and so is worth building an [`Order`] for.
    fn checks(&self) -> bool;

    /// The body of the order whose canonical JSON is `canonical` and whose delivery has `key`, from
    /// which a partner's own id of the request is derived. Pure: the same order and key give the
    /// same bytes. Authentication, timestamps and signatures are added at sending.
    ///
    /// # Errors
    /// A failure of the operator's template, never the sender's.
    fn render(&self, canonical: &[u8], key: &str) -> Result<Body, Failure>;

    /// Sends once. A refusal of an access token that had run out is no sending: it may be followed
    /// by one more request with a new token.
    async fn deliver(&self, request: &Request) -> Outcome;

    /// Asks whether a request whose answer was lost was applied; `None` where the partner cannot
    /// tell.
    async fn look_up(&self, request: &Request) -> Option<Found>;

    /// Whether [`Partner::look_up`] ever finds anything, so that a lost answer need not wait for a
    /// person.
    fn looks_up(&self) -> bool {
        false
    }

    /// Whether the destination answers and takes our credentials, without any effect there.
    ///
    /// # Errors
    /// A failure that says what is wrong.
    async fn probe(&self) -> Result<(), Failure>;

    /// Whether a repeat of `action` does no harm, because the partner recognises it by its key or
    /// because twice is the same as once, so that an unknown outcome may be answered by sending the
    /// same bytes again.
    fn recognises_repeats(&self, action: Action) -> bool;

    /// What it does beside taking orders; `None`: nothing.
    fn errands(&self) -> Option<&dyn errands::Errands> {
        None
    }
}

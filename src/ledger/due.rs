//! What the loops are given to do: one shape for each loop.

use bytes::Bytes;

use super::ReportKind;
use crate::arrival::{ArrivalId, DeliveryId, Entry, FileId, Locator, OrderId, ReportId, Verdict};
use crate::clock::Millis;
use crate::formats::FormatKind;
use crate::order::Action;

/// An arrival to fetch.
#[derive(Debug, Clone)]
pub struct DueFetch {
    /// Which.
    pub arrival: ArrivalId,
    /// Its source.
    pub source: String,
    /// What was claimed.
    pub entry: Entry,
    /// When it was claimed.
    pub claimed: Millis,
}

/// A file to parse.
#[derive(Debug, Clone)]
pub struct DueParse {
    /// Which.
    pub file: FileId,
    /// Its arrival.
    pub arrival: ArrivalId,
    /// Its source.
    pub source: String,
    /// Its sender.
    pub sender: String,
    /// Its name.
    pub name: String,
    /// Its hash.
    pub sha256: [u8; 32],
    /// Its size.
    pub bytes: u64,
    /// The whole bytes if there are at most [`crate::limits::CHUNK_BYTES`], else `None`.
    pub body: Option<Bytes>,
    /// Deaths of a jail child over this file alone.
    pub deaths: u32,
    /// Must be read with no other file in the child.
    pub alone: bool,
    /// When it was first claimed, for `grace`.
    pub claimed: Millis,
    /// Whether it may have been cut off and has been waited for already.
    pub grace_over: bool,
    /// The mail or archive it came out of.
    pub container: Option<FileId>,
    /// The format that the sender's address asks for.
    pub forced: Option<FormatKind>,
}

/// A delivery whose time has come.
#[derive(Debug, Clone)]
pub struct DueDelivery {
    /// Which.
    pub delivery: DeliveryId,
    /// Its order.
    pub order: OrderId,
    /// Its key.
    pub key: String,
    /// create, update or cancel.
    pub action: Action,
    /// The sender's number.
    pub reference: String,
    /// The canonical JSON.
    pub content: Bytes,
    /// The frozen body, where it is not the canonical JSON.
    pub body: Option<Bytes>,
    /// Attempts so far.
    pub attempts: u32,
    /// When the first attempt began.
    pub first_attempt: Option<Millis>,
    /// Whether an earlier attempt may have been applied: one was cut off, or its answer was lost.
    /// Once so, it stays so until the delivery is final.
    pub unknown: bool,
    /// Whether a person has had it sent again since, knowing that.
    pub insisted: bool,
    /// What the partner called an earlier revision.
    pub remote_id: Option<String>,
}

/// An arrival to settle.
#[derive(Debug, Clone)]
pub struct DueSettle {
    /// Which.
    pub arrival: ArrivalId,
    /// Its source.
    pub source: String,
    /// Its sender.
    pub sender: String,
    /// What was claimed.
    pub entry: Entry,
    /// Where it goes.
    pub verdict: Verdict,
    /// Set where a retry succeeded and the file lies in error/: where it lies.
    pub lies_at: Option<Locator>,
    /// Failed tries so far.
    pub tries: u32,
    /// When it was concluded.
    pub concluded: Millis,
}

/// A mail in the outbox.
#[derive(Debug, Clone)]
pub struct DueReport {
    /// Which.
    pub report: ReportId,
    /// What it is about.
    pub kind: ReportKind,
    /// The arrival, for reports.
    pub arrival: Option<ArrivalId>,
    /// The recipient, once known.
    pub recipient: Option<String>,
    /// The rendered message, once composed: the same bytes and Message-ID on every try.
    pub message: Option<Bytes>,
    /// Its Message-ID.
    pub message_id: String,
    /// Subject and text of an alert.
    pub text: Option<(String, String)>,
    /// Tries so far.
    pub tries: u32,
    /// When it was made.
    pub created: Millis,
}

/// When each loop must look again although nothing woke it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NextDue {
    /// The earliest fetch or parse.
    pub intake: Option<Millis>,
    /// The earliest delivery of any destination.
    pub deliver: Option<Millis>,
    /// The earliest settlement.
    pub settle: Option<Millis>,
    /// The earliest mail.
    pub report: Option<Millis>,
    /// The earliest answer.
    pub answer: Option<Millis>,
}

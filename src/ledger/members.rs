//! What an arrival with several files adds to the port: the arrow from a container to its members.

use bytes::Bytes;

use super::NewFile;
use crate::arrival::{ArrivalId, FileId};
use crate::formats::FormatKind;
use crate::letter::Letter;
use crate::problem::Problem;

/// A mail or archive as it was unpacked.
#[derive(Debug, Clone)]
pub struct Unpacked {
    /// The container.
    pub file: FileId,
    /// What it is, as a word.
    pub kind: &'static str,
    /// Its name from here on.
    pub name: String,
    /// Who it is from, now that its headers are known.
    pub sender: String,
    /// What the headers of a mail say.
    pub letter: Option<Letter>,
    /// What was found about the container itself. An error in them sends the arrival to error.
    pub problems: Vec<Problem>,
    /// The files in it, due for parsing. Without any it is concluded.
    pub members: Vec<NewMember>,
}

/// One file in a container.
#[derive(Debug, Clone)]
pub struct NewMember {
    /// Its place, from 1.
    pub place: u32,
    /// Its name, hash and size; the body where it was not stored by [`Ledger::piece`](super::Ledger::piece).
    pub file: NewFile,
    /// The format that the sender's address asks for.
    pub forced: Option<FormatKind>,
}

/// A piece of a large member, stored before the arrow.
#[derive(Debug, Clone)]
pub struct MemberPiece {
    /// The container.
    pub container: FileId,
    /// The member's place.
    pub place: u32,
    /// Counts from 0; the first discards what an earlier try left.
    pub seq: u32,
    /// The bytes.
    pub bytes: Bytes,
}

/// A delivery report about a mail of ours.
#[derive(Debug, Clone)]
pub struct Bounced {
    /// The number and check that its address carried.
    pub token: String,
    /// Whom it did not reach, where the report says so.
    pub recipient: Option<String>,
    /// The mail server's words.
    pub words: String,
}

/// The mail of ours that a delivery report is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Returned {
    /// The arrival it reported on; none for alerts.
    pub arrival: Option<ArrivalId>,
    /// To whom it had gone.
    pub recipient: String,
    /// Whether this is the first that is heard of it.
    pub news: bool,
}

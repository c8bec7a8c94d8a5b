//! Answers to files in the partner's own format: what is owed, what is due, what became of it.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::arrival::{AnswerId, ArrivalId, DeliveryState, FileId};
use crate::clock::Millis;

/// An answer that a file's route asks for: owed until the file's arrival is concluded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwedAnswer {
    /// The file.
    pub file: FileId,
    /// Its arrival.
    pub arrival: ArrivalId,
    /// The format's word.
    pub format: String,
    /// Where it is laid.
    pub place: String,
    /// Who we are in it.
    pub ours: Option<String>,
    /// Who the partner is.
    pub theirs: Option<String>,
}

/// An answer that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueAnswer {
    /// Which.
    pub answer: AnswerId,
    /// To which file.
    pub file: FileId,
    /// What was owed.
    pub owed: OwedAnswer,
    /// Its control number, once it has one.
    pub number: Option<u64>,
    /// Name and bytes, once they are made: the same on every try.
    pub made: Option<(String, Bytes)>,
    /// Tries so far.
    pub tries: u32,
    /// Since when it is owed.
    pub created: Millis,
}

/// How a try of an answer ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AnswerEnd {
    /// It lies there.
    Laid(String),
    /// Again at this time, and why.
    Later(Millis, String),
    /// It will not be laid, and why.
    Dropped(String),
}

/// An answer for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerRow {
    /// Its format.
    pub format: String,
    /// owed, due, laid, dropped.
    pub state: String,
    /// Its file's name.
    pub name: Option<String>,
    /// Where it lies, or what it waits for.
    pub detail: Option<String>,
    /// When it was laid.
    pub laid: Option<Millis>,
}

/// What became of one order of a file at one destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fate {
    /// The sender's number.
    pub reference: String,
    /// Where it was owed.
    pub destination: String,
    /// How it stands.
    pub state: DeliveryState,
    /// The last answer or failure.
    pub detail: Option<String>,
    /// The partner's id.
    pub remote_id: Option<String>,
    /// What else the partner told.
    pub facts: BTreeMap<String, String>,
}

//! The pool of child processes in which containers, formats and profiles run.
//!
//! Bytes that came through a source are hostile until proven otherwise, and two of the spreadsheet
//! paths in use abort the process on tiny files; an abort cannot be caught. So the daemon never
//! reads an order file itself. It hands the bytes to a child of the same binary that has no
//! network, no file system and a fixed address space, and takes framed orders and problems back.
//!
//! * A child asks for the bytes it wants ([`Supply`]), so a big file costs a flat amount of memory.
//! * Small files go to a child many at a time; if it dies, each of them is read again alone.
//! * The parent watches: silence and CPU are bounded, every frame is bounded and checked.
//! * Hitting a limit is a problem of the file. A death that is no limit counts as a try.
//!
//! [`confine`] has the limits, [`frame`] the wire, [`child`] the child's loop, [`pool`] the parent.

pub mod child;
mod confine;
mod frame;
mod input;
mod pool;
#[cfg(test)]
mod tests;
mod unpack;
mod watch;

use async_trait::async_trait;
use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::containers::{Kind, Opening};
use crate::failure::Failure;
use crate::formats::{FormatKind, ReadOptions};
use crate::letter::Letter;
use crate::order::{Order, StatusUpdate};
use crate::problem::{Place, Problem};
use crate::profiles::{Chosen, MapOptions, RowSpan, Summary};

pub use pool::{Jail, Texts};

/// What a child is to do with one file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Job {
    /// Orders, the records below them, the files within, or a file to send back.
    pub mode: Mode,
    /// The file's name, as a label.
    pub name: String,
    /// Its size.
    pub size: u64,
    /// What the operator declared about it.
    pub read: ReadOptions,
    /// What the sender or a person says it is.
    pub forced: Option<FormatKind>,
    /// How its records become orders.
    pub map: MapOptions,
}

/// What comes out of a child.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Mode {
    /// Orders and problems.
    Orders,
    /// `parse --records`: what the format read, as JSON.
    Records,
    /// A starting profile, as JSON ([`crate::profiles::Suggestion`]).
    Suggest,
    /// Orders and problems, and as output where each field came from: a line of JSON an order
    /// ([`crate::profiles::ExplainedOrder`]).
    Explain,
    /// What a person sees of it, with these places marked, as JSON ([`crate::formats::show::Shown`]).
    Show(Vec<Place>),
    /// The files in it, where it is a container that may be opened; else nothing.
    Unpack(Opening),
    /// Who sent it under which numbers, as JSON ([`crate::formats::Interchange`]).
    Interchange,
    /// The table with its bad rows marked, ready to fix and send back.
    Correction {
        /// The findings, by row.
        problems: Vec<Problem>,
        /// Which rows; `None` means all.
        rows: Option<Vec<RowSpan>>,
    },
}

/// One order as a child told it, content and origin apart.
#[derive(Debug, Clone)]
pub struct ParsedOrder {
    /// Its canonical JSON, without origin: what is hashed, stored and sent.
    pub content: Bytes,
    /// Its origin as JSON.
    pub origin: String,
    /// The hash of its source records.
    pub source_hash: [u8; 32],
}

impl ParsedOrder {
    /// The whole order, without origin.
    ///
    /// # Errors
    /// The content is not that of a canonical order.
    pub fn order(&self) -> serde_json::Result<Order> {
        serde_json::from_slice(&self.content)
    }
}

/// Where the bytes of a file come from when a child asks.
#[async_trait]
pub trait Supply: Send + Sync {
    /// At most `length` bytes from `offset`; empty at the end.
    async fn bytes(&self, offset: u64, length: usize) -> Result<Bytes, Failure>;
}

/// What a container turned out to be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Opened {
    /// What it is.
    pub kind: Kind,
    /// For mails: what the headers say.
    pub letter: Option<Letter>,
}

/// A file in a container, before its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Its name as a label.
    pub name: String,
    /// Whether it is no order file by its kind: a picture, a signature.
    pub aside: bool,
}

/// Where a child's findings go while it reads.
#[async_trait]
pub trait Events: Send {
    /// How the file is read: before the first order.
    async fn chosen(&mut self, chosen: Chosen) -> Result<(), Failure>;
    /// The next good order.
    async fn order(&mut self, order: ParsedOrder) -> Result<(), Failure>;
    /// A status update.
    async fn status(&mut self, update: StatusUpdate) -> Result<(), Failure>;
    /// A finding.
    async fn problem(&mut self, problem: Problem) -> Result<(), Failure>;
    /// Output of the modes that make no orders, and of [`Mode::Explain`].
    /// Output of [`Mode::Records`] and [`Mode::Correction`]; with [`Mode::Unpack`] bytes of the
    /// member before.
    async fn output(&mut self, bytes: Bytes) -> Result<(), Failure>;
    /// A container, before its members. Only [`Mode::Unpack`] has them.
    async fn opened(&mut self, _: Opened) -> Result<(), Failure> {
        Ok(())
    }
    /// The next file of a container.
    async fn member(&mut self, _: Member) -> Result<(), Failure> {
        Ok(())
    }
}

/// Why a file was not read to its end.
#[derive(Debug)]
pub enum Ended {
    /// A limit was hit: the sender's turn, at once.
    Limit(Box<Problem>),
    /// The child died. Counts as a try only if the file was `alone`.
    Died {
        /// Whether no other file was in the child.
        alone: bool,
        /// How it ended, for the log.
        how: String,
    },
    /// Bytes could not be supplied or findings not stored: not the file's fault.
    Failed(Failure),
}

/// All that a child told about a small file.
#[derive(Debug, Default)]
pub struct Collected {
    /// How it was read.
    pub chosen: Option<Chosen>,
    /// Good orders.
    pub orders: Vec<ParsedOrder>,
    /// Status updates.
    pub updates: Vec<StatusUpdate>,
    /// Findings.
    pub problems: Vec<Problem>,
    /// Output of the other modes.
    pub output: Vec<u8>,
}

#[async_trait]
impl Events for Collected {
    async fn chosen(&mut self, chosen: Chosen) -> Result<(), Failure> {
        self.chosen = Some(chosen);
        Ok(())
    }

    async fn order(&mut self, order: ParsedOrder) -> Result<(), Failure> {
        self.orders.push(order);
        Ok(())
    }

    async fn status(&mut self, update: StatusUpdate) -> Result<(), Failure> {
        self.updates.push(update);
        Ok(())
    }

    async fn problem(&mut self, problem: Problem) -> Result<(), Failure> {
        self.problems.push(problem);
        Ok(())
    }

    async fn output(&mut self, bytes: Bytes) -> Result<(), Failure> {
        self.output.extend_from_slice(&bytes);
        Ok(())
    }
}

/// A file in memory as a [`Supply`].
#[derive(Debug, Clone)]
pub struct InMemory(pub Bytes);

#[async_trait]
impl Supply for InMemory {
    async fn bytes(&self, offset: u64, length: usize) -> Result<Bytes, Failure> {
        let start = usize::try_from(offset)
            .unwrap_or(usize::MAX)
            .min(self.0.len());
        let end = start.saturating_add(length).min(self.0.len());
        Ok(self.0.slice(start..end))
    }
}

/// A result of reading: the summary, or why there is none.
pub type Read = Result<Summary, Ended>;

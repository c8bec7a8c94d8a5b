//! How records become orders: the mapping of one sender's layout, as data.
//!
//! A profile is a TOML text: which records it reads, which column, path or constant fills which
//! field of the canonical order, how rows are grouped, what to do with bad ones. Profiles are
//! compiled once and then run over any number of files; the same bytes and the same profile give
//! the same orders, whenever and wherever. Profiles are code for nobody: no input can make one do
//! anything but build orders.
//!
//! All of this runs in a child process (`jail/`) beside the formats. Compiling also happens in the
//! daemon and in `check`, on the operator's own texts.

mod assemble;
mod beside;
mod builtin;
mod calls;
mod codes;
mod columns;
mod convert;
mod eval;
mod fields;
mod findings;
mod fixed;
mod functions;
mod import;
mod json_path;
mod mapper;
mod model;
mod path;
mod recognise;
mod segments;
mod set;
mod suggest;
pub mod synonyms;
mod table;
mod target;
mod text;
mod unknown;
pub mod values;
pub mod verbatim;
mod xml;

use std::ops::ControlFlow;

use serde::{Deserialize, Serialize};

use crate::formats::FormatKind;
use crate::order::{Order, StatusUpdate};
use crate::problem::Problem;

pub use import::import;
pub use mapper::Mapper;
pub use set::{Known, ProfileSet, is_table};
pub use suggest::{Guess, Suggestion, suggest};

/// The names of all functions of the language, for what documents them.
pub fn function_names() -> impl Iterator<Item = &'static str> {
    functions::FUNCTIONS.iter().map(|function| function.name)
}

/// What is wrong with a profile's text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {message}")]
pub struct ProfileError {
    /// The text's label: a path, or the name of a built-in profile.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong, with the nearest known key.
    pub message: String,
}

/// What to do with a file in which some orders are wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnBadRow {
    /// Nothing of the file is sent.
    #[default]
    RejectFile,
    /// The good orders are sent, the others reported; up to [`MaxBadOrders`].
    SkipOrders,
}

/// From how many bad orders on the whole file is rejected although the policy is to skip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MaxBadOrders {
    /// More than so many.
    Count(u64),
    /// More than so many of a hundred.
    Percent(u8),
}

/// One way in which the configuration lets a file be read. The first that fits counts.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Candidate {
    /// Only for files of this format; `None` fits all.
    pub format: Option<FormatKind>,
    /// Read with this profile; `None` lets the layout be recognised.
    pub profile: Option<String>,
    /// The route's or sender's policy; `None` leaves it to the profile.
    pub on_bad_row: Option<OnBadRow>,
    /// The route's or sender's tolerance; `None` leaves it to the profile.
    pub max_bad_orders: Option<MaxBadOrders>,
}

/// What the mapping of one file needs to know besides its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct MapOptions {
    /// The file's name, as a label for `origin`.
    pub file: String,
    /// Hex of the file's SHA-256: what generated references and `unique()` derive from.
    pub sha256: String,
    /// The ways to read it, in the order of the configuration; empty means: recognise.
    pub candidates: Vec<Candidate>,
}

/// Which profile read a file. Every file row names it, so that a later version can explain itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileUse {
    /// Its name.
    pub name: String,
    /// Its version, as its text says.
    pub version: String,
    /// Hex of the SHA-256 of its text.
    pub hash: String,
}

/// The outcome of reading one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Every order in it is good.
    Accepted,
    /// Some are good, some withheld.
    Partial,
    /// Nothing of it is to be sent.
    Rejected,
}

/// A span of rows, first and last, as a spreadsheet numbers them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowSpan(pub u64, pub u64);

/// What is known after the last record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// What may be sent.
    pub outcome: Outcome,
    /// What the file really is; `None` where it is nothing we read.
    pub format: Option<FormatKind>,
    /// Which profile was used; `None` where none fitted.
    pub profile: Option<ProfileUse>,
    /// Which [`Candidate`] fitted.
    pub candidate: Option<usize>,
    /// Good orders told. With [`Outcome::Rejected`] they are to be thrown away.
    pub orders: u64,
    /// Orders withheld.
    pub withheld: u64,
    /// Rows of withheld orders, for the file that is sent back for correction.
    pub withheld_rows: Vec<RowSpan>,
    /// Problems beyond the limit, counted and not told.
    pub problems_left_out: u64,
    /// Whether the file is a table, so that it can be sent back with its bad rows marked.
    pub correctable: bool,
}

/// One good order as the mapping made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapped {
    /// The order, validated, `origin` filled.
    pub order: Order,
    /// SHA-256 of its own source records: equal records are a repeat even if the profile changed.
    pub source_hash: [u8; 32],
}

/// How a file is read: told before its first order, so that orders can be routed as they come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chosen {
    /// Which [`Candidate`] fitted.
    pub candidate: Option<usize>,
    /// What the file really is.
    pub format: FormatKind,
    /// The profile.
    pub profile: ProfileUse,
    /// The profile's policy for known numbers with other content.
    pub on_change: Option<crate::revision::OnChange>,
}

/// Where one field of an order came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explained {
    /// The canonical path: `lines[0].quantity`.
    pub field: String,
    /// Its value in canonical form.
    pub value: String,
    /// The cell or path it was read from; empty for constants and what was made up.
    #[serde(default, skip_serializing_if = "crate::problem::Place::is_empty")]
    pub place: crate::problem::Place,
    /// What the profile writes for it.
    pub rule: String,
}

/// Where all fields of an order came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExplainedOrder {
    /// The order number; empty where it is what lacks.
    pub reference: String,
    /// Whether the order is good.
    pub good: bool,
    /// Its fields in the order in which they were filled.
    pub fields: Vec<Explained>,
}

/// Where a mapping puts what it makes. `Break` means: enough, stop reading.
pub trait Orders {
    /// Once, before the first order: how the file is read.
    fn chosen(&mut self, chosen: &Chosen) -> ControlFlow<()>;
    /// The next good order.
    fn order(&mut self, mapped: Mapped) -> ControlFlow<()>;
    /// A status update about an order sent earlier.
    fn status(&mut self, update: StatusUpdate) -> ControlFlow<()>;
    /// Whether [`Orders::explained`] is wanted.
    fn explains(&self) -> bool {
        false
    }
    /// Where every field of an order came from; told before the order, and for withheld ones too.
    fn explained(&mut self, explained: ExplainedOrder) -> ControlFlow<()> {
        drop(explained);
        ControlFlow::Continue(())
    }
    /// A finding. The mapping itself keeps to [`crate::limits::PROBLEMS_PER_FILE`].
    fn problem(&mut self, problem: Problem) -> ControlFlow<()>;
}

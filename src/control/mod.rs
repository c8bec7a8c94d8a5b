//! How the command line talks to the ledger, through a running daemon or without one.
//!
//! A [`Request`] is answered by a [`Desk`]: the daemon has one behind `state_dir/control.sock`, and
//! a command that finds no daemon opens the ledger and asks a desk of its own. So every command
//! means the same either way. Whoever may connect to the socket (its mode is 0660) may do
//! everything here; who it was is recorded with every change.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::arrival::{DeliveryId, FileId, OrderId, ReportId};
use crate::clock::Millis;
use crate::ledger::people::{Key, NewKey, Role, User};
use crate::ledger::{
    Change, Changed, Count, DeliveryRow, FileRow, FileStory, Filter, OrderRow, OrderStory, Status,
    Who,
};

mod bytes;
mod desk;
mod edit;
mod errands;
mod evidence;
mod upload;
mod wire;
mod workshop;

pub use crate::flow::Call;
pub use crate::partners::errands::Arguments;
pub use crate::partners::tracker::Callback;
pub use bytes::Blob;
pub use desk::{Desk, Live, NoDaemon, PartnerOf};
pub use edit::{Edited, canonical};
pub use errands::{ArgumentRow, Asked, ErrandRow};
pub use evidence::{Drain, evidence, evidence_name};
pub use upload::{NotTaken, Upload, UploadPlace};
pub(crate) use wire::account;
pub use wire::{Called, Socket, bind, call, serve};
pub use workshop::{
    Draft, Explanation, FormatKind, ProfileRow, Sample, Saved, Shown, ShownLine, ShownRow,
    ShownTable, Unfit, With, Workshop,
};

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Request {
    /// Files, newest first.
    Files(Filter),
    /// All about one file.
    File(FileId),
    /// Orders, newest first.
    Orders(Filter),
    /// All about one order.
    Order(OrderId),
    /// Deliveries, newest first.
    Deliveries(Filter),
    /// A piece of a file's bytes.
    Piece {
        /// Which file.
        file: FileId,
        /// From where on.
        offset: u64,
    },
    /// The body of a delivery's requests.
    Body(DeliveryId),
    /// A mail as it was composed.
    Mail(ReportId),
    /// What was counted, for charts.
    Counts {
        /// How many hours back.
        hours: u32,
        /// Hours of one span.
        span: u32,
    },
    /// One screen.
    Status,
    /// Stop a source or lane.
    Pause {
        /// Its name.
        name: String,
        /// Why, for the next one who looks.
        why: String,
    },
    /// Start it again.
    Resume {
        /// Its name.
        name: String,
    },
    /// Do something to files, orders or deliveries.
    Change {
        /// What.
        change: Change,
        /// What the numbers in its filter count.
        of: Thing,
        /// Only tell what would be done.
        dry_run: bool,
    },
    /// What destinations can be asked beside orders.
    Errands {
        /// Only this one.
        destination: Option<String>,
    },
    /// Ask one of them.
    Errand(Asked),
    /// Read the configuration again.
    Reload,
    /// Keys of programs.
    Keys,
    /// Make a key.
    PutKey(NewKey),
    /// Take a key away.
    RemoveKey {
        /// Its name.
        name: String,
    },
    /// Who may log in.
    Users,
    /// Let somebody log in, or give them another role or password.
    PutUser {
        /// Their name.
        name: String,
        /// What they may do.
        role: Role,
        /// The hash of their password: the password itself never leaves the command.
        password: String,
    },
    /// Let somebody no longer log in.
    RemoveUser {
        /// Their name.
        name: String,
    },
}

/// What the numbers of a filter count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Thing {
    /// Files.
    File,
    /// Orders.
    Order,
    /// Deliveries.
    Delivery,
}

/// What is answered.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Response {
    /// To [`Request::Files`].
    Files(Vec<FileRow>),
    /// To [`Request::File`]; `None`: there is no such file.
    File(Option<Box<FileStory>>),
    /// To [`Request::Orders`].
    Orders(Vec<OrderRow>),
    /// To [`Request::Order`]; `None`: there is no such order.
    Order(Option<Box<OrderStory>>),
    /// To [`Request::Deliveries`].
    Deliveries(Vec<DeliveryRow>),
    /// To [`Request::Piece`], [`Request::Body`] and [`Request::Mail`]; `None`: they are no longer kept.
    Bytes(Option<Blob>),
    /// To [`Request::Counts`].
    Counts(Vec<Count>),
    /// To [`Request::Status`].
    Status(Box<Screen>),
    /// To [`Request::Users`].
    Users(Vec<User>),
    /// To [`Request::Keys`].
    Keys(Vec<Key>),
    /// To [`Request::Change`].
    Changed(Vec<Changed>),
    /// To [`Request::Errands`].
    Errands(Vec<ErrandRow>),
    /// To [`Request::Errand`]: what the partner gave.
    Told(serde_json::Value),
    /// It was done; what, in a sentence.
    Done(String),
    /// What was asked for cannot be: a wrong name, a wrong configuration. In a sentence.
    Refused(String),
    /// It could not be done, and why.
    Failed(String),
}

/// One screen of `status`: what the ledger knows and what only a running daemon knows.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Screen {
    /// From the ledger.
    pub ledger: Status,
    /// From the daemon; `None` without one.
    pub daemon: Option<Running>,
}

/// What only a running daemon knows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Running {
    /// Its version.
    pub version: String,
    /// Its process.
    pub pid: u32,
    /// Since when.
    pub since: Millis,
    /// Its sources.
    pub sources: Vec<LiveSource>,
    /// Its lanes.
    pub lanes: Vec<LiveLane>,
}

/// A source as it is watched now.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveSource {
    /// Its name.
    pub name: String,
    /// How it is watched ("by inotify").
    pub watched: String,
    /// The last look that went well.
    pub looked: Option<Millis>,
    /// The next look at the latest.
    pub next: Option<Millis>,
    /// Why the last look failed.
    pub failure: Option<String>,
}

/// A lane as it runs now.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveLane {
    /// The destination's name.
    pub name: String,
    /// Requests in flight.
    pub in_flight: u64,
    /// Why it paused itself.
    pub stopped: Option<String>,
    /// When it probes next.
    pub next: Option<Millis>,
}

/// Who answers requests: a [`Desk`], or in tests something smaller.
#[async_trait]
pub trait Answer: Send + Sync {
    /// Answers; a failure is an answer too. `who` is recorded with every change.
    async fn answer(&self, request: Request, who: &Who) -> Response;
}

#[cfg(test)]
mod tests;

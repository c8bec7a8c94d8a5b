//! What people see of the ledger: rows, stories, the screen, and the filter that asks for them.
//!
//! Plain data: the command line, the control socket and the web side show it as it is.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::tracking::{EventRow, Follower, NoticeRow};
use super::{Need, ReportKind};
use crate::arrival::{
    ArrivalId, DeliveryId, DeliveryState, FileId, OrderId, ReportId, Stage, Verdict,
};
use crate::clock::Millis;
use crate::letter::Letter;
use crate::problem::Problem;
use crate::profiles::Summary;

/// What one change did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    /// `file`, `order` or `delivery`.
    pub thing: String,
    /// Its row.
    pub id: i64,
    /// Its name or reference.
    pub name: String,
    /// From which state.
    pub from: String,
    /// To which state.
    pub to: String,
}

/// Which rows: all given conditions must hold. Texts match as substrings, case folded.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Filter {
    /// Rows by number.
    pub ids: Vec<i64>,
    /// Only of this file.
    pub file: Option<FileId>,
    /// Sender's name, exact.
    pub sender: Option<String>,
    /// Source's name, exact.
    pub source: Option<String>,
    /// Destination's name, exact.
    pub destination: Option<String>,
    /// Part of the file's name.
    pub name: Option<String>,
    /// Part of the order's reference.
    pub reference: Option<String>,
    /// Any word an order can be found by.
    pub text: Option<String>,
    /// State or stage or verdict word.
    pub state: Option<String>,
    /// Not older than.
    pub since: Option<Millis>,
    /// At most so many rows; 0 means the default of 100.
    pub limit: u32,
    /// Rows before this id: the cursor of the next page.
    pub before: Option<i64>,
}

/// The words that files can be asked for by: a stage, a verdict, how they were read, what they wait
/// for. The same on the command line, in the console and in the API.
pub const FILE_STATES: [&str; 12] = [
    "claimed",
    "fetched",
    "due",
    "concluded",
    "settled",
    "done",
    "error",
    "pending",
    "waiting",
    "accepted",
    "partial",
    "rejected",
];

/// The words that deliveries, and orders by theirs, can be asked for by.
pub const DELIVERY_STATES: [&str; 8] = [
    "held",
    "due",
    "attempting",
    "delivered",
    "repeat",
    "refused",
    "cancelled",
    "parked",
];

/// A file for people.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FileRow {
    /// Its row.
    pub id: FileId,
    /// Its arrival.
    pub arrival: ArrivalId,
    /// Its source.
    pub source: String,
    /// Its sender.
    pub sender: String,
    /// Its name.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// Hex of its SHA-256.
    pub sha256: String,
    /// What it is.
    pub format: Option<String>,
    /// What read it.
    pub profile: Option<String>,
    /// How far its arrival is.
    pub stage: Stage,
    /// How its arrival ended.
    pub verdict: Option<Verdict>,
    /// Good orders in it.
    pub orders: u64,
    /// Orders withheld.
    pub withheld: u64,
    /// Deliveries not yet final.
    pub open: u64,
    /// Number of findings.
    pub problems: u64,
    /// When it was claimed.
    pub claimed: Millis,
    /// When it was settled.
    pub settled: Option<Millis>,
    /// Where it was moved to.
    pub settled_to: Option<String>,
    /// What it waits for, in words.
    pub waiting: Option<String>,
    /// The mail or archive it came out of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container: Option<FileId>,
    /// The name of that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container_name: Option<String>,
}

/// An order for people.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OrderRow {
    /// Its row.
    pub id: OrderId,
    /// Its file.
    pub file: FileId,
    /// The file's name.
    pub file_name: String,
    /// Its sender.
    pub sender: String,
    /// Its number.
    pub reference: String,
    /// What it asks for.
    pub kind: String,
    /// create, update, cancel.
    pub action: String,
    /// Its deliveries' states by destination.
    pub deliveries: Vec<(String, DeliveryState)>,
    /// When it was staged.
    pub created: Millis,
}

/// A delivery for people.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DeliveryRow {
    /// Its row.
    pub id: DeliveryId,
    /// Its order.
    pub order: OrderId,
    /// The order's number.
    pub reference: String,
    /// Its sender.
    pub sender: String,
    /// Where it is owed.
    pub destination: String,
    /// create, update, cancel.
    pub action: String,
    /// Its state.
    pub state: DeliveryState,
    /// Its idempotency key.
    pub key: String,
    /// Attempts so far.
    pub attempts: u32,
    /// When it is next due.
    pub due: Option<Millis>,
    /// The last answer or failure.
    pub detail: Option<String>,
    /// The partner's id.
    pub remote_id: Option<String>,
    /// What else the partner told: tracking numbers, links to labels.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub facts: BTreeMap<String, String>,
    /// When it was made.
    pub created: Millis,
    /// When it became final.
    pub ended: Option<Millis>,
}

/// One attempt for people.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AttemptRow {
    /// Its number, from 1.
    pub number: u32,
    /// When the request left.
    pub started: Millis,
    /// When the answer came.
    pub ended: Option<Millis>,
    /// delivered, refused, later, parked.
    pub result: Option<String>,
    /// What was said.
    pub detail: String,
}

/// A mail for people.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReportRow {
    /// Its row.
    pub id: ReportId,
    /// What it is.
    pub kind: ReportKind,
    /// To whom.
    pub recipient: Option<String>,
    /// due, sent, withheld, bounced.
    pub state: String,
    /// Its Message-ID.
    pub message_id: String,
    /// Why it waits or was withheld.
    pub detail: Option<String>,
    /// When it was made.
    pub created: Millis,
    /// When it was accepted by the mail server.
    pub sent: Option<Millis>,
}

/// All about one file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FileStory {
    /// The row.
    pub file: FileRow,
    /// Reading's summary.
    pub summary: Option<Summary>,
    /// All findings kept.
    pub problems: Vec<Problem>,
    /// What the partners refused: reference, destination, words.
    pub refusals: Vec<(String, String, String)>,
    /// Orders that a destination's own check found unfit; why is among the problems.
    #[serde(default)]
    pub unfit: u64,
    /// The mails about it.
    pub reports: Vec<ReportRow>,
    /// The answers to it in the partner's own format.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<super::AnswerRow>,
    /// What people did to it, oldest first: when, who, what.
    pub actions: Vec<(Millis, String, String)>,
    /// The files that were in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<FileRow>,
    /// What the headers of the mail say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub letter: Option<Letter>,
}

/// All about one order.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OrderStory {
    /// The row.
    pub order: OrderRow,
    /// The canonical order; `None` after retention.
    pub content: Option<serde_json::Value>,
    /// Hex of the hash of its content.
    pub content_hash: String,
    /// What people corrected while it was held, oldest first.
    pub edits: Vec<EditRow>,
    /// Where in the file.
    pub origin: serde_json::Value,
    /// Its deliveries with their attempts.
    pub deliveries: Vec<(DeliveryRow, Vec<AttemptRow>)>,
    /// What was told about it, all its revisions together, in the order in which it happened; at most
    /// the latest [`crate::limits::EVENTS_SHOWN`].
    #[serde(default)]
    pub events: Vec<EventRow>,
    /// Who follows it, or did.
    #[serde(default)]
    pub followers: Vec<Follower>,
    /// News of it that went to a URL or into a folder, or is to.
    #[serde(default)]
    pub notices: Vec<NoticeRow>,
}

/// What one screen of `status` shows from the ledger.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Status {
    /// For each source: arrivals not yet settled, the oldest of them, arrivals settled since midnight UTC as
    /// done and as error.
    pub sources: Vec<SourceStatus>,
    /// For each destination.
    pub destinations: Vec<DestinationStatus>,
    /// Names paused by a person: name, since, who.
    pub paused: Vec<(String, Millis, String)>,
    /// Mails waiting.
    pub mails: u64,
    /// What needs a person.
    pub attention: Vec<Need>,
}

/// One source in [`Status`].
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct SourceStatus {
    /// Its name.
    pub name: String,
    /// Unsettled arrivals.
    pub pending: u64,
    /// When the oldest of them was claimed.
    pub oldest: Option<Millis>,
    /// Settled as done in the last 24 hours.
    pub done: u64,
    /// Settled as error in the last 24 hours.
    pub error: u64,
}

/// One destination in [`Status`].
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct DestinationStatus {
    /// Its name.
    pub name: String,
    /// Due or attempting.
    pub due: u64,
    /// The earliest due time of those that wait.
    pub next: Option<Millis>,
    /// Held.
    pub held: u64,
    /// Parked.
    pub parked: u64,
    /// Delivered in the last 24 hours.
    pub delivered: u64,
    /// Refused in the last 24 hours.
    pub refused: u64,
}

/// A correction of an order, for people.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EditRow {
    /// When.
    pub at: Millis,
    /// Who.
    pub who: String,
    /// The content before.
    pub old: serde_json::Value,
    /// The content after.
    pub new: serde_json::Value,
}

/// What was counted since the ledger began, and what is under way.
#[derive(Debug, Clone, Default)]
pub struct Totals {
    /// What (done, error, delivered, refused), of which source or destination, how many.
    pub ended: BTreeMap<(String, String), u64>,
    /// Of each stage but the last: arrivals, and when the oldest was claimed.
    pub stages: Vec<(&'static str, u64, Option<Millis>)>,
    /// Size of the ledger's file.
    pub bytes: u64,
}

impl Totals {
    /// How many of `name` ended as `what`.
    #[must_use]
    pub fn ended(&self, what: &str, name: &str) -> u64 {
        let key = (what.to_owned(), name.to_owned());
        self.ended.get(&key).copied().unwrap_or(0)
    }
}

//! The one durable place: arrivals, files and their bytes, orders, deliveries, attempts, reports.
//!
//! [`Ledger`] has one method an arrow. A call is atomic, takes a batch, and returns when it is
//! durable; adapters merge the calls of many callers into one commit. Arrows are fenced: an adapter
//! handle that was superseded (a newer process holds the ledger) fails with `Failure` and changes
//! nothing. [`Reads`] never waits for a writer.
//!
//! The port speaks of the domain, not of SQL: PostgreSQL fits behind it without change above.

use async_trait::async_trait;
use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::arrival::{
    ArrivalId, DeliveryId, DeliveryState, Entry, FileId, Locator, OrderId, ReportId, Settled,
    Stage, Verdict,
};
use crate::clock::Millis;
use crate::failure::Failure;
use crate::formats::FormatKind;
use crate::letter::Letter;
use crate::order::{Action, ContentHash, Identity, StatusUpdate};
use crate::problem::Problem;
use crate::profiles::Summary;
use crate::revision::OnChange;

mod members;
pub mod people;
pub mod sqlite;

pub use members::{Bounced, MemberPiece, NewMember, Returned, Unpacked};

type Result<T> = std::result::Result<T, Failure>;

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
    /// Status updates about earlier orders.
    pub updates: Vec<StatusUpdate>,
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

/// What a mail is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportKind {
    /// To a sender, about a file.
    Report,
    /// To the operators, about a failure.
    Alert,
    /// To the operators, once a day.
    Summary,
}

/// What the envelope address of a mail of ours carries, so that a delivery report finds it again:
/// its number, and a check that nobody can guess.
#[must_use]
pub fn bounce_token(report: ReportId, message_id: &str) -> String {
    use sha2::{Digest, Sha256};
    let hash = Sha256::digest(message_id);
    format!(
        "{report}.{}",
        hex::encode(hash.get(..6).unwrap_or_default())
    )
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

/// What a person did, recorded with every change they make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Who {
    /// The account's name (`root`, `maria`), or `orderdock` for the daemon itself.
    pub name: String,
    /// How (`command line`, `control socket`).
    pub via: String,
}

/// The arrows. Each returns when durable. See the module page for what holds for all.
#[async_trait]
pub trait Ledger: Reads {
    /// seen ▸ claimed. Entries that an unsettled arrival of the source already covers (same place
    /// and version) are passed over.
    async fn claim(&self, source: &str, entries: Vec<Entry>) -> Result<Vec<Claimed>>;

    /// A new arrival whose bytes come in by themselves: claimed, and never due to be fetched. Ends by
    /// [`Ledger::received`] or [`Ledger::unclaimed`]; a start closes what the process before left.
    async fn receive(&self, source: &str, entry: Entry) -> Result<ArrivalId>;

    /// claimed ▸ fetched for such an arrival, with who sent it.
    async fn received(&self, fetched: Fetched, who: &Who) -> Result<FileId>;

    /// Stores a piece of a large file before `fetched`; `seq` counts from 0. Storing the same piece
    /// again replaces it.
    async fn chunk(&self, arrival: ArrivalId, seq: u32, bytes: Bytes) -> Result<()>;

    /// claimed ▸ fetched. The file is due for parsing.
    async fn fetched(&self, fetched: Vec<Fetched>) -> Result<()>;

    /// A claim that came to nothing: the arrival vanished before its bytes were ours. Closed, with
    /// the reason for `files show`.
    async fn unclaimed(&self, arrivals: Vec<(ArrivalId, String)>) -> Result<()>;

    /// A fetch or parse to be tried again later (failure of ours, grace).
    async fn postponed(&self, arrival: ArrivalId, until: Millis, why: &str) -> Result<()>;

    /// The bytes of a file that may be cut off are dropped and it will be fetched again at `until`;
    /// after that, `grace_over` is set.
    async fn refetch(&self, arrival: ArrivalId, until: Millis) -> Result<()>;

    /// Stores a piece of a large member before [`Ledger::unpacked`].
    async fn piece(&self, piece: MemberPiece) -> Result<()>;

    /// fetched ▸ its members fetched, or ▸ concluded where it holds none. The container keeps its
    /// bytes; unpacked again, its members keep their rows.
    async fn unpacked(&self, unpacked: Unpacked) -> Result<()>;

    /// A child died over this file alone; returns how often that has happened.
    async fn died(&self, file: FileId) -> Result<u32>;

    /// Stages a batch of orders of a big file, invisible to lanes. `first` discards what an earlier
    /// reading left.
    async fn stage(&self, file: FileId, first: bool, orders: Vec<StagedOrder>) -> Result<()>;

    /// staged ▸ due, or ▸ concluded with error. Decides for every order and destination by
    /// [`crate::revision::decide`], makes keys, and makes deliveries visible: at once for orders in
    /// the call, in steps for those staged before (see [`Ledger::promote`]).
    async fn parsed(&self, files: Vec<ParsedFile>) -> Result<()>;

    /// Makes more deliveries of big files visible, in claim order; true if some remain.
    async fn promote(&self) -> Result<bool>;

    /// due ▸ attempting. Answers, for each, whether it may be sent: false if it was cancelled,
    /// paused or taken meanwhile.
    async fn attempt(&self, starts: Vec<AttemptStart>) -> Result<Vec<bool>>;

    /// attempting ▸ delivered, refused, due again or parked. When the last delivery of an arrival
    /// becomes final the arrival is concluded in the same transaction, with its report.
    async fn outcome(&self, ends: Vec<AttemptEnd>) -> Result<()>;

    /// An attempt that was recorded but whose request never left: due again as if never recorded.
    async fn unattempt(&self, deliveries: Vec<DeliveryId>) -> Result<()>;

    /// concluded ▸ settled.
    async fn settled(&self, settled: Vec<(ArrivalId, Settled)>) -> Result<()>;

    /// A move that failed: again at `until`.
    async fn unsettled(&self, arrival: ArrivalId, until: Millis, why: &str) -> Result<()>;

    /// Freezes a composed mail with its recipient. `said` are keys of what it
    /// says to whom, so that the same is not said again and again: see [`Reads::told`].
    async fn composed(
        &self,
        report: ReportId,
        recipient: &str,
        said: Vec<String>,
        message: Bytes,
    ) -> Result<()>;

    /// sent ▸ bounced: a delivery report came back. `None` if its token is none of ours.
    async fn bounced(&self, bounced: Bounced) -> Result<Option<Returned>>;

    /// Ends a try of a mail.
    async fn reported(&self, report: ReportId, end: ReportEnd) -> Result<()>;

    /// Puts an alert or summary to the operators into the outbox. Equal `fold` keys within
    /// [`crate::limits`]' alert window become one alert with a count; true if a new one was made.
    async fn alert(&self, fold: &str, kind: ReportKind, subject: &str, text: &str) -> Result<bool>;

    /// Pauses or resumes a source or lane, durably. What waits in a resumed lane after failures is due
    /// at once, also where nobody had paused it.
    async fn pause(&self, name: &str, paused: Option<&str>, who: &Who) -> Result<()>;

    /// A person's action on files, orders or deliveries; see [`Change`]. Answers what was changed.
    /// A filter without a limit means all that fit; they are changed in bounded steps.
    async fn change(&self, change: Change, dry_run: bool, who: &Who) -> Result<Vec<Changed>>;

    /// Gives a held order the content of `new` and keeps the old one, with who did it; keys are made
    /// anew, and what waits behind it is decided again. False, and nothing is changed, if its content is
    /// not the one of `seen` (hex) any more or it does not only wait for a person.
    async fn edit(&self, order: OrderId, seen: &str, new: Correction, who: &Who) -> Result<bool>;

    /// Makes some more orders and files findable by their words; true if some remain.
    async fn index(&self) -> Result<bool>;

    /// Keeps a profile's text by its hash.
    async fn keep_profile(&self, hash: &str, text: &str) -> Result<()>;

    /// Drops bodies of arrivals settled before `before`, in bounded steps; true if some remain.
    /// Keys, hashes and states stay for ever.
    async fn prune(&self, before: Millis) -> Result<bool>;

    /// Records a clean end, so that the next start trusts what was in the children.
    async fn close(&self) -> Result<()>;
}

/// A person's action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Parse the stored bytes again with today's profiles.
    RetryFiles(Filter),
    /// Send refused or parked deliveries again; unknown outcomes as the same request.
    RetryDeliveries(Filter),
    /// Let held orders go, and parked deliveries as well.
    Release(Filter),
    /// Take open deliveries back.
    Cancel(Filter, String),
}

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
    /// The mails about it.
    pub reports: Vec<ReportRow>,
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
    /// What needs a person, in sentences.
    pub attention: Vec<String>,
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

/// The questions. Reads never block writers and are never blocked.
#[async_trait]
pub trait Reads: Send + Sync {
    /// Arrivals to fetch at `now`, in claim order, with ids above `after`; none of the sources that
    /// are `busy`.
    async fn due_fetch(
        &self,
        now: Millis,
        after: ArrivalId,
        busy: &[String],
        limit: usize,
    ) -> Result<Vec<DueFetch>>;

    /// Files to parse at `now`, in claim order, with ids above `after`; bodies together at most
    /// [`crate::limits::BATCH_BYTES`].
    async fn due_parse(&self, now: Millis, after: FileId, limit: usize) -> Result<Vec<DueParse>>;

    /// Deliveries of one destination to send at `now`, those longest due first (which is claim order
    /// until something is tried again), without those in `holding`: what the lane has in hand but
    /// did not yet take by [`Ledger::attempt`].
    async fn due_deliveries(
        &self,
        destination: &str,
        now: Millis,
        holding: &[DeliveryId],
        limit: usize,
    ) -> Result<Vec<DueDelivery>>;

    /// Arrivals to settle at `now`; none of the sources that are `busy`.
    async fn due_settle(
        &self,
        now: Millis,
        busy: &[String],
        limit: usize,
    ) -> Result<Vec<DueSettle>>;

    /// Mails to compose or send at `now`.
    async fn due_reports(&self, now: Millis, limit: usize) -> Result<Vec<DueReport>>;

    /// When anything that waits becomes due next, later than `now`: the time at which the loop last
    /// looked, so that nothing falls between and what it has in hand does not wake it.
    async fn next_due(&self, now: Millis) -> Result<NextDue>;

    /// The same for one lane: its next delivery that is due later than `now`.
    async fn next_delivery(&self, destination: &str, now: Millis) -> Result<Option<Millis>>;

    /// Bytes of a file from `offset`, at most [`crate::limits::CHUNK_BYTES`]; empty at the end.
    /// `None` after retention.
    async fn bytes(&self, file: FileId, offset: u64, length: usize) -> Result<Option<Bytes>>;

    /// The file of an arrival: the container, where it has several.
    async fn file_of(&self, arrival: ArrivalId) -> Result<Option<FileId>>;

    /// Files, newest first.
    async fn files(&self, filter: &Filter) -> Result<Vec<FileRow>>;

    /// Orders, newest first.
    async fn orders(&self, filter: &Filter) -> Result<Vec<OrderRow>>;

    /// Deliveries, newest first.
    async fn deliveries(&self, filter: &Filter) -> Result<Vec<DeliveryRow>>;

    /// All about one file.
    async fn file(&self, file: FileId) -> Result<Option<FileStory>>;

    /// All about one order.
    async fn order(&self, order: OrderId) -> Result<Option<OrderStory>>;

    /// One screen.
    async fn status(&self) -> Result<Status>;

    /// Names paused.
    async fn paused(&self) -> Result<Vec<String>>;

    /// Whether the process before ended without [`Ledger::close`].
    async fn ended_uncleanly(&self) -> Result<bool>;

    /// Reports sent to an address since `since`.
    async fn reports_to(&self, recipient: &str, since: Millis) -> Result<u32>;

    /// Whether a report under this key was composed since `since`.
    async fn told(&self, key: &str, since: Millis) -> Result<bool>;
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
}

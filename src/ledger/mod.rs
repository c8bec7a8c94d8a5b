//! The one durable place: arrivals, files and their bytes, orders, deliveries, attempts, reports.
//!
//! [`Ledger`] has one method an arrow. A call is atomic, takes a batch, and returns when it is
//! durable; adapters merge the calls of many callers into one commit. Arrows are fenced: an adapter
//! handle that was superseded (a newer process holds the ledger) fails with `Failure` and changes
//! nothing. [`Reads`] never waits for a writer.
//!
//! The port speaks of the domain, not of SQL: PostgreSQL fits behind it without change above.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::arrival::{AnswerId, ArrivalId, DeliveryId, Entry, FileId, OrderId, ReportId, Settled};
use crate::clock::Millis;
use crate::failure::Failure;

mod answers;
mod counts;
mod due;
mod facts;
mod members;
mod need;
mod news;
pub mod people;
mod rows;
pub mod sqlite;
pub mod tracking;

pub use answers::{AnswerEnd, AnswerRow, DueAnswer, Fate, OwedAnswer};
pub use counts::{Count, Counted};
pub use due::{DueDelivery, DueFetch, DueParse, DueReport, DueSettle, NextDue};
pub use facts::{
    AttemptEnd, AttemptResult, AttemptStart, Claimed, Correction, Fetched, NewFile, ParsedFile,
    ReportEnd, StagedOrder,
};
pub use members::{Bounced, MemberPiece, NewMember, Returned, Unpacked};
pub use need::Need;
pub use news::{News, Told, Touched};
pub use rows::{
    AttemptRow, Changed, DELIVERY_STATES, DeliveryRow, DestinationStatus, EditRow, FILE_STATES,
    FileRow, FileStory, Filter, OrderRow, OrderStory, ReportRow, SourceStatus, Status, Totals,
};

use tracking::Tracking;

type Result<T> = std::result::Result<T, Failure>;

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
    /// To somebody who follows an order.
    Notice,
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
pub trait Ledger: Reads + Tracking {
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

    /// Owes an answer to a file: due with the conclusion of its arrival. What an earlier reading owed
    /// and nobody made is forgotten.
    async fn owe_answer(&self, owed: OwedAnswer) -> Result<()>;

    /// The control number of an answer: the next of its place, the same when asked again.
    async fn number_answer(&self, answer: AnswerId) -> Result<u64>;

    /// Freezes name and bytes of an answer.
    async fn made_answer(&self, answer: AnswerId, name: &str, bytes: Bytes) -> Result<()>;

    /// Ends a try of an answer.
    async fn answered(&self, answer: AnswerId, end: AnswerEnd) -> Result<()>;

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

    /// Records what a person did that changes no row.
    async fn note(&self, what: &str, who: &Who) -> Result<()>;

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

    /// Answers to make or lay at `now`.
    async fn due_answers(&self, now: Millis, limit: usize) -> Result<Vec<DueAnswer>>;

    /// What became of the orders of a file, at most `limit` deliveries, in their order.
    async fn fates(&self, file: FileId, limit: u32) -> Result<Vec<Fate>>;

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

    /// What the latest commits touched.
    fn news(&self) -> Arc<News>;

    /// The files and deliveries of rows that were touched, oldest first; those that nobody sees yet are
    /// left out.
    async fn touched(&self, touched: &Touched) -> Result<(Vec<FileRow>, Vec<DeliveryRow>)>;

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

    /// What was counted since the ledger began.
    async fn totals(&self) -> Result<Totals>;

    /// What was counted in the last `hours`, in spans of `span` hours: for charts.
    async fn counts(&self, hours: u32, span: u32) -> Result<Vec<Count>>;

    /// A mail as it was composed; `None` if it was not yet, or is past retention.
    async fn mail(&self, report: ReportId) -> Result<Option<Bytes>>;

    /// The body of a delivery's requests: what was frozen with the first, or would be sent; `None`
    /// past retention.
    async fn body(&self, delivery: DeliveryId) -> Result<Option<Bytes>>;

    /// Names paused.
    async fn paused(&self) -> Result<Vec<String>>;

    /// Whether the process before ended without [`Ledger::close`].
    async fn ended_uncleanly(&self) -> Result<bool>;

    /// Reports sent to an address since `since`.
    async fn reports_to(&self, recipient: &str, since: Millis) -> Result<u32>;

    /// Whether a report under this key was composed since `since`.
    async fn told(&self, key: &str, since: Millis) -> Result<bool>;
}

//! What programs are told: stable keys, instants as RFC 3339.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::followers::FollowerView;
use crate::clock::Millis;
use crate::ledger::tracking::EventRow;
use crate::ledger::{AttemptRow, Changed, DeliveryRow, EditRow, FileRow, OrderRow};
use crate::problem::Problem;

/// An instant as RFC 3339.
pub(super) fn instant(at: Millis) -> String {
    at.timestamp().to_string()
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Page<T> {
    /// The rows, newest first.
    pub(super) items: Vec<T>,
    /// The address of the next page; missing on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) next: Option<String>,
}

/// A file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct FileView {
    /// Its number.
    pub(super) id: i64,
    name: String,
    pub(super) sender: String,
    source: String,
    bytes: u64,
    sha256: String,
    format: Option<String>,
    profile: Option<String>,
    /// claimed, fetched, due, concluded, settled.
    stage: String,
    /// done or error, once all its deliveries are final.
    verdict: Option<String>,
    orders: u64,
    withheld: u64,
    /// Deliveries not yet final.
    open: u64,
    problems: u64,
    #[schema(format = DateTime)]
    claimed: String,
    #[schema(format = DateTime)]
    settled: Option<String>,
    /// What it waits for, in words.
    waiting: Option<String>,
}

impl From<FileRow> for FileView {
    fn from(row: FileRow) -> Self {
        Self {
            id: row.id.0,
            name: row.name,
            sender: row.sender,
            source: row.source,
            bytes: row.bytes,
            sha256: row.sha256,
            format: row.format,
            profile: row.profile,
            stage: row.stage.as_str().to_owned(),
            verdict: row.verdict.map(|verdict| verdict.as_str().to_owned()),
            orders: row.orders,
            withheld: row.withheld,
            open: row.open,
            problems: row.problems,
            claimed: instant(row.claimed),
            settled: row.settled.map(instant),
            waiting: row.waiting,
        }
    }
}

/// What is wrong, and where.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ProblemView {
    /// warning or error.
    severity: String,
    /// Stable and dotted: `order.reference.missing`.
    code: String,
    message: String,
    /// Row, column, cell, line, path or segment, as the sender sees the file.
    #[schema(value_type = Option<Object>)]
    place: Option<Value>,
    value: Option<String>,
    expected: Option<String>,
    hint: Option<String>,
}

/// A file with all that was found in it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FileDetail {
    #[serde(flatten)]
    pub(super) file: FileView,
    /// Its findings, and where each is. They take the place of the count.
    #[schema(value_type = Vec<ProblemView>)]
    pub(super) findings: Vec<Problem>,
    /// What partners refused.
    pub(super) refusals: Vec<Refused>,
    /// What people did to it.
    pub(super) actions: Vec<ActionView>,
}

/// An order that a partner refused.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Refused {
    pub(super) reference: String,
    pub(super) destination: String,
    pub(super) words: String,
}

/// Something that a person did.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ActionView {
    #[schema(format = DateTime)]
    pub(super) at: String,
    pub(super) who: String,
    pub(super) what: String,
}

/// An order.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct OrderView {
    id: i64,
    reference: String,
    kind: String,
    action: String,
    sender: String,
    file: i64,
    file_name: String,
    /// The state of its delivery to each destination.
    deliveries: BTreeMap<String, String>,
    #[schema(format = DateTime)]
    created: String,
}

impl From<OrderRow> for OrderView {
    fn from(row: OrderRow) -> Self {
        let deliveries = row.deliveries.into_iter();
        Self {
            id: row.id.0,
            reference: row.reference,
            kind: row.kind,
            action: row.action,
            sender: row.sender,
            file: row.file.0,
            file_name: row.file_name,
            deliveries: deliveries
                .map(|(lane, state)| (lane, state.as_str().to_owned()))
                .collect(),
            created: instant(row.created),
        }
    }
}

/// An order with its content and its deliveries.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OrderDetail {
    #[serde(flatten)]
    pub(super) order: OrderView,
    /// The canonical order; missing after retention.
    #[schema(schema_with = super::describe::order_ref)]
    pub(super) content: Option<Value>,
    /// Hash of the content: what `If-Match` asks for when it is edited.
    pub(super) content_hash: String,
    /// Where it stood in its file.
    #[schema(value_type = Object)]
    pub(super) origin: Value,
    pub(super) tries: Vec<DeliveryDetail>,
    /// Corrections that people made while it was held.
    pub(super) edits: Vec<EditView>,
    /// What was told of it after it was sent, all its revisions together, as it happened.
    pub(super) events: Vec<EventView>,
    /// Who hears of it, or did.
    pub(super) followers: Vec<FollowerView>,
}

/// Something that happened to an order.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EventView {
    /// As told: RFC 3339, or without an offset in the teller's local time.
    at: Option<String>,
    /// When it happened as far as is known, else when it came.
    #[schema(format = DateTime)]
    happened: String,
    #[schema(format = DateTime)]
    received: String,
    /// The teller's own code.
    code: Option<String>,
    text: String,
    place: Option<String>,
    /// The sender or destination that told it.
    by: String,
    /// file, poll, stream, callback, mail.
    channel: String,
    /// The teller's id of the event.
    id: Option<String>,
    shipment: Option<String>,
    tracking: Option<String>,
    /// The file that told it.
    file: Option<i64>,
    /// Nothing more is to come.
    last: bool,
    /// A later event under the same id says something else.
    corrected: bool,
}

impl From<EventRow> for EventView {
    fn from(row: EventRow) -> Self {
        Self {
            at: row.at,
            happened: instant(row.happened),
            received: instant(row.received),
            code: row.code,
            text: row.text,
            place: row.place,
            by: row.by,
            channel: row.channel.as_str().to_owned(),
            id: row.id,
            shipment: row.shipment,
            tracking: row.tracking,
            file: row.file.map(|file| file.0),
            last: row.last,
            corrected: row.corrected,
        }
    }
}

/// A correction.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EditView {
    #[schema(format = DateTime)]
    at: String,
    who: String,
    #[schema(schema_with = super::describe::order_ref)]
    old: Value,
    #[schema(schema_with = super::describe::order_ref)]
    new: Value,
}

impl From<EditRow> for EditView {
    fn from(row: EditRow) -> Self {
        Self {
            at: instant(row.at),
            who: row.who,
            old: row.old,
            new: row.new,
        }
    }
}

/// One order owed to one destination.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct DeliveryView {
    pub(super) id: i64,
    order: i64,
    reference: String,
    pub(super) sender: String,
    destination: String,
    action: String,
    state: String,
    /// The idempotency key that the partner sees.
    key: String,
    attempts: u32,
    #[schema(format = DateTime)]
    due: Option<String>,
    detail: Option<String>,
    remote_id: Option<String>,
    #[schema(format = DateTime)]
    created: String,
    #[schema(format = DateTime)]
    ended: Option<String>,
}

impl From<DeliveryRow> for DeliveryView {
    fn from(row: DeliveryRow) -> Self {
        Self {
            id: row.id.0,
            order: row.order.0,
            reference: row.reference,
            sender: row.sender,
            destination: row.destination,
            action: row.action,
            state: row.state.as_str().to_owned(),
            key: row.key,
            attempts: row.attempts,
            due: row.due.map(instant),
            detail: row.detail,
            remote_id: row.remote_id,
            created: instant(row.created),
            ended: row.ended.map(instant),
        }
    }
}

/// A delivery with its attempts.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DeliveryDetail {
    #[serde(flatten)]
    pub(super) delivery: DeliveryView,
    pub(super) log: Vec<AttemptView>,
}

/// One attempt.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AttemptView {
    number: u32,
    #[schema(format = DateTime)]
    started: String,
    #[schema(format = DateTime)]
    ended: Option<String>,
    result: Option<String>,
    detail: String,
}

impl From<AttemptRow> for AttemptView {
    fn from(row: AttemptRow) -> Self {
        Self {
            number: row.number,
            started: instant(row.started),
            ended: row.ended.map(instant),
            result: row.result,
            detail: row.detail,
        }
    }
}

/// What a change did.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ChangedView {
    thing: String,
    id: i64,
    name: String,
    from: String,
    to: String,
}

impl From<Changed> for ChangedView {
    fn from(row: Changed) -> Self {
        Self {
            thing: row.thing,
            id: row.id,
            name: row.name,
            from: row.from,
            to: row.to,
        }
    }
}

/// How something is done.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct How {
    /// Why, for the record.
    #[schema(max_length = 1000)]
    pub(super) why: String,
    /// Only tell what would be done.
    pub(super) dry_run: bool,
}

/// A file that was taken.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Taken {
    /// Its number.
    pub(super) file: i64,
    /// Where its story is told.
    pub(super) location: String,
}

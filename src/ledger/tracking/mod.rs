//! What is told about orders: events and their history, how we come to hear of them, who else does.
//!
//! What holds for [`super::Ledger`] holds here. An event is in the history of its order once, however
//! often and on however many ways it is told; one whose order is not known waits for it.

mod told;

use std::collections::BTreeMap;

use async_trait::async_trait;
use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::arrival::{DeliveryId, FileId, OrderId};
use crate::clock::Millis;
use crate::failure::Failure;
use crate::problem::Problem;
use crate::tracking::TrackingEvent;

pub use told::{
    DueNotice, EventRow, Followed, Follower, NewFollower, News, NoticeEnd, NoticeRow, NoticeTo,
    Unforwarded, Way,
};

type Result<T> = std::result::Result<T, Failure>;

/// The arrows and questions about tracking.
#[async_trait]
pub trait Tracking: Send + Sync {
    /// Takes events into the histories of their orders, and moves the cursor they came under, in one
    /// transaction: what is behind a cursor was heard.
    async fn heard(&self, events: Vec<NewEvent>, cursor: Option<Cursor>) -> Result<Heard>;

    /// Where the reading of a partner's events stands.
    async fn cursor(&self, name: &str) -> Result<Option<String>>;

    /// Looks again at some of the waiting events for which an order has appeared; false if there were
    /// none.
    async fn rematch(&self) -> Result<bool>;

    /// Events that waited in vain until `now`.
    async fn overdue(&self, now: Millis, limit: usize) -> Result<Vec<Overdue>>;

    /// Such events were told to a person: out of a file, as a problem of it, and its arrival goes on;
    /// else they stay for an order that comes late.
    async fn given_up(&self, told: Vec<(i64, Problem)>) -> Result<()>;

    /// Subscriptions of one destination to look at, at `now`: to be made, renewed, asked or ended.
    async fn due_subscriptions(
        &self,
        destination: &str,
        now: Millis,
        limit: usize,
    ) -> Result<Vec<DueSubscription>>;

    /// When the next subscription of the destination is due, later than `now`.
    async fn next_subscription(&self, destination: &str, now: Millis) -> Result<Option<Millis>>;

    /// What became of subscriptions.
    async fn subscribed(&self, ends: Vec<(i64, SubscriptionEnd)>) -> Result<()>;

    /// A stream has told that something has happened: those concerned are due, and its cursor moves, in
    /// one transaction.
    async fn stirred(&self, stirred: Stirred) -> Result<()>;

    /// The delivery that a partner's subscription id stands for.
    async fn subscription(&self, destination: &str, remote_id: &str) -> Result<Option<DeliveryId>>;

    /// Lets somebody follow an order. The same target again is the same follower; who has left comes
    /// back only where `again` is set.
    async fn follow(&self, new: NewFollower) -> Result<Followed>;

    /// A follower leaves by the token in their link; what they followed, if the token is one of ours.
    async fn unfollow(&self, token: &str) -> Result<Option<Follower>>;

    /// The follower whose link carries this token.
    async fn follower(&self, token: &str) -> Result<Option<Follower>>;

    /// Events that are not forwarded yet, in the order in which they came, with who follows.
    async fn unforwarded(&self, limit: usize) -> Result<Vec<Unforwarded>>;

    /// What is to be sent about events, frozen; from now on it is sent until it has arrived. Followers
    /// of orders whose last event is among them have heard all.
    async fn forwarded(&self, events: Vec<i64>, news: Vec<News>) -> Result<()>;

    /// News to send at `now`; mails are among the reports.
    async fn due_notices(&self, now: Millis, limit: usize) -> Result<Vec<DueNotice>>;

    /// Ends a try.
    async fn noticed(&self, notice: i64, end: NoticeEnd) -> Result<()>;

    /// Whether there is anything to do at `now`: an order has appeared for which an event waits, an
    /// event waited in vain or is to be forwarded, news is to be sent. One question, because it is
    /// asked whenever something may have happened.
    async fn tracking_due(&self, now: Millis) -> Result<bool>;

    /// When an event, a waiting one or news is due next, later than `now`.
    async fn next_tracking(&self, now: Millis) -> Result<Option<Millis>>;

    /// The orders, newest revision each, that go by this number at any sender: for who proves by other
    /// means that they may see it. At most [`crate::limits::NUMBER_MATCHES`].
    async fn by_number(&self, number: &str) -> Result<Vec<OrderId>>;
}

/// An event as it comes in.
#[derive(Debug, Clone)]
pub struct NewEvent {
    /// What is told.
    pub event: TrackingEvent,
    /// When it happened, where the time it tells can be read.
    pub happened: Option<Millis>,
    /// Until when it may wait for its order.
    pub until: Millis,
}

/// A position in a partner's events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// Whose: the destination's name and what is read there.
    pub name: String,
    /// The position, in the partner's words.
    pub value: String,
}

/// What became of events.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Heard {
    /// New in a history.
    pub new: u64,
    /// There already.
    pub known: u64,
    /// About an order that is not known, or not surely.
    pub waiting: u64,
}

/// An event that waited in vain.
#[derive(Debug, Clone)]
pub struct Overdue {
    /// Its row.
    pub id: i64,
    /// What was told.
    pub event: TrackingEvent,
    /// The file that told it.
    pub file: Option<FileId>,
    /// Since when it waits.
    pub since: Millis,
    /// More than one order goes by its numbers.
    pub several: bool,
}

/// How a subscription stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubscriptionState {
    /// To be made.
    Wanted,
    /// The partner tells us, or is asked from time to time.
    Open,
    /// Over.
    Ended,
}

impl SubscriptionState {
    /// The word used in SQL and JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Wanted => "wanted",
            Self::Open => "open",
            Self::Ended => "ended",
        }
    }

    /// The state of a word; anything unknown is over.
    #[must_use]
    pub fn parse(word: &str) -> Self {
        match word {
            "wanted" => Self::Wanted,
            "open" => Self::Open,
            _ => Self::Ended,
        }
    }
}

/// A subscription to look at.
#[derive(Debug, Clone)]
pub struct DueSubscription {
    /// Its row.
    pub id: i64,
    /// The delivery that is tracked.
    pub delivery: DeliveryId,
    /// Its order.
    pub order: OrderId,
    /// The idempotency key of the delivery.
    pub key: String,
    /// The sender's number.
    pub reference: String,
    /// How it stands.
    pub state: SubscriptionState,
    /// What the partner calls the subscription.
    pub remote_id: Option<String>,
    /// When the partner ends it.
    pub expires: Option<Millis>,
    /// What the partner calls the order.
    pub order_id: Option<String>,
    /// What else the partner told of the order.
    pub facts: BTreeMap<String, String>,
    /// The canonical order; `None` after retention.
    pub content: Option<Bytes>,
    /// The order's last event has come.
    pub last: bool,
    /// A later order of the same identity, perhaps its cancel, has been accepted there.
    pub superseded: bool,
    /// Tries that failed since one that did not.
    pub tries: u32,
    /// Since when it is wanted.
    pub created: Millis,
}

/// What a stream has told, or that it was opened.
#[derive(Debug, Clone)]
pub struct Stirred {
    /// Whose.
    pub destination: String,
    /// When those concerned are looked at.
    pub due: Millis,
    /// By what the partner calls their subscriptions.
    pub marks: Vec<String>,
    /// Others too; none before `due`.
    pub others: Option<StirredOthers>,
    /// Where the stream goes on.
    pub cursor: Option<Cursor>,
}

/// Subscriptions that a stream's news may be about although it does not name them.
#[derive(Debug, Clone, Copy)]
pub struct StirredOthers {
    /// Only those that the partner has no name for.
    pub unnamed: bool,
    /// Each so much earlier than it would be.
    pub earlier: std::time::Duration,
    /// But those that are due within this time are left as they are.
    pub rest: std::time::Duration,
}

/// What became of a subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SubscriptionEnd {
    /// It is open; looked at again at `due`, or never while the partner tells.
    Open {
        /// What the partner calls it, where it has a name.
        remote_id: Option<String>,
        /// When the partner ends it.
        expires: Option<Millis>,
        /// When it is to be renewed, or asked again.
        due: Option<Millis>,
    },
    /// That did not work this time; the state stays.
    Later {
        /// Again at this time.
        until: Millis,
        /// Why.
        why: String,
    },
    /// It is over, and why.
    Ended(String),
}

//! Who is told of an order, what they are told, and what people see of it.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::arrival::{FileId, OrderId};
use crate::clock::Millis;
use crate::tracking::Channel;

/// Somebody who wants to hear of an order.
#[derive(Debug, Clone)]
pub struct NewFollower {
    /// Which order, by any revision of it.
    pub order: OrderId,
    /// A mail address or a URL.
    pub target: String,
    /// Unguessable: what the link to leave carries.
    pub token: String,
    /// When it ends by itself at the latest.
    pub until: Millis,
    /// Who has left comes back.
    pub again: bool,
}

/// What became of the wish to follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Followed {
    /// They do from now on.
    New,
    /// They did already, or have left and do not come back by themselves.
    Known,
    /// The order has as many followers as it may have.
    Full,
    /// There is no such order.
    Missing,
}

/// A follower.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Follower {
    /// Their row.
    pub id: i64,
    /// The order, by the revision they came with.
    pub order: OrderId,
    /// Its number.
    pub reference: String,
    /// A mail address or a URL.
    pub target: String,
    /// What the link to leave carries. Never shown.
    #[serde(skip)]
    pub token: String,
    /// Since when.
    pub since: Millis,
    /// When it ends by itself at the latest.
    pub until: Millis,
    /// When it ended.
    pub ended: Option<Millis>,
    /// Why.
    pub why: Option<String>,
}

/// An event that is not forwarded yet.
#[derive(Debug, Clone)]
pub struct Unforwarded {
    /// Its row.
    pub id: i64,
    /// The event.
    pub event: EventRow,
    /// Its order, newest revision.
    pub order: OrderId,
    /// Its number.
    pub reference: String,
    /// Whose order it is.
    pub sender: String,
    /// Where its file came from.
    pub source: String,
    /// How its file came and was read.
    pub way: Way,
    /// Who the order itself wants to be told.
    pub notify: Vec<String>,
    /// Everybody who follows it or has followed it.
    pub followers: Vec<Follower>,
    /// The destinations it was sent to.
    pub destinations: Vec<String>,
    /// What destinations call it: the newest that each has told.
    pub known_as: BTreeMap<String, String>,
}

/// How a file came and was read: what routes look at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Way {
    /// Where it came from.
    pub source: String,
    /// Who it is from.
    pub sender: String,
    /// Its name.
    pub name: String,
    /// Its format.
    pub format: Option<String>,
    /// The profile it was read with.
    pub profile: Option<String>,
}

/// News, ready to be sent. Each carries what makes it once and only once.
#[derive(Debug, Clone)]
pub enum News {
    /// By mail.
    Mail {
        /// Its Message-ID.
        message_id: String,
        /// To whom.
        recipient: String,
        /// The whole message.
        message: Bytes,
    },
    /// To a URL.
    Url {
        /// What makes it this one.
        once: String,
        /// Of which order.
        order: OrderId,
        /// Where it goes.
        url: String,
        /// JSON.
        body: Bytes,
    },
    /// As a file for a source's own folder.
    File {
        /// What makes it this one.
        once: String,
        /// Of which order.
        order: OrderId,
        /// Into whose folder.
        source: String,
        /// Its name.
        name: String,
        /// What is in it.
        body: Bytes,
    },
    /// To a partner that wants to hear what others tell.
    Partner {
        /// What makes it this one.
        once: String,
        /// Of which order.
        order: OrderId,
        /// The destination.
        destination: String,
        /// What it is told, as JSON.
        body: Bytes,
    },
}

/// Where a notice goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoticeTo {
    /// To a URL.
    Url(String),
    /// Into the status folder of a source, under this name.
    File {
        /// The source.
        source: String,
        /// The file's name.
        name: String,
    },
    /// To a destination.
    Partner(String),
}

/// A notice whose time has come.
#[derive(Debug, Clone)]
pub struct DueNotice {
    /// Its row.
    pub id: i64,
    /// What makes it this one, the same on every try.
    pub once: String,
    /// Where it goes.
    pub to: NoticeTo,
    /// What is sent.
    pub body: Bytes,
    /// Tries so far.
    pub tries: u32,
    /// When it was made.
    pub created: Millis,
}

/// How a try ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoticeEnd {
    /// It has arrived.
    Sent,
    /// Again at this time.
    Later(Millis, String),
    /// Never again, and why.
    GivenUp(String),
}

/// An event for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventRow {
    /// When it happened, as told; without an offset it is the teller's local time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// When it happened as far as is known, else when it came.
    pub happened: Millis,
    /// When it came.
    pub received: Millis,
    /// The teller's code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The teller's words.
    pub text: String,
    /// Where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// Who told it: a sender or destination.
    pub by: String,
    /// On which way.
    pub channel: Channel,
    /// The teller's id of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The shipment it is about, where it says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shipment: Option<String>,
    /// The tracking number it is about, where it says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracking: Option<String>,
    /// The file that told it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<FileId>,
    /// Nothing more is to come.
    pub last: bool,
    /// A later event under the same id says something else.
    pub corrected: bool,
}

/// News that was sent, or is on its way, for people.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NoticeRow {
    /// `url` or `file`.
    pub kind: String,
    /// The URL, or the source with the file's name.
    pub to: String,
    /// due, sent, `given_up`.
    pub state: String,
    /// Tries so far.
    pub tries: u32,
    /// When it was made.
    pub created: Millis,
    /// When it arrived or was given up.
    pub ended: Option<Millis>,
    /// What the last try came to.
    pub detail: Option<String>,
}

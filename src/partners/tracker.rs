//! How a partner tells what becomes of an order: the second port of this family.
//!
//! A tracker asks, subscribes, listens or is called, and answers with what the partner says has
//! happened. It keeps nothing that a restart would lose: which orders are followed, when one is
//! asked for next, and how far a stream was read stand in the ledger (`flow/track`). It never
//! retries by itself. The same thing may be told again and again: its place among what is known of
//! the order is the ledger's matter.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;

use super::{Facts, Outcome};
use crate::failure::Failure;
use crate::order::Order;

/// An order that a partner has accepted, as its tracker knows it.
#[derive(Debug, Clone)]
pub struct Followed {
    /// The idempotency key under which it was accepted.
    pub key: String,
    /// The sender's number.
    pub reference: String,
    /// The partner's own id of it.
    pub remote_id: Option<String>,
    /// What else the partner told when it accepted.
    pub facts: Facts,
    /// The canonical order as JSON.
    pub content: Bytes,
}

impl Followed {
    /// The canonical order; an empty one where it cannot be read.
    #[must_use]
    pub fn order(&self) -> Order {
        serde_json::from_slice(&self.content).unwrap_or_default()
    }
}

/// One thing that a partner says has happened to an order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sighting {
    /// The partner's own id of it, where it has one.
    pub id: Option<String>,
    /// The partner's code: an open list.
    pub code: String,
    /// In words, where there are some.
    pub text: String,
    /// Where.
    pub place: Option<String>,
    /// When, as ISO 8601 with or without an offset; `None` where the partner does not say.
    pub at: Option<String>,
    /// Set where nothing comes after it.
    pub end: Option<End>,
}

/// How an order's way ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// As it should.
    Done,
    /// The partner says that it did not do it: a person should know.
    Failed,
}

/// What is told of an order by whatever the partner's messages call it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// See [`Tracker::mark`].
    pub mark: String,
    /// What has happened to it, all of it or what is new, in any order.
    pub sightings: Vec<Sighting>,
}

/// How the orders of a destination are followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// Each is asked for: so long after it was accepted, then again and again.
    Asked {
        /// The first wait.
        first: Duration,
        /// The waits after it.
        every: Duration,
    },
    /// Accepting was subscribing; what is still under way after so long is subscribed to again.
    Subscribed {
        /// How long one subscription is relied upon.
        renew: Duration,
    },
    /// A stream tells that something has happened; the order is then asked for.
    Streamed {
        /// It is asked for at least so often, whatever the stream tells.
        every: Duration,
        /// Where the stream does not say which order it is, one is asked for at most so often.
        rest: Duration,
    },
}

/// What a stream told.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Stir {
    /// Where to go on after this: the last event's id.
    pub cursor: Option<String>,
    /// The marks of the orders that something has happened to.
    pub marks: Vec<String>,
    /// Who else it may be about.
    pub others: Others,
}

/// Orders that a stream's news may be about although it does not name them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Others {
    /// None.
    #[default]
    None,
    /// Those without a mark.
    Unmarked,
    /// Any.
    All,
}

/// An open stream.
#[async_trait]
pub trait Feed: Send {
    /// What is told next; all that is here already is told at once.
    ///
    /// # Errors
    /// Why the stream has ended, never [`Outcome::Accepted`].
    async fn next(&mut self) -> Result<Stir, Outcome>;

    /// How long the partner wants to be left alone after the stream has ended.
    fn rest(&self) -> Option<Duration>;
}

/// A partner's call to us: a webhook, a callback.
#[derive(Debug, Clone)]
pub struct Callback {
    /// The headers, names in lower case.
    pub headers: Vec<(String, Bytes)>,
    /// The body, byte for byte.
    pub body: Bytes,
}

impl Callback {
    /// The value of a header that stands once.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&[u8]> {
        let mut found = self.headers.iter().filter(|(known, _)| known == name);
        let first = found.next()?;
        found.next().is_none().then_some(&first.1[..])
    }
}

/// Why a call is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotTaken {
    /// It does not prove who it is from.
    Stranger,
    /// It cannot be read; why.
    Unreadable(String),
}

/// The tracking side of a partner.
#[async_trait]
pub trait Tracker: Send + Sync {
    /// How its orders are followed. Pure.
    fn manner(&self) -> Manner;

    /// By what the partner's calls and streams name this order; empty where they cannot name it, and
    /// `None` where it is not followed. Pure.
    fn mark(&self, order: &Followed) -> Option<String>;

    /// Begins another round of a subscription. Twice is the same as once.
    ///
    /// # Errors
    /// What came instead, never [`Outcome::Accepted`].
    async fn subscribe(&self, _order: &Followed) -> Result<(), Outcome> {
        Ok(())
    }

    /// Ends a subscription. One that there is not is ended.
    ///
    /// # Errors
    /// What came instead, never [`Outcome::Accepted`].
    async fn unsubscribe(&self, _order: &Followed) -> Result<(), Outcome> {
        Ok(())
    }

    /// Whether it is to be told of something that others tell of its orders. Pure.
    fn wants(&self, _told: &Sighting) -> bool {
        false
    }

    /// Tells the partner what others tell of an order, unless it knows already: an earlier try whose
    /// answer was lost may have arrived.
    ///
    /// # Errors
    /// What came instead, never [`Outcome::Accepted`].
    async fn report(&self, _order: &Followed, _told: &Sighting) -> Result<(), Outcome> {
        Ok(())
    }

    /// Whether what it asks and listens to can be reached with our credentials, without any effect
    /// there.
    ///
    /// # Errors
    /// A failure that says what is wrong.
    async fn try_out(&self) -> Result<(), Failure> {
        Ok(())
    }

    /// Asks what has happened to an order: all of it or what is new, in any order.
    ///
    /// # Errors
    /// What came instead, never [`Outcome::Accepted`].
    async fn poll(&self, _order: &Followed) -> Result<Vec<Sighting>, Outcome> {
        Ok(Vec::new())
    }

    /// Listens to what happens to all orders, going on after the event `after`. `None`: the partner
    /// has no stream.
    ///
    /// # Errors
    /// What came instead, never [`Outcome::Accepted`].
    async fn stream(&self, _after: Option<&str>) -> Result<Option<Box<dyn Feed>>, Outcome> {
        Ok(None)
    }

    /// Checks from whom a call is, over its bytes as they came, and reads it. Pure.
    ///
    /// # Errors
    /// Why it is not taken.
    fn receive(&self, _call: &Callback) -> Result<Vec<Heard>, NotTaken> {
        Err(NotTaken::Stranger)
    }
}

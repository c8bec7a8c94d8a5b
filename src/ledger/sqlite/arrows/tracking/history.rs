//! Which order an event is about, and its place in the history of that order.
//!
//! An event touches only what its teller may speak of: a sender their own orders and those that a
//! destination was given for which they carry; a destination the orders that were sent there. What
//! would have to be guessed (two orders go by the same number) stays undecided.

use super::super::{to_json, tracking::subscribe};
use crate::clock::Millis;
use crate::ledger::sqlite::work::{Sql, Tx};
use crate::limits;
use crate::tracking::{By, TrackingEvent};

/// An order, all its revisions together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Order {
    identity: [u8; 16],
    /// Its newest revision.
    newest: i64,
}

/// The order of an event.
pub(super) enum Found {
    One(Order),
    None,
    Several,
}

/// What became of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Landed {
    New,
    Known,
    Waiting,
}

/// Whom the teller may speak of.
struct Scope<'a> {
    sender: Option<&'a str>,
    /// JSON.
    destinations: String,
}

impl<'a> Scope<'a> {
    fn of(by: &'a By) -> Self {
        let (sender, destinations) = match by {
            By::Sender { name, carries } => (Some(name.as_str()), serde_json::json!(carries)),
            By::Destination { name } => (None, serde_json::json!([name])),
        };
        Self {
            sender,
            destinations: destinations.to_string(),
        }
    }
}

/// The order that `event` is about.
pub(super) fn find(tx: &Tx<'_>, event: &TrackingEvent) -> Sql<Found> {
    let by = &event.teller.by;
    if let (Some(delivery), By::Destination { name }) = (event.about.delivery, by) {
        let found = tx.first(
            "SELECT o.identity, o.id FROM delivery d JOIN orders o ON o.id = d.orders
             WHERE d.id = ?1 AND d.destination = ?2",
            (delivery.0, name),
            order,
        )?;
        return Ok(found.map_or(Found::None, Found::One));
    }
    let scope = Scope::of(by);
    let mut found: Vec<Order> = Vec::new();
    for number in event.about.numbers() {
        let named = named(tx, &scope, number)?;
        let both: Vec<Order> = named
            .iter()
            .filter(|o| found.contains(o))
            .cloned()
            .collect();
        found = match (found.is_empty(), both.is_empty()) {
            (true, _) => named,
            // Numbers that contradict each other: the more exact one counts.
            (false, true) => found,
            (false, false) => both,
        };
    }
    Ok(match found.as_slice() {
        [] => Found::None,
        [one] => Found::One(one.clone()),
        _ => Found::Several,
    })
}

/// The orders that go by `number` and that the teller may speak of.
fn named(tx: &Tx<'_>, scope: &Scope<'_>, number: &str) -> Sql<Vec<Order>> {
    const MAY: &str = "
        AND (f.sender = ?2 OR d.attempts > 0
             AND d.destination IN (SELECT value FROM json_each(?3)))
        GROUP BY o.identity";
    tx.all(
        &format!(
            "SELECT identity, max(newest) FROM (
             SELECT o.identity, max(o.id) AS newest FROM delivery d JOIN orders o ON o.id = d.orders
                    JOIN file f ON f.id = d.file
             WHERE d.reference = ?1 COLLATE NOCASE {MAY}
             UNION ALL
             SELECT o.identity, max(o.id) FROM number n JOIN delivery d ON d.orders = n.orders
                    JOIN orders o ON o.id = n.orders JOIN file f ON f.id = d.file
             WHERE n.value = ?1 {MAY}) GROUP BY identity LIMIT {}",
            limits::NUMBER_MATCHES
        ),
        (number, scope.sender, &scope.destinations),
        order,
    )
}

fn order(row: &rusqlite::Row<'_>) -> Sql<Order> {
    Ok(Order {
        identity: row.get(0)?,
        newest: row.get(1)?,
    })
}

/// Enters an event into the history of its order, once.
pub(super) fn enter(
    tx: &Tx<'_>,
    order: &Order,
    event: &TrackingEvent,
    file: Option<i64>,
    happened: Millis,
    received: Millis,
) -> Sql<Landed> {
    let new = tx.run(
        "INSERT INTO event (identity, key, content, orders, file, happened, received, last, forward,
                            body)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT DO NOTHING",
        (
            &order.identity,
            &event.key(),
            &event.content(),
            order.newest,
            file,
            happened.0,
            received.0,
            event.last,
            tx.now.0,
            to_json(event)?,
        ),
    )?;
    if new == 0 {
        return Ok(Landed::Known);
    }
    if event.last {
        subscribe::heard_last(tx, order.newest, event.teller.by.name())?;
    }
    Ok(Landed::New)
}

//! Which revision an order is at one destination.
//!
//! The rules are [`crate::revision::decide`]'s. This file looks up the latest revision and adds what
//! only the ledger knows: who was claimed first, and what is still open.

use rusqlite::Row;

use crate::arrival::{DeliveryId, DeliveryState};
use crate::ledger::sqlite::work::{Sql, Tx};
use crate::order::{Action, ContentHash, Identity, delivery_key};
use crate::revision::{Candidate, Decision, Latest, OnChange, decide};

/// Code of a refusal because the number is taken.
pub(in crate::ledger::sqlite) const CONFLICT: &str = "order.conflict";
const CONFLICT_WORDS: &str = "An order with this number was sent before with other content. If this \
     is a new order, give it a number of its own; if it changes the earlier one, send it as an \
     update.";
const OUT_OF_ORDER: &str = "A newer version of this order, from a file that arrived later, was sent \
     already. Release it to send it all the same, or cancel it.";
const SUPERSEDED: &str = "This is word for word an earlier version of an order that was changed \
     since. Release it to go back to it, or cancel it.";
const WAITS: &str = "Waits for an earlier delivery of the same order.";

/// An order at one destination, about to be decided.
pub(super) struct Weighed<'a> {
    pub(super) destination: &'a str,
    pub(super) reference: &'a str,
    pub(super) identity: Identity,
    /// The arrival it came with: the order of claims.
    pub(super) arrival: i64,
    pub(super) action: Action,
    pub(super) content: ContentHash,
    pub(super) source: [u8; 32],
    pub(super) on_change: OnChange,
    /// Only revisions before this rank count.
    pub(super) before: Option<f64>,
}

/// What becomes of it.
#[derive(Debug)]
pub(super) enum Fate {
    Send {
        action: Action,
        key: String,
        behind: Option<i64>,
    },
    /// A repeat if that delivery succeeds.
    Wait {
        behind: i64,
    },
    Repeat,
    Conflict,
    Parked(&'static str),
}

/// A row of `delivery` as a fate makes it.
pub(super) struct Made {
    pub(super) state: DeliveryState,
    pub(super) action: Action,
    pub(super) due: Option<i64>,
    pub(super) key: Option<String>,
    pub(super) behind: Option<i64>,
    pub(super) person: Option<i64>,
    pub(super) ended: Option<i64>,
    pub(super) code: Option<&'static str>,
    pub(super) detail: Option<&'static str>,
}

impl Fate {
    /// The row for it. `hold`: what would be sent waits for a person.
    pub(super) fn made(self, action: Action, hold: bool, now: i64) -> Made {
        let mut made = Made {
            state: DeliveryState::Due,
            action,
            due: None,
            key: None,
            behind: None,
            person: None,
            ended: None,
            code: None,
            detail: None,
        };
        match self {
            Self::Send {
                action,
                key,
                behind,
            } => {
                made.action = action;
                made.key = Some(key);
                made.behind = behind;
                made.detail = behind.map(|_| WAITS);
                if hold {
                    made.state = DeliveryState::Held;
                    made.person = Some(now);
                } else if behind.is_none() {
                    made.due = Some(now);
                }
            }
            Self::Wait { behind } => {
                made.behind = Some(behind);
                made.detail = Some(WAITS);
            }
            Self::Repeat => {
                made.state = DeliveryState::Repeat;
                made.ended = Some(now);
            }
            Self::Conflict => {
                made.state = DeliveryState::Refused;
                made.ended = Some(now);
                made.code = Some(CONFLICT);
                made.detail = Some(CONFLICT_WORDS);
            }
            Self::Parked(why) => {
                made.state = DeliveryState::Parked;
                made.person = Some(now);
                made.detail = Some(why);
            }
        }
        made
    }
}

/// The latest revision that was accepted or is open, the arrival it came with, and its rank.
///
/// Sorted here: a number has few revisions, and mostly none, while `ORDER BY` would have SQLite open
/// a table to sort in for every order.
fn latest(tx: &Tx<'_>, new: &Weighed<'_>) -> Sql<Option<(Latest, i64, f64)>> {
    let mut statement = tx.db.prepare_cached(
        "SELECT d.id, d.state, d.action, o.content_hash, o.source_hash, d.key, f.arrival,
                coalesce(d.revised, d.id)
         FROM delivery d JOIN orders o ON o.id = d.orders JOIN file f ON f.id = d.file
         WHERE d.reference = ?1 COLLATE NOCASE AND d.destination = ?2 AND (d.key IS NOT NULL) = 1
           AND o.identity = ?3
           AND d.state NOT IN ('refused', 'cancelled') AND coalesce(d.revised, d.id) < ?4",
    )?;
    let mut rows = statement.query((
        new.reference,
        new.destination,
        &new.identity.0,
        new.before.unwrap_or(f64::MAX),
    ))?;
    let mut last = None;
    while let Some(row) = rows.next()? {
        let rank: f64 = row.get(7)?;
        if last.as_ref().is_some_and(|(_, _, known)| *known >= rank) {
            continue;
        }
        let latest = Latest {
            delivery: DeliveryId(row.get(0)?),
            state: state(row, 1)?,
            action: action(row, 2)?,
            content: ContentHash(row.get(3)?),
            source: row.get(4)?,
            key: row.get(5)?,
        };
        last = Some((latest, row.get(6)?, rank));
    }
    Ok(last)
}

/// Whether its content equals a revision before the latest.
fn superseded(tx: &Tx<'_>, new: &Weighed<'_>, latest: f64) -> Sql<bool> {
    let found = tx.first(
        "SELECT 1 FROM delivery d JOIN orders o ON o.id = d.orders
         WHERE d.reference = ?5 COLLATE NOCASE AND d.destination = ?2 AND (d.key IS NOT NULL) = 1
           AND o.identity = ?1
           AND d.state NOT IN ('refused', 'cancelled') AND coalesce(d.revised, d.id) < ?3
           AND o.content_hash = ?4
         LIMIT 1",
        (
            &new.identity.0,
            new.destination,
            latest,
            &new.content.0,
            new.reference,
        ),
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}

/// Decides.
pub(super) fn weigh(tx: &Tx<'_>, new: &Weighed<'_>) -> Sql<Fate> {
    let key = |action, previous| {
        delivery_key(new.destination, new.identity, action, new.content, previous)
    };
    let Some((latest, arrival, rank)) = latest(tx, new)? else {
        return Ok(Fate::Send {
            action: new.action,
            key: key(new.action, None),
            behind: None,
        });
    };
    let candidate = Candidate {
        action: new.action,
        content: new.content,
        source: new.source,
        on_change: new.on_change,
        superseded: superseded(tx, new, rank)?,
    };
    Ok(match decide(Some(&latest), &candidate) {
        Decision::Send { .. } if arrival > new.arrival => Fate::Parked(OUT_OF_ORDER),
        Decision::Send {
            action,
            previous,
            after,
        } => Fate::Send {
            action,
            key: key(action, previous.as_deref()),
            behind: after.map(|delivery| delivery.0),
        },
        // Equal to something that may still be refused: success only when that succeeds.
        Decision::Repeat | Decision::Ignored if !latest.state.is_final() => Fate::Wait {
            behind: latest.delivery.0,
        },
        Decision::Repeat | Decision::Ignored => Fate::Repeat,
        Decision::Conflict => Fate::Conflict,
        Decision::Parked => Fate::Parked(SUPERSEDED),
    })
}

/// A person says: send it, whatever came in between. The latest revision becomes the one before.
pub(super) fn insist(tx: &Tx<'_>, new: &Weighed<'_>) -> Sql<Fate> {
    let Some((latest, ..)) = latest(tx, new)? else {
        return weigh(tx, new);
    };
    let action = match new.action {
        Action::Create if latest.action != Action::Cancel => Action::Update,
        action => action,
    };
    Ok(Fate::Send {
        action,
        key: delivery_key(
            new.destination,
            new.identity,
            action,
            new.content,
            Some(&latest.key),
        ),
        behind: (!latest.state.is_final()).then_some(latest.delivery.0),
    })
}

/// A state column.
pub(in crate::ledger::sqlite) fn state(row: &Row<'_>, column: usize) -> Sql<DeliveryState> {
    let word = row.get_ref(column)?.as_str()?;
    DeliveryState::parse(word).ok_or_else(|| unknown(column, word))
}

/// An action column.
pub(in crate::ledger::sqlite) fn action(row: &Row<'_>, column: usize) -> Sql<Action> {
    match row.get_ref(column)?.as_str()? {
        "create" => Ok(Action::Create),
        "update" => Ok(Action::Update),
        "cancel" => Ok(Action::Cancel),
        word => Err(unknown(column, word)),
    }
}

fn unknown(column: usize, word: &str) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(
        column,
        rusqlite::types::Type::Text,
        format!("“{word}” is no word of this ledger").into(),
    )
}

/// The policy as it is stored; the default takes no room.
pub(super) fn on_change_word(policy: OnChange) -> Option<&'static str> {
    match policy {
        OnChange::Refuse => None,
        OnChange::Update => Some("update"),
        OnChange::Ignore => Some("ignore"),
    }
}

/// Reads it back.
pub(super) fn on_change(word: Option<&str>) -> OnChange {
    match word {
        Some("update") => OnChange::Update,
        Some("ignore") => OnChange::Ignore,
        _ => OnChange::Refuse,
    }
}

//! What each arrow does to the rows, one file a stretch of the way.
//!
//! Every function here runs within the writer's transaction and may run again after a rollback. An
//! arrow whose row is no longer where the arrow starts changes nothing: it was superseded.
//!
//! Arrows that every order takes first look and then write, instead of `RETURNING`: for that SQLite
//! opens a table of its own for each row, which costs more than the arrow.

use std::collections::{HashMap, HashSet};

use rusqlite::Connection;

use super::work::{Sql, Tx};

mod again;
pub(super) mod answers;
pub(super) mod change;
pub(super) mod conclude;
mod counts;
pub(super) mod deliver;
pub(super) mod edit;
pub(super) mod house;
pub(super) mod intake;
pub(super) mod keys;
pub(super) mod orders;
pub(super) mod outbox;
pub(super) mod parsed;
pub(super) mod promote;
pub(super) mod reopen;
pub(super) mod retain;
pub(super) mod revise;
pub(super) mod settle;
pub(super) mod tracking;
pub(super) mod unpacked;
pub(super) mod words;

/// What the writer keeps in memory beside the rows. Loaded again after every rollback.
#[derive(Debug, Default)]
pub(super) struct Memo {
    /// Deliveries that others may wait for. May hold more than there are, never fewer.
    pub(super) blockers: HashSet<i64>,
    /// Names that a person paused.
    pub(super) paused: HashSet<String>,
    /// Rows of `profile` by name, version and hash.
    pub(super) profiles: HashMap<(String, String, String), i64>,
    /// Whether events wait for orders. May say so when none do any more.
    pub(super) waits: bool,
}

impl Memo {
    /// Reads what it is made from.
    pub(super) fn load(db: &Connection) -> Sql<Self> {
        let set = |sql: &str| -> Sql<HashSet<i64>> {
            db.prepare_cached(sql)?
                .query_map([], |row| row.get(0))?
                .collect()
        };
        let paused = db
            .prepare_cached("SELECT name FROM pause")?
            .query_map([], |row| row.get(0))?
            .collect::<Sql<_>>()?;
        Ok(Self {
            blockers: set("SELECT DISTINCT behind FROM delivery WHERE behind IS NOT NULL")?,
            paused,
            profiles: HashMap::new(),
            waits: db
                .prepare_cached("SELECT EXISTS (SELECT 1 FROM waiting)")?
                .query_row([], |row| row.get(0))?,
        })
    }
}

/// JSON that we wrote ourselves or will read back ourselves.
pub(super) fn to_json<T: serde::Serialize>(value: &T) -> Sql<String> {
    serde_json::to_string(value)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))
}

/// Reads JSON back.
pub(super) fn from_json<T: serde::de::DeserializeOwned>(text: &str) -> Sql<T> {
    serde_json::from_str(text).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, error.into())
    })
}

/// Sizes and counts as SQLite stores them.
pub(super) fn int(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// Says that an arrow came too late for its row.
fn superseded(arrow: &'static str, id: i64) {
    tracing::warn!(
        arrow,
        id,
        "The arrow came too late: its row had gone on. Nothing was changed."
    );
}

/// Runs `sql` with one id; tells if it found no row in the state that it asks for.
fn step(tx: &Tx<'_>, arrow: &'static str, sql: &str, id: i64) -> Sql<bool> {
    let found = tx.run(sql, [id])? > 0;
    if !found {
        superseded(arrow, id);
    }
    Ok(found)
}

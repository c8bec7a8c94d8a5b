//! What each question selects. Nothing here changes anything.

use rusqlite::Connection;

use super::work::Sql;
use crate::clock::Millis;

pub(super) mod answers;
pub(super) mod bytes;
pub(super) mod counts;
pub(super) mod due;
mod few;
pub(super) mod filter;
mod hits;
pub(super) mod lists;
pub(super) mod next;
pub(super) mod status;
pub(super) mod stories;
pub(super) mod tracking;

/// All rows of a question.
fn all<T>(
    db: &Connection,
    sql: &str,
    params: impl rusqlite::Params,
    map: impl FnMut(&rusqlite::Row<'_>) -> Sql<T>,
) -> Sql<Vec<T>> {
    db.prepare_cached(sql)?.query_map(params, map)?.collect()
}

/// The first row of a question, if there is one.
fn first<T>(
    db: &Connection,
    sql: &str,
    params: impl rusqlite::Params,
    map: impl FnOnce(&rusqlite::Row<'_>) -> Sql<T>,
) -> Sql<Option<T>> {
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    rows.next()?.map(map).transpose()
}

/// A time column.
fn millis(row: &rusqlite::Row<'_>, column: usize) -> Sql<Millis> {
    row.get(column).map(Millis)
}

/// A time column that may be empty.
fn maybe(row: &rusqlite::Row<'_>, column: usize) -> Sql<Option<Millis>> {
    Ok(row.get::<_, Option<i64>>(column)?.map(Millis))
}

//! Which rows the index of words names, and where a list may stop looking.
//!
//! The index answers with candidates: every one is compared with its row, so that it may be coarse
//! (sets of three letters) and small. Rows that are newer than the index are read one by one.

use rusqlite::Connection;

use super::first;
use crate::ledger::Filter;
use crate::ledger::sqlite::work::{HOUR, Sql};

/// The letters of one word in the index.
const GRAM: usize = 3;
/// As many of them are asked for: enough to be few rows, and each is a list to be read.
const GRAMS: usize = 12;

/// What the index is asked, `None` if nothing that is asked for has three letters.
pub(super) fn asked(columns: &[(&str, Option<&str>)]) -> Option<String> {
    let mut terms = Vec::new();
    for (column, text) in columns {
        let Some(text) = text else { continue };
        let letters: Vec<char> = text.to_lowercase().chars().collect();
        for gram in letters.windows(GRAM).take(GRAMS) {
            let gram: String = gram.iter().collect();
            terms.push(format!("{column} : \"{}\"", gram.replace('"', "\"\"")));
        }
    }
    (!terms.is_empty()).then(|| terms.join(" AND "))
}

/// What a filter asks of the index of orders.
pub(super) fn of_orders(filter: &Filter) -> Option<String> {
    asked(&[
        ("words", filter.text.as_deref()),
        ("sender", filter.sender.as_deref()),
        ("source", filter.source.as_deref()),
        ("destination", filter.destination.as_deref()),
    ])
}

/// What a filter asks of the index of files.
pub(super) fn of_files(filter: &Filter) -> Option<String> {
    asked(&[
        ("words", filter.name.as_deref()),
        ("sender", filter.sender.as_deref()),
        ("source", filter.source.as_deref()),
    ])
}

/// How far an index reaches.
pub(super) fn upto(db: &Connection, what: &str) -> Sql<i64> {
    let upto = first(
        db,
        "SELECT upto FROM indexed WHERE what = ?1",
        [what],
        |row| row.get(0),
    )?;
    Ok(upto.unwrap_or(0))
}

/// The first row of a table that may have been made at `since` or later. Rows are numbered as they
/// are made, so that halving finds it; an hour of slack is for clocks that were set back.
pub(super) fn since(db: &Connection, table: &str, column: &str, since: i64) -> Sql<i64> {
    let since = since - HOUR;
    let sql = format!("SELECT {column} FROM {table} WHERE id >= ?1 ORDER BY id LIMIT 1");
    let last = format!("SELECT coalesce(max(id), 0) FROM {table}");
    let (mut low, mut high) = (0, first(db, &last, [], |row| row.get(0))?.unwrap_or(0) + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        let made: Option<i64> = first(db, &sql, [middle], |row| row.get(0))?;
        if made.is_none_or(|made| made >= since) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    Ok(low)
}

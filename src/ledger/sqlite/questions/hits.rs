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
/// As many of them are asked for: enough to be few rows, and each is a list to be read, as long as
/// the ledger where every order has it.
const GRAMS: usize = 4;

/// What the index is asked, `None` if nothing that is asked for has three letters.
pub(super) fn asked(columns: &[(&str, Option<&str>)]) -> Option<String> {
    let mut terms = Vec::new();
    for (column, text) in columns {
        let Some(text) = text else { continue };
        for gram in telling(text) {
            terms.push(format!("{column} : \"{}\"", gram.replace('"', "\"\"")));
        }
    }
    (!terms.is_empty()).then(|| terms.join(" AND "))
}

/// The pieces of a text that say most: side by side rather than overlapping, to its very end, and
/// rather those with digits, which are of one order, than words that are in many.
fn telling(text: &str) -> Vec<String> {
    let letters: Vec<char> = text.to_lowercase().chars().collect();
    let last = letters.len().saturating_sub(GRAM);
    let mut grams: Vec<String> = letters
        .windows(GRAM)
        .enumerate()
        .filter(|(place, _)| place.is_multiple_of(GRAM) || *place == last)
        // A NUL would end the question in the middle of a word (FTS5); it is in no text.
        .filter(|(_, gram)| !gram.contains(&'\0'))
        .map(|(_, gram)| gram.iter().collect())
        .collect();
    let words = |gram: &String| gram.chars().filter(|c| !c.is_ascii_digit()).count();
    grams.sort_by_key(words);
    grams.truncate(GRAMS);
    grams
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

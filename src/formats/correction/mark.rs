//! Which rows are wrong and what is said beside them; where the titles are.
//!
//! A problem belongs to a row by its sheet and row (or cell, or line of a csv). Problems of the
//! whole file have no row and are left to the report.

use std::collections::{BTreeMap, HashMap};

use crate::limits;
use crate::problem::{Place, Problem};

use super::keep::{Kept, KeptRow, KeptTable, covers, join};
use super::{ERROR_COLUMN, Rows, is_marker};

/// What is to be written beside the rows.
#[derive(Debug, Default)]
pub(super) struct Marked {
    /// For each table, by row number: the words.
    pub(super) words: Vec<HashMap<u64, String>>,
    /// For each table: the number of the row with the titles.
    pub(super) titles: Vec<Option<u64>>,
    /// Whether rows keep their places (else they close up, and the words name their old row).
    pub(super) in_place: bool,
}

/// Finds titles and words, takes an earlier correction's column off, and drops what is not to go
/// back.
pub(super) fn mark(kept: &mut Kept, problems: &[Problem], rows: &Rows) -> Marked {
    if let Rows::Only(_) = rows {
        drop_other_tables(kept, problems);
    }
    let mut marked = Marked {
        in_place: *rows == Rows::All,
        ..Marked::default()
    };
    for (index, table) in kept.tables.iter_mut().enumerate() {
        let own: Vec<&Problem> = problems
            .iter()
            .filter(|problem| problem.is_error() && concerns(&problem.place, table, index))
            .collect();
        let words = words(table, &own, marked.in_place);
        let titles = titles(table, &own, &words);
        take_off_old_marks(table, titles);
        if let Rows::Only(spans) = rows {
            let spans = join(spans);
            table.rows.retain(|row| {
                titles.is_some_and(|titles| row.number <= titles) || covers(&spans, row.number)
            });
        }
        marked.words.push(words);
        marked.titles.push(titles);
    }
    marked
}

/// Row spans name no sheet; the problems do. With none named, every table stays.
fn drop_other_tables(kept: &mut Kept, problems: &[Problem]) {
    let named: Vec<&str> = problems
        .iter()
        .filter(|problem| problem.is_error())
        .filter_map(|problem| problem.place.sheet.as_deref())
        .collect();
    if kept
        .tables
        .iter()
        .any(|table| named.contains(&&*table.name))
    {
        kept.tables.retain(|table| named.contains(&&*table.name));
    }
}

/// Whether a place is in this table; without a sheet it is in the first.
fn concerns(place: &Place, table: &KeptTable, index: usize) -> bool {
    place
        .sheet
        .as_deref()
        .map_or(index == 0, |sheet| sheet == table.name)
}

fn words(table: &KeptTable, problems: &[&Problem], in_place: bool) -> HashMap<u64, String> {
    let by_line: BTreeMap<u64, u64> = table
        .rows
        .iter()
        .map(|row| (row.line, row.number))
        .collect();
    let mut words: HashMap<u64, String> = HashMap::new();
    for problem in problems {
        let Some(row) = row_of(&problem.place, &by_line) else {
            continue;
        };
        let said = words.entry(row).or_default();
        if said.is_empty() && !in_place {
            said.push_str("(row ");
            said.push_str(&row.to_string());
            said.push_str(" of your file) ");
        } else if !said.is_empty() {
            said.push_str(" • ");
        }
        say(said, problem);
    }
    for said in words.values_mut() {
        if let Some((end, _)) = said.char_indices().nth(limits::MARK_CHARS) {
            said.truncate(end);
            said.push('…');
        }
    }
    words
}

/// `Quantity: This is not a number. Expected digits. Remove the letters.`
fn say(said: &mut String, problem: &Problem) {
    if let Some(column) = &problem.place.column {
        said.push_str(&crate::problem::excerpt(column));
        said.push_str(": ");
    }
    said.push_str(&problem.message);
    if let Some(expected) = &problem.expected {
        said.push_str(" Expected ");
        said.push_str(expected.trim_end_matches('.'));
        said.push('.');
    }
    if let Some(hint) = &problem.hint {
        said.push(' ');
        said.push_str(hint);
    }
}

/// The row, the row of the cell, or the row that holds the line (a quoted line break puts several
/// lines into one row).
fn row_of(place: &Place, by_line: &BTreeMap<u64, u64>) -> Option<u64> {
    place
        .row
        .or_else(|| {
            let cell = place.cell.as_deref()?;
            cell.trim_start_matches(|c: char| c.is_ascii_alphabetic() || c == '$')
                .parse()
                .ok()
        })
        .or_else(|| Some(*by_line.range(1..=place.line?).next_back()?.1))
}

/// The row of titles: the one with our own column, else the first that holds a title which a
/// problem names, else the first with more than one filled cell. None where problems call columns
/// by letters (the layout has no titles), or where that row is itself data that is wrong.
fn titles(table: &KeptTable, problems: &[&Problem], words: &HashMap<u64, String>) -> Option<u64> {
    let top = || {
        table
            .rows
            .iter()
            .take_while(|row| row.number <= limits::TITLE_ROWS)
    };
    let named: Vec<String> = problems
        .iter()
        .filter_map(|problem| problem.place.column.as_deref())
        .map(fold)
        .collect();
    let ours = top().find(|row| row.cells().any(|(cell, _)| is_ours(cell)));
    let by_name = || top().find(|row| row.cells().any(|(cell, _)| named.contains(&fold(cell))));
    if let Some(row) = ours.or_else(by_name) {
        return Some(row.number);
    }
    if named.iter().any(|name| is_letter(name)) {
        return None;
    }
    top()
        .find(|row| filled(row) > 1)
        .or_else(|| top().next())
        .map(|row| row.number)
        .filter(|number| !words.contains_key(number))
}

fn fold(title: &str) -> String {
    title.trim().to_lowercase()
}

/// Folded, so lower case.
fn is_letter(name: &str) -> bool {
    (1..=3).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_lowercase())
}

fn is_ours(cell: &str) -> bool {
    cell.trim().eq_ignore_ascii_case(ERROR_COLUMN)
}

fn filled(row: &KeptRow) -> usize {
    row.cells()
        .filter(|(cell, _)| !cell.trim().is_empty())
        .count()
}

/// A file that comes back still wrong has our column already: it is made anew, not doubled.
fn take_off_old_marks(table: &mut KeptTable, titles: Option<u64>) {
    let old: Option<usize> = table
        .rows
        .iter()
        .find(|row| Some(row.number) == titles)
        .and_then(|row| row.cells().position(|(cell, _)| is_ours(cell)));
    for row in &mut table.rows {
        let last = row.width().saturating_sub(1);
        let is_old =
            |column: usize, cell: &str| old == Some(column) || (column == last && is_marker(cell));
        if row
            .cells()
            .enumerate()
            .any(|(column, (cell, _))| is_old(column, cell))
        {
            *row = row.without(is_old);
            table.came_back = true;
        }
    }
}

//! A table whose header is still looked for: the rows so far.

use super::super::beside::Kept;
use super::super::columns::Headers;
use crate::formats::{Row, Table};

/// The rows of a table before its header.
pub(super) struct Search {
    pub(super) table: Table,
    /// Rows that are not empty.
    pub(super) rows: u64,
    /// The row that looks most like a header.
    pub(super) likely: Option<Headers>,
    /// Those rows.
    pub(super) above: Kept,
    /// Whether a block of the same table came before.
    pub(super) again: bool,
}

impl Search {
    pub(super) fn new(table: Table) -> Self {
        Self {
            table,
            rows: 0,
            likely: None,
            above: Kept::default(),
            again: false,
        }
    }

    pub(super) fn push(&mut self, row: &Row<'_>) {
        self.rows += 1;
        if self.rows <= crate::limits::KEY_ROWS as u64 {
            self.above.push(row);
        }
    }

    /// The header if the last row is all of it, if the last two rows are, and so on.
    pub(super) fn headers(&self, most: usize) -> Vec<Headers> {
        (1..=most)
            .map(|count| self.above.last(count))
            .filter(|rows| !rows.is_empty())
            .map(Headers::read)
            .take(self.above.rows().len())
            .collect()
    }
}

//! Fixed width text: a profile's columns by place, and lines cut by them.
//!
//! Lines may be of several kinds (heads, details), told apart by a mark at a fixed place. Each line
//! of the last kind is a row, and what the kinds before it said last stands in the row as well: so
//! heads and their details become a plain table with a column for every field.

use std::ops::Range;

/// One column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Column {
    /// What references call it.
    pub(crate) name: String,
    /// Its characters, from 0.
    at: Range<usize>,
}

impl Column {
    /// `1-10`, or `7` for one character; places count from 1.
    pub(crate) fn parse(name: &str, places: &str) -> Option<Self> {
        let (first, last) = places.split_once('-').unwrap_or((places, places));
        let first: usize = first.trim().parse().ok()?;
        let last: usize = last.trim().parse().ok()?;
        let fits = first > 0 && first <= last && last <= crate::limits::CSV_ROW_BYTES;
        fits.then(|| Self {
            name: name.to_owned(),
            at: first - 1..last,
        })
    }

    /// Its text in `line`, outer blanks taken off; empty where the line is shorter.
    pub(crate) fn cut<'l>(&self, line: &'l str) -> &'l str {
        if line.is_ascii() {
            let end = self.at.end.min(line.len());
            return line.get(self.at.start..end).unwrap_or_default().trim();
        }
        let mut starts = line.char_indices().map(|(at, _)| at);
        let Some(start) = starts.nth(self.at.start) else {
            return "";
        };
        let end = starts.nth(self.at.len() - 1).unwrap_or(line.len());
        line.get(start..end).unwrap_or_default().trim()
    }
}

/// All columns of a layout.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Fixed {
    /// Where a line says of which kind it is.
    pub(crate) kind_at: Option<Column>,
    /// The kinds, outermost first, each with its columns. One without a name where there is one kind.
    pub(crate) kinds: Vec<(String, Vec<Column>)>,
}

impl Fixed {
    /// The names of all columns, in the order of the cells.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        let columns = self.kinds.iter().flat_map(|(_, columns)| columns);
        columns.map(|column| column.name.as_str())
    }
}

/// What became of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    /// The cells are a row.
    Row,
    /// It is kept for the rows behind it.
    Kept,
    /// Its kind is not known.
    Unknown,
}

/// Cuts lines and remembers what the outer kinds said.
#[derive(Debug)]
pub(crate) struct Cutter<'p> {
    fixed: &'p Fixed,
    /// All cells, each kind's behind those of the kind before.
    pub(crate) cells: Vec<String>,
    /// Whether a line's kind was unknown, which is told once.
    pub(crate) told: bool,
}

impl<'p> Cutter<'p> {
    /// Before the first line.
    pub(crate) fn new(fixed: &'p Fixed) -> Self {
        Self {
            fixed,
            cells: vec![String::new(); fixed.names().count()],
            told: false,
        }
    }

    /// The next line.
    pub(crate) fn line(&mut self, line: &str) -> Cut {
        let kind = self.fixed.kind_at.as_ref().map(|at| at.cut(line));
        let mut from = 0;
        for (number, (name, columns)) in self.fixed.kinds.iter().enumerate() {
            if kind.is_some_and(|kind| kind != name) {
                from += columns.len();
                continue;
            }
            let own = self.cells.iter_mut().skip(from);
            for (cell, column) in own.zip(columns) {
                cell.clear();
                cell.push_str(column.cut(line));
            }
            // What stood below the head before belongs to that head.
            self.cells
                .iter_mut()
                .skip(from + columns.len())
                .for_each(String::clear);
            return if number + 1 == self.fixed.kinds.len() {
                Cut::Row
            } else {
                Cut::Kept
            };
        }
        Cut::Unknown
    }

    /// The kind of a line.
    pub(crate) fn kind<'l>(&self, line: &'l str) -> &'l str {
        let at = self.fixed.kind_at.as_ref();
        at.map_or("", |at| at.cut(line))
    }
}

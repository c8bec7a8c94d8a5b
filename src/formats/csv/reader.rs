//! The window over the text, and the rows told from it.

use crate::formats::encoding::{Position, Text};
use crate::formats::{Cell, Records, Row};
use crate::limits;
use crate::problem::{Place, Problem};

use super::dialect::Found;
use super::scan::{Fault, Scan, Scanner};

/// Holds the part of the text that is being read: at least one record, at most
/// [`limits::CSV_ROW_BYTES`] and a piece.
pub(super) struct Reader<'a> {
    text: Text<'a>,
    window: String,
    /// Where in the window the next record starts.
    start: usize,
    last: bool,
}

/// What is counted from record to record.
#[derive(Debug, Clone, Copy)]
struct Count {
    row: u64,
    line: u64,
    cells: u64,
    /// Width of the last row that was not blank.
    width: Option<usize>,
}

impl<'a> Reader<'a> {
    /// A reader with enough text in its window to guess the dialect from.
    pub(super) fn new(text: Text<'a>) -> Result<Self, Problem> {
        let mut reader = Self {
            text,
            window: String::new(),
            start: 0,
            last: false,
        };
        while !reader.last && reader.window.len() < limits::CSV_SAMPLE_BYTES {
            reader.last = !reader.text.append(&mut reader.window)?;
        }
        Ok(reader)
    }

    /// The text that the window starts with, and whether it is all there is.
    pub(super) fn sample(&self) -> (&str, bool) {
        let end = self
            .window
            .floor_char_boundary(limits::CSV_SAMPLE_BYTES.min(self.window.len()));
        let sample = self.window.get(..end).unwrap_or_default();
        (sample, self.last && end == self.window.len())
    }

    /// Drops what was read and doubles what is left, so that a long record is not walked more than
    /// a few times.
    fn grow(&mut self) -> Result<(), Problem> {
        self.window.drain(..self.start);
        self.start = 0;
        let wanted = (self.window.len() * 2).max(limits::HEAD_BYTES);
        while !self.last && self.window.len() < wanted {
            self.last = !self.text.append(&mut self.window)?;
        }
        Ok(())
    }

    /// Tells every row.
    pub(super) fn rows(mut self, found: &Found, records: &mut dyn Records) -> Result<(), Problem> {
        self.start = found.skip;
        let mut scanner = Scanner::new(found.syntax);
        let mut cells: Vec<Cell<'_>> = Vec::new();
        let mut count = Count {
            row: 0,
            line: if found.skip > 0 { 2 } else { 1 },
            cells: 0,
            width: None,
        };
        loop {
            if self.start >= self.window.len() {
                self.grow()?;
                if self.window.is_empty() {
                    break;
                }
            }
            let window = self.window.get(self.start..).unwrap_or_default();
            let (length, ended) = match scanner.record(window, self.last) {
                Scan::Record { length, ended } => (length, ended),
                Scan::More if window.len() > limits::CSV_ROW_BYTES => return Err(too_long(count)),
                Scan::More => {
                    self.grow()?;
                    continue;
                }
                Scan::Fault(fault) => return Err(fatal(fault, window, count)),
            };
            count.row += 1;
            if count.row > limits::ROWS {
                return Err(too_many("rows", "csv.too-many-rows", limits::ROWS));
            }
            if !scanner.is_blank() {
                if let Some(problem) = doubts(&scanner, window, count, ended)?
                    && records.problem(problem).is_break()
                {
                    return Ok(());
                }
                count.cells += scanner.width() as u64;
                if count.cells > limits::CELLS_STREAMED {
                    let limit = limits::CELLS_STREAMED;
                    return Err(too_many("cells", "csv.too-many-cells", limit));
                }
                let mut told = emptied(cells);
                told.extend(scanner.cells(window).map(Cell::text));
                let row = Row {
                    number: count.row,
                    line: count.line,
                    cells: &told,
                };
                if records.row(&row).is_break() {
                    return Ok(());
                }
                cells = emptied(told);
                count.width = Some(scanner.width());
            }
            count.line += scanner.breaks + 1;
            self.start += length;
        }
        if count.width.is_none() {
            return Err(empty());
        }
        Ok(())
    }
}

/// The same allocation for the cells of another window. (The standard library collects a vector
/// into its own memory when the items have the same layout.)
fn emptied<'b>(mut cells: Vec<Cell<'_>>) -> Vec<Cell<'b>> {
    cells.clear();
    cells.into_iter().map(|_| Cell::text("")).collect()
}

/// What is wrong with a record that could be read.
fn doubts(
    scanner: &Scanner,
    window: &str,
    count: Count,
    ended: bool,
) -> Result<Option<Problem>, Problem> {
    if let Some(Fault::BehindQuote { opened, at }) = scanner.doubtful {
        let before = window.get(..opened).unwrap_or_default();
        let cell = window.get(opened..at).unwrap_or_default();
        if cell.contains(['\n', '\r']) {
            // The quote swallowed whole lines, so the rows from here on cannot be trusted.
            return Err(unclosed(before, count));
        }
        let shown = window.get(opened..).unwrap_or_default();
        return Ok(Some(
            Problem::error(
                "csv.quote",
                "A quoted cell goes on behind its closing quote.",
            )
            .at(place(before, count))
            .with_value(shown.lines().next().unwrap_or_default())
            .expecting("a delimiter or the end of the line behind the closing quote")
            .with_hint("Double every quote that is part of the text."),
        ));
    }
    let short = count.width.is_some_and(|width| scanner.width() < width);
    if !ended && short {
        return Ok(Some(
            Problem::error(
                "csv.truncated",
                format!(
                    "The file ends within its last row: {} cells instead of {}.",
                    scanner.width(),
                    count.width.unwrap_or_default()
                ),
            )
            .at(place("", count))
            .with_hint("The file was probably cut off while it was written; send it again."),
        ));
    }
    Ok(None)
}

/// The place behind `before` in the record that `count` stands at.
fn place(before: &str, count: Count) -> Place {
    let mut position = Position::default();
    position.advance(before);
    Place {
        row: Some(count.row),
        line: Some(count.line + position.line - 1),
        character: Some(position.character),
        ..Place::default()
    }
}

fn unclosed(before: &str, count: Count) -> Problem {
    // Without a row: everything behind the quote is lost, so the whole file is withheld.
    let place = Place {
        row: None,
        ..place(before, count)
    };
    Problem::error(
        "csv.unclosed-quote",
        "The quote that opens here is never closed.",
    )
    .at(place)
    .with_hint("Close the quote, or double it if it is part of the text.")
}

/// The problem that ends reading. `count` still stands at the record before.
fn fatal(fault: Fault, window: &str, mut count: Count) -> Problem {
    count.row += 1;
    match fault {
        Fault::Unclosed { at } if !window.get(at..).unwrap_or_default().contains(['\n', '\r']) => {
            Problem::error(
                "csv.truncated",
                "The file ends within a quoted cell of its last row.",
            )
            .at(place(window.get(..at).unwrap_or_default(), count))
            .with_hint("The file was probably cut off while it was written; send it again.")
        }
        Fault::Unclosed { at } | Fault::UnclosedForLong { at } | Fault::BehindQuote { at, .. } => {
            unclosed(window.get(..at).unwrap_or_default(), count)
        }
        Fault::Columns => {
            too_many("columns", "csv.too-many-columns", limits::COLUMNS as u64).at(place("", count))
        }
        Fault::Cell => Problem::error(
            "csv.cell-too-long",
            format!("A cell is longer than {} bytes.", limits::CELL_BYTES),
        )
        .at(place("", count)),
    }
}

fn too_long(mut count: Count) -> Problem {
    count.row += 1;
    Problem::error(
        "csv.row-too-long",
        format!("A row is longer than {} bytes.", limits::CSV_ROW_BYTES),
    )
    .at(place("", count))
    .with_hint("Check that the file has line ends.")
}

fn too_many(what: &str, code: &'static str, limit: u64) -> Problem {
    Problem::error(code, format!("The file has more than {limit} {what}."))
        .with_hint("Split the file.")
}

fn empty() -> Problem {
    Problem::error("csv.empty", "The file has no rows.")
        .with_hint("Check the export that made it, and send it again.")
}

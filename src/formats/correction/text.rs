//! The csv that goes back, in the dialect it came in.
//!
//! Delimiter, quote and line ends are the sender's. A declared encoding is binding on the way back
//! too, so it is kept; otherwise the file is UTF-8, with a byte order mark as soon as it is not all
//! ASCII, because Excel takes it for the local code page without one.
//!
//! Our column stands behind the longest row, so that it never takes a cell of the sender's with it
//! when it is taken off. A row shorter than the titles is not filled up, since that would hide what
//! is wrong with it: its mark stands behind its last cell and carries our column's name itself.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use crate::formats::{Dialect, ReadOptions};
use crate::limits;
use crate::problem::Problem;

use super::keep::{Kept, KeptRow, KeptTable};
use super::mark::Marked;
use super::{ERROR_COLUMN, defuse, too_large, undefuse};

/// Writes the one table.
pub(super) fn write(
    kept: &Kept,
    marked: &Marked,
    options: &ReadOptions,
) -> Result<Vec<u8>, Problem> {
    let mut out = Writer::new(kept.about.as_ref().and_then(|about| about.dialect.as_ref()));
    for (index, table) in kept.tables.iter().enumerate() {
        out.table(table, index, marked)?;
    }
    let bytes = encode(out.text, options);
    if bytes.len() > limits::CORRECTION_BYTES {
        return Err(too_large());
    }
    Ok(bytes)
}

struct Writer {
    text: String,
    delimiter: char,
    quote: char,
    line_end: &'static str,
}

impl Writer {
    fn new(dialect: Option<&Dialect>) -> Self {
        Self {
            text: String::new(),
            delimiter: dialect.map_or(',', |dialect| dialect.delimiter),
            quote: dialect.map_or('"', |dialect| dialect.quote),
            line_end: match dialect.map(|dialect| dialect.line_ends.as_str()) {
                Some("LF") => "\n",
                Some("CR") => "\r",
                _ => "\r\n",
            },
        }
    }

    fn table(&mut self, table: &KeptTable, index: usize, marked: &Marked) -> Result<(), Problem> {
        let titles = marked.titles.get(index).copied().flatten();
        let title_width = table
            .rows
            .iter()
            .find(|row| Some(row.number) == titles)
            .map(KeptRow::width);
        let widest = table.rows.iter().map(KeptRow::width).max().unwrap_or(0);
        let mut next = 1;
        for row in &table.rows {
            while marked.in_place && next < row.number {
                self.text.push_str(self.line_end);
                next += 1;
                self.check()?;
            }
            next = row.number + 1;
            self.cells(row, table.came_back);
            let said = marked
                .words
                .get(index)
                .and_then(|words| words.get(&row.number))
                .map_or("", String::as_str);
            let is_title = Some(row.number) == titles;
            if title_width.is_some_and(|titles| row.width() >= titles) {
                for column in row.width()..widest {
                    self.cell("", column > 0);
                }
                self.cell(if is_title { ERROR_COLUMN } else { said }, widest > 0);
            } else if !said.is_empty() {
                self.cell(&format!("{ERROR_COLUMN}: {said}"), row.width() > 0);
            }
            self.text.push_str(self.line_end);
            self.check()?;
        }
        Ok(())
    }

    /// Guards of an earlier correction are not doubled.
    fn cells(&mut self, row: &KeptRow, came_back: bool) {
        for (column, (cell, _)) in row.cells().enumerate() {
            let cell = if came_back { undefuse(cell) } else { cell };
            self.cell(cell, column > 0);
        }
    }

    fn cell(&mut self, cell: &str, behind_another: bool) {
        if behind_another {
            self.text.push(self.delimiter);
        }
        let cell = defuse(cell);
        // Every delimiter that a spreadsheet may assume is quoted, not only the one in use; and
        // blanks at the edges, which some readers trim.
        let quoted = cell.contains([self.delimiter, self.quote, '\r', '\n', ',', ';', '\t', '|'])
            || cell.starts_with(' ')
            || cell.ends_with(' ');
        if !quoted {
            self.text.push_str(&cell);
            return;
        }
        self.text.push(self.quote);
        for c in cell.chars() {
            if c == self.quote {
                self.text.push(c);
            }
            self.text.push(c);
        }
        self.text.push(self.quote);
    }

    fn check(&self) -> Result<(), Problem> {
        if self.text.len() > limits::CORRECTION_BYTES {
            return Err(too_large());
        }
        Ok(())
    }
}

/// The bytes of `text` in the declared encoding, else in UTF-8. What the declared encoding lacks
/// can only stand in our own words, and becomes `?`.
fn encode(text: String, options: &ReadOptions) -> Vec<u8> {
    let declared = options
        .encoding
        .as_deref()
        .and_then(|label| Encoding::for_label(label.as_bytes()))
        .unwrap_or(UTF_8);
    if declared == UTF_16LE || declared == UTF_16BE {
        let to_bytes = |unit: u16| {
            if declared == UTF_16LE {
                unit.to_le_bytes()
            } else {
                unit.to_be_bytes()
            }
        };
        return std::iter::once(0xFEFF)
            .chain(text.encode_utf16())
            .flat_map(to_bytes)
            .collect();
    }
    if declared != UTF_8 {
        let mut bytes = Vec::with_capacity(text.len());
        let mut utf8 = [0; 4];
        for c in text.chars() {
            let (encoded, _, lacking) = declared.encode(c.encode_utf8(&mut utf8));
            if lacking {
                bytes.push(plain(c));
            } else {
                bytes.extend_from_slice(&encoded);
            }
        }
        return bytes;
    }
    if text.is_ascii() {
        return text.into_bytes();
    }
    let mut bytes = "\u{feff}".as_bytes().to_vec();
    bytes.extend_from_slice(text.as_bytes());
    bytes
}

/// The nearest ASCII of the few characters in our own words that old code pages lack.
fn plain(c: char) -> u8 {
    match c {
        '“' | '”' | '„' => b'"',
        '‘' | '’' => b'\'',
        '…' => b'.',
        '–' | '—' | '•' => b'-',
        _ => b'?',
    }
}

//! OpenDocument spreadsheets (ODF 1.3 part 3, 9): the rows of `content.xml`, as the zip is unpacked.
//!
//! The format repeats cells and rows by a count, so that a kilobyte can say 10^18 cells. Empty
//! repetitions only move on; filled ones are told one by one and count against the limits.

use std::collections::HashMap;

use super::markup::{Scanner, Tag, Token, unescape};
use super::package::Package;
use super::rows::{Range, Sink};
use super::{Step, damaged, dates, encrypted, numbers, too_large};
use crate::formats::{CellKind, Input};
use crate::limits;

const WORD: &str = "ods";

/// Reads a spreadsheet.
pub(super) fn read(input: &mut dyn Input, sink: &mut Sink<'_>) -> Step {
    let mut package = Package::open(input, WORD)?;
    if let Some(manifest) = package.small("META-INF/manifest.xml")?
        && memchr::memmem::find(&manifest, b"encryption-data").is_some()
    {
        return Err(encrypted(WORD).into());
    }
    let Some(source) = package.part("content.xml")? else {
        return Err(damaged(WORD, "its content is missing").into());
    };
    let mut reader = Reader {
        scanner: Scanner::new(source, WORD)?,
        hidden_styles: HashMap::new(),
    };
    reader.document(sink)
}

struct Reader<'s> {
    scanner: Scanner<'s>,
    /// Table styles and whether they hide their tables.
    hidden_styles: HashMap<Vec<u8>, bool>,
}

/// A cell of the current row as it is read.
struct CellRead {
    text: String,
    kind: CellKind,
    repeated: u64,
}

/// A table as it is read.
#[derive(Default)]
struct TableRead {
    /// The number of the next row, less one.
    row: u64,
    column: usize,
}

impl Reader<'_> {
    fn document(&mut self, sink: &mut Sink<'_>) -> Step {
        let mut style = Vec::new();
        loop {
            match self.scanner.next()? {
                Token::Open(tag) => match tag.local() {
                    b"style" => style = tag.attribute("name").unwrap_or_default().to_vec(),
                    b"table-properties" => {
                        let hidden = tag.attribute("display") == Some(b"false");
                        if hidden && self.hidden_styles.len() < limits::STYLES {
                            self.hidden_styles.insert(style.clone(), true);
                        }
                    }
                    b"table" => {
                        let name = tag.text("name").unwrap_or_default();
                        let style = tag.attribute("style-name").unwrap_or_default();
                        let hidden = self.hidden_styles.contains_key(style);
                        if sink.sheet(&name, hidden)? {
                            self.table(sink)?;
                            sink.end_sheet()?;
                        } else {
                            self.scanner.skip()?;
                        }
                    }
                    // What was there before, and what other files held.
                    b"tracked-changes" | b"dde-links" | b"named-expressions" => {
                        self.scanner.skip()?;
                    }
                    _ => {}
                },
                Token::End => return Ok(()),
                _ => {}
            }
        }
    }

    fn table(&mut self, sink: &mut Sink<'_>) -> Step {
        let mut table = TableRead::default();
        loop {
            match self.scanner.next()? {
                Token::Open(tag) => match tag.local() {
                    b"table-column" => table.columns(&tag, sink),
                    b"table-row" => {
                        let repeated = tag.number("number-rows-repeated").unwrap_or(1);
                        let visibility = tag.attribute("visibility").unwrap_or(b"visible");
                        let hidden = visibility != b"visible";
                        self.row(&mut table, repeated, hidden, sink)?;
                    }
                    b"table-row-group"
                    | b"table-header-rows"
                    | b"table-rows"
                    | b"table-column-group"
                    | b"table-header-columns"
                    | b"table-columns" => {}
                    // Drawings, forms, the source of a linked table.
                    _ => self.scanner.skip()?,
                },
                Token::Close(b"table") | Token::End => return Ok(()),
                _ => {}
            }
        }
    }

    fn row(
        &mut self,
        table: &mut TableRead,
        repeated: u64,
        hidden: bool,
        sink: &mut Sink<'_>,
    ) -> Step {
        let cells = self.cells(table.row + 1, sink)?;
        if cells.is_empty() {
            table.row = table.row.saturating_add(repeated);
            return Ok(());
        }
        if table.row.saturating_add(repeated) > limits::ROWS {
            let detail = format!("a row is repeated {repeated} times");
            let place = sink.place(0, table.row + 1);
            return Err(too_large(WORD, &detail).at(place).into());
        }
        for _ in 0..repeated {
            table.row += 1;
            for (column, cell) in &cells {
                for repetition in 0..cell.repeated {
                    let column = column + usize::try_from(repetition).unwrap_or(usize::MAX);
                    sink.put(column, table.row, &cell.text, cell.kind)?;
                }
            }
            sink.end_row(table.row, hidden)?;
        }
        Ok(())
    }

    /// The filled cells of a row with their columns.
    fn cells(&mut self, row: u64, sink: &mut Sink<'_>) -> Step<Vec<(usize, CellRead)>> {
        let mut cells = Vec::new();
        let mut column: usize = 0;
        loop {
            match self.scanner.next()? {
                Token::Open(tag) => match tag.local() {
                    b"table-cell" | b"covered-table-cell" => {
                        spanned(&tag, column, row, sink);
                        let value = Typed::of(&tag);
                        let shown = self.shown()?;
                        let cell = value.cell(shown);
                        let repeated = usize::try_from(cell.repeated).unwrap_or(usize::MAX);
                        let filled = !cell.text.is_empty() || cell.kind != CellKind::Text;
                        let after = column.saturating_add(repeated);
                        if filled && after > limits::COLUMNS {
                            let detail = format!("a cell is repeated {repeated} times");
                            let place = sink.place(column, row);
                            return Err(too_large(WORD, &detail).at(place).into());
                        }
                        if filled {
                            cells.push((column, cell));
                        }
                        column = after;
                    }
                    _ => self.scanner.skip()?,
                },
                Token::Close(_) | Token::End => return Ok(cells),
                _ => {}
            }
        }
    }
}

impl Reader<'_> {
    /// The text that the cell just opened shows: its paragraphs, without notes and drawings.
    fn shown(&mut self) -> Step<String> {
        let mut text = String::new();
        let mut paragraphs = 0;
        let mut depth = 0_u32;
        loop {
            match self.scanner.next()? {
                Token::Open(tag) => match tag.local() {
                    b"annotation" | b"shapes" | b"frame" | b"table" | b"custom-shape" => {
                        self.scanner.skip()?;
                    }
                    name => {
                        depth += 1;
                        match name {
                            b"p" | b"h" => {
                                if paragraphs > 0 {
                                    text.push('\n');
                                }
                                paragraphs += 1;
                            }
                            // Blanks beyond the first are counted, not written (6.1.3).
                            b"s" => {
                                let count: usize = tag.number("c").unwrap_or(1);
                                let count = count.min(limits::CELL_BYTES);
                                text.extend(std::iter::repeat_n(' ', count));
                            }
                            b"tab" => text.push('\t'),
                            b"line-break" => text.push('\n'),
                            _ => {}
                        }
                    }
                },
                Token::Close(_) if depth == 0 => return Ok(text),
                Token::Close(_) => depth -= 1,
                Token::Text(raw) if depth > 0 && paragraphs > 0 => {
                    let start = text.len();
                    if !unescape(raw, &mut text) {
                        return Err(damaged(WORD, "a text in it is not valid").into());
                    }
                    collapse(&mut text, start);
                }
                Token::Cdata(raw) if depth > 0 => {
                    text.push_str(&String::from_utf8_lossy(raw));
                }
                Token::End => return Ok(text),
                _ => {}
            }
            if text.len() > limits::CELL_BYTES {
                return Err(too_large(WORD, "a cell holds a text of megabytes").into());
            }
        }
    }
}

/// White space from `start` on as ODF reads it (6.1.2): runs are one blank, none starts a paragraph.
fn collapse(text: &mut String, start: usize) {
    let Some(tail) = text.get(start..) else {
        return;
    };
    if !tail.contains(['\t', '\n', '\r']) && !tail.contains("  ") && !tail.starts_with(' ') {
        return;
    }
    let mut clean = String::with_capacity(tail.len());
    let mut blank = start == 0 || text[..start].ends_with(['\n', '\t', ' ']);
    for c in tail.chars() {
        let white = matches!(c, ' ' | '\t' | '\n' | '\r');
        if !white {
            clean.push(c);
        } else if !blank {
            clean.push(' ');
        }
        blank = white;
    }
    text.truncate(start);
    text.push_str(&clean);
}

/// The value that a cell's attributes state (19.385 office:value-type).
struct Typed {
    kind: Vec<u8>,
    is_error: bool,
    formula: bool,
    value: Option<String>,
    repeated: u64,
}

impl Typed {
    fn of(tag: &Tag<'_>) -> Self {
        let mut typed = Self {
            kind: Vec::new(),
            is_error: false,
            formula: false,
            value: None,
            repeated: tag.number("number-columns-repeated").unwrap_or(1),
        };
        for (name, value) in tag.attributes() {
            match name {
                // LibreOffice says it twice: in ODF's terms, and in its own, which know errors.
                b"value-type" if value == b"error" => typed.is_error = true,
                b"value-type" if typed.kind.is_empty() => typed.kind = value.to_vec(),
                b"formula" => typed.formula = true,
                b"value" | b"date-value" | b"time-value" | b"boolean-value" | b"string-value" => {
                    let mut text = String::new();
                    if unescape(value, &mut text) {
                        typed.value = Some(text);
                    }
                }
                _ => {}
            }
        }
        typed
    }

    /// The cell, of which the screen shows `shown`.
    fn cell(self, shown: String) -> CellRead {
        let repeated = self.repeated;
        let (text, kind) = self.text(shown);
        CellRead {
            text,
            kind,
            repeated,
        }
    }

    fn text(self, shown: String) -> (String, CellKind) {
        let mut out = String::new();
        if self.is_error || (self.formula && shown.starts_with("Err:")) {
            return (shown, CellKind::Error);
        }
        match (self.kind.as_slice(), self.value) {
            (b"float" | b"percentage" | b"currency", Some(value)) => {
                let kind = numbers::from_text(&value, &mut out);
                match kind {
                    Some(CellKind::Number) => padded(out, shown),
                    Some(kind) => (out, kind),
                    None => (shown, CellKind::Text),
                }
            }
            (b"date", Some(value)) => {
                dates::write_iso(&value, &mut out);
                (out, CellKind::Date)
            }
            (b"time", Some(value)) => {
                if dates::write_duration(&value, &mut out) {
                    (out, CellKind::Date)
                } else {
                    (shown, CellKind::Text)
                }
            }
            (b"boolean", Some(value)) => (value, CellKind::Boolean),
            (b"string", Some(value)) => (value, CellKind::Text),
            (b"", None) if self.formula && shown.is_empty() => (shown, CellKind::Uncached),
            _ => (shown, CellKind::Text),
        }
    }
}

/// A number, or what the screen shows where that is the number with zeros before it and signs between:
/// the style of an id.
fn padded(number: String, shown: String) -> (String, CellKind) {
    let signs = |c: char| c.is_ascii_digit() || matches!(c, '-' | '/');
    if !shown.starts_with('0') || !shown.chars().all(signs) || number.contains(['.', '-']) {
        return (number, CellKind::Number);
    }
    let digits: String = shown.chars().filter(char::is_ascii_digit).collect();
    let value = digits.trim_start_matches('0');
    if digits.len() < 2 || value != number.trim_start_matches('0') {
        return (number, CellKind::Number);
    }
    let kind = if digits.len() == shown.len() {
        CellKind::Number
    } else {
        CellKind::Text
    };
    (shown, kind)
}

impl TableRead {
    fn columns(&mut self, tag: &Tag<'_>, sink: &mut Sink<'_>) {
        let repeated = tag.number("number-columns-repeated").unwrap_or(1);
        let after = self.column.saturating_add(repeated);
        let visibility = tag.attribute("visibility").unwrap_or(b"visible");
        if visibility != b"visible" && after > self.column {
            sink.hide_columns(self.column, after - 1);
        }
        self.column = after;
    }
}

/// Tells a merged block.
fn spanned(tag: &Tag<'_>, column: usize, row: u64, sink: &mut Sink<'_>) {
    let columns: usize = tag.number("number-columns-spanned").unwrap_or(1);
    let rows: u64 = tag.number("number-rows-spanned").unwrap_or(1);
    if columns > 1 || rows > 1 {
        sink.merge(Range {
            first_row: row,
            last_row: row.saturating_add(rows.saturating_sub(1)),
            first_column: column,
            last_column: column.saturating_add(columns.saturating_sub(1)),
        });
    }
}

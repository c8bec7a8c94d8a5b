//! SpreadsheetML 2003: Excel's first XML form, which reporting programs still write as `.xls`.
//!
//! Whether a sheet is hidden stands behind its rows, so the file is read twice: first for that and for
//! the formats, then for the rows.

use std::collections::HashMap;

use super::markup::{Scanner, Tag, Token, unescape};
use super::number_format::NumberFormat;
use super::rows::{Range, Sink};
use super::{Step, damaged, dates, rewind, too_large};
use crate::formats::{CellKind, Input};
use crate::limits;

const WORD: &str = "spreadsheetml";

/// What the first look finds.
#[derive(Default)]
struct Book {
    formats: HashMap<String, NumberFormat>,
    /// Whether each sheet is hidden, in order.
    hidden: Vec<bool>,
}

/// Reads a workbook.
pub(super) fn read(input: &mut dyn Input, sink: &mut Sink<'_>) -> Step {
    let book = {
        rewind(input, WORD)?;
        look(Scanner::new(Box::new(&mut *input), WORD)?)?
    };
    rewind(input, WORD)?;
    let mut scanner = Scanner::new(Box::new(input), WORD)?;
    let mut hidden = book.hidden.iter();
    loop {
        match scanner.next()? {
            Token::Open(tag) if tag.local() == b"Worksheet" => {
                let name = tag.text("Name").unwrap_or_default();
                let hidden = hidden.next().copied().unwrap_or(false);
                if sink.sheet(&name, hidden)? {
                    sheet(&mut scanner, &book, sink)?;
                    sink.end_sheet()?;
                } else {
                    scanner.skip()?;
                }
            }
            Token::End => return Ok(()),
            _ => {}
        }
    }
}

fn look(mut scanner: Scanner<'_>) -> Step<Book> {
    let mut book = Book::default();
    let mut style = String::new();
    let mut in_visible = false;
    loop {
        match scanner.next()? {
            Token::Open(tag) => match tag.local() {
                b"Style" => style = tag.text("ID").unwrap_or_default(),
                b"NumberFormat" if book.formats.len() < limits::STYLES => {
                    let code = tag.text("Format").unwrap_or_default();
                    book.formats
                        .insert(std::mem::take(&mut style), format_of(&code));
                }
                b"Worksheet" if book.hidden.len() < limits::ARCHIVE_MEMBERS => {
                    book.hidden.push(false);
                }
                b"Table" => scanner.skip()?,
                b"Visible" => in_visible = true,
                _ => {}
            },
            Token::Text(text) if in_visible && text.starts_with(b"Sheet") => {
                if let Some(hidden) = book.hidden.last_mut() {
                    *hidden = text != b"SheetVisible";
                }
            }
            Token::Close(b"Visible") => in_visible = false,
            Token::End => return Ok(book),
            _ => {}
        }
    }
}

/// Formats have names here beside codes.
fn format_of(code: &str) -> NumberFormat {
    match code {
        "General Date" | "Long Date" | "Medium Date" | "Short Date" => NumberFormat::of_builtin(14),
        "Long Time" | "Medium Time" | "Short Time" => NumberFormat::of_builtin(21),
        "General" | "General Number" | "Currency" | "Euro Currency" | "Fixed" | "Standard"
        | "Percent" | "Scientific" | "Yes/No" | "True/False" | "On/Off" => NumberFormat::General,
        other => NumberFormat::of_code(other),
    }
}

/// A row as it is read.
#[derive(Default)]
struct RowRead {
    number: u64,
    hidden: bool,
    next_column: usize,
}

fn sheet(scanner: &mut Scanner<'_>, book: &Book, sink: &mut Sink<'_>) -> Step {
    let mut row = RowRead::default();
    let mut next_row = 1_u64;
    let mut column = 0_usize;
    loop {
        match scanner.next()? {
            Token::Open(tag) => match tag.local() {
                b"Table" => {}
                b"Column" => {
                    let first = index(&tag).unwrap_or(column);
                    let last = first.saturating_add(tag.number("Span").unwrap_or(0));
                    if tag.truth("Hidden") {
                        sink.hide_columns(first, last);
                    }
                    column = last.saturating_add(1);
                }
                b"Row" => {
                    let number = tag.number("Index").unwrap_or(next_row);
                    let span: u64 = tag.number("Span").unwrap_or(0);
                    row = RowRead {
                        number,
                        hidden: tag.truth("Hidden"),
                        next_column: 0,
                    };
                    next_row = number.saturating_add(span).saturating_add(1);
                }
                b"Cell" => {
                    let opened = Opened::of(&tag, &row);
                    cell_of(scanner, &opened, book, &mut row, sink)?;
                }
                _ => scanner.skip()?,
            },
            Token::Close(b"Row") => sink.end_row(row.number, row.hidden)?,
            Token::Close(b"Worksheet") | Token::End => return Ok(()),
            _ => {}
        }
    }
}

/// A cell's own attributes.
struct Opened {
    column: usize,
    style: String,
    formula: bool,
    across: usize,
    down: u64,
}

impl Opened {
    fn of(tag: &Tag<'_>, row: &RowRead) -> Self {
        Self {
            column: index(tag).unwrap_or(row.next_column),
            style: tag.text("StyleID").unwrap_or_default(),
            formula: tag.attribute("Formula").is_some(),
            across: tag.number("MergeAcross").unwrap_or(0),
            down: tag.number("MergeDown").unwrap_or(0),
        }
    }
}

/// Reads what is inside a cell.
fn cell_of(
    scanner: &mut Scanner<'_>,
    opened: &Opened,
    book: &Book,
    row: &mut RowRead,
    sink: &mut Sink<'_>,
) -> Step {
    row.next_column = opened
        .column
        .saturating_add(opened.across)
        .saturating_add(1);
    if opened.across > 0 || opened.down > 0 {
        sink.merge(Range {
            first_row: row.number,
            last_row: row.number.saturating_add(opened.down),
            first_column: opened.column,
            last_column: opened.column.saturating_add(opened.across),
        });
    }
    let mut found = false;
    loop {
        match scanner.next()? {
            Token::Open(tag) if tag.local() == b"Data" => {
                let kind = tag.attribute("Type").unwrap_or(b"String").to_vec();
                let raw = text_of(scanner)?;
                found = true;
                let mut text = String::new();
                let kind = value(&kind, &raw, book.formats.get(&opened.style), &mut text);
                if let Some(kind) = kind {
                    sink.put(opened.column, row.number, &text, kind)?;
                } else {
                    let problem = damaged(WORD, "a cell of numbers holds something else");
                    let place = sink.place(opened.column, row.number);
                    return Err(problem.at(place).with_value(&raw).into());
                }
            }
            Token::Open(_) => scanner.skip()?,
            Token::Close(_) | Token::End => break,
            _ => {}
        }
    }
    if opened.formula && !found {
        sink.put(opened.column, row.number, "", CellKind::Uncached)?;
    }
    Ok(())
}

/// The text of the element just opened, its inner markup left out (rich text is HTML here).
fn text_of(scanner: &mut Scanner<'_>) -> Step<String> {
    let mut text = String::new();
    let mut depth = 0_u32;
    loop {
        match scanner.next()? {
            Token::Open(_) => depth += 1,
            Token::Close(_) if depth == 0 => return Ok(text),
            Token::Close(_) => depth -= 1,
            Token::Text(raw) => {
                if !unescape(raw, &mut text) {
                    return Err(damaged(WORD, "a text in it is not valid").into());
                }
            }
            Token::Cdata(raw) => text.push_str(&String::from_utf8_lossy(raw)),
            Token::End => return Ok(text),
        }
        if text.len() > limits::CELL_BYTES {
            return Err(too_large(WORD, "a cell holds a text of megabytes").into());
        }
    }
}

fn value(
    kind: &[u8],
    raw: &str,
    format: Option<&NumberFormat>,
    out: &mut String,
) -> Option<CellKind> {
    match kind {
        b"Number" => format
            .unwrap_or(&NumberFormat::General)
            .write_text(raw, false, out),
        b"DateTime" => {
            let mut iso = String::new();
            dates::write_iso(raw, &mut iso);
            out.push_str(date_time(&iso));
            Some(CellKind::Date)
        }
        b"Boolean" => {
            out.push_str(if raw.trim() == "1" { "true" } else { "false" });
            Some(CellKind::Boolean)
        }
        b"Error" => {
            out.push_str(raw);
            Some(CellKind::Error)
        }
        _ => {
            out.push_str(raw);
            Some(CellKind::Text)
        }
    }
}

/// Every date carries a time here, and every time the day before the calendar's first.
fn date_time(iso: &str) -> &str {
    let date = iso.strip_suffix("T00:00:00").unwrap_or(iso);
    date.strip_prefix("1899-12-31T").unwrap_or(date)
}

fn index(tag: &Tag<'_>) -> Option<usize> {
    tag.number::<usize>("Index")?.checked_sub(1)
}

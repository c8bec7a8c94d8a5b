//! The workbook that goes back: always xlsx (ECMA-376), written as a stream into a bounded buffer.
//!
//! Cells are text, so that leading zeros, 21-digit numbers and dates stay as they are; a negative
//! number is a real number instead of guarded text. Written here and not by a library, because the
//! jail has neither files nor threads, which those at hand need. The result holds no time, no name
//! of a person and no formula, and the same input gives the same bytes.

mod package;

use std::io::{self, Write};

use crate::formats::CellKind;
use crate::problem::Problem;

use super::keep::{Kept, KeptRow, KeptTable};
use super::mark::Marked;
use super::{ERROR_COLUMN, defuse, too_large, undefuse};

/// What Excel allows: rows, columns, characters in a cell.
const MAX_ROWS: u64 = 1_048_576;
const MAX_COLUMNS: usize = 16_384;
const MAX_CELL_CHARS: usize = 32_767;

/// Styles, by their place in `cellXfs` of the style sheet.
const PLAIN: u8 = 0;
const WRONG: u8 = 1;
const SAID: u8 = 2;
const TITLE: u8 = 3;

const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
/// Writes all tables.
pub(super) fn write(kept: &Kept, marked: &Marked) -> Result<Vec<u8>, Problem> {
    if kept.tables.is_empty() || kept.tables.iter().any(beyond_excel) {
        return Err(too_large());
    }
    package::write(&kept.tables, &|out, index, table| {
        sheet(out, table, index, marked)
    })
    .map_err(|_| too_large())
}

fn beyond_excel(table: &KeptTable) -> bool {
    table.rows.iter().any(|row| {
        row.number > MAX_ROWS
            || row.width() >= MAX_COLUMNS
            || row
                .cells()
                .any(|(cell, _)| cell.encode_utf16().count() >= MAX_CELL_CHARS)
    })
}

fn sheet(out: &mut dyn Write, table: &KeptTable, index: usize, marked: &Marked) -> io::Result<()> {
    let titles = marked.titles.get(index).copied().flatten();
    let last = table
        .rows
        .iter()
        .map(KeptRow::filled_width)
        .max()
        .unwrap_or(0);
    write!(out, r#"<worksheet xmlns="{MAIN}">"#)?;
    columns(out, table, last)?;
    write!(out, "<sheetData>")?;
    for (place, row) in table.rows.iter().enumerate() {
        let number = if marked.in_place {
            row.number
        } else {
            place as u64 + 1
        };
        let said = marked
            .words
            .get(index)
            .and_then(|words| words.get(&row.number));
        let is_title = Some(row.number) == titles;
        let style = match (is_title, said) {
            (true, _) => TITLE,
            (_, Some(_)) => WRONG,
            _ => PLAIN,
        };
        write!(out, r#"<row r="{number}">"#)?;
        for (column, (text, kind)) in row.cells().enumerate() {
            let text = if table.came_back {
                undefuse(text)
            } else {
                text
            };
            cell(out, (column, number), style, text, kind)?;
        }
        match said {
            _ if is_title => cell(out, (last, number), TITLE, ERROR_COLUMN, CellKind::Text)?,
            Some(said) if titles.is_some() => {
                cell(out, (last, number), SAID, said, CellKind::Text)?;
            }
            Some(said) => {
                let said = format!("{ERROR_COLUMN}: {said}");
                cell(out, (last, number), SAID, &said, CellKind::Text)?;
            }
            None => {}
        }
        write!(out, "</row>")?;
    }
    write!(out, "</sheetData></worksheet>")
}

/// Widths by the longest text, within what a screen shows; our own column wide enough to read.
fn columns(out: &mut dyn Write, table: &KeptTable, last: usize) -> io::Result<()> {
    const NARROWEST: usize = 8;
    const WIDEST: usize = 40;
    const OURS: usize = 70;
    let mut widths = vec![NARROWEST; last];
    for row in &table.rows {
        for (width, (cell, _)) in widths.iter_mut().zip(row.cells()) {
            *width = (*width).max(cell.chars().take(WIDEST).count() + 2);
        }
    }
    widths.push(OURS);
    write!(out, "<cols>")?;
    for (column, width) in widths.iter().enumerate() {
        let number = column + 1;
        write!(
            out,
            r#"<col min="{number}" max="{number}" width="{width}" style="{PLAIN}" customWidth="1"/>"#
        )?;
    }
    write!(out, "</cols>")
}

fn cell(
    out: &mut dyn Write,
    (column, row): (usize, u64),
    style: u8,
    text: &str,
    kind: CellKind,
) -> io::Result<()> {
    if text.is_empty() && style == PLAIN {
        return Ok(());
    }
    let reference = format!("{}{row}", letters(column));
    if text.is_empty() {
        return write!(out, r#"<c r="{reference}" s="{style}"/>"#);
    }
    if kind == CellKind::Number && is_negative(text) {
        return write!(out, r#"<c r="{reference}" s="{style}"><v>{text}</v></c>"#);
    }
    write!(
        out,
        r#"<c r="{reference}" s="{style}" t="inlineStr"><is><t xml:space="preserve">"#
    )?;
    escape(out, &defuse(text))?;
    write!(out, "</t></is></c>")
}

/// A plain negative decimal that a spreadsheet holds and gives back exactly as it is written;
/// anything else with a minus is text.
fn is_negative(text: &str) -> bool {
    const EXACT_DIGITS: usize = 15;
    let Some(number) = text.strip_prefix('-') else {
        return false;
    };
    let (whole, fraction) = match number.split_once('.') {
        Some((whole, fraction)) if !fraction.ends_with('0') => (whole, fraction),
        Some(_) => return false,
        None => (number, "1"),
    };
    !whole.is_empty()
        && !fraction.is_empty()
        && whole.len() + fraction.len() <= EXACT_DIGITS
        && (number != "0" && (whole == "0" || !whole.starts_with('0')))
        && whole
            .bytes()
            .chain(fraction.bytes())
            .all(|b| b.is_ascii_digit())
}

/// `A`, `Z`, `AA`: the letters of a column counted from 0.
fn letters(column: usize) -> String {
    let mut letters = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        let digit = (rest - 1) % 26;
        letters.push(char::from(b'A' + u8::try_from(digit).unwrap_or(0)));
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().collect()
}

/// XML text. Characters that XML 1.0 has no place for are written `_x0007_` as Excel does, and text
/// that looks like such an escape is escaped itself (ECMA-376 part 1, 22.9.2.19).
fn escape(out: &mut dyn Write, text: &str) -> io::Result<()> {
    for (at, c) in text.char_indices() {
        match c {
            '&' => out.write_all(b"&amp;")?,
            '<' => out.write_all(b"&lt;")?,
            '>' => out.write_all(b"&gt;")?,
            '"' => out.write_all(b"&quot;")?,
            '\t' | '\n' => write!(out, "&#{};", u32::from(c))?,
            '_' if looks_escaped(&text[at..]) => out.write_all(b"_x005F_")?,
            c if c.is_ascii_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {
                write!(out, "_x{:04X}_", u32::from(c))?;
            }
            c => out.write_all(c.encode_utf8(&mut [0; 4]).as_bytes())?,
        }
    }
    Ok(())
}

fn looks_escaped(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 7
        && bytes[1] == b'x'
        && bytes[2..6].iter().all(u8::is_ascii_hexdigit)
        && bytes[6] == b'_'
}

//! The workbook that goes back: always xlsx (ECMA-376), written as a stream into a bounded buffer.
//!
//! Cells are text, so that leading zeros, 21-digit numbers and dates stay as they are; a negative
//! number is a real number instead of guarded text. Written here and not by a library, because the
//! jail has neither files nor threads, which those at hand need. The result holds no time, no name
//! of a person and no formula, and the same input gives the same bytes.

use std::io::{self, Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::formats::CellKind;
use crate::limits;
use crate::problem::Problem;

use super::keep::{Kept, KeptRow, KeptTable};
use super::mark::Marked;
use super::{ERROR_COLUMN, defuse, too_large, undefuse};

/// What Excel allows: rows, columns, characters in a cell, characters in a sheet's name.
const MAX_ROWS: u64 = 1_048_576;
const MAX_COLUMNS: usize = 16_384;
const MAX_CELL_CHARS: usize = 32_767;
const MAX_SHEET_NAME: usize = 31;

/// Styles, by their place in `cellXfs` of [`STYLES`].
const PLAIN: u8 = 0;
const WRONG: u8 = 1;
const SAID: u8 = 2;
const TITLE: u8 = 3;

const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";

/// Text format (`@`, number format 49) everywhere: what the sender types stays what it is. Wrong
/// rows have a light red ground, our column is red and wraps.
const STYLES: &str = concat!(
    r#"<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">"#,
    r#"<fonts count="3"><font><sz val="11"/><name val="Calibri"/></font>"#,
    r#"<font><sz val="11"/><color rgb="FF9C0006"/><name val="Calibri"/></font>"#,
    r#"<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>"#,
    r#"<fills count="3"><fill><patternFill patternType="none"/></fill>"#,
    r#"<fill><patternFill patternType="gray125"/></fill>"#,
    r#"<fill><patternFill patternType="solid"><fgColor rgb="FFFFC7CE"/></patternFill></fill></fills>"#,
    r#"<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>"#,
    r#"<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>"#,
    r#"<cellXfs count="4"><xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>"#,
    r#"<xf numFmtId="49" fontId="0" fillId="2" borderId="0" xfId="0" applyNumberFormat="1" applyFill="1"/>"#,
    r#"<xf numFmtId="49" fontId="1" fillId="2" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1" applyFill="1" applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf>"#,
    r#"<xf numFmtId="49" fontId="2" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/></cellXfs>"#,
    r#"<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>"#,
);

/// Writes all tables.
pub(super) fn write(kept: &Kept, marked: &Marked) -> Result<Vec<u8>, Problem> {
    let names = sheet_names(&kept.tables);
    if names.is_empty() || kept.tables.iter().any(beyond_excel) {
        return Err(too_large());
    }
    let written = package(kept, marked, &names).map_err(|_| too_large())?;
    if written.len() > limits::CORRECTION_BYTES {
        return Err(too_large());
    }
    Ok(written)
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

fn package(kept: &Kept, marked: &Marked, names: &[String]) -> io::Result<Vec<u8>> {
    let mut zip = ZipWriter::new(Bounded(Cursor::new(Vec::new())));
    // A fixed time: the bytes depend on the input alone.
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default());
    let mut part = |name: &str, body: &dyn Fn(&mut dyn Write) -> io::Result<()>| {
        zip.start_file(name, options).map_err(io::Error::other)?;
        zip.write_all(HEAD.as_bytes())?;
        body(&mut zip)
    };
    part("[Content_Types].xml", &|out| {
        content_types(out, names.len())
    })?;
    part("_rels/.rels", &|out| {
        write!(
            out,
            r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
        )
    })?;
    part("xl/workbook.xml", &|out| workbook(out, &kept.tables, names))?;
    part("xl/_rels/workbook.xml.rels", &|out| {
        relations(out, names.len())
    })?;
    part("xl/styles.xml", &|out| out.write_all(STYLES.as_bytes()))?;
    for (index, table) in kept.tables.iter().enumerate() {
        part(&format!("xl/worksheets/sheet{}.xml", index + 1), &|out| {
            sheet(out, table, index, marked)
        })?;
    }
    Ok(zip.finish().map_err(io::Error::other)?.0.into_inner())
}

/// Ends writing as soon as the result is too large.
struct Bounded(Cursor<Vec<u8>>);

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let end = self.0.position().saturating_add(bytes.len() as u64);
        if end > limits::CORRECTION_BYTES as u64 {
            return Err(io::Error::from(io::ErrorKind::FileTooLarge));
        }
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl io::Seek for Bounded {
    fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}

fn content_types(out: &mut dyn Write, sheets: usize) -> io::Result<()> {
    const KIND: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml";
    write!(
        out,
        r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="{KIND}.sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="{KIND}.styles+xml"/>"#
    )?;
    for number in 1..=sheets {
        write!(
            out,
            r#"<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="{KIND}.worksheet+xml"/>"#
        )?;
    }
    write!(out, "</Types>")
}

fn relations(out: &mut dyn Write, sheets: usize) -> io::Result<()> {
    write!(
        out,
        r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">"#
    )?;
    for number in 1..=sheets {
        write!(
            out,
            r#"<Relationship Id="rId{number}" Type="{RELATIONS}/worksheet" Target="worksheets/sheet{number}.xml"/>"#
        )?;
    }
    write!(
        out,
        r#"<Relationship Id="rId{}" Type="{RELATIONS}/styles" Target="styles.xml"/></Relationships>"#,
        sheets + 1
    )
}

/// The list of sheets. Hidden ones stay hidden: shown, they would be read as orders next time.
fn workbook(out: &mut dyn Write, tables: &[KeptTable], names: &[String]) -> io::Result<()> {
    let visible = tables.iter().position(|table| !table.hidden).unwrap_or(0);
    write!(
        out,
        r#"<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><bookViews><workbookView activeTab="{visible}"/></bookViews><sheets>"#
    )?;
    for (index, (table, name)) in tables.iter().zip(names).enumerate() {
        let number = index + 1;
        write!(out, r#"<sheet name=""#)?;
        escape(out, name)?;
        write!(out, r#"" sheetId="{number}""#)?;
        if table.hidden && index != visible {
            write!(out, r#" state="hidden""#)?;
        }
        write!(out, r#" r:id="rId{number}"/>"#)?;
    }
    write!(out, "</sheets></workbook>")
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

/// A plain negative decimal that a spreadsheet holds exactly; anything else with a minus is text.
fn is_negative(text: &str) -> bool {
    const EXACT_DIGITS: usize = 15;
    let Some(number) = text.strip_prefix('-') else {
        return false;
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    !whole.is_empty()
        && !fraction.is_empty()
        && whole.len() + fraction.len() <= EXACT_DIGITS
        && (whole == "0" || !whole.starts_with('0'))
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

/// Names that Excel opens: no `[]:*?/\`, at most 31 characters, none twice whatever their case.
fn sheet_names(tables: &[KeptTable]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for table in tables {
        let clean: String = table
            .name
            .chars()
            .map(|c| match c {
                '[' | ']' | ':' | '*' | '?' | '/' | '\\' => ' ',
                c if c.is_control() => ' ',
                c => c,
            })
            .collect();
        let clean = cut(clean.trim().trim_matches('\''), MAX_SHEET_NAME);
        let mut name = clean.clone();
        let mut number = 1;
        while name.is_empty() || is_taken(&names, &name) {
            number += 1;
            let tail = format!(" ({number})");
            let stem = if clean.is_empty() { "Sheet" } else { &clean };
            name = format!("{}{tail}", cut(stem, MAX_SHEET_NAME - tail.len()));
        }
        names.push(name);
    }
    names
}

fn is_taken(names: &[String], name: &str) -> bool {
    names
        .iter()
        .any(|taken| taken.to_lowercase() == name.to_lowercase())
}

/// The first `units` UTF-16 units, which is what Excel counts.
fn cut(text: &str, units: usize) -> String {
    let mut left = units;
    text.chars()
        .take_while(|c| {
            let fits = c.len_utf16() <= left;
            left = left.saturating_sub(c.len_utf16());
            fits
        })
        .collect()
}

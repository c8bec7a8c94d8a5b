//! HTML tables that are called `.xls`: what reporting programs send because Excel opens it.
//!
//! Each table with data is a table of ours, named by its place. The reader forgives what browsers
//! forgive (missing end tags, unquoted attributes, unknown tags) with one exception: a table that is
//! never closed means a file that was cut off, and its missing rows would be missing orders.

use super::markup::character;
use super::rows::{Range, Sink};
use super::{Step, too_large, truncated, whole_text};
use crate::formats::{CellKind, Input, ReadOptions};
use crate::limits;

const WORD: &str = "html";

/// A table as it is collected.
#[derive(Default)]
struct Table {
    rows: Vec<TableRow>,
    /// For each column, in how many more rows a cell from above covers it.
    covered: Vec<u64>,
    merged: Vec<Range>,
    column: usize,
    /// The text of the open cell.
    cell: Option<String>,
    in_row: bool,
}

#[derive(Default)]
struct TableRow {
    cells: Vec<(usize, String)>,
    hidden: bool,
}

/// The document as it is collected.
#[derive(Default)]
struct Document {
    /// All tables, in the order of their start tags.
    tables: Vec<Table>,
    /// Those that are open, outermost first.
    open: Vec<usize>,
    cells: u64,
}

/// Reads the tables of a page.
pub(super) fn read(input: &mut dyn Input, options: &ReadOptions, sink: &mut Sink<'_>) -> Step {
    let text = whole_text(input, options, WORD, b"charset")?;
    let mut document = Document::default();
    document.read(&text)?;
    if !document.open.is_empty() {
        return Err(truncated(WORD).into());
    }
    let filled = document
        .tables
        .iter()
        .filter(|table| table.rows.iter().any(|row| !row.cells.is_empty()));
    for (index, table) in filled.enumerate() {
        if sink.sheet(&format!("Table {}", index + 1), false)? {
            table.tell(sink)?;
            sink.end_sheet()?;
        }
    }
    Ok(())
}

impl Document {
    fn read(&mut self, text: &str) -> Step {
        let mut rest = text;
        while let Some(at) = rest.find('<') {
            self.text(&rest[..at]);
            rest = &rest[at..];
            if let Some(after) = rest.strip_prefix("<!--") {
                rest = after.split_once("-->").map_or("", |(_, after)| after);
                continue;
            }
            let Some((tag, after)) = split_tag(rest) else {
                // A lone `<` is text, and so is a tag that never ends.
                self.text("<");
                rest = &rest[1..];
                continue;
            };
            rest = after;
            let name = tag_name(tag);
            self.tag(&name, tag)?;
            if matches!(name.as_str(), "script" | "style") {
                rest = after_raw(rest, &name);
            }
        }
        self.text(rest);
        Ok(())
    }

    fn current(&mut self) -> Option<&mut Table> {
        let index = *self.open.last()?;
        self.tables.get_mut(index)
    }

    fn text(&mut self, raw: &str) {
        if let Some(cell) = self.current().and_then(|table| table.cell.as_mut()) {
            write_text(raw, cell);
        }
    }

    fn tag(&mut self, name: &str, tag: &str) -> Step {
        match name {
            "table" => {
                if self.open.len() >= limits::XML_DEPTH || self.tables.len() >= limits::COLUMNS {
                    return Err(too_large(WORD, "it has too many tables").into());
                }
                self.open.push(self.tables.len());
                self.tables.push(Table::default());
            }
            "/table" => {
                if let Some(table) = self.current() {
                    table.end_row();
                    self.open.pop();
                }
            }
            "tr" => {
                if let Some(table) = self.current() {
                    table.end_row();
                    table.start_row(hides(tag));
                }
            }
            "/tr" | "/thead" | "/tbody" | "/tfoot" => {
                if let Some(table) = self.current() {
                    table.end_row();
                }
            }
            "td" | "th" => {
                self.cells += 1;
                if self.cells > limits::CELLS_DENSE {
                    return Err(too_large(WORD, "it has too many cells").into());
                }
                if let Some(table) = self.current() {
                    table.start_cell(tag)?;
                }
            }
            "/td" | "/th" => {
                if let Some(table) = self.current() {
                    table.end_cell();
                }
            }
            "br" | "br/" | "/p" | "/div" | "/li" => {
                if let Some(cell) = self.current().and_then(|table| table.cell.as_mut()) {
                    cell.push('\n');
                }
            }
            _ => {}
        }
        Ok(())
    }
}

impl Table {
    fn start_row(&mut self, hidden: bool) {
        self.rows.push(TableRow {
            hidden,
            ..TableRow::default()
        });
        self.column = 0;
        self.in_row = true;
    }

    fn end_row(&mut self) {
        self.end_cell();
        if self.in_row {
            // What covers the columns behind the last cell has one row less to go, too.
            for left in self.covered.iter_mut().skip(self.column) {
                *left = left.saturating_sub(1);
            }
        }
        self.in_row = false;
    }

    fn start_cell(&mut self, tag: &str) -> Step {
        self.end_cell();
        if !self.in_row {
            self.start_row(false);
        }
        while let Some(left) = self.covered.get_mut(self.column).filter(|left| **left > 0) {
            *left -= 1;
            self.column += 1;
        }
        let columns = span(tag, "colspan");
        let rows = span(tag, "rowspan");
        let end = self.column + columns;
        if end > limits::COLUMNS {
            let detail = format!("a row has more than {} columns", limits::COLUMNS);
            return Err(too_large(WORD, &detail).into());
        }
        if self.covered.len() < end {
            self.covered.resize(end, 0);
        }
        for left in &mut self.covered[self.column..end] {
            *left = rows as u64 - 1;
        }
        let row = self.rows.len() as u64;
        if (columns > 1 || rows > 1) && self.merged.len() < limits::MERGED_RANGES {
            self.merged.push(Range {
                first_row: row,
                last_row: row + rows as u64 - 1,
                first_column: self.column,
                last_column: end - 1,
            });
        }
        if let Some(row) = self.rows.last_mut() {
            row.cells.push((self.column, String::new()));
        }
        self.column = end;
        self.cell = Some(String::new());
        Ok(())
    }

    fn end_cell(&mut self) {
        let Some(text) = self.cell.take() else {
            return;
        };
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        let text = lines.join("\n");
        let text = text.trim();
        if let Some(row) = self.rows.last_mut() {
            match row.cells.last_mut() {
                Some((_, cell)) if !text.is_empty() => text.clone_into(cell),
                _ => {
                    row.cells.pop();
                }
            }
        }
    }

    fn tell(&self, sink: &mut Sink<'_>) -> Step {
        for range in &self.merged {
            sink.merge(*range);
        }
        for (row, number) in self.rows.iter().zip(1_u64..) {
            for (column, text) in &row.cells {
                sink.put(*column, number, text, CellKind::Text)?;
            }
            sink.end_row(number, row.hidden)?;
        }
        Ok(())
    }
}

/// A tag without its brackets, and what follows it; quotes are respected.
fn split_tag(text: &str) -> Option<(&str, &str)> {
    let second = text.as_bytes().get(1)?;
    if !(second.is_ascii_alphabetic() || matches!(second, b'/' | b'!' | b'?')) {
        return None;
    }
    let mut quote = None;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match (quote, byte) {
            (None, b'>') => return Some((&text[1..at], &text[at + 1..])),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            _ => {}
        }
    }
    None
}

fn tag_name(tag: &str) -> String {
    let end = tag
        .char_indices()
        .skip(1)
        .find(|(_, c)| c.is_whitespace() || *c == '/')
        .map_or(tag.len(), |(at, _)| at);
    tag[..end].to_ascii_lowercase()
}

/// What follows the end tag of a script or style, whose text is no markup.
fn after_raw<'t>(text: &'t str, name: &str) -> &'t str {
    let end = format!("</{name}");
    text.char_indices()
        .filter(|(_, c)| *c == '<')
        .find(|(at, _)| {
            text.get(*at..at + end.len())
                .is_some_and(|found| found.eq_ignore_ascii_case(&end))
        })
        .map_or("", |(at, _)| &text[at..])
}

/// An attribute's value, quoted or not.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let lower = tag.to_ascii_lowercase();
    let mut from = 0;
    while let Some(found) = lower.get(from..)?.find(name) {
        let at = from + found;
        from = at + name.len();
        let before = lower[..at].chars().last();
        let after = tag.get(from..)?.trim_start();
        if !before.is_some_and(|c| c.is_whitespace() || c == '"' || c == '\'') {
            continue;
        }
        let Some(value) = after.strip_prefix('=') else {
            continue;
        };
        let value = value.trim_start();
        return Some(match value.chars().next() {
            Some(quote @ ('"' | '\'')) => value[1..].split(quote).next()?.to_owned(),
            _ => value.split_whitespace().next()?.to_owned(),
        });
    }
    None
}

fn span(tag: &str, name: &str) -> usize {
    attribute(tag, name)
        .and_then(|value| value.trim().parse().ok())
        .map_or(1, |span: usize| span.clamp(1, 65_536))
}

fn hides(tag: &str) -> bool {
    attribute(tag, "style").is_some_and(|style| {
        let style: String = style.chars().filter(|c| !c.is_whitespace()).collect();
        style.to_ascii_lowercase().contains("display:none")
    })
}

/// Writes text as a page shows it: white space is one blank, references are their characters.
fn write_text(raw: &str, out: &mut String) {
    let mut rest = raw;
    while let Some(at) = rest.find(|c: char| c == '&' || c.is_ascii_whitespace()) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix('&') {
            rest = write_reference(after, out);
        } else {
            rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace());
            if !out.is_empty() && !out.ends_with([' ', '\n']) {
                out.push(' ');
            }
        }
    }
    out.push_str(rest);
}

/// Writes the character that `&…;` stands for, or the `&` itself; what follows.
fn write_reference<'t>(after: &'t str, out: &mut String) -> &'t str {
    if let Some((name, rest)) = after.split_once(';').filter(|(name, _)| name.len() <= 10) {
        let found = match name.strip_prefix('#') {
            Some(digits) => character(digits),
            None => named(name),
        };
        if let Some(c) = found {
            // A blank that may not break is how tables keep empty cells open.
            out.push(if c == '\u{a0}' { ' ' } else { c });
            return rest;
        }
    }
    out.push('&');
    after
}

/// The named characters of HTML 4: Latin-1 in order from U+00A0, and the usual others.
fn named(name: &str) -> Option<char> {
    const LATIN: &str = "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg \
        macr deg plusmn sup2 sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 \
        iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave \
        Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc \
        Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc \
        euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave \
        uacute ucirc uuml yacute thorn yuml";
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "euro" => Some('€'),
        "ndash" => Some('–'),
        "mdash" => Some('—'),
        "lsquo" => Some('‘'),
        "rsquo" => Some('’'),
        "ldquo" => Some('“'),
        "rdquo" => Some('”'),
        "bull" => Some('•'),
        "hellip" => Some('…'),
        "trade" => Some('™'),
        "OElig" => Some('Œ'),
        "oelig" => Some('œ'),
        "Scaron" => Some('Š'),
        "scaron" => Some('š'),
        _ => {
            let place = LATIN.split_whitespace().position(|known| known == name)?;
            char::from_u32(0xA0 + u32::try_from(place).ok()?)
        }
    }
}

//! SYLK: the text form of old Multiplan and of programs that never forgot it, often named `.xls`.
//!
//! Lines of fields parted by `;`: `C;Y2;X1;K"text"` is a cell, `F;P3;…` its format, `P;P…` the formats.
//! Rows may come in any order, so cells are held until the end.

use std::collections::{BTreeMap, HashMap};

use super::number_format::NumberFormat;
use super::rows::Sink;
use super::{Step, damaged, too_large, whole_text};
use crate::formats::{CellKind, Input, ReadOptions};
use crate::limits;

const WORD: &str = "sylk";

/// The document as it is collected.
#[derive(Default)]
struct Document {
    formats: Vec<NumberFormat>,
    cell_formats: HashMap<(u64, usize), usize>,
    cells: BTreeMap<(u64, usize), (String, CellKind)>,
    /// Where the next record without coordinates belongs.
    row: u64,
    column: usize,
}

/// Reads a SYLK file.
pub(super) fn read(input: &mut dyn Input, options: &ReadOptions, sink: &mut Sink<'_>) -> Step {
    let text = whole_text(input, options, WORD, b"\x00")?;
    let mut document = Document {
        row: 1,
        ..Document::default()
    };
    let mut ended = false;
    for line in text.lines() {
        let mut fields = fields(line);
        match fields.next().as_deref() {
            Some("P") => document.format(fields),
            Some("F") => document.style(fields),
            Some("C") => document.cell(fields)?,
            Some("E") => {
                ended = true;
                break;
            }
            _ => {}
        }
    }
    if !ended {
        return Err(super::truncated(WORD).into());
    }
    if sink.sheet("Sheet1", false)? {
        document.tell(sink)?;
        sink.end_sheet()?;
    }
    Ok(())
}

/// The fields of a line; `;;` is a semicolon.
fn fields(line: &str) -> impl Iterator<Item = String> + '_ {
    let mut rest = Some(line);
    std::iter::from_fn(move || {
        let mut text = rest.take()?;
        let mut field = String::new();
        loop {
            match text.split_once(';') {
                None => {
                    field.push_str(text);
                    return Some(field);
                }
                Some((before, after)) => {
                    field.push_str(before);
                    if let Some(after) = after.strip_prefix(';') {
                        field.push(';');
                        text = after;
                    } else {
                        rest = Some(after);
                        return Some(field);
                    }
                }
            }
        }
    })
}

impl Document {
    fn format(&mut self, fields: impl Iterator<Item = String>) {
        for field in fields {
            if let Some(code) = field.strip_prefix('P')
                && self.formats.len() < limits::STYLES
            {
                self.formats.push(NumberFormat::of_code(code));
            }
        }
    }

    /// An F record: the format of a cell, of which the coordinates may stand before or after.
    fn style(&mut self, fields: impl Iterator<Item = String>) {
        let mut format = None;
        let mut of_cell = true;
        for field in fields {
            self.place(&field);
            if let Some(number) = field.strip_prefix('P') {
                format = number.parse().ok();
            }
            // Formats of whole rows and columns.
            of_cell &= !field.starts_with(['C', 'R', 'W']);
        }
        if let (Some(format), true) = (format, of_cell)
            && (self.cell_formats.len() as u64) < limits::CELLS_DENSE
        {
            self.cell_formats.insert((self.row, self.column), format);
        }
    }

    fn cell(&mut self, fields: impl Iterator<Item = String>) -> Step {
        let mut value = None;
        let mut formula = false;
        for field in fields {
            self.place(&field);
            if let Some(text) = field.strip_prefix('K') {
                value = Some(text.to_owned());
            }
            formula |= field.starts_with('E');
        }
        let cell = match value {
            Some(value) => self.value(&value)?,
            None if formula => (String::new(), CellKind::Uncached),
            None => return Ok(()),
        };
        if self.cells.len() as u64 >= limits::CELLS_DENSE {
            return Err(too_large(WORD, "it has too many cells").into());
        }
        self.cells.insert((self.row, self.column), cell);
        Ok(())
    }

    fn place(&mut self, field: &str) {
        if let Some(row) = field.strip_prefix('Y').and_then(|n| n.parse().ok()) {
            self.row = row;
        }
        if let Some(column) = field
            .strip_prefix('X')
            .and_then(|n| n.parse::<usize>().ok())
        {
            self.column = column.saturating_sub(1);
        }
    }

    fn value(&self, raw: &str) -> Step<(String, CellKind)> {
        if let Some(text) = raw.strip_prefix('"') {
            let text = text.strip_suffix('"').unwrap_or(text);
            // ESC and blank-colon stand for a line break.
            return Ok((text.replace("\u{1b} :", "\n"), CellKind::Text));
        }
        match raw {
            "TRUE" | "FALSE" => return Ok((raw.to_ascii_lowercase(), CellKind::Boolean)),
            _ if raw.starts_with('#') => return Ok((raw.to_owned(), CellKind::Error)),
            _ => {}
        }
        let format = self
            .cell_formats
            .get(&(self.row, self.column))
            .and_then(|format| self.formats.get(*format));
        let mut text = String::new();
        let kind = format
            .unwrap_or(&NumberFormat::General)
            .write_text(raw, false, &mut text);
        match kind {
            Some(kind) => Ok((text, kind)),
            None => Err(damaged(WORD, "a cell of numbers holds something else").into()),
        }
    }

    fn tell(self, sink: &mut Sink<'_>) -> Step {
        let mut open: Option<u64> = None;
        for ((row, column), (text, kind)) in &self.cells {
            if let Some(before) = open.replace(*row)
                && before != *row
            {
                sink.end_row(before, false)?;
            }
            sink.put(*column, *row, text, *kind)?;
        }
        open.map_or(Ok(()), |row| sink.end_row(row, false))
    }
}

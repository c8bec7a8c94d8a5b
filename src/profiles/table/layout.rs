//! Where things stand in a table: columns, places, and a row as a record.

use std::fmt::Write;

use super::super::RowSpan;
use super::super::assemble::{Locate, Record, Spot, first_reference};
use super::super::beside::{FoundCell, Joined};
use super::super::columns::{Columns, letters};
use super::super::eval::Scope;
use super::super::model::{Beside, Field, Profile, Reference};
use super::super::target::Level;
use crate::formats::{Cell, Row};
use crate::order::Origin;
use crate::problem::Place;

/// Where things stand in the table.
pub(super) struct Layout<'a> {
    pub(super) profile: &'a Profile,
    pub(super) columns: Columns,
    pub(super) sheet: Option<String>,
    pub(super) csv: bool,
    /// What references outside the rows found, each with its sheet.
    pub(super) beside: Vec<Option<(Option<String>, FoundCell)>>,
    /// Sheets joined by a key.
    pub(super) joined: Vec<Joined>,
}

/// One row as a record.
pub(super) struct RowRecord<'s> {
    pub(super) row: &'s Row<'s>,
    pub(super) layout: &'s Layout<'s>,
    /// The row of each joined sheet.
    pub(super) joined: &'s [Option<usize>],
}

impl RowRecord<'_> {
    /// A cell that stands elsewhere.
    #[cold]
    fn elsewhere(&self, reference: usize) -> Option<Cell<'_>> {
        if let Some(Some((_, found))) = self.layout.beside.get(reference) {
            return Some(found.cell());
        }
        match self.layout.profile.references.get(reference)? {
            Reference::Beside(..) => Some(Cell::text("")),
            Reference::Joined(join, column, _) => {
                let row = self.joined.get(*join).copied().flatten();
                let cell = row.and_then(|row| self.layout.joined.get(*join)?.cell(row, column));
                Some(cell.unwrap_or(Cell::text("")))
            }
            _ => None,
        }
    }

    fn place_elsewhere(&self, reference: usize) -> Option<Place> {
        if let Some(Some((sheet, found))) = self.layout.beside.get(reference) {
            let own = self.layout.sheet.as_deref();
            let mut place = found.place(sheet.as_deref().or(own));
            if self.layout.csv {
                place.cell = None;
            }
            if let Some(Reference::Beside(_, Beside::Label(_, label))) =
                self.layout.profile.references.get(reference)
            {
                place.column = Some(label.clone());
            }
            return Some(place);
        }
        let Some(Reference::Joined(join, column, header)) =
            self.layout.profile.references.get(reference)
        else {
            return None;
        };
        let row = self.joined.get(*join).copied().flatten()?;
        self.layout.joined.get(*join)?.place(row, column, header)
    }
}

impl Scope for RowRecord<'_> {
    #[inline]
    fn cell(&self, reference: usize) -> Option<Cell<'_>> {
        let Some(column) = self.layout.columns.of.get(reference).copied().flatten() else {
            return self.elsewhere(reference);
        };
        let cell = self
            .row
            .cells
            .get(column)
            .copied()
            .unwrap_or(Cell::text(""));
        Some(Cell {
            text: unguarded(cell.text),
            kind: cell.kind,
        })
    }

    fn has_kinds(&self) -> bool {
        !self.layout.csv
    }
}

impl Record for RowRecord<'_> {
    fn place(&self, reference: Option<usize>) -> Place {
        if let Some(place) = reference.and_then(|reference| self.place_elsewhere(reference)) {
            return place;
        }
        self.layout.place(self.row.number, self.row.line, reference)
    }

    fn spot(&self) -> Spot {
        Spot {
            row: self.row.number,
            line: self.row.line,
            path: None,
        }
    }

    fn ordinal(&self) -> u64 {
        self.row.number
    }
}

impl Layout<'_> {
    pub(super) fn column(&self, reference: usize) -> Option<usize> {
        self.columns.of.get(reference).copied().flatten()
    }

    /// Whether a reference finds a value outside the rows.
    pub(super) fn is_outside(&self, reference: usize) -> bool {
        matches!(self.beside.get(reference), Some(Some(_)))
            || matches!(
                self.profile.references.get(reference),
                Some(Reference::Joined(..))
            )
    }

    pub(super) fn header(&self, column: usize) -> String {
        let named = self
            .columns
            .headers
            .columns
            .get(column)
            .map(|column| column.header.clone());
        named
            .filter(|header| !header.is_empty())
            .unwrap_or_else(|| letters(column))
    }

    pub(super) fn place(&self, row: u64, line: u64, reference: Option<usize>) -> Place {
        let column = reference.and_then(|reference| self.column(reference));
        let mut place = Place::row(row);
        place.sheet.clone_from(&self.sheet);
        place.line = (self.csv && line > 0 && line != row).then_some(line);
        if let Some(column) = column {
            place.column = Some(self.header(column));
            place.cell = (!self.csv).then(|| format!("{}{row}", letters(column)));
        }
        place
    }

    /// The fields of a level: the profile's own, then those found by synonym.
    pub(super) fn fields(&self, level: Level) -> impl Iterator<Item = &Field> {
        let own = self.profile.levels.get(level).fields.iter();
        own.chain(self.columns.found.levels.get(level).fields.iter())
    }
}

impl Locate for Layout<'_> {
    fn locate(&self, spot: &Spot, level: Level, name: &str) -> Place {
        let mut fields = self.fields(level).filter(|field| field.name == name);
        self.place(spot.row, spot.line, fields.next().and_then(first_reference))
    }

    fn origin(&self, rows: &[RowSpan], _: &Spot) -> Origin {
        let mut spans = String::new();
        for RowSpan(first, last) in rows {
            if !spans.is_empty() {
                spans.push(',');
            }
            write!(spans, "{first}").unwrap_or_default();
            if first != last {
                write!(spans, "-{last}").unwrap_or_default();
            }
        }
        Origin {
            sheet: self.sheet.clone(),
            rows: Some(spans),
            ..Origin::default()
        }
    }
}

/// A file sent back for correction guards what a spreadsheet would run; the guard is ours. And
/// programs that write csv for a spreadsheet write `="0012"`, so that it keeps the zeros.
#[inline]
pub(super) fn unguarded(text: &str) -> &str {
    match text.as_bytes() {
        [b'\'', b'=' | b'+' | b'-' | b'@' | b'\t' | b'\r', ..] => text.get(1..).unwrap_or_default(),
        [b'=', b'"', inner @ .., b'"'] if !inner.contains(&b'"') => {
            text.get(2..text.len() - 1).unwrap_or_default()
        }
        _ => text,
    }
}

//! Rows that are kept because a profile refers to what stands in them: the block above a header,
//! sheets of labels and values, sheets that others are joined with.
//!
//! Bounded by [`limits::KEPT_BYTES`]; what does not fit is not found, and the field that needs it says
//! that its value is missing.

use std::collections::HashMap;

use super::columns::letters;
use super::model::Beside;
use super::synonyms::normalise;
use crate::formats::{Cell, CellKind, Row};
use crate::limits;
use crate::problem::Place;

/// One kept cell.
#[derive(Debug, Clone)]
pub(crate) struct KeptCell {
    /// Its text, blanks around it taken off.
    pub(crate) text: String,
    /// What it was.
    pub(crate) kind: CellKind,
}

/// Kept rows of one sheet.
#[derive(Debug, Clone, Default)]
pub(crate) struct Kept {
    rows: Vec<(u64, Vec<KeptCell>)>,
    bytes: usize,
}

/// A cell that was found, and where.
#[derive(Debug, Clone)]
pub(crate) struct FoundCell {
    /// What stands in it; of `Label: value` in one cell, the value.
    pub(crate) text: String,
    /// What it was.
    pub(crate) kind: CellKind,
    /// From 0.
    pub(crate) column: usize,
    /// From 1.
    pub(crate) row: u64,
}

impl FoundCell {
    /// As a cell of a record.
    pub(crate) fn cell(&self) -> Cell<'_> {
        Cell {
            text: &self.text,
            kind: self.kind,
        }
    }

    /// Where it is.
    pub(crate) fn place(&self, sheet: Option<&str>) -> Place {
        let mut place = Place::row(self.row);
        place.sheet = sheet.map(str::to_owned);
        place.cell = Some(format!("{}{}", letters(self.column), self.row));
        place
    }
}

impl Kept {
    /// Keeps a row, if there is room.
    pub(crate) fn push(&mut self, row: &Row<'_>) {
        let bytes: usize = row.cells.iter().map(|cell| cell.text.len() + 32).sum();
        if self.bytes + bytes > limits::KEPT_BYTES {
            return;
        }
        self.bytes += bytes;
        let cells = row.cells.iter().map(|cell| KeptCell {
            text: cell.text.trim().to_owned(),
            kind: cell.kind,
        });
        self.rows.push((row.number, cells.collect()));
    }

    /// The last rows, the newest at the end; fewer where there are not so many.
    pub(crate) fn last(&self, count: usize) -> &[(u64, Vec<KeptCell>)] {
        let from = self.rows.len().saturating_sub(count);
        self.rows.get(from..).unwrap_or_default()
    }

    /// All rows.
    pub(crate) fn rows(&self) -> &[(u64, Vec<KeptCell>)] {
        &self.rows
    }

    /// Forgets the last rows.
    pub(crate) fn drop_last(&mut self, count: usize) {
        self.rows.truncate(self.rows.len().saturating_sub(count));
    }

    /// Whether it has this label (normalised).
    pub(crate) fn has_label(&self, normal: &str) -> bool {
        self.label(normal).is_some()
    }

    /// What stands at `beside`; nothing where it is not there or empty. A cell that `is_label` is
    /// nobody's value.
    pub(crate) fn find(
        &self,
        beside: &Beside,
        is_label: &dyn Fn(&KeptCell) -> bool,
    ) -> Option<FoundCell> {
        match beside {
            Beside::Cell(column, row) => {
                let cells = &self.rows.iter().find(|(number, _)| number == row)?.1;
                let cell = cells.get(*column).filter(|cell| !cell.text.is_empty())?;
                Some(found(cell, *column, *row))
            }
            Beside::Label(normal, _) => {
                let (at, column, behind) = self.label(normal)?;
                let (row, cells) = self.rows.get(at)?;
                if let Some(text) = behind {
                    return Some(FoundCell {
                        text: text.to_owned(),
                        kind: CellKind::Text,
                        column,
                        row: *row,
                    });
                }
                right(cells, column, *row, is_label).or_else(|| self.below(at, column, is_label))
            }
        }
    }

    /// Where the label stands: which row, which column, and the value behind it in the same cell.
    fn label(&self, normal: &str) -> Option<(usize, usize, Option<&str>)> {
        self.rows.iter().enumerate().find_map(|(at, (_, cells))| {
            cells.iter().enumerate().find_map(|(column, cell)| {
                if normalise(&cell.text) == normal {
                    return Some((at, column, None));
                }
                let (label, value) = cell.text.split_once([':', '='])?;
                let value = value.trim();
                (normalise(label) == normal).then_some((
                    at,
                    column,
                    Some(value).filter(|value| !value.is_empty()),
                ))
            })
        })
    }

    /// The cell in the next row, unless it is a label too.
    fn below(
        &self,
        at: usize,
        column: usize,
        is_label: &dyn Fn(&KeptCell) -> bool,
    ) -> Option<FoundCell> {
        let (row, cells) = self.rows.get(at + 1)?;
        let cell = cells.get(column).filter(|cell| !cell.text.is_empty())?;
        (!ends_as_label(cell) && !is_label(cell)).then(|| found(cell, column, *row))
    }
}

/// The next filled cell of the row, unless it is the next label.
fn right(
    cells: &[KeptCell],
    column: usize,
    row: u64,
    is_label: &dyn Fn(&KeptCell) -> bool,
) -> Option<FoundCell> {
    let mut rest = cells.iter().enumerate().skip(column + 1);
    let (at, cell) = rest.find(|(_, cell)| !cell.text.is_empty())?;
    (!ends_as_label(cell) && !is_label(cell)).then(|| found(cell, at, row))
}

fn ends_as_label(cell: &KeptCell) -> bool {
    cell.kind == CellKind::Text && cell.text.ends_with(':')
}

fn found(cell: &KeptCell, column: usize, row: u64) -> FoundCell {
    FoundCell {
        text: cell.text.clone(),
        kind: cell.kind,
        column,
        row,
    }
}

/// A kept sheet whose rows are found by a key.
#[derive(Debug, Default)]
pub(crate) struct Joined {
    kept: Kept,
    sheet: String,
    columns: Vec<String>,
    rows: HashMap<String, usize>,
}

impl Joined {
    /// Indexes the rows below the first that has the header `key`.
    pub(crate) fn new(sheet: &str, kept: &Kept, key: &str) -> Self {
        let mut joined = Self {
            kept: kept.clone(),
            sheet: sheet.to_owned(),
            ..Self::default()
        };
        let mut column = None;
        for (at, (_, cells)) in joined.kept.rows.iter().enumerate() {
            match column {
                None => {
                    column = cells.iter().position(|cell| normalise(&cell.text) == key);
                    if column.is_some() {
                        joined.columns = cells.iter().map(|cell| normalise(&cell.text)).collect();
                    }
                }
                Some(column) => {
                    let key = cells.get(column).map_or("", |cell: &KeptCell| &cell.text);
                    if !key.is_empty() {
                        joined.rows.entry(key.to_owned()).or_insert(at);
                    }
                }
            }
        }
        joined
    }

    /// The row of a key.
    pub(crate) fn row(&self, key: &str) -> Option<usize> {
        self.rows.get(key.trim()).copied()
    }

    /// The cell of a row in the column of this normalised header.
    pub(crate) fn cell(&self, row: usize, column: &str) -> Option<Cell<'_>> {
        let at = self.columns.iter().position(|header| header == column)?;
        let cell = self.kept.rows.get(row)?.1.get(at)?;
        Some(Cell {
            text: &cell.text,
            kind: cell.kind,
        })
    }

    /// Where that cell is.
    pub(crate) fn place(&self, row: usize, column: &str, header: &str) -> Option<Place> {
        let number = self.kept.rows.get(row)?.0;
        let mut place = Place::row(number).column(header);
        place.sheet = Some(self.sheet.clone());
        let at = self.columns.iter().position(|found| found == column)?;
        place.cell = Some(format!("{}{number}", letters(at)));
        Some(place)
    }
}

//! Rows: the first of each table, and those about a finding.

use std::ops::ControlFlow;

use super::{Show, ShownRow, ShownTable, shown};
use crate::formats::{Flow, FormatKind, Row};
use crate::limits;
use crate::problem::Place;

impl Show {
    pub(super) fn begin_table(&mut self, name: &str) {
        self.gap = false;
        self.shown.tables.push(ShownTable {
            name: shown(name),
            ..ShownTable::default()
        });
    }

    pub(super) fn add_row(&mut self, row: &Row<'_>) -> Flow {
        if self.shown.tables.is_empty() {
            self.begin_table("");
        }
        let places = self.places_here();
        let Some(table) = self.shown.tables.last() else {
            return ControlFlow::Break(());
        };
        let near = |(_, place): &(usize, Place)| {
            let at = place.row.unwrap_or(0);
            at.abs_diff(row.number) <= limits::SHOWN_ABOUT
        };
        let head = table.rows.len() < limits::SHOWN_HEAD;
        if !(head || places.iter().any(near)) || !self.room() {
            self.left_out();
            let last = places.iter().filter_map(|(_, place)| place.row).max();
            let passed = last.unwrap_or(0) + limits::SHOWN_ABOUT < row.number;
            let single = self.format == Some(FormatKind::Csv);
            return if !self.room() || (single && passed) {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            };
        }
        let marked = self.marked(row, &places);
        if let Some(table) = self.shown.tables.last_mut() {
            table.width = table.width.max(marked.cells.len());
            table.rows.push(marked);
        }
        self.kept += 1;
        ControlFlow::Continue(())
    }

    /// The places that may be in the table that is read, with their numbers.
    fn places_here(&self) -> Vec<(usize, Place)> {
        let name = self.shown.tables.last().map(|table| table.name.as_str());
        let places = self.places.iter().enumerate();
        let here = places.filter(|(_, place)| {
            let sheet = place.sheet.as_deref().map(shown);
            place.row.is_some() && sheet.is_none_or(|sheet| Some(sheet.as_str()) == name)
        });
        here.map(|(index, place)| (index, place.clone())).collect()
    }

    fn marked(&mut self, row: &Row<'_>, places: &[(usize, Place)]) -> ShownRow {
        let mut made = ShownRow {
            number: row.number,
            gap: std::mem::take(&mut self.gap),
            mark: None,
            cells: row
                .cells
                .iter()
                .take(limits::SHOWN_CELLS)
                .map(|cell| (shown(cell.text), None))
                .collect(),
        };
        if row.cells.len() > limits::SHOWN_CELLS {
            self.shown.cut = true;
        }
        let of_row = places
            .iter()
            .filter(|(_, place)| place.row == Some(row.number));
        for (index, place) in of_row {
            let column = self.column(place);
            // A cell that is missing at the end of its row is there to be marked.
            if let Some(column) = column.filter(|column| *column < limits::SHOWN_CELLS) {
                while made.cells.len() <= column {
                    made.cells.push((String::new(), None));
                }
            }
            match column.and_then(|column| made.cells.get_mut(column)) {
                Some((_, mark)) => {
                    mark.get_or_insert(*index);
                }
                None => {
                    made.mark.get_or_insert(*index);
                }
            }
        }
        made
    }

    /// The column of a place: by its cell, by its header, or by its letter where there is none.
    fn column(&self, place: &Place) -> Option<usize> {
        if let Some(cell) = &place.cell {
            let end = cell.find(|c: char| !c.is_ascii_alphabetic());
            return letters(cell.get(..end.unwrap_or(cell.len()))?);
        }
        let header = place.column.as_deref()?;
        let rows = self.shown.tables.last().map(|table| table.rows.as_slice());
        let named = rows.unwrap_or_default().iter().find_map(|row| {
            let mut cells = row.cells.iter();
            cells.position(|(text, _)| text.trim() == header.trim())
        });
        named.or_else(|| letters(header))
    }
}

/// `C` as 2, `AA` as 26; `None` for what no spreadsheet calls a column.
fn letters(name: &str) -> Option<usize> {
    if name.is_empty() || name.len() > 3 {
        return None;
    }
    let mut number = 0;
    for letter in name.bytes() {
        if !letter.is_ascii_uppercase() {
            return None;
        }
        number = number * 26 + usize::from(letter - b'A') + 1;
    }
    number.checked_sub(1)
}

//! What is the same for all kinds of spreadsheets: rows, limits, and what is hidden or merged.
//!
//! A reader tells the cells of a row from left to right and then ends the row; [`Sink`] fills the gaps,
//! counts, and hands the row on. Limits are checked before memory is taken. Hidden content is never
//! read silently: a sender who hides a row does not expect it to be ordered, and one who forgot it
//! does not expect it to be lost, so the default is to refuse it.

use std::collections::BTreeSet;

use super::detect::Kind;
use super::{Step, cell_name, cell_place, column_name, damaged, go, too_large};
use crate::formats::{About, Cell, CellKind, FormatKind, Hidden, ReadOptions, Records, Row, Table};
use crate::limits;
use crate::problem::{Place, Problem};

/// A block of cells, columns from 0 and rows from 1, all ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) first_row: u64,
    pub(super) last_row: u64,
    pub(super) first_column: usize,
    pub(super) last_column: usize,
}

/// A cell of the row under construction: where its text ends and starts, and its kind.
#[derive(Clone, Copy)]
struct Mark {
    start: usize,
    end: usize,
    kind: CellKind,
}

const EMPTY: Mark = Mark {
    start: 0,
    end: 0,
    kind: CellKind::Text,
};

/// Takes cells, gives rows.
pub(super) struct Sink<'r> {
    records: &'r mut dyn Records,
    hidden: Hidden,
    word: &'static str,
    /// Most cells of the whole workbook.
    cells_left: u64,
    /// Most bytes of text of the whole workbook: one shared string may be told a million times.
    text_left: u64,
    tables: usize,
    sheet: Sheet,
    text: String,
    marks: Vec<Mark>,
}

/// What is known of the current sheet.
#[derive(Default)]
struct Sheet {
    name: String,
    first_row: u64,
    last_row: u64,
    hidden_columns: Vec<(usize, usize)>,
    told_columns: BTreeSet<usize>,
    skipped_rows: u64,
    first_skipped: u64,
    merged: Vec<Range>,
}

impl<'r> Sink<'r> {
    pub(super) fn new(kind: Kind, options: &ReadOptions, records: &'r mut dyn Records) -> Self {
        Self {
            records,
            hidden: options.hidden,
            word: kind.word(),
            cells_left: match kind {
                Kind::Xlsx | Kind::Xlsb => limits::CELLS_STREAMED,
                _ => limits::CELLS_DENSE,
            },
            text_left: limits::UNPACKED_BYTES,
            tables: 0,
            sheet: Sheet::default(),
            text: String::new(),
            marks: Vec::new(),
        }
    }

    /// The word that problem codes of this kind start with.
    pub(super) fn word(&self) -> &'static str {
        self.word
    }

    /// Tells what the file is, and that its name says otherwise.
    pub(super) fn begin(&mut self, format: FormatKind, differs: Option<Problem>) -> Step {
        go(self.records.begin(&About {
            format,
            encoding: None,
            dialect: None,
            separators: None,
        }))?;
        differs.map_or(Ok(()), |problem| self.tell(problem))
    }

    /// Tells a finding.
    pub(super) fn tell(&mut self, problem: Problem) -> Step {
        go(self.records.problem(problem))
    }

    /// Starts a sheet; `false` if it is to be left out because it is hidden.
    pub(super) fn sheet(&mut self, name: &str, hidden: bool) -> Step<bool> {
        let index = self.tables;
        self.tables += 1;
        self.sheet = Sheet {
            name: name.to_owned(),
            ..Sheet::default()
        };
        self.clear_row();
        if hidden && self.hidden != Hidden::Read {
            let place = Place {
                sheet: Some(name.to_owned()),
                ..Place::default()
            };
            self.tell(
                Problem::warning(
                    "sheet.hidden-sheet",
                    "The sheet is hidden and was left out.",
                )
                .at(place)
                .with_hint("Show the sheet if it belongs to the order."),
            )?;
            return Ok(false);
        }
        go(self.records.table(&Table {
            name: name.to_owned(),
            hidden,
            index,
        }))?;
        Ok(true)
    }

    /// The columns from `first` to `last` are hidden.
    pub(super) fn hide_columns(&mut self, first: usize, last: usize) {
        // Past the limit no cell is read, so that no more blocks can matter.
        if first < limits::COLUMNS && self.sheet.hidden_columns.len() < limits::COLUMNS {
            self.sheet.hidden_columns.push((first, last));
        }
    }

    /// The cells of `range` are merged.
    pub(super) fn merge(&mut self, range: Range) {
        let several = range.first_row != range.last_row || range.first_column != range.last_column;
        if several && self.sheet.merged.len() < limits::MERGED_RANGES {
            self.sheet.merged.push(range);
        }
    }

    /// A cell of the current row. Told out of order or twice, the last one counts.
    pub(super) fn put(&mut self, column: usize, row: u64, text: &str, kind: CellKind) -> Step {
        if text.is_empty() && kind == CellKind::Text {
            return Ok(());
        }
        if column >= limits::COLUMNS {
            return Err(self.too_wide(column, row).into());
        }
        if text.len() > limits::CELL_BYTES || self.text.len() + text.len() > limits::ROW_BYTES {
            let problem = too_large(self.word, "a cell or row holds a text of megabytes");
            return Err(problem.at(cell_place(&self.sheet.name, column, row)).into());
        }
        let mark = Mark {
            start: self.text.len(),
            end: self.text.len() + text.len(),
            kind,
        };
        self.text.push_str(text);
        if column < self.marks.len() {
            self.marks[column] = mark;
        } else {
            self.marks.resize(column, EMPTY);
            self.marks.push(mark);
        }
        Ok(())
    }

    /// Ends the current row, which has `number`.
    pub(super) fn end_row(&mut self, number: u64, hidden: bool) -> Step {
        if self.marks.is_empty() {
            return Ok(());
        }
        self.count(number)?;
        if hidden && !self.hidden_row(number)? {
            self.clear_row();
            return Ok(());
        }
        if !self.sheet.hidden_columns.is_empty() {
            self.hidden_cells(number)?;
        }
        let text = &self.text;
        let cells: Vec<Cell<'_>> = self
            .marks
            .iter()
            .map(|mark| Cell {
                text: text.get(mark.start..mark.end).unwrap_or_default(),
                kind: mark.kind,
            })
            .collect();
        let flow = self.records.row(&Row {
            number,
            line: 0,
            cells: &cells,
        });
        drop(cells);
        self.clear_row();
        go(flow)
    }

    /// Ends the sheet: tells what is known only now.
    pub(super) fn end_sheet(&mut self) -> Step {
        let sheet = std::mem::take(&mut self.sheet);
        if sheet.skipped_rows > 0 {
            self.tell(
                Problem::warning(
                    "sheet.hidden-row",
                    format!("{} hidden rows were left out.", sheet.skipped_rows),
                )
                .at(cell_row(&sheet.name, sheet.first_skipped)),
            )?;
        }
        let covering: Vec<&Range> = sheet
            .merged
            .iter()
            .filter(|range| {
                range.first_row <= sheet.last_row && range.last_row >= sheet.first_row.max(1)
            })
            .collect();
        if let (Some(first), true) = (covering.first(), sheet.last_row > 0) {
            let shown = format!(
                "{}:{}",
                cell_name(first.first_column, first.first_row),
                cell_name(first.last_column, first.last_row)
            );
            let message = if covering.len() == 1 {
                format!("The cells {shown} are merged; only the first of them has a value.")
            } else {
                format!(
                    "{} blocks of cells are merged, {shown} first; only the first cell of each has a value.",
                    covering.len()
                )
            };
            let place = cell_place(&sheet.name, first.first_column, first.first_row);
            self.tell(
                Problem::warning("sheet.merged", message)
                    .at(Place { row: None, ..place })
                    .with_hint("Unmerge them and fill in every cell if the value belongs to all."),
            )?;
        }
        Ok(())
    }

    /// Where a cell of the current sheet is.
    pub(super) fn place(&self, column: usize, row: u64) -> Place {
        cell_place(&self.sheet.name, column, row)
    }

    fn clear_row(&mut self) {
        self.text.clear();
        self.marks.clear();
    }

    /// Checks the row's number and takes its cells from what is left.
    fn count(&mut self, number: u64) -> Step {
        if number > limits::ROWS {
            let problem = too_large(
                self.word,
                &format!("row {number} is beyond {} rows", limits::ROWS),
            );
            return Err(problem.at(cell_row(&self.sheet.name, number)).into());
        }
        if number <= self.sheet.last_row {
            let detail = format!("row {number} comes after row {}", self.sheet.last_row);
            let problem = damaged(self.word, &detail);
            return Err(problem.at(cell_row(&self.sheet.name, number)).into());
        }
        if self.sheet.first_row == 0 {
            self.sheet.first_row = number;
        }
        self.sheet.last_row = number;
        let cells = u64::try_from(self.marks.len()).unwrap_or(u64::MAX);
        let text = u64::try_from(self.text.len()).unwrap_or(u64::MAX);
        if let (Some(cells_left), Some(text_left)) = (
            self.cells_left.checked_sub(cells),
            self.text_left.checked_sub(text),
        ) {
            self.cells_left = cells_left;
            self.text_left = text_left;
            Ok(())
        } else {
            let problem = too_large(self.word, "it has too many cells");
            Err(problem.at(cell_row(&self.sheet.name, number)).into())
        }
    }

    /// What to do with a hidden row that has data; `false` leaves it out.
    fn hidden_row(&mut self, number: u64) -> Step<bool> {
        match self.hidden {
            Hidden::Read => Ok(true),
            Hidden::Skip => {
                if self.sheet.skipped_rows == 0 {
                    self.sheet.first_skipped = number;
                }
                self.sheet.skipped_rows += 1;
                Ok(false)
            }
            Hidden::Refuse => {
                let place = cell_row(&self.sheet.name, number);
                self.tell(
                    Problem::error("sheet.hidden-row", "The row is hidden but has data.")
                        .at(place)
                        .with_hint("Show the row if it belongs to the order, else delete it."),
                )?;
                Ok(true)
            }
        }
    }

    /// What to do with cells in hidden columns.
    fn hidden_cells(&mut self, number: u64) -> Step {
        if self.hidden == Hidden::Read {
            return Ok(());
        }
        for column in 0..self.marks.len() {
            let mark = self.marks[column];
            let filled = mark.start != mark.end || mark.kind != CellKind::Text;
            let hides = |(first, last): &(usize, usize)| (*first..=*last).contains(&column);
            if !filled || !self.sheet.hidden_columns.iter().any(hides) {
                continue;
            }
            if self.hidden == Hidden::Skip {
                self.marks[column] = EMPTY;
            }
            if self.sheet.told_columns.insert(column) {
                self.hidden_column(column, number)?;
            }
        }
        Ok(())
    }

    fn hidden_column(&mut self, column: usize, row: u64) -> Step {
        let letters = column_name(column);
        // Without a row: a hidden column touches every order of the file.
        let place = Place {
            row: None,
            ..cell_place(&self.sheet.name, column, row)
        };
        let problem = if self.hidden == Hidden::Skip {
            Problem::warning(
                "sheet.hidden-column",
                format!("Column {letters} is hidden and was left out."),
            )
        } else {
            Problem::error(
                "sheet.hidden-column",
                format!("Column {letters} is hidden but has data."),
            )
            .with_hint("Show the column if it belongs to the order, else delete it.")
        };
        self.tell(problem.at(place))
    }

    fn too_wide(&self, column: usize, row: u64) -> Problem {
        too_large(
            self.word,
            &format!("a cell lies beyond {} columns", limits::COLUMNS),
        )
        .at(cell_place(&self.sheet.name, column, row))
    }
}

/// The place of a whole row.
fn cell_row(sheet: &str, row: u64) -> Place {
    Place {
        sheet: Some(sheet.to_owned()),
        row: Some(row),
        ..Place::default()
    }
}

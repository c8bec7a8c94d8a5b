//! The rows that go back, held until it is known where the titles are and how wide the table is.
//!
//! Bounded by bytes and cells as they come, so that a huge table ends early instead of filling the
//! child. Rows near the top are held in any case: the titles are among them.

use std::ops::ControlFlow;

use crate::formats::{
    About, CellKind, Element, Flow, FormatKind, Input, Interest, ReadOptions, Records, Row, Table,
    XmlName, read as read_format,
};
use crate::limits;
use crate::order::{Order, StatusUpdate};
use crate::problem::Problem;
use crate::profiles::RowSpan;

use super::{Rows, too_large};

/// What is held of a file.
#[derive(Debug, Default)]
pub(super) struct Kept {
    /// How it was written.
    pub(super) about: Option<About>,
    /// Its tables in order.
    pub(super) tables: Vec<KeptTable>,
}

/// One table.
#[derive(Debug, Default)]
pub(super) struct KeptTable {
    /// The sheet's name; empty for csv.
    pub(super) name: String,
    /// Whether the sender's screen hides it.
    pub(super) hidden: bool,
    /// Whether it went back for correction before, so that its guards are ours.
    pub(super) came_back: bool,
    /// Its rows in order.
    pub(super) rows: Vec<KeptRow>,
}

/// One row: its cells' texts in one string.
#[derive(Debug, Default)]
pub(super) struct KeptRow {
    /// As a spreadsheet numbers it.
    pub(super) number: u64,
    /// The line it starts on (csv).
    pub(super) line: u64,
    text: String,
    ends: Vec<(u32, CellKind)>,
}

impl KeptRow {
    /// How many cells it has.
    pub(super) fn width(&self) -> usize {
        self.ends.len()
    }

    /// The last column with anything in it, counted from 1.
    pub(super) fn filled_width(&self) -> usize {
        self.cells()
            .enumerate()
            .filter(|(_, (cell, _))| !cell.is_empty())
            .last()
            .map_or(0, |(column, _)| column + 1)
    }

    /// Its cells in order.
    pub(super) fn cells(&self) -> impl Iterator<Item = (&str, CellKind)> {
        let mut start = 0;
        self.ends.iter().map(move |&(end, kind)| {
            let end = end as usize;
            let cell = self.text.get(start..end).unwrap_or_default();
            start = end;
            (cell, kind)
        })
    }

    /// The row without the cells that `drop` names.
    pub(super) fn without(&self, drop: impl Fn(usize, &str) -> bool) -> Self {
        let mut left = Self {
            number: self.number,
            line: self.line,
            ..Self::default()
        };
        for (column, (cell, kind)) in self.cells().enumerate() {
            if !drop(column, cell) {
                left.push(cell, kind);
            }
        }
        left
    }

    fn push(&mut self, cell: &str, kind: CellKind) {
        self.text.push_str(cell);
        let end = u32::try_from(self.text.len()).unwrap_or(u32::MAX);
        self.ends.push((end, kind));
    }

    /// A row as the reader tells it; of a sheet without the empty cells at its end, of csv with
    /// them: there they are part of what the sender wrote.
    pub(super) fn of(row: &Row<'_>, is_sheet: bool) -> Self {
        let mut kept = Self {
            number: row.number,
            line: row.line,
            ..Self::default()
        };
        let filled = row.cells.iter().rposition(|cell| !cell.text.is_empty());
        let width = match (is_sheet, filled) {
            (false, _) => row.cells.len(),
            (true, None) => 0,
            (true, Some(last)) => last + 1,
        };
        for cell in row.cells.iter().take(width) {
            kept.push(cell.text, cell.kind);
        }
        kept
    }
}

/// Reads what is to go back.
pub(super) fn read(
    input: &mut dyn Input,
    format: FormatKind,
    options: &ReadOptions,
    rows: &Rows,
) -> Result<Kept, Problem> {
    let too_big_as_it_is = limits::CORRECTION_TEXT_BYTES as u64;
    if format == FormatKind::Csv && *rows == Rows::All && input.size() > too_big_as_it_is {
        return Err(too_large());
    }
    let mut keeper = Keeper::new(format, rows);
    let ended = read_format(format, input, options, &mut keeper);
    if keeper.overflowed {
        return Err(too_large());
    }
    ended.map_err(|cause| {
        Problem::warning(
            "correction.unreadable",
            format!(
                "The file cannot be read to its end, so it is not sent back with its rows marked: {}",
                cause.message
            ),
        )
    })?;
    Ok(keeper.kept)
}

/// The sink.
pub(super) struct Keeper {
    pub(super) kept: Kept,
    is_sheet: bool,
    /// Joined; `None` keeps all.
    spans: Option<Vec<RowSpan>>,
    bytes: usize,
    cells: usize,
    overflowed: bool,
}

impl Keeper {
    pub(super) fn new(format: FormatKind, rows: &Rows) -> Self {
        let spans = match rows {
            Rows::All => None,
            Rows::Only(spans) => Some(join(spans)),
        };
        Self {
            kept: Kept::default(),
            is_sheet: format.is_sheet(),
            spans,
            bytes: 0,
            cells: 0,
            overflowed: false,
        }
    }

    fn wants(&self, number: u64) -> bool {
        number <= limits::TITLE_ROWS
            || self
                .spans
                .as_deref()
                .is_none_or(|spans| covers(spans, number))
    }
}

/// The spans sorted and joined where they touch, so that [`covers`] looks at one of them.
pub(super) fn join(spans: &[RowSpan]) -> Vec<RowSpan> {
    let mut sorted = spans.to_vec();
    sorted.sort_by_key(|span| span.0);
    let mut joined: Vec<RowSpan> = Vec::new();
    for span in sorted {
        match joined.last_mut() {
            Some(last) if span.0 <= last.1.saturating_add(1) => last.1 = last.1.max(span.1),
            _ => joined.push(span),
        }
    }
    joined
}

/// Whether one of the joined `spans` holds `number`.
pub(super) fn covers(spans: &[RowSpan], number: u64) -> bool {
    let begun = spans.partition_point(|span| span.0 <= number);
    begun
        .checked_sub(1)
        .and_then(|last| spans.get(last))
        .is_some_and(|span| span.1 >= number)
}

impl Records for Keeper {
    fn begin(&mut self, about: &About) -> Flow {
        self.kept.about = Some(about.clone());
        ControlFlow::Continue(())
    }

    fn table(&mut self, table: &Table) -> Flow {
        self.kept.tables.push(KeptTable {
            name: table.name.clone(),
            hidden: table.hidden,
            ..KeptTable::default()
        });
        ControlFlow::Continue(())
    }

    fn row(&mut self, row: &Row<'_>) -> Flow {
        if !self.wants(row.number) {
            return ControlFlow::Continue(());
        }
        let kept = KeptRow::of(row, self.is_sheet);
        self.bytes = self.bytes.saturating_add(kept.text.len());
        self.cells = self.cells.saturating_add(kept.width());
        if self.bytes > limits::CORRECTION_TEXT_BYTES || self.cells > limits::CORRECTION_CELLS {
            self.overflowed = true;
            return ControlFlow::Break(());
        }
        if self.kept.tables.is_empty() {
            self.kept.tables.push(KeptTable::default());
        }
        if let Some(table) = self.kept.tables.last_mut() {
            table.rows.push(kept);
        }
        ControlFlow::Continue(())
    }

    fn open(&mut self, _path: &[XmlName], _attributes: &[(XmlName, String)]) -> Interest {
        Interest::Stop
    }

    fn element(&mut self, _path: &[XmlName], _element: &Element) -> Flow {
        ControlFlow::Break(())
    }

    fn text(&mut self, _path: &[XmlName], _text: &str) -> Flow {
        ControlFlow::Break(())
    }

    fn order(&mut self, _order: Order, _place: &str) -> Flow {
        ControlFlow::Break(())
    }

    fn status(&mut self, _update: StatusUpdate) -> Flow {
        ControlFlow::Break(())
    }

    /// Known from the first reading.
    fn problem(&mut self, _problem: Problem) -> Flow {
        ControlFlow::Continue(())
    }
}

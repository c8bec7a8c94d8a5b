//! The order in progress: begun with its first row, compared with those that follow, passed on.

use super::super::assemble::{Building, Record};
use super::super::columns::letters;
use super::super::findings::Findings;
use super::super::target::Level;
use super::super::values::trimmed;
use super::TableMap;
use super::doubt::is_ragged_quietly;
use super::layout::unguarded;
use crate::formats::Row;
use crate::problem::Problem;

/// The order in progress with what its next row is compared with.
pub(super) struct Group {
    pub(super) building: Building,
    pub(super) key: String,
    /// What the shipment's columns said when it began.
    pub(super) shipment: Option<Vec<String>>,
    pub(super) head: Vec<String>,
}

impl TableMap<'_> {
    pub(super) fn start(&mut self, row: &Row<'_>, findings: &mut Findings<'_>) {
        let mut head = std::mem::take(&mut self.head_before);
        texts(&self.head_columns, row, &mut head);
        let record = self.record(row);
        let mut building = Building::new(&self.mapping, record.spot(), self.lines_before);
        if !is_ragged_quietly(&self.layout, row) {
            building.fill(
                self.layout.fields(Level::Order),
                &record,
                &self.mapping,
                findings,
            );
        }
        self.current = Some(Box::new(Group {
            building,
            key: self.key.clone(),
            shipment: None,
            head,
        }));
    }

    /// What belongs to the order or shipment as a whole must not change from row to row.
    pub(super) fn compare(
        &self,
        columns: &[usize],
        first: &[String],
        group: &mut Group,
        row: &Row<'_>,
        findings: &mut Findings<'_>,
    ) {
        for (column, first) in columns.iter().zip(first) {
            let text = trimmed(row.cells.get(*column).map_or("", |cell| cell.text));
            if text.is_empty() || text == first {
                continue;
            }
            group.building.faulty = true;
            let mut place = self.layout.place(row.number, row.line, None);
            place.column = Some(self.layout.header(*column));
            place.cell = (!self.layout.csv).then(|| format!("{}{}", letters(*column), row.number));
            let first = crate::problem::excerpt(first);
            findings.problem(
                Problem::error(
                    "order.head.differs",
                    "Rows of the same order disagree in what is said once for all of them.",
                )
                .at(place)
                .with_value(text)
                .expecting(format!("“{first}”, as in the order's first row"))
                .with_hint("Correct the value, or give the row an order number of its own."),
            );
        }
    }

    /// Extras and the hash of the row's own cells.
    pub(super) fn keep(&mut self, group: &mut Group, row: &Row<'_>) {
        for column in &self.layout.columns.extra {
            let text = row
                .cells
                .get(*column)
                .map_or("", |cell| unguarded(cell.text))
                .trim();
            if !text.is_empty() {
                group.building.extra(&self.layout.header(*column), text);
            }
        }
        self.scratch.clear();
        for cell in row.cells {
            self.scratch
                .extend_from_slice(unguarded(cell.text).as_bytes());
            self.scratch.push(0x1f);
        }
        self.scratch.push(0x1e);
        group.building.hash(&self.scratch);
    }

    /// The order in progress is whole.
    pub(super) fn flush(&mut self, findings: &mut Findings<'_>) {
        let Some(group) = self.current.take() else {
            return;
        };
        self.lines_before = group.building.order.lines.len();
        self.head_before = group.head;
        let row = Row {
            number: group.building.rows.first().map_or(0, |span| span.0),
            line: 0,
            cells: &[],
        };
        let record = self.record(&row);
        let late = self.layout.fields(Level::Order);
        group
            .building
            .finish(late, &record, &self.layout, &self.mapping, findings);
    }
}

/// The texts of some columns of a row, in the room that others took.
pub(super) fn texts(columns: &[usize], row: &Row<'_>, into: &mut Vec<String>) {
    into.resize_with(columns.len(), String::new);
    for (column, text) in columns.iter().zip(into) {
        text.clear();
        text.push_str(trimmed(row.cells.get(*column).map_or("", |cell| cell.text)));
    }
}

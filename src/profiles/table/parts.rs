//! What a row adds to its order: shipments, goods, equipment, lines, status updates.

use super::super::assemble::{Building, Record};
use super::super::findings::Findings;
use super::super::model::Header;
use super::super::target::Level;
use super::super::values::trimmed;
use super::TableMap;
use super::group::{Group, texts};
use crate::formats::Row;
use crate::limits;
use crate::problem::Problem;

impl TableMap<'_> {
    /// The parts that the row adds: a shipment when its key changes, a line, goods, a status.
    pub(super) fn parts(&self, group: &mut Group, row: &Row<'_>, findings: &mut Findings<'_>) {
        let record = self.record(row);
        let (layout, mapping) = (&self.layout, &self.mapping);
        if self.is_active(Level::Shipment) {
            if self.is_next_shipment(group, row) {
                let first = group.shipment.get_or_insert_default();
                texts(&self.shipment_columns, row, first);
                if group
                    .building
                    .begin(Level::Shipment, record.spot(), findings)
                {
                    let fields = layout.fields(Level::Shipment);
                    group.building.fill(fields, &record, mapping, findings);
                }
            } else if let Some(first) = group.shipment.take() {
                self.compare(&self.shipment_columns, &first, group, row, findings);
                group.shipment = Some(first);
            }
        }
        for level in [Level::Goods, Level::Equipment, Level::Line, Level::Status] {
            if self.is_active(level) && self.says_something(level, row) {
                self.part(level, group, row, findings);
            }
            let again = &mapping.profile.levels.get(level).again;
            for (fields, columns) in again.iter().zip(&self.again[level as usize]) {
                if has_value(columns, row) && group.building.begin(level, record.spot(), findings) {
                    group
                        .building
                        .fill(fields.iter(), &record, mapping, findings);
                }
            }
        }
    }

    /// One part of a row; several, where they stand packed in one cell.
    pub(super) fn part(
        &self,
        level: Level,
        group: &mut Group,
        row: &Row<'_>,
        findings: &mut Findings<'_>,
    ) {
        let record = self.record(row);
        let own = self.mapping.profile.levels.get(level);
        let fill = |building: &mut Building, findings: &mut Findings<'_>| {
            if building.begin(level, record.spot(), findings) {
                let fields = self.layout.fields(level);
                building.fill(fields, &record, &self.mapping, findings);
            }
        };
        let Some((packed, by)) = &own.split else {
            fill(&mut group.building, findings);
            return;
        };
        let text = match self.text_of(packed, row) {
            Ok(text) => text,
            Err(why) => {
                group.building.faulty = true;
                let place = record.place(None);
                findings.problem(Problem::error("value.mapping", why).at(place));
                return;
            }
        };
        let pieces = text.split(by.as_str()).map(str::trim);
        for (count, piece) in pieces.filter(|piece| !piece.is_empty()).enumerate() {
            if count >= limits::PIECES {
                group.building.faulty = true;
                let what = format!("The cell holds more than {} parts.", limits::PIECES);
                findings.problem(Problem::error("limit.parts", what).at(record.place(None)));
                return;
            }
            if let Some(slot) = own.piece {
                group.building.remember(slot, piece);
            }
            fill(&mut group.building, findings);
        }
    }

    /// A row goes into the same shipment while the columns that tell shipments apart are equal, or
    /// empty: those that the profile names in `by`, else all that only shipments read.
    fn is_next_shipment(&self, group: &Group, row: &Row<'_>) -> bool {
        let Some(first) = &group.shipment else {
            return true;
        };
        let by = &self.shipment_by;
        self.shipment_columns
            .iter()
            .zip(first)
            .any(|(column, first)| {
                let text = trimmed(row.cells.get(*column).map_or("", |cell| cell.text));
                (by.is_empty() || by.contains(column)) && !text.is_empty() && text != first
            })
    }

    /// Whether any cell of the level has a value in this row.
    fn says_something(&self, level: Level, row: &Row<'_>) -> bool {
        let keys = self.mapping.profile.heading.header == Header::Keys;
        has_value(&self.says[level as usize], row) || (keys && self.outside[level as usize])
    }
}

/// Whether any of these columns has a value in this row.
fn has_value(columns: &[usize], row: &Row<'_>) -> bool {
    columns.iter().any(|column| {
        row.cells
            .get(*column)
            .is_some_and(|cell| !trimmed(cell.text).is_empty())
    })
}

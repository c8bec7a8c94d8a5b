//! Tables whose rows are of several kinds (`H` for heads, `L` for lines), and sheets that are all
//! labels and values.

use super::super::assemble::{Building, Record};
use super::super::findings::Findings;
use super::super::model::Field;
use super::super::target::Level;
use super::{Group, TableMap};
use crate::formats::Row;
use crate::problem::Problem;

impl TableMap<'_> {
    /// A row in a table whose rows have kinds: a head begins an order, every other row adds to it.
    pub(super) fn kind_row(&mut self, row: &Row<'_>, findings: &mut Findings<'_>) {
        let profile = self.mapping.profile;
        let Some(value) = &profile.rows.kind else {
            return;
        };
        let kind = match self.text_of(value, row) {
            Ok(kind) => kind.trim().to_owned(),
            Err(why) => return self.unknown_row(row, &why, findings),
        };
        let lost = self.take_lost(row.number);
        let head = &profile.levels.get(Level::Order).rows;
        if head.contains(&kind) {
            self.flush(findings);
            let building = Building::new(&self.mapping, self.record(row).spot(), 0);
            self.current = Some(Box::new(Group {
                building,
                key: String::new(),
                shipment: None,
                head: Vec::new(),
            }));
        }
        let Some(mut group) = self.current.take() else {
            if self.is_known_kind(&kind) {
                let why = "it stands before the first order";
                self.unknown_row(row, why, findings);
            }
            return;
        };
        group.building.row(row.number);
        group.building.faulty |= lost;
        self.fields_of_kind(&kind, &mut group, row, findings);
        self.keep(&mut group, row);
        self.current = Some(group);
    }

    fn is_known_kind(&self, kind: &str) -> bool {
        let known = |rows: &Vec<String>| rows.iter().any(|row| row == kind);
        Level::ALL
            .iter()
            .any(|level| known(&self.mapping.profile.levels.get(*level).rows))
    }

    fn fields_of_kind(
        &self,
        kind: &str,
        group: &mut Group,
        row: &Row<'_>,
        findings: &mut Findings<'_>,
    ) {
        let record = self.record(row);
        let profile = self.mapping.profile;
        for level in Level::ALL {
            let own = profile.levels.get(level);
            let of_level = own.rows.iter().any(|row| row == kind);
            let wanted = |field: &&Field| {
                if field.rows.is_empty() {
                    of_level
                } else {
                    field.rows.iter().any(|row| row == kind)
                }
            };
            let begins = of_level && level != Level::Order;
            if begins && own.split.is_some() {
                self.part(level, group, row, findings);
                continue;
            }
            if begins && !group.building.begin(level, record.spot(), findings) {
                continue;
            }
            let fields = own.fields.iter().filter(wanted);
            group
                .building
                .fill(fields, &record, &self.mapping, findings);
        }
    }

    /// A sheet of labels and values: one order without rows.
    pub(crate) fn keys(&mut self, first: u64, last: u64, findings: &mut Findings<'_>) {
        let row = Row {
            number: first,
            line: 0,
            cells: &[],
        };
        self.start(&row, findings);
        let Some(mut group) = self.current.take() else {
            return;
        };
        for number in first..=last {
            group.building.row(number);
        }
        self.parts(&mut group, &row, findings);
        let mut source = String::new();
        for (_, found) in self.layout.beside.iter().flatten() {
            source.push_str(&found.text);
            source.push('\u{1f}');
        }
        group.building.hash(source.as_bytes());
        self.current = Some(group);
        self.flush(findings);
        if findings.is_empty() {
            findings.problem(Problem::error("order.none", "The sheet has no order."));
        }
    }
}

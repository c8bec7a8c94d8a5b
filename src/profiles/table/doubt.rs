//! Rows that cannot be trusted: ragged, lost, repeated, without a number or under no header.

use super::super::RowSpan;
use super::super::columns::{Column, letters};
use super::super::findings::Findings;
use super::super::synonyms::normalise;
use super::TableMap;
use super::group::Group;
use super::layout::{Layout, unguarded};
use crate::formats::{Cell, Row};
use crate::limits;
use crate::problem::{Place, Problem, excerpt};

/// What rows of totals are called, normalised: English, German, Dutch, French, Swedish.
const TOTALS: [&str; 19] = [
    "total",
    "totals",
    "subtotal",
    "grandtotal",
    "sum",
    "summe",
    "gesamt",
    "gesamtsumme",
    "zwischensumme",
    "totaal",
    "subtotaal",
    "eindtotaal",
    "totalgeneral",
    "soustotal",
    "somme",
    "summa",
    "totalt",
    "delsumma",
    "ordertotal",
];

impl Layout<'_> {
    /// Columns that nothing names: one warning for all of them.
    pub(super) fn tell_unknown(&self, findings: &mut Findings<'_>) {
        let mut place = Place::row(self.columns.headers.row);
        place.sheet.clone_from(&self.sheet);
        let what = match self.columns.extra[..] {
            [] => return,
            [column] => {
                place.column = Some(self.header(column));
                "This column is not known; its values are kept as extra fields.".to_owned()
            }
            ref all => {
                let most = limits::NAMES_IN_MESSAGE;
                let headers = all.iter().map(|column| excerpt(&self.header(*column)));
                let mut list = headers.take(most).collect::<Vec<_>>().join(", ");
                if all.len() > most {
                    list.push_str(", …");
                }
                format!(
                    "These columns are not known; their values are kept as extra fields: {list}."
                )
            }
        };
        findings.problem(Problem::warning("table.column-unknown", what).at(place));
    }
}

impl TableMap<'_> {
    /// A row without an order number, or one that was not told, may belong to its neighbour.
    pub(super) fn doubt(&mut self) {
        if let Some(group) = &mut self.current {
            group.building.faulty = true;
        }
    }

    /// Some exports repeat the header at their end.
    pub(super) fn is_header_again(&mut self, row: &Row<'_>, findings: &mut Findings<'_>) -> bool {
        let columns = &self.layout.columns.headers.columns;
        let equal = |(column, cell): (&Column, &Cell<'_>)| column.header == cell.text.trim();
        let again = !columns.is_empty()
            && row.cells.len() >= columns.len()
            && columns.iter().zip(row.cells).all(equal);
        if again && !self.warned {
            self.warned = true;
            findings.problem(
                Problem::warning(
                    "table.header-again",
                    "The header row stands here again; it is left out.",
                )
                .at(self.layout.place(row.number, row.line, None)),
            );
        }
        again
    }

    /// A row without an order number that calls itself a total, in a table without a profile of its
    /// own. It asks for nothing, and its sender hears that it was left out.
    pub(super) fn is_total(&self, row: &Row<'_>, findings: &mut Findings<'_>) -> bool {
        if self.number.is_none() {
            return false;
        }
        let filled = row.cells.iter().filter(|cell| !cell.text.trim().is_empty());
        let total = filled
            .clone()
            .find(|cell| TOTALS.contains(&normalise(cell.text).as_str()));
        let Some(total) = total else {
            return false;
        };
        findings.problem(
            Problem::warning(
                "table.total",
                "This row looks like a total; it is left out.",
            )
            .at(self.layout.place(row.number, row.line, None))
            .with_value(total.text.trim()),
        );
        true
    }

    /// A csv row with more or fewer fields than the header has. Sheets do not store empty cells.
    pub(super) fn is_ragged(&self, row: &Row<'_>) -> Option<Problem> {
        let wanted = self.layout.columns.headers.columns.len();
        if wanted == 0 || !self.layout.csv {
            return None;
        }
        let beyond = row.cells.iter().skip(wanted);
        if row.cells.len() >= wanted && beyond.into_iter().all(|cell| cell.text.trim().is_empty()) {
            return None;
        }
        let found = row.cells.len();
        Some(
            Problem::error(
                "csv.ragged-row",
                format!("The row has {found} fields, the header has {wanted}."),
            )
            .at(self.layout.place(row.number, row.line, None))
            .expecting(format!("{wanted} fields"))
            .with_hint("Put values that contain the separator in quotes."),
        )
    }

    pub(super) fn unknown_row(&mut self, row: &Row<'_>, why: &str, findings: &mut Findings<'_>) {
        self.doubt();
        self.flush(findings);
        findings.problem(
            Problem::error(
                "value.mapping",
                format!("It cannot be told which order the row belongs to: {why}"),
            )
            .at(self.layout.place(row.number, row.line, None)),
        );
        findings.withhold(&[RowSpan(row.number, row.number)]);
    }

    /// Values that stand under no header: kept by the letter of their column.
    pub(super) fn keep_unnamed(
        &mut self,
        group: &mut Group,
        row: &Row<'_>,
        findings: &mut Findings<'_>,
    ) {
        let width = self.layout.columns.headers.columns.len();
        let closed = self.layout.profile.ends_at_gap || width == 0;
        let beyond = if closed { 0..0 } else { width..row.cells.len() };
        for column in self.layout.columns.unnamed.iter().copied().chain(beyond) {
            let text = row
                .cells
                .get(column)
                .map_or("", |cell| unguarded(cell.text))
                .trim();
            if text.is_empty() {
                continue;
            }
            group.building.extra(&letters(column), text);
            if !std::mem::replace(&mut self.warned_unnamed, true) {
                let mut place = self.layout.place(row.number, row.line, None);
                place.column = Some(letters(column));
                findings.problem(
                    Problem::warning(
                        "table.column-unnamed",
                        "A value stands in a column without a header; it is kept as an extra field.",
                    )
                    .at(place)
                    .with_value(text),
                );
            }
        }
    }

    /// The format has a problem with this row. If the row is told nevertheless, its own order is
    /// withheld; if not, both its neighbours are: it may belong to either.
    pub(crate) fn lost(&mut self, row: u64, findings: &mut Findings<'_>) {
        self.settle_lost(findings);
        self.lost_row = Some(row);
    }

    /// Whether `row` is, or follows, a row with a problem of the format.
    pub(super) fn take_lost(&mut self, row: u64) -> bool {
        let Some(lost) = self.lost_row.take() else {
            return false;
        };
        if lost != row
            && let Some(group) = &mut self.current
        {
            group.building.faulty = true;
            group.building.row(lost);
        }
        true
    }

    pub(super) fn settle_lost(&mut self, findings: &mut Findings<'_>) {
        let Some(lost) = self.lost_row.take() else {
            return;
        };
        match &mut self.current {
            Some(group) => {
                group.building.faulty = true;
                group.building.row(lost);
            }
            None => findings.withhold(&[RowSpan(lost, lost)]),
        }
    }
}

pub(super) fn is_ragged_quietly(layout: &Layout<'_>, row: &Row<'_>) -> bool {
    layout.csv && row.cells.len() < layout.columns.headers.columns.len()
}

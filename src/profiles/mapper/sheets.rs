//! Tables: which row is the header, which sheets hold orders, what to say if none does.

use super::super::columns::{Columns, Headers, letters};
use super::super::model::{Header, Profile, Sheets};
use super::super::recognise::{self, Seen};
use super::super::table::TableMap;
use super::super::unknown;
use super::{Mapper, Stage};
use crate::formats::{FormatKind, Row, Table};
use crate::limits;
use crate::problem::{Place, Problem};

impl<'a> Mapper<'a> {
    /// The next row of a table whose header is still looked for.
    pub(super) fn header_row(
        &mut self,
        table: Table,
        rows: u64,
        likely: Option<Headers>,
        row: &Row<'_>,
    ) {
        let headers = Headers::read(row);
        let seen = Seen {
            table: &table,
            headers: &headers,
            first: rows == 0,
            format: self.format.unwrap_or(FormatKind::Csv),
        };
        let Some(choice) = recognise::table(self.profiles, self.options, &seen) else {
            let likely = self.likely(likely, headers);
            self.stage = if rows + 1 < limits::HEADER_ROWS {
                Stage::Header(table, rows + 1, Some(likely))
            } else {
                self.leave(&table, Some(likely));
                Stage::Idle
            };
            return;
        };
        if !self.used.is_empty() && choice.profile.sheets != Sheets::All {
            self.second_sheet(&table, row.number);
            return;
        }
        self.choose(choice);
        self.used.push(table.name.clone());
        self.start_rows(choice.profile, &table, headers, row);
    }

    /// Which of two rows is rather the header, for the message if none is: titles and notes may
    /// stand above it.
    fn likely(&self, before: Option<Headers>, headers: Headers) -> Headers {
        let known =
            |headers: &Headers| unknown::best(self.profiles, headers).map_or(0, |(known, _)| known);
        match before {
            Some(before) if known(&before) >= known(&headers) => before,
            _ => headers,
        }
    }

    fn start_rows(&mut self, profile: &'a Profile, table: &Table, headers: Headers, row: &Row<'_>) {
        let without = profile.header == Header::None;
        let mut headers = if without { Headers::none() } else { headers };
        if profile.ends_at_gap && self.is_workbook() {
            headers.cut_at_gap();
        }
        let sheet = self.is_workbook().then(|| table.name.clone());
        let sheet_of = |problem: Problem| {
            let mut place = problem.place.clone();
            place.sheet.clone_from(&sheet);
            problem.at(place)
        };
        if let Some((_, second)) = headers.twice() {
            let header = headers
                .columns
                .get(second)
                .map_or("", |column| &column.header);
            let letter = letters(second);
            self.findings.refuse(sheet_of(
                Problem::error("table.header-twice", "Two columns have the same header.")
                    .at(Place::row(row.number).column(header))
                    .with_hint(format!("Give column {letter} a header of its own.")),
            ));
            self.findings.stop();
            return;
        }
        let columns = Columns::new(headers, profile);
        if !without && let Some(problem) = columns.missing(profile) {
            self.findings.refuse(sheet_of(problem));
            self.findings.stop();
            return;
        }
        let mapping = self.mapping(profile);
        let mut map = TableMap::new(mapping, columns, sheet, &mut self.findings);
        if without {
            map.row(row, &mut self.findings);
        }
        self.stage = Stage::Rows(Box::new(map));
    }

    /// Two sheets look like orders and the profile does not say which is meant.
    fn second_sheet(&mut self, table: &Table, row: u64) {
        let first = self.used.first().cloned().unwrap_or_default();
        let mut place = Place::row(row);
        place.sheet = Some(table.name.clone());
        self.findings.refuse(
            Problem::error(
                "sheet.ambiguous",
                format!(
                    "The sheets “{first}” and “{}” both look like orders.",
                    table.name
                ),
            )
            .at(place)
            .with_hint("Send one sheet a file, or ask for a profile that names the sheets."),
        );
        self.findings.stop();
    }

    fn leave(&mut self, table: &Table, headers: Option<Headers>) {
        if let Some(headers) = headers
            && self.unused.len() < limits::NAMES_IN_MESSAGE
        {
            self.unused.push((table.name.clone(), headers));
        }
    }

    pub(super) fn end_table(&mut self) {
        match std::mem::replace(&mut self.stage, Stage::Idle) {
            Stage::Rows(mut map) | Stage::Fixed(mut map, _) => map.end(&mut self.findings),
            Stage::Header(table, _, first) => self.leave(&table, first),
            Stage::Xml(map) => self.stage = Stage::Xml(map),
            Stage::Idle | Stage::Envelope | Stage::Message(_) => {}
        }
    }

    /// The file was read to its end: say what it lacked, and what was left out of it.
    pub(super) fn tell_nothing_found(&mut self) {
        if self.choice.is_none() && !self.json {
            let problem = match self.unused.first() {
                Some((sheet, headers)) => {
                    let mut place = Place::row(headers.row);
                    place.sheet = self.is_workbook().then(|| sheet.clone());
                    self.missing_sheet()
                        .unwrap_or_else(|| unknown::unknown_table(self.profiles, headers, place))
                }
                None => Problem::error("order.none", "The file has no orders."),
            };
            self.findings.refuse(problem);
            return;
        }
        if self.findings.is_empty() {
            self.findings.refuse(
                Problem::error("order.none", "The file has no orders.")
                    .with_hint("Below the header row there must be at least one order."),
            );
            return;
        }
        for (sheet, headers) in std::mem::take(&mut self.unused) {
            let mut place = Place::row(headers.row);
            place.sheet = Some(sheet);
            self.findings.problem(
                Problem::warning(
                    "sheet.left-out",
                    "This sheet does not look like orders; it is left out.",
                )
                .at(place),
            );
        }
    }

    /// A route's profile names a sheet that the workbook does not have.
    fn missing_sheet(&self) -> Option<Problem> {
        let format = self.format.filter(|format| format.is_sheet())?;
        let wanted = recognise::open_to(self.options, format)
            .into_iter()
            .find_map(|(_, candidate)| {
                let profile = self.profiles.find(candidate?.profile.as_deref()?)?;
                match &profile.sheets {
                    Sheets::Named(name) => Some(format!("The sheet “{name}” is missing.")),
                    Sheets::Nth(nth) => Some(format!("The workbook has no sheet number {nth}.")),
                    _ => None,
                }
            })?;
        let sheets = self.sheets.join(", ");
        let problem = Problem::error("sheet.missing", wanted);
        Some(problem.with_hint(format!("The workbook has these sheets: {sheets}.")))
    }
}

//! Tables: which row is the header, which sheets hold orders, what to say if none does.

use super::super::beside::{Joined, Kept, KeptCell};
use super::super::columns::{Columns, Headers, letters};
use super::super::model::{Header, Profile, Reference, Sheets};
use super::super::recognise::{self, Seen};
use super::super::synonyms::normalise;
use super::super::table::{After, Outside, TableMap};
use super::super::unknown;
use super::search::Search;
use super::{Mapper, Stage};
use crate::formats::{FormatKind, Row, Table};
use crate::limits;
use crate::problem::{Place, Problem};

impl<'a> Mapper<'a> {
    /// The next row of a table whose header is still looked for.
    pub(super) fn searched(&mut self, mut search: Box<Search>, row: &Row<'_>) {
        if row.cells.iter().all(|cell| cell.text.trim().is_empty()) {
            self.stage = Stage::Header(search);
            return;
        }
        search.push(row);
        if search.rows > limits::HEADER_ROWS {
            // Labels and values alone may go on for long; they are looked at when all are there.
            self.stage = Stage::Header(search);
            return;
        }
        let headers = search.headers(self.profiles.header_rows());
        let seen = Seen {
            table: &search.table,
            headers: &headers,
            above: search.rows - 1,
            format: self.format.unwrap_or(FormatKind::Csv),
        };
        let choice = match self.choice.filter(|_| search.again) {
            // Behind the end of a block, only the next block is looked for.
            Some(choice) => Some(choice).filter(|choice| recognise::begins(choice.profile, &seen)),
            None => recognise::table(self.profiles, self.options, &seen),
        };
        let Some(choice) = choice else {
            let single = headers.into_iter().next().unwrap_or_default();
            search.likely = Some(self.likely(search.likely.take(), single));
            if search.rows < limits::HEADER_ROWS || self.profiles.reads_keys() {
                self.stage = Stage::Header(search);
            } else {
                self.leave(&search);
            }
            return;
        };
        let sheets = choice.profile.heading.sheets == Sheets::All;
        if !self.used.is_empty() && !sheets && !search.again {
            self.second_sheet(&search.table, row.number);
            return;
        }
        self.choose(choice);
        if !search.again {
            self.used.push(search.table.name.clone());
        }
        self.start_rows(choice.profile, &mut search, row);
    }

    /// A table ended before its sheet did.
    pub(super) fn table_over(&mut self, mut map: Box<TableMap<'a>>, row: &Row<'_>) {
        map.end(&mut self.findings);
        let choice = self.choice.filter(|choice| choice.profile.rows.blocks);
        if choice.is_some() {
            let mut search = Box::new(Search::new(map.table().clone()));
            search.again = true;
            self.searched(search, row);
        }
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

    fn start_rows(&mut self, profile: &'a Profile, search: &mut Search, row: &Row<'_>) {
        let without = profile.heading.header == Header::None;
        let header_rows = profile.heading.header_rows;
        let mut headers = if without {
            Headers::none()
        } else {
            Headers::read(search.above.last(header_rows))
        };
        search.above.drop_last(header_rows);
        if profile.heading.synonyms && profile.heading.header == Header::Find {
            self.tell_above(&search.above);
        }
        if profile.ends_at_gap && self.is_workbook() {
            headers.cut_at_gap();
        }
        let sheet = self.is_workbook().then(|| search.table.name.clone());
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
        let Some(outside) = self.outside(profile, &search.above) else {
            return;
        };
        let mapping = self.mapping(profile);
        let table = search.table.clone();
        let mut map = TableMap::new(mapping, columns, table, sheet, outside, &mut self.findings);
        if without && map.row(row, &mut self.findings) == After::Over {
            return;
        }
        self.stage = Stage::Rows(Box::new(map));
    }

    /// A title above the header says nothing, a date of delivery may: nobody reads either, and the
    /// sender should know.
    fn tell_above(&mut self, above: &Kept) {
        let texts = above.rows().iter().flat_map(|(_, cells)| cells);
        let mut texts = texts
            .filter(|cell| !cell.text.is_empty())
            .map(|cell| &cell.text);
        let Some((first, row)) = texts.next().zip(above.rows().first()) else {
            return;
        };
        let mut place = Place::row(row.0);
        place.sheet = self
            .is_workbook()
            .then(|| self.sheets.last().cloned())
            .flatten();
        self.findings.problem(
            Problem::warning(
                "table.above-header",
                "What stands above the row with the column names is not read.",
            )
            .at(place)
            .with_value(first)
            .with_hint("If it belongs to the orders, give it a column of its own."),
        );
    }

    /// What the profile refers to outside its rows; nothing where a sheet is not there.
    fn outside(&mut self, profile: &Profile, above: &Kept) -> Option<Outside> {
        let mut outside = Outside::default();
        let is_label = |cell: &KeptCell| profile.has_label(&normalise(&cell.text));
        for reference in &profile.references {
            let found = match reference {
                Reference::Beside(None, beside) => {
                    above.find(beside, &is_label).map(|found| (None, found))
                }
                Reference::Beside(Some(sheet), beside) => {
                    let Some((name, kept)) = self.kept.get(sheet) else {
                        self.lacks_sheet(sheet);
                        return None;
                    };
                    let found = kept.find(beside, &is_label);
                    found.map(|found| (Some(name.clone()), found))
                }
                _ => None,
            };
            outside.beside.push(found);
        }
        for join in &profile.joins {
            let Some((name, kept)) = self.kept.get(&join.sheet) else {
                self.lacks_sheet(&join.sheet);
                return None;
            };
            outside.joined.push(Joined::new(name, kept, &join.key));
        }
        Some(outside)
    }

    fn lacks_sheet(&mut self, sheet: &str) {
        let sheets = self.sheets.join(", ");
        let what = format!("The sheet “{sheet}” is missing, or stands behind this one.");
        self.findings
            .refuse(Problem::error("sheet.missing", what).with_hint(format!(
                "Up to here the workbook has these sheets: {sheets}."
            )));
        self.findings.stop();
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

    fn leave(&mut self, search: &Search) {
        if let Some(headers) = &search.likely
            && !search.again
            && !self.kept.contains_key(&normalise(&search.table.name))
            && self.unused.len() < limits::NAMES_IN_MESSAGE
        {
            self.unused
                .push((search.table.name.clone(), headers.clone()));
        }
    }

    /// A sheet without a header that anybody knows may be all labels and values.
    fn keys(&mut self, search: &Search) {
        let format = self.format.unwrap_or(FormatKind::Csv);
        let choice = recognise::keys(
            self.profiles,
            self.options,
            &search.table,
            format,
            &search.above,
        );
        let Some(choice) = choice.filter(|_| !search.again) else {
            self.leave(search);
            return;
        };
        if !self.used.is_empty() && choice.profile.heading.sheets != Sheets::All {
            self.second_sheet(&search.table, 1);
            return;
        }
        self.choose(choice);
        self.used.push(search.table.name.clone());
        let columns = Columns::new(Headers::none(), choice.profile);
        let sheet = self.is_workbook().then(|| search.table.name.clone());
        let Some(outside) = self.outside(choice.profile, &search.above) else {
            return;
        };
        let mapping = self.mapping(choice.profile);
        let table = search.table.clone();
        let mut map = TableMap::new(mapping, columns, table, sheet, outside, &mut self.findings);
        let rows = search.above.rows();
        let first = rows.first().map_or(0, |row| row.0);
        let last = rows.last().map_or(0, |row| row.0);
        map.keys(first, last, &mut self.findings);
    }

    pub(super) fn end_table(&mut self) {
        if let (Some(kept), Some(name)) = (self.keeping.take(), self.sheets.last()) {
            self.kept.insert(normalise(name), (name.clone(), kept));
        }
        match std::mem::replace(&mut self.stage, Stage::Idle) {
            Stage::Rows(mut map) | Stage::Fixed(mut map, _) => map.end(&mut self.findings),
            Stage::Header(search) => self.keys(&search),
            Stage::Xml(map) => self.stage = Stage::Xml(map),
            Stage::Idle | Stage::Envelope | Stage::Wrapped(_) | Stage::Message(_) => {}
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
                match &profile.heading.sheets {
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

//! Rows → orders: one table under one profile.
//!
//! Consecutive rows that agree in the profile's grouping fields are one order, which is passed on as
//! soon as the next begins; nothing but the order in progress is held. A row that cannot be trusted
//! withholds every order it may belong to.

mod doubt;
mod group;
mod kinds;
mod layout;
mod parts;

use self::group::Group;
use self::layout::{Layout, RowRecord};
use super::assemble::Mapping;
use super::beside::{FoundCell, Joined};
use super::columns::Columns;
use super::eval::{self, Around};
use super::findings::Findings;
use super::model::{Field, Value};
use super::path::glob;
use super::target::Level;
use crate::formats::{Cell, CellKind, Row, Table};
use crate::problem::Problem;

/// A table that is being mapped.
pub(crate) struct TableMap<'a> {
    mapping: Mapping<'a>,
    table: Table,
    layout: Layout<'a>,
    /// The columns of each level in this table: a row in which all of them are empty adds no part.
    says: [Vec<usize>; 6],
    /// The order's number, where it was found by a common name and the profile groups by nothing.
    number: Option<usize>,
    /// Columns that only the head reads: equal, or empty, in all rows of an order.
    head_columns: Vec<usize>,
    /// Columns that only shipments read.
    shipment_columns: Vec<usize>,
    /// Those of them that tell shipments apart; empty: all do.
    shipment_by: Vec<usize>,
    /// In a box: every row takes it out and puts it back.
    current: Option<Box<Group>>,
    key: String,
    scratch: Vec<u8>,
    /// Lines of the order before: the next is likely to have as many.
    lines_before: usize,
    /// The room that texts of the order before took.
    head_before: Vec<String>,
    /// A row that was not told, because the format could not read it.
    lost_row: Option<u64>,
    warned: bool,
    warned_unnamed: bool,
    /// Whether any value of the level stands outside the rows.
    outside: [bool; 6],
    /// The columns of each further group of a level.
    again: [Vec<Vec<usize>>; 6],
    /// The rows of joined sheets for the present row.
    joined: Vec<Option<usize>>,
    last_row: u64,
}

/// What a table refers to outside its rows.
#[derive(Default)]
pub(crate) struct Outside {
    /// For each reference the cell that it found, with its sheet.
    pub(crate) beside: Vec<Option<(Option<String>, FoundCell)>>,
    /// For each join the sheet.
    pub(crate) joined: Vec<Joined>,
}

/// Whether a table goes on behind a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum After {
    /// It does.
    More,
    /// The row is not of this table any more.
    Over,
}

impl<'a> TableMap<'a> {
    /// Starts the rows of a table; `sheet` is its name, `None` for csv.
    pub(crate) fn new(
        mapping: Mapping<'a>,
        columns: Columns,
        table: Table,
        sheet: Option<String>,
        outside: Outside,
        findings: &mut Findings<'_>,
    ) -> Self {
        let layout = Layout {
            profile: mapping.profile,
            columns,
            csv: sheet.is_none(),
            sheet,
            joined: outside.joined,
            beside: outside.beside,
        };
        layout.tell_unknown(findings);
        let found = &layout.columns.found;
        let number = found
            .order_field("reference")
            .filter(|_| mapping.profile.group_by.is_empty());
        let mut map = Self {
            mapping,
            table,
            outside: [false; 6],
            again: Default::default(),
            joined: Vec::new(),
            last_row: layout.columns.headers.row,
            says: Default::default(),
            number,
            lines_before: 0,
            head_before: Vec::new(),
            head_columns: Vec::new(),
            shipment_columns: Vec::new(),
            shipment_by: Vec::new(),
            layout,
            current: None,
            key: String::new(),
            scratch: Vec::new(),
            lost_row: None,
            warned: false,
            warned_unnamed: false,
        };
        map.prepare();
        map
    }

    /// Decides once which levels this table has, and which columns belong to one level alone.
    fn prepare(&mut self) {
        let layout = &self.layout;
        let mut columns: [Vec<usize>; 6] = Default::default();
        for level in Level::ALL {
            let own = &mut columns[level as usize];
            let outside = &mut self.outside[level as usize];
            for field in layout.fields(level).filter(|field| matters(level, field)) {
                field.value.references(&mut |reference| {
                    own.extend(layout.column(reference));
                    *outside |= layout.is_outside(reference);
                });
            }
            if let Some((value, _)) = &layout.profile.levels.get(level).split {
                value.references(&mut |reference| own.extend(layout.column(reference)));
            }
            let again = layout.profile.levels.get(level).again.iter();
            self.again[level as usize] = again
                .map(|fields| {
                    let mut own = Vec::new();
                    for field in fields {
                        let value = &field.value;
                        value.references(&mut |reference| own.extend(layout.column(reference)));
                    }
                    own
                })
                .collect();
        }
        let below = [Level::Goods, Level::Equipment, Level::Line];
        let free = |column: &usize| {
            !below.iter().any(|level| {
                columns[*level as usize].contains(column)
                    || self.again[*level as usize]
                        .iter()
                        .any(|own| own.contains(column))
            })
        };
        let shipment: Vec<usize> = columns[Level::Shipment as usize]
            .iter()
            .copied()
            .filter(free)
            .collect();
        let head = columns[Level::Order as usize].iter().copied().filter(free);
        self.head_columns = head.filter(|column| !shipment.contains(column)).collect();
        self.head_columns.sort_unstable();
        self.head_columns.dedup();
        let level = layout.profile.levels.get(Level::Shipment);
        let by = level.by.iter().filter_map(|index| level.fields.get(*index));
        by.for_each(|field| {
            let own = &mut self.shipment_by;
            field
                .value
                .references(&mut |reference| own.extend(layout.column(reference)));
        });
        self.shipment_columns = shipment;
        self.says = columns;
    }

    /// The table as its format told it.
    pub(crate) fn table(&self) -> &Table {
        &self.table
    }

    fn is_active(&self, level: Level) -> bool {
        !self.says[level as usize].is_empty() || self.outside[level as usize]
    }

    /// The next row, unless the table ended before it.
    pub(crate) fn row(&mut self, row: &Row<'_>, findings: &mut Findings<'_>) -> After {
        let rows = &self.mapping.profile.rows;
        let gap = row.number > self.last_row + 1 || is_blank(row);
        if rows.end_at_gap && gap && self.last_row > self.layout.columns.headers.row {
            return After::Over;
        }
        if is_blank(row) || self.is_header_again(row, findings) {
            return After::More;
        }
        self.last_row = row.number;
        if !rows.end.is_empty() && is_like(row, &rows.end) {
            return After::Over;
        }
        if !rows.skip.is_empty() && is_like(row, &rows.skip) {
            return After::More;
        }
        self.join(row);
        if !self.is_wanted(row, findings) {
            return After::More;
        }
        if rows.kind.is_some() {
            self.kind_row(row, findings);
        } else {
            self.plain_row(row, findings);
        }
        After::More
    }

    /// Whether `only` lets the row pass.
    fn is_wanted(&self, row: &Row<'_>, findings: &mut Findings<'_>) -> bool {
        let Some(only) = &self.mapping.profile.rows.only else {
            return true;
        };
        match self.text_of(only, row) {
            Ok(text) => !matches!(text.trim(), "" | "false"),
            Err(why) => {
                let place = self.layout.place(row.number, row.line, None);
                findings.refuse(Problem::error("value.mapping", why).at(place));
                false
            }
        }
    }

    /// The text of a value in a row, for what is no field.
    fn text_of(&self, value: &Value, row: &Row<'_>) -> Result<String, String> {
        let record = self.record(row);
        let mapping = self.mapping;
        let unique = || super::assemble::made_up(&mapping, row.number);
        let around = Around {
            profile: mapping.profile,
            memo: &[],
            unique: &unique,
            whole: None,
            shipment: None,
        };
        let raw = eval::value(value, &record, &around)?;
        Ok(raw.map_or_else(String::new, |raw| raw.text.into_owned()))
    }

    fn record<'s>(&'s self, row: &'s Row<'s>) -> RowRecord<'s> {
        RowRecord {
            row,
            layout: &self.layout,
            joined: &self.joined,
        }
    }

    /// Finds the rows of joined sheets.
    fn join(&mut self, row: &Row<'_>) {
        let joins = &self.mapping.profile.joins;
        if joins.is_empty() {
            return;
        }
        let found = joins.iter().zip(&self.layout.joined).map(|(join, sheet)| {
            let key = self.text_of(&join.by, row).unwrap_or_default();
            sheet.row(&key)
        });
        self.joined = found.collect();
    }

    fn plain_row(&mut self, row: &Row<'_>, findings: &mut Findings<'_>) {
        let ragged = self.is_ragged(row);
        let told = self.lost_row == Some(row.number);
        let lost = self.take_lost(row.number);
        if let Err(why) = self.group_key(row) {
            self.unknown_row(row, &why, findings);
            return;
        }
        let same = self
            .current
            .as_ref()
            .is_some_and(|group| group.key == self.key);
        if !lost && self.key.is_empty() && self.is_total(row, findings) {
            return;
        }
        // Without a number every row is an order of its own; where there should be one, it may as
        // well be a row of the order above.
        let alone = self.key.is_empty();
        let same = same && !alone;
        if !same {
            if (alone && self.has_key()) || ragged.is_some() {
                self.doubt();
            }
            self.flush(findings);
            self.start(row, findings);
        }
        let Some(mut group) = self.current.take() else {
            return;
        };
        group.building.row(row.number);
        group.building.faulty |= lost;
        if let Some(problem) = ragged {
            // What is wrong with a row is told once: the format may have said more about it.
            if !told {
                findings.problem(problem);
            }
            group.building.faulty = true;
        } else {
            if same {
                let head = std::mem::take(&mut group.head);
                self.compare(&self.head_columns, &head, &mut group, row, findings);
                group.head = head;
            }
            self.parts(&mut group, row, findings);
            self.keep(&mut group, row);
            self.keep_unnamed(&mut group, row, findings);
        }
        self.current = Some(group);
    }

    /// Whether rows say which order they belong to.
    fn has_key(&self) -> bool {
        !self.layout.profile.group_by.is_empty() || self.number.is_some()
    }

    /// The values of the grouping fields, one after another, into `key`.
    fn group_key(&mut self, row: &Row<'_>) -> Result<(), String> {
        let record = RowRecord {
            row,
            layout: &self.layout,
            joined: &self.joined,
        };
        let mapping = self.mapping;
        let unique = || super::assemble::made_up(&mapping, row.number);
        let around = Around {
            profile: mapping.profile,
            memo: &[],
            unique: &unique,
            whole: None,
            shipment: None,
        };
        self.key.clear();
        let own = &mapping.profile.levels.get(Level::Order).fields;
        let write = |field: &Field, key: &mut String| -> Result<(), String> {
            if let Some(raw) = eval::field(field, &record, &around)? {
                if !key.is_empty() {
                    key.push('\u{1f}');
                }
                key.push_str(&raw.text);
            }
            Ok(())
        };
        for field in mapping
            .profile
            .group_by
            .iter()
            .filter_map(|index| own.get(*index))
        {
            write(field, &mut self.key)?;
        }
        let found = &self.layout.columns.found;
        if let Some(index) = self.number
            && let Some(field) = found.levels.get(Level::Order).fields.get(index)
        {
            write(field, &mut self.key)?;
        }
        Ok(())
    }

    /// The table is at its end.
    pub(crate) fn end(&mut self, findings: &mut Findings<'_>) {
        self.settle_lost(findings);
        self.flush(findings);
    }
}

/// A status says something only through its text or code; its numbers alone do not.
fn matters(level: Level, field: &Field) -> bool {
    level != Level::Status || matches!(field.name.as_str(), "status" | "text" | "code")
}

/// Whether nothing stands in the row: spreadsheets save `,,,` for rows that once held something.
fn is_blank(row: &Row<'_>) -> bool {
    let blank = |cell: &Cell<'_>| cell.kind == CellKind::Text && cell.text.trim().is_empty();
    row.cells.iter().all(blank)
}

/// Whether the first filled cell of the row is like one of these.
fn is_like(row: &Row<'_>, patterns: &[String]) -> bool {
    let mut filled = row.cells.iter().map(|cell| cell.text.trim());
    let Some(first) = filled.find(|text| !text.is_empty()) else {
        return false;
    };
    let first = first.to_lowercase();
    patterns.iter().any(|pattern| glob(pattern, &first))
}

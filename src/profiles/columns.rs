//! The columns of one table: its header row, met with a profile's references.

use super::beside::KeptCell;
use super::model::{Beside, Profile, Reference, Value};
use super::synonyms::{self, normalise};
use super::target::{Level, Target, level_of};
use super::text::Built;
use super::text::Shared;
use crate::problem::Problem;

/// The column that files sent back for correction carry.
const OURS: &str = "orderdockerror";

/// One column of the header row.
#[derive(Debug, Clone, Default)]
pub(crate) struct Column {
    /// As the sender wrote it.
    pub(crate) header: String,
    /// Without case, blanks and signs.
    pub(crate) normal: String,
}

/// A header row.
#[derive(Debug, Clone, Default)]
pub(crate) struct Headers {
    /// From column A on.
    pub(crate) columns: Vec<Column>,
    /// Its row; of several, the last.
    pub(crate) row: u64,
    /// The first of its rows.
    pub(crate) first_row: u64,
}

/// What each column is for.
pub(crate) struct Columns {
    /// The header row.
    pub(crate) headers: Headers,
    /// The column of each reference, of the profile first and of `found` behind.
    pub(crate) of: Vec<Option<usize>>,
    /// Fields that were found by synonym.
    pub(crate) found: Built,
    /// Columns that nothing names: kept as extras.
    pub(crate) extra: Vec<usize>,
    /// Columns without a header, which should be empty.
    pub(crate) unnamed: Vec<usize>,
}

impl Headers {
    /// Reads a header of one or several rows: what stands above each other is joined, and a title
    /// above several columns (a merged cell) counts for all of them.
    pub(crate) fn read(rows: &[(u64, Vec<KeptCell>)]) -> Self {
        let width = rows.iter().map(|(_, cells)| cells.len()).max();
        let mut headers = vec![String::new(); width.unwrap_or(0)];
        for (at, (_, cells)) in rows.iter().enumerate() {
            let mut carried = "";
            let last = at + 1 == rows.len();
            for (column, header) in headers.iter_mut().enumerate() {
                let own = cells.get(column).map_or("", |cell| &cell.text);
                if !own.is_empty() {
                    carried = own;
                }
                let text = if last { own } else { carried };
                if !text.is_empty() {
                    if !header.is_empty() {
                        header.push(' ');
                    }
                    header.push_str(text);
                }
            }
        }
        let columns = headers.into_iter().map(|header| Column {
            normal: normalise(&header),
            header,
        });
        Self {
            columns: columns.collect(),
            row: rows.last().map_or(0, |row| row.0),
            first_row: rows.first().map_or(0, |row| row.0),
        }
    }

    /// Takes off what stands behind the first empty cell.
    pub(crate) fn cut_at_gap(&mut self) {
        let gap = |column: &Column| column.header.is_empty();
        if let Some(end) = self.columns.iter().position(gap) {
            self.columns.truncate(end);
        }
    }

    /// Whether a column without a header stands before one that has one.
    pub(crate) fn has_gaps(&self) -> bool {
        let named = |column: &Column| !column.header.is_empty();
        let last = self.columns.iter().rposition(named).unwrap_or(0);
        let first = self.columns.iter().position(named).unwrap_or(0);
        !self.columns.iter().take(last).skip(first).all(named)
    }

    /// A table without one.
    pub(crate) fn none() -> Self {
        Self::default()
    }

    /// The column of this normalised header.
    pub(crate) fn find(&self, normal: &str) -> Option<usize> {
        self.columns
            .iter()
            .position(|column| !normal.is_empty() && column.normal == normal)
    }

    /// Headers that stand twice: nobody can say which is meant.
    pub(crate) fn twice(&self) -> Option<(usize, usize)> {
        let named = |column: &Column| !column.header.is_empty();
        self.columns
            .iter()
            .enumerate()
            .find_map(|(second, column)| {
                let same = |first: &Column| first.header == column.header;
                let first = self.columns.iter().take(second).position(same)?;
                named(column).then_some((first, second))
            })
    }

    /// The headers that are `wanted` as one list for a message.
    pub(crate) fn listed(&self, wanted: impl Fn(&Column) -> bool + Clone) -> String {
        let named = self
            .columns
            .iter()
            .filter(|column| !column.header.is_empty() && wanted(column));
        let most = crate::limits::NAMES_IN_MESSAGE;
        let mut list: Vec<String> = named
            .clone()
            .take(most)
            .map(|column| crate::problem::excerpt(&column.header))
            .collect();
        if named.count() > most {
            list.push("…".to_owned());
        }
        list.join(", ")
    }

    /// How well the profile's references fit: columns named, columns there.
    pub(crate) fn score(&self, profile: &Profile) -> (usize, usize) {
        let named = self
            .columns
            .iter()
            .filter(|column| !column.header.is_empty());
        let ours = |column: &&Column| column.normal == OURS;
        let total = named.clone().filter(|column| !ours(column)).count();
        let known = named.filter(|column| profile.knows(column)).count();
        (known, total)
    }

    fn column_of(&self, reference: &Reference) -> Option<usize> {
        match reference {
            Reference::Header(normal, _) => self.find(normal),
            Reference::Exact(header) => self
                .columns
                .iter()
                .position(|column| column.header == *header),
            Reference::Letter(index) => Some(*index),
            Reference::Path(_)
            | Reference::Segment(_)
            | Reference::Beside(..)
            | Reference::Joined(..) => None,
        }
    }
}

impl Profile {
    /// Whether a text (normalised) is a label that it refers to.
    pub(super) fn has_label(&self, normal: &str) -> bool {
        self.references.iter().any(|reference| {
            matches!(reference, Reference::Beside(_, Beside::Label(label, _)) if label == normal)
        })
    }

    /// Whether it does something with a column of this header.
    pub(super) fn knows(&self, column: &Column) -> bool {
        let by_name = self.references.iter().any(|reference| match reference {
            Reference::Header(normal, _) => *normal == column.normal,
            Reference::Exact(header) => *header == column.header,
            _ => false,
        });
        by_name
            || self.ignore.contains(&column.normal)
            || (self.heading.synonyms && synonyms::field(&column.header).is_some())
    }
}

impl Columns {
    /// Meets `headers` with `profile`.
    pub(crate) fn new(headers: Headers, profile: &Profile) -> Self {
        let mut of: Vec<Option<usize>> = profile
            .references
            .iter()
            .map(|reference| headers.column_of(reference))
            .collect();
        let mut found = Built::default();
        let mut extra = Vec::new();
        let mut unnamed = Vec::new();
        for (index, column) in headers.columns.iter().enumerate() {
            let used = of.contains(&Some(index));
            if !used && column.header.is_empty() {
                unnamed.push(index);
                continue;
            }
            if used || column.normal == OURS || profile.ignore.contains(&column.normal) {
                continue;
            }
            match synonym(&column.header, profile, &found) {
                Some((level, name, target)) => {
                    let mut field = super::text::empty_field(name, target, &shared(profile));
                    field.value = Value::Reference(of.len());
                    of.push(Some(index));
                    found.push(level, field);
                }
                None => extra.push(index),
            }
        }
        Self {
            headers,
            of,
            found,
            extra,
            unnamed,
        }
    }

    /// Required columns that are not there.
    pub(crate) fn missing(&self, profile: &Profile) -> Option<Problem> {
        let mut names: Vec<&str> = Vec::new();
        for (normal, header) in &profile.heading.recognise.required {
            if self.headers.find(normal).is_none() {
                names.push(header);
            }
        }
        for level in Level::ALL {
            for field in &profile.levels.get(level).fields {
                if field.required && field.default.is_none() && !field.value.stands_alone() {
                    let mut there = false;
                    let mut first = None;
                    field.value.references(&mut |reference| {
                        let outside = matches!(
                            profile.references.get(reference),
                            Some(Reference::Beside(..) | Reference::Joined(..))
                        );
                        there |= outside || self.of.get(reference).copied().flatten().is_some();
                        first = first.or(profile.references.get(reference));
                    });
                    if !there
                        && let Some(Reference::Header(_, name) | Reference::Exact(name)) = first
                    {
                        names.push(name);
                    }
                }
            }
        }
        if profile.heading.synonyms
            && self.found.order_field("reference").is_none()
            && names.is_empty()
        {
            names.push("order number");
        }
        names.dedup();
        if names.is_empty() {
            return None;
        }
        let quoted: Vec<String> = names.iter().map(|name| format!("“{name}”")).collect();
        let (noun, verb) = if names.len() == 1 {
            ("column", "is")
        } else {
            ("columns", "are")
        };
        Some(
            Problem::error(
                "table.column-missing",
                format!("The {noun} {} {verb} missing.", quoted.join(", ")),
            )
            .at(crate::problem::Place::row(self.headers.row))
            .with_hint(format!(
                "The file has these columns: {}.",
                self.headers.listed(|_| true)
            )),
        )
    }
}

fn shared(profile: &Profile) -> Shared {
    Shared {
        numbers: profile.numbers,
        dates: profile.dates.clone(),
        namespaces: None,
        json: false,
        segments: false,
        tables: Vec::new(),
        joins: Vec::new(),
    }
}

/// The field that a header means by its common names, if none of the same is there yet.
fn synonym(
    header: &str,
    profile: &Profile,
    found: &Built,
) -> Option<(Level, &'static str, Target)> {
    if !profile.heading.synonyms {
        return None;
    }
    let (level, name) = level_of(synonyms::field(header)?);
    let target = Target::find(level, name)?;
    found
        .field(level, name)
        .is_none()
        .then_some((level, name, target))
}

/// `0` is `A`, `26` is `AA`.
pub(crate) fn letters(index: usize) -> String {
    let mut rest = index + 1;
    let mut letters = Vec::new();
    while rest > 0 {
        let digit = u8::try_from((rest - 1) % 26).unwrap_or(0);
        letters.push(char::from(b'A' + digit));
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().collect()
}

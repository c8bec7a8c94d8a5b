//! What is wrong *in* a file: the sender's turn.
//!
//! A problem says where (in the sender's own terms), what stands there, what was expected and what
//! to do about it. Codes are stable and dotted, so that people can look them up and programs can
//! count them. Problems go into reports and are never retried; what went wrong *around* a file is a
//! [`crate::failure::Failure`]. No function returns both.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::limits;

/// Whether the finding stops its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth telling; the order goes on.
    Warning,
    /// The order, or the whole file, is withheld.
    Error,
}

/// One finding. Build with [`Problem::error`] or [`Problem::warning`] and the `with_` methods.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Does it stop the order?
    pub severity: Severity,
    /// Stable and dotted: `csv.ragged-row`, `order.reference.missing`.
    pub code: Cow<'static, str>,
    /// One sentence for a person who never saw orderdock.
    pub message: Cow<'static, str>,
    /// Where in the file.
    #[serde(default, skip_serializing_if = "Place::is_empty")]
    pub place: Place,
    /// What stands there, cut and cleaned by [`excerpt`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// What was expected instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<Cow<'static, str>>,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<Cow<'static, str>>,
}

impl Problem {
    /// A finding that withholds its order or file.
    #[must_use]
    pub fn error(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Severity::Error, code, message.into())
    }

    /// A finding worth telling that stops nothing.
    #[must_use]
    pub fn warning(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Severity::Warning, code, message.into())
    }

    fn new(severity: Severity, code: &'static str, message: Cow<'static, str>) -> Self {
        Self {
            severity,
            code: Cow::Borrowed(code),
            message,
            place: Place::default(),
            value: None,
            expected: None,
            hint: None,
        }
    }

    /// Where it is.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.place = place;
        self
    }

    /// What stands there; cut to a displayable excerpt.
    #[must_use]
    pub fn with_value(mut self, value: &str) -> Self {
        self.value = Some(excerpt(value));
        self
    }

    /// What was expected.
    #[must_use]
    pub fn expecting(mut self, expected: impl Into<Cow<'static, str>>) -> Self {
        self.expected = Some(expected.into());
        self
    }

    /// What to do.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<Cow<'static, str>>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Whether it withholds its order.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.place.is_empty() {
            write!(f, "{}: ", self.place)?;
        }
        f.write_str(&self.message)?;
        if let Some(value) = &self.value {
            write!(f, " Found “{value}”.")?;
        }
        if let Some(expected) = &self.expected {
            write!(f, " Expected {expected}.")?;
        }
        if let Some(hint) = &self.hint {
            write!(f, " {hint}")?;
        }
        Ok(())
    }
}

/// Where a finding is, as the sender sees the file. All parts optional; rows, lines and columns
/// count from 1 as editors and spreadsheets do.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Place {
    /// The member's name, where a mail or archive holds several files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member: Option<String>,
    /// The sheet's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// The row as a spreadsheet numbers it; the header is row 1 of a plain table.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<u64>,
    /// The sender's own column header (or letter, without a header).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// The cell of a sheet: `C7`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cell: Option<String>,
    /// Line of a text file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// Character in that line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub character: Option<u64>,
    /// Path of an XML element or JSON value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// EDIFACT or X12 segment, such as `NAD+BY (segment 7)`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub segment: Option<String>,
}

impl Place {
    /// A row of a table.
    #[must_use]
    pub fn row(row: u64) -> Self {
        Self {
            row: Some(row),
            ..Self::default()
        }
    }

    /// A line and character of a text.
    #[must_use]
    pub fn line(line: u64, character: Option<u64>) -> Self {
        Self {
            line: Some(line),
            character,
            ..Self::default()
        }
    }

    /// An XML or JSON path.
    #[must_use]
    pub fn path(path: impl Into<String>) -> Self {
        Self {
            path: Some(path.into()),
            ..Self::default()
        }
    }

    /// The same place with a column header.
    #[must_use]
    pub fn column(mut self, header: impl Into<String>) -> Self {
        self.column = Some(header.into());
        self
    }

    /// Whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts: Vec<String> = Vec::new();
        if let Some(member) = &self.member {
            parts.push(excerpt(member));
        }
        match (&self.sheet, &self.cell) {
            (Some(sheet), Some(cell)) => parts.push(format!("{}!{cell}", excerpt(sheet))),
            (Some(sheet), None) => parts.push(format!("sheet {}", excerpt(sheet))),
            (None, Some(cell)) => parts.push(format!("cell {cell}")),
            (None, None) => {}
        }
        if let (Some(row), None) = (self.row, &self.cell) {
            parts.push(format!("row {row}"));
        }
        if let Some(column) = &self.column {
            parts.push(format!("column “{}”", excerpt(column)));
        }
        if let Some(line) = self.line {
            parts.push(match self.character {
                Some(character) => format!("line {line}:{character}"),
                None => format!("line {line}"),
            });
        }
        if let Some(path) = &self.path {
            parts.push(path.clone());
        }
        if let Some(segment) = &self.segment {
            parts.push(segment.clone());
        }
        f.write_str(&parts.join(", "))
    }
}

/// A value as it may be shown: control characters as escapes, at most
/// [`limits::EXCERPT_CHARS`] characters.
#[must_use]
pub fn excerpt(value: &str) -> String {
    let mut shown = String::new();
    for (count, c) in value.chars().enumerate() {
        if count == limits::EXCERPT_CHARS {
            shown.push('…');
            break;
        }
        if c.is_control() || is_bidi_control(c) {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// Characters that change the direction of the text around them and so can disguise a name.
fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

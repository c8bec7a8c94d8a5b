//! Ids: text, even where a spreadsheet holds something else.
//!
//! An id that a spreadsheet has turned into a rounded number or a date is lost; it is refused and
//! never repaired.

use std::borrow::Cow;

use super::{ValueFault, number};
use crate::formats::{Cell, CellKind};

/// The id in `cell`, blanks around it taken off, zeros in front kept.
///
/// # Errors
/// `id.exponent` for a number that has lost digits, `id.date` and `id.boolean` for what a
/// spreadsheet made of an id, `cell.error` and `cell.uncached` for cells without a value.
pub fn id_text<'a>(cell: &Cell<'a>) -> Result<Cow<'a, str>, ValueFault> {
    let text = super::trimmed(cell.text);
    match cell.kind {
        CellKind::Text if may_be_exponent(text) && number::is_exponent(text) => Err(exponent()),
        CellKind::Text => Ok(Cow::Borrowed(text)),
        CellKind::Number if number::is_exponent(text) => Err(exponent()),
        CellKind::Number => Ok(Cow::Borrowed(text.strip_suffix(".0").unwrap_or(text))),
        CellKind::Imprecise => Err(exponent()),
        CellKind::Date => Err(changed("id.date", "a date")),
        CellKind::Boolean => Err(changed("id.boolean", "a truth value")),
        CellKind::Error | CellKind::Uncached => Err(no_value(cell.kind)),
    }
}

/// Cheap look before the exact one: ids are rarely digits with an `E` among them.
fn may_be_exponent(text: &str) -> bool {
    text.as_bytes()
        .first()
        .is_some_and(|b| b.is_ascii_digit() || *b == b'-')
        && memchr::memchr2(b'E', b'e', text.as_bytes()).is_some()
}

#[cold]
fn exponent() -> ValueFault {
    ValueFault::new(
        "id.exponent",
        "A spreadsheet has turned this id into a rounded number; its last digits are lost.",
        "the id as text, with all its digits",
    )
    .hint("Format the column as text, enter the ids again and save.")
}

#[cold]
fn changed(code: &'static str, into: &str) -> ValueFault {
    ValueFault::new(
        code,
        format!("A spreadsheet has turned this id into {into}."),
        "the id as text",
    )
    .hint("Format the column as text, enter the ids again and save.")
}

#[cold]
fn no_value(kind: CellKind) -> ValueFault {
    if kind == CellKind::Error {
        return ValueFault::new("cell.error", "The cell holds a formula error.", "an id")
            .hint("Correct the formula, or enter the value itself.");
    }
    ValueFault::new(
        "cell.uncached",
        "The cell holds a formula whose result is not saved in the file.",
        "an id",
    )
    .hint("Open the file in a spreadsheet program, let it calculate, and save it.")
}

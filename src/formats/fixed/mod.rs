//! Fixed width text: each line a record whose fields stand at fixed places.
//!
//! Where the places are, only the profile knows: a line is told as a row of one cell, and the
//! mapping cuts it. Never recognised by its bytes; it is read as such where a profile or a person
//! says so.

use super::encoding::{self, Text};
use super::lines::Lines;
use super::{About, Cell, FormatKind, Input, ReadOptions, Records, Row, Table};
use crate::problem::Problem;

/// Reads fixed width text into `records`.
///
/// # Errors
/// The problem that ended reading.
pub fn read(
    input: &mut dyn Input,
    options: &ReadOptions,
    records: &mut dyn Records,
) -> Result<(), Problem> {
    let decision = encoding::decide(input, options.encoding.as_deref(), FormatKind::Fixed)?;
    let mut lines = Lines::new(Text::open(input, &decision)?);
    let about = About {
        format: FormatKind::Fixed,
        encoding: Some(decision.encoding.name().to_owned()),
        dialect: None,
        separators: None,
    };
    if records.begin(&about).is_break() {
        return Ok(());
    }
    if let Some(warning) = decision.warning.clone()
        && records.problem(warning).is_break()
    {
        return Ok(());
    }
    let table = Table {
        name: String::new(),
        hidden: false,
        index: 0,
    };
    if records.table(&table).is_break() {
        return Ok(());
    }
    while let Some((number, line)) = lines.next()? {
        // Old systems end their files with a control character of their own.
        let line = line.trim_end_matches(['\x1A', '\0']);
        if line.trim().is_empty() {
            continue;
        }
        let row = Row {
            number,
            line: number,
            cells: &[Cell::text(line)],
        };
        if records.row(&row).is_break() {
            return Ok(());
        }
    }
    Ok(())
}

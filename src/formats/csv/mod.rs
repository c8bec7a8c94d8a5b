//! Delimited text, as RFC 4180 describes it and as real systems write it.
//!
//! Promises: the delimiter and quote are found from the first rows unless declared; every kind of
//! line end is taken, also mixed; a row's number is the one a spreadsheet shows, its line the one
//! an editor shows; cells are borrowed from one buffer, so that a file of any size costs the same
//! memory; a quote that is never closed is found without reading the file into memory.
//!
//! Never: judging a row against the header, trimming, or guessing what a cell means. A zero byte in
//! a cell is handed on; whether a field may hold one is the mapping's to say.

mod dialect;
mod reader;
mod scan;
#[cfg(test)]
mod tests;

use super::encoding::{self, Text};
use super::{About, FormatKind, Input, ReadOptions, Records, Table};
use crate::problem::Problem;

/// Reads a csv file into `records`.
///
/// # Errors
/// The problem that ended reading.
pub fn read(
    input: &mut dyn Input,
    options: &ReadOptions,
    records: &mut dyn Records,
) -> Result<(), Problem> {
    let decision = encoding::decide(input, options.encoding.as_deref(), FormatKind::Csv)?;
    let reader = reader::Reader::new(Text::open(input, &decision)?)?;
    let found = dialect::find(reader.sample(), options)?;
    let about = About {
        format: FormatKind::Csv,
        encoding: Some(decision.encoding.name().to_owned()),
        dialect: Some(found.told()),
        separators: None,
    };
    if records.begin(&about).is_break() {
        return Ok(());
    }
    for warning in decision.warning.into_iter().chain(found.warning()) {
        if records.problem(warning).is_break() {
            return Ok(());
        }
    }
    let table = Table {
        name: String::new(),
        hidden: false,
        index: 0,
    };
    if records.table(&table).is_break() {
        return Ok(());
    }
    reader.rows(&found, records)
}

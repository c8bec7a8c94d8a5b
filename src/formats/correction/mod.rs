//! The file that goes back to the sender, ready to fix: their own table with the wrong rows marked.
//!
//! The table is read again with the same options and written anew: csv as csv in its own dialect,
//! every workbook as xlsx. Values are the sender's, unchanged, except that a cell a spreadsheet
//! would run as a formula gets a guard in front ([`defuse`]). What is wrong stands in a last column
//! titled [`ERROR_COLUMN`]. When the file comes back, that column is left out ([`is_marker`] finds
//! it where the file has no titles) and the guards are taken off again ([`undefuse`]).
//!
//! Reads the sender's bytes, so it runs in the jail: no files, no threads, bounded memory. Never
//! returns half a table: what cannot be sent back whole is a [`Problem`] that says why.

mod guard;
mod keep;
mod mark;
mod text;
mod workbook;

#[cfg(test)]
mod tests;

use crate::limits;
use crate::problem::Problem;
use crate::profiles::RowSpan;

use super::{FormatKind, Input, ReadOptions};

pub use guard::{defuse, undefuse};

/// The title of the column that says what is wrong in a row.
pub const ERROR_COLUMN: &str = "orderdock_error";

/// Which rows go back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rows {
    /// All: nothing of the file was used.
    All,
    /// Only these, with all that stands above the titles: the other orders are on their way.
    Only(Vec<RowSpan>),
}

/// A file for the sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction {
    /// What to call it: `orders.to-fix.csv`.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Writes the file to fix for `input`, which is a `format` read with `options` and has `problems`.
///
/// # Errors
/// A warning that says why there is none: not a table, unreadable to the end, or larger than
/// [`limits::CORRECTION_BYTES`].
pub fn write(
    input: &mut dyn Input,
    format: FormatKind,
    options: &ReadOptions,
    problems: &[Problem],
    rows: &Rows,
) -> Result<Correction, Problem> {
    if !format.is_table() {
        return Err(Problem::warning(
            "correction.not-a-table",
            "A file of this kind is corrected where it was made, so none is sent back to fix.",
        ));
    }
    let name = name_for(input.name(), format);
    let mut kept = keep::read(input, format, options, rows)?;
    let marked = mark::mark(&mut kept, problems, rows);
    let bytes = if format == FormatKind::Csv {
        text::write(&kept, &marked, options)?
    } else {
        workbook::write(&kept, &marked)?
    };
    Ok(Correction { name, bytes })
}

/// Whether a cell is one of ours in a file without titles, or behind a row of the wrong length.
#[must_use]
pub fn is_marker(cell: &str) -> bool {
    cell.strip_prefix(ERROR_COLUMN)
        .is_some_and(|rest| rest.starts_with(':'))
}

/// `Orders.XLS` ▸ `Orders.to-fix.xlsx`. The stem is the sender's, without what no system allows in
/// a name; a file that was sent back before keeps its name.
fn name_for(original: &str, format: FormatKind) -> String {
    const STEM_CHARS: usize = 60;
    let last = original.rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = last.rsplit_once('.').map_or(last, |(stem, _)| stem);
    let stem = stem.strip_suffix(".to-fix").unwrap_or(stem);
    let clean: String = stem
        .chars()
        .filter(|c| !c.is_control() && !"<>:\"|?*".contains(*c))
        .take(STEM_CHARS)
        .collect();
    let clean = clean.trim_matches(['.', ' ']);
    let clean = if clean.is_empty() { "orders" } else { clean };
    let extension = if format == FormatKind::Csv {
        "csv"
    } else {
        "xlsx"
    };
    format!("{clean}.to-fix.{extension}")
}

/// The one reason for every bound here.
fn too_large() -> Problem {
    Problem::warning(
        "correction.too-large",
        format!(
            "The file is too large to send back with its rows marked; that is done up to {} MB.",
            limits::CORRECTION_BYTES >> 20
        ),
    )
    .with_hint("Please correct the rows in your own file.")
}

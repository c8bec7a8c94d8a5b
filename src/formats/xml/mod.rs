//! XML 1.0 with namespaces, read as a stream.
//!
//! Promises: a document is well-formed or it is refused with line and column; only elements that
//! the sink wants as records are built as trees; depth, attributes, texts, tags and records are
//! bounded before memory is taken; line ends are normalised as the standard says (2.11).
//!
//! Never: fetching anything, expanding an entity beyond the five of the standard, reading a DTD. A
//! DOCTYPE that only names an external DTD, as genuine cXML orders carry it, is named and ignored.

mod attributes;
mod names;
mod problems;
mod source;
#[cfg(test)]
mod tests;
mod text;
mod tree;
mod walk;

use super::encoding::{self, Text};
use super::{About, FormatKind, Input, ReadOptions, Records};
use crate::problem::Problem;

/// Reads an XML file into `records`.
///
/// # Errors
/// The problem that ended reading.
pub fn read(
    input: &mut dyn Input,
    options: &ReadOptions,
    records: &mut dyn Records,
) -> Result<(), Problem> {
    let decision = encoding::decide(input, options.encoding.as_deref(), FormatKind::Xml)?;
    let about = About {
        format: FormatKind::Xml,
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
    let source = source::Source::new(Text::open(input, &decision)?);
    walk::Walk::new(source, records)
        .run()
        .map_err(problems::advised)
}

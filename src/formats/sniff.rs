//! What a file is, by its content.
use super::{FormatKind, Input};
use crate::problem::Problem;
/// The format of `input` by content; `forced` (an extension) overrides.
///
/// # Errors
/// A problem that names what the file is instead, where it is nothing we read.
pub fn sniff(_input: &mut dyn Input, forced: Option<FormatKind>) -> Result<FormatKind, Problem> {
    Ok(forced.unwrap_or(FormatKind::Csv))
}

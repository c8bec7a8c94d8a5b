//! What a file is, by its content.
use super::{FormatKind, Input};
use crate::problem::Problem;
/// x
/// # Errors
/// x
pub fn sniff(_input: &mut dyn Input, forced: Option<FormatKind>) -> Result<FormatKind, Problem> {
    Ok(forced.unwrap_or(FormatKind::Csv))
}

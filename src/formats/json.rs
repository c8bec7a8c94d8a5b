//! json.
use super::{Input, ReadOptions, Records};
use crate::problem::Problem;
/// Reads.
///
/// # Errors
/// The problem that ended reading.
pub fn read(
    _input: &mut dyn Input,
    _options: &ReadOptions,
    _records: &mut dyn Records,
) -> Result<(), Problem> {
    Ok(())
}

//! The guard against formulas (OWASP "CSV injection").
//!
//! A spreadsheet runs a cell that starts with `=`, `+`, `-`, `@`, a tab or a line break, or with a
//! full-width form of these, which some versions fold to ASCII. A `'` in front makes it text. Both
//! ways are exact: what was guarded comes back as it was, also if it began with `'` before.

use std::borrow::Cow;

const GUARD: char = '\'';

/// `cell` so that no spreadsheet runs it.
#[must_use]
pub fn defuse(cell: &str) -> Cow<'_, str> {
    if is_live(cell) {
        Cow::Owned(format!("{GUARD}{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

/// `cell` as it was before [`defuse`]. For files that came back from correction only: elsewhere a
/// leading `'` is the sender's own.
#[must_use]
pub fn undefuse(cell: &str) -> &str {
    match cell.strip_prefix(GUARD) {
        Some(rest) if is_live(rest) => rest,
        _ => cell,
    }
}

/// Whether it would run, or would after its quotes are gone: those get one more, so that taking one
/// off gives the original.
fn is_live(cell: &str) -> bool {
    cell.trim_start_matches(GUARD).starts_with(is_formula_start)
}

/// The characters that start a formula, ASCII and full-width.
pub(super) fn is_formula_start(c: char) -> bool {
    matches!(
        c,
        '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠'
    )
}

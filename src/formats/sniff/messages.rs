//! Messages and blocks: EDIFACT, X12 and Track & Trace Mail, by how they start.

use super::super::{FormatKind, ttm};

/// The format of a text that starts like a message; its first character is no blank.
pub(super) fn kind(text: &str) -> Option<FormatKind> {
    let start = text
        .get(..text.floor_char_boundary(4096.min(text.len())))
        .unwrap_or_default();
    if is_edifact(start) {
        return Some(FormatKind::Edifact);
    }
    if is_x12(start) {
        return Some(FormatKind::X12);
    }
    starts_block(start).then_some(FormatKind::Ttm)
}

/// UNA, six signs and UNB; or UNB or UNH by themselves, with the separators of level A or B.
fn is_edifact(start: &str) -> bool {
    let advised = start
        .strip_prefix("UNA")
        .map(|rest| rest.trim_start_matches(|c: char| !c.is_ascii_uppercase()));
    advised.is_some_and(|rest| rest.starts_with("UNB") || rest.starts_with("UNH"))
        || ["UNB+", "UNB\u{1D}", "UNH+"]
            .iter()
            .any(|head| start.starts_with(head))
}

/// `ISA`, a separator that is no letter or digit, and the segment's first elements.
fn is_x12(start: &str) -> bool {
    let Some(rest) = start.strip_prefix("ISA") else {
        return false;
    };
    let Some(separator) = rest
        .chars()
        .next()
        .filter(|c| !c.is_alphanumeric() && *c != ' ')
    else {
        return false;
    };
    rest.split(separator)
        .nth(1)
        .is_some_and(|element| element.trim().len() == 2)
        // An ISA has 16 elements; less is one that was cut.
        && (rest.matches(separator).count() >= 10 || start.len() < 106)
}

/// A block at the start, or behind the words of a mail that carried it.
fn starts_block(start: &str) -> bool {
    start.starts_with(ttm::START)
        || start
            .lines()
            .any(|line| line.trim_start().starts_with(ttm::START))
}

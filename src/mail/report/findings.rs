//! Findings as lines of a table: equal ones folded into one line with all their rows.

use crate::limits;
use crate::problem::{Place, Problem, Severity, excerpt};

use super::clean::sentence;

/// Most stretches of rows named in one line.
const STRETCHES: usize = 8;

/// One line of the table.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub(super) struct Line {
    /// `5, 7-12`, `Orders!C7`, `line 3:14`, a path; empty for the whole file.
    pub(super) place: String,
    /// The same said in full: `Rows 5, 7-12`, `Whole file`.
    pub(super) label: String,
    /// Whether `place` is nothing but numbers of rows.
    pub(super) is_rows: bool,
    /// The sender's own column header.
    pub(super) column: String,
    /// What stands there.
    pub(super) found: String,
    /// What is wrong with it.
    pub(super) wrong: String,
    /// What to do.
    pub(super) fix: String,
    /// Findings folded into this line.
    pub(super) count: u64,
}

/// The findings of one severity as lines, in the order of the file.
pub(super) fn lines(findings: &[Problem], severity: Severity) -> Vec<Line> {
    let mut groups: Vec<Vec<&Problem>> = Vec::new();
    let mut known = std::collections::HashMap::new();
    for finding in findings.iter().filter(|found| found.severity == severity) {
        let index = *known.entry(Key::of(finding)).or_insert(groups.len());
        match groups.get_mut(index) {
            Some(group) => group.push(finding),
            None => groups.push(vec![finding]),
        }
    }
    groups.iter().filter_map(|group| line(group)).collect()
}

/// Rows that errors name, each once: how much there is to do.
pub(super) fn wrong_rows(findings: &[Problem]) -> u64 {
    let rows: std::collections::BTreeSet<_> = findings
        .iter()
        .filter(|finding| finding.is_error())
        .filter_map(|finding| {
            let place = &finding.place;
            Some((&place.member, &place.sheet, place.row?))
        })
        .collect();
    rows.len() as u64
}

/// What makes two findings the same but for their row.
#[derive(PartialEq, Eq, Hash)]
struct Key<'a> {
    code: &'a str,
    texts: [Option<&'a str>; 8],
    message: &'a str,
    /// Places without a row are never folded over.
    elsewhere: Option<(Option<u64>, Option<u64>)>,
}

impl<'a> Key<'a> {
    fn of(finding: &'a Problem) -> Self {
        let place = &finding.place;
        let has_row = place.row.is_some();
        Self {
            code: &finding.code,
            texts: [
                place.member.as_deref(),
                place.sheet.as_deref(),
                place.column.as_deref(),
                place.cell.as_deref().filter(|_| !has_row),
                place.path.as_deref().or(place.segment.as_deref()),
                finding.value.as_deref(),
                finding.expected.as_deref(),
                finding.hint.as_deref(),
            ],
            message: &finding.message,
            elsewhere: (!has_row).then_some((place.line, place.character)),
        }
    }
}

fn line(group: &[&Problem]) -> Option<Line> {
    let first = *group.first()?;
    let mut rows: Vec<u64> = group.iter().filter_map(|found| found.place.row).collect();
    rows.sort_unstable();
    rows.dedup();
    let place = &first.place;
    let container: Vec<String> = [&place.member, &place.sheet]
        .into_iter()
        .flatten()
        .map(|name| excerpt(name))
        .collect();
    let at = if rows.is_empty() {
        elsewhere(place)
    } else {
        stretches(&rows)
    };
    let is_rows = container.is_empty() && !rows.is_empty();
    let shown = match (container.is_empty(), at.is_empty()) {
        (true, _) => at,
        (false, true) => container.join(", "),
        (false, false) if rows.is_empty() => format!("{}: {at}", container.join(", ")),
        (false, false) => format!("{}: row {at}", container.join(", ")),
    };
    let column = place.column.as_deref().map(excerpt).unwrap_or_default();
    let label = match (shown.as_str(), is_rows) {
        ("", _) if column.is_empty() => "Whole file".to_owned(),
        ("", _) => "All rows".to_owned(),
        (one, true) if rows.len() == 1 => format!("Row {one}"),
        (many, true) => format!("Rows {many}"),
        (other, false) => other.to_owned(),
    };
    Some(Line {
        place: shown,
        label,
        is_rows,
        column,
        found: first.value.as_deref().map(excerpt).unwrap_or_default(),
        wrong: sentence(&first.message),
        fix: fix(first),
        count: group.len() as u64,
    })
}

/// `Expected a date such as 2026-02-28. Remove the blank.`
fn fix(finding: &Problem) -> String {
    let expected = finding
        .expected
        .as_deref()
        .map(|expected| format!("Expected {}.", sentence(expected).trim_end_matches('.')));
    let parts: Vec<String> = expected
        .into_iter()
        .chain(finding.hint.as_deref().map(sentence))
        .collect();
    parts.join(" ")
}

/// A place without a row: the rest of what [`Place`] knows, without what has a column of its own.
fn elsewhere(place: &Place) -> String {
    let rest = Place {
        member: None,
        sheet: None,
        column: None,
        ..place.clone()
    };
    sentence(&rest.to_string())
}

/// `5, 7-12`, with the rest as a count where there are many.
fn stretches(rows: &[u64]) -> String {
    let mut stretches: Vec<(u64, u64)> = Vec::new();
    for &row in rows {
        match stretches.last_mut() {
            Some(last) if last.1 + 1 == row => last.1 = row,
            _ => stretches.push((row, row)),
        }
    }
    let mut shown: Vec<String> = stretches
        .iter()
        .take(STRETCHES)
        .map(|&(first, last)| match last - first {
            0 => first.to_string(),
            1 => format!("{first}, {last}"),
            _ => format!("{first}-{last}"),
        })
        .collect();
    let rest: u64 = stretches
        .iter()
        .skip(STRETCHES)
        .map(|(first, last)| last - first + 1)
        .sum();
    if rest > 0 {
        shown.push(format!("and {rest} more"));
    }
    shown.join(", ")
}

/// Splits the lines into those that are listed in a mail and the number of findings that are not.
pub(super) fn listed(lines: &mut Vec<Line>, room: &mut usize) -> u64 {
    let shown = lines.len().min(*room);
    *room -= shown;
    lines.drain(shown..).map(|line| line.count).sum()
}

/// Lines that one mail lists.
pub(super) const ROOM: usize = limits::PROBLEMS_PER_MAIL;

//! What structures an interchange: its service string advice (UNA), or what holds without one.

use super::super::segments::Separators;
use super::super::segments::envelope::coded;
use crate::problem::Problem;

/// Bytes that are looked at to tell how segments end: more than the longest UNB.
pub(super) const LOOK: usize = 1 << 10;

/// Level A of ISO 9735, which all other levels but the original B share.
const LEVEL_A: Separators = Separators {
    component: Some(':'),
    element: '+',
    decimal: Some('.'),
    release: Some('?'),
    repetition: None,
    segment: '\'',
};

/// ISO 9735:1988, 5.2: level B has control characters of its own and no release character.
const LEVEL_B: Separators = Separators {
    component: Some('\x1F'),
    element: '\x1D',
    decimal: Some('.'),
    release: None,
    repetition: None,
    segment: '\x1C',
};

/// The separators of the interchange that `text` starts with, and the length of its UNA.
///
/// # Errors
/// Where the UNA makes no sense, or no interchange starts here.
pub(super) fn separators(text: &str) -> Result<(Separators, usize), Problem> {
    if let Some(advice) = text.strip_prefix("UNA") {
        return advised(advice);
    }
    let mut separators = if text.starts_with("UNB\x1D") {
        LEVEL_B
    } else if text.starts_with("UNB+") || text.starts_with("UNH+") {
        LEVEL_A
    } else {
        return Err(elsewhere(text));
    };
    if separators.release.is_some() && lines_end_segments(text) {
        separators.segment = '\n';
    }
    separators.repetition = repetition(text, &separators, '*');
    Ok((separators, 0))
}

/// ISO 9735-1, 8.1: component, element, decimal, release, repetition (a blank before version 4),
/// terminator.
fn advised(advice: &str) -> Result<(Separators, usize), Problem> {
    let mut signs = advice.chars();
    let (Some(component), Some(element), Some(decimal), Some(release), Some(fifth), Some(segment)) = (
        signs.next(),
        signs.next(),
        signs.next(),
        signs.next(),
        signs.next(),
        signs.next(),
    ) else {
        let what = "The file ends within its service string advice (UNA).";
        return Err(problem("truncated", what).with_hint("Send the file again."));
    };
    // A line feed behind a carriage return is a blank between segments.
    let release = Some(release).filter(|c| *c != ' ');
    let mut separators = Separators {
        component: Some(component),
        element,
        decimal: Some(decimal),
        release,
        repetition: None,
        segment,
    };
    let used = [Some(component), Some(element), release, Some(segment)];
    let usable = |c: &char| c.is_ascii() && !c.is_ascii_alphanumeric();
    let twice = used
        .iter()
        .enumerate()
        .any(|(at, c)| c.is_some() && used.iter().skip(at + 1).any(|other| other == c));
    if twice || !used.iter().flatten().all(usable) {
        let what = "The service string advice (UNA) declares the same sign twice, or a letter.";
        return Err(problem("separators", what).with_value(advice.get(..6).unwrap_or(advice)));
    }
    let length = 3 + advice.len() - signs.as_str().len();
    let fifth = Some(fifth).filter(|c| usable(c) && *c != ' ' && !used.contains(&Some(*c)));
    separators.repetition =
        fifth.and_then(|fifth| repetition(signs.as_str().trim_start(), &separators, fifth));
    Ok((separators, length))
}

/// Elements repeat from syntax version 4 on; before, the sign is an ordinary character.
fn repetition(text: &str, separators: &Separators, sign: char) -> Option<char> {
    let syntax = text.split(separators.element).nth(1)?;
    let version = syntax.split(separators.component?).nth(1)?;
    (version.trim() == "4").then_some(sign)
}

/// Whether line breaks stand where terminators should: the first line is a whole UNB and the next
/// starts with the next segment.
fn lines_end_segments(text: &str) -> bool {
    let Some((first, rest)) = text.split_once(['\n', '\r']) else {
        return false;
    };
    let rest = rest.trim_start();
    let next = ["UNH+", "UNG+", "BGM+"];
    !first.contains('\'') && next.iter().any(|tag| rest.starts_with(tag))
}

fn elsewhere(text: &str) -> Problem {
    let start: String = text.chars().take(8).collect();
    if start.starts_with("UIB") {
        let what = "This is interactive EDIFACT (UIB), which is not read.";
        return problem("interactive", what).with_hint("Send the orders in batch EDIFACT (UNB).");
    }
    problem("malformed", "No EDIFACT interchange starts here.")
        .with_value(&start)
        .expecting("UNA or UNB")
}

fn problem(code: &str, what: &'static str) -> Problem {
    coded(Problem::error("segment", what), "edifact", code)
}

//! The separators of an interchange, from its ISA segment.
//!
//! By the standard ISA has 106 characters and the signs stand at fixed places. Real ones are
//! trimmed, padded with other blanks, lack the component separator or end with a line break, so
//! the elements are counted and what follows is looked at.

use super::super::segments::Separators;
use super::super::segments::envelope::coded;
use super::super::segments::tokens::is_tag;
use crate::problem::Problem;

/// Bytes that hold an ISA and the start of the next segments, however it is padded.
pub(super) const LOOK: usize = 1 << 10;
/// The elements of ISA.
const ELEMENTS: usize = 16;
/// Signs between the last element of ISA and the next segment's tag: the component separator, the
/// terminator, and the tag's first letter.
const MOST_SIGNS: usize = 4;

/// The separators of the interchange that `text` starts with.
///
/// # Errors
/// Where no interchange starts here, or its ISA is not whole.
pub(super) fn separators(text: &str) -> Result<Separators, Problem> {
    let Some(rest) = text.strip_prefix("ISA") else {
        let start: String = text.chars().take(8).collect();
        return Err(problem("malformed", "No X12 interchange starts here.")
            .with_value(&start)
            .expecting("ISA"));
    };
    let element = rest.chars().next().filter(|c| is_sign(*c));
    let Some(element) = element else {
        return Err(problem("separators", "No sign stands behind ISA."));
    };
    let mut elements = rest.splitn(ELEMENTS + 1, element).skip(1);
    let eleventh = elements.nth(10).unwrap_or_default();
    let twelfth = elements.next().unwrap_or_default();
    let Some(tail) = elements.nth(3) else {
        return Err(
            problem("truncated", "The ISA segment has fewer than 16 elements.")
                .with_hint("The file was probably cut off while it was written; send it again."),
        );
    };
    let (component, segment) = ending(tail, element)?;
    // From 4020 on ISA11 repeats elements; before, it named a standard (U).
    let repeats = eleventh.trim().chars().next().filter(|c| is_sign(*c));
    let newer = twelfth.trim() >= "00402";
    Ok(Separators {
        component,
        element,
        decimal: None,
        release: None,
        repetition: repeats.filter(|_| newer),
        segment,
    })
}

/// ISA16 and the terminator: what stands before the next segment's tag.
fn ending(tail: &str, element: char) -> Result<(Option<char>, char), Problem> {
    // The next segment may be indented: blanks do not count.
    let mut visible = 0;
    let mut starts = tail.char_indices().skip(1).take_while(|(_, c)| {
        visible += usize::from(!c.is_whitespace());
        visible <= MOST_SIGNS
    });
    let next = starts.find_map(|(at, _)| {
        let tag = tail.get(at..).and_then(|rest| rest.split(element).next());
        tag.is_some_and(is_tag).then_some(at)
    });
    let signs = next.and_then(|next| tail.get(..next)).unwrap_or(tail);
    let visible: Vec<char> = signs.chars().filter(|c| !c.is_whitespace()).collect();
    let line = signs.contains('\n') || signs.contains('\r');
    match visible[..] {
        [component, segment, ..] if is_sign(segment) => Ok((Some(component), segment)),
        // Is the one sign the component separator, and lines end segments? Then the next segment
        // ends without it.
        [sign] if line && !ends_with(tail, next, sign) => Ok((Some(sign), '\n')),
        [sign] if is_sign(sign) => Ok((None, sign)),
        [] if line => Ok((None, '\n')),
        _ => Err(problem(
            "separators",
            "What ends a segment could not be told from ISA.",
        )
        .with_value(signs)
        .expecting("a component separator and a segment terminator behind the 16th element")),
    }
}

/// Whether the segment behind ISA ends its line with `sign`.
fn ends_with(tail: &str, next: Option<usize>, sign: char) -> bool {
    let rest = next.and_then(|next| tail.get(next..)).unwrap_or_default();
    let line = rest.lines().next().unwrap_or_default();
    line.trim_end().ends_with(sign) || line.contains(sign)
}

fn is_sign(c: char) -> bool {
    c.is_ascii() && !c.is_ascii_alphanumeric() && c != ' '
}

fn problem(code: &str, what: &'static str) -> Problem {
    coded(Problem::error("segment", what), "x12", code)
}

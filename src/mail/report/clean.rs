//! Texts from outside made fit to show: one line, no control or direction characters, not too long.

use std::fmt::Write as _;

use crate::limits;

/// Most characters of a message, hint or partner's words in a mail.
const SENTENCE_CHARS: usize = 400;

/// A file's name in a subject or sentence.
pub(super) fn label(name: &str) -> String {
    cut(name, limits::LABEL_CHARS)
}

/// A sentence of ours or of a partner, which may quote the file.
pub(super) fn sentence(words: &str) -> String {
    cut(words, SENTENCE_CHARS)
}

fn cut(text: &str, most: usize) -> String {
    let mut shown = String::new();
    for (count, c) in text.trim().chars().enumerate() {
        if count == most {
            shown.push('…');
            break;
        }
        match c {
            '\r' | '\n' | '\t' => shown.push(' '),
            c if c.is_control() || changes_direction(c) => {
                // Writing to a String cannot fail.
                if write!(shown, "{}", c.escape_default()).is_err() {
                    break;
                }
            }
            c => shown.push(c),
        }
    }
    shown
}

/// Marks, embeddings, overrides and isolates (Unicode TR 36: they disguise names), and the line
/// separators that some programs break at.
fn changes_direction(c: char) -> bool {
    matches!(
        c,
        '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    )
}

/// `1 row`, `2 rows`.
pub(super) fn count(number: u64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// `3.4 MB` for people.
pub(super) fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{} kB", bytes / 1_000),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

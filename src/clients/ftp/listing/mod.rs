//! What a line of a listing says: RFC 3659's form, and the two that are left to read where a server
//! does not offer it, `ls -l` of Unix and `dir` of Windows.
//!
//! Pure. A line is read or it is not: whatever cannot be read with certainty is told as such, and the
//! listings of other systems are known by their look, so that none is ever taken for something else.

use jiff::civil::Date;

use crate::clients::Item;

pub(super) mod dates;
mod dos;
mod machine;
mod other;
mod unix;

#[cfg(test)]
mod tests;

pub use machine::machine;

/// What one line of a listing is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// One name.
    Item(Item),
    /// Nothing that is a name: a total, a blank, the folder itself or the one above.
    Nothing,
    /// A listing of a system that is not read; its name.
    Other(&'static str),
    /// Not understood.
    Unknown,
}

/// Reads a line of an answer to LIST. `today` by the server's calendar or ours tells the year of a
/// date that has none.
#[must_use]
pub fn line(line: &[u8], today: Date) -> Line {
    if line.trim_ascii().is_empty() || is_total(line) {
        return Line::Nothing;
    }
    if let Some(system) = other::system(line) {
        return Line::Other(system);
    }
    let item = match line.first() {
        Some(b'0'..=b'9') => dos::read(line),
        _ => unix::read(line, today),
    };
    match item {
        Some(item) if is_self_or_above(&item.name) => Line::Nothing,
        Some(item) if item.name.is_empty() => Line::Unknown,
        Some(item) => Line::Item(item),
        None => Line::Unknown,
    }
}

/// `total 1234`, in the words of whatever language.
fn is_total(line: &[u8]) -> bool {
    let mut words = line.trim_ascii().split(|byte| *byte == b' ');
    let word = words.next().unwrap_or_default();
    let number = words.next_back().unwrap_or_default();
    let is_word = |word: &[u8]| [&b"total"[..], b"insgesamt", b"totaal"].contains(&word);
    is_word(&word.to_ascii_lowercase()) && number.iter().all(u8::is_ascii_digit)
}

fn is_self_or_above(name: &[u8]) -> bool {
    name == b"." || name == b".."
}

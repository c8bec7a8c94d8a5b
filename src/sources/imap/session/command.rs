//! A command as it is sent: words, and texts that are quoted or sent as literals (RFC 3501, 4.3).
//!
//! Pure. Nothing that goes into a command can end it or begin another: a text with anything but
//! printable ASCII is a literal.

use std::fmt::Write as _;

use super::super::utf7;

/// One command, without its tag.
#[derive(Clone)]
pub(in crate::sources::imap) struct Command {
    pub(super) parts: Vec<Part>,
}

#[derive(Clone)]
pub(super) enum Part {
    Plain(String),
    Literal(Vec<u8>),
}

impl Command {
    /// A command of fixed words.
    pub(in crate::sources::imap) fn new(words: impl Into<String>) -> Self {
        Self {
            parts: vec![Part::Plain(words.into())],
        }
    }

    fn push(mut self, text: &str) -> Self {
        match self.parts.last_mut() {
            Some(Part::Plain(plain)) => plain.push_str(text),
            _ => self.parts.push(Part::Plain(text.to_owned())),
        }
        self
    }

    /// Adds words of ours.
    pub(in crate::sources::imap) fn words(self, words: &str) -> Self {
        debug_assert!(words.bytes().all(|byte| matches!(byte, b' '..=b'~')));
        self.push(" ").push(words)
    }

    /// Adds a text of somebody else's.
    pub(in crate::sources::imap) fn text(self, text: &str) -> Self {
        let quotable = text.len() <= 1_000 && text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        if quotable {
            let text = text.replace('\\', "\\\\").replace('"', "\\\"");
            return self.push(" \"").push(&text).push("\"");
        }
        self.literal(text.as_bytes().to_vec())
    }

    /// Adds bytes as they are.
    pub(in crate::sources::imap) fn literal(self, bytes: Vec<u8>) -> Self {
        let mut command = self.push(" ");
        command.parts.push(Part::Literal(bytes));
        command
    }

    /// Adds the name of a mailbox.
    pub(in crate::sources::imap) fn mailbox(self, name: &str) -> Self {
        self.text(&utf7::encoded(name))
    }
}

/// A set of UIDs, runs together: `1:3,7`.
pub(in crate::sources::imap) fn set(uids: &[u32]) -> String {
    let mut sorted = uids.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    let mut text = String::new();
    let mut rest = sorted.as_slice();
    while let Some(first) = rest.first() {
        let run = rest
            .iter()
            .zip(u64::from(*first)..)
            .take_while(|(uid, expected)| u64::from(**uid) == *expected)
            .count();
        let (here, after) = rest.split_at(run.max(1));
        rest = after;
        let comma = if text.is_empty() { "" } else { "," };
        let written = match here {
            [one] | [one, .., _] if here.len() == 1 => write!(text, "{comma}{one}"),
            [first, .., last] => write!(text, "{comma}{first}:{last}"),
            _ => Ok(()),
        };
        debug_assert!(written.is_ok(), "a string takes everything");
    }
    text
}

/// The UIDs of a set, in its order; `None` where it is wrong or names more than `most`.
pub(in crate::sources::imap) fn uids(set: &str, most: usize) -> Option<Vec<u32>> {
    let mut all = Vec::new();
    for part in set.split(',') {
        let (first, last) = part.split_once(':').unwrap_or((part, part));
        let (first, last): (u32, u32) = (first.parse().ok()?, last.parse().ok()?);
        let (low, high) = (first.min(last), first.max(last));
        let room = most.checked_sub(all.len())?;
        if (high - low) as usize >= room {
            return None;
        }
        all.extend(low..=high);
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_written_and_read() {
        for (uids_, text) in [
            (vec![1, 2, 3, 7], "1:3,7"),
            (vec![9], "9"),
            (vec![5, 4, 9, 4], "4:5,9"),
            (vec![u32::MAX], "4294967295"),
        ] {
            assert_eq!(set(&uids_), text);
        }
        assert_eq!(uids("1:3,7", 10), Some(vec![1, 2, 3, 7]));
        assert_eq!(uids("3:1", 10), Some(vec![1, 2, 3]));
        assert_eq!(uids("1:4294967295", 10), None);
        assert_eq!(uids("1:*", 10), None);
    }

    #[test]
    fn no_text_ends_its_command() {
        let command = Command::new("LOGIN").text("a\"b\\").text("x\r\nA2 LOGOUT");
        let mut parts = command.parts.iter();
        assert!(matches!(parts.next(), Some(Part::Plain(text)) if text == "LOGIN \"a\\\"b\\\\\" "));
        assert!(matches!(parts.next(), Some(Part::Literal(text)) if text == b"x\r\nA2 LOGOUT"));
    }
}

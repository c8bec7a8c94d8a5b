//! EDIFACT messages (ISO 9735, directories D.96A and D.01B): the interchange around them and what
//! all of them have in common.
//!
//! Written with UNA, in ISO 8859-1 (UNOC) where that has all the characters, else in UTF-8 (UNOW,
//! syntax version 4). One order is one message in one interchange, so that a partner accepts or
//! refuses each by itself.

pub(super) mod iftmin;
pub(super) mod orders;
mod parts;

use super::segments::Segments;
use super::{Directory, Marks};
use crate::order::Action;

/// One message with the interchange around it.
pub(super) struct Interchange {
    segments: Segments,
    name: String,
    marks: Marks,
    test: bool,
}

impl Interchange {
    /// Opens the message `kind` of `directory`.
    pub(super) fn open(kind: &str, directory: Directory, marks: &Marks, test: bool) -> Self {
        let mut segments = Segments::edifact();
        segments.put("UNH", &[&["1"], &[kind, "D", directory.word(), "UN"]]);
        Self {
            segments,
            name: kind.to_owned(),
            marks: marks.clone(),
            test,
        }
    }

    pub(super) fn put(&mut self, tag: &str, elements: &[&[&str]]) {
        self.segments.put(tag, elements);
    }

    /// Closes it; the bytes of the whole interchange.
    pub(super) fn close(mut self) -> Vec<u8> {
        let count = (self.segments.count() + 1).to_string();
        self.segments.put("UNT", &[&[&count], &["1"]]);
        let body = self.segments.finish();
        envelope(&self.name, &body, &self.marks, self.test)
    }
}

/// UNB and UNZ around one message (ISO 9735-1, 8.3).
pub(super) fn envelope(application: &str, message: &str, marks: &Marks, test: bool) -> Vec<u8> {
    let latin = |text: &str| {
        text.chars()
            .all(|c| u32::from(c) < 0x80 || (0xa0..0x100).contains(&u32::from(c)))
    };
    let plain = [message, &marks.ours, &marks.theirs].into_iter().all(latin);
    let (syntax, version, date) = if plain {
        ("UNOC", "3", "%y%m%d")
    } else {
        ("UNOW", "4", "%Y%m%d")
    };
    let mut head = Segments::edifact();
    let (ours, theirs) = (split(&marks.ours), split(&marks.theirs));
    head.put(
        "UNB",
        &[
            &[syntax, version],
            &[ours.0, ours.1],
            &[theirs.0, theirs.1],
            &[&stamp(marks, date), &stamp(marks, "%H%M")],
            &[&marks.control],
            &[],
            &[application],
            &[],
            &[],
            &[],
            &[if test { "1" } else { "" }],
        ],
    );
    let mut tail = Segments::edifact();
    tail.put("UNZ", &[&["1"], &[&marks.control]]);
    let whole = format!("UNA:+.? '\n{}{message}{}", head.finish(), tail.finish());
    if plain {
        whole
            .chars()
            .map(|c| u8::try_from(u32::from(c)).unwrap_or(b' '))
            .collect()
    } else {
        whole.into_bytes()
    }
}

/// When it was made, in UTC.
pub(super) fn stamp(marks: &Marks, format: &str) -> String {
    marks.at.timestamp().strftime(format).to_string()
}

/// An identification and its qualifier: `4012345000009:14`.
pub(super) fn split(id: &str) -> (&str, &str) {
    id.rsplit_once(':').unwrap_or((id, ""))
}

/// The function of the message (1225).
fn function(action: Action) -> &'static str {
    match action {
        Action::Create => "9",
        Action::Update => "4",
        Action::Cancel => "1",
    }
}

//! What EDIFACT and X12 share: segments of elements of components, in messages, in envelopes.
//!
//! Both cut a text at a segment terminator, an element and a component separator, and count their
//! messages in trailers. So both share one tokeniser ([`tokens`]) and one check of the envelopes
//! ([`envelope`]); what the separators are and where they are found is each format's own.

pub(super) mod envelope;
#[cfg(test)]
mod tests;
pub(super) mod tokens;

use serde::{Deserialize, Serialize};

/// The characters that structure an interchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Separators {
    /// Between the components of an element. X12 may do without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub component: Option<char>,
    /// Between elements.
    pub element: char,
    /// EDIFACT: what the sender says stands before decimals; both signs are read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decimal: Option<char>,
    /// EDIFACT: takes the meaning from the character behind it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<char>,
    /// Between repetitions of an element (EDIFACT syntax 4, X12 from 4020 on).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repetition: Option<char>,
    /// Ends a segment.
    pub segment: char,
}

/// One component of a segment, as a part of its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// The element, from 1; the tag is 0.
    pub element: u16,
    /// Which repetition of the element, from 0.
    pub repetition: u16,
    /// The component, from 1.
    pub component: u16,
    start: u32,
    end: u32,
}

/// What a segment is to its interchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// It opens the interchange (UNB, ISA), a group (UNG, GS), or stands between them.
    Envelope,
    /// It is part of a message; UNH and UNT, ST and SE among them.
    Message,
}

/// One segment. Release characters and line breaks that only wrap are taken out of its text.
#[derive(Debug, Clone, Copy)]
pub struct Segment<'a> {
    /// Its number in the file, from 1. UNA is no segment.
    pub number: u64,
    /// The byte of the text (as UTF-8) at which it starts.
    pub offset: u64,
    /// What it is to its interchange.
    pub part: Part,
    text: &'a str,
    pieces: &'a [Piece],
}

impl<'a> Segment<'a> {
    /// The tag: `NAD`.
    #[must_use]
    pub fn tag(&self) -> &'a str {
        self.get(0, 1)
    }

    /// A component of the first repetition of an element; empty where there is none.
    #[must_use]
    pub fn get(&self, element: u16, component: u16) -> &'a str {
        let wanted = |piece: &&Piece| piece.element == element && piece.component == component;
        self.pieces
            .iter()
            .find(wanted)
            .map_or("", |piece| self.text_of(piece))
    }

    /// All components in the order of the segment, the tag first, empty ones included.
    #[must_use]
    pub fn pieces(&self) -> &'a [Piece] {
        self.pieces
    }

    /// The text of one of its pieces.
    #[must_use]
    pub fn text_of(&self, piece: &Piece) -> &'a str {
        self.text
            .get(piece.start as usize..piece.end as usize)
            .unwrap_or_default()
    }

    /// How a sender would name it: `NAD+BY (segment 7)`.
    #[must_use]
    pub fn label(&self, separator: char) -> String {
        label(self.tag(), self.get(1, 1), separator, self.number)
    }
}

/// `NAD+BY (segment 7)`: the qualifier only where it looks like one.
pub(crate) fn label(tag: &str, qualifier: &str, separator: char, number: u64) -> String {
    let is_code = !qualifier.is_empty()
        && qualifier.len() <= 3
        && qualifier.bytes().all(|b| b.is_ascii_alphanumeric());
    let tag = crate::problem::excerpt(tag);
    if is_code {
        format!("{tag}{separator}{qualifier} (segment {number})")
    } else {
        format!("{tag} (segment {number})")
    }
}

/// What a message says about itself before its first segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// `ORDERS`, `850`.
    pub kind: String,
    /// `D:96A:UN:EAN008`, `004010`.
    pub version: String,
    /// The sender's number of the message (UNH 0062, ST02).
    pub reference: String,
    /// Its first segment, as [`Segment::label`] names it.
    pub label: String,
}

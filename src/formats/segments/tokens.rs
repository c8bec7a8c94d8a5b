//! Cuts a text into segments and their pieces as it streams.
//!
//! Promises: one window over the text, so that a file of any size costs one segment's memory;
//! pieces are parts of that window and nothing is copied, unless the segment holds release
//! characters or line breaks. Never: knowing what a tag means.

use memchr::{memchr, memchr2};

use super::super::encoding::Text;
use super::{Part, Piece, Segment, Separators};
use crate::limits;
use crate::problem::{Place, Problem};

/// What a byte is to the fast loop.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Plain,
    Component,
    Element,
    Repetition,
    /// A release character or line break: the segment is copied without it.
    Slow,
}

/// The segments of one text.
pub(in crate::formats) struct Tokens<'a> {
    text: Text<'a>,
    window: String,
    at: usize,
    /// Bytes of the text before the window.
    before: u64,
    last: bool,
    separators: Separators,
    classes: [Class; 256],
    scratch: String,
    pieces: Vec<Piece>,
    number: u64,
    /// Whether a line break stood before the present segment.
    on_new_line: bool,
}

/// A segment that was cut out, and how it ended.
pub(in crate::formats) struct Token<'t> {
    pub(in crate::formats) segment: Segment<'t>,
    pub(in crate::formats) ending: Ending,
}

/// How a segment ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::formats) enum Ending {
    /// By its terminator.
    Terminated,
    /// By the start of the next line, which looks like the next segment.
    LineBreak,
    /// By the end of the text.
    Cut,
}

impl<'a> Tokens<'a> {
    pub(in crate::formats) fn new(text: Text<'a>) -> Self {
        Self {
            text,
            window: String::new(),
            at: 0,
            before: 0,
            last: false,
            separators: Separators {
                component: None,
                element: '+',
                decimal: None,
                release: None,
                repetition: None,
                segment: '\'',
            },
            classes: [Class::Plain; 256],
            scratch: String::new(),
            pieces: Vec::new(),
            number: 0,
            on_new_line: true,
        }
    }

    /// The text from the next character on that is no blank, at least `least` bytes of it unless
    /// it ends before.
    pub(in crate::formats) fn peek(&mut self, least: usize) -> Result<&str, Problem> {
        self.skip_blanks()?;
        while self.window.len() - self.at < least && !self.last {
            self.grow()?;
        }
        Ok(self.window.get(self.at..).unwrap_or_default())
    }

    /// Leaves so many bytes out.
    pub(in crate::formats) fn skip(&mut self, bytes: usize) {
        self.at = (self.at + bytes).min(self.window.len());
    }

    /// What structures the segments from here on.
    pub(in crate::formats) fn set(&mut self, separators: Separators) {
        self.separators = separators;
        let mut classes = [Class::Plain; 256];
        let mut class = |sign: Option<char>, class| {
            if let Some(slot) = sign.and_then(|sign| classes.get_mut(sign as usize)) {
                *slot = class;
            }
        };
        class(Some('\r'), Class::Slow);
        class(Some('\n'), Class::Slow);
        class(separators.repetition, Class::Repetition);
        class(separators.component, Class::Component);
        class(Some(separators.element), Class::Element);
        class(separators.release, Class::Slow);
        self.classes = classes;
    }

    pub(in crate::formats) fn separators(&self) -> Separators {
        self.separators
    }

    /// The next segment; nothing at the end of the text.
    pub(in crate::formats) fn next(&mut self) -> Result<Option<Token<'_>>, Problem> {
        self.skip_blanks()?;
        if self.at >= self.window.len() {
            return Ok(None);
        }
        self.number += 1;
        let (end, mut ending) = self.terminator()?;
        let offset = self.before + self.at as u64;
        let start = self.at;
        let line = self.separators.segment == '\n';
        let raw = self.window.get(start..end).unwrap_or_default();
        let raw = if line {
            raw.trim_end_matches('\r')
        } else {
            raw
        };
        let length = raw.len();
        self.at = (end + usize::from(ending == Ending::Terminated)).min(self.window.len());
        self.pieces.clear();
        let raw = self.window.get(start..start + length).unwrap_or_default();
        let text = if split(raw, &self.classes, &mut self.pieces) {
            raw
        } else {
            let next = self
                .on_new_line
                .then(|| next_line(raw, &self.separators))
                .flatten();
            let raw = next.map_or(raw, |next| raw.get(..next).unwrap_or(raw));
            if next.is_some() {
                ending = Ending::LineBreak;
                self.at = start + raw.len();
            }
            self.pieces.clear();
            self.scratch.clear();
            let classes = &self.classes;
            copy(
                raw,
                classes,
                self.separators.release,
                &mut self.scratch,
                &mut self.pieces,
            );
            self.scratch.as_str()
        };
        if self.pieces.len() > limits::SEGMENT_PIECES {
            return Err(too_many(self.number));
        }
        if line {
            self.on_new_line = true;
        }
        Ok(Some(Token {
            segment: Segment {
                number: self.number,
                offset,
                part: Part::Message,
                text,
                pieces: &self.pieces,
            },
            ending,
        }))
    }

    /// Where the segment that starts here ends.
    fn terminator(&mut self) -> Result<(usize, Ending), Problem> {
        let mut seen = self.at;
        let terminator = self.separators.segment as u8;
        loop {
            let bytes = self.window.as_bytes();
            let rest = bytes.get(seen..).unwrap_or_default();
            let found = match self.separators.release {
                Some(release) => memchr2(terminator, release as u8, rest),
                None => memchr(terminator, rest),
            };
            match found {
                Some(found) if bytes.get(seen + found) == Some(&terminator) => {
                    return Ok((seen + found, Ending::Terminated));
                }
                // What is released has no meaning; it may not have come yet.
                Some(found) if seen + found + 1 < bytes.len() => {
                    seen += found + 2;
                    continue;
                }
                Some(found) => seen += found,
                None => seen = bytes.len(),
            }
            if self.last {
                return Ok((self.window.len(), Ending::Cut));
            }
            if self.window.len() - self.at > limits::SEGMENT_BYTES {
                return Err(too_long(self.number));
            }
            let looked_at = seen - self.at;
            self.grow()?;
            seen = self.at + looked_at;
        }
    }

    /// Blanks between segments, and what old systems fill the last block with.
    fn skip_blanks(&mut self) -> Result<(), Problem> {
        self.on_new_line &= self.number == 0 || self.separators.segment == '\n';
        loop {
            let rest = self.window.as_bytes().get(self.at..).unwrap_or_default();
            let blank = |byte: &&u8| matches!(**byte, b' ' | b'\t' | b'\r' | b'\n' | 0 | 0x1A);
            let blanks = rest.iter().take_while(blank).count();
            let skipped = rest.get(..blanks).unwrap_or_default();
            self.on_new_line |= skipped.iter().any(|byte| matches!(byte, b'\r' | b'\n'));
            self.at += blanks;
            if self.at < self.window.len() || self.last {
                return Ok(());
            }
            self.grow()?;
        }
    }

    fn grow(&mut self) -> Result<(), Problem> {
        self.window.drain(..self.at);
        self.before += self.at as u64;
        self.at = 0;
        self.last = !self.text.append(&mut self.window)?;
        Ok(())
    }
}

/// Cuts `text` at its separators; `false` where it has to be copied first.
fn split(text: &str, classes: &[Class; 256], pieces: &mut Vec<Piece>) -> bool {
    let mut piece = first();
    for (at, byte) in (0_u32..).zip(text.bytes()) {
        let class = classes
            .get(usize::from(byte))
            .copied()
            .unwrap_or(Class::Plain);
        if class == Class::Plain {
            continue;
        }
        if class == Class::Slow {
            return false;
        }
        piece.end = at;
        pieces.push(piece);
        piece = behind(piece, class, at + 1);
    }
    piece.end = u32::try_from(text.len()).unwrap_or(u32::MAX);
    pieces.push(piece);
    true
}

/// The same into `scratch`, without release characters and line breaks.
fn copy(
    text: &str,
    classes: &[Class; 256],
    release: Option<char>,
    scratch: &mut String,
    pieces: &mut Vec<Piece>,
) {
    let mut piece = first();
    let mut released = false;
    for c in text.chars() {
        let class = classes.get(c as usize).copied().unwrap_or(Class::Plain);
        if released || class == Class::Plain {
            released = false;
            scratch.push(c);
        } else if class == Class::Slow {
            released = Some(c) == release;
        } else {
            let at = u32::try_from(scratch.len()).unwrap_or(u32::MAX);
            piece.end = at;
            pieces.push(piece);
            piece = behind(piece, class, at);
        }
    }
    piece.end = u32::try_from(scratch.len()).unwrap_or(u32::MAX);
    pieces.push(piece);
}

fn first() -> Piece {
    Piece {
        element: 0,
        repetition: 0,
        component: 1,
        start: 0,
        end: 0,
    }
}

/// The piece that starts at `start`, behind a separator of this class.
fn behind(piece: Piece, class: Class, start: u32) -> Piece {
    let (element, repetition, component) = match class {
        Class::Element => (piece.element.saturating_add(1), 0, 1),
        Class::Repetition => (piece.element, piece.repetition.saturating_add(1), 1),
        _ => (
            piece.element,
            piece.repetition,
            piece.component.saturating_add(1),
        ),
    };
    Piece {
        element,
        repetition,
        component,
        start,
        end: start,
    }
}

/// Where a line starts inside `text` that looks like a segment of its own: its terminator before
/// was forgotten. Only asked where segments start on lines of their own, so that a text wrapped at
/// a fixed width is not cut.
fn next_line(text: &str, separators: &Separators) -> Option<usize> {
    let mut from = 0;
    while let Some(found) = memchr2(b'\n', b'\r', text.as_bytes().get(from..)?) {
        let at = from + found;
        let line = text.get(at..)?.trim_start();
        let tag = line
            .split_once(separators.element)
            .map_or("", |(tag, _)| tag);
        if is_tag(tag) {
            return Some(at);
        }
        from = at + 1;
    }
    None
}

/// Two or three capital letters or digits, a letter first: every tag of both standards.
pub(in crate::formats) fn is_tag(text: &str) -> bool {
    let upper = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit();
    (2..=3).contains(&text.len())
        && text.bytes().all(upper)
        && text.starts_with(|c: char| c.is_ascii_uppercase())
}

#[cold]
fn too_long(number: u64) -> Problem {
    Problem::error(
        "segment.too-long",
        format!(
            "A segment is longer than {} bytes; its end was not found.",
            limits::SEGMENT_BYTES
        ),
    )
    .at(place(number))
    .with_hint("Check that every segment ends with its terminator.")
}

#[cold]
fn too_many(number: u64) -> Problem {
    let most = limits::SEGMENT_PIECES;
    Problem::error(
        "segment.too-many-elements",
        format!("A segment has more than {most} elements."),
    )
    .at(place(number))
}

fn place(number: u64) -> Place {
    Place {
        segment: Some(format!("segment {number}")),
        ..Place::default()
    }
}

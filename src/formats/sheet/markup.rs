//! A streaming scanner for the XML inside workbooks.
//!
//! A sheet of 200,000 rows is a hundred megabytes of tags; this scanner hands out slices of its own
//! window and allocates nothing per tag. It checks what protects us (balanced tags, depth, the length of
//! one tag or text, no DOCTYPE, no entity beyond the five of XML 1.0 section 4.6) and leaves the rest:
//! names are compared by their local part, since strict and transitional files differ in namespaces
//! only.

use std::io::{self, Read};

use super::text::xml_source;
use super::{Step, damaged, io_problem, too_large, truncated};
use crate::limits;

/// The window's first size; it grows up to one [`limits::CELL_BYTES`] and a little.
const WINDOW: usize = 128 << 10;
/// Longest tag or text.
const LONGEST: usize = limits::CELL_BYTES * 2;

/// What comes next.
pub(super) enum Token<'a> {
    /// A start tag; an empty-element tag is followed by its [`Token::Close`].
    Open(Tag<'a>),
    /// An end tag, by local name.
    Close(&'a [u8]),
    /// Text with its references still in it.
    Text(&'a [u8]),
    /// Text as it stands.
    Cdata(&'a [u8]),
    /// The end, after the root was closed.
    End,
}

/// A start tag: name and attributes as they stand.
#[derive(Clone, Copy)]
pub(super) struct Tag<'a> {
    name: &'a [u8],
    rest: &'a [u8],
}

impl<'a> Tag<'a> {
    /// The name without its prefix.
    pub(super) fn local(&self) -> &'a [u8] {
        local(self.name)
    }

    /// All attributes: local name and raw value.
    pub(super) fn attributes(&self) -> Attributes<'a> {
        Attributes { rest: self.rest }
    }

    /// The raw value of an attribute by local name.
    pub(super) fn attribute(&self, name: &str) -> Option<&'a [u8]> {
        self.attributes()
            .find(|(found, _)| *found == name.as_bytes())
            .map(|(_, value)| value)
    }

    /// An attribute as text with its references resolved; what cannot be resolved is left out.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        let raw = self.attribute(name)?;
        let mut out = String::new();
        unescape(raw, &mut out).then_some(out)
    }

    /// An attribute as a number.
    pub(super) fn number<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        std::str::from_utf8(self.attribute(name)?)
            .ok()?
            .trim()
            .parse()
            .ok()
    }

    /// Whether an attribute says yes.
    pub(super) fn truth(&self, name: &str) -> bool {
        self.attribute(name).is_some_and(is_true)
    }
}

/// The truth values of XML Schema, and `on`.
pub(super) fn is_true(value: &[u8]) -> bool {
    matches!(value, b"1" | b"true" | b"on")
}

/// The attributes of a tag one by one.
pub(super) struct Attributes<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Attributes<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.rest.trim_ascii_start();
        let equals = memchr::memchr(b'=', rest)?;
        let name = local(rest[..equals].trim_ascii());
        let after = rest[equals + 1..].trim_ascii_start();
        let quote = *after.first()?;
        if quote != b'"' && quote != b'\'' {
            return None;
        }
        let end = memchr::memchr(quote, &after[1..])? + 1;
        self.rest = &after[end + 1..];
        Some((name, &after[1..end]))
    }
}

fn local(name: &[u8]) -> &[u8] {
    memchr::memchr(b':', name).map_or(name, |colon| &name[colon + 1..])
}

/// Where a token lies in the window.
enum Found {
    Open { name: usize, end: usize },
    Close { start: usize, end: usize },
    Text { start: usize, end: usize },
    Cdata { start: usize, end: usize },
    End,
}

/// The scanner over one part.
pub(super) struct Scanner<'s> {
    source: Box<dyn Read + 's>,
    word: &'static str,
    window: Vec<u8>,
    at: usize,
    end: usize,
    finished: bool,
    /// The names of the open elements, one after the other, and where each starts.
    names: Vec<u8>,
    starts: Vec<usize>,
    /// An empty-element tag was handed out; its end comes next.
    close_next: bool,
    /// The local name of that element.
    closed: Vec<u8>,
    rooted: bool,
}

impl<'s> Scanner<'s> {
    pub(super) fn new(source: Box<dyn Read + 's>, word: &'static str) -> Step<Self> {
        let source = xml_source(source).map_err(|error| io_problem(word, &error))?;
        let mut scanner = Self {
            source,
            word,
            window: vec![0; WINDOW],
            at: 0,
            end: 0,
            finished: false,
            names: Vec::new(),
            starts: Vec::new(),
            close_next: false,
            closed: Vec::new(),
            rooted: false,
        };
        scanner.fill()?;
        if scanner.rest().starts_with(b"\xEF\xBB\xBF") {
            scanner.at += 3;
        }
        Ok(scanner)
    }

    /// The next token.
    pub(super) fn next(&mut self) -> Step<Token<'_>> {
        if self.close_next {
            self.close_next = false;
            let start = self.starts.pop().unwrap_or(0);
            self.closed.clear();
            self.closed.extend_from_slice(local(&self.names[start..]));
            self.names.truncate(start);
            return Ok(Token::Close(&self.closed));
        }
        let found = self.find()?;
        Ok(match found {
            Found::Open { name, end } => self.opened(name, end)?,
            Found::Close { start, end } => {
                self.check_close(start, end)?;
                Token::Close(local(self.window[start..end].trim_ascii_end()))
            }
            Found::Text { start, end } => Token::Text(&self.window[start..end]),
            Found::Cdata { start, end } => Token::Cdata(&self.window[start..end]),
            Found::End => Token::End,
        })
    }

    /// Reads on until the element that was just opened is closed.
    pub(super) fn skip(&mut self) -> Step {
        let mut depth = 1;
        while depth > 0 {
            match self.next()? {
                Token::Open(_) => depth += 1,
                Token::Close(_) => depth -= 1,
                Token::End => return Ok(()),
                Token::Text(_) | Token::Cdata(_) => {}
            }
        }
        Ok(())
    }

    fn rest(&self) -> &[u8] {
        &self.window[self.at..self.end]
    }

    /// Finds the next token's ends, reading on as needed.
    fn find(&mut self) -> Step<Found> {
        loop {
            if self.at == self.end && !self.fill()? {
                return self.ended();
            }
            if self.window[self.at] != b'<' {
                return self.find_text();
            }
            self.need(2)?;
            match self
                .window
                .get(self.at + 1..self.end)
                .and_then(<[u8]>::first)
            {
                Some(b'/') => {
                    let end = self.until(b">", 2)?;
                    let start = self.at + 2;
                    self.at = end + 1;
                    return Ok(Found::Close { start, end });
                }
                Some(b'?') => {
                    let end = self.until(b"?>", 2)?;
                    self.at = end + 2;
                }
                Some(b'!') => {
                    if let Some(found) = self.find_declaration()? {
                        return Ok(found);
                    }
                }
                Some(_) => {
                    let end = self.tag_end()?;
                    let name = self.at + 1;
                    self.at = end + 1;
                    return Ok(Found::Open { name, end });
                }
                None => return Err(truncated(self.word).into()),
            }
        }
    }

    fn find_text(&mut self) -> Step<Found> {
        let mut seen = 0;
        loop {
            if let Some(found) = memchr::memchr(b'<', &self.window[self.at + seen..self.end]) {
                let start = self.at;
                self.at = start + seen + found;
                return Ok(Found::Text {
                    start,
                    end: self.at,
                });
            }
            seen = self.end - self.at;
            if !self.fill()? {
                if self.starts.is_empty() && self.rest().trim_ascii().is_empty() {
                    self.at = self.end;
                    return self.ended();
                }
                return Err(truncated(self.word).into());
            }
        }
    }

    /// A comment (passed over), CDATA, or a DOCTYPE (refused: no workbook has one).
    fn find_declaration(&mut self) -> Step<Option<Found>> {
        self.need(9)?;
        if self.rest().starts_with(b"<!--") {
            let end = self.until(b"-->", 4)?;
            self.at = end + 3;
            return Ok(None);
        }
        if self.rest().starts_with(b"<![CDATA[") {
            let end = self.until(b"]]>", 9)?;
            let start = self.at + 9;
            self.at = end + 3;
            return Ok(Some(Found::Cdata { start, end }));
        }
        Err(damaged(self.word, "a part of it has a document type declaration").into())
    }

    /// The end of the tag at the window's start, quotes respected.
    fn tag_end(&mut self) -> Step<usize> {
        let rest = &self.window[self.at + 1..self.end];
        if let Some(length) = memchr::memchr(b'>', rest)
            && is_outside_quotes(&rest[..length])
        {
            return Ok(self.at + 1 + length);
        }
        let mut seen = 1;
        let mut quote = 0;
        loop {
            let rest = &self.window[self.at + seen..self.end];
            let hit = if quote == 0 {
                memchr::memchr3(b'>', b'"', b'\'', rest)
            } else {
                memchr::memchr(quote, rest)
            };
            match hit.map(|offset| (self.at + seen + offset, rest[offset])) {
                Some((end, b'>')) if quote == 0 => return Ok(end),
                Some((at, byte)) => {
                    quote = if quote == 0 { byte } else { 0 };
                    seen = at + 1 - self.at;
                }
                None => {
                    seen = self.end - self.at;
                    if !self.fill()? {
                        return Err(truncated(self.word).into());
                    }
                }
            }
        }
    }

    /// Where `mark` starts, looking from `skip` bytes on.
    fn until(&mut self, mark: &[u8], skip: usize) -> Step<usize> {
        let mut seen = skip;
        loop {
            let rest = self
                .window
                .get(self.at + seen..self.end)
                .unwrap_or_default();
            let found = match mark {
                // A searcher for one byte costs more than nearly every search for it.
                [byte] => memchr::memchr(*byte, rest),
                mark => memchr::memmem::find(rest, mark),
            };
            if let Some(found) = found {
                return Ok(self.at + seen + found);
            }
            seen = (self.end - self.at).saturating_sub(mark.len()).max(skip);
            if !self.fill()? {
                return Err(truncated(self.word).into());
            }
        }
    }

    /// Reads on until `bytes` are there or the input ends.
    fn need(&mut self, bytes: usize) -> Step {
        while self.end - self.at < bytes && self.fill()? {}
        Ok(())
    }

    /// Reads more into the window; `false` at the end of the input.
    fn fill(&mut self) -> Step<bool> {
        if self.finished {
            return Ok(false);
        }
        if self.at > 0 {
            self.window.copy_within(self.at..self.end, 0);
            self.end -= self.at;
            self.at = 0;
        }
        if self.end == self.window.len() {
            if self.end >= LONGEST {
                let detail = "a single text in it has more than a megabyte";
                return Err(too_large(self.word, detail).into());
            }
            self.window.resize(self.end * 2, 0);
        }
        loop {
            match self.source.read(&mut self.window[self.end..]) {
                Ok(0) => {
                    self.finished = true;
                    return Ok(false);
                }
                Ok(read) => {
                    self.end += read;
                    return Ok(true);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(io_problem(self.word, &error).into()),
            }
        }
    }

    fn ended(&self) -> Step<Found> {
        if self.starts.is_empty() && self.rooted {
            Ok(Found::End)
        } else {
            Err(truncated(self.word).into())
        }
    }

    fn opened(&mut self, start: usize, end: usize) -> Step<Token<'_>> {
        let whole = &self.window[start..end];
        let (whole, empty) = match whole.strip_suffix(b"/") {
            Some(whole) => (whole, true),
            None => (whole, false),
        };
        let split = whole
            .iter()
            .position(u8::is_ascii_whitespace)
            .unwrap_or(whole.len());
        let (name, rest) = whole.split_at(split);
        if name.is_empty() || (self.starts.is_empty() && self.rooted) {
            return Err(damaged(self.word, "a part of it is not well-formed XML").into());
        }
        if self.starts.len() >= limits::XML_DEPTH {
            let detail = format!("elements are nested deeper than {}", limits::XML_DEPTH);
            return Err(too_large(self.word, &detail).into());
        }
        self.rooted = true;
        self.starts.push(self.names.len());
        self.names.extend_from_slice(name);
        self.close_next = empty;
        Ok(Token::Open(Tag { name, rest }))
    }

    fn check_close(&mut self, start: usize, end: usize) -> Step {
        let name = self.window[start..end].trim_ascii_end();
        match self.starts.pop() {
            Some(open) if self.names[open..] == *name => {
                self.names.truncate(open);
                Ok(())
            }
            _ => Err(damaged(self.word, "a part of it is not well-formed XML").into()),
        }
    }
}

/// Whether the end of `tag` lies in no attribute's value.
fn is_outside_quotes(tag: &[u8]) -> bool {
    let mut quote = 0;
    for &byte in tag {
        if quote == 0 && matches!(byte, b'"' | b'\'') {
            quote = byte;
        } else if byte == quote {
            quote = 0;
        }
    }
    quote == 0
}

/// Writes raw XML text with its references resolved and line ends as XML wants them (2.11, 4.6);
/// `false` where it cannot be.
pub(super) fn unescape(raw: &[u8], out: &mut String) -> bool {
    let Ok(text) = std::str::from_utf8(raw) else {
        return false;
    };
    if memchr::memchr2(b'&', b'\r', raw).is_none() {
        out.push_str(text);
        return true;
    }
    let mut rest = text;
    while let Some(at) = rest.find(['&', '\r']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix('\r') {
            out.push('\n');
            rest = after.strip_prefix('\n').unwrap_or(after);
            continue;
        }
        let Some((reference, after)) = rest[1..].split_once(';') else {
            return false;
        };
        match resolve(reference) {
            Some(c) => out.push(c),
            None => return false,
        }
        rest = after;
    }
    out.push_str(rest);
    true
}

fn resolve(reference: &str) -> Option<char> {
    match reference {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => character(reference.strip_prefix('#')?),
    }
}

/// The character of a numeric reference: `65` or `x41`.
pub(super) fn character(digits: &str) -> Option<char> {
    let number = match digits.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
        None => digits.parse().ok()?,
    };
    char::from_u32(number).filter(|c| *c != '\0')
}

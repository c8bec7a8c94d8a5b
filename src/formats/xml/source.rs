//! The text under the XML reader: line ends normalised, forbidden characters found, and no token
//! longer than the limit, whatever the reader asks for.

use std::io::{self, BufRead, Read};

use memchr::{memchr, memchr_iter, memmem};

use crate::formats::encoding::{Position, Text};
use crate::limits;
use crate::problem::{Place, Problem};

/// A text as the bytes that an XML reader wants.
pub(super) struct Source<'a> {
    text: Text<'a>,
    piece: String,
    at: usize,
    /// Bytes handed out before `piece`.
    before: u64,
    after_return: bool,
    last: bool,
    /// Bytes of the current token so far.
    token: usize,
    /// How much of `piece` is in `line`.
    counted: usize,
    /// Line of the byte at `counted`, from 1.
    line: u64,
    /// Why there are no more bytes, if not because the file ended.
    problem: Option<Problem>,
}

impl<'a> Source<'a> {
    pub(super) fn new(text: Text<'a>) -> Self {
        Self {
            text,
            piece: String::new(),
            at: 0,
            before: 0,
            after_return: false,
            last: false,
            token: 0,
            counted: 0,
            line: 1,
            problem: None,
        }
    }

    /// Says that a token starts, and answers its line.
    pub(super) fn start_token(&mut self) -> u64 {
        self.token = 0;
        self.count_lines();
        self.line
    }

    /// Counts the lines of what was read since this was asked last.
    fn count_lines(&mut self) {
        let read = self.piece.as_bytes().get(self.counted..self.at);
        let read = read.unwrap_or_default();
        // Most tokens are a name or a word: too short for `memchr` to pay.
        #[expect(clippy::naive_bytecount, reason = "a library for 32 bytes is no gain")]
        let feeds = if read.len() < 32 {
            read.iter().filter(|byte| **byte == b'\n').count()
        } else {
            memchr_iter(b'\n', read).count()
        };
        self.line += feeds as u64;
        self.counted = self.at;
    }

    /// The problem behind an error of the reader, if it is this source's.
    pub(super) fn take_problem(&mut self) -> Option<Problem> {
        self.problem.take()
    }

    /// Line and character of the byte at `offset`. Ends reading: the text is read again up to there.
    pub(super) fn place(&mut self, offset: u64) -> Place {
        match self.text.position_of_text(offset) {
            Ok(Position {
                line, character, ..
            }) => Place::line(line, Some(character)),
            Err(_) => Place::line(self.line, None),
        }
    }

    fn refill(&mut self) {
        self.count_lines();
        self.before += self.piece.len() as u64;
        self.piece.clear();
        self.at = 0;
        self.counted = 0;
        while self.piece.is_empty() && !self.last {
            match self.text.append(&mut self.piece) {
                Ok(more) => self.last = !more,
                Err(problem) => {
                    self.problem = Some(problem);
                    self.last = true;
                }
            }
            self.normalise();
        }
        if let Some(at) = forbidden(self.piece.as_bytes()) {
            let found = self.piece.get(at..).and_then(|rest| rest.chars().next());
            let place = self.place(self.before + at as u64);
            self.piece.truncate(at);
            self.last = true;
            self.problem = Some(
                Problem::error(
                    "xml.character",
                    "XML forbids this control character, also as part of a text.",
                )
                .at(place)
                .with_value(&found.map(String::from).unwrap_or_default()),
            );
        }
    }

    /// The next piece, or why there is none.
    fn fill(&mut self) -> io::Result<()> {
        if self.at >= self.piece.len() && !self.last {
            self.refill();
        }
        if self.token > limits::XML_TOKEN_BYTES && self.problem.is_none() {
            self.count_lines();
            let place = Place::line(self.line, None);
            self.problem = Some(
                Problem::error(
                    "xml.token-too-long",
                    format!(
                        "A tag, comment or text is longer than {} bytes.",
                        limits::XML_TOKEN_BYTES
                    ),
                )
                .at(place),
            );
            self.piece.truncate(self.at);
            self.last = true;
        }
        if self.at >= self.piece.len() && self.problem.is_some() {
            return Err(io::Error::other("see the problem"));
        }
        Ok(())
    }

    /// CR LF and CR become LF (XML 1.0, 2.11).
    fn normalise(&mut self) {
        let after_return = std::mem::take(&mut self.after_return);
        if after_return && self.piece.starts_with('\n') {
            self.piece.remove(0);
        }
        if memchr(b'\r', self.piece.as_bytes()).is_none() {
            return;
        }
        self.after_return = self.piece.ends_with('\r');
        let mut folded = String::with_capacity(self.piece.len());
        let mut rest = self.piece.as_str();
        while let Some((line, behind)) = rest.split_once('\r') {
            folded.push_str(line);
            folded.push('\n');
            rest = behind.strip_prefix('\n').unwrap_or(behind);
        }
        folded.push_str(rest);
        self.piece = folded;
    }
}

impl Read for Source<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let length = available.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..length), available.get(..length)) {
            to.copy_from_slice(from);
        }
        self.consume(length);
        Ok(length)
    }
}

impl BufRead for Source<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at >= self.piece.len() || self.token > limits::XML_TOKEN_BYTES {
            self.fill()?;
        }
        Ok(self.piece.as_bytes().get(self.at..).unwrap_or_default())
    }

    fn consume(&mut self, amount: usize) {
        self.token += amount;
        self.at += amount;
    }
}

/// The first character that XML 1.0, 2.2 does not allow.
fn forbidden(bytes: &[u8]) -> Option<usize> {
    let control = |byte: &u8| *byte < 0x20 && !matches!(*byte, b'\t' | b'\n');
    let mut found = None;
    for (index, chunk) in bytes.chunks(256).enumerate() {
        // A fold without an early exit is what the compiler turns into wide instructions.
        if chunk.iter().fold(false, |bad, byte| bad | control(byte)) {
            found = chunk.iter().position(control).map(|at| index * 256 + at);
            break;
        }
    }
    let noncharacter = memmem::find_iter(bytes, b"\xEF\xBF")
        .find(|at| matches!(bytes.get(at + 2), Some(0xBE | 0xBF)));
    match (found, noncharacter) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

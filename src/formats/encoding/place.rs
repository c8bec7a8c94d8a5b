//! Line and character of a place in a text.
//!
//! Counting costs time that good files need not pay, so places are found by reading the input a
//! second time, once, when a problem ends reading.

use memchr::{memchr_iter, memrchr2};

/// A place in a text that grows piece by piece. A line ends with LF, CR LF or CR.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The line, from 1.
    pub line: u64,
    /// The character in the line, from 1.
    pub character: u64,
    after_return: bool,
}

impl Default for Position {
    fn default() -> Self {
        Self {
            line: 1,
            character: 1,
            after_return: false,
        }
    }
}

impl Position {
    /// Moves behind `text`.
    pub fn advance(&mut self, text: &str) {
        let bytes = text.as_bytes();
        let Some(last) = bytes.last() else { return };
        self.line += line_ends(bytes);
        if self.after_return && bytes.first() == Some(&b'\n') {
            // The CR before this piece and this LF are one line end.
            self.line -= 1;
        }
        self.after_return = *last == b'\r';
        match memrchr2(b'\n', b'\r', bytes) {
            Some(end) => self.character = 1 + characters(bytes.get(end + 1..).unwrap_or_default()),
            None => self.character += characters(bytes),
        }
    }
}

/// Line ends in `bytes`: each LF, and each CR that no LF follows.
pub(crate) fn line_ends(bytes: &[u8]) -> u64 {
    let feeds = memchr_iter(b'\n', bytes).count();
    let lone = memchr_iter(b'\r', bytes)
        .filter(|at| bytes.get(at + 1) != Some(&b'\n'))
        .count();
    (feeds + lone) as u64
}

fn characters(bytes: &[u8]) -> u64 {
    let continuation = bytes.iter().filter(|byte| (**byte & 0xC0) == 0x80).count();
    (bytes.len() - continuation) as u64
}

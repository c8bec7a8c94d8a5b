//! A text line by line, for formats whose lines mean something each.

use memchr::memchr2;

use super::encoding::Text;
use crate::limits;
use crate::problem::{Place, Problem};

/// The lines of one text. A line ends with LF, CR LF or CR.
pub(super) struct Lines<'a> {
    text: Text<'a>,
    window: String,
    at: usize,
    last: bool,
    number: u64,
}

impl<'a> Lines<'a> {
    pub(super) fn new(text: Text<'a>) -> Self {
        Self {
            text,
            window: String::new(),
            at: 0,
            last: false,
            number: 0,
        }
    }

    /// The next line with its number, from 1, without its end.
    pub(super) fn next(&mut self) -> Result<Option<(u64, &str)>, Problem> {
        let mut seen = self.at;
        let (end, behind) = loop {
            let bytes = self.window.as_bytes();
            let rest = bytes.get(seen..).unwrap_or_default();
            match memchr2(b'\n', b'\r', rest).map(|found| seen + found) {
                Some(end) if bytes.get(end) == Some(&b'\n') => break (end, end + 1),
                Some(end) if bytes.get(end + 1) == Some(&b'\n') => break (end, end + 2),
                Some(end) if end + 1 < bytes.len() || self.last => break (end, end + 1),
                // The LF of a CR LF may not have come yet.
                Some(end) => seen = end,
                None if self.last && self.at >= bytes.len() => return Ok(None),
                None if self.last => break (bytes.len(), bytes.len()),
                None => seen = bytes.len(),
            }
            if seen - self.at > limits::CSV_ROW_BYTES {
                return Err(self.too_long());
            }
            let looked_at = seen - self.at;
            self.window.drain(..self.at);
            self.at = 0;
            seen = looked_at;
            self.last = !self.text.append(&mut self.window)?;
        };
        let start = std::mem::replace(&mut self.at, behind);
        self.number += 1;
        if self.number > limits::ROWS {
            let most = limits::ROWS;
            return Err(Problem::error(
                "limit.lines-of-text",
                format!("The file has more than {most} lines."),
            ));
        }
        Ok(Some((
            self.number,
            self.window.get(start..end).unwrap_or_default(),
        )))
    }

    fn too_long(&self) -> Problem {
        let most = limits::CSV_ROW_BYTES;
        Problem::error(
            "limit.line-of-text",
            format!("A line is longer than {most} bytes."),
        )
        .at(Place::line(self.number + 1, None))
    }
}

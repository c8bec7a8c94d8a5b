//! One record after the other, found in a window of text.
//!
//! Pure: a window in, the ends of its cells out. Most records hold no quote and are cut at their
//! delimiters at the speed of `memchr`; only a record with a quote is walked cell by cell. A cell is
//! copied only where a doubled quote must become one.

use memchr::{memchr, memchr_iter, memchr2, memchr3};

use crate::formats::encoding;
use crate::limits;

/// How cells are delimited and quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Syntax {
    /// Between cells.
    pub(super) delimiter: u8,
    /// Around cells.
    pub(super) quote: u8,
    /// Whether a quote inside quotes is written `\"` instead of doubled.
    pub(super) backslash: bool,
}

/// Where a cell's text lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    from: usize,
    to: usize,
    copied: bool,
}

/// What the window holds at its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scan {
    /// A record of `length` bytes; `ended` if a line end closes it.
    Record { length: usize, ended: bool },
    /// The window ends within the record.
    More,
    /// The record cannot be read.
    Fault(Fault),
}

/// Why a record cannot be read, or not cleanly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// The quote at this offset is not closed before the end of the file.
    Unclosed { at: usize },
    /// The quote at this offset is not closed within the largest cell.
    UnclosedForLong { at: usize },
    /// Text stands behind the closing quote at `at`; the cell starts at `opened`.
    BehindQuote { opened: usize, at: usize },
    /// More cells than the limit.
    Columns,
    /// A cell larger than the limit.
    Cell,
}

/// Cuts records into cells; keeps its buffers from record to record.
#[derive(Debug)]
pub(super) struct Scanner {
    syntax: Syntax,
    spans: Vec<Span>,
    copied: String,
    /// How many cells of the record were quoted.
    pub(super) quoted: usize,
    /// Line ends inside the record's quotes.
    pub(super) breaks: u64,
    /// A cell with text behind its closing quote, which was taken as it stands, quotes included.
    pub(super) doubtful: Option<Fault>,
    /// Where the quoted cell starts that the window ends in.
    pub(super) open: Option<usize>,
}

impl Scanner {
    pub(super) fn new(syntax: Syntax) -> Self {
        Self {
            syntax,
            spans: Vec::new(),
            copied: String::new(),
            quoted: 0,
            breaks: 0,
            doubtful: None,
            open: None,
        }
    }

    /// How many cells the record has.
    pub(super) fn width(&self) -> usize {
        self.spans.len()
    }

    /// Whether the record is an empty line.
    pub(super) fn is_blank(&self) -> bool {
        self.quoted == 0 && matches!(self.spans.as_slice(), [only] if only.from == only.to)
    }

    /// The cells of the record that was found at the start of `window`.
    pub(super) fn cells<'a>(&'a self, window: &'a str) -> impl Iterator<Item = &'a str> {
        self.spans.iter().map(move |span| {
            let text = if span.copied { &self.copied } else { window };
            text.get(span.from..span.to).unwrap_or_default()
        })
    }

    /// The record at the start of `window`; `last` if the window ends with the file.
    pub(super) fn record(&mut self, window: &str, last: bool) -> Scan {
        self.spans.clear();
        self.copied.clear();
        self.quoted = 0;
        self.breaks = 0;
        self.doubtful = None;
        self.open = None;
        let bytes = window.as_bytes();
        match memchr3(b'\n', b'\r', self.syntax.quote, bytes) {
            Some(at) if bytes.get(at) == Some(&self.syntax.quote) => {
                self.quoted_record(window, last)
            }
            Some(at) => match line_end(bytes, at, last) {
                Some(end) => self.plain(bytes, at, end, true),
                None => Scan::More,
            },
            None if last => self.plain(bytes, bytes.len(), bytes.len(), false),
            None => Scan::More,
        }
    }

    /// A record without quotes: everything up to `end` belongs to it, the text up to `text`.
    fn plain(&mut self, bytes: &[u8], text: usize, end: usize, ended: bool) -> Scan {
        let line = bytes.get(..text).unwrap_or_default();
        let mut from = 0;
        for at in memchr_iter(self.syntax.delimiter, line) {
            self.push(from, at);
            from = at + 1;
            if self.spans.len() >= limits::COLUMNS {
                return Scan::Fault(Fault::Columns);
            }
        }
        self.push(from, text);
        if text > limits::CELL_BYTES
            && self
                .spans
                .iter()
                .any(|span| span.to - span.from > limits::CELL_BYTES)
        {
            return Scan::Fault(Fault::Cell);
        }
        Scan::Record { length: end, ended }
    }

    fn push(&mut self, from: usize, to: usize) {
        self.spans.push(Span {
            from,
            to,
            copied: false,
        });
    }

    fn quoted_record(&mut self, window: &str, last: bool) -> Scan {
        let bytes = window.as_bytes();
        let mut from = 0;
        loop {
            if self.spans.len() >= limits::COLUMNS {
                return Scan::Fault(Fault::Columns);
            }
            let body = self.behind_blanks(bytes, from);
            let cell = if bytes.get(body) == Some(&self.syntax.quote) {
                self.quoted_cell(window, body, last)
            } else if body >= bytes.len() && !last {
                return Scan::More;
            } else {
                self.plain_cell(bytes, from, last)
            };
            let end = match cell {
                Ok(end) => end,
                Err(scan) => return scan,
            };
            match bytes.get(end) {
                Some(byte) if *byte == self.syntax.delimiter => from = end + 1,
                Some(_) => {
                    return match line_end(bytes, end, last) {
                        Some(length) => Scan::Record {
                            length,
                            ended: true,
                        },
                        None => Scan::More,
                    };
                }
                None if last => {
                    return Scan::Record {
                        length: end,
                        ended: false,
                    };
                }
                None => return Scan::More,
            }
        }
    }

    /// A cell without quotes around it; answers where it ends.
    fn plain_cell(&mut self, bytes: &[u8], from: usize, last: bool) -> Result<usize, Scan> {
        let rest = bytes.get(from..).unwrap_or_default();
        let to = match memchr3(self.syntax.delimiter, b'\n', b'\r', rest) {
            Some(length) => from + length,
            None if last => bytes.len(),
            None => return Err(Scan::More),
        };
        if to - from > limits::CELL_BYTES {
            return Err(Scan::Fault(Fault::Cell));
        }
        self.push(from, to);
        Ok(to)
    }

    /// A cell whose opening quote stands at `opened`; answers where it ends.
    fn quoted_cell(&mut self, window: &str, opened: usize, last: bool) -> Result<usize, Scan> {
        let bytes = window.as_bytes();
        let start = opened + 1;
        let copy_from = self.copied.len();
        let mut copied = false;
        let mut kept = start;
        let mut at = start;
        let closed = loop {
            let Some(found) = self.quote_or_escape(bytes, at) else {
                return Err(self.unclosed(bytes.len(), opened, last));
            };
            if found - start > limits::CELL_BYTES {
                return Err(Scan::Fault(Fault::UnclosedForLong { at: opened }));
            }
            let next = bytes.get(found + 1);
            let escaped = match next {
                // The window ends at the quote: whether it is doubled is not known yet.
                None if !last => return Err(self.unclosed(bytes.len(), opened, last)),
                Some(next) => self.is_escape(bytes, found, *next),
                None => false,
            };
            if escaped {
                self.copied
                    .push_str(window.get(kept..found).unwrap_or_default());
                copied = true;
                kept = found + 1;
                at = found + 2;
            } else if bytes.get(found) == Some(&self.syntax.quote) {
                break found;
            } else {
                at = found + 1;
            }
        };
        let inside = bytes.get(start..closed).unwrap_or_default();
        self.breaks += encoding::line_ends(inside);
        self.quoted += 1;
        if copied {
            self.copied
                .push_str(window.get(kept..closed).unwrap_or_default());
            self.spans.push(Span {
                from: copy_from,
                to: self.copied.len(),
                copied: true,
            });
        } else {
            self.push(start, closed);
        }
        self.behind_quote(window, opened, closed, last)
    }

    /// What follows the closing quote: blanks, then a delimiter or line end. Anything else is kept
    /// as text of the cell and makes it doubtful.
    fn behind_quote(
        &mut self,
        window: &str,
        opened: usize,
        closed: usize,
        last: bool,
    ) -> Result<usize, Scan> {
        let bytes = window.as_bytes();
        let end = self.behind_blanks(bytes, closed + 1);
        match bytes.get(end) {
            None if !last => Err(Scan::More),
            None => Ok(end),
            Some(byte) if *byte == self.syntax.delimiter || matches!(byte, b'\n' | b'\r') => {
                Ok(end)
            }
            Some(_) => {
                self.doubtful = self
                    .doubtful
                    .or(Some(Fault::BehindQuote { opened, at: closed }));
                self.spans.pop();
                let end = self.plain_cell(bytes, closed + 1, last)?;
                self.spans.pop();
                self.push(opened, end);
                Ok(end)
            }
        }
    }

    fn quote_or_escape(&self, bytes: &[u8], at: usize) -> Option<usize> {
        let rest = bytes.get(at..)?;
        let found = if self.syntax.backslash {
            memchr2(self.syntax.quote, b'\\', rest)
        } else {
            memchr(self.syntax.quote, rest)
        };
        found.map(|found| at + found)
    }

    /// Whether the quote or backslash at `found` stands for the character behind it.
    fn is_escape(&self, bytes: &[u8], found: usize, next: u8) -> bool {
        if bytes.get(found) == Some(&b'\\') && self.syntax.backslash {
            next == self.syntax.quote || next == b'\\'
        } else {
            next == self.syntax.quote
        }
    }

    fn unclosed(&mut self, length: usize, opened: usize, last: bool) -> Scan {
        self.open = Some(opened);
        if length - opened > limits::CELL_BYTES {
            Scan::Fault(Fault::UnclosedForLong { at: opened })
        } else if last {
            Scan::Fault(Fault::Unclosed { at: opened })
        } else {
            Scan::More
        }
    }

    fn behind_blanks(&self, bytes: &[u8], from: usize) -> usize {
        let blanks = bytes
            .iter()
            .skip(from)
            .take_while(|byte| matches!(**byte, b' ' | b'\t') && **byte != self.syntax.delimiter)
            .count();
        from + blanks
    }
}

/// Where the next line starts if a line end stands at `at`: LF, CR LF, CR, or the CR CR LF that a
/// text-mode transfer makes of CR LF. `None` if the window must grow to tell.
fn line_end(bytes: &[u8], at: usize, last: bool) -> Option<usize> {
    let behind = (bytes.get(at), bytes.get(at + 1), bytes.get(at + 2));
    match behind {
        (Some(b'\r'), Some(b'\n'), _) => Some(at + 2),
        (Some(b'\r'), Some(b'\r'), Some(b'\n')) => Some(at + 3),
        (Some(b'\r'), None, _) | (Some(b'\r'), Some(b'\r'), None) if !last => None,
        _ => Some(at + 1),
    }
}

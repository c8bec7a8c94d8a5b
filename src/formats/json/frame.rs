//! Cuts a JSON text into values as it streams, without understanding them.
//!
//! Only strings and brackets matter for where a value ends; what is inside is read afterwards, from
//! memory, so that its problems have their place. Depth and size are bounded here.

use memchr::memchr2;

use crate::formats::encoding::{Position, Text};
use crate::limits;
use crate::problem::{Place, Problem};

/// A window over the text.
pub(super) struct Framer<'a> {
    text: Text<'a>,
    window: String,
    at: usize,
    last: bool,
    position: Position,
}

/// One value's text and where it starts.
#[derive(Debug, Clone)]
pub(super) struct Value {
    pub(super) text: String,
    pub(super) start: Position,
}

impl<'a> Framer<'a> {
    pub(super) fn new(text: Text<'a>) -> Self {
        Self {
            text,
            window: String::new(),
            at: 0,
            last: false,
            position: Position::default(),
        }
    }

    /// Where the next byte stands.
    pub(super) fn position(&self) -> Position {
        self.position
    }

    /// The same as a place.
    pub(super) fn place(&self) -> Place {
        Place::line(self.position.line, Some(self.position.character))
    }

    /// The next byte that is no white space, left where it is.
    pub(super) fn peek(&mut self) -> Result<Option<u8>, Problem> {
        loop {
            let rest = self.rest();
            let blank = rest
                .iter()
                .position(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r'))
                .unwrap_or(rest.len());
            self.advance(blank);
            if let Some(byte) = self.rest().first() {
                return Ok(Some(*byte));
            }
            if self.last {
                return Ok(None);
            }
            self.grow()?;
        }
    }

    /// The same, taken.
    pub(super) fn take(&mut self) -> Result<Option<u8>, Problem> {
        let found = self.peek()?;
        // What is no ASCII is no JSON either, and is left for the problem that names it.
        if found.is_some_and(|byte| byte.is_ascii()) {
            self.advance(1);
        }
        Ok(found)
    }

    /// Takes `wanted`.
    pub(super) fn expect(&mut self, wanted: u8) -> Result<(), Problem> {
        let found = self.peek()?;
        if found == Some(wanted) {
            self.advance(1);
            return Ok(());
        }
        if found.is_none() {
            return Err(self.truncated(""));
        }
        let wanted = char::from(wanted);
        Err(self.malformed(&format!("a `{wanted}` is missing")))
    }

    /// Takes a key.
    pub(super) fn key(&mut self) -> Result<String, Problem> {
        if self.peek()? != Some(b'"') {
            return Err(if self.peek()?.is_none() {
                self.truncated("")
            } else {
                self.malformed("a key in double quotes is missing")
            });
        }
        let value = self.value()?;
        serde_json::from_str(&value.text).map_err(|_| self.malformed("a key is no proper text"))
    }

    /// The first pages of the text, without taking anything.
    pub(super) fn head(&mut self) -> Result<&str, Problem> {
        while !self.last && self.rest().len() < limits::HEAD_BYTES {
            self.grow()?;
        }
        Ok(self.window.get(self.at..).unwrap_or_default())
    }

    /// The first key of the object that starts here, without taking anything.
    pub(super) fn first_key(&mut self) -> Result<Option<String>, Problem> {
        loop {
            let text = self.window.get(self.at + 1..).unwrap_or_default();
            let text = text.trim_start_matches([' ', '\t', '\n', '\r']);
            let key = text.strip_prefix('"').and_then(|key| key.split_once('"'));
            if let Some((key, _)) = key {
                return Ok(Some(key.to_owned()));
            }
            let hopeless = !text.is_empty() && !text.starts_with('"');
            if self.last || hopeless || text.len() > limits::HEAD_BYTES {
                return Ok(None);
            }
            self.grow()?;
        }
    }

    /// Takes the value that starts here.
    pub(super) fn value(&mut self) -> Result<Value, Problem> {
        let start = match self.peek()? {
            None => return Err(self.truncated("")),
            Some(_) => self.position,
        };
        let mut cut = Cut::default();
        loop {
            if let Some(length) = cut.end(self.rest())? {
                if length == 0 {
                    return Err(self.malformed("a value is missing"));
                }
                let text = self
                    .window
                    .get(self.at..self.at + length)
                    .unwrap_or_default()
                    .to_owned();
                self.advance(length);
                return Ok(Value { text, start });
            }
            if cut.seen > limits::JSON_RECORD_BYTES {
                return Err(Problem::error(
                    "json.record-too-large",
                    format!(
                        "One order is larger than {} bytes.",
                        limits::JSON_RECORD_BYTES
                    ),
                )
                .at(self.place()));
            }
            if self.last {
                return Err(self.truncated(""));
            }
            self.grow()?;
        }
    }

    /// The problem of a text that is no JSON, here.
    pub(super) fn malformed(&self, what: &str) -> Problem {
        Problem::error(
            "json.malformed",
            format!("The file is not proper JSON: {what}."),
        )
        .at(self.place())
    }

    /// The problem of a text that ends too early; `path` is what it ends in.
    pub(super) fn truncated(&self, path: &str) -> Problem {
        let place = Place {
            path: (!path.is_empty()).then(|| path.to_owned()),
            ..self.place()
        };
        Problem::error(
            "json.truncated",
            "The file ends within the value that starts here.",
        )
        .at(place)
        .with_hint("The file was probably cut off while it was written; send it again.")
    }

    fn rest(&self) -> &[u8] {
        self.window.as_bytes().get(self.at..).unwrap_or_default()
    }

    fn advance(&mut self, bytes: usize) {
        let end = self.at + bytes;
        self.position
            .advance(self.window.get(self.at..end).unwrap_or_default());
        self.at = end;
    }

    fn grow(&mut self) -> Result<(), Problem> {
        self.window.drain(..self.at);
        self.at = 0;
        self.last = !self.text.append(&mut self.window)?;
        Ok(())
    }
}

/// Finds the end of a value in text that comes in parts.
#[derive(Debug, Default)]
struct Cut {
    seen: usize,
    depth: usize,
    in_string: bool,
}

impl Cut {
    /// The value's length if it ends in `bytes`, of which the first `seen` were looked at before.
    fn end(&mut self, bytes: &[u8]) -> Result<Option<usize>, Problem> {
        while let Some(byte) = bytes.get(self.seen) {
            if self.in_string {
                let rest = bytes.get(self.seen..).unwrap_or_default();
                let Some(found) = memchr2(b'"', b'\\', rest) else {
                    self.seen = bytes.len();
                    break;
                };
                self.seen += found;
                if bytes.get(self.seen) == Some(&b'\\') {
                    if self.seen + 1 >= bytes.len() {
                        break;
                    }
                    self.seen += 2;
                    continue;
                }
                self.seen += 1;
                self.in_string = false;
                if self.depth == 0 {
                    return Ok(Some(self.seen));
                }
                continue;
            }
            match byte {
                b'"' => self.in_string = true,
                b'{' | b'[' => {
                    self.depth += 1;
                    if self.depth > limits::JSON_DEPTH {
                        return Err(Problem::error(
                            "json.too-deep",
                            "Objects are nested deeper than any order needs.",
                        ));
                    }
                }
                b'}' | b']' if self.depth == 0 => return Ok(Some(self.seen)),
                b'}' | b']' => {
                    self.depth -= 1;
                    if self.depth == 0 {
                        return Ok(Some(self.seen + 1));
                    }
                }
                b',' | b' ' | b'\t' | b'\n' | b'\r' if self.depth == 0 => {
                    return Ok(Some(self.seen));
                }
                _ => {}
            }
            self.seen += 1;
        }
        Ok(None)
    }
}

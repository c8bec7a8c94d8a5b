//! The words of a data response: atoms, texts, lists (RFC 3501, 4).
//!
//! Pure, over one whole response. Texts share its memory. Lenient about what servers do wrong and
//! nobody is harmed by (8-bit characters, missing quotes); never nests deeper than a bound.

use bytes::Bytes;

use crate::limits;

/// One word of a response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::sources::imap) enum Value {
    /// A bare word, such as `UID`, `17` or `BODY[]<0>`.
    Atom(Bytes),
    /// A quoted string or a literal.
    Text(Bytes),
    /// `( … )`.
    List(Vec<Value>),
    /// `NIL`.
    Nil,
}

impl Value {
    /// Its bytes, of an atom or a text.
    pub(in crate::sources::imap) fn bytes(&self) -> Option<&Bytes> {
        match self {
            Self::Atom(bytes) | Self::Text(bytes) => Some(bytes),
            Self::List(_) | Self::Nil => None,
        }
    }

    /// Its number.
    pub(in crate::sources::imap) fn number<T: std::str::FromStr>(&self) -> Option<T> {
        std::str::from_utf8(self.bytes()?).ok()?.parse().ok()
    }

    /// What it holds.
    pub(in crate::sources::imap) fn list(&self) -> Option<&[Value]> {
        match self {
            Self::List(values) => Some(values),
            _ => None,
        }
    }
}

/// All words of `text`, which must be nothing else.
pub(in crate::sources::imap) fn values(text: &Bytes) -> Option<Vec<Value>> {
    let mut reader = Reader { text, at: 0 };
    let values = reader.until(None, 0)?;
    Some(values)
}

struct Reader<'a> {
    text: &'a Bytes,
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    /// Words up to `close`, which is taken; up to the end of the line without one.
    fn until(&mut self, close: Option<u8>, depth: usize) -> Option<Vec<Value>> {
        if depth > limits::IMAP_NESTING {
            return None;
        }
        let mut values = Vec::new();
        loop {
            match self.peek() {
                Some(b' ') => self.at += 1,
                Some(byte) if Some(byte) == close => {
                    self.at += 1;
                    return Some(values);
                }
                None | Some(b'\r' | b'\n') => return close.is_none().then_some(values),
                Some(b'(') => {
                    self.at += 1;
                    values.push(Value::List(self.until(Some(b')'), depth + 1)?));
                }
                Some(b'"') => values.push(self.quoted()?),
                Some(b'{') => values.push(self.literal()?),
                Some(b'~') if self.text.get(self.at + 1) == Some(&b'{') => {
                    self.at += 1;
                    values.push(self.literal()?);
                }
                Some(b')') => return None,
                Some(_) => values.push(self.atom()),
            }
        }
    }

    fn quoted(&mut self) -> Option<Value> {
        let from = self.at + 1;
        let rest = self.text.get(from..)?;
        let plain = memchr::memchr3(b'"', b'\\', b'\n', rest)?;
        if rest.get(plain) == Some(&b'"') {
            self.at = from + plain + 1;
            return Some(Value::Text(self.text.slice(from..from + plain)));
        }
        let mut text = Vec::new();
        let mut bytes = rest.iter();
        while let Some(byte) = bytes.next() {
            self.at = self.text.len() - bytes.as_slice().len();
            match byte {
                b'"' => return Some(Value::Text(text.into())),
                b'\\' => text.push(*bytes.next()?),
                b'\n' => return None,
                byte => text.push(*byte),
            }
        }
        None
    }

    fn literal(&mut self) -> Option<Value> {
        let rest = self.text.get(self.at..)?;
        let line = memchr::memchr(b'\n', rest)? + 1;
        let length = super::announced(rest.get(..line)?)?;
        let from = self.at + line;
        let to = from
            .checked_add(length)
            .filter(|to| *to <= self.text.len())?;
        self.at = to;
        Some(Value::Text(self.text.slice(from..to)))
    }

    /// A bare word. What stands in `[ ]` belongs to it, spaces and lists included: the name of an
    /// item is `BODY[HEADER.FIELDS (MESSAGE-ID)]`.
    fn atom(&mut self) -> Value {
        let from = self.at;
        let mut bracketed = false;
        while let Some(byte) = self.peek() {
            match byte {
                b'\r' | b'\n' => break,
                b'[' => bracketed = true,
                b']' => bracketed = false,
                b' ' | b'(' | b')' | b'"' if !bracketed => break,
                _ => {}
            }
            self.at += 1;
        }
        let atom = self.text.slice(from..self.at);
        if atom.eq_ignore_ascii_case(b"NIL") {
            Value::Nil
        } else {
            Value::Atom(atom)
        }
    }
}

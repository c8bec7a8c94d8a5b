//! What a response says: the end of a command, a status, data, or "go on" (RFC 3501, 7).
//!
//! Pure. Data that is not understood is told as such and harms nothing: its frame was whole.

use std::fmt;

use bytes::Bytes;

use super::value::{Value, values};
use crate::limits;

/// One response.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::sources::imap) enum Reply {
    /// The end of the command with this tag.
    Done(Bytes, Status),
    /// A status outside of commands, or during one.
    Status(Status),
    /// `* 17 FETCH (…)`, `* SEARCH 1 2`.
    Data(Data),
    /// `+`: the server waits for more.
    More(Bytes),
    /// Data in a form that is not understood.
    Unread,
}

/// Untagged data.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::sources::imap) struct Data {
    /// The number before the word.
    pub(in crate::sources::imap) number: Option<u32>,
    /// `FETCH`, `SEARCH`, in capital letters.
    pub(in crate::sources::imap) word: String,
    /// What follows.
    pub(in crate::sources::imap) values: Vec<Value>,
}

/// How it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sources::imap) enum Kind {
    /// `OK`.
    Ok,
    /// `NO`: not done.
    No,
    /// `BAD`: not understood.
    Bad,
    /// `BYE`: the server ends the connection.
    Bye,
    /// `PREAUTH`: logged in by other means.
    Preauth,
}

/// A status with its reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::sources::imap) struct Status {
    pub(in crate::sources::imap) kind: Kind,
    /// The word in `[ ]`, in capital letters.
    pub(in crate::sources::imap) code: Option<String>,
    /// What stands behind it in the `[ ]`.
    pub(in crate::sources::imap) arguments: Bytes,
    /// Words for people, as they may be shown.
    pub(in crate::sources::imap) text: String,
}

impl Status {
    /// Whether its code is this one.
    pub(in crate::sources::imap) fn has(&self, code: &str) -> bool {
        self.code.as_deref() == Some(code)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.code {
            Some(code) => write!(f, "“{} [{code}]”", self.text),
            None => write!(f, "“{}”", self.text),
        }
    }
}

/// Reads one whole response.
pub(in crate::sources::imap) fn read(response: &Bytes) -> Reply {
    let (first, rest) = word(response);
    match first.as_ref() {
        b"+" => Reply::More(line(&rest)),
        b"*" => untagged(&rest),
        tag if !tag.is_empty() && tag.iter().all(u8::is_ascii_alphanumeric) => {
            match status(&rest) {
                Some(status) => Reply::Done(first, status),
                None => Reply::Unread,
            }
        }
        _ => Reply::Unread,
    }
}

fn untagged(text: &Bytes) -> Reply {
    if let Some(status) = status(text) {
        return Reply::Status(status);
    }
    let (mut first, mut rest) = word(text);
    let number = std::str::from_utf8(&first)
        .ok()
        .and_then(|n| n.parse().ok());
    if number.is_some() {
        (first, rest) = word(&rest);
    }
    let word = String::from_utf8_lossy(&first).to_ascii_uppercase();
    match values(&rest) {
        Some(values) if !word.is_empty() => Reply::Data(Data {
            number,
            word,
            values,
        }),
        _ => Reply::Unread,
    }
}

fn status(text: &Bytes) -> Option<Status> {
    let (first, rest) = word(text);
    let kind = match first.to_ascii_uppercase().as_slice() {
        b"OK" => Kind::Ok,
        b"NO" => Kind::No,
        b"BAD" => Kind::Bad,
        b"BYE" => Kind::Bye,
        b"PREAUTH" => Kind::Preauth,
        _ => return None,
    };
    let rest = line(&rest);
    let end = memchr::memchr(b']', &rest).filter(|_| rest.first() == Some(&b'['));
    let (code, arguments, text) = match end {
        None => (None, Bytes::new(), rest),
        Some(end) => {
            let (code, arguments) = word(&rest.slice(1..end));
            let code = String::from_utf8_lossy(&code).to_ascii_uppercase();
            (Some(code), arguments, rest.slice(end + 1..))
        }
    };
    Some(Status {
        kind,
        code,
        arguments,
        text: shown(&text),
    })
}

/// A server's words as people may see them: one line, bounded.
fn shown(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    let text = text.trim().chars().take(limits::ANSWER_CHARS);
    text.map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// The first word and what follows it.
fn word(text: &Bytes) -> (Bytes, Bytes) {
    let end = text.iter().position(|b| b" \r\n".contains(b));
    let end = end.unwrap_or(text.len());
    let next = end + usize::from(text.get(end) == Some(&b' '));
    (text.slice(..end), text.slice(next..))
}

fn line(text: &Bytes) -> Bytes {
    let end = text.iter().rposition(|b| !b"\r\n".contains(b));
    text.slice(..end.map_or(0, |last| last + 1))
}

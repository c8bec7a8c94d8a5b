//! Keys that stand twice in one object.
//!
//! JSON allows it and readers take the last one, so an order of two quantities would silently become
//! an order of one of them.

use std::collections::HashSet;

use crate::limits;
use crate::problem::{Place, Problem};

/// What a look at an object's keys found.
#[derive(Debug, Default)]
pub(super) struct Structure {
    /// The keys of the outermost object.
    pub(super) keys: Vec<String>,
    /// The first key that stands twice in its object, and the offset behind it.
    pub(super) duplicate: Option<(String, usize)>,
}

/// The keys of one open object.
#[derive(Debug, Default)]
struct Keys<'a> {
    few: Vec<&'a str>,
    many: HashSet<&'a str>,
}

impl<'a> Keys<'a> {
    /// Adds `key`; answers whether it was new.
    fn add(&mut self, key: &'a str) -> bool {
        if self.few.len() < limits::JSON_KEYS_COMPARED {
            let fresh = !self.few.contains(&key);
            self.few.push(key);
            return fresh;
        }
        if self.many.is_empty() {
            self.many.extend(self.few.iter());
        }
        self.many.insert(key)
    }
}

/// Looks at every object in `text`, which is one value with balanced brackets.
///
/// Keys are compared as they are written; one that hides behind an escape (`\u0061`) is found by the
/// reader of the order for the fields it knows.
pub(super) fn look(text: &str) -> Structure {
    let mut found = Structure::default();
    let mut open: Vec<Option<Keys<'_>>> = Vec::new();
    let mut at = 0;
    let mut wants_key = false;
    let bytes = text.as_bytes();
    while let Some(byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'{' => {
                open.push(Some(Keys::default()));
                wants_key = true;
            }
            b'[' => {
                open.push(None);
                wants_key = false;
            }
            b'}' | b']' => {
                open.pop();
                wants_key = false;
            }
            b',' => wants_key = matches!(open.last(), Some(Some(_))),
            b'"' => {
                let end = string_end(bytes, at);
                let string = text.get(at..end).unwrap_or_default();
                at = end + 1;
                if !std::mem::take(&mut wants_key) {
                    continue;
                }
                if open.len() == 1 {
                    found.keys.push(string.to_owned());
                }
                let fresh = match open.last_mut() {
                    Some(Some(keys)) => keys.add(string),
                    _ => true,
                };
                if !fresh && found.duplicate.is_none() {
                    found.duplicate = Some((string.to_owned(), at));
                }
            }
            _ => {}
        }
    }
    found
}

/// Where the string that starts at `from` (behind its quote) ends.
fn string_end(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some(found) =
        memchr::memchr2(b'"', b'\\', bytes.get(at..).unwrap_or_default()).map(|found| at + found)
    {
        if bytes.get(found) == Some(&b'"') {
            return found;
        }
        at = found + 2;
    }
    bytes.len()
}

/// The problem of a key that stands twice.
pub(super) fn duplicate(key: &str, place: Place) -> Problem {
    Problem::error("json.duplicate-key", "A key stands twice in one object.")
        .at(place)
        .with_value(key)
        .with_hint("Leave one of them out; which one counts is not guessed.")
}

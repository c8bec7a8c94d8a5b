//! Shared and inline strings: plain or rich, without phonetic guides.

use crate::formats::sheet::markup::{Scanner, Token, unescape};
use crate::formats::sheet::strings::Strings;
use crate::formats::sheet::{Step, damaged};

/// Reads the shared strings part into one arena.
pub(super) fn read(mut scanner: Scanner<'_>, word: &'static str) -> Step<Strings> {
    let mut strings = Strings::new(word);
    let mut in_text = false;
    loop {
        match scanner.next()? {
            Token::Open(tag) => match tag.local() {
                b"t" => in_text = true,
                // How to pronounce the text (18.4.6) is no part of it.
                b"rPh" => scanner.skip()?,
                _ => {}
            },
            Token::Close(b"t") => in_text = false,
            Token::Close(b"si") => {
                let start = strings.tail_start();
                unescape_characters(strings.tail(), start);
                strings.finish()?;
            }
            Token::Text(raw) if in_text && !unescape(raw, strings.tail()) => {
                return Err(bad_text(word));
            }
            Token::Cdata(raw) if in_text => match std::str::from_utf8(raw) {
                Ok(text) => strings.tail().push_str(text),
                Err(_) => return Err(bad_text(word)),
            },
            Token::End => return Ok(strings),
            _ => {}
        }
    }
}

/// A text that is no text.
pub(super) fn bad_text(word: &'static str) -> crate::formats::sheet::Stop {
    damaged(word, "a text in it is not valid UTF-8 or XML").into()
}

/// Resolves `_x000D_` escapes from `start` on: how Excel writes characters that XML cannot hold
/// (ECMA-376 part 1, 22.9.2.19 ST_Xstring).
pub(super) fn unescape_characters(text: &mut String, start: usize) {
    let Some(tail) = text.get(start..).filter(|tail| tail.contains("_x")) else {
        return;
    };
    let mut clean = String::with_capacity(tail.len());
    let mut rest = tail;
    while let Some(at) = rest.find("_x") {
        clean.push_str(&rest[..at]);
        let escape = rest.get(at + 2..at + 7);
        if let Some(c) = escape.and_then(escaped) {
            clean.push(c);
            rest = &rest[at + 7..];
        } else {
            clean.push_str("_x");
            rest = &rest[at + 2..];
        }
    }
    clean.push_str(rest);
    text.truncate(start);
    text.push_str(&clean);
}

fn escaped(digits: &str) -> Option<char> {
    let hex = digits.strip_suffix('_')?;
    let number = u32::from_str_radix(hex, 16).ok()?;
    char::from_u32(number).filter(|c| *c != '\0')
}

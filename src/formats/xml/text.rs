//! Characters, names and references of XML.

use std::borrow::Cow;
use std::ops::Range;

/// Why a text or value cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    /// A reference to something that is not among the five entities of the standard.
    Entity(String),
    /// A character that may not stand there.
    Malformed(&'static str),
}

/// The text that a reference (without `&` and `;`) stands for.
pub(super) fn resolve(reference: &str) -> Result<char, Fault> {
    let character = match reference {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => {
            let Some(number) = reference.strip_prefix('#') else {
                return Err(if is_name(reference) {
                    Fault::Entity(reference.to_owned())
                } else {
                    Fault::Malformed("an `&` stands alone; it is written `&amp;`")
                });
            };
            return character(number).ok_or(Fault::Malformed(
                "a character reference does not name an allowed character",
            ));
        }
    };
    Ok(character)
}

fn character(number: &str) -> Option<char> {
    let (digits, radix) = number
        .strip_prefix('x')
        .map_or((number, 10), |digits| (digits, 16));
    if !digits.chars().all(|digit| digit.is_digit(radix)) {
        return None;
    }
    let found = char::from_u32(u32::from_str_radix(digits, radix).ok()?)?;
    let allowed =
        matches!(found, '\t' | '\n' | '\r' | ' '..) && !matches!(found, '\u{FFFE}' | '\u{FFFF}');
    allowed.then_some(found)
}

/// An attribute's value: references resolved, white space made blanks (XML 1.0, 3.3.3).
pub(super) fn attribute_value(raw: &str) -> Result<Cow<'_, str>, Fault> {
    let special = |byte: &u8| matches!(*byte, b'&' | b'<' | b'\t' | b'\n');
    if !raw.as_bytes().iter().any(special) {
        return Ok(Cow::Borrowed(raw));
    }
    let mut value = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.as_bytes().iter().position(special) {
        let (plain, behind) = rest.split_at_checked(at).unwrap_or((rest, ""));
        value.push_str(plain);
        rest = behind.get(1..).unwrap_or_default();
        match behind.as_bytes().first() {
            Some(b'&') => {
                let (reference, behind) = rest.split_once(';').ok_or(Fault::Malformed(
                    "an `&` stands alone; it is written `&amp;`",
                ))?;
                value.push(resolve(reference)?);
                rest = behind;
            }
            Some(b'<') => return Err(Fault::Malformed("a `<` stands inside an attribute")),
            _ => value.push(' '),
        }
    }
    value.push_str(rest);
    Ok(Cow::Owned(value))
}

/// Whether `name` may name an element or attribute (XML 1.0, 2.3; beyond ASCII, leniently).
pub(super) fn is_name(name: &str) -> bool {
    let of = |byte: &u8| NAME_BYTES.get(usize::from(*byte)).copied().unwrap_or(0);
    let bytes = name.as_bytes();
    bytes.first().is_some_and(|first| of(first) == 2) && bytes.iter().all(|byte| of(byte) > 0)
}

/// What each byte is in a name: 2 may start it, 1 may follow, 0 may not stand there.
const NAME_BYTES: [u8; 256] = {
    let mut all = [0; 256];
    let mut at = 0;
    while at < all.len() {
        all[at] = match at {
            0x41..=0x5A | 0x61..=0x7A | 0x5F | 0x3A | 0x80.. => 2,
            0x30..=0x39 | 0x2D | 0x2E => 1,
            _ => 0,
        };
        at += 1;
    }
    all
};

/// White space of XML 1.0, 2.3: not the non-breaking blank, which is text.
fn blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// Whether `text` is white space only.
pub(super) fn is_blank(text: &str) -> bool {
    text.bytes().all(blank)
}

/// Where `text` without outer white space lies.
pub(super) fn inner(text: &str) -> Range<usize> {
    let start = text.bytes().position(|byte| !blank(byte));
    let last = text.bytes().rposition(|byte| !blank(byte));
    match (start, last) {
        (Some(start), Some(last)) => start..last + 1,
        _ => 0..0,
    }
}

/// `text` without outer white space.
pub(super) fn trimmed(text: &str) -> &str {
    text.get(inner(text)).unwrap_or_default()
}

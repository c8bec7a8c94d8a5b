//! Check digits of GS1 and ISO 6346.

/// Whether `text` is a GTIN-8, -12, -13 or -14 with a right check digit (GS1 General
/// Specifications 7.9.1).
pub(super) fn is_gtin(text: &str) -> bool {
    matches!(text.len(), 8 | 12 | 13 | 14) && is_gs1(text)
}

/// Whether `text` is an SSCC with a right check digit, with or without its application identifier
/// 00.
pub(super) fn is_sscc(text: &str) -> bool {
    let text = text.strip_prefix("(00)").unwrap_or(text);
    let text = match text.len() {
        20 => text.strip_prefix("00").unwrap_or(text),
        _ => text,
    };
    text.len() == 18 && is_gs1(text)
}

/// From the right the digits weigh 1, 3, 1, 3, …; the sum is a multiple of ten.
fn is_gs1(digits: &str) -> bool {
    let (mut sum, mut weight) = (0, 1);
    for byte in digits.bytes().rev() {
        if !byte.is_ascii_digit() {
            return false;
        }
        sum += u32::from(byte - b'0') * weight;
        weight = 4 - weight;
    }
    sum % 10 == 0
}

/// Whether the check digit of a container number is right; `None` for what is no container number,
/// such as a trailer's licence plate. Blanks and dashes between its parts do not count.
pub(super) fn is_container(text: &str) -> Option<bool> {
    let mut signs = text.bytes().filter(|b| !b" -/".contains(b));
    let (mut sum, mut weight) = (0, 1);
    for place in 0..10 {
        let byte = signs.next()?;
        let value = if place < 4 {
            letter(byte)?
        } else {
            digit(byte)?
        };
        sum += value * weight;
        weight *= 2;
    }
    let check = digit(signs.next()?)?;
    signs.next().is_none().then_some(sum % 11 % 10 == check)
}

fn digit(byte: u8) -> Option<u32> {
    byte.is_ascii_digit().then(|| u32::from(byte - b'0'))
}

/// ISO 6346 annex A: A is 10, and the multiples of 11 are left out.
fn letter(byte: u8) -> Option<u32> {
    let place = u32::from(byte.to_ascii_uppercase().checked_sub(b'A')?);
    let value = match place {
        0 => 10,
        1..=10 => place + 11,
        11..=20 => place + 12,
        21..=25 => place + 13,
        _ => return None,
    };
    Some(value)
}

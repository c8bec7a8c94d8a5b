//! Numbers as people and programs write them.
//!
//! | declared sign | taken | refused |
//! |---|---|---|
//! | point (default) | `1234` `-1.5` `.5` `+3` `1,234.50` `1,234,567` `1'234` `1 234` | `1,234` `12,50` `1.234,50` |
//! | comma | `1234` `-1,5` `1.234,50` `1.234.567` `1'234` `1 234,5` | `1.234` `12.50` `1,234.50` |
//!
//! A thousands separator counts only between groups of exactly three digits, all separators alike.
//! Apostrophes and blanks are never decimal signs, so one of them is enough; a lone sign of the
//! other decimal convention before three digits has two readings and is refused. Exponents, a sign
//! behind the number, parentheses, currencies and units in the cell are refused.

use rust_decimal::Decimal;

use super::ValueFault;
use crate::limits;

/// Which sign stands before the decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DecimalSign {
    /// `12.50`.
    #[default]
    Point,
    /// `12,50`.
    Comma,
}

impl DecimalSign {
    fn byte(self) -> u8 {
        match self {
            Self::Point => b'.',
            Self::Comma => b',',
        }
    }

    /// The sign of the other convention, which separates thousands in this one.
    fn other(self) -> char {
        match self {
            Self::Point => ',',
            Self::Comma => '.',
        }
    }
}

/// How a sender writes numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Numbers {
    /// The declared decimal sign.
    pub decimal: DecimalSign,
}

/// Digits that an `i64` holds whatever they are.
const FAST_DIGITS: u32 = 18;

/// Reads the number in `text`, blanks around it aside. Cells that a sheet holds as numbers
/// have a point whatever the sender declared for texts: read them as such.
///
/// # Errors
/// `number.missing`, `number.ambiguous`, `number.decimal-comma`, `number.decimal-point`,
/// `number.exponent`, `number.unit`, `number.sign`, `number.too-long`, `number.invalid`.
pub fn parse_number(text: &str, numbers: &Numbers) -> Result<Decimal, ValueFault> {
    match plain(text.as_bytes(), numbers.decimal.byte()) {
        Some(number) => Ok(number),
        None => careful(text.trim(), numbers.decimal),
    }
}

/// Digits with at most one decimal sign: nearly every number there is.
fn plain(bytes: &[u8], decimal: u8) -> Option<Decimal> {
    let (negative, digits) = match bytes {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    let (mut value, mut count, mut scale) = (0_i64, 0, 0);
    let mut in_fraction = false;
    for &byte in digits {
        if byte.is_ascii_digit() {
            count += 1;
            if count > FAST_DIGITS {
                return None;
            }
            value = value * 10 + i64::from(byte - b'0');
            scale += u32::from(in_fraction);
        } else if byte == decimal && !in_fraction {
            in_fraction = true;
        } else {
            return None;
        }
    }
    if count == 0 || (in_fraction && scale == 0) {
        return None;
    }
    Decimal::try_new(if negative { -value } else { value }, scale).ok()
}

/// Everything that is rarer: blanks, signs, thousands separators, many digits.
#[cold]
fn careful(text: &str, decimal: DecimalSign) -> Result<Decimal, ValueFault> {
    let (negative, unsigned) = match text.strip_prefix(['-', '\u{2212}']) {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let sign = char::from(decimal.byte());
    let (whole, fraction) = match unsigned.split_once(sign) {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (unsigned, None),
    };
    if fraction.is_some_and(|f| f.is_empty() || !super::is_digits(f)) {
        return Err(refusal(text, decimal));
    }
    match grouping(whole) {
        Grouping::None if whole.is_empty() && fraction.is_none() => Err(refusal(text, decimal)),
        Grouping::By(separator, 1) if fraction.is_none() && separator == decimal.other() => {
            Err(ambiguous(whole, separator))
        }
        Grouping::Broken => Err(refusal(text, decimal)),
        _ => assemble(whole, fraction.unwrap_or(""), negative),
    }
}

/// How the digits before the decimal sign are grouped.
enum Grouping {
    /// Not at all.
    None,
    /// By this separator, which stands there so many times.
    By(char, usize),
    /// It is no whole number.
    Broken,
}

fn grouping(whole: &str) -> Grouping {
    const SEPARATORS: &[char] = &[',', '.', '\'', '’', ' ', '\u{a0}', '\u{2009}', '\u{202f}'];
    let Some(separator) = whole.chars().find(|c| !c.is_ascii_digit()) else {
        return Grouping::None;
    };
    let mut groups = whole.split(separator);
    let first = groups.next().unwrap_or_default();
    let leads = (1..=3).contains(&first.len()) && first != "0";
    let mut count = 0;
    let all = groups.all(|group| {
        count += 1;
        group.len() == 3 && super::is_digits(group)
    });
    if SEPARATORS.contains(&separator) && leads && all {
        Grouping::By(separator, count)
    } else {
        Grouping::Broken
    }
}

/// Puts the digits together, exactly.
fn assemble(whole: &str, fraction: &str, negative: bool) -> Result<Decimal, ValueFault> {
    let (mut value, mut count) = (0_i128, 0_u32);
    for byte in whole
        .bytes()
        .chain(fraction.bytes())
        .filter(u8::is_ascii_digit)
    {
        // Zeros in front are no digits of the number.
        count += u32::from(count > 0 || byte != b'0');
        if count > limits::NUMBER_DIGITS {
            return Err(too_long());
        }
        value = value * 10 + i128::from(byte - b'0');
    }
    u32::try_from(fraction.len())
        .ok()
        .and_then(|scale| {
            Decimal::try_from_i128_with_scale(if negative { -value } else { value }, scale).ok()
        })
        .ok_or_else(too_long)
}

#[cold]
fn too_long() -> ValueFault {
    ValueFault::new(
        "number.too-long",
        "The number has more digits than any amount or quantity.",
        format!("a number of at most {} digits", limits::NUMBER_DIGITS),
    )
    .hint("If this is an id, it stands in the wrong column.")
}

#[cold]
fn ambiguous(whole: &str, separator: char) -> ValueFault {
    let thousands: String = whole.chars().filter(|c| *c != separator).collect();
    let fraction = whole.replace(separator, ".");
    ValueFault::new(
        "number.ambiguous",
        format!("The number can be read as {thousands} or as {fraction}."),
        "a number with one reading",
    )
    .hint(format!(
        "Write {thousands} without a separator, or write the decimals out."
    ))
}

/// Says what is wrong with a text that is no number.
#[cold]
fn refusal(text: &str, decimal: DecimalSign) -> ValueFault {
    let fault = |code, message: &str| ValueFault::new(code, message, expected(decimal));
    if text.is_empty() {
        return fault("number.missing", "The number is missing.");
    }
    if is_exponent(text) {
        return fault(
            "number.exponent",
            "The number is in exponent form and has lost digits.",
        )
        .hint("Format the column as a number without exponent and save again.");
    }
    if !text.bytes().any(|b| b.is_ascii_digit()) {
        return fault("number.invalid", "This is not a number.")
            .hint("Write the number in digits.");
    }
    if text
        .chars()
        .any(|c| c.is_alphabetic() || "€$£¥%‰¤°".contains(c))
    {
        return fault("number.unit", "There is more than a number in the cell.")
            .hint("Give the currency or unit in a column of its own and the number alone here.");
    }
    if text.ends_with(['-', '+', '\u{2212}']) || text.starts_with('(') {
        return fault("number.sign", "The sign does not stand before the number.")
            .hint("Write a negative number as -12.");
    }
    let body = text.trim_start_matches(['-', '+']);
    let other_last = body.rfind(decimal.other()) > body.rfind(char::from(decimal.byte()));
    let is_otherwise_fine = body
        .bytes()
        .all(|b| b.is_ascii_digit() || b == b',' || b == b'.');
    match decimal {
        DecimalSign::Point if other_last && is_otherwise_fine => fault(
            "number.decimal-comma",
            "The number has a decimal comma, which is not declared.",
        )
        .hint("Write a decimal point, or have the decimal comma declared for your files."),
        DecimalSign::Comma if other_last && is_otherwise_fine => fault(
            "number.decimal-point",
            "The number has a point where a comma is declared.",
        )
        .hint("Write decimals with a comma, as in your other files."),
        _ => fault("number.invalid", "This is not a number.")
            .hint("Write digits, with one decimal sign at most and no other separators."),
    }
}

fn expected(decimal: DecimalSign) -> &'static str {
    match decimal {
        DecimalSign::Point => "a number such as 1234.50",
        DecimalSign::Comma => "a number such as 1234,50",
    }
}

/// Whether `text` is what a spreadsheet shows of a long number: `8.71E+12`, `8,71e12`.
pub(super) fn is_exponent(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else {
        return false;
    };
    let mantissa = mantissa.strip_prefix('-').unwrap_or(mantissa);
    let (whole, fraction) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, "0"));
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    [whole, fraction, exponent]
        .iter()
        .all(|part| !part.is_empty() && super::is_digits(part))
}

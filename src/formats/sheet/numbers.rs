//! Numbers of cells as text: exact, plain, never in exponent form.
//!
//! Spreadsheets hold binary doubles and show at most 15 significant digits, so 15 is what a sender
//! ever saw: `0.30000000000000004` is 0.3. A whole number of more than 15 digits has lost digits before
//! it reached us; it is told as [`CellKind::Imprecise`], never guessed.

use std::fmt::Write;

use crate::formats::CellKind;

/// Significant digits that a spreadsheet keeps.
const DIGITS: usize = 15;
/// The first whole number with more than [`DIGITS`] digits.
const IMPRECISE_FROM: f64 = 1e15;

/// Writes `value` after `out`.
pub(super) fn plain(value: f64, out: &mut String) -> CellKind {
    if !value.is_finite() {
        out.push_str("#NUM!");
        return CellKind::Error;
    }
    if value.fract() == 0.0 && value.abs() < IMPRECISE_FROM {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a whole number below 10^15 is exact in i64"
        )]
        push(out, format_args!("{}", value as i64));
        return CellKind::Number;
    }
    rounded(value, out);
    if value.fract() == 0.0 {
        CellKind::Imprecise
    } else {
        CellKind::Number
    }
}

/// Writes the number that `raw` spells after `out`; `None` where it spells none.
pub(super) fn from_text(raw: &str, out: &mut String) -> Option<CellKind> {
    let raw = raw.trim_matches([' ', '\t', '\r', '\n']);
    let unsigned = raw.strip_prefix('-').unwrap_or(raw);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if !whole.is_empty() && all_digits(whole) && all_digits(fraction) {
        if whole.len() + fraction.len() <= DIGITS {
            short(raw.starts_with('-'), whole, fraction, out);
            return Some(CellKind::Number);
        }
        // Our own rounding would invent zeros; the digits that stand there explain themselves.
        if fraction.is_empty() && whole.trim_start_matches('0').len() > DIGITS {
            out.push_str(raw);
            return Some(CellKind::Imprecise);
        }
    }
    let value: f64 = raw.parse().ok()?;
    value.is_finite().then(|| plain(value, out))
}

/// A number of few digits as it stands, without idle zeros.
fn short(negative: bool, whole: &str, fraction: &str, out: &mut String) {
    let whole = whole.trim_start_matches('0');
    let fraction = fraction.trim_end_matches('0');
    if negative && !(whole.is_empty() && fraction.is_empty()) {
        out.push('-');
    }
    out.push_str(if whole.is_empty() { "0" } else { whole });
    if !fraction.is_empty() {
        out.push('.');
        out.push_str(fraction);
    }
}

/// Writes the shortest text that names `value`, if it has no more than [`DIGITS`] digits: then it is
/// `value` rounded to so many, because doubles lie closer to each other than such texts.
fn shortest(value: f64, out: &mut String) -> bool {
    let start = out.len();
    push(out, format_args!("{value}"));
    let written = out.get(start..).unwrap_or_default();
    let significant = written.trim_start_matches(['-', '0', '.']).bytes();
    let short = significant.filter(u8::is_ascii_digit).count() <= DIGITS;
    if !short {
        out.truncate(start);
    }
    short
}

/// `value` rounded to 15 significant digits, in positional notation.
fn rounded(value: f64, out: &mut String) {
    if (1e-4..IMPRECISE_FROM).contains(&value.abs()) && shortest(value, out) {
        return;
    }
    let scientific = format!("{:.*e}", DIGITS - 1, value.abs());
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.trim_end_matches('0');
    if value < 0.0 && !digits.is_empty() {
        out.push('-');
    }
    match usize::try_from(exponent) {
        Err(_) => {
            out.push_str("0.");
            let zeros = usize::try_from(-exponent - 1).unwrap_or(0);
            out.extend(std::iter::repeat_n('0', zeros));
            out.push_str(digits);
        }
        Ok(exponent) if digits.len() <= exponent + 1 => {
            out.push_str(digits);
            out.extend(std::iter::repeat_n('0', exponent + 1 - digits.len()));
        }
        Ok(exponent) => {
            let (whole, fraction) = digits.split_at(exponent + 1);
            out.push_str(whole);
            out.push('.');
            out.push_str(fraction);
        }
    }
}

/// Writing to a `String` cannot fail; this says so once.
pub(super) fn push(out: &mut String, arguments: std::fmt::Arguments<'_>) {
    if out.write_fmt(arguments).is_err() {
        debug_assert!(false, "writing to a String cannot fail");
    }
}

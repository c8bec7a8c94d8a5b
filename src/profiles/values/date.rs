//! Dates as people and programs write them.
//!
//! Taken, in this order: ISO 8601 (`2026-12-25`, `20261225`, also with a time); the declared
//! patterns, in their order; and whatever has one reading only: `25.12.2026`, `3 mars 2026`,
//! `05/05/2026`. A declared pattern also tells the order of day and month for dates with other
//! separators. `03-04-25` without a declared order has three readings and is refused, and so is the
//! number by which a spreadsheet counts days.

use jiff::civil::Date;

use super::date_faults::{ambiguous, expected, impossible, refusal};
use super::pattern::{FieldOrder, Ymd, full_year};
use super::{DatePattern, ValueFault, clock, months, small_number};
use crate::limits;

/// How a sender writes dates.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Dates {
    /// The declared patterns; the first that gives a date counts.
    pub patterns: Vec<DatePattern>,
}

/// Reads the date in `text`; of a date with a time, the date.
///
/// # Errors
/// `date.missing`, `date.ambiguous`, `date.impossible`, `date.serial`, `date.no-year`,
/// `date.unreadable`.
pub fn parse_date(text: &str, dates: &Dates) -> Result<Date, ValueFault> {
    let text = text.trim();
    if let Some((ymd, rest)) = iso(text)
        && (rest.is_empty() || is_tail(rest))
    {
        return exact(ymd).ok_or_else(|| impossible(text, dates));
    }
    let mut is_known_layout = false;
    for pattern in &dates.patterns {
        if let Some((ymd, rest)) = pattern.read(text)
            && (rest.is_empty() || is_tail(rest))
        {
            if let Some(date) = exact(ymd) {
                return Ok(date);
            }
            is_known_layout = true;
        }
    }
    if is_known_layout {
        return Err(impossible(text, dates));
    }
    careful(text, dates)
}

/// `2026-12-25` at the start of `text`, and what follows.
fn iso(text: &str) -> Option<(Ymd, &str)> {
    let digit = |at: usize| {
        let byte = text.as_bytes().get(at)?;
        byte.is_ascii_digit().then(|| u32::from(byte - b'0'))
    };
    let two = |at: usize| Some(digit(at)? * 10 + digit(at + 1)?);
    let is_dash = |at: usize| text.as_bytes().get(at) == Some(&b'-');
    if !is_dash(4) || !is_dash(7) {
        return None;
    }
    let ymd = Ymd {
        year: two(0)? * 100 + two(2)?,
        month: two(5)?,
        day: two(8)?,
    };
    Some((ymd, text.get(10..)?))
}

/// A time or a zone behind a date.
fn is_tail(rest: &str) -> bool {
    match rest.strip_prefix(['T', ' ']) {
        Some(time) => clock::is_time(time.trim_start()),
        None => clock::is_zone(rest),
    }
}

/// The date, if the calendar has it.
fn exact(ymd: Ymd) -> Option<Date> {
    let year = i16::try_from(ymd.year).ok()?;
    let (month, day) = (i8::try_from(ymd.month).ok()?, i8::try_from(ymd.day).ok()?);
    if year < limits::YEAR_FIRST {
        return None;
    }
    Date::new(year, month, day).ok()
}

/// One of the three numbers (or the name) of a date.
#[derive(Debug, Clone, Copy)]
enum Field {
    Number { value: u32, digits: usize },
    Month(u8),
}

/// Texts in no declared layout: taken if there is one reading.
fn careful(text: &str, dates: &Dates) -> Result<Date, ValueFault> {
    let day_part = without_time(text);
    if super::is_digits(day_part) && !day_part.is_empty() {
        return compact(day_part, dates);
    }
    let (fields, count) = split(day_part).ok_or_else(|| refusal(text, dates))?;
    let [Some(first), Some(second), third] = fields else {
        return Err(refusal(text, dates));
    };
    let Some(third) = third.filter(|_| count == 3) else {
        return Err(without_year(first, second, text, dates));
    };
    let fields = [first, second, third];
    let possible = [
        FieldOrder::DayMonthYear,
        FieldOrder::MonthDayYear,
        FieldOrder::YearMonthDay,
    ]
    .map(|order| arrange(fields, order).map(|ymd| (order, ymd)));
    let is_declared = |order| dates.patterns.iter().any(|p| p.order() == order);
    let declared = possible.map(|found| found.filter(|(order, _)| is_declared(*order)));
    let candidates = if declared.iter().any(Option::is_some) {
        declared
    } else {
        possible
    };
    choose(candidates, text, dates)
}

/// The one date among the candidates.
fn choose(
    candidates: [Option<(FieldOrder, Ymd)>; 3],
    text: &str,
    dates: &Dates,
) -> Result<Date, ValueFault> {
    if candidates.iter().all(Option::is_none) {
        return Err(refusal(text, dates));
    }
    let mut readings = candidates
        .into_iter()
        .flatten()
        .filter_map(|(_, ymd)| exact(ymd));
    let Some(date) = readings.next() else {
        return Err(impossible(text, dates));
    };
    let others: Vec<Date> = readings.filter(|other| *other != date).collect();
    if others.is_empty() {
        Ok(date)
    } else {
        Err(ambiguous(date, &others))
    }
}

/// `text` without the time that stands behind its date.
fn without_time(text: &str) -> &str {
    let Some(colon) = text.find(':') else {
        return text;
    };
    let cut = text.get(..colon).and_then(|head| head.rfind(['T', ' ']));
    match cut.and_then(|at| text.split_at_checked(at)) {
        Some((date, tail)) if is_tail(tail) => date.trim_end(),
        _ => text,
    }
}

/// Numbers and names of `text`, and how many there are; `None` if it is no date.
fn split(text: &str) -> Option<([Option<Field>; 3], usize)> {
    let mut fields = [None; 3];
    let mut count = 0;
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let is_digit = first.is_ascii_digit();
        if !is_digit && !first.is_alphabetic() {
            if !matches!(first, '-' | '/' | '.' | ',' | ' ' | '\u{a0}') {
                return None;
            }
            rest = rest.get(first.len_utf8()..)?;
            continue;
        }
        let same = |c: char| c.is_ascii_digit() == is_digit && c.is_alphanumeric();
        let end = rest.find(|c| !same(c)).unwrap_or(rest.len());
        let (token, after) = rest.split_at_checked(end)?;
        rest = after;
        if is_decoration(token) {
            continue;
        }
        *fields.get_mut(count)? = Some(field(token, is_digit)?);
        count += 1;
    }
    Some((fields, count))
}

/// Words that add nothing: `1er`, `3rd of`, `le`.
fn is_decoration(token: &str) -> bool {
    const DECORATION: &[&str] = &[
        "st", "nd", "rd", "th", "of", "er", "le", "de", "den", "der", "e",
    ];
    DECORATION
        .iter()
        .any(|word| word.eq_ignore_ascii_case(token))
}

fn field(token: &str, is_digit: bool) -> Option<Field> {
    if is_digit {
        return Some(Field::Number {
            value: small_number(token)?,
            digits: token.len(),
        });
    }
    months::month(token).map(Field::Month)
}

/// The fields in this order; `None` if they cannot stand in it, whatever the calendar says.
fn arrange(fields: [Field; 3], order: FieldOrder) -> Option<Ymd> {
    let [first, second, third] = fields;
    let (year, month, day) = match order {
        FieldOrder::DayMonthYear => (third, second, first),
        FieldOrder::MonthDayYear => (third, first, second),
        FieldOrder::YearMonthDay => (first, second, third),
    };
    Some(Ymd {
        year: match year {
            Field::Number {
                value,
                digits: digits @ (2 | 4),
            } => full_year(digits, value),
            _ => return None,
        },
        month: match month {
            Field::Month(month) => u32::from(month),
            Field::Number {
                value,
                digits: 1 | 2,
            } => value,
            Field::Number { .. } => return None,
        },
        day: match day {
            Field::Number {
                value,
                digits: 1 | 2,
            } => value,
            _ => return None,
        },
    })
}

/// Digits alone. Eight are ISO's short form if that is a date: no other order of eight digits
/// gives one as well, because neither 19 nor 20 is a month.
fn compact(digits: &str, dates: &Dates) -> Result<Date, ValueFault> {
    if digits.len() == 8
        && let Some(number) = small_number(digits)
        && let Some(date) = exact(Ymd {
            year: number / 10_000,
            month: number / 100 % 100,
            day: number % 100,
        })
    {
        return Ok(date);
    }
    Err(refusal(digits, dates))
}

#[cold]
fn without_year(first: Field, second: Field, text: &str, dates: &Dates) -> ValueFault {
    // 2028 is a leap year: whatever day any year has, it has.
    let year = Field::Number {
        value: 2028,
        digits: 4,
    };
    let mut arranged = [FieldOrder::DayMonthYear, FieldOrder::MonthDayYear]
        .into_iter()
        .filter_map(|order| arrange([first, second, year], order))
        .peekable();
    if arranged.peek().is_none() {
        return refusal(text, dates);
    }
    if !arranged.any(|ymd| exact(ymd).is_some()) {
        return impossible(text, dates);
    }
    ValueFault::new("date.no-year", "The date has no year.", expected(dates))
        .hint("Write the date in full.")
}

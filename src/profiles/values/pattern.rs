//! Declared layouts of dates: `DD-MM-YY`, `D/M/YYYY`, `YYYYMMDD`, `DD MMM YYYY HH:mm`.
//!
//! `Y`, `M`, `D`, `H`, `m`, `s` stand for digits, `MMM` for a month's name; small letters do as
//! well (`dd-mm-yyyy`), and `MM` or `mm` behind an hour is minutes. Everything else stands for
//! itself. A pattern has each of day, month and year once, in one of the three orders that people
//! use.

use super::{months, small_number};

/// In which order day, month and year stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FieldOrder {
    /// Most of the world.
    DayMonthYear,
    /// United States.
    MonthDayYear,
    /// ISO 8601, Sweden, eastern Asia.
    YearMonthDay,
}

/// One declared layout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatePattern {
    text: Box<str>,
    parts: Vec<Part>,
    order: FieldOrder,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// Digits, so many at least and at most.
    Digits(Unit, usize, usize),
    /// A month's name.
    MonthName,
    /// Itself.
    Literal(char),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
}

/// Day, month and year as they were read, not yet known to exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Ymd {
    pub(super) year: u32,
    pub(super) month: u32,
    pub(super) day: u32,
}

impl DatePattern {
    /// Reads a pattern; `None` if it does not name day, month and year once each, names anything
    /// unknown, or leaves open where one number ends and the next begins (`DMYYYY`).
    #[must_use]
    pub fn parse(pattern: &str) -> Option<Self> {
        let mut parts = Vec::new();
        let mut chars = pattern.chars().peekable();
        let mut has_hour = false;
        while let Some(c) = chars.next() {
            if !c.is_alphabetic() || c == 'T' {
                parts.push(Part::Literal(c));
                continue;
            }
            let mut run = 1;
            while chars.next_if_eq(&c).is_some() {
                run += 1;
            }
            let part = part(c, run, has_hour)?;
            has_hour |= matches!(part, Part::Digits(Unit::Hour, ..));
            parts.push(part);
        }
        pin_widths(&mut parts)?;
        let order = order(&parts)?;
        Some(Self {
            text: pattern.into(),
            parts,
            order,
        })
    }

    /// The pattern as it was declared.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub(super) fn order(&self) -> FieldOrder {
        self.order
    }

    /// The fields of `text` if it has this layout, and what follows them.
    pub(super) fn read<'t>(&self, text: &'t str) -> Option<(Ymd, &'t str)> {
        let mut rest = text;
        let mut ymd = Ymd::default();
        for part in &self.parts {
            rest = match *part {
                Part::Literal(c) => rest.strip_prefix(c)?,
                Part::MonthName => {
                    let end = rest
                        .find(|c: char| !c.is_alphabetic())
                        .unwrap_or(rest.len());
                    let (name, after) = rest.split_at(end);
                    ymd.month = u32::from(months::month(name)?);
                    after.strip_prefix('.').unwrap_or(after)
                }
                Part::Digits(unit, least, most) => {
                    let count = rest
                        .bytes()
                        .take(most)
                        .take_while(u8::is_ascii_digit)
                        .count();
                    let (digits, after) = rest.split_at(count);
                    if count < least || (unit == Unit::Year && count == 3) {
                        return None;
                    }
                    ymd.set(unit, count, small_number(digits)?)?;
                    after
                }
            };
        }
        // `25-12-2026` is not `DD-MM-YY` followed by `26`.
        (!rest.starts_with(|c: char| c.is_ascii_digit())).then_some((ymd, rest))
    }
}

impl Ymd {
    fn set(&mut self, unit: Unit, digits: usize, value: u32) -> Option<()> {
        match unit {
            Unit::Year => self.year = full_year(digits, value),
            Unit::Month => self.month = value,
            Unit::Day => self.day = value,
            Unit::Hour => return (value < 24).then_some(()),
            Unit::Minute | Unit::Second => return (value < 60).then_some(()),
        }
        Some(())
    }
}

/// Two-digit years: as POSIX reads them, 69 and later are of the last century. Orders are about
/// today, but an old sample dated 2093 would be a date that nobody wrote.
pub(super) fn full_year(digits: usize, value: u32) -> u32 {
    match value {
        _ if digits != 2 => value,
        69.. => 1900 + value,
        _ => 2000 + value,
    }
}

/// The part that `run` times the letter `c` stands for.
fn part(c: char, run: usize, has_hour: bool) -> Option<Part> {
    let unit = match c {
        'Y' | 'y' => Unit::Year,
        'M' | 'm' if has_hour => Unit::Minute,
        'M' | 'm' => Unit::Month,
        'D' | 'd' => Unit::Day,
        'H' | 'h' => Unit::Hour,
        'S' | 's' => Unit::Second,
        _ => return None,
    };
    match (unit, run) {
        (Unit::Year, 4) => Some(Part::Digits(unit, 4, 4)),
        (Unit::Year, 2) => Some(Part::Digits(unit, 2, 2)),
        (Unit::Month, 3 | 4) => Some(Part::MonthName),
        (Unit::Year, _) => None,
        (_, 1) => Some(Part::Digits(unit, 1, 2)),
        (_, 2) => Some(Part::Digits(unit, 2, 2)),
        _ => None,
    }
}

/// Where a separator follows, `DD` takes one digit and `YY` takes four as well: there is no doubt
/// where the number ends. Numbers that touch must have their width.
fn pin_widths(parts: &mut [Part]) -> Option<()> {
    for i in 0..parts.len() {
        let is_digits = |at: Option<usize>| {
            at.and_then(|at| parts.get(at))
                .is_some_and(|part| matches!(part, Part::Digits(..)))
        };
        let touches = is_digits(i.checked_sub(1)) || is_digits(i.checked_add(1));
        if let Some(Part::Digits(unit, least, most)) = parts.get_mut(i) {
            match (touches, *unit) {
                (true, _) if least != most => return None,
                (true, _) => {}
                (false, Unit::Year) => *most = 4,
                (false, _) => *least = 1,
            }
        }
    }
    Some(())
}

fn order(parts: &[Part]) -> Option<FieldOrder> {
    let mut found = parts.iter().filter_map(|part| match part {
        Part::MonthName => Some(Unit::Month),
        Part::Digits(unit @ (Unit::Year | Unit::Month | Unit::Day), ..) => Some(*unit),
        _ => None,
    });
    let three = [found.next()?, found.next()?, found.next()?];
    if found.next().is_some() {
        return None;
    }
    match three {
        [Unit::Day, Unit::Month, Unit::Year] => Some(FieldOrder::DayMonthYear),
        [Unit::Month, Unit::Day, Unit::Year] => Some(FieldOrder::MonthDayYear),
        [Unit::Year, Unit::Month, Unit::Day] => Some(FieldOrder::YearMonthDay),
        _ => None,
    }
}

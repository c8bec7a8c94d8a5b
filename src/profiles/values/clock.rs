//! Times of day: `09:30`, `9:30:00`, `0930`, `9.30 Uhr`, `9h30`, `14 uur`, `2:30 PM`.
//!
//! Seconds are read and left out: orders count in minutes. A time in another zone would have to be
//! moved and is refused; so is `930`, and a spreadsheet's fraction of a day.

use super::{ValueFault, small_number};
use crate::order::TimeOfDay;

/// Words that may stand behind a time and add nothing to it.
static OCLOCK: &[&str] = &["", "h", "hr", "hrs", "uhr", "uur", "u", "heures", "heure"];

/// Reads the time of day in `text`; of a date with a time, the time.
///
/// # Errors
/// `time.missing`, `time.zone`, `time.impossible`, `time.unreadable`.
pub fn parse_time(text: &str) -> Result<TimeOfDay, ValueFault> {
    let text = text.trim();
    if let Some(time) = TimeOfDay::parse(text) {
        return Ok(time);
    }
    let clock = behind_date(text);
    match read(clock) {
        Clock::Time(time) => Ok(time),
        Clock::Impossible => Err(ValueFault::new(
            "time.impossible",
            "No clock shows this time.",
            "a time from 00:00 to 23:59",
        )),
        Clock::Unreadable => Err(refusal(clock)),
    }
}

/// Whether `text` is a time of day, with or without a zone.
pub(super) fn is_time(text: &str) -> bool {
    matches!(read(without_zone(text).unwrap_or(text)), Clock::Time(_))
}

/// What stands behind the date of `2026-12-25T09:30`; all of it where there is no date.
fn behind_date(text: &str) -> &str {
    let is_date = |head: &str| {
        head.len() >= 8
            && head
                .bytes()
                .all(|b| b.is_ascii_digit() || b"-/.".contains(&b))
            && !head.contains(':')
    };
    match text.split_once(['T', ' ']) {
        Some((head, tail)) if is_date(head) => tail.trim_start(),
        _ => text,
    }
}

/// `text` without `Z` or `+01:00`, if one of them ends it.
fn without_zone(text: &str) -> Option<&str> {
    if let Some(local) = text.strip_suffix('Z') {
        return Some(local.trim_end());
    }
    let (local, offset) = text.split_at_checked(text.rfind(['+', '-'])?)?;
    let is_offset = matches!(offset.len(), 3 | 5 | 6)
        && offset
            .bytes()
            .skip(1)
            .all(|b| b.is_ascii_digit() || b == b':');
    is_offset.then_some(local.trim_end())
}

/// Whether `text` is only a zone: `Z`, `+01:00`.
pub(super) fn is_zone(text: &str) -> bool {
    without_zone(text).is_some_and(str::is_empty)
}

enum Clock {
    Time(TimeOfDay),
    Impossible,
    Unreadable,
}

/// Half of the day, where the clock has twelve hours.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Half {
    Morning,
    Afternoon,
}

fn read(text: &str) -> Clock {
    let (digits, half) = without_half(text);
    let digits = digits.trim_end();
    let Some((hour, minute)) = hour_and_minute(digits, half.is_some()) else {
        return Clock::Unreadable;
    };
    let hour = match half {
        None => hour,
        Some(_) if !(1..=12).contains(&hour) => return Clock::Impossible,
        Some(Half::Morning) => hour % 12,
        Some(Half::Afternoon) => hour % 12 + 12,
    };
    let time = i8::try_from(hour)
        .ok()
        .zip(i8::try_from(minute).ok())
        .and_then(|(hour, minute)| TimeOfDay::new(hour, minute));
    time.map_or(Clock::Impossible, Clock::Time)
}

/// Takes `AM` or `p.m.` off.
fn without_half(text: &str) -> (&str, Option<Half>) {
    for (suffix, half) in [
        ("am", Half::Morning),
        ("a.m.", Half::Morning),
        ("pm", Half::Afternoon),
        ("p.m.", Half::Afternoon),
    ] {
        let cut = text.len().checked_sub(suffix.len());
        if let Some((clock, end)) = cut.and_then(|at| text.split_at_checked(at))
            && end.eq_ignore_ascii_case(suffix)
        {
            return (clock, Some(half));
        }
    }
    (text, None)
}

/// Hour and minute of what is left; `None` if it does not look like a time.
fn hour_and_minute(text: &str, has_half: bool) -> Option<(u32, u32)> {
    let count = text.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, rest) = text.split_at_checked(count)?;
    match (count, rest.chars().next()) {
        (4 | 6, _) if is_oclock(rest) => {
            let (hour, minute) = digits.split_at_checked(2)?;
            let seconds = minute.get(2..).unwrap_or("");
            seconds_are_fine(seconds)?;
            Some((small_number(hour)?, small_number(minute.get(..2)?)?))
        }
        (1 | 2, None) if has_half => Some((small_number(digits)?, 0)),
        // `0.25` is a spreadsheet's six o'clock, not a quarter past midnight.
        (1 | 2, Some(sign @ (':' | '.'))) if !(sign == '.' && digits == "0") => {
            let minute = minute_and_seconds(rest.get(1..)?, sign)?;
            Some((small_number(digits)?, minute))
        }
        (1 | 2, Some(_)) => {
            let rest = rest.trim_start();
            if !rest.is_empty() && is_oclock(rest) {
                return Some((small_number(digits)?, 0));
            }
            let minute = rest.strip_prefix(['h', 'H', 'u', 'U'])?.trim_start();
            (minute.len() == 2).then_some((small_number(digits)?, small_number(minute)?))
        }
        _ => None,
    }
}

/// `30`, `30:00`, `30:00.000`, `30 Uhr`.
fn minute_and_seconds(text: &str, sign: char) -> Option<u32> {
    let (minute, rest) = text.split_at_checked(2)?;
    if let Some(seconds) = rest.strip_prefix(sign) {
        let (seconds, fraction) = seconds.split_once(['.', ',']).unwrap_or((seconds, "0"));
        seconds_are_fine(seconds).filter(|()| super::is_digits(fraction) && seconds.len() == 2)?;
    } else if !is_oclock(rest) {
        return None;
    }
    small_number(minute)
}

fn seconds_are_fine(seconds: &str) -> Option<()> {
    // 60 is a leap second.
    (seconds.is_empty() || small_number(seconds)? <= 60).then_some(())
}

fn is_oclock(text: &str) -> bool {
    let word = text.trim().trim_end_matches('.');
    OCLOCK.iter().any(|known| known.eq_ignore_ascii_case(word))
}

#[cold]
fn refusal(text: &str) -> ValueFault {
    const EXPECTED: &str = "a time such as 09:30";
    if text.is_empty() {
        return ValueFault::new("time.missing", "The time is missing.", EXPECTED);
    }
    if without_zone(text).is_some_and(|local| matches!(read(local), Clock::Time(_))) {
        return ValueFault::new(
            "time.zone",
            "The time names a time zone; it would have to be moved into yours.",
            EXPECTED,
        )
        .hint("Write the local time without a zone.");
    }
    let fault = ValueFault::new("time.unreadable", "This is not a time of day.", EXPECTED);
    if text.starts_with("0.") || text.starts_with("0,") {
        return fault.hint("A spreadsheet's fraction of a day: format the column as a time.");
    }
    fault.hint("Write hours and minutes as HH:MM.")
}

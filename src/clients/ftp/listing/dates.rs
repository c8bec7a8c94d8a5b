//! The times of listings, as nanoseconds since 1970 in UTC. Those of LIST are in a zone that nobody
//! tells: they serve to see that a file has changed, never to tell when.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;

/// `YYYYMMDDHHMMSS` with or without a fraction (RFC 3659, 2.3), in UTC.
pub(in crate::clients::ftp) fn stamp(text: &[u8]) -> Option<i64> {
    let (whole, fraction) = match text.iter().position(|byte| *byte == b'.') {
        Some(dot) => (&text[..dot], &text[dot + 1..]),
        None => (text, &[][..]),
    };
    let all = whole.len() == 14 && whole.iter().chain(fraction).all(u8::is_ascii_digit);
    if !all || fraction.len() > 9 {
        return None;
    }
    let part = |range: std::ops::Range<usize>| number(&whole[range]);
    let date = date(part(0..4)?, part(4..6)?, part(6..8)?)?;
    // RFC 3659 allows a leap second.
    let second = part(12..14)?.min(59);
    let time = time(part(8..10)?, part(10..12)?, second)?;
    let nanos: i64 = match fraction {
        [] => 0,
        digits => {
            let scale = 10_i64.checked_pow(9 - u32::try_from(digits.len()).ok()?)?;
            i64::from(number(digits)?) * scale
        }
    };
    nanoseconds(date.to_datetime(time))?.checked_add(nanos)
}

/// Digits alone.
pub(super) fn number(text: &[u8]) -> Option<u32> {
    if text.is_empty() || !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(text).ok()?.parse().ok()
}

pub(super) fn date(year: u32, month: u32, day: u32) -> Option<Date> {
    let year = i16::try_from(year).ok()?;
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

pub(super) fn time(hour: u32, minute: u32, second: u32) -> Option<Time> {
    let [hour, minute, second] = [hour, minute, second].map(|part| i8::try_from(part).ok());
    Time::new(hour?, minute?, second?, 0).ok()
}

/// `9:05`, `14:49` or with seconds.
pub(super) fn clock(text: &[u8]) -> Option<Time> {
    let mut parts = text.split(|byte| *byte == b':');
    let hour = parts.next().filter(|hour| hour.len() <= 2)?;
    let minute = parts.next().filter(|minute| minute.len() == 2)?;
    let second = match parts.next() {
        Some(second) if second.len() == 2 => number(second)?,
        Some(_) => return None,
        None => 0,
    };
    if parts.next().is_some() {
        return None;
    }
    time(number(hour)?, number(minute)?, second)
}

pub(super) fn nanoseconds(at: DateTime) -> Option<i64> {
    let zoned = at.to_zoned(TimeZone::UTC).ok()?;
    i64::try_from(zoned.timestamp().as_nanosecond()).ok()
}

/// The year of a date that has none: the latest one in which it does not lie in the future. A day of
/// grace, because the server's day may have begun before ours.
pub(super) fn year_of(month: u32, day: u32, today: Date) -> Option<Date> {
    let tomorrow = today.tomorrow().ok()?;
    // The 29th of February is at most eight years away.
    (0..=8).find_map(|back| {
        let year = u32::try_from(tomorrow.year()).ok()?.checked_sub(back)?;
        date(year, month, day).filter(|date| *date <= tomorrow)
    })
}

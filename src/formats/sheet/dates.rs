//! Day numbers of spreadsheets as dates.
//!
//! Two calendars: 1900, which counts a 29 February 1900 that never was (serial 60, kept for Lotus 1-2-3;
//! ECMA-376 part 1, 18.17.4.1), and 1904. Serial 60 is told as `1900-02-29`, as the sender's screen
//! shows it: no later step takes it for a day.

use super::numbers::push;

/// Seconds of a day.
const DAY: i64 = 86_400;
/// The serial after 31 December 9999, where the calendars end.
const END: f64 = 2_958_466.0;
/// Days from 1970-01-01 back to 1899-12-30, day 0 of the 1900 calendar after its false leap day.
const EPOCH_1900: i64 = -25_569;
/// Days from 1970-01-01 back to 1904-01-01.
const EPOCH_1904: i64 = -24_107;

/// What a number format shows of a day number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Shape {
    /// Day, month or year.
    pub(super) date: bool,
    /// Hours, minutes or seconds.
    pub(super) time: bool,
    /// Hours, minutes or seconds counted on beyond a day: `[h]:mm`.
    pub(super) elapsed: bool,
}

/// Writes the date, time or both that `serial` stands for; `false`, and nothing written, where it is
/// none.
///
/// What the number holds decides more than what the format shows, so that nothing is lost: a date
/// shown without its time keeps it, and a time of a day shown alone keeps the day.
pub(super) fn write(serial: f64, shape: Shape, epoch_1904: bool, out: &mut String) -> bool {
    if !(0.0..END).contains(&serial) {
        return false;
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "below 3 million days, so below 2^38 seconds"
    )]
    let seconds = (serial * 86_400.0).round() as i64;
    let (days, clock) = (seconds / DAY, seconds % DAY);
    if shape.elapsed {
        write_time(seconds, out);
        return true;
    }
    if days == 0 && !shape.date {
        write_time(clock, out);
        return true;
    }
    if days == 0 && !epoch_1904 {
        // The day before 1 January 1900: only a clock time makes sense there.
        if !shape.time {
            return false;
        }
        write_time(clock, out);
        return true;
    }
    write_date(days, epoch_1904, out);
    if clock != 0 || shape.time {
        out.push('T');
        write_time(clock, out);
    }
    true
}

fn write_date(days: i64, epoch_1904: bool, out: &mut String) {
    if !epoch_1904 && days == 60 {
        out.push_str("1900-02-29");
        return;
    }
    let since_1970 = if epoch_1904 {
        days + EPOCH_1904
    } else if days < 60 {
        days + EPOCH_1900 + 1
    } else {
        days + EPOCH_1900
    };
    let (year, month, day) = civil(since_1970);
    push(out, format_args!("{year:04}-{month:02}-{day:02}"));
}

fn write_time(seconds: i64, out: &mut String) {
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    push(out, format_args!("{hours:02}:{minutes:02}:{rest:02}"));
}

/// Year, month and day of a day counted from 1970-01-01, by Howard Hinnant's `civil_from_days`: the
/// year begins in March, so that the leap day is its last.
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// Writes an ISO 8601 date, time or date-time as our own texts have it: no fraction, no zone, no
/// midnight behind a plain date of an office suite.
pub(super) fn write_iso(text: &str, out: &mut String) {
    let text = text.trim();
    let text = text.strip_suffix('Z').unwrap_or(text);
    let text = text.split_once('.').map_or(text, |(whole, _)| whole);
    out.push_str(text);
}

/// Writes an ISO 8601 duration (`PT10H15M00S`) as `HH:MM:SS`; `false` where it is none.
pub(super) fn write_duration(text: &str, out: &mut String) -> bool {
    let Some(body) = text.trim().strip_prefix("PT") else {
        return false;
    };
    let mut seconds: i64 = 0;
    let mut rest = body;
    for (unit, worth) in [('H', 3600), ('M', 60), ('S', 1)] {
        let Some((number, after)) = rest.split_once(unit) else {
            continue;
        };
        let whole = number
            .split_once(['.', ','])
            .map_or(number, |(whole, _)| whole);
        let Some(part) = whole
            .parse::<i64>()
            .ok()
            .filter(|part| (0..100_000_000).contains(part))
        else {
            return false;
        };
        seconds += part * worth;
        rest = after;
    }
    if !rest.is_empty() {
        return false;
    }
    write_time(seconds, out);
    true
}

//! `dir` of Windows: `05-22-97  08:08AM                  828 AUTOEXEC.BAK`, month first, two or four
//! digits of the year, twelve or twenty-four hours.

use crate::clients::{Item, ItemKind};

use super::dates;

pub(super) fn read(line: &[u8]) -> Option<Item> {
    let (date, rest) = word(line)?;
    let (time, rest) = word(rest)?;
    let (size, rest) = word(rest)?;
    let (kind, size) = match size {
        b"<DIR>" => (ItemKind::Folder, None),
        [b'<', .., b'>'] => (ItemKind::Other, None),
        digits => (ItemKind::File, Some(size_of(digits)?)),
    };
    // One blank before the name of a file, whose own may follow; many behind <DIR>.
    let name = match kind {
        ItemKind::File => rest.strip_prefix(b" ")?,
        _ => rest.trim_ascii_start(),
    };
    let modified = dates::nanoseconds(day(date)?.to_datetime(clock(time)?))?;
    (!name.is_empty()).then(|| Item {
        name: name.to_vec(),
        kind,
        size,
        modified: Some(modified),
    })
}

/// The next word, and what follows it.
fn word(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let text = text.trim_ascii_start();
    let end = text.iter().position(|byte| *byte == b' ')?;
    (end > 0).then(|| text.split_at(end))
}

fn size_of(digits: &[u8]) -> Option<u64> {
    let plain = digits.iter().all(u8::is_ascii_digit);
    let text = std::str::from_utf8(digits).ok().filter(|_| plain)?;
    text.parse().ok()
}

fn day(text: &[u8]) -> Option<jiff::civil::Date> {
    let mut parts = text.split(|byte| *byte == b'-');
    let (month, day, year) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || month.len() != 2 || day.len() != 2 {
        return None;
    }
    let year = match (year.len(), dates::number(year)?) {
        (4, year) => year,
        // Windows counts two digits from 1970 on: file times before that do not occur.
        (2, year @ 70..) => 1900 + year,
        (2, year) => 2000 + year,
        _ => return None,
    };
    dates::date(year, dates::number(month)?, dates::number(day)?)
}

fn clock(text: &[u8]) -> Option<jiff::civil::Time> {
    let half = |half: &[u8]| {
        let digits = text.get(..text.len().checked_sub(2)?)?;
        text.to_ascii_uppercase().ends_with(half).then_some(digits)
    };
    let (digits, afternoon) = match (half(b"AM"), half(b"PM")) {
        (Some(digits), _) => (digits, false),
        (_, Some(digits)) => (digits, true),
        (None, None) => return dates::clock(text),
    };
    let time = dates::clock(digits)?;
    // 12:30AM is half an hour after midnight.
    let hour = match (time.hour(), afternoon) {
        (hour @ 1..=11, true) => hour + 12,
        (12, false) => 0,
        (hour @ 1..=12, _) => hour,
        _ => return None,
    };
    jiff::civil::Time::new(hour, time.minute(), time.second(), 0).ok()
}

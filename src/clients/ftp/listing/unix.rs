//! `ls -l` of Unix, as servers imitate it: rights, links, owner, group or none, size, date, name.
//!
//! Owners and groups may hold blanks and may be missing, so the line is read from both ends of the
//! date: a date is only one where a number stands before it.

use jiff::civil::Date;

use crate::clients::{Item, ItemKind};

use super::dates;

/// One word of a line and where it ends.
#[derive(Clone, Copy)]
struct Word<'a> {
    text: &'a [u8],
    end: usize,
}

pub(super) fn read(line: &[u8], today: Date) -> Option<Item> {
    let words = words(line);
    let kind = kind(words.first()?.text)?;
    // The number of links: without it this is another system's line.
    dates::number(words.get(1)?.text)?;
    let (at, modified, length) = (3..words.len()).find_map(|at| {
        let rest = words.get(at..)?;
        let size = words.get(at - 1)?.text;
        let (modified, length) = moment(rest, today)?;
        is_size(size).then_some((at, modified, length))
    })?;
    let before = words.get(1..at)?;
    if is_three_forks(before) {
        return None;
    }
    let size = std::str::from_utf8(before.last()?.text).ok()?.parse().ok();
    let date_end = words.get(at + length - 1)?.end;
    // One blank; a second one is the name's own.
    let name = line.get(date_end..)?.strip_prefix(b" ")?;
    let name = match kind {
        ItemKind::Other => link_name(name),
        _ => name,
    };
    (!name.is_empty()).then(|| Item {
        name: name.to_vec(),
        kind,
        size: size.filter(|_| kind == ItemKind::File),
        modified: Some(modified),
    })
}

fn words(line: &[u8]) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut start = None;
    for (at, byte) in line.iter().chain(b" ").enumerate() {
        match (start, *byte == b' ') {
            (None, false) => start = Some(at),
            (Some(from), true) => {
                let text = &line[from..at];
                words.push(Word { text, end: at });
                start = None;
            }
            _ => {}
        }
        // No date begins behind so many: the rest is the name.
        if words.len() > 40 {
            break;
        }
    }
    words
}

/// What the first letter says, if the rest are rights: `rwxr-xr-x`, then `+`, `.` or `@` or nothing.
fn kind(rights: &[u8]) -> Option<ItemKind> {
    let (first, rest) = rights.split_first()?;
    let (nine, more) = rest.split_at_checked(9)?;
    let fits = nine.chunks(3).all(|three| {
        matches!(
            three,
            [
                b'r' | b'-',
                b'w' | b'-',
                b'x' | b'-' | b's' | b'S' | b't' | b'T' | b'l' | b'L'
            ]
        )
    });
    let marked = more
        .iter()
        .all(|byte| matches!(byte, b'+' | b'.' | b'@' | b'-'));
    if !fits || !marked || more.len() > 2 {
        return None;
    }
    match first {
        // `f` is how some servers write a plain file.
        b'-' | b'f' => Some(ItemKind::File),
        b'd' => Some(ItemKind::Folder),
        b'l' | b'b' | b'c' | b'p' | b's' | b'D' => Some(ItemKind::Other),
        _ => None,
    }
}

/// A number; devices have two with a comma.
fn is_size(text: &[u8]) -> bool {
    text.iter()
        .all(|byte| byte.is_ascii_digit() || *byte == b',')
        && text.last().is_some_and(u8::is_ascii_digit)
}

/// Servers of the classic Mac OS tell resource fork, data fork and their sum where others tell links,
/// owner and size: the sum is not what would be read.
fn is_three_forks(before: &[Word<'_>]) -> bool {
    let numbers = before.iter().map(|word| dates::number(word.text));
    let numbers: Option<Vec<u32>> = numbers.collect();
    match numbers.as_deref() {
        Some([one, two, sum]) => *sum > 0 && one.checked_add(*two) == Some(*sum),
        _ => false,
    }
}

/// The moment that these words begin with, and how many they are.
fn moment(words: &[Word<'_>], today: Date) -> Option<(i64, usize)> {
    let text = |at: usize| words.get(at).map(|word| word.text);
    if let Some(iso) = text(0).and_then(iso_day) {
        let time = dates::clock(text(1)?)?;
        return Some((dates::nanoseconds(iso.to_datetime(time))?, 2));
    }
    let month = month(text(0)?)?;
    let day = suffixed(text(1)?, "日").filter(|day| (1..=31).contains(day))?;
    let last = text(2)?;
    let at = if let Some(time) = dates::clock(last) {
        dates::year_of(month, day, today)?.to_datetime(time)
    } else {
        let digits = last.strip_suffix("年".as_bytes()).unwrap_or(last);
        let year = dates::number(digits).filter(|_| digits.len() == 4)?;
        dates::date(year, month, day)?.at(0, 0, 0, 0)
    };
    Some((dates::nanoseconds(at)?, 3))
}

/// `2001-04-27`.
fn iso_day(text: &[u8]) -> Option<Date> {
    let text = std::str::from_utf8(text).ok()?;
    (text.len() == 10).then(|| text.parse().ok()).flatten()
}

fn month(text: &[u8]) -> Option<u32> {
    const MONTHS: [&str; 12] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ];
    let named = std::str::from_utf8(text).ok()?.to_ascii_lowercase();
    match MONTHS.iter().position(|month| *month == named) {
        Some(at) => u32::try_from(at + 1).ok(),
        None => text
            .ends_with("月".as_bytes())
            .then(|| suffixed(text, "月"))?,
    }
}

/// A number with or without the word that Japanese and Chinese servers set behind it.
fn suffixed(text: &[u8], word: &str) -> Option<u32> {
    let digits = text.strip_suffix(word.as_bytes()).unwrap_or(text);
    dates::number(digits).filter(|_| digits.len() <= 2)
}

/// `name -> where it leads`.
fn link_name(name: &[u8]) -> &[u8] {
    let arrow = name.windows(4).position(|four| four == b" -> ");
    arrow.map_or(name, |at| &name[..at])
}

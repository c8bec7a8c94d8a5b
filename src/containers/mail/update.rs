//! A mail whose text tells what became of a freight: its events become a table, which a profile reads
//! like any other.
//!
//! Read is what CargoCONNECT is assumed to write: the air waybill in the subject, an event a line
//! (`RCS AMS 2026-03-02T09:00:00+01:00`, a dash for what is not known). Pure. A text that only looks
//! a little like it is none: what people write to each other is never read as an order's news.

use std::fmt::Write as _;

use crate::limits;

/// The name of the table.
pub(super) const NAME: &str = "tracking-update.csv";

/// The events in `text`, if it is such a mail's.
pub(super) fn table(subject: &str, text: &[u8]) -> Option<String> {
    let awb = subject
        .split(|c: char| !is_of_awb(c))
        .find(|word| is_awb(word))?;
    let text = text.get(..text.len().min(limits::MAIL_TEXT_BYTES))?;
    let text = std::str::from_utf8(text).ok()?;
    let mut table = "awb,code,eventLocation,eventDate\n".to_owned();
    let mut any = false;
    for line in text.lines() {
        let Some([code, place, at]) = event(line.trim()) else {
            continue;
        };
        any = true;
        writeln!(table, "{awb},{code},{place},{at}").ok()?;
    }
    any.then_some(table)
}

/// Code, place and time of a line that says nothing else.
fn event(line: &str) -> Option<[&str; 3]> {
    let mut words = line.split_ascii_whitespace();
    let [code, place, at] = [words.next()?, words.next()?, words.next()?];
    let letters = |word: &str| word.len() == 3 && word.bytes().all(|b| b.is_ascii_uppercase());
    let fits = letters(code) && words.next().is_none();
    let place = known(place, letters)?;
    let at = known(at, |at| at.parse::<jiff::Timestamp>().is_ok())?;
    fits.then_some([code, place, at])
}

/// A word that fits, or nothing where a dash says so.
fn known(word: &str, fits: impl Fn(&str) -> bool) -> Option<&str> {
    match word {
        "-" => Some(""),
        word => fits(word).then_some(word),
    }
}

fn is_of_awb(c: char) -> bool {
    c.is_ascii_digit() || c == '-'
}

/// `NNN-NNNNNNNN`.
fn is_awb(word: &str) -> bool {
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let parts = word.split_once('-');
    parts.is_some_and(|(prefix, number)| {
        prefix.len() == 3 && number.len() == 8 && digits(prefix) && digits(number)
    })
}

#[cfg(test)]
mod tests {
    use super::table;

    #[test]
    fn the_lines_of_an_update_become_rows() {
        let text =
            "New events of 000-12345675:\r\n\r\nBKD AMS -\r\nRCS AMS 2026-03-02T09:00:00+01:00\r\n";
        let wanted = "awb,code,eventLocation,eventDate\n000-12345675,BKD,AMS,\n\
                      000-12345675,RCS,AMS,2026-03-02T09:00:00+01:00\n";
        let subject = "Tracking update for AWB 000-12345675";
        assert_eq!(table(subject, text.as_bytes()).as_deref(), Some(wanted));
    }

    #[test]
    fn what_people_write_is_no_update() {
        let line = "RCS AMS 2026-03-02T09:00:00+01:00";
        let subject = "AWB 000-12345675";
        for (subject, text) in [
            ("Our freight", line),
            ("000-1234567", line),
            (subject, "We got RCS AMS 2026-03-02T09:00:00+01:00"),
            (subject, "RCS AMS today"),
            (subject, "RCS AMS 2026-03-02T09:00:00+01:00 and so on"),
            (subject, "Yes no -"),
            (subject, ""),
        ] {
            assert_eq!(table(subject, text.as_bytes()), None, "{subject}: {text}");
        }
    }
}

//! Names of months in English, German, Dutch, French and Swedish.

use crate::order::{Folded, fold};

/// Longest name, folded.
const LONGEST: usize = 9;

/// Folded names, sorted; where languages share a name they mean the same month.
static MONTHS: &[(&str, u8)] = &[
    ("aout", 8),
    ("apr", 4),
    ("april", 4),
    ("aug", 8),
    ("august", 8),
    ("augusti", 8),
    ("augustus", 8),
    ("avr", 4),
    ("avril", 4),
    ("dec", 12),
    ("december", 12),
    ("decembre", 12),
    ("dez", 12),
    ("dezember", 12),
    ("feb", 2),
    ("februar", 2),
    ("februari", 2),
    ("february", 2),
    ("fev", 2),
    ("fevr", 2),
    ("fevrier", 2),
    ("jan", 1),
    ("januar", 1),
    ("januari", 1),
    ("january", 1),
    ("janv", 1),
    ("janvier", 1),
    ("juil", 7),
    ("juillet", 7),
    ("juin", 6),
    ("jul", 7),
    ("juli", 7),
    ("july", 7),
    ("jun", 6),
    ("june", 6),
    ("juni", 6),
    ("maart", 3),
    ("maerz", 3),
    ("mai", 5),
    ("maj", 5),
    ("mar", 3),
    ("march", 3),
    ("mars", 3),
    ("marz", 3),
    ("may", 5),
    ("mei", 5),
    ("mrt", 3),
    ("mrz", 3),
    ("nov", 11),
    ("november", 11),
    ("novembre", 11),
    ("oct", 10),
    ("october", 10),
    ("octobre", 10),
    ("okt", 10),
    ("oktober", 10),
    ("sep", 9),
    ("sept", 9),
    ("september", 9),
    ("septembre", 9),
];

/// The month of `name`, 1 to 12.
pub(super) fn month(name: &str) -> Option<u8> {
    let mut folded = [0; LONGEST];
    let mut length = 0;
    for c in name.chars() {
        if let Folded::One(letter) = fold(c) {
            *folded.get_mut(length)? = u8::try_from(letter).ok()?;
            length += 1;
        }
    }
    let name = folded.get(..length)?;
    let index = MONTHS
        .binary_search_by(|(known, _)| known.as_bytes().cmp(name))
        .ok()?;
    MONTHS.get(index).map(|(_, month)| *month)
}

#[cfg(test)]
pub(super) fn is_sorted() -> bool {
    MONTHS.is_sorted_by(|a, b| a.0 < b.0)
}

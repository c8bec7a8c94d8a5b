//! Which delimiter and quote a csv file uses.
//!
//! Every candidate reads the first rows; the one that cuts most of them to the same width, more than
//! one, wins. What was declared is not guessed. A first line `sep=;`, as Excel writes and honours
//! it, decides and is no row.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::scan::{Fault, Scan, Scanner, Syntax};
use crate::formats::{Dialect, ReadOptions};
use crate::limits;
use crate::problem::Problem;

/// The candidates, the likeliest first.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// Tried only when no usual delimiter cuts anything, and taken only if every row agrees.
const RARE_DELIMITERS: [u8; 2] = [b':', 1];

/// The dialect of a file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    pub(super) syntax: Syntax,
    /// Bytes of a `sep=` line at the start.
    pub(super) skip: usize,
    line_ends: &'static str,
}

impl Found {
    /// As the sink is told it.
    pub(super) fn told(&self) -> Dialect {
        Dialect {
            delimiter: char::from(self.syntax.delimiter),
            quote: char::from(self.syntax.quote),
            line_ends: self.line_ends.to_owned(),
        }
    }

    /// What was guessed and is no standard.
    pub(super) fn warning(&self) -> Option<Problem> {
        self.syntax.backslash.then(|| {
            Problem::warning(
                "csv.backslash-quote",
                "Quotes inside cells are written with a backslash; they were read so.",
            )
            .with_hint("Doubled quotes are understood everywhere (RFC 4180).")
        })
    }
}

/// How well a candidate fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Fit {
    syntax: Syntax,
    /// Thousandths of rows with the commonest width above one, plus what speaks for it besides.
    score: usize,
    width: usize,
    rows: usize,
    quoted: usize,
    faults: usize,
}

impl Fit {
    /// One that cuts nothing.
    const fn nothing(delimiter: u8) -> Self {
        Self {
            syntax: Syntax {
                delimiter,
                quote: b'"',
                backslash: false,
            },
            score: 0,
            width: 1,
            rows: 0,
            quoted: 0,
            faults: 0,
        }
    }
}

/// Finds the dialect of the text that starts with `sample`; `whole` if that is all.
///
/// # Errors
/// A declared delimiter or quote that is no ASCII character.
pub(super) fn find((sample, whole): (&str, bool), options: &ReadOptions) -> Result<Found, Problem> {
    let (separator, skip) = sep_line(sample);
    let declared = declared(options.delimiter, "delimiter")?.or(separator);
    let quote = declared_quote(options)?;
    let body = sample.get(skip..).unwrap_or_default();
    let candidates: Vec<u8> = declared.map_or_else(|| DELIMITERS.to_vec(), |one| vec![one]);
    // The first is tried in any case: it is taken where none cuts anything.
    let fits: Vec<Fit> = candidates
        .into_iter()
        .enumerate()
        .map(|(n, delimiter)| {
            if n > 0 && memchr::memchr(delimiter, body.as_bytes()).is_none() {
                Fit::nothing(delimiter)
            } else {
                best_quote(body, whole, delimiter, quote)
            }
        })
        .collect();
    let mut syntax = best_delimiter(&fits, body);
    if declared.is_none() && fits.iter().all(|fit| fit.width <= 1) {
        let rare = RARE_DELIMITERS
            .into_iter()
            .map(|delimiter| best_quote(body, whole, delimiter, quote))
            .find(|fit| fit.width > 1 && fit.score >= 1000 && fit.rows > 1);
        syntax = rare.map_or(syntax, |fit| fit.syntax);
    }
    Ok(Found {
        syntax,
        skip,
        line_ends: line_ends(body, syntax),
    })
}

/// The word for the ends of the first records. A line break inside quotes is none.
fn line_ends(sample: &str, syntax: Syntax) -> &'static str {
    let mut scanner = Scanner::new(syntax);
    let mut words: Vec<&'static str> = Vec::new();
    let mut at = 0;
    for _ in 0..limits::CSV_SAMPLE_ROWS {
        let window = sample.get(at..).unwrap_or_default();
        let Scan::Record {
            length,
            ended: true,
        } = scanner.record(window, false)
        else {
            break;
        };
        at += length;
        let record = window.get(..length).unwrap_or_default();
        words.push(match (record.ends_with("\r\n"), record.ends_with('\r')) {
            (true, _) => "CRLF",
            (_, true) => "CR",
            _ => "LF",
        });
    }
    words.dedup();
    match words.as_slice() {
        [] => "LF",
        [only] => only,
        _ => "mixed",
    }
}

fn declared(character: Option<char>, what: &str) -> Result<Option<u8>, Problem> {
    let Some(character) = character else {
        return Ok(None);
    };
    match u8::try_from(character) {
        Ok(byte) if byte.is_ascii() && !matches!(byte, b'\n' | b'\r') => Ok(Some(byte)),
        _ => Err(Problem::error(
            "csv.dialect",
            format!("The declared {what} is no ASCII character."),
        )
        .with_value(&character.to_string())),
    }
}

fn declared_quote(options: &ReadOptions) -> Result<Option<u8>, Problem> {
    declared(options.quote, "quote")
}

/// The delimiter that a line `sep=;` names, and the length of that line.
fn sep_line(sample: &str) -> (Option<u8>, usize) {
    let end = sample.find(['\n', '\r']).unwrap_or(sample.len());
    let (line, rest) = sample.split_at_checked(end).unwrap_or((sample, ""));
    let bare = line
        .strip_prefix('"')
        .map_or(line, |line| line.trim_end_matches('"'));
    let Some(("sep=" | "SEP=" | "Sep=", delimiter)) = bare.split_at_checked(4) else {
        return (None, 0);
    };
    match delimiter.as_bytes() {
        [byte] if byte.is_ascii() => {
            let end_length = if rest.starts_with("\r\n") {
                2
            } else {
                rest.len().min(1)
            };
            (Some(*byte), end + end_length)
        }
        _ => (None, 0),
    }
}

/// The best way of quoting for one delimiter. Double quotes count unless single ones explain the
/// rows better; backslashes count only where doubling leaves faults and they do not.
fn best_quote(sample: &str, whole: bool, delimiter: u8, declared: Option<u8>) -> Fit {
    let mut best: Option<Fit> = None;
    let quotes = declared.map_or_else(|| vec![b'"', b'\''], |quote| vec![quote]);
    for quote in quotes {
        if best.is_some_and(|best| best.quoted > 0) || (best.is_some() && !sample.contains('\'')) {
            break;
        }
        let syntax = Syntax {
            delimiter,
            quote,
            backslash: false,
        };
        let mut fit = try_out(sample, whole, syntax);
        if fit.faults > 0 && sample.contains('\\') {
            let escaped = try_out(
                sample,
                whole,
                Syntax {
                    backslash: true,
                    ..syntax
                },
            );
            if escaped.faults == 0 {
                fit = escaped;
            }
        }
        let better =
            best.is_none_or(|best| fit.quoted > 0 && fit.faults == 0 && fit.score >= best.score);
        if better {
            best = Some(fit);
        }
    }
    best.unwrap_or(Fit::nothing(delimiter))
}

/// The delimiter that fits best; the first candidate where nothing fits.
fn best_delimiter(fits: &[Fit], sample: &str) -> Syntax {
    let rank = |fit: &Fit| (fit.score, fit.width);
    let best = fits.iter().rev().max_by_key(|fit| rank(fit));
    let Some(best) = best else {
        return Syntax {
            delimiter: b',',
            quote: b'"',
            backslash: false,
        };
    };
    if best.syntax.delimiter == b',' && is_decimal_comma(sample) {
        // `1,5;2,5`: every comma stands between digits, so it is no delimiter if another one fits
        // about as well.
        let other = fits
            .iter()
            .filter(|fit| fit.syntax.delimiter != b',' && fit.width > 1)
            .filter(|fit| fit.score + 100 >= best.score)
            .max_by_key(|fit| (fit.score, Reverse(fit.width)));
        return other.map_or(best.syntax, |fit| fit.syntax);
    }
    best.syntax
}

fn is_decimal_comma(sample: &str) -> bool {
    let bytes = sample.as_bytes();
    let digit = |at: Option<usize>| {
        at.and_then(|at| bytes.get(at))
            .is_some_and(u8::is_ascii_digit)
    };
    memchr::memchr_iter(b',', bytes).all(|at| digit(at.checked_sub(1)) && digit(Some(at + 1)))
}

/// Reads the sample with one candidate.
fn try_out(sample: &str, whole: bool, syntax: Syntax) -> Fit {
    let mut scanner = Scanner::new(syntax);
    let mut widths: BTreeMap<usize, usize> = BTreeMap::new();
    let (mut at, mut rows, mut quoted, mut faults, mut first) = (0, 0, 0, 0, 0);
    while at < sample.len() && rows < limits::CSV_SAMPLE_ROWS {
        let window = sample.get(at..).unwrap_or_default();
        let mut scan = scanner.record(window, whole);
        if scan == Scan::More && rows == 0 {
            // A first row longer than the sample: what there is of it must do.
            scan = scanner.record(window, true);
        }
        match scan {
            Scan::Record { length, .. } => at += length,
            // Cut into too many cells is cut well enough: the reader names the limit.
            Scan::Fault(Fault::Columns) => at = sample.len(),
            // A cell that is open for half the sample was never meant to be quoted.
            Scan::More => {
                faults += usize::from(scanner.open.is_some() && window.len() * 2 > sample.len());
                break;
            }
            Scan::Fault(_) => {
                faults += 1;
                break;
            }
        }
        if scanner.is_blank() {
            continue;
        }
        rows += 1;
        quoted += scanner.quoted;
        faults += usize::from(scanner.doubtful.is_some());
        first = if rows == 1 { scanner.width() } else { first };
        *widths.entry(scanner.width()).or_default() += 1;
    }
    let common = widths
        .iter()
        .filter(|(width, _)| **width > 1)
        .max_by_key(|(width, count)| (**count, **width));
    let (width, count) = common.map_or((1, 0), |(width, count)| (*width, *count));
    let share = (count * 1000).checked_div(rows).unwrap_or(0);
    let wrong = (faults * 1000).checked_div(rows.max(1)).unwrap_or(0);
    let header = if width > 1 && first == width { 50 } else { 0 };
    Fit {
        syntax,
        score: (share + header).saturating_sub(wrong),
        width,
        rows,
        quoted,
        faults,
    }
}

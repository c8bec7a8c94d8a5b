//! What is read, and what would have to be guessed and is refused.

use super::*;
use crate::formats::{Cell, CellKind};

/// The columns of each line of a table; lines with `#` are comments.
fn lines(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    table
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split('\t').collect())
}

fn shown<T: ToString>(result: Result<T, ValueFault>) -> String {
    match result {
        Ok(value) => value.to_string(),
        Err(fault) => {
            assert!(
                fault.message.ends_with('.') && !fault.expected.is_empty(),
                "{fault:?}"
            );
            format!("!{}", fault.code)
        }
    }
}

#[test]
fn numbers_have_one_reading_or_are_refused() {
    for line in lines(include_str!("../../../fixtures/values/numbers.tsv")) {
        let decimal = match line[0] {
            "comma" => DecimalSign::Comma,
            _ => DecimalSign::Point,
        };
        assert_eq!(
            shown(parse_number(line[1], &Numbers { decimal })),
            line[2],
            "{line:?}"
        );
    }
}

#[test]
fn dates_have_one_reading_or_are_refused() {
    for line in lines(include_str!("../../../fixtures/values/dates.tsv")) {
        let patterns = line[0]
            .split('|')
            .filter(|pattern| !pattern.is_empty())
            .map(|pattern| DatePattern::parse(pattern).unwrap())
            .collect();
        assert_eq!(
            shown(parse_date(line[1], &Dates { patterns })),
            line[2],
            "{line:?}"
        );
    }
}

#[test]
fn times_have_one_reading_or_are_refused() {
    for line in lines(include_str!("../../../fixtures/values/times.tsv")) {
        assert_eq!(shown(parse_time(line[0])), line[1], "{line:?}");
    }
}

#[test]
fn patterns_that_leave_a_doubt_are_refused() {
    for pattern in [
        "",
        "DD-MM",
        "YYYY",
        "DMYYYY",
        "DD-MM-YYY",
        "YYYY-DD-MM",
        "DD-MM-YYYY-DD",
        "DD-QQ-YYYY",
        "DDD-MM-YYYY",
        "DD-MM-YYYY-MMM",
    ] {
        assert_eq!(DatePattern::parse(pattern), None, "{pattern}");
    }
}

#[test]
fn ids_are_text_or_lost() {
    let id = |text, kind| shown(id_text(&Cell { text, kind }));
    for (kind, text, expected) in [
        (CellKind::Text, " 00123 ", "00123"),
        (CellKind::Text, "", ""),
        (CellKind::Text, "8E-7X", "8E-7X"),
        (
            CellKind::Text,
            "123456789012345678901",
            "123456789012345678901",
        ),
        (CellKind::Text, "8.71E+12", "!id.exponent"),
        (CellKind::Text, "8,71e+12", "!id.exponent"),
        (CellKind::Text, "1E+05", "!id.exponent"),
        (CellKind::Number, "871234567890123", "871234567890123"),
        (CellKind::Number, "12.0", "12"),
        (CellKind::Imprecise, "8712345678901234", "!id.exponent"),
        (CellKind::Date, "2026-12-25", "!id.date"),
        (CellKind::Boolean, "true", "!id.boolean"),
        (CellKind::Error, "#REF!", "!cell.error"),
        (CellKind::Uncached, "", "!cell.uncached"),
    ] {
        assert_eq!(id(text, kind), expected, "{kind:?} {text}");
    }
}

#[test]
fn months_are_sorted() {
    assert!(months::is_sorted());
}

proptest::proptest! {
    #[test]
    fn whatever_stands_in_a_cell_is_read_or_refused(text in "[0-9 .,:/'EeTZ+\\-a-zà€]{0,24}") {
        for decimal in [DecimalSign::Point, DecimalSign::Comma] {
            shown(parse_number(&text, &Numbers { decimal }));
        }
        let patterns = ["DD-MM-YY", "YYYYMMDD", "D MMM YYYY"].map(|p| DatePattern::parse(p).unwrap());
        shown(parse_date(&text, &Dates { patterns: patterns.to_vec() }));
        shown(parse_date(&text, &Dates::default()));
        shown(parse_time(&text));
        shown(id_text(&Cell::text(&text)));
    }

    #[test]
    fn a_number_that_is_written_out_is_read_back(digits in -99_999_999_i64.., scale in 0_u32..18) {
        let number = rust_decimal::Decimal::new(digits, scale);
        proptest::prop_assert_eq!(parse_number(&number.to_string(), &Numbers::default()), Ok(number));
    }
}

//! Numbers, dates and formats, which have no bytes of their own.

use super::dates::{self, Shape};
use super::number_format::NumberFormat;
use super::{cell_name, numbers};
use crate::formats::CellKind;

fn number(value: f64) -> (String, CellKind) {
    let mut out = String::new();
    let kind = numbers::plain(value, &mut out);
    (out, kind)
}

fn spelled(raw: &str) -> Option<(String, CellKind)> {
    let mut out = String::new();
    numbers::from_text(raw, &mut out).map(|kind| (out, kind))
}

fn shown(code: &str, value: f64) -> String {
    let mut out = String::new();
    NumberFormat::of_code(code).write(value, false, &mut out);
    out
}

#[test]
fn numbers_are_plain_and_have_fifteen_digits() {
    for (value, text) in [
        (0.0, "0"),
        (-0.0, "0"),
        (12_345.0, "12345"),
        (0.1 + 0.2, "0.3"),
        (-12.50, "-12.5"),
        (1e-7, "0.0000001"),
        (999_999_999_999_999.0, "999999999999999"),
        (1.1 * 3.0, "3.3"),
        (123_456.789, "123456.789"),
    ] {
        assert_eq!(number(value), (text.to_owned(), CellKind::Number));
    }
    assert_eq!(number(1e15).1, CellKind::Imprecise);
    assert_eq!(number(1e20).0, "100000000000000000000");
    assert_eq!(number(f64::NAN).1, CellKind::Error);
}

#[test]
fn numbers_of_text_keep_their_digits() {
    for (raw, text) in [
        ("007.50", "7.5"),
        ("8.71E+12", "8710000000000"),
        ("-0", "0"),
        ("4006381333931", "4006381333931"),
        ("0.30000000000000004", "0.3"),
        ("1234567.12345678901", "1234567.12345679"),
    ] {
        assert_eq!(spelled(raw), Some((text.to_owned(), CellKind::Number)));
    }
    assert_eq!(
        spelled("1234567890123456789"),
        Some(("1234567890123456789".to_owned(), CellKind::Imprecise))
    );
    assert_eq!(spelled("1,5"), None);
    assert_eq!(spelled("inf"), None);
}

#[test]
fn number_formats_tell_dates_and_ids() {
    for (code, value, text) in [
        ("dd/mm/yyyy", 44_197.0, "2021-01-01"),
        ("[$-409]d-mmm-yy;@", 44_197.0, "2021-01-01"),
        ("dd/mm/yyyy hh:mm", 44_197.5, "2021-01-01T12:00:00"),
        ("dd/mm/yyyy", 44_197.5, "2021-01-01T12:00:00"),
        ("hh:mm", 0.25, "06:00:00"),
        ("[h]:mm", 1.25, "30:00:00"),
        ("mmm yy", 44_197.0, "2021-01-01"),
        ("[Red]0.00", 44_197.0, "44197"),
        ("#,##0.00 \"days\"", 3.0, "3"),
        ("General", 3.5, "3.5"),
        ("0.00E+00", 3.0, "3"),
        ("0%", 0.19, "0.19"),
        ("00000000", 12_345.0, "00012345"),
        ("0000-000", 1_234_567.0, "1234-567"),
        ("\"NL\"00000", 42.0, "NL00042"),
        ("00", 12_345.0, "12345"),
        ("0", 5.0, "5"),
        ("00000", -5.0, "-5"),
        ("00000", 1.5, "1.5"),
    ] {
        assert_eq!(shown(code, value), text, "{code} of {value}");
    }
}

#[test]
fn both_calendars_and_the_day_that_never_was() {
    let shape = Shape {
        date: true,
        ..Shape::default()
    };
    for (serial, epoch_1904, text) in [
        (1.0, false, "1900-01-01"),
        (59.0, false, "1900-02-28"),
        (60.0, false, "1900-02-29"),
        (61.0, false, "1900-03-01"),
        (2_958_465.0, false, "9999-12-31"),
        (0.0, true, "1904-01-01"),
        (42_735.0, true, "2021-01-01"),
        (45_351.0, false, "2024-02-29"),
    ] {
        let mut out = String::new();
        assert!(dates::write(serial, shape, epoch_1904, &mut out));
        assert_eq!(out, text);
    }
    let mut out = String::new();
    assert!(!dates::write(-1.0, shape, false, &mut out));
    assert!(!dates::write(1e9, shape, false, &mut out));
    assert!(out.is_empty());
}

#[test]
fn cells_have_their_names() {
    assert_eq!(cell_name(0, 1), "A1");
    assert_eq!(cell_name(2, 7), "C7");
    assert_eq!(cell_name(26, 1), "AA1");
    assert_eq!(cell_name(16_383, 1_048_576), "XFD1048576");
}

//! The words of reports, folded and cut.

use super::clean::{label, size};
use super::findings::lines;
use super::table::{render, wrap};
use crate::problem::{Place, Problem, Severity};

fn wrong(row: u64, value: &str) -> Problem {
    Problem::error("x", "This is not a number.")
        .at(Place::row(row).column("Quantity"))
        .with_value(value)
}

#[test]
fn equal_findings_fold_and_name_their_rows() {
    let mut findings: Vec<Problem> = [7, 5, 8, 9, 12].map(|row| wrong(row, "x")).into();
    findings.push(wrong(6, "y"));
    let lines = lines(&findings, Severity::Error);
    let places: Vec<(&str, u64)> = lines
        .iter()
        .map(|line| (line.place.as_str(), line.count))
        .collect();
    assert_eq!(places, [("5, 7-9, 12", 5), ("6", 1)]);
}

#[test]
fn findings_without_a_row_are_folded_only_when_quite_equal() {
    let at = |path: &str| Problem::error("x", "Missing.").at(Place::path(path));
    let findings = [at("/Order[1]/ID"), at("/Order[2]/ID"), at("/Order[2]/ID")];
    assert_eq!(lines(&findings, Severity::Error).len(), 2);
}

#[test]
fn long_lists_of_rows_end_in_a_count() {
    let findings: Vec<Problem> = (1..=40).map(|row| wrong(row * 2, "x")).collect();
    let lines = lines(&findings, Severity::Error);
    assert_eq!(lines[0].place, "2, 4, 6, 8, 10, 12, 14, 16, and 32 more");
}

#[test]
fn tables_line_up_and_leave_empty_columns_out() {
    let row = |cells: [&str; 3]| cells.map(str::to_owned).to_vec();
    assert_eq!(
        render(
            &["Row", "Column", "Wrong"],
            &[row(["5", "", "東京 is wide"]), row(["12", "", "b"])]
        ),
        "Row  Wrong\n---  ------------\n5    東京 is wide\n12   b\n"
    );
}

#[test]
fn words_longer_than_a_line_are_broken() {
    assert_eq!(wrap("ab cdefgh i", 4), ["ab", "cdef", "gh i"]);
    assert!(wrap("  ", 4).is_empty());
}

#[test]
fn labels_are_one_line_without_disguise() {
    assert_eq!(
        label("a\r\nBcc: x\u{202e}vsc.exe"),
        "a  Bcc: x\\u{202e}vsc.exe"
    );
    assert_eq!(label(&"x".repeat(200)).chars().count(), 81);
    assert_eq!(size(3_450_000), "3.4 MB");
}

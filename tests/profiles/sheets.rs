//! Workbooks.

use super::*;

/// A sheet's name and its rows of cells, each a text and its kind.
type Sheet<'a> = (&'a str, &'a [&'a [(&'a str, CellKind)]]);

/// Sheets as a workbook would tell them: name and rows, a cell being its text and kind.
fn workbook(sheets: &[Sheet<'_>]) -> (Told, Summary) {
    let set = ProfileSet::builtin();
    let options = MapOptions::default();
    let mut told = Told::default();
    let mut mapper = Mapper::new(&set, &options, &mut told);
    let about = About {
        format: FormatKind::Xlsx,
        encoding: None,
        dialect: None,
        separators: None,
    };
    let mut go = mapper.begin(&about).is_continue();
    for (index, (name, rows)) in sheets.iter().enumerate() {
        let table = Table {
            name: (*name).to_owned(),
            hidden: false,
            index,
        };
        go = go && mapper.table(&table).is_continue();
        for (number, cells) in (1..).zip(rows.iter()) {
            let cells: Vec<Cell<'_>> = cells
                .iter()
                .map(|(text, kind)| Cell { text, kind: *kind })
                .collect();
            go = go
                && mapper
                    .row(&Row {
                        number,
                        line: 0,
                        cells: &cells,
                    })
                    .is_continue();
        }
    }
    let summary = mapper.finish(Ok(()));
    (told, summary)
}

const HEADER: &[(&str, CellKind)] = &[
    ("order number", CellKind::Text),
    ("sku", CellKind::Text),
    ("quantity", CellKind::Text),
    ("note to self", CellKind::Text),
];

#[test]
fn a_formula_without_a_result_counts_only_where_it_is_read() {
    let unread = [
        ("1", CellKind::Text),
        ("a", CellKind::Text),
        ("2", CellKind::Number),
        ("", CellKind::Uncached),
    ];
    let (told, summary) = workbook(&[("Orders", &[HEADER, &unread])]);
    assert_eq!(summary.outcome, Outcome::Accepted, "{:?}", told.problems);
    let read = [
        ("1", CellKind::Text),
        ("a", CellKind::Text),
        ("", CellKind::Uncached),
        ("x", CellKind::Text),
    ];
    let (told, summary) = workbook(&[("Orders", &[HEADER, &read])]);
    assert_eq!(summary.outcome, Outcome::Rejected);
    let problem = told
        .problems
        .iter()
        .find(|problem| problem.is_error())
        .unwrap();
    assert_eq!(problem.code, "cell.uncached");
    assert_eq!(problem.place.cell.as_deref(), Some("C2"));
    assert_eq!(problem.place.sheet.as_deref(), Some("Orders"));
}

#[test]
fn two_sheets_that_both_look_like_orders_are_not_guessed_about() {
    let row = [
        ("1", CellKind::Text),
        ("a", CellKind::Text),
        ("2", CellKind::Number),
        ("", CellKind::Text),
    ];
    let cover: &[(&str, CellKind)] = &[("Hello", CellKind::Text)];
    let (told, summary) = workbook(&[("Cover", &[cover]), ("A", &[HEADER, &row])]);
    assert_eq!(summary.outcome, Outcome::Accepted);
    assert!(codes(&told).contains(&"sheet.left-out"));
    let (told, summary) = workbook(&[("A", &[HEADER, &row]), ("B", &[HEADER, &row])]);
    assert_eq!(summary.outcome, Outcome::Rejected);
    assert!(codes(&told).contains(&"sheet.ambiguous"));
}

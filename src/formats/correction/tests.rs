//! What comes back to a sender opens, and holds what they sent.

use proptest::prelude::*;

use super::keep::{Keeper, Kept};
use super::*;
use crate::formats::{About, Cell, Dialect, Records, Row, Table};
use crate::problem::Place;

fn kept(format: FormatKind, rows: &Rows, table: &[&[&str]]) -> Kept {
    let mut keeper = Keeper::new(format, rows);
    let dialect = (format == FormatKind::Csv).then(|| Dialect {
        delimiter: ';',
        quote: '"',
        line_ends: "LF".into(),
    });
    let told = keeper.begin(&About {
        format,
        encoding: None,
        dialect,
        separators: None,
    });
    assert!(told.is_continue());
    let name = if format == FormatKind::Csv {
        ""
    } else {
        "Orders"
    };
    assert!(
        keeper
            .table(&Table {
                name: name.into(),
                hidden: false,
                index: 0
            })
            .is_continue()
    );
    for (index, cells) in table.iter().enumerate() {
        let cells: Vec<Cell<'_>> = cells.iter().map(|text| Cell::text(text)).collect();
        if !cells.is_empty() {
            let number = index as u64 + 1;
            let row = Row {
                number,
                line: number,
                cells: &cells,
            };
            assert!(keeper.row(&row).is_continue());
        }
    }
    keeper.kept
}

fn csv(rows: &Rows, table: &[&[&str]], problems: &[Problem]) -> String {
    let mut kept = kept(FormatKind::Csv, rows, table);
    let marked = mark::mark(&mut kept, problems, rows);
    let bytes = text::write(&kept, &marked, &ReadOptions::default()).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn wrong(row: u64, column: &str) -> Problem {
    Problem::error("test", "Not a number.").at(Place::row(row).column(column))
}

const TABLE: &[&[&str]] = &[
    &["Order", "Quantity"],
    &["0001", "12"],
    &["0002", "x"],
    &[],
    &["0003", "=1+1"],
];

#[test]
fn all_rows_go_back_in_their_places_and_the_wrong_one_says_why() {
    assert_eq!(
        csv(&Rows::All, TABLE, &[wrong(3, "Quantity")]),
        "Order;Quantity;orderdock_error\n0001;12;\n0002;x;Quantity: Not a number.\n\n0003;'=1+1;\n"
    );
}

#[test]
fn only_withheld_rows_go_back_under_their_titles_and_name_their_old_place() {
    let rows = Rows::Only(vec![RowSpan(3, 3)]);
    assert_eq!(
        csv(&rows, TABLE, &[wrong(3, "Quantity")]),
        "Order;Quantity;orderdock_error\n0002;x;(row 3 of your file) Quantity: Not a number.\n"
    );
}

#[test]
fn a_row_of_the_wrong_length_keeps_its_length() {
    let table: &[&[&str]] = &[&["Order", "Quantity", "Unit"], &["0001", "12"]];
    assert_eq!(
        csv(&Rows::All, table, &[wrong(2, "Unit")]),
        "Order;Quantity;Unit;orderdock_error\n0001;12;orderdock_error: Unit: Not a number.\n"
    );
}

#[test]
fn a_file_without_titles_is_marked_in_the_cells() {
    let table: &[&[&str]] = &[&["0001", "x"], &["0002", "3"]];
    let out = csv(&Rows::All, table, &[wrong(1, "B")]);
    assert_eq!(out, "0001;x;orderdock_error: B: Not a number.\n0002;3\n");
    assert!(is_marker("orderdock_error: B: Not a number."));
    assert!(!is_marker("orderdock_error"));
}

#[test]
fn a_file_that_comes_back_still_wrong_is_not_marked_or_guarded_twice() {
    let table: &[&[&str]] = &[
        &["Order", "Quantity", "orderdock_error"],
        &["0001", "'=1", "Quantity: Not a number."],
        &["0002", "x", ""],
    ];
    assert_eq!(
        csv(&Rows::All, table, &[wrong(3, "Quantity")]),
        "Order;Quantity;orderdock_error\n0001;'=1;\n0002;x;Quantity: Not a number.\n"
    );
}

#[test]
fn text_beyond_ascii_gets_a_byte_order_mark_and_a_declared_encoding_stays() {
    let table: &[&[&str]] = &[&["Order", "Név"], &["1", "Ő“"]];
    let mut kept = kept(FormatKind::Csv, &Rows::All, table);
    let marked = mark::mark(&mut kept, &[], &Rows::All);
    let utf8 = text::write(&kept, &marked, &ReadOptions::default()).unwrap();
    assert!(utf8.starts_with("\u{feff}Order".as_bytes()));
    let declared = ReadOptions {
        encoding: Some("iso-8859-2".into()),
        ..ReadOptions::default()
    };
    let latin2 = text::write(&kept, &marked, &declared).unwrap();
    assert!(latin2.ends_with(b"1;\xd5\";\n"), "{latin2:?}");
    let declared = ReadOptions {
        encoding: Some("utf-16le".into()),
        ..ReadOptions::default()
    };
    let utf16 = text::write(&kept, &marked, &declared).unwrap();
    assert!(utf16.starts_with(b"\xff\xfeO\0r\0"));
}

#[test]
fn a_workbook_goes_back_as_xlsx_with_text_as_it_was() {
    use calamine::Reader as _;
    let table: &[&[&str]] = &[
        &["Order", "GTIN", "Note"],
        &["0001", "004006381333931000021", "=cmd|' /C calc'!A0"],
        &["0002", "x", "a\u{1}b _x0041_ <&>\r\nü"],
    ];
    let mut kept = kept(FormatKind::Xls, &Rows::All, table);
    let marked = mark::mark(&mut kept, &[wrong(3, "GTIN")], &Rows::All);
    let bytes = workbook::write(&kept, &marked).unwrap();
    assert_eq!(bytes, workbook::write(&kept, &marked).unwrap());
    let mut book = calamine::Xlsx::new(std::io::Cursor::new(bytes)).unwrap();
    let mut cells = book.worksheet_cells_reader("Orders").unwrap();
    let mut read = Vec::new();
    while let Some(cell) = cells.next_cell().unwrap() {
        let text = match cell.get_value() {
            calamine::DataRef::String(text) => text.clone(),
            calamine::DataRef::SharedString(text) => (*text).to_owned(),
            other => format!("{other:?}"),
        };
        read.push((cell.get_position(), text));
    }
    let said = |at: (u32, u32)| {
        read.iter()
            .find(|(place, _)| *place == at)
            .map(|(_, text)| text.as_str())
    };
    assert_eq!(said((0, 3)), Some(ERROR_COLUMN));
    assert_eq!(said((1, 0)), Some("0001"));
    assert_eq!(said((1, 1)), Some("004006381333931000021"));
    assert_eq!(said((1, 2)), Some("'=cmd|' /C calc'!A0"));
    assert_eq!(said((1, 3)), None);
    assert_eq!(said((2, 2)), Some("a\u{1}b _x0041_ <&>\r\nü"));
    assert_eq!(said((2, 3)), Some("GTIN: Not a number."));
}

#[test]
fn names_say_what_the_file_is_for() {
    for (name, format, expected) in [
        ("Orders.XLS", FormatKind::Xls, "Orders.to-fix.xlsx"),
        ("../../etc/a.csv", FormatKind::Csv, "a.to-fix.csv"),
        ("a.to-fix.csv", FormatKind::Csv, "a.to-fix.csv"),
        ("..", FormatKind::Csv, "orders.to-fix.csv"),
        ("x\r\ny:z.csv", FormatKind::Csv, "xyz.to-fix.csv"),
    ] {
        assert_eq!(name_for(name, format), expected, "{name:?}");
    }
}

#[test]
fn what_is_no_table_or_too_large_is_not_sent_back() {
    let problem = |format, bytes: &[u8]| {
        let mut input = crate::formats::Bytes::new("a", bytes);
        write(&mut input, format, &ReadOptions::default(), &[], &Rows::All)
            .unwrap_err()
            .code
    };
    assert_eq!(problem(FormatKind::Xml, b"<a/>"), "correction.not-a-table");
    let big = vec![b'a'; limits::CORRECTION_TEXT_BYTES + 1];
    assert_eq!(problem(FormatKind::Csv, &big), "correction.too-large");
}

proptest! {
    #[test]
    fn no_cell_starts_like_a_formula_and_guards_come_off_exactly(
        cell in "('{0,3}[=+@\t\r\n＝＋－＠-]?.{0,12})|.{0,12}"
    ) {
        let guarded = defuse(&cell);
        prop_assert!(!guarded.starts_with(guard::is_formula_start));
        prop_assert_eq!(undefuse(&guarded), cell.as_str());
    }

    #[test]
    fn no_written_csv_cell_starts_like_a_formula(cells in prop::collection::vec("[^\u{0}]{0,8}", 1..4)) {
        let row: Vec<&str> = cells.iter().map(String::as_str).collect();
        let out = csv(&Rows::All, &[&["Order", "B", "C"], &row], &[]);
        let mut read = read_cells(out.trim_start_matches('\u{feff}'));
        let written: Vec<String> = read.drain(4..).take(row.len()).collect();
        for (written, cell) in written.iter().zip(&row) {
            prop_assert!(!written.starts_with(guard::is_formula_start));
            prop_assert_eq!(undefuse(written), *cell);
        }
        prop_assert_eq!(written.len(), row.len());
    }
}

/// All cells of a `;` csv one after the other.
fn read_cells(text: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    for c in text.chars() {
        match c {
            '"' => {
                // A doubled quote closes and opens again: one quote stays.
                if !quoted && cells.last().is_some_and(|cell| cell.ends_with('\u{0}')) {
                    cells.last_mut().unwrap().pop();
                    cells.last_mut().unwrap().push('"');
                }
                quoted = !quoted;
                if !quoted {
                    cells.last_mut().unwrap().push('\u{0}');
                }
            }
            ';' | '\n' if !quoted => {
                close(cells.last_mut().unwrap());
                cells.push(String::new());
            }
            c => cells.last_mut().unwrap().push(c),
        }
    }
    cells
}

fn close(cell: &mut String) {
    if cell.ends_with('\u{0}') {
        cell.pop();
    }
}

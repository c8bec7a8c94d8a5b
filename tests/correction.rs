//! Every table that can be read goes back ready to fix, and says the same when it is read again.

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

use orderdock::formats::correction::{ERROR_COLUMN, Rows, is_marker, undefuse, write};
use orderdock::formats::{
    About, Bytes, Element, Flow, FormatKind, Interest, ReadOptions, Records, Row, Table, XmlName,
    read, sniff,
};
use orderdock::order::{Order, StatusUpdate};
use orderdock::problem::{Place, Problem};
use orderdock::profiles::RowSpan;

/// A table as read: name, then row numbers with their cells.
type Read = Vec<(String, Vec<(u64, Vec<String>)>)>;

#[derive(Default)]
struct Collector {
    tables: Read,
}

impl Records for Collector {
    fn begin(&mut self, _about: &About) -> Flow {
        ControlFlow::Continue(())
    }
    fn table(&mut self, table: &Table) -> Flow {
        self.tables.push((table.name.clone(), Vec::new()));
        ControlFlow::Continue(())
    }
    fn row(&mut self, row: &Row<'_>) -> Flow {
        let cells = row.cells.iter().map(|cell| cell.text.to_owned()).collect();
        self.tables.last_mut().unwrap().1.push((row.number, cells));
        ControlFlow::Continue(())
    }
    fn open(&mut self, _path: &[XmlName], _attributes: &[(XmlName, String)]) -> Interest {
        Interest::Skip
    }
    fn element(&mut self, _path: &[XmlName], _element: &Element) -> Flow {
        ControlFlow::Continue(())
    }
    fn text(&mut self, _path: &[XmlName], _text: &str) -> Flow {
        ControlFlow::Continue(())
    }
    fn order(&mut self, _order: Order, _place: &str) -> Flow {
        ControlFlow::Continue(())
    }
    fn status(&mut self, _update: StatusUpdate) -> Flow {
        ControlFlow::Continue(())
    }
    fn problem(&mut self, _problem: Problem) -> Flow {
        ControlFlow::Continue(())
    }
}

fn tables(name: &str, bytes: &[u8], format: FormatKind, options: &ReadOptions) -> Option<Read> {
    let mut collector = Collector::default();
    let mut input = Bytes::new(name, bytes);
    read(format, &mut input, options, &mut collector).ok()?;
    Some(collector.tables)
}

/// What the mapping sees of a file that came back: without our column, markers and guards, and
/// without the empty cells at a row's end.
fn taken_back(mut tables: Read) -> Read {
    for (_, rows) in &mut tables {
        let ours = rows
            .iter()
            .find_map(|(_, cells)| cells.iter().position(|cell| cell == ERROR_COLUMN));
        for (_, cells) in rows.iter_mut() {
            if let Some(ours) = ours.filter(|&ours| ours < cells.len()) {
                cells.remove(ours);
            }
            cells.retain(|cell| !is_marker(cell));
            for cell in cells.iter_mut() {
                *cell = undefuse(cell).to_owned();
            }
        }
    }
    plain(tables)
}

fn plain(mut tables: Read) -> Read {
    for (_, rows) in &mut tables {
        for (_, cells) in rows.iter_mut() {
            while cells.last().is_some_and(String::is_empty) {
                cells.pop();
            }
        }
        rows.retain(|(_, cells)| !cells.is_empty());
    }
    tables.retain(|(_, rows)| !rows.is_empty());
    tables
}

/// The options of a fixture stand beside it.
fn options(path: &Path) -> ReadOptions {
    let beside = path.with_extension("options.json");
    fs::read_to_string(beside)
        .ok()
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default()
}

/// Sends one file out and back; false where it is no table or cannot be read.
fn out_and_back(path: &Path) -> bool {
    let bytes = fs::read(path).unwrap();
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let Ok(format) = sniff::sniff(&mut Bytes::new(&name, &bytes), None) else {
        return false;
    };
    let options = options(path);
    if !format.is_table() {
        return false;
    }
    let Some(before) = tables(&name, &bytes, format, &options) else {
        return false;
    };
    let wrong: Vec<Problem> = before
        .iter()
        .flat_map(|(sheet, rows)| {
            rows.iter().skip(1).step_by(3).map(move |(row, _)| {
                let sheet = (!sheet.is_empty()).then(|| sheet.clone());
                Problem::error("test", "This is wrong.").at(Place {
                    sheet,
                    ..Place::row(*row)
                })
            })
        })
        .collect();
    let mut input = Bytes::new(&name, &bytes);
    let correction = match write(&mut input, format, &options, &wrong, &Rows::All) {
        Ok(correction) => correction,
        Err(problem) => {
            assert_eq!(problem.code, "correction.too-large", "{name}: {problem}");
            return false;
        }
    };
    let back = if format == FormatKind::Csv {
        FormatKind::Csv
    } else {
        FormatKind::Xlsx
    };
    let found = sniff::sniff(&mut Bytes::new(&correction.name, &correction.bytes), None);
    let is_empty = before.iter().all(|(_, rows)| rows.is_empty());
    assert!(found == Ok(back) || is_empty, "{name}: {found:?}");
    let after = tables(&correction.name, &correction.bytes, back, &options);
    assert!(after.is_some(), "{name}: what went back cannot be read");
    let after = after.unwrap_or_default();
    let marks = |tables: &Read| {
        let cells = tables
            .iter()
            .flat_map(|(_, rows)| rows)
            .flat_map(|(_, cells)| cells);
        cells
            .filter(|cell| cell.ends_with("This is wrong."))
            .count()
    };
    assert!(
        marks(&after) >= marks(&before) + wrong.len(),
        "{name}: every wrong row is marked"
    );
    assert_eq!(plain(before), taken_back(after), "{name}");
    true
}

fn every_file(folder: &Path) -> usize {
    let mut sent = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sent += every_file(&path);
        } else if !path.to_string_lossy().ends_with(".json") {
            sent += usize::from(out_and_back(&path));
        }
    }
    sent
}

#[test]
fn every_fixture_goes_back_and_comes_back_the_same() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    assert!(every_file(&fixtures.join("csv")) > 30);
}

#[test]
fn other_peoples_tables_go_back_and_come_back_the_same() {
    let Some(corpus) = std::env::var_os("ORDERDOCK_CORPUS") else {
        println!("ORDERDOCK_CORPUS names no folder: nothing was looked at.");
        return;
    };
    for folder in ["csv", "spreadsheets"] {
        let sent = every_file(&Path::new(&corpus).join(folder));
        println!("{folder}: {sent} files");
        assert!(sent > 10);
    }
}

#[test]
fn only_the_rows_of_withheld_orders_go_back() {
    let bytes = b"Acme orders\nOrder;Quantity\n1;5\n2;x\n2;6\n3;7\n";
    let wrong = Problem::error("test", "No.").at(Place::row(4).column("Quantity"));
    let mut input = Bytes::new("a.csv", bytes);
    let rows = Rows::Only(vec![RowSpan(4, 5)]);
    let options = ReadOptions::default();
    let correction = write(&mut input, FormatKind::Csv, &options, &[wrong], &rows).unwrap();
    assert_eq!(correction.name, "a.to-fix.csv");
    assert_eq!(
        String::from_utf8(correction.bytes).unwrap(),
        "Acme orders\nOrder;Quantity;orderdock_error\n2;x;(row 4 of your file) Quantity: No.\n2;6;\n"
    );
}

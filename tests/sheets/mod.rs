//! Spreadsheets are read as their sender sees them, or refused with a reason.
//!
//! `fixtures/sheet/NAME.ext` is read and compared with `NAME.ext.expected.json`; with
//! `UPDATE_EXPECT=1` the expectation is rewritten. Hostile and generated workbooks are made here.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use orderdock::formats::{
    About, Bytes, CellKind, Element, Flow, FormatKind, Interest, ReadOptions, Records, Row, Table,
    XmlName, sheet,
};
use orderdock::order::{Order, StatusUpdate};
use orderdock::problem::Problem;
use serde_json::{Value, json};

mod hostile;
mod written;

/// All that a reader tells, in memory.
#[derive(Default)]
pub(crate) struct Collected {
    pub(crate) format: Option<FormatKind>,
    pub(crate) tables: Vec<CollectedTable>,
    pub(crate) problems: Vec<Problem>,
    /// The problem that ended reading.
    pub(crate) refused: Option<Problem>,
    /// After so many rows the sink has enough.
    pub(crate) enough: Option<usize>,
    pub(crate) rows: usize,
}

#[derive(Default)]
pub(crate) struct CollectedTable {
    pub(crate) name: String,
    pub(crate) hidden: bool,
    pub(crate) rows: Vec<(u64, Vec<(String, CellKind)>)>,
}

impl Records for Collected {
    fn begin(&mut self, about: &About) -> Flow {
        self.format = Some(about.format);
        Flow::Continue(())
    }

    fn table(&mut self, table: &Table) -> Flow {
        self.tables.push(CollectedTable {
            name: table.name.clone(),
            hidden: table.hidden,
            rows: Vec::new(),
        });
        Flow::Continue(())
    }

    fn row(&mut self, row: &Row<'_>) -> Flow {
        let cells = row
            .cells
            .iter()
            .map(|cell| (cell.text.to_owned(), cell.kind))
            .collect();
        let table = self.tables.last_mut().expect("rows belong to a table");
        table.rows.push((row.number, cells));
        self.rows += 1;
        if self.enough == Some(self.rows) {
            return Flow::Break(());
        }
        Flow::Continue(())
    }

    fn open(&mut self, _path: &[XmlName], _attributes: &[(XmlName, String)]) -> Interest {
        Interest::Stop
    }

    fn element(&mut self, _path: &[XmlName], _element: &Element) -> Flow {
        Flow::Break(())
    }

    fn text(&mut self, _path: &[XmlName], _text: &str) -> Flow {
        Flow::Break(())
    }

    fn order(&mut self, _order: Order, _place: &str) -> Flow {
        Flow::Break(())
    }

    fn status(&mut self, _update: StatusUpdate) -> Flow {
        Flow::Break(())
    }

    fn problem(&mut self, problem: Problem) -> Flow {
        self.problems.push(problem);
        Flow::Continue(())
    }
}

impl Collected {
    /// Codes of all findings, the refusal last.
    pub(crate) fn codes(&self) -> Vec<String> {
        self.problems
            .iter()
            .chain(&self.refused)
            .map(|problem| problem.code.to_string())
            .collect()
    }

    /// The texts of a table's rows.
    pub(crate) fn texts(&self, table: usize) -> Vec<Vec<&str>> {
        self.tables[table]
            .rows
            .iter()
            .map(|(_, cells)| cells.iter().map(|(text, _)| text.as_str()).collect())
            .collect()
    }

    fn to_json(&self) -> Value {
        let tables: Vec<Value> = self
            .tables
            .iter()
            .map(|table| {
                let rows: Vec<Value> = table
                    .rows
                    .iter()
                    .map(|(number, cells)| {
                        json!([number, cells.iter().map(shown).collect::<Vec<_>>()])
                    })
                    .collect();
                json!({"name": table.name, "hidden": table.hidden, "rows": rows})
            })
            .collect();
        json!({
            "format": self.format,
            "tables": tables,
            "problems": self.problems,
            "refused": self.refused,
        })
    }
}

/// A cell as expectations write it: its text, with its kind where that is not text.
fn shown((text, kind): &(String, CellKind)) -> String {
    match kind {
        CellKind::Text => text.clone(),
        other => format!("{other:?}({text})"),
    }
}

/// Reads `bytes` under a name.
pub(crate) fn read(name: &str, bytes: &[u8], options: &ReadOptions) -> Collected {
    let mut collected = Collected::default();
    read_into(name, bytes, options, &mut collected);
    collected
}

pub(crate) fn read_into(
    name: &str,
    bytes: &[u8],
    options: &ReadOptions,
    collected: &mut Collected,
) {
    let extension = name.rsplit('.').next().unwrap_or_default();
    let format = FormatKind::parse(extension).unwrap_or(FormatKind::Xlsx);
    let mut input = Bytes::new(name, bytes);
    let outcome = sheet::read(format, &mut input, options, collected);
    collected.refused = outcome.err();
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/sheet")
}

#[test]
fn every_fixture_reads_as_expected() {
    let mut differences = String::new();
    let mut count = 0;
    for entry in std::fs::read_dir(folder()).expect("the folder of fixtures") {
        let path = entry.expect("an entry").path();
        let name = path
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        if name.ends_with(".expected.json") {
            continue;
        }
        count += 1;
        let bytes = std::fs::read(&path).expect("a fixture");
        let found = read(&name, &bytes, &ReadOptions::default()).to_json();
        let beside = path.with_file_name(format!("{name}.expected.json"));
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            let text = serde_json::to_string_pretty(&found).expect("JSON") + "\n";
            std::fs::write(&beside, text).expect("the expectation is written");
            continue;
        }
        let expected = std::fs::read_to_string(&beside).unwrap_or_default();
        let expected: Value = serde_json::from_str(&expected).unwrap_or_default();
        if expected != found {
            writeln!(
                differences,
                "{name}:\n  expected {expected}\n  found    {found}"
            )
            .expect("text");
        }
    }
    assert!(count > 0, "no fixtures were found");
    assert!(differences.is_empty(), "{differences}");
}

//! Code tables: what a sender calls things, and what we call them, both ways.
//!
//! A table stands in the profile, or in a csv file beside it. It is an object of the expression
//! language, so that an expression that looks something up costs no copy of the table.

use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;

use minijinja::value::Object;

use super::synonyms::normalise;
use crate::formats::{
    self, About, Bytes, Element, Flow, FormatKind, Interest, ReadOptions, Records, Row, Table,
    XmlName,
};
use crate::limits;
use crate::order::{Order, StatusUpdate};
use crate::problem::Problem;

/// One table.
#[derive(Debug, Default)]
pub(crate) struct CodeTable {
    there: HashMap<String, String>,
    back: HashMap<String, String>,
}

/// All tables of a profile, by name.
#[derive(Debug, Default)]
pub(crate) struct CodeTables(pub(crate) BTreeMap<String, CodeTable>);

impl Object for CodeTables {}

impl CodeTable {
    /// Adds a pair; of keys or values that stand twice, the first counts.
    pub(crate) fn add(&mut self, key: &str, value: &str) {
        let (key, value) = (key.trim(), value.trim());
        self.there
            .entry(folded(key))
            .or_insert_with(|| value.to_owned());
        self.back
            .entry(folded(value))
            .or_insert_with(|| key.to_owned());
    }

    /// What `key` stands for.
    pub(crate) fn there(&self, key: &str) -> Option<&str> {
        self.there.get(&folded(key)).map(String::as_str)
    }

    /// What stands for `value`.
    pub(crate) fn back(&self, value: &str) -> Option<&str> {
        self.back.get(&folded(value)).map(String::as_str)
    }

    /// Reads a csv file: its first two columns, or those with these headers.
    ///
    /// # Errors
    /// What is wrong with it, as a sentence.
    pub(crate) fn read(text: &str, key: Option<&str>, value: Option<&str>) -> Result<Self, String> {
        let mut rows = Rows {
            wanted: [key.map(normalise), value.map(normalise)],
            columns: None,
            table: Self::default(),
            wrong: None,
        };
        let mut input = Bytes::new("table.csv", text.as_bytes());
        let read = formats::read(
            FormatKind::Csv,
            &mut input,
            &ReadOptions::default(),
            &mut rows,
        );
        match (read, rows.wrong) {
            (Err(problem), _) => Err(problem.to_string()),
            (Ok(()), Some(wrong)) => Err(wrong),
            (Ok(()), None) => Ok(rows.table),
        }
    }
}

impl CodeTables {
    /// The table of this name.
    pub(crate) fn get(&self, name: &str) -> Option<&CodeTable> {
        self.0.get(name)
    }
}

fn folded(text: &str) -> String {
    text.trim().to_lowercase()
}

/// Takes pairs from rows; the first row is the header.
struct Rows {
    wanted: [Option<String>; 2],
    columns: Option<[usize; 2]>,
    table: CodeTable,
    wrong: Option<String>,
}

impl Rows {
    fn header(&mut self, row: &Row<'_>) {
        let mut columns = [0, 1];
        for (column, wanted) in columns.iter_mut().zip(&self.wanted) {
            let Some(wanted) = wanted else { continue };
            let found = row
                .cells
                .iter()
                .position(|cell| normalise(cell.text) == *wanted);
            match found {
                Some(found) => *column = found,
                None => self.wrong = Some(format!("the table has no column “{wanted}”")),
            }
        }
        self.columns = Some(columns);
    }
}

impl Records for Rows {
    fn begin(&mut self, _: &About) -> Flow {
        ControlFlow::Continue(())
    }
    fn table(&mut self, _: &Table) -> Flow {
        ControlFlow::Continue(())
    }
    fn row(&mut self, row: &Row<'_>) -> Flow {
        let Some([key, value]) = self.columns else {
            self.header(row);
            return ControlFlow::Continue(());
        };
        let text = |column: usize| row.cells.get(column).map_or("", |cell| cell.text);
        if !text(key).trim().is_empty() {
            self.table.add(text(key), text(value));
        }
        if self.table.there.len() > limits::CODES {
            self.wrong = Some(format!("the table has more than {} codes", limits::CODES));
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }
    fn open(&mut self, _: &[XmlName], _: &[(XmlName, String)]) -> Interest {
        Interest::Stop
    }
    fn element(&mut self, _: &[XmlName], _: &Element) -> Flow {
        ControlFlow::Continue(())
    }
    fn text(&mut self, _: &[XmlName], _: &str) -> Flow {
        ControlFlow::Continue(())
    }
    fn order(&mut self, _: Order, _: &str) -> Flow {
        ControlFlow::Continue(())
    }
    fn status(&mut self, _: StatusUpdate) -> Flow {
        ControlFlow::Continue(())
    }
    fn problem(&mut self, problem: Problem) -> Flow {
        if problem.is_error() {
            self.wrong.get_or_insert(problem.to_string());
        }
        ControlFlow::Continue(())
    }
}

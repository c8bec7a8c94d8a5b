//! What a format read, as JSON, before any profile: the members that `parse --records` prints.
//!
//! Written as it is read, so that a large file costs no memory; only findings and status updates are
//! kept to the end. The caller has opened the object and written at least one member; this writes
//! the others and leaves the object open.

use std::io::{self, Write};
use std::ops::ControlFlow;

use serde::Serialize;
use serde_json::{Value, json};

use super::{About, Element, Flow, Interest, Records, Row, Segment, Table, XmlName};
use crate::limits;
use crate::order::{Order, StatusUpdate};
use crate::problem::Problem;

/// A sink that writes `encoding`, `dialect` or `separators`, then `tables`, `root`, `orders` or
/// `segments`, and `problems`.
#[derive(Debug)]
pub struct RecordsJson<W> {
    out: W,
    shape: Shape,
    failed: Option<io::Error>,
    updates: Vec<StatusUpdate>,
    problems: Vec<Problem>,
    left_out: u64,
}

/// What is open in the written JSON.
#[derive(Debug)]
enum Shape {
    Nothing,
    /// Tables, the rows of the last one; whether it has rows.
    Tables {
        rows: bool,
    },
    /// The tree, with one entry for each open element: whether it has children.
    Tree(Vec<bool>),
    Orders,
    Segments,
}

impl<W: Write> RecordsJson<W> {
    /// A sink into `out`, which holds an open object with at least one member.
    pub fn new(out: W) -> Self {
        Self {
            out,
            shape: Shape::Nothing,
            failed: None,
            updates: Vec::new(),
            problems: Vec::new(),
            left_out: 0,
        }
    }

    /// Writes what is open, `fatal` (the problem that ended reading) and all findings; answers the
    /// findings, so that the caller can tell the outcome.
    ///
    /// # Errors
    /// Where `out` could not be written.
    pub fn finish(mut self, fatal: Option<Problem>) -> io::Result<(W, Vec<Problem>)> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        self.close(0)?;
        self.problems.extend(fatal);
        if !self.updates.is_empty() {
            let updates = std::mem::take(&mut self.updates);
            self.member("status_updates", &updates)?;
        }
        let problems = std::mem::take(&mut self.problems);
        self.member("problems", &problems)?;
        if self.left_out > 0 {
            let left_out = self.left_out;
            self.member("problems_left_out", &left_out)?;
        }
        Ok((self.out, problems))
    }

    fn member(&mut self, name: &str, value: &(impl Serialize + ?Sized)) -> io::Result<()> {
        write!(self.out, ",\"{name}\":")?;
        serde_json::to_writer(&mut self.out, value)?;
        Ok(())
    }

    /// Closes the tree down to `depth` open elements, or the tables or orders.
    fn close(&mut self, depth: usize) -> io::Result<()> {
        match &mut self.shape {
            Shape::Nothing => {}
            Shape::Tables { .. } => self.out.write_all(b"]}]")?,
            Shape::Orders | Shape::Segments => self.out.write_all(b"]")?,
            Shape::Tree(open) => {
                while open.len() > depth {
                    let children = open.pop().unwrap_or_default();
                    self.out.write_all(if children { b"]}" } else { b"}" })?;
                }
                return Ok(());
            }
        }
        self.shape = Shape::Nothing;
        Ok(())
    }

    fn write_about(&mut self, about: &About) -> io::Result<()> {
        self.member("format", &about.format)?;
        if let Some(encoding) = &about.encoding {
            self.member("encoding", encoding)?;
        }
        if let Some(dialect) = &about.dialect {
            self.member("dialect", dialect)?;
        }
        if let Some(separators) = &about.separators {
            self.member("separators", separators)?;
        }
        Ok(())
    }

    fn write_table(&mut self, table: &Table) -> io::Result<()> {
        match self.shape {
            Shape::Tables { .. } => self.out.write_all(b"]},")?,
            _ => self.out.write_all(b",\"tables\":[")?,
        }
        self.shape = Shape::Tables { rows: false };
        let head = json!({"name": table.name, "hidden": table.hidden}).to_string();
        let open = head.strip_suffix('}').unwrap_or(&head);
        write!(self.out, "{open},\"rows\":[")
    }

    fn write_row(&mut self, row: &Row<'_>) -> io::Result<()> {
        if let Shape::Tables { rows } = &mut self.shape
            && std::mem::replace(rows, true)
        {
            self.out.write_all(b",")?;
        }
        self.out.write_all(b"[")?;
        for (index, cell) in row.cells.iter().enumerate() {
            if index > 0 {
                self.out.write_all(b",")?;
            }
            serde_json::to_writer(&mut self.out, cell.text)?;
        }
        self.out.write_all(b"]")
    }

    fn write_open(&mut self, path: &[XmlName], attributes: &[(XmlName, String)]) -> io::Result<()> {
        let Some(name) = path.last() else {
            return Ok(());
        };
        if !matches!(self.shape, Shape::Tree(_)) {
            self.shape = Shape::Tree(Vec::new());
            self.out.write_all(b",\"root\":")?;
        }
        self.close(path.len() - 1)?;
        if let Shape::Tree(open) = &mut self.shape {
            let first = open
                .last_mut()
                .map(|children| !std::mem::replace(children, true));
            open.push(false);
            match first {
                Some(true) => self.out.write_all(b",\"children\":[")?,
                Some(false) => self.out.write_all(b",")?,
                None => {}
            }
        }
        self.out.write_all(b"{\"name\":")?;
        serde_json::to_writer(&mut self.out, &name.local)?;
        if !name.namespace.is_empty() {
            self.member("namespace", &*name.namespace)?;
        }
        if !attributes.is_empty() {
            let named: serde_json::Map<String, serde_json::Value> = attributes
                .iter()
                .map(|(name, value)| (clark(name), value.clone().into()))
                .collect();
            self.member("attributes", &named)?;
        }
        Ok(())
    }

    fn write_order(&mut self, order: &Order) -> io::Result<()> {
        if matches!(self.shape, Shape::Orders) {
            self.out.write_all(b",")?;
        } else {
            self.shape = Shape::Orders;
            self.out.write_all(b",\"orders\":[")?;
        }
        serde_json::to_writer(&mut self.out, order)?;
        Ok(())
    }

    /// `{"number": 3, "tag": "DTM", "elements": [["137", "20260403", "102"]]}`: a plain element is
    /// a text, one with components a list, one that repeats an object with a list of both.
    fn write_segment(&mut self, segment: &Segment<'_>) -> io::Result<()> {
        if matches!(self.shape, Shape::Segments) {
            self.out.write_all(b",")?;
        } else {
            self.shape = Shape::Segments;
            self.out.write_all(b",\"segments\":[")?;
        }
        let mut elements = Vec::new();
        let pieces = segment.pieces().get(1..).unwrap_or_default();
        for element in pieces.chunk_by(|a, b| a.element == b.element) {
            let mut repetitions: Vec<Value> = element
                .chunk_by(|a, b| a.repetition == b.repetition)
                .map(|components| match components {
                    [only] => segment.text_of(only).into(),
                    several => several.iter().map(|one| segment.text_of(one)).collect(),
                })
                .collect();
            elements.push(match repetitions.len() {
                1 => repetitions.remove(0),
                _ => json!({"repeated": repetitions}),
            });
        }
        let object = json!({"number": segment.number, "tag": segment.tag(), "elements": elements});
        serde_json::to_writer(&mut self.out, &object)?;
        Ok(())
    }

    /// Goes on unless writing failed; the failure is told by [`RecordsJson::finish`].
    fn then(&mut self, written: io::Result<()>) -> Flow {
        match written {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                self.failed = Some(error);
                ControlFlow::Break(())
            }
        }
    }
}

/// `{namespace}local`, or the bare name without a namespace.
fn clark(name: &XmlName) -> String {
    if name.namespace.is_empty() {
        name.local.clone()
    } else {
        format!("{{{}}}{}", name.namespace, name.local)
    }
}

impl<W: Write> Records for RecordsJson<W> {
    fn begin(&mut self, about: &About) -> Flow {
        let written = self.write_about(about);
        self.then(written)
    }

    fn table(&mut self, table: &Table) -> Flow {
        let written = self.write_table(table);
        self.then(written)
    }

    fn row(&mut self, row: &Row<'_>) -> Flow {
        let written = self.write_row(row);
        self.then(written)
    }

    fn open(&mut self, path: &[XmlName], attributes: &[(XmlName, String)]) -> Interest {
        let written = self.write_open(path, attributes);
        if self.then(written).is_break() {
            Interest::Stop
        } else {
            Interest::Descend
        }
    }

    fn element(&mut self, _path: &[XmlName], _element: &Element) -> Flow {
        // Never asked for: the tree is written by descending, so that its size does not matter.
        ControlFlow::Continue(())
    }

    fn text(&mut self, path: &[XmlName], text: &str) -> Flow {
        let written = self
            .close(path.len())
            .and_then(|()| self.member("text", &text));
        self.then(written)
    }

    fn json(&mut self, paths: &[String]) -> bool {
        !super::is_canonical(paths)
    }

    fn order(&mut self, order: Order, _place: &str) -> Flow {
        let written = self.write_order(&order);
        self.then(written)
    }

    fn status(&mut self, update: StatusUpdate) -> Flow {
        self.updates.push(update);
        ControlFlow::Continue(())
    }

    fn segment(&mut self, segment: &Segment<'_>) -> Flow {
        let written = self.write_segment(segment);
        self.then(written)
    }

    fn problem(&mut self, problem: Problem) -> Flow {
        if self.problems.len() < limits::PROBLEMS_PER_FILE {
            self.problems.push(problem);
        } else {
            self.left_out += 1;
        }
        ControlFlow::Continue(())
    }
}

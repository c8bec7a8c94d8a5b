//! What a person sees of an original: its beginning and what lies about the findings, marked.
//!
//! A sink like any other, run in the jail. What it keeps is bounded however large the file is, so
//! that a page with it stays small; a table is left as soon as its last finding has passed. Never
//! more than text: nothing of the file becomes markup.

mod table;
mod tree;

use std::ops::ControlFlow;

use serde::{Deserialize, Serialize};

use super::{
    About, Element, Flow, FormatKind, Interest, Part, Records, Row, Segment, Separators, Table,
    XmlName,
};
use crate::limits;
use crate::order::{Order, StatusUpdate};
use crate::problem::{Place, Problem};

/// An original as a page shows it. Marks are places among those that were asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Shown {
    /// Tables, where it is made of rows.
    pub tables: Vec<ShownTable>,
    /// Lines, where it is a tree or made of segments.
    pub lines: Vec<ShownLine>,
    /// Not all of it is here.
    pub cut: bool,
    /// Why it was not read to its end.
    pub problem: Option<String>,
}

/// A table or sheet.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ShownTable {
    /// The sheet's name.
    pub name: String,
    /// Its rows.
    pub rows: Vec<ShownRow>,
    /// The widest of them.
    pub width: usize,
}

/// A row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownRow {
    /// As a spreadsheet numbers it.
    pub number: u64,
    /// Rows before it are left out.
    pub gap: bool,
    /// The finding about the whole row.
    pub mark: Option<usize>,
    /// Its cells, each with the finding about it.
    pub cells: Vec<(String, Option<usize>)>,
}

/// A line of a tree, or a segment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownLine {
    /// The line or segment in the file; 0 where that is not known.
    pub number: u64,
    /// How far it is set in.
    pub depth: usize,
    /// The text.
    pub text: String,
    /// Lines before it are left out.
    pub gap: bool,
    /// The finding about it.
    pub mark: Option<usize>,
}

/// The sink.
#[derive(Debug)]
pub struct Show {
    places: Vec<Place>,
    shown: Shown,
    separators: Option<Separators>,
    format: Option<FormatKind>,
    /// Rows and lines kept so far.
    kept: usize,
    /// The row or line before was left out.
    gap: bool,
}

impl Show {
    /// A sink that marks these places.
    #[must_use]
    pub fn new(places: Vec<Place>) -> Self {
        Self {
            places,
            shown: Shown::default(),
            separators: None,
            format: None,
            kept: 0,
            gap: false,
        }
    }

    /// What was kept; `fatal` is the problem that ended reading.
    #[must_use]
    pub fn finish(mut self, fatal: Option<&Problem>) -> Shown {
        self.shown.problem = fatal.map(ToString::to_string);
        self.shown
    }

    /// Whether there is room for another row or line.
    fn room(&self) -> bool {
        self.kept < limits::SHOWN_ROWS
    }

    fn left_out(&mut self) {
        self.gap = true;
        self.shown.cut = true;
    }
}

/// A text as it may be shown.
fn shown(text: &str) -> String {
    let mut letters = text.chars();
    let mut short: String = letters.by_ref().take(limits::SHOWN_CHARS).collect();
    if letters.next().is_some() {
        short.push('…');
    }
    short
}

impl Records for Show {
    fn begin(&mut self, about: &About) -> Flow {
        self.separators = about.separators;
        self.format = Some(about.format);
        ControlFlow::Continue(())
    }

    fn table(&mut self, table: &Table) -> Flow {
        self.begin_table(&table.name);
        ControlFlow::Continue(())
    }

    fn row(&mut self, row: &Row<'_>) -> Flow {
        self.add_row(row)
    }

    fn open(&mut self, path: &[XmlName], attributes: &[(XmlName, String)]) -> Interest {
        match path {
            _ if !self.room() => Interest::Stop,
            [root] => {
                self.add_root(root, attributes);
                Interest::Descend
            }
            _ => Interest::Record,
        }
    }

    fn element(&mut self, _: &[XmlName], element: &Element) -> Flow {
        self.add_element(element)
    }

    fn text(&mut self, path: &[XmlName], text: &str) -> Flow {
        self.add_text(path.len(), text)
    }

    fn json(&mut self, _: &[String]) -> bool {
        true
    }

    fn order(&mut self, order: Order, _: &str) -> Flow {
        let text = serde_json::to_string_pretty(&order).unwrap_or_default();
        for line in text.lines() {
            if self.add_text(0, line).is_break() {
                return ControlFlow::Break(());
            }
        }
        ControlFlow::Continue(())
    }

    fn status(&mut self, _: StatusUpdate) -> Flow {
        ControlFlow::Continue(())
    }

    fn segment(&mut self, segment: &Segment<'_>) -> Flow {
        self.add_segment(segment)
    }

    fn problem(&mut self, _: Problem) -> Flow {
        // They are told with the file already.
        ControlFlow::Continue(())
    }
}

impl Show {
    /// Segments are few and short: the beginning, and those about a finding.
    fn add_segment(&mut self, segment: &Segment<'_>) -> Flow {
        let places = self.places.iter();
        let numbers = places.map(|place| place.segment.as_deref().and_then(number_of));
        let numbers: Vec<Option<u64>> = numbers.collect();
        let near = |number: &Option<u64>| {
            number.is_some_and(|at| at.abs_diff(segment.number) <= limits::SHOWN_ABOUT)
        };
        let head = self.kept < limits::SHOWN_HEAD * 4;
        if !head && !numbers.iter().any(near) {
            self.left_out();
            return if self.room() {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            };
        }
        let inside = segment.part == Part::Message;
        let frame = matches!(segment.tag(), "UNH" | "UNT" | "ST" | "SE");
        let line = ShownLine {
            number: segment.number,
            depth: usize::from(inside) + usize::from(inside && !frame),
            text: self.written(segment),
            gap: std::mem::take(&mut self.gap),
            mark: numbers.iter().position(|at| *at == Some(segment.number)),
        };
        self.shown.lines.push(line);
        self.kept += 1;
        ControlFlow::Continue(())
    }

    /// A segment as it stands in the file, its separators included.
    fn written(&self, segment: &Segment<'_>) -> String {
        let (element, component) = self
            .separators
            .map_or(('+', Some(':')), |all| (all.element, all.component));
        let mut text = String::new();
        for (index, piece) in segment.pieces().iter().enumerate() {
            if index > 0 {
                text.push(match piece.component {
                    0 | 1 if piece.repetition == 0 => element,
                    1 => '*',
                    _ => component.unwrap_or(':'),
                });
            }
            text.push_str(segment.text_of(piece));
        }
        shown(&text)
    }
}

/// The number in `NAD+BY (segment 7)`.
fn number_of(label: &str) -> Option<u64> {
    let (_, rest) = label.rsplit_once("(segment ")?;
    rest.trim_end_matches(')').parse().ok()
}

#[cfg(test)]
mod tests;

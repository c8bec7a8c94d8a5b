//! Trees, set in line by line: XML as XML, JSON as names and values.

use std::fmt::Write as _;
use std::ops::ControlFlow;

use super::{Show, ShownLine, shown};
use crate::formats::{Element, Flow, FormatKind, XmlName};
use crate::limits;
use crate::problem::Place;

/// Lines of one record that are looked at: a larger one is cut.
const LINES: usize = 20_000;

impl Show {
    pub(super) fn add_root(&mut self, root: &XmlName, attributes: &[(XmlName, String)]) {
        let text = self.opening(&root.local, attributes);
        self.add_text(0, &text).is_continue();
    }

    /// A text on the way, outside of any record.
    pub(super) fn add_text(&mut self, depth: usize, text: &str) -> Flow {
        if !self.room() {
            self.left_out();
            return ControlFlow::Break(());
        }
        let line = ShownLine {
            number: 0,
            depth,
            text: shown(text),
            gap: std::mem::take(&mut self.gap),
            mark: None,
        };
        self.shown.lines.push(line);
        self.kept += 1;
        ControlFlow::Continue(())
    }

    pub(super) fn add_element(&mut self, element: &Element) -> Flow {
        let mut lines = Vec::new();
        self.write(element, 1, &mut lines);
        self.mark(&mut lines);
        self.keep(lines);
        if self.room() {
            ControlFlow::Continue(())
        } else {
            self.shown.cut = true;
            ControlFlow::Break(())
        }
    }

    fn is_json(&self) -> bool {
        self.format == Some(FormatKind::Json)
    }

    fn opening(&self, name: &str, attributes: &[(XmlName, String)]) -> String {
        if self.is_json() {
            return name.to_owned();
        }
        let mut text = format!("<{name}");
        for (name, value) in attributes {
            write!(text, " {}=\"{value}\"", name.local).unwrap_or_default();
        }
        text.push('>');
        text
    }

    /// The element and all below it, a line each; a leaf is closed in its line.
    fn write<'e>(&self, element: &'e Element, depth: usize, lines: &mut Vec<Line<'e>>) {
        if lines.len() >= LINES {
            return;
        }
        let name = &element.name.local;
        let mut text = self.opening(name, &element.attributes);
        let leaf = element.children.is_empty();
        if self.is_json() {
            if leaf {
                write!(text, ": {}", shown(&element.text)).unwrap_or_default();
            }
        } else {
            text.push_str(&shown(&element.text));
            if leaf {
                write!(text, "</{name}>").unwrap_or_default();
            }
        }
        lines.push(Line {
            name,
            shown: ShownLine {
                number: element.line,
                depth,
                text,
                gap: false,
                mark: None,
            },
        });
        for child in &element.children {
            self.write(child, depth + 1, lines);
        }
        if !leaf && !self.is_json() {
            lines.push(Line {
                name: "",
                shown: ShownLine {
                    number: 0,
                    depth,
                    text: format!("</{name}>"),
                    gap: false,
                    mark: None,
                },
            });
        }
    }

    /// Marks each place once: at the element of its line and name, else at the first of its line.
    fn mark(&self, lines: &mut [Line<'_>]) {
        for (index, place) in self.places.iter().enumerate() {
            let Some(at) = place.line else { continue };
            let wanted = last_name(place);
            let of_line = |line: &Line<'_>| line.shown.number == at;
            let exact = lines
                .iter()
                .position(|line| of_line(line) && wanted.is_some_and(|name| name == line.name));
            let found = exact.or_else(|| lines.iter().position(of_line));
            if let Some(line) = found.and_then(|found| lines.get_mut(found)) {
                line.shown.mark.get_or_insert(index);
            }
        }
    }

    /// Keeps all lines at the beginning of the file, and else those about a mark.
    fn keep(&mut self, lines: Vec<Line<'_>>) {
        let marks = lines.iter().enumerate();
        let marks = marks.filter(|(_, line)| line.shown.mark.is_some());
        let marks: Vec<usize> = marks.map(|(index, _)| index).collect();
        let about = usize::try_from(limits::SHOWN_ABOUT * 2).unwrap_or(4);
        for (index, line) in lines.into_iter().enumerate() {
            let head = self.kept < limits::SHOWN_HEAD * 4;
            let near = marks.iter().any(|mark| mark.abs_diff(index) <= about);
            if !(head || near) || !self.room() {
                self.left_out();
                continue;
            }
            let gap = std::mem::take(&mut self.gap);
            self.shown.lines.push(ShownLine { gap, ..line.shown });
            self.kept += 1;
        }
    }
}

/// A line, and the name of the element that it opens.
struct Line<'e> {
    name: &'e str,
    shown: ShownLine,
}

/// The name at the end of a path: `Quantity` of `/Orders/Order[2]/Line[1]/Quantity/@unit`.
fn last_name(place: &Place) -> Option<&str> {
    let path = place.path.as_deref()?;
    let mut names = path.split(['/', '.']);
    let name = names.rfind(|name| !name.is_empty() && !name.starts_with('@'))?;
    let name = name.rsplit_once(':').map_or(name, |(_, local)| local);
    Some(name.split('[').next().unwrap_or(name))
}

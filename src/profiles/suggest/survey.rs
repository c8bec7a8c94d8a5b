//! Looks at a sample: the first rows of its tables, or its paths with some of their texts.

use std::collections::HashMap;
use std::ops::ControlFlow;

use super::super::beside::Kept;
use crate::formats::{About, Element, Flow, FormatKind, Interest, Records, Row, Table, XmlName};
use crate::limits;
use crate::order::{Order, StatusUpdate};
use crate::problem::Problem;

/// One table of a sample.
pub(super) struct SeenTable {
    pub(super) name: String,
    pub(super) kept: Kept,
}

/// One path of a sample.
#[derive(Debug, Default, Clone)]
pub(super) struct SeenPath {
    /// Names from the root; an attribute has its `@`.
    pub(super) names: Vec<String>,
    /// How often in all.
    pub(super) count: usize,
    /// How often in one parent, at most.
    pub(super) most: usize,
    pub(super) samples: Vec<String>,
}

/// What was seen.
#[derive(Default)]
pub(super) struct Survey {
    pub(super) format: Option<FormatKind>,
    pub(super) tables: Vec<SeenTable>,
    pub(super) paths: Vec<SeenPath>,
    pub(super) namespace: String,
    index: HashMap<Vec<String>, usize>,
    /// For each open element how often each child name came.
    open: Vec<HashMap<String, usize>>,
    /// The attributes of the element that opened last.
    attributes: Vec<(String, String)>,
    /// Whether it is canonical JSON, which needs no profile.
    pub(super) canonical: bool,
}

impl Survey {
    pub(super) fn is_tree(&self) -> bool {
        matches!(self.format, Some(FormatKind::Xml | FormatKind::Json))
    }

    fn note(&mut self, names: Vec<String>) -> Option<&mut SeenPath> {
        let at = match self.index.get(&names) {
            Some(at) => *at,
            None if self.paths.len() >= limits::SUGGEST_PATHS => return None,
            None => {
                self.index.insert(names.clone(), self.paths.len());
                self.paths.push(SeenPath {
                    names,
                    ..SeenPath::default()
                });
                self.paths.len() - 1
            }
        };
        self.paths.get_mut(at)
    }

    fn sample(&mut self, names: Vec<String>, text: &str) {
        let text = text.trim();
        if let Some(path) = self.note(names)
            && !text.is_empty()
            && path.samples.len() < SAMPLES
            && !path.samples.iter().any(|known| known == text)
        {
            path.samples.push(text.chars().take(200).collect());
        }
    }
}

/// Different values by which a column or path is judged.
const SAMPLES: usize = 30;

fn names(path: &[XmlName]) -> Vec<String> {
    path.iter().map(|name| name.local.clone()).collect()
}

impl Records for Survey {
    fn begin(&mut self, about: &About) -> Flow {
        self.format = Some(about.format);
        ControlFlow::Continue(())
    }

    fn table(&mut self, table: &Table) -> Flow {
        if self.tables.len() < limits::NAMES_IN_MESSAGE {
            self.tables.push(SeenTable {
                name: table.name.clone(),
                kept: Kept::default(),
            });
        }
        ControlFlow::Continue(())
    }

    fn row(&mut self, row: &Row<'_>) -> Flow {
        if let Some(table) = self.tables.last_mut()
            && table.kept.rows().len() < limits::SUGGEST_ROWS
            && row.cells.iter().any(|cell| !cell.text.trim().is_empty())
        {
            table.kept.push(row);
        }
        ControlFlow::Continue(())
    }

    fn open(&mut self, path: &[XmlName], attributes: &[(XmlName, String)]) -> Interest {
        let depth = path.len();
        if let [root] = path {
            self.namespace = root.namespace.to_string();
        }
        self.open.truncate(depth);
        while self.open.len() < depth {
            self.open.push(HashMap::new());
        }
        let own = names(path);
        let times = match (
            depth.checked_sub(2).and_then(|at| self.open.get_mut(at)),
            own.last(),
        ) {
            (Some(siblings), Some(name)) => {
                let times = siblings.entry(name.clone()).or_default();
                *times += 1;
                *times
            }
            _ => 1,
        };
        if let Some(inner) = self.open.get_mut(depth - 1) {
            inner.clear();
        }
        if let Some(path) = self.note(own.clone()) {
            path.count += 1;
            // The root of JSON lines or of a list comes again and again.
            path.most = path.most.max(if depth == 1 { path.count } else { times });
        }
        self.attributes = attributes
            .iter()
            .map(|(name, text)| (name.local.clone(), text.clone()))
            .collect();
        for (name, text) in attributes {
            if !name.namespace.ends_with("/XMLSchema-instance") {
                let mut names = own.clone();
                names.push(format!("@{}", name.local));
                self.sample(names, text);
            }
        }
        Interest::Descend
    }

    fn element(&mut self, _: &[XmlName], _: &Element) -> Flow {
        ControlFlow::Continue(())
    }

    fn text(&mut self, path: &[XmlName], text: &str) -> Flow {
        let own = names(path);
        // `<Ref art="ORDER">`: what an attribute says may be what the text is.
        for (name, value) in std::mem::take(&mut self.attributes) {
            let plain = |c: char| c.is_alphanumeric() || "_-. ".contains(c);
            if value.len() <= 30 && !value.is_empty() && value.chars().all(plain) {
                let mut qualified = own.clone();
                if let Some(last) = qualified.last_mut() {
                    *last = format!("{last}[@{name}='{value}']");
                }
                self.sample(qualified, text);
            }
        }
        self.sample(own, text);
        ControlFlow::Continue(())
    }

    fn json(&mut self, paths: &[String]) -> bool {
        self.canonical = crate::formats::is_canonical(paths);
        true
    }

    fn order(&mut self, _: Order, _: &str) -> Flow {
        ControlFlow::Continue(())
    }

    fn status(&mut self, _: StatusUpdate) -> Flow {
        ControlFlow::Continue(())
    }

    fn problem(&mut self, _: Problem) -> Flow {
        ControlFlow::Continue(())
    }
}

//! Paths into XML elements: a small part of XPath, compiled once.
//!
//! `cac:Party/cbc:Name`, `*/qty`, `Item[@type='x']/text`, `Ref[Code='CU'][last()]`, `ID[2]`,
//! `Note[.!='-']`, `//Remark` (anywhere below), `Amount/@currencyID`,
//! `@id` (an attribute of the record itself), `.` (its own text), `../currency` and
//! `/orders/header/sender` (outside the record, told before it). Where the profile declares no
//! namespaces, prefixes are for the eye and names match by their local part.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::formats::{Element, XmlName};

/// What the prefixes of a profile stand for: namespace URIs, `*` for any run of characters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Namespaces(BTreeMap<String, Arc<Spaces>>);

/// The namespaces of one prefix.
#[derive(Debug)]
struct Spaces {
    patterns: Vec<String>,
    /// A number of their own, by which names remember that they fit.
    number: u32,
}

/// The number that the next [`Spaces`] get.
static NEXT: AtomicU32 = AtomicU32::new(1);

impl Namespaces {
    /// What `prefix` stands for.
    pub(crate) fn insert(&mut self, prefix: &str, patterns: Vec<String>) {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let spaces = Arc::new(Spaces { patterns, number });
        self.0.insert(prefix.to_owned(), spaces);
    }
}

/// A name in a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NameTest {
    /// The local name; `*` is any.
    local: String,
    /// The namespaces it may be in; `None` is any.
    namespaces: Option<Arc<Spaces>>,
}

impl PartialEq for Spaces {
    fn eq(&self, other: &Self) -> bool {
        self.patterns == other.patterns
    }
}

impl Eq for Spaces {}

/// What is demanded of an element beside its name.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Predicate {
    /// `[path='value']`, `[@name='value']`, `[path!='value']`, `[path]`.
    Holds {
        steps: Vec<Step>,
        attribute: Option<NameTest>,
        test: Test,
    },
    /// `[2]`
    Nth(usize),
    /// `[last()]`
    Last,
}

/// What a predicate asks of the text that it finds.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Test {
    There,
    Equals(String),
    Differs(String),
}

/// One step down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step {
    name: NameTest,
    predicates: Vec<Predicate>,
    /// `//name`: anywhere below.
    deep: bool,
}

/// A compiled path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Path {
    /// As written.
    pub(crate) text: String,
    /// From the document's root.
    pub(crate) absolute: bool,
    /// How many elements up before going down.
    pub(crate) up: usize,
    /// The way down.
    pub(crate) steps: Vec<Step>,
    /// The attribute at its end.
    pub(crate) attribute: Option<NameTest>,
}

impl NameTest {
    fn parse(text: &str, namespaces: &Namespaces) -> Result<Self, String> {
        let (prefix, local) = match text.split_once(':') {
            Some((prefix, local)) => (Some(prefix), local),
            None => (None, text),
        };
        let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
        if local != "*" && (local.is_empty() || !local.chars().all(plain)) {
            return Err(format!("“{text}” is no name of an element or attribute"));
        }
        let spaces = match prefix {
            Some(prefix) if !namespaces.0.is_empty() => {
                let unknown = || format!("the prefix “{prefix}” is not in [namespaces]");
                Some(namespaces.0.get(prefix).cloned().ok_or_else(unknown)?)
            }
            _ => None,
        };
        Ok(Self {
            local: local.to_owned(),
            namespaces: spaces,
        })
    }

    /// Whether `name` passes.
    pub(crate) fn fits(&self, name: &XmlName) -> bool {
        (self.local == "*" || self.local == name.local)
            && self.namespaces.as_ref().is_none_or(|spaces| {
                let mut patterns = spaces.patterns.iter();
                name.is_within(spaces.number, |found| {
                    patterns.any(|pattern| glob(pattern, found))
                })
            })
    }

    /// The local name.
    pub(crate) fn local(&self) -> &str {
        &self.local
    }
}

impl Step {
    fn parse(text: &str, namespaces: &Namespaces) -> Result<Self, String> {
        let (deep, text) = match text.strip_prefix(DEEP) {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let Some((name, rest)) = text.split_once('[') else {
            return Ok(Self {
                name: NameTest::parse(text, namespaces)?,
                predicates: Vec::new(),
                deep,
            });
        };
        let inside = rest
            .strip_suffix(']')
            .ok_or_else(|| format!("“{text}” lacks its closing bracket"))?;
        let predicates = inside
            .split("][")
            .map(|inside| predicate(inside.trim(), namespaces))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            name: NameTest::parse(name, namespaces)?,
            predicates,
            deep,
        })
    }

    /// A step to a child of exactly this name, for paths of JSON.
    pub(super) fn key(local: &str, nth: Option<usize>) -> Self {
        Self {
            name: NameTest {
                local: local.to_owned(),
                namespaces: None,
            },
            predicates: nth.map(Predicate::Nth).into_iter().collect(),
            deep: false,
        }
    }

    /// The same anywhere below.
    pub(super) fn anywhere(mut self) -> Self {
        self.deep = true;
        self
    }

    /// Demands that it is the nth of its name, or the last.
    pub(super) fn nth(&mut self, nth: Option<usize>) {
        self.predicates
            .push(nth.map_or(Predicate::Last, Predicate::Nth));
    }

    /// Demands that the text at `keys` below is `value`.
    pub(super) fn with(&mut self, keys: &[&str], value: &str) {
        self.predicates.push(Predicate::Holds {
            steps: keys.iter().map(|key| Self::key(key, None)).collect(),
            attribute: None,
            test: Test::Equals(value.to_owned()),
        });
    }

    /// Whether the name alone passes.
    pub(crate) fn fits_name(&self, name: &XmlName) -> bool {
        self.name.fits(name)
    }

    /// The local name.
    pub(crate) fn local(&self) -> &str {
        self.name.local()
    }

    /// Whether it looks further down than the children.
    pub(crate) fn is_deep(&self) -> bool {
        self.deep
    }

    /// The children of `element` that pass; with `//` all below it.
    fn children<'e>(&'e self, element: &'e Element) -> Vec<&'e Element> {
        let mut named = Vec::new();
        self.named(element, &mut named);
        for predicate in &self.predicates {
            match predicate {
                Predicate::Nth(nth) => named = named.get(nth - 1).copied().into_iter().collect(),
                Predicate::Last => named = named.last().copied().into_iter().collect(),
                holds @ Predicate::Holds { .. } => named.retain(|child| holds.holds(child)),
            }
        }
        named
    }

    fn named<'e>(&self, element: &'e Element, into: &mut Vec<&'e Element>) {
        for child in &element.children {
            if self.name.fits(&child.name) {
                into.push(child);
            }
            if self.deep {
                self.named(child, into);
            }
        }
    }

    /// The first child that `wanted` takes, without making a list where none is needed.
    fn first<'e, T>(
        &'e self,
        element: &'e Element,
        wanted: impl Fn(&'e Element) -> Option<T>,
    ) -> Option<T> {
        if self.deep || !self.predicates.is_empty() {
            return self.children(element).into_iter().find_map(wanted);
        }
        let mut fitting = element
            .children
            .iter()
            .filter(|child| self.name.fits(&child.name));
        fitting.find_map(wanted)
    }
}

impl Predicate {
    fn holds(&self, element: &Element) -> bool {
        let Self::Holds {
            steps,
            attribute,
            test,
        } = self
        else {
            return true;
        };
        let found = text_below(element, steps, attribute.as_ref());
        match test {
            Test::There => found.is_some(),
            Test::Equals(value) => found.is_some_and(|(text, _)| text == value),
            Test::Differs(value) => found.is_none_or(|(text, _)| text != value),
        }
    }
}

/// The first text below `element` that is not empty.
fn text_below<'e>(
    element: &'e Element,
    steps: &'e [Step],
    attribute: Option<&'e NameTest>,
) -> Option<(&'e str, &'e Element)> {
    if let Some((step, rest)) = steps.split_first() {
        return step.first(element, |child| text_below(child, rest, attribute));
    }
    let text = match attribute {
        None => element.text.as_str(),
        Some(name) => element
            .attributes
            .iter()
            .find_map(|(found, text)| name.fits(found).then_some(text.as_str()))?,
    };
    (!text.trim().is_empty()).then_some((text, element))
}

fn predicate(text: &str, namespaces: &Namespaces) -> Result<Predicate, String> {
    if let Ok(nth) = text.parse::<usize>() {
        return match nth {
            0 => Err("places count from 1".to_owned()),
            nth => Ok(Predicate::Nth(nth)),
        };
    }
    if text == "last()" {
        return Ok(Predicate::Last);
    }
    let quoted = |value: &str| -> Option<String> {
        let value = value.trim();
        let inner = |q: char| value.strip_prefix(q)?.strip_suffix(q);
        inner('\'').or_else(|| inner('"')).map(str::to_owned)
    };
    let not_understood =
        || format!("“[{text}]” is not understood; write [@name='value'], [name='value'] or [2]");
    let (wanted, demand) = match text.split_once('=') {
        None => (text, Test::There),
        Some((path, value)) => {
            let value = quoted(value).ok_or_else(not_understood)?;
            match path.trim_end().strip_suffix('!') {
                Some(path) => (path, Test::Differs(value)),
                None => (path, Test::Equals(value)),
            }
        }
    };
    let path = Path::parse(wanted.trim(), namespaces)?;
    if path.absolute || path.up > 0 {
        return Err(not_understood());
    }
    Ok(Predicate::Holds {
        steps: path.steps,
        attribute: path.attribute,
        test: demand,
    })
}

/// What stands before a step that looks further down than the children.
const DEEP: char = '\u{1}';

impl Path {
    /// Compiles `text`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn parse(text: &str, namespaces: &Namespaces) -> Result<Self, String> {
        let mut path = Self {
            text: text.to_owned(),
            absolute: text.starts_with('/'),
            up: 0,
            steps: Vec::new(),
            attribute: None,
        };
        let deep = text.replace("//", &format!("/{DEEP}"));
        // `//name` is not from the root: it is anywhere below the record.
        path.absolute &= !text.starts_with("//");
        let parts = split(deep.strip_prefix('/').unwrap_or(&deep));
        let last = parts.len().saturating_sub(1);
        for (index, part) in parts.into_iter().enumerate() {
            match part {
                "." | "text()" => {}
                ".." if path.steps.is_empty() => path.up += 1,
                ".." => return Err("“..” stands at the start of a path only".to_owned()),
                _ => match part.strip_prefix('@') {
                    Some(name) if index == last => {
                        path.attribute = Some(NameTest::parse(name, namespaces)?);
                    }
                    Some(_) => return Err("an attribute stands at the end of a path".to_owned()),
                    None => path.steps.push(Step::parse(part, namespaces)?),
                },
            }
        }
        Ok(path)
    }

    /// The first text that the path finds and that is not empty. `chain` leads from the record's
    /// own element down to the one the path starts at.
    pub(crate) fn text<'e>(&'e self, chain: &[&'e Element]) -> Option<(&'e str, &'e Element)> {
        let start = chain.len().checked_sub(1 + self.up)?;
        let element = chain.get(start).copied()?;
        text_below(element, &self.steps, self.attribute.as_ref())
    }

    /// Every element that the path leads to, each with its chain from the record's element.
    pub(crate) fn elements<'e>(&'e self, chain: &[&'e Element]) -> Vec<Vec<&'e Element>> {
        let mut found = Vec::new();
        let mut here = chain.to_vec();
        collect(&self.steps, &mut here, &mut found);
        found
    }

    /// The local names of the way down, joined: what a leaf's own path is compared with.
    pub(crate) fn locals(&self) -> String {
        let names: Vec<&str> = self.steps.iter().map(Step::local).collect();
        names.join("/")
    }
}

fn collect<'e>(steps: &'e [Step], here: &mut Vec<&'e Element>, found: &mut Vec<Vec<&'e Element>>) {
    let Some((step, rest)) = steps.split_first() else {
        found.push(here.clone());
        return;
    };
    let Some(element) = here.last().copied() else {
        return;
    };
    for child in step.children(element) {
        here.push(child);
        collect(rest, here, found);
        here.pop();
    }
}

/// Splits at slashes outside brackets.
fn split(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut depth) = (0, 0_u32);
    for (at, c) in text.char_indices() {
        match c {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            '/' if depth == 0 => {
                parts.push(text.get(start..at).unwrap_or(""));
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(text.get(start..).unwrap_or(""));
    parts.retain(|part| !part.is_empty());
    parts
}

/// Whether `text` fits `pattern`, where `*` stands for any run of characters.
pub(crate) fn glob(pattern: &str, text: &str) -> bool {
    let Some((head, mut pattern)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(mut text) = text.strip_prefix(head) else {
        return false;
    };
    while let Some((piece, rest)) = pattern.split_once('*') {
        let Some(at) = text.find(piece) else {
            return false;
        };
        text = text.get(at + piece.len()..).unwrap_or("");
        pattern = rest;
    }
    text.ends_with(pattern)
}

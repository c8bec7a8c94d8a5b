//! Paths into XML elements: a small part of XPath, compiled once.
//!
//! `cac:Party/cbc:Name`, `*/qty`, `Item[@type='x']/text`, `ID[2]`, `Amount/@currencyID`,
//! `@id` (an attribute of the record itself), `.` (its own text), `../currency` and
//! `/orders/header/sender` (outside the record, told before it). Where the profile declares no
//! namespaces, prefixes are for the eye and names match by their local part.

use std::collections::BTreeMap;

use crate::formats::{Element, XmlName};

/// What the prefixes of a profile stand for: namespace URIs, `*` for any run of characters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Namespaces(pub(crate) BTreeMap<String, Vec<String>>);

/// A name in a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NameTest {
    /// The local name; `*` is any.
    local: String,
    /// The namespaces it may be in; empty is any.
    namespaces: Vec<String>,
}

/// What is demanded of an element beside its name.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Predicate {
    /// `[@name='value']`
    Attribute(NameTest, String),
    /// `[name='value']`
    Child(NameTest, String),
    /// `[2]`
    Nth(usize),
}

/// One step down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step {
    name: NameTest,
    predicate: Option<Predicate>,
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
            Some(prefix) if !namespaces.0.is_empty() => namespaces
                .0
                .get(prefix)
                .cloned()
                .ok_or_else(|| format!("the prefix “{prefix}” is not in [namespaces]"))?,
            _ => Vec::new(),
        };
        Ok(Self {
            local: local.to_owned(),
            namespaces: spaces,
        })
    }

    /// Whether `name` passes.
    pub(crate) fn fits(&self, name: &XmlName) -> bool {
        (self.local == "*" || self.local == name.local)
            && (self.namespaces.is_empty()
                || self
                    .namespaces
                    .iter()
                    .any(|space| glob(space, &name.namespace)))
    }

    /// The local name.
    pub(crate) fn local(&self) -> &str {
        &self.local
    }
}

impl Step {
    fn parse(text: &str, namespaces: &Namespaces) -> Result<Self, String> {
        let Some((name, rest)) = text.split_once('[') else {
            return Ok(Self {
                name: NameTest::parse(text, namespaces)?,
                predicate: None,
            });
        };
        let inside = rest
            .strip_suffix(']')
            .ok_or_else(|| format!("“{text}” lacks its closing bracket"))?;
        Ok(Self {
            name: NameTest::parse(name, namespaces)?,
            predicate: Some(predicate(inside.trim(), namespaces)?),
        })
    }

    /// Whether the name alone passes.
    pub(crate) fn fits_name(&self, name: &XmlName) -> bool {
        self.name.fits(name)
    }

    /// The local name.
    pub(crate) fn local(&self) -> &str {
        self.name.local()
    }

    /// The children of `element` that pass.
    fn children<'e>(&'e self, element: &'e Element) -> impl Iterator<Item = &'e Element> + 'e {
        let mut nth = 0;
        element.children.iter().filter(move |child| {
            if !self.name.fits(&child.name) {
                return false;
            }
            nth += 1;
            match &self.predicate {
                None => true,
                Some(Predicate::Nth(wanted)) => nth == *wanted,
                Some(Predicate::Attribute(name, value)) => child
                    .attributes
                    .iter()
                    .any(|(found, text)| name.fits(found) && text == value),
                Some(Predicate::Child(name, value)) => child
                    .children
                    .iter()
                    .any(|inner| name.fits(&inner.name) && inner.text == *value),
            }
        })
    }
}

fn predicate(text: &str, namespaces: &Namespaces) -> Result<Predicate, String> {
    if let Ok(nth) = text.parse::<usize>() {
        return match nth {
            0 => Err("places count from 1".to_owned()),
            nth => Ok(Predicate::Nth(nth)),
        };
    }
    let quoted = |value: &str| -> Option<String> {
        let value = value.trim();
        let inner = |q: char| value.strip_prefix(q)?.strip_suffix(q);
        inner('\'').or_else(|| inner('"')).map(str::to_owned)
    };
    let (name, value) = text
        .split_once('=')
        .and_then(|(name, value)| Some((name.trim(), quoted(value)?)))
        .ok_or_else(|| format!("“[{text}]” is not understood; write [@name='value'] or [2]"))?;
    match name.strip_prefix('@') {
        Some(name) => NameTest::parse(name, namespaces).map(|n| Predicate::Attribute(n, value)),
        None => NameTest::parse(name, namespaces).map(|n| Predicate::Child(n, value)),
    }
}

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
        let parts = split(text.strip_prefix('/').unwrap_or(text));
        let last = parts.len().saturating_sub(1);
        for (index, part) in parts.into_iter().enumerate() {
            match part {
                "." => {}
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
        self.text_below(chain.get(start).copied()?, &self.steps)
    }

    fn text_below<'e>(
        &'e self,
        element: &'e Element,
        steps: &'e [Step],
    ) -> Option<(&'e str, &'e Element)> {
        if let Some((step, rest)) = steps.split_first() {
            return step
                .children(element)
                .find_map(|child| self.text_below(child, rest));
        }
        let text = match &self.attribute {
            None => element.text.as_str(),
            Some(name) => element
                .attributes
                .iter()
                .find_map(|(found, text)| name.fits(found).then_some(text.as_str()))?,
        };
        (!text.trim().is_empty()).then_some((text, element))
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

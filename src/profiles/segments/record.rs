//! One segment with its group as a record: its cells, its place.

use std::borrow::Cow;
use std::cell::OnceCell;

use super::super::RowSpan;
use super::super::assemble::{Locate, Record, Spot};
use super::super::eval::Scope;
use super::super::model::{Profile, Reference};
use super::super::target::Level;
use super::dates;
use super::selector::{Pick, Selector};
use super::tree::{Node, Tree};
use crate::formats::{Cell, CellKind};
use crate::order::Origin;
use crate::problem::Place;

/// A segment and what its group holds.
pub(super) struct SegmentRecord<'s> {
    pub(super) profile: &'s Profile,
    pub(super) tree: &'s Tree,
    pub(super) node: Node,
    pub(super) ordinal: u64,
    /// Texts that do not stand in the message as they are, by reference.
    pub(super) made: Vec<OnceCell<String>>,
}

impl<'s> SegmentRecord<'s> {
    pub(super) fn new(profile: &'s Profile, tree: &'s Tree, node: Node, ordinal: u64) -> Self {
        Self {
            profile,
            tree,
            node,
            ordinal,
            made: vec![OnceCell::new(); profile.references.len()],
        }
    }

    fn selector(&self, reference: usize) -> Option<&'s Selector> {
        match self.profile.references.get(reference)? {
            Reference::Segment(selector) => Some(selector),
            _ => None,
        }
    }

    /// The first text that is not empty, and the segment it stands in.
    fn found(&self, selector: &Selector) -> Option<(Cow<'s, str>, Node)> {
        if let Pick::All(element) = selector.pick {
            return self.joined(selector, element);
        }
        let mut result = None;
        selector.find(self.tree, self.node, &mut |node| {
            let text = picked(self.tree, node, selector);
            if !text.trim().is_empty() {
                result = Some((text, node));
            }
            result.is_some()
        });
        result
    }

    fn joined(&self, selector: &Selector, element: u16) -> Option<(Cow<'s, str>, Node)> {
        let (mut text, mut first) = (String::new(), None);
        selector.find(self.tree, self.node, &mut |node| {
            let tree = self.tree;
            let wanted = tree
                .held(node)
                .iter()
                .filter(|held| held.element == element);
            for (at, held) in wanted.enumerate() {
                if !text.is_empty() {
                    text.push(if at == 0 { '\n' } else { ' ' });
                }
                text.push_str(tree.text_of(held).trim());
                first = first.or(Some(node));
            }
            false
        });
        first.map(|node| (Cow::Owned(text), node))
    }
}

/// What a selector takes of a segment.
fn picked<'t>(tree: &'t Tree, node: Node, selector: &Selector) -> Cow<'t, str> {
    match &selector.pick {
        Pick::Piece(element, component) => {
            let text = tree.get(node, *element, *component);
            if selector.numeric && text.contains(',') && !text.contains('.') {
                // ISO 9735-1, 10: both signs are decimal, and thousands are never separated.
                return Cow::Owned(text.replacen(',', ".", 1));
            }
            Cow::Borrowed(text)
        }
        Pick::Behind(from, component, values) => {
            let is_value = |text: &str| values.iter().any(|value| value == text);
            let qualifier = tree.held(node).iter().find(|held| {
                held.element >= *from
                    && held.component == component.unwrap_or(1)
                    && (component.is_some() || (held.element - from) % 2 == 0)
                    && is_value(tree.text_of(held))
            });
            let element = qualifier.map(|held| match component {
                Some(_) => held.element,
                None => held.element.saturating_add(1),
            });
            Cow::Borrowed(element.map_or("", |element| tree.get(node, element, 1)))
        }
        Pick::Date(part) => Cow::Owned(dates::part(tree, node, *part)),
        Pick::All(_) => Cow::Borrowed(""),
    }
}

impl Scope for SegmentRecord<'_> {
    fn cell(&self, reference: usize) -> Option<Cell<'_>> {
        let selector = self.selector(reference)?;
        let kind = match selector.pick {
            Pick::Date(_) => CellKind::Date,
            _ => CellKind::Text,
        };
        let made = self.made.get(reference)?;
        if let Some(text) = made.get() {
            return Some(Cell { text, kind });
        }
        let text = match self.found(selector) {
            None => "",
            Some((Cow::Borrowed(text), _)) => text,
            Some((Cow::Owned(text), _)) => made.get_or_init(|| text),
        };
        Some(Cell { text, kind })
    }
}

impl Record for SegmentRecord<'_> {
    fn place(&self, reference: Option<usize>) -> Place {
        let found = reference
            .and_then(|reference| self.selector(reference))
            .and_then(|selector| self.found(selector));
        let node = found.map_or(self.node, |(_, node)| node);
        place(self.tree.label(node))
    }

    fn spot(&self) -> Spot {
        Spot {
            path: Some(self.tree.label(self.node)),
            ..Spot::default()
        }
    }

    fn ordinal(&self) -> u64 {
        self.ordinal
    }
}

/// Turns kept spots into places.
pub(super) struct Places<'a> {
    pub(super) tree: &'a Tree,
    /// `ORDERS 1`.
    pub(super) message: &'a str,
}

impl Locate for Places<'_> {
    fn locate(&self, spot: &Spot, _: Level, _: &str) -> Place {
        place(spot.path.clone().unwrap_or_default())
    }

    fn origin(&self, _: &[RowSpan], _: &Spot) -> Origin {
        let (first, last) = self.tree.span();
        Origin {
            path: Some(format!("{}, segments {first}-{last}", self.message)),
            ..Origin::default()
        }
    }
}

/// A segment as a place.
pub(super) fn place(label: String) -> Place {
    Place {
        segment: Some(label),
        ..Place::default()
    }
}

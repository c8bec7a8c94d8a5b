//! Elements that the sink wants whole.

use std::sync::Arc;

use crate::formats::{Element, XmlName};
use crate::limits;

use super::text::{inner, is_blank};

/// The element that is being built, with its open descendants.
#[derive(Debug, Default)]
pub(super) struct Tree {
    open: Vec<Element>,
    bytes: usize,
}

/// Why an element cannot be held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TooLarge {
    /// One text is larger than a cell may be.
    Text,
    /// The whole record is too large.
    Record,
}

impl Tree {
    /// Whether an element is being built.
    pub(super) fn is_open(&self) -> bool {
        !self.open.is_empty()
    }

    /// An element starts.
    pub(super) fn start(&mut self, element: Element) -> Result<(), TooLarge> {
        let attributes: usize = element
            .attributes
            .iter()
            .map(|(name, value)| size_of::<(XmlName, String)>() + name.local.len() + value.len())
            .sum();
        self.open.push(element);
        let name = self
            .open
            .last()
            .map_or(0, |element| element.name.local.len());
        self.take(size_of::<Element>() + name + attributes)
    }

    /// Text of the innermost open element. Blank text that would be trimmed takes no memory.
    pub(super) fn text(&mut self, text: &str) -> Result<(), TooLarge> {
        let Some(element) = self.open.last_mut() else {
            return Ok(());
        };
        if element.text.is_empty() && is_blank(text) {
            return Ok(());
        }
        element.text.push_str(text);
        if element.text.len() > limits::CELL_BYTES {
            return Err(TooLarge::Text);
        }
        self.take(text.len())
    }

    /// The innermost open element ends; the outermost is handed out.
    pub(super) fn end(&mut self) -> Option<Element> {
        let mut element = self.open.pop()?;
        let kept = inner(&element.text);
        if kept.len() < element.text.len() {
            element.text.truncate(kept.end);
            element.text.drain(..kept.start);
        }
        if let Some(parent) = self.open.last_mut() {
            parent.children.push(element);
            return None;
        }
        self.bytes = 0;
        Some(element)
    }

    fn take(&mut self, bytes: usize) -> Result<(), TooLarge> {
        self.bytes += bytes;
        if self.bytes > limits::XML_RECORD_BYTES {
            return Err(TooLarge::Record);
        }
        Ok(())
    }
}

/// Namespace URIs seen so far, so that a name costs a reference and not a copy.
#[derive(Debug)]
pub(super) struct Namespaces {
    none: Arc<str>,
    seen: Vec<Arc<str>>,
}

impl Namespaces {
    pub(super) fn new() -> Self {
        Self {
            none: Arc::from(""),
            seen: Vec::new(),
        }
    }

    /// The shared form of `uri`.
    pub(super) fn shared(&mut self, uri: &str) -> Arc<str> {
        if uri.is_empty() {
            return self.none.clone();
        }
        if let Some(known) = self.seen.iter().find(|known| &***known == uri) {
            return known.clone();
        }
        let fresh: Arc<str> = Arc::from(uri);
        // Beyond what any document uses, names are copied: a search must stay short.
        if self.seen.len() < limits::XML_NAMESPACES {
            self.seen.push(fresh.clone());
        }
        fresh
    }
}

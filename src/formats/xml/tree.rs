//! Elements that the sink wants whole.

use std::borrow::Cow;

use crate::formats::{Element, XmlName};
use crate::limits;

use super::text::{inner, is_blank};

/// The element that is being built, with its open descendants.
#[derive(Debug, Default)]
pub(super) struct Tree {
    open: Vec<Element>,
    bytes: usize,
    /// Elements of records told before, emptied: records of a document are alike, so that the next
    /// one finds the room it needs.
    spare: Vec<Element>,
    /// The same of the attributes' values.
    values: Vec<String>,
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

    /// An attribute's value, in room that another one left.
    pub(super) fn value(&mut self, text: Cow<'_, str>) -> String {
        match (text, self.values.pop()) {
            (Cow::Borrowed(text), Some(mut value)) => {
                value.push_str(text);
                value
            }
            (text, _) => text.into_owned(),
        }
    }

    /// An element starts; its attributes are taken out of `attributes`.
    pub(super) fn start(
        &mut self,
        name: XmlName,
        attributes: &mut Vec<(XmlName, String)>,
        line: u64,
    ) -> Result<(), TooLarge> {
        let held: usize = attributes
            .iter()
            .map(|(name, value)| size_of::<(XmlName, String)>() + name.local.len() + value.len())
            .sum();
        let bytes = size_of::<Element>() + name.local.len() + held;
        let mut element = self.spare.pop().unwrap_or_default();
        element.name = name;
        element.line = line;
        if !attributes.is_empty() {
            std::mem::swap(&mut element.attributes, attributes);
        }
        self.open.push(element);
        self.take(bytes)
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

    /// Keeps the room that a record took, in the order in which the next one like it asks for it.
    pub(super) fn reuse(&mut self, mut record: Element) {
        while let Some(child) = record.children.pop() {
            self.reuse(child);
        }
        while let Some((_, mut value)) = record.attributes.pop() {
            if self.values.len() < limits::XML_SPARE_ELEMENTS {
                value.clear();
                value.shrink_to(limits::XML_SPARE_TEXT);
                self.values.push(value);
            }
        }
        if self.spare.len() >= limits::XML_SPARE_ELEMENTS {
            return;
        }
        record.text.clear();
        record.text.shrink_to(limits::XML_SPARE_TEXT);
        record.attributes.shrink_to(limits::XML_SPARE_PARTS);
        record.children.shrink_to(limits::XML_SPARE_PARTS);
        self.spare.push(record);
    }

    fn take(&mut self, bytes: usize) -> Result<(), TooLarge> {
        self.bytes += bytes;
        if self.bytes > limits::XML_RECORD_BYTES {
            return Err(TooLarge::Record);
        }
        Ok(())
    }
}

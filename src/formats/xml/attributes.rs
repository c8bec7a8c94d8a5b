//! The attributes of a tag: bounded, unique, with their references resolved.

use quick_xml::events::BytesStart;
use quick_xml::name::ResolveResult;

use super::problems;
use super::text;
use super::walk::{Stop, Walk};
use crate::limits;

impl Walk<'_, '_> {
    /// Reads the attributes of `tag`, namespace declarations left out.
    pub(super) fn read_attributes(&mut self, tag: &BytesStart<'_>) -> Result<(), Stop> {
        self.attributes.clear();
        if tag.attributes_raw().is_empty() {
            return Ok(());
        }
        let at = self.at;
        for (index, attribute) in tag.attributes().enumerate() {
            if index >= limits::XML_ATTRIBUTES {
                return Err(Stop::error(
                    at,
                    "xml.too-many-attributes",
                    "An element has more attributes than any document needs.",
                ));
            }
            let attribute = attribute.map_err(|error| {
                let (what, offset) = problems::attribute(&error);
                Stop::malformed(at + 1 + offset as u64, what)
            })?;
            if let Some(offset) = glued(tag.attributes_raw(), &attribute.value) {
                let start = tag.name().into_inner().len() + 1 + offset;
                return Err(Stop::malformed(
                    at + start as u64,
                    "no blank stands between two attributes",
                ));
            }
            if !text::is_name(attribute.key.into_inner()) {
                return Err(Stop::malformed(at, "an attribute's name is not allowed"));
            }
            let value =
                text::attribute_value(&attribute.value).map_err(|fault| self.fault(fault))?;
            if attribute.key.as_namespace_binding().is_some() {
                continue;
            }
            let (resolved, local) = self.reader.resolver().resolve_attribute(attribute.key);
            let namespace = bound(&resolved).ok_or_else(|| unknown_prefix(at))?;
            let name = self.names.shared(namespace, local.into_inner());
            if !name.namespace.is_empty() && self.attributes.iter().any(|(other, _)| *other == name)
            {
                return Err(Stop::malformed(at, "an attribute stands twice in one tag"));
            }
            let value = self.tree.value(value);
            self.attributes.push((name, value));
        }
        Ok(())
    }
}

/// The namespace of a resolved name; `None` where its prefix is not declared.
pub(super) fn bound<'n>(resolved: &'n ResolveResult<'_>) -> Option<&'n str> {
    match resolved {
        ResolveResult::Bound(namespace) => Some(namespace.into_inner()),
        ResolveResult::Unbound => Some(""),
        ResolveResult::Unknown(_) => None,
    }
}

/// The problem of a name whose prefix means nothing.
pub(super) fn unknown_prefix(at: u64) -> Stop {
    Stop::error(
        at,
        "xml.namespace",
        "A name has a prefix for which no namespace is declared.",
    )
}

/// The offset behind the closing quote of `value` in `attributes`, if the next attribute follows there
/// without a blank, which the reader tolerates.
fn glued(attributes: &str, value: &str) -> Option<usize> {
    // A value that was copied lies elsewhere, which is behind the end or before the start.
    let start = value.as_ptr().addr();
    let start = start.checked_sub(attributes.as_ptr().addr())?;
    let behind = start + value.len() + 1;
    let next = attributes.as_bytes().get(behind)?;
    (!matches!(next, b' ' | b'\t' | b'\n' | b'\r' | b'/' | b'?')).then_some(behind)
}

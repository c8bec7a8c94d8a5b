//! A small XML message as a tree: elements with their namespaces, attributes and texts. Documents
//! with a DOCTYPE are refused, and nothing is ever loaded.

use quick_xml::NsReader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;

use crate::limits;

/// One element.
#[derive(Debug, Default)]
pub(super) struct Element {
    pub(super) namespace: String,
    pub(super) name: String,
    /// Namespace, name and value.
    attributes: Vec<(String, String, String)>,
    pub(super) children: Vec<Element>,
    text: String,
}

impl Element {
    /// The text without white space around it.
    pub(super) fn text(&self) -> &str {
        self.text.trim()
    }

    /// The first child of a name.
    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    pub(super) fn attribute(&self, namespace: &str, name: &str) -> Option<&str> {
        let mut all = self.attributes.iter();
        let found = all.find(|(space, key, _)| space == namespace && key == name);
        found.map(|(_, _, value)| value.as_str())
    }
}

/// The root element of a message, or why it is none.
pub(super) fn parse(bytes: &[u8]) -> Result<Element, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "the message is not UTF-8")?;
    let mut reader = NsReader::from_str(text.strip_prefix('\u{FEFF}').unwrap_or(text));
    // The outermost is no element but what holds the root.
    let mut open = vec![Element::default()];
    loop {
        let event = reader.read_event().map_err(|error| error.to_string())?;
        match event {
            Event::Start(tag) => {
                if open.len() > limits::XML_DEPTH {
                    return Err("the elements are nested too deeply".to_owned());
                }
                open.push(element(&reader, &tag)?);
            }
            Event::Empty(tag) => {
                let element = element(&reader, &tag)?;
                add(&mut open, element)?;
            }
            Event::End(_) => {
                let element = open.pop().unwrap_or_default();
                add(&mut open, element)?;
            }
            Event::Text(text) => append(&mut open, &text)?,
            Event::CData(text) => append(&mut open, &text)?,
            Event::GeneralRef(reference) => {
                let resolved = match reference.resolve_char_ref() {
                    Ok(Some(c)) => Some(c.to_string()),
                    _ => resolve_predefined_entity(&reference).map(str::to_owned),
                };
                let resolved = resolved.ok_or("there is an unknown entity")?;
                append(&mut open, &resolved)?;
            }
            Event::DocType(_) => return Err("a DOCTYPE is not allowed".to_owned()),
            Event::Eof => break,
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
        }
    }
    if open.len() != 1 {
        return Err("the message ends too early".to_owned());
    }
    let mut roots = open.pop().unwrap_or_default().children;
    match (roots.pop(), roots.is_empty()) {
        (Some(root), true) => Ok(root),
        (Some(_), false) => Err("there is more than one root element".to_owned()),
        (None, _) => Err("there is no element".to_owned()),
    }
}

fn add(open: &mut [Element], element: Element) -> Result<(), String> {
    let parent = open
        .last_mut()
        .ok_or("an element ends that did not begin")?;
    parent.children.push(element);
    Ok(())
}

fn append(open: &mut [Element], text: &str) -> Result<(), String> {
    match open {
        [_] if text.trim().is_empty() => Ok(()),
        [] | [_] => Err("there is text outside the root element".to_owned()),
        [.., element] => {
            element.text.push_str(text);
            Ok(())
        }
    }
}

fn bound(resolved: &ResolveResult<'_>) -> Result<String, String> {
    match resolved {
        ResolveResult::Bound(namespace) => Ok(namespace.into_inner().to_owned()),
        ResolveResult::Unbound => Ok(String::new()),
        ResolveResult::Unknown(_) => Err("a prefix is not declared".to_owned()),
    }
}

fn element(reader: &NsReader<&[u8]>, tag: &BytesStart<'_>) -> Result<Element, String> {
    let (namespace, name) = reader.resolver().resolve_element(tag.name());
    let mut element = Element {
        namespace: bound(&namespace)?,
        name: name.into_inner().to_owned(),
        ..Element::default()
    };
    for attribute in tag.attributes() {
        let attribute = attribute.map_err(|error| error.to_string())?;
        if attribute.key.as_namespace_binding().is_some() {
            continue;
        }
        let (namespace, name) = reader.resolver().resolve_attribute(attribute.key);
        let value = &*attribute.value;
        let value = quick_xml::escape::unescape(value).map_err(|error| error.to_string())?;
        let name = name.into_inner().to_owned();
        element
            .attributes
            .push((bound(&namespace)?, name, value.into_owned()));
    }
    Ok(element)
}

/// A text as it stands between tags or in an attribute.
pub(super) fn escape(text: &str) -> String {
    quick_xml::escape::escape(text).into_owned()
}

//! An answer in XML as the value that JSON would have for it.

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::Event;
use serde_json::{Map, Value};

use crate::limits;

/// An element that is open: its name, what is in it, its own text.
#[derive(Debug, Default)]
struct Open {
    name: String,
    inside: Map<String, Value>,
    text: String,
}

/// Elements by their local names, those that hold elements as objects, several of a name as a list;
/// attributes and what is empty are left out. `None` for what is no XML, has a document type or is
/// nested too deeply.
pub(in crate::partners) fn tree(text: &str) -> Option<Value> {
    let mut reader = Reader::from_str(text);
    // The outermost is no element but holds the root.
    let mut open = vec![Open::default()];
    loop {
        match reader.read_event().ok()? {
            Event::Start(tag) => {
                if open.len() > limits::XML_DEPTH {
                    return None;
                }
                let name = tag.local_name().into_inner().to_owned();
                open.push(Open {
                    name,
                    ..Open::default()
                });
            }
            Event::End(_) => {
                let ended = open.pop()?;
                ended.into(&mut open.last_mut()?.inside);
            }
            Event::Text(text) => open.last_mut()?.text.push_str(&text),
            Event::CData(text) => open.last_mut()?.text.push_str(&text),
            Event::GeneralRef(reference) => {
                let text = &mut open.last_mut()?.text;
                match reference.resolve_char_ref() {
                    Ok(Some(character)) => text.push(character),
                    _ => text.push_str(resolve_predefined_entity(&reference)?),
                }
            }
            Event::DocType(_) => return None,
            Event::Eof => break,
            Event::Empty(_) | Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
        }
    }
    let root = open.pop().filter(|_| open.is_empty())?;
    (!root.inside.is_empty()).then_some(Value::Object(root.inside))
}

impl Open {
    /// Puts what it came to beside its brothers.
    fn into(self, parent: &mut Map<String, Value>) {
        let value = match self.text.trim() {
            _ if !self.inside.is_empty() => Value::Object(self.inside),
            "" => return,
            text => text.into(),
        };
        match parent.get_mut(&self.name) {
            None => {
                parent.insert(self.name, value);
            }
            Some(Value::Array(all)) => all.push(value),
            Some(one) => *one = Value::Array(vec![one.take(), value]),
        }
    }
}

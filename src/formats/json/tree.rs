//! JSON of others as elements: keys are names, lists are repeated elements, the root is `$`.
//!
//! Told as XML is: the sink descends, or takes a value whole as one record; a list's items are told
//! one by one, so that a file of any length costs the memory of its largest record. Numbers stay as
//! they are written; `null` is nothing.

use super::frame::{Framer, Value};
use crate::formats::encoding::Position;
use crate::formats::{Element, Interest, Records, XmlName};
use crate::problem::Problem;

/// Tells the whole document. Answers whether the sink wants more.
pub(super) fn tell(framer: &mut Framer<'_>, records: &mut dyn Records) -> Result<(), Problem> {
    let mut path = vec![name("$")];
    while framer.peek()?.is_some() {
        if !value(framer, &mut path, records)? {
            return Ok(());
        }
    }
    Ok(())
}

fn name(local: &str) -> XmlName {
    XmlName::bare(local)
}

/// The value that starts here, at `path`.
fn value(
    framer: &mut Framer<'_>,
    path: &mut Vec<XmlName>,
    records: &mut dyn Records,
) -> Result<bool, Problem> {
    if framer.peek()? == Some(b'[') {
        return list(framer, path, records);
    }
    match records.open(path, &[]) {
        Interest::Stop => Ok(false),
        Interest::Skip => framer.value().map(|_| true),
        Interest::Record => {
            let value = framer.value()?;
            let local = path.last().map_or("$", |name| name.local.as_str());
            let Some(element) = element(local, &value) else {
                return Err(framer.malformed("a value is no proper JSON"));
            };
            Ok(records.element(path, &element).is_continue())
        }
        Interest::Descend if framer.peek()? == Some(b'{') => object(framer, path, records),
        Interest::Descend => {
            let value = framer.value()?;
            let told = element("", &value).is_none_or(|element| {
                element.text.is_empty() || records.text(path, &element.text).is_continue()
            });
            Ok(told)
        }
    }
}

fn list(
    framer: &mut Framer<'_>,
    path: &mut Vec<XmlName>,
    records: &mut dyn Records,
) -> Result<bool, Problem> {
    framer.expect(b'[')?;
    if framer.peek()? == Some(b']') {
        framer.take()?;
        return Ok(true);
    }
    loop {
        // A list in a list is its items.
        if !value(framer, path, records)? {
            return Ok(false);
        }
        match framer.take()? {
            Some(b',') => {}
            Some(b']') => return Ok(true),
            None => return Err(framer.truncated("")),
            Some(_) => return Err(framer.malformed("a `,` or `]` is missing")),
        }
    }
}

fn object(
    framer: &mut Framer<'_>,
    path: &mut Vec<XmlName>,
    records: &mut dyn Records,
) -> Result<bool, Problem> {
    framer.expect(b'{')?;
    if framer.peek()? == Some(b'}') {
        framer.take()?;
        return Ok(true);
    }
    if path.len() > crate::limits::JSON_DEPTH {
        return Err(Problem::error(
            "json.too-deep",
            "Objects are nested deeper than any order needs.",
        ));
    }
    loop {
        let key = framer.key()?;
        framer.expect(b':')?;
        path.push(name(&key));
        let goes_on = value(framer, path, records)?;
        path.pop();
        if !goes_on {
            return Ok(false);
        }
        match framer.take()? {
            Some(b',') => {}
            Some(b'}') => return Ok(true),
            None => return Err(framer.truncated("")),
            Some(_) => return Err(framer.malformed("a `,` or `}` is missing")),
        }
    }
}

/// A value as one element; `None` if its text is no JSON after all.
fn element(local: &str, value: &Value) -> Option<Element> {
    let mut reader = Reader {
        text: &value.text,
        at: 0,
        position: value.start,
        told: 0,
    };
    let mut parent = Element::default();
    reader.value(local, &mut parent)?;
    reader.blank();
    if reader.at != value.text.len() {
        return None;
    }
    Some(parent.children.into_iter().next().unwrap_or_default())
}

/// Reads one value from memory. Its depth was bounded when it was cut out of the text.
struct Reader<'t> {
    text: &'t str,
    at: usize,
    position: Position,
    told: usize,
}

impl<'t> Reader<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn blank(&mut self) {
        let rest = self.rest();
        let trimmed = rest.trim_start_matches([' ', '\t', '\n', '\r']);
        self.at += rest.len() - trimmed.len();
    }

    fn takes(&mut self, sign: char) -> bool {
        self.blank();
        let is = self.rest().starts_with(sign);
        self.at += usize::from(is);
        is
    }

    fn line(&mut self) -> u64 {
        self.position
            .advance(self.text.get(self.told..self.at).unwrap_or(""));
        self.told = self.at;
        self.position.line
    }

    /// The value that starts here, as a child or children of `parent`; `null` is none.
    fn value(&mut self, local: &str, parent: &mut Element) -> Option<()> {
        self.blank();
        if self.takes('[') {
            if self.takes(']') {
                return Some(());
            }
            loop {
                self.value(local, parent)?;
                if self.takes(']') {
                    return Some(());
                }
                self.takes(',').then_some(())?;
            }
        }
        let mut element = Element {
            name: name(local),
            line: self.line(),
            ..Element::default()
        };
        if self.takes('{') {
            self.members(&mut element)?;
        } else if self.rest().starts_with('"') {
            self.string()?.trim().clone_into(&mut element.text);
        } else {
            let rest = self.rest();
            let end = rest
                .find([',', ']', '}', ' ', '\t', '\n', '\r'])
                .unwrap_or(rest.len());
            let word = rest.get(..end).filter(|word| !word.is_empty())?;
            serde_json::from_str::<serde::de::IgnoredAny>(word).ok()?;
            self.at += end;
            if word == "null" {
                return Some(());
            }
            word.clone_into(&mut element.text);
        }
        parent.children.push(element);
        Some(())
    }

    fn members(&mut self, element: &mut Element) -> Option<()> {
        if self.takes('}') {
            return Some(());
        }
        loop {
            self.blank();
            let key = self.string()?;
            self.takes(':').then_some(())?;
            self.value(&key, element)?;
            if self.takes('}') {
                return Some(());
            }
            self.takes(',').then_some(())?;
        }
    }

    fn string(&mut self) -> Option<String> {
        let rest = self.rest();
        let bytes = rest.as_bytes();
        let mut end = 1;
        while bytes.get(end)? != &b'"' {
            end += if bytes.get(end) == Some(&b'\\') { 2 } else { 1 };
        }
        let text = serde_json::from_str(rest.get(..=end)?).ok()?;
        self.at += end + 1;
        Some(text)
    }
}

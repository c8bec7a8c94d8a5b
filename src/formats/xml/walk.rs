//! From one tag to the next: what the document's structure allows, and what the sink is told.

use memchr::memchr;
use quick_xml::NsReader;
use quick_xml::events::{BytesStart, Event};

use super::attributes::{bound, unknown_prefix};
use super::names::Names;
use super::problems;
use super::source::Source;
use super::text::{self, Fault};
use super::tree::{TooLarge, Tree};
use crate::formats::{Interest, Records, XmlName};
use crate::limits;
use crate::problem::{Place, Problem};

/// Why walking ends early.
pub(super) enum Stop {
    /// The sink has enough.
    Enough,
    /// The document breaks a rule at this offset.
    At(u64, Box<dyn FnOnce(Place) -> Problem>),
}

impl Stop {
    pub(super) fn malformed(at: u64, what: &'static str) -> Self {
        Self::At(at, Box::new(move |place| problems::malformed(what, place)))
    }

    fn too_large(at: u64, what: TooLarge) -> Self {
        Self::At(at, Box::new(move |place| problems::too_large(what, place)))
    }

    pub(super) fn error(at: u64, code: &'static str, message: &'static str) -> Self {
        Self::At(
            at,
            Box::new(move |place| Problem::error(code, message).at(place)),
        )
    }
}

/// An open element.
#[derive(Debug, Clone, Copy)]
struct Open {
    line: u64,
    /// Whether it has child elements.
    parent: bool,
}

/// The state of one document.
pub(super) struct Walk<'a, 'r> {
    pub(super) reader: NsReader<Source<'a>>,
    records: &'r mut dyn Records,
    pub(super) names: Names,
    /// Names of elements that were descended into.
    path: Vec<XmlName>,
    open: Vec<Open>,
    pub(super) attributes: Vec<(XmlName, String)>,
    pub(super) tree: Tree,
    /// Text of the innermost element outside records.
    leaf: String,
    /// The nesting at which a skipped element stands.
    skipped: Option<usize>,
    seen_root: bool,
    seen_doctype: bool,
    /// Offset and line of the current token.
    pub(super) at: u64,
    line: u64,
}

impl<'a, 'r> Walk<'a, 'r> {
    pub(super) fn new(source: Source<'a>, records: &'r mut dyn Records) -> Self {
        let mut reader = NsReader::from_reader(source);
        reader.config_mut().check_comments = true;
        Self {
            reader,
            records,
            names: Names::new(),
            path: Vec::new(),
            open: Vec::new(),
            attributes: Vec::new(),
            tree: Tree::default(),
            leaf: String::new(),
            skipped: None,
            seen_root: false,
            seen_doctype: false,
            at: 0,
            line: 1,
        }
    }

    /// Walks to the end of the document.
    pub(super) fn run(mut self) -> Result<(), Problem> {
        let mut buffer = Vec::new();
        loop {
            buffer.clear();
            self.at = self.reader.buffer_position();
            self.line = self.reader.get_mut().start_token();
            let event = match self.reader.read_event_into(&mut buffer) {
                Ok(Event::Eof) => return self.finish(),
                Ok(event) => event,
                Err(error) => return Err(self.broken(&error)),
            };
            match self.event(event) {
                Ok(()) => {}
                Err(Stop::Enough) => return Ok(()),
                Err(Stop::At(at, problem)) => {
                    return Err(problem(self.reader.get_mut().place(at)));
                }
            }
        }
    }

    fn event(&mut self, event: Event<'_>) -> Result<(), Stop> {
        match event {
            Event::Start(tag) => self.start(&tag, false),
            Event::Empty(tag) => self.start(&tag, true),
            Event::End(_) => self.end(),
            Event::Text(text) => self.text(&text),
            Event::CData(text) => self.literal(&text),
            Event::GeneralRef(reference) => self.reference(&reference),
            Event::DocType(doctype) => self.doctype(&doctype),
            Event::Decl(_) if self.at > 0 => Err(Stop::malformed(
                self.at,
                "the XML declaration does not stand at the very start",
            )),
            Event::PI(instruction) if instruction.target().eq_ignore_ascii_case("xml") => {
                Err(Stop::malformed(self.at, "`<?xml` is misspelt"))
            }
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) | Event::Eof => Ok(()),
        }
    }

    /// A DOCTYPE may name a DTD, which is never loaded; one that brings declarations is refused.
    fn doctype(&mut self, doctype: &str) -> Result<(), Stop> {
        if self.seen_root || self.seen_doctype {
            return Err(Stop::malformed(
                self.at,
                "a DOCTYPE stands in the wrong place",
            ));
        }
        self.seen_doctype = true;
        let mut quote = None;
        let subset = doctype.bytes().any(|byte| match (quote, byte) {
            (None, b'[') => true,
            (None, b'"' | b'\'') => {
                quote = Some(byte);
                false
            }
            (Some(open), byte) if open == byte => {
                quote = None;
                false
            }
            _ => false,
        });
        if subset {
            return Err(Stop::At(self.at, Box::new(problems::declarations)));
        }
        let warning = Problem::warning(
            "xml.doctype",
            "The DOCTYPE was ignored; nothing it names was loaded.",
        )
        .at(Place::line(self.line, None));
        flow(self.records.problem(warning))
    }

    fn start(&mut self, tag: &BytesStart<'_>, empty: bool) -> Result<(), Stop> {
        if self.open.is_empty() && self.seen_root {
            return Err(Stop::error(
                self.at,
                "xml.after-root",
                "A second root element follows the end of the document.",
            ));
        }
        self.seen_root = true;
        if self.open.len() >= limits::XML_DEPTH {
            return Err(Stop::error(
                self.at,
                "xml.too-deep",
                "Elements are nested deeper than any order needs.",
            ));
        }
        if !text::is_name(tag.name().into_inner()) {
            return Err(Stop::malformed(self.at, "an element's name is not allowed"));
        }
        self.read_attributes(tag)?;
        if let Some(parent) = self.open.last_mut() {
            parent.parent = true;
        }
        self.open.push(Open {
            line: self.line,
            parent: false,
        });
        if self.skipped.is_none() {
            self.tell_start(tag)?;
        }
        if empty { self.end() } else { Ok(()) }
    }

    /// Tells the sink that the innermost open element starts, or adds it to the record.
    fn tell_start(&mut self, tag: &BytesStart<'_>) -> Result<(), Stop> {
        let (resolved, local) = self.reader.resolver().resolve_element(tag.name());
        let namespace = bound(&resolved).ok_or_else(|| unknown_prefix(self.at))?;
        let name = self.names.shared(namespace, local.into_inner());
        if self.tree.is_open() {
            return self.grow(name);
        }
        self.leaf.clear();
        self.path.push(name);
        match self.records.open(&self.path, &self.attributes) {
            Interest::Descend => Ok(()),
            Interest::Skip => {
                self.skipped = Some(self.open.len());
                Ok(())
            }
            Interest::Stop => Err(Stop::Enough),
            Interest::Record => {
                let name = self.path.last().cloned().unwrap_or_default();
                self.grow(name)
            }
        }
    }

    fn grow(&mut self, name: XmlName) -> Result<(), Stop> {
        self.tree
            .start(name, &mut self.attributes, self.line)
            .map_err(|what| Stop::too_large(self.at, what))
    }

    fn end(&mut self) -> Result<(), Stop> {
        let nesting = self.open.len();
        let ended = self.open.pop();
        if let Some(skipped) = self.skipped {
            if skipped == nesting {
                self.skipped = None;
                self.path.pop();
            }
            return Ok(());
        }
        let told = if self.tree.is_open() {
            let Some(element) = self.tree.end() else {
                return Ok(());
            };
            let told = flow(self.records.element(&self.path, &element));
            // The whole document is one record: none like it will come.
            if self.path.len() > 1 {
                self.tree.reuse(element);
            }
            told
        } else {
            let leaf = text::trimmed(&self.leaf);
            let told = if leaf.is_empty() || ended.is_some_and(|ended| ended.parent) {
                Ok(())
            } else {
                flow(self.records.text(&self.path, leaf))
            };
            self.leaf.clear();
            told
        };
        self.path.pop();
        told
    }

    fn text(&mut self, text: &str) -> Result<(), Stop> {
        if self.open.is_empty() {
            return self.outside(text);
        }
        if text.len() >= 3
            && memchr(b']', text.as_bytes()).is_some()
            && let Some(at) = text.find("]]>")
        {
            return Err(Stop::malformed(
                self.at + at as u64,
                "`]]>` stands in a text",
            ));
        }
        self.take(text)
    }

    /// Text of a CDATA section.
    fn literal(&mut self, text: &str) -> Result<(), Stop> {
        if self.open.is_empty() {
            return self.outside("CDATA");
        }
        self.take(text)
    }

    fn reference(&mut self, reference: &str) -> Result<(), Stop> {
        if self.open.is_empty() {
            return self.outside("&");
        }
        match text::resolve(reference) {
            Ok(character) => self.take(character.encode_utf8(&mut [0; 4])),
            Err(fault) => Err(self.fault(fault)),
        }
    }

    pub(super) fn fault(&self, fault: Fault) -> Stop {
        Stop::At(
            self.at,
            Box::new(move |place| problems::fault(&fault, place)),
        )
    }

    /// Text outside the root element: only white space may stand there.
    fn outside(&self, found: &str) -> Result<(), Stop> {
        if text::is_blank(found) {
            return Ok(());
        }
        Err(if self.seen_root {
            Stop::error(
                self.at,
                "xml.after-root",
                "Text follows the end of the document.",
            )
        } else {
            Stop::malformed(self.at, "text stands before the root element")
        })
    }

    fn take(&mut self, text: &str) -> Result<(), Stop> {
        if self.skipped.is_some() {
            return Ok(());
        }
        if self.tree.is_open() {
            return self
                .tree
                .text(text)
                .map_err(|what| Stop::too_large(self.at, what));
        }
        if self.open.last().is_some_and(|open| open.parent) {
            // Between children outside a record: told to nobody.
            return Ok(());
        }
        self.leaf.push_str(text);
        if self.leaf.len() > limits::CELL_BYTES {
            return Err(Stop::too_large(self.at, TooLarge::Text));
        }
        Ok(())
    }

    /// The end of the input.
    fn finish(mut self) -> Result<(), Problem> {
        if let Some(open) = self.open.last() {
            return Err(self.cut_off(open.line));
        }
        if self.seen_root {
            return Ok(());
        }
        if self.at == 0 {
            return Err(Problem::error("xml.empty", "The file is empty."));
        }
        let place = self.reader.get_mut().place(self.at);
        Err(problems::malformed("there is no root element", place))
    }

    fn cut_off(&mut self, line: u64) -> Problem {
        let names: Vec<&str> = self.path.iter().map(|name| name.local.as_str()).collect();
        let element = format!("/{}", names.join("/"));
        let at = self.reader.buffer_position();
        let place = self.reader.get_mut().place(at);
        problems::truncated(&element, line, place)
    }

    fn broken(&mut self, error: &quick_xml::Error) -> Problem {
        if let Some(problem) = self.reader.get_mut().take_problem() {
            return problem;
        }
        let at = match error {
            quick_xml::Error::Syntax(_) | quick_xml::Error::IllFormed(_) => {
                self.reader.error_position()
            }
            _ => self.at,
        };
        let place = self.reader.get_mut().place(at);
        if let Some(problem) = problems::reader(error, place) {
            return problem;
        }
        let line = self.open.last().map_or(self.line, |open| open.line);
        self.cut_off(line)
    }
}

fn flow(flow: crate::formats::Flow) -> Result<(), Stop> {
    if flow.is_break() {
        Err(Stop::Enough)
    } else {
        Ok(())
    }
}

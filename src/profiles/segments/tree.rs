//! One message in memory: its segments as a tree of groups.
//!
//! The standards' groups are positions in a diagram; a profile says them shorter: which segments
//! belong to which (`NAD = ["CTA", "COM"]`). A segment goes to the nearest group still open that
//! names it, else to the message itself. Texts lie in one buffer, and the tree is an order of
//! indexes, so that a message of a hundred thousand segments costs little more than its bytes.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::formats::Segment;
use crate::formats::segments::{Part, label};
use crate::limits;

/// Which segments belong to the group that a segment opens.
pub(crate) type Groups = BTreeMap<String, Vec<String>>;

/// A segment of the message; [`Tree::ROOT`] is the message itself.
pub(crate) type Node = usize;

/// A piece of a segment in the tree.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Held {
    pub(crate) element: u16,
    pub(crate) repetition: u16,
    pub(crate) component: u16,
    start: u32,
    end: u32,
}

#[derive(Debug, Clone)]
struct Entry {
    code: u32,
    pieces: Range<u32>,
    parent: Node,
    /// Behind the last segment of its group.
    end: Node,
    number: u64,
    part: Part,
}

/// A message.
#[derive(Debug, Clone)]
pub(crate) struct Tree {
    text: String,
    pieces: Vec<Held>,
    entries: Vec<Entry>,
    open: Vec<Node>,
    /// What stands between elements, for labels.
    pub(crate) separator: char,
}

impl Tree {
    /// The message itself.
    pub(crate) const ROOT: Node = 0;

    /// An empty message.
    pub(crate) fn new(separator: char) -> Self {
        Self {
            text: String::new(),
            pieces: Vec::new(),
            entries: vec![Entry {
                code: 0,
                pieces: 0..0,
                parent: 0,
                end: 1,
                number: 0,
                part: Part::Envelope,
            }],
            open: vec![Self::ROOT],
            separator,
        }
    }

    /// Adds the next segment; `false` where the message is larger than any order.
    pub(crate) fn push(&mut self, segment: &Segment<'_>, groups: &Groups) -> bool {
        let from = u32::try_from(self.pieces.len()).unwrap_or(u32::MAX);
        for piece in segment.pieces() {
            let text = segment.text_of(piece);
            if text.is_empty() {
                continue;
            }
            let start = u32::try_from(self.text.len()).unwrap_or(u32::MAX);
            self.text.push_str(text);
            self.pieces.push(Held {
                element: piece.element,
                repetition: piece.repetition,
                component: piece.component,
                start,
                end: u32::try_from(self.text.len()).unwrap_or(u32::MAX),
            });
        }
        let node = self.entries.len();
        let belongs = |tree: &Self, open: Node| {
            let group = groups.get(tree.tag(open));
            // A profile may nest a group in itself; a file may then nest it without end.
            tree.open.len() < limits::XML_DEPTH
                && group.is_some_and(|tags| tags.iter().any(|tag| tag == segment.tag()))
        };
        while let Some(open) = self.open.last().copied() {
            if open == Self::ROOT || belongs(self, open) {
                break;
            }
            self.close(open, node);
        }
        self.entries.push(Entry {
            code: code(segment.tag()),
            pieces: from..u32::try_from(self.pieces.len()).unwrap_or(u32::MAX),
            parent: self.open.last().copied().unwrap_or(Self::ROOT),
            end: node + 1,
            number: segment.number,
            part: segment.part,
        });
        self.open.push(node);
        self.text.len() <= limits::MESSAGE_BYTES && node <= limits::MESSAGE_SEGMENTS
    }

    /// The message is whole.
    pub(crate) fn finish(&mut self) {
        let end = self.entries.len();
        while let Some(open) = self.open.last().copied() {
            self.close(open, end);
        }
    }

    fn close(&mut self, node: Node, end: Node) {
        self.open.pop();
        if let Some(entry) = self.entries.get_mut(node) {
            entry.end = end;
        }
    }

    /// The segments directly below.
    pub(crate) fn children(&self, of: Node) -> impl Iterator<Item = Node> + '_ {
        let end = self.entries.get(of).map_or(0, |entry| entry.end);
        let mut next = of + 1;
        std::iter::from_fn(move || {
            let child = next;
            (child < end).then(|| {
                next = self.entries.get(child).map_or(end, |entry| entry.end);
                child
            })
        })
    }

    /// The group that a segment is in.
    pub(crate) fn parent(&self, of: Node) -> Node {
        self.entries
            .get(of)
            .map_or(Self::ROOT, |entry| entry.parent)
    }

    /// Its tag; empty for the message itself.
    pub(crate) fn tag(&self, node: Node) -> &str {
        self.get(node, 0, 1)
    }

    /// Whether its tag has this [`code`].
    pub(crate) fn is(&self, node: Node, code: u32) -> bool {
        self.entries
            .get(node)
            .is_some_and(|entry| entry.code == code)
    }

    /// A component of the first repetition of an element.
    pub(crate) fn get(&self, node: Node, element: u16, component: u16) -> &str {
        let mut held = self.held(node).iter();
        let found = held.find(|held| {
            held.element == element && held.component == component && held.repetition == 0
        });
        found.map_or("", |held| self.text_of(held))
    }

    /// What a segment holds, empty components left out.
    pub(crate) fn held(&self, node: Node) -> &[Held] {
        let range = self.entries.get(node).map_or(0..0, |entry| {
            entry.pieces.start as usize..entry.pieces.end as usize
        });
        self.pieces.get(range).unwrap_or_default()
    }

    /// The text of a piece.
    pub(crate) fn text_of(&self, held: &Held) -> &str {
        self.text
            .get(held.start as usize..held.end as usize)
            .unwrap_or_default()
    }

    /// Its number in the file.
    pub(crate) fn number(&self, node: Node) -> u64 {
        self.entries.get(node).map_or(0, |entry| entry.number)
    }

    /// Whether it is part of the envelopes around the message.
    pub(crate) fn is_envelope(&self, node: Node) -> bool {
        let envelope = |entry: &Entry| entry.part == Part::Envelope;
        self.entries.get(node).is_none_or(envelope)
            || matches!(self.tag(node), "UNH" | "UNT" | "ST" | "SE")
    }

    /// How the sender would name it.
    pub(crate) fn label(&self, node: Node) -> String {
        let node = if node == Self::ROOT {
            self.head()
        } else {
            node
        };
        label(
            self.tag(node),
            self.get(node, 1, 1),
            self.separator,
            self.number(node),
        )
    }

    /// The segment that opens the message.
    fn head(&self) -> Node {
        self.children(Self::ROOT)
            .find(|node| matches!(self.tag(*node), "UNH" | "ST"))
            .unwrap_or(Self::ROOT)
    }

    /// The numbers of its first and last segment in the file.
    pub(crate) fn span(&self) -> (u64, u64) {
        let last = self.entries.last().map_or(0, |entry| entry.number);
        (self.number(self.head()), last)
    }

    /// All segments in their order.
    pub(crate) fn all(&self) -> Range<Node> {
        1..self.entries.len()
    }
}

/// A tag as a number, so that the many comparisons of a message cost little. What can be no tag of a
/// profile, which has two or three letters or digits, is zero.
pub(crate) fn code(tag: &str) -> u32 {
    let mut bytes = tag.bytes();
    let is_tag = (2..=3).contains(&tag.len()) && !tag.as_bytes().contains(&0);
    match (is_tag, bytes.next(), bytes.next()) {
        (true, Some(first), Some(second)) => {
            u32::from_be_bytes([0, first, second, bytes.next().unwrap_or(0)])
        }
        _ => 0,
    }
}

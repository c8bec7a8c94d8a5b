//! Where in a message a value stands, as a profile writes it.
//!
//! - `NAD+BY/2.1`: the segment NAD whose first element is BY; of it element 2, component 1.
//!   Without a component, the first. X12 people may write `N1*ST/2`.
//! - `DTM+2|69/date`: any of several qualifiers; `date`, `time`, `at`, `end` and `end_time` read a
//!   date by the format that stands beside it.
//! - `NAD+SF||CZ/4.1`: the one with SF, and only if there is none, the one with CZ.
//! - `LIN[3.2=EN|SRV]/3.1`, `NAD+BY[2.3!=9]/2.1`: tests of any element.
//! - `NAD+BY>CTA+OC/2.2`: inside the group that NAD+BY opens.
//! - `PIA/2.2~SA`: from element 2 on, the one whose component 2 is SA; of it component 1.
//!   `PO1/6~VN`: from element 6 on, the one that is VN; of the next one.
//! - `FTX+AAI/4.*`: all components of element 4, of all such segments.
//! - A party is one segment: of all `NAD+CN` (X12: `N1*CN`) below a group the first counts alone, and
//!   with `||` the first that is preferred, whatever else is asked of it and whatever it lacks.
//!   Half an address of one and half of another would be nobody's.
//! - `/BGM/2`: from the message, wherever the record is; `..>BGM/2`: from the group around it.

use super::tree::{Node, Tree, code};

/// The segments that name a party: EDIFACT's name and address, X12's party identification.
const PARTIES: [&str; 2] = ["NAD", "N1"];

/// One segment on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step {
    /// Its tag.
    pub(crate) tag: String,
    /// The same as the tree finds it.
    code: u32,
    /// What it must hold.
    pub(crate) tests: Vec<Test>,
    /// Whether only one segment counts: the first that holds what the first test asks.
    alone: bool,
}

/// What an element must be: one of these, or none of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Test {
    pub(crate) element: u16,
    pub(crate) component: u16,
    pub(crate) values: Vec<String>,
    /// `!=`: none of these.
    pub(crate) not: bool,
    /// `SF||CZ`: only the first of these that is there.
    pub(crate) preferred: bool,
}

/// What is taken of the segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Pick {
    /// A component.
    Piece(u16, u16),
    /// All components of an element, of all segments that fit.
    All(u16),
    /// Of elements from this one on: what belongs to a qualifier. With a component the qualifier
    /// is that component of the element; without, it is the element before.
    Behind(u16, Option<u16>, Vec<String>),
    /// A part of a date.
    Date(DatePart),
}

/// A part of a date with its format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DatePart {
    /// `2026-04-03`.
    Date,
    /// `14:30`, where there is a time.
    Time,
    /// Both, `2026-04-03T14:30`, or only the day.
    At,
    /// Of a period: its last day.
    End,
    /// Of a period: the time at which it ends.
    EndTime,
}

/// A compiled reference into a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Selector {
    /// As written.
    pub(crate) text: String,
    /// From the message.
    pub(crate) from_root: bool,
    /// How many groups up.
    pub(crate) up: usize,
    /// The way.
    pub(crate) steps: Vec<Step>,
    /// What is taken.
    pub(crate) pick: Pick,
    /// Whether a field that is a number reads it: a decimal comma is one, whatever UNA says.
    pub(crate) numeric: bool,
}

impl Selector {
    /// Reads a reference.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("“{text}” is no place in a message; write NAD+BY/2.1");
        let mut rest = text.trim();
        let from_root = rest.starts_with('/');
        rest = rest.trim_start_matches('/');
        let mut up = 0;
        while let Some(above) = rest.strip_prefix("..>") {
            up += 1;
            rest = above;
        }
        let (way, pick) = rest.rsplit_once('/').ok_or_else(wrong)?;
        let mut steps = steps(way)?;
        for step in &mut steps {
            step.alone = PARTIES.contains(&step.tag.as_str()) && !step.tests.is_empty();
        }
        Ok(Self {
            text: text.trim().to_owned(),
            from_root,
            up,
            steps,
            pick: parse_pick(pick).ok_or_else(wrong)?,
            numeric: false,
        })
    }

    /// Calls `found` with each segment that fits, in their order, until it answers true.
    pub(crate) fn find(&self, tree: &Tree, from: Node, found: &mut dyn FnMut(Node) -> bool) {
        let mut start = if self.from_root { Tree::ROOT } else { from };
        for _ in 0..self.up {
            start = tree.parent(start);
        }
        if let Some(first) = self.steps.first()
            && first.fits(tree, start)
        {
            walk(tree, start, self.steps.get(1..).unwrap_or_default(), found);
            return;
        }
        walk(tree, start, &self.steps, found);
    }
}

impl Step {
    /// Where one of several values is preferred: the first that a segment below `from` has.
    fn preferred(&self, tree: &Tree, from: Node) -> Option<(&Test, &str)> {
        let test = self.tests.iter().find(|test| test.preferred)?;
        let mut values = test.values.iter().map(String::as_str);
        let value = values.find(|value| {
            let held = |child| tree.get(child, test.element, test.component) == *value;
            tree.children(from)
                .any(|child| self.fits(tree, child) && held(child))
        })?;
        Some((test, value))
    }

    /// The one segment below `from` that counts, where only one does.
    fn one(&self, tree: &Tree, from: Node) -> Option<Node> {
        let role = self.tests.first()?;
        let mut named = tree
            .children(from)
            .filter(|child| tree.is(*child, self.code));
        if !role.preferred {
            return named.find(|child| role.holds(tree, *child));
        }
        let held = |child: &Node| tree.get(*child, role.element, role.component);
        let rank = |child: &Node| role.values.iter().position(|value| value == held(child));
        let ranked = named.filter_map(|child| Some((rank(&child)?, child)));
        // The first of equals is the least.
        ranked.min().map(|(_, child)| child)
    }

    /// Whether a segment that fits is the one that counts, where only one does.
    pub(crate) fn counts(&self, tree: &Tree, node: Node) -> bool {
        !self.alone || self.one(tree, tree.parent(node)) == Some(node)
    }

    /// Whether a segment is one of these.
    pub(crate) fn fits(&self, tree: &Tree, node: Node) -> bool {
        tree.is(node, self.code) && self.tests.iter().all(|test| test.holds(tree, node))
    }
}

impl Test {
    fn holds(&self, tree: &Tree, node: Node) -> bool {
        let held = tree.get(node, self.element, self.component);
        self.values.iter().any(|value| value == held) != self.not
    }
}

/// The segments that `steps` lead to from below `from`; answers whether enough were found.
pub(crate) fn walk(
    tree: &Tree,
    from: Node,
    steps: &[Step],
    found: &mut dyn FnMut(Node) -> bool,
) -> bool {
    let Some((step, rest)) = steps.split_first() else {
        return found(from);
    };
    if step.alone {
        let one = step.one(tree, from).filter(|child| step.fits(tree, *child));
        return one.is_some_and(|child| walk(tree, child, rest, found));
    }
    let preferred = step.preferred(tree, from);
    tree.children(from)
        .filter(|child| step.fits(tree, *child))
        .filter(|child| {
            preferred
                .is_none_or(|(test, value)| tree.get(*child, test.element, test.component) == value)
        })
        .any(|child| walk(tree, child, rest, found))
}

/// Reads a way without what is taken: `CNI>GID`.
pub(crate) fn steps(text: &str) -> Result<Vec<Step>, String> {
    text.split('>')
        .map(|step| parse_step(step.trim()))
        .collect()
}

fn parse_step(text: &str) -> Result<Step, String> {
    let wrong = || format!("“{text}” is no segment; write NAD, NAD+BY or LIN[3.2=EN]");
    let (head, tests) = match text.split_once('[') {
        Some((head, tests)) => (head, tests.strip_suffix(']').ok_or_else(wrong)?),
        None => (text, ""),
    };
    let mut parts = head.split(['+', '*']);
    let tag = parts.next().filter(|tag| is_tag(tag)).ok_or_else(wrong)?;
    let mut step = Step {
        tag: tag.to_owned(),
        code: code(tag),
        tests: Vec::new(),
        alone: false,
    };
    for (element, value) in (1..).zip(parts) {
        if !value.is_empty() {
            step.tests.push(test((element, Some(1)), value, false));
        }
    }
    for demand in tests.split("][").filter(|demand| !demand.is_empty()) {
        let (place, value) = demand.split_once('=').ok_or_else(wrong)?;
        let (place, not) = match place.strip_suffix('!') {
            Some(place) => (place, true),
            None => (place, false),
        };
        let place = place_of(place).ok_or_else(wrong)?;
        step.tests.push(test(place, value, not));
    }
    Ok(step)
}

fn test((element, component): (u16, Option<u16>), values: &str, not: bool) -> Test {
    let preferred = values.contains("||");
    Test {
        element,
        component: component.unwrap_or(1),
        values: alternatives(&values.replace("||", "|")),
        not,
        preferred,
    }
}

fn parse_pick(text: &str) -> Option<Pick> {
    let part = match text {
        "date" => DatePart::Date,
        "time" => DatePart::Time,
        "at" => DatePart::At,
        "end" => DatePart::End,
        "end_time" => DatePart::EndTime,
        _ => {
            if let Some(element) = text.strip_suffix(".*") {
                return element.parse().ok().map(Pick::All);
            }
            if let Some((place, value)) = text.split_once('~') {
                let (element, component) = place_of(place)?;
                return Some(Pick::Behind(element, component, alternatives(value)));
            }
            let (element, component) = place_of(text)?;
            return Some(Pick::Piece(element, component.unwrap_or(1)));
        }
    };
    Some(Pick::Date(part))
}

fn place_of(text: &str) -> Option<(u16, Option<u16>)> {
    let number = |text: &str| text.trim().parse::<u16>().ok().filter(|n| *n > 0);
    match text.split_once('.') {
        Some((element, component)) => Some((number(element)?, Some(number(component)?))),
        None => Some((number(text)?, None)),
    }
}

fn alternatives(text: &str) -> Vec<String> {
    text.split('|')
        .map(|value| value.trim().to_owned())
        .collect()
}

fn is_tag(text: &str) -> bool {
    let upper = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit();
    (2..=3).contains(&text.len()) && text.bytes().all(upper)
}

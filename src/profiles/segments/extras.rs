//! What no field reads: kept as extras and told once.

use std::collections::{BTreeSet, HashMap};

use super::super::assemble::Building;
use super::super::findings::Findings;
use super::super::model::{Profile, Reference};
use super::super::target::Level;
use super::dates;
use super::selector::{Pick, Selector, Step};
use super::tree::{Held, Node, Tree};
use crate::limits;
use crate::problem::{Place, Problem};

/// What fields read of one segment on one way.
struct Read<'p> {
    step: &'p Step,
    pick: Option<&'p Pick>,
}

/// What is read, by the tags that lead to it: `LIN>PIA`.
pub(crate) struct Known<'p> {
    profile: &'p Profile,
    reads: HashMap<String, Vec<Read<'p>>>,
}

/// What is left of one message, and where it goes.
struct Leftovers<'l> {
    tree: &'l Tree,
    building: &'l mut Building,
    told: &'l mut BTreeSet<String>,
    new: Vec<String>,
}

impl<'p> Known<'p> {
    /// What the fields of `profile` read.
    pub(crate) fn of(profile: &'p Profile) -> Self {
        let mut known = Self {
            profile,
            reads: HashMap::new(),
        };
        for level in Level::ALL {
            let bases = bases(profile, level);
            for way in &profile.levels.get(level).each_segment {
                for above in above(profile, level) {
                    known.way(&above, way, None);
                }
            }
            for field in &profile.levels.get(level).fields {
                field.value.references(&mut |reference| {
                    if let Some(Reference::Segment(selector)) = profile.references.get(reference) {
                        known.selector(selector, &bases);
                    }
                });
            }
        }
        known
    }

    fn selector(&mut self, selector: &'p Selector, bases: &[Vec<&'p str>]) {
        for base in bases {
            let mut base = base.clone();
            if selector.from_root {
                base.clear();
            }
            base.truncate(base.len().saturating_sub(selector.up));
            let own = selector.steps.first().map(|step| step.tag.as_str());
            if base.last().copied() == own {
                base.pop();
            }
            self.way(&base, &selector.steps, Some(&selector.pick));
        }
    }

    /// Every step's tests are read, and what is taken of the last.
    fn way(&mut self, base: &[&'p str], steps: &'p [Step], pick: Option<&'p Pick>) {
        let mut chain = base.join(">");
        for (at, step) in steps.iter().enumerate() {
            if !chain.is_empty() {
                chain.push('>');
            }
            chain.push_str(&step.tag);
            let last = at + 1 == steps.len();
            self.reads.entry(chain.clone()).or_default().push(Read {
                step,
                pick: pick.filter(|_| last),
            });
        }
    }

    /// Keeps what is not read in `building`; answers the names that were not `told` before.
    pub(super) fn leftovers(
        &self,
        tree: &Tree,
        building: &mut Building,
        told: &mut BTreeSet<String>,
    ) -> Vec<String> {
        let mut left = Leftovers {
            tree,
            building,
            told,
            new: Vec::new(),
        };
        if !self.profile.ignore.contains("*") {
            self.walk(Tree::ROOT, "", true, &mut left);
        }
        left.new
    }

    /// What stands below a segment that does not count is read by nobody.
    fn walk(&self, from: Node, above: &str, counts: bool, left: &mut Leftovers<'_>) {
        let tree = left.tree;
        for node in tree.children(from) {
            let tag = tree.tag(node);
            if tree.is_envelope(node) || self.profile.ignore.contains(tag) {
                continue;
            }
            let chain = if above.is_empty() {
                tag.to_owned()
            } else {
                format!("{above}>{tag}")
            };
            let reads = self.reads.get(&chain).filter(|_| counts);
            let reads = reads.map_or(&[][..], Vec::as_slice);
            self.keep(node, &chain, reads, left);
            let mut fits = reads.iter().filter(|read| read.step.fits(tree, node));
            let first = fits.next();
            let counts = counts
                && first.is_none_or(|first| {
                    first.step.counts(tree, node) || fits.any(|read| read.step.counts(tree, node))
                });
            self.walk(node, &chain, counts, left);
        }
    }

    /// Keeps what is not read of one segment.
    fn keep(&self, node: Node, chain: &str, reads: &[Read<'_>], left: &mut Leftovers<'_>) {
        let tree = left.tree;
        let unread = |held: &&Held| {
            held.element > 0
                && !reads.iter().any(|read| read.of(tree, node, held))
                && !self.is_ignored(tree.tag(node), held)
        };
        let unread: Vec<&Held> = tree.held(node).iter().filter(unread).collect();
        for held in &unread {
            // A qualifier stands in the names of what it qualifies.
            let qualifies = (held.element, held.component) == (1, 1)
                && unread.len() > 1
                && qualifier(tree, node).is_some();
            if qualifies {
                continue;
            }
            let name = name(chain, tree, node, held);
            left.building.extra(&name, tree.text_of(held));
            if left.told.len() < limits::EXTRAS_PER_ORDER && left.told.insert(name.clone()) {
                left.new.push(name);
            }
        }
    }

    fn is_ignored(&self, tag: &str, held: &Held) -> bool {
        let ignore = &self.profile.ignore;
        ignore.contains(&format!("{tag}/{}", held.element))
            || ignore.contains(&format!("{tag}/{}.{}", held.element, held.component))
    }
}

impl Read<'_> {
    /// Whether this reads the piece `held` of `node`: of several parties of one role only the first.
    fn of(&self, tree: &Tree, node: Node, held: &Held) -> bool {
        self.takes(tree, node, held) && self.step.counts(tree, node)
    }

    fn takes(&self, tree: &Tree, node: Node, held: &Held) -> bool {
        if !self.step.fits(tree, node) || held.repetition > 0 {
            return false;
        }
        let mut tests = self.step.tests.iter();
        if tests.any(|test| test.element == held.element && test.component == held.component) {
            return true;
        }
        match self.pick {
            None => false,
            Some(Pick::Piece(element, component)) => {
                (held.element, held.component) == (*element, *component)
            }
            Some(Pick::All(element)) => held.element == *element,
            // A date is a value with its qualifier, format, zone.
            Some(Pick::Date(_)) => {
                let at = tree.tag(node) != "AT7" || (5..=7).contains(&held.element);
                at && dates::is_day(tree, node)
            }
            Some(Pick::Behind(from, component, values)) => {
                let element = match component {
                    Some(_) => held.element,
                    None => held.element - held.element.saturating_sub(*from) % 2,
                };
                let qualifier = tree.get(node, element, component.unwrap_or(1));
                held.element >= *from && values.iter().any(|value| value == qualifier)
            }
        }
    }
}

/// The tags above the parts of a level, and those that lead to them.
fn bases(profile: &Profile, level: Level) -> Vec<Vec<&str>> {
    let above = above(profile, level);
    let ways = &profile.levels.get(level).each_segment;
    if ways.is_empty() {
        return above;
    }
    let tags = ways
        .iter()
        .map(|way| way.iter().map(|step| step.tag.as_str()).collect());
    tags.flat_map(|way: Vec<&str>| {
        above
            .iter()
            .map(move |base| base.iter().copied().chain(way.iter().copied()).collect())
            .collect::<Vec<_>>()
    })
    .collect()
}

fn above(profile: &Profile, level: Level) -> Vec<Vec<&str>> {
    match level {
        Level::Goods | Level::Equipment => bases(profile, Level::Shipment),
        _ => vec![Vec::new()],
    }
}

/// `LIN>PIA+5/2.1`.
fn name(chain: &str, tree: &Tree, node: Node, held: &Held) -> String {
    let place = if held.component > 1 || !tree.get(node, held.element, 2).is_empty() {
        format!("{}.{}", held.element, held.component)
    } else {
        held.element.to_string()
    };
    match qualifier(tree, node).filter(|_| (held.element, held.component) != (1, 1)) {
        Some(qualifier) => format!("{chain}{}{qualifier}/{place}", tree.separator),
        None => format!("{chain}/{place}"),
    }
}

/// What tells this segment from others of its tag, where its first component looks like a code.
fn qualifier(tree: &Tree, node: Node) -> Option<&str> {
    let is_code = |text: &&str| {
        !text.is_empty() && text.len() <= 3 && text.bytes().all(|b| b.is_ascii_alphanumeric())
    };
    Some(tree.get(node, 1, 1)).filter(is_code)
}

/// Tells the names once.
pub(super) fn tell(mut new: Vec<String>, place: Place, findings: &mut Findings<'_>) {
    if new.is_empty() {
        return;
    }
    let count = new.len();
    new.truncate(limits::NAMES_IN_MESSAGE);
    let more = if count > new.len() { ", …" } else { "" };
    let what = format!(
        "Elements that are not known are kept as extra fields: {}{more}.",
        new.join(", ")
    );
    findings.problem(Problem::warning("segment.element-unknown", what).at(place));
}

//! Elements → orders: one document under one profile.
//!
//! Each record element is one order, held only while it is mapped. What stands outside the records
//! and is referred to, is kept as it passes: it must come before the orders that need it.

mod element;
mod extras;
mod outside;

use std::collections::{BTreeSet, HashSet};

use self::element::{ElementRecord, Places};
use self::extras::known_leaves;
use self::outside::Outside;
use super::assemble::{Building, Mapping, Record};
use super::eval::Scope;
use super::findings::Findings;
use super::model::{Field, Reads};
use super::path::Path;
use super::target::Level;
use crate::formats::{Element, Interest, XmlName};

/// A document that is being mapped.
pub(crate) struct XmlMap<'a> {
    mapping: Mapping<'a>,
    record: &'a Path,
    outside: Outside,
    known: HashSet<String>,
    told_extras: BTreeSet<String>,
    /// How many records the present parent has had.
    nth: u64,
    orders: u64,
}

impl<'a> XmlMap<'a> {
    /// Starts a document; `None` for a profile that is not for xml.
    pub(crate) fn new(mapping: Mapping<'a>) -> Option<Self> {
        let record = mapping.profile.record.as_ref()?;
        let outside = Outside::new(mapping.profile, record);
        Some(Self {
            known: known_leaves(mapping.profile),
            told_extras: BTreeSet::new(),
            mapping,
            record,
            outside,
            nth: 0,
            orders: 0,
        })
    }

    /// An element starts.
    pub(crate) fn open(&mut self, path: &[XmlName], attributes: &[(XmlName, String)]) -> Interest {
        self.outside.open(path, attributes);
        let steps = &self.record.steps;
        let on_the_way = path
            .iter()
            .zip(steps)
            .all(|(name, step)| step.fits_name(name));
        if on_the_way && path.len() == steps.len() {
            self.nth += 1;
            return Interest::Record;
        }
        if on_the_way && path.len() < steps.len() {
            self.nth = 0;
            return Interest::Descend;
        }
        let envelope = path.len() < steps.len() && self.is_envelope(path.last());
        if envelope || self.outside.wants(path) {
            Interest::Descend
        } else {
            Interest::Skip
        }
    }

    /// Whether a whole document stands here that an envelope carries. Asked of what is skipped.
    pub(crate) fn in_envelope(&self, path: &[XmlName]) -> bool {
        let [.., parent, _] = path else {
            return false;
        };
        path.len() <= self.record.steps.len() && self.is_envelope(Some(parent))
    }

    fn is_envelope(&self, name: Option<&XmlName>) -> bool {
        let envelopes = &self.mapping.profile.heading.recognise.envelope;
        name.is_some_and(|name| envelopes.contains(&name.local))
    }

    /// Text outside the records.
    pub(crate) fn text(&mut self, path: &[XmlName], text: &str) {
        self.outside.text(path, text);
    }

    /// A record.
    pub(crate) fn element(
        &mut self,
        path: &[XmlName],
        element: &Element,
        findings: &mut Findings<'_>,
    ) {
        self.orders += 1;
        let base = self.base(path);
        let chain = [element];
        let record = self.at(&chain, &base);
        let mut building = Building::new(&self.mapping, record.spot(), 0);
        let order = &self.mapping.profile.levels.get(Level::Order).fields;
        building.fill(order.iter(), &record, &self.mapping, findings);
        self.shipments(&chain, &base, &mut building, findings);
        self.parts(Level::Line, &chain, &base, &mut building, findings);
        self.parts(Level::Status, &chain, &base, &mut building, findings);
        let mut leftovers = Vec::new();
        self.walk(element, &mut String::new(), &mut building, &mut leftovers);
        let mut bytes = Vec::new();
        source(element, &mut bytes);
        building.hash(&bytes);
        building.finish(
            order.iter(),
            &record,
            &Places(self.mapping.profile),
            &self.mapping,
            findings,
        );
        let new = |path: &String| {
            self.told_extras.len() < crate::limits::EXTRAS_PER_ORDER
                && self.told_extras.insert(path.clone())
        };
        leftovers.retain(new);
        self.tell_extras(leftovers, &base, findings);
    }

    /// The record's own path, as the sender's format writes it.
    fn base(&self, path: &[XmlName]) -> String {
        let json = self.mapping.profile.heading.reads == Reads::Json;
        let mut base = String::new();
        for name in path {
            let between = match json {
                true if base.is_empty() => "",
                true => ".",
                false => "/",
            };
            base.extend([between, &name.local]);
        }
        if json && (path.len() > 1 || self.orders > 1) {
            base.extend(["[", &(self.nth.max(1) - 1).to_string(), "]"]);
        } else if !json && path.len() > 1 {
            base.extend(["[", &self.nth.to_string(), "]"]);
        }
        base
    }

    fn at<'s>(&'s self, chain: &'s [&'s Element], base: &'s str) -> ElementRecord<'s> {
        ElementRecord {
            profile: self.mapping.profile,
            outside: &self.outside,
            chain,
            base,
            ordinal: self.orders,
        }
    }

    /// Shipments and what is in them. A profile whose shipments have no element of their own has
    /// one an order, if the order says anything about it.
    fn shipments(
        &self,
        chain: &[&Element],
        base: &str,
        building: &mut Building,
        findings: &mut Findings<'_>,
    ) {
        let level = self.mapping.profile.levels.get(Level::Shipment);
        let own = [chain.to_vec()];
        let found = if level.each.is_empty() {
            own.to_vec()
        } else {
            self.found(Level::Shipment, chain)
        };
        for chain in &found {
            let record = self.at(chain, base);
            let speaks = !level.each.is_empty() || Self::says_something(&level.fields, &record);
            if speaks && building.begin(Level::Shipment, record.spot(), findings) {
                building.fill(level.fields.iter(), &record, &self.mapping, findings);
            }
            self.parts(Level::Goods, chain, base, building, findings);
            self.parts(Level::Equipment, chain, base, building, findings);
        }
    }

    fn parts(
        &self,
        level: Level,
        chain: &[&Element],
        base: &str,
        building: &mut Building,
        findings: &mut Findings<'_>,
    ) {
        for chain in self.found(level, chain) {
            let record = self.at(&chain, base);
            let fields = &self.mapping.profile.levels.get(level).fields;
            if building.begin(level, record.spot(), findings) {
                building.fill(fields.iter(), &record, &self.mapping, findings);
            }
        }
    }

    /// The elements of a level: those of the first path that finds any.
    fn found<'e>(&'e self, level: Level, chain: &[&'e Element]) -> Vec<Vec<&'e Element>> {
        let each = &self.mapping.profile.levels.get(level).each;
        let found = each.iter().map(|path| path.elements(chain));
        found
            .into_iter()
            .find(|found| !found.is_empty())
            .unwrap_or_default()
    }

    fn says_something(fields: &[Field], record: &ElementRecord<'_>) -> bool {
        fields.iter().any(|field| {
            let mut any = false;
            field.value.references(&mut |reference| {
                any |= record
                    .cell(reference)
                    .is_some_and(|cell| !cell.text.is_empty());
            });
            any
        })
    }
}

/// The element's own texts, each with its name, so that equal hashes mean equal records.
fn source(element: &Element, bytes: &mut Vec<u8>) {
    bytes.push(0x1d);
    bytes.extend_from_slice(element.name.local.as_bytes());
    for (name, text) in &element.attributes {
        bytes.push(0x1f);
        bytes.extend_from_slice(name.local.as_bytes());
        bytes.push(0x1f);
        bytes.extend_from_slice(text.as_bytes());
    }
    bytes.push(0x1e);
    bytes.extend_from_slice(element.text.as_bytes());
    for child in &element.children {
        source(child, bytes);
    }
    bytes.push(0x1c);
}

//! Segments → orders: one message under one profile.
//!
//! A message is one order, held only while it is read. Its groups are a tree ([`tree`]), a value's
//! place in it is a [`selector`]; what no field reads is kept as extras.

mod dates;
mod extras;
mod names;
mod record;
pub(crate) mod selector;
pub(crate) mod tree;

use std::collections::BTreeSet;

pub(crate) use self::extras::Known;
pub(crate) use self::names::unknown;
use self::record::{Places, SegmentRecord, place};
use self::selector::{Step, walk};
use self::tree::{Node, Tree};
use super::assemble::{Building, Mapping, Record};
use super::eval::Scope;
use super::findings::Findings;
use super::model::{Field, Profile};
use super::target::Level;
use crate::formats::{Message, Segment};
use crate::limits;
use crate::problem::Problem;

/// A message that is being mapped.
pub(crate) struct MessageMap<'a> {
    mapping: Mapping<'a>,
    tree: Tree,
    /// `ORDERS 1`.
    label: String,
    ordinal: u64,
    too_large: bool,
}

impl<'a> MessageMap<'a> {
    /// Starts a message; `envelope` are the segments around it.
    pub(crate) fn new(
        mapping: Mapping<'a>,
        message: &Message,
        envelope: Tree,
        ordinal: u64,
    ) -> Self {
        let number = crate::problem::excerpt(&message.reference);
        Self {
            mapping,
            tree: envelope,
            label: format!("{} {number}", crate::problem::excerpt(&message.kind)),
            ordinal,
            too_large: false,
        }
    }

    /// The next segment.
    pub(crate) fn segment(&mut self, segment: &Segment<'_>) {
        self.too_large |= !self.too_large && !self.tree.push(segment, &self.mapping.profile.groups);
    }

    /// Its profile.
    pub(crate) fn profile(&self) -> &'a Profile {
        self.mapping.profile
    }

    /// The message is whole: maps it. `told` are the extras that the sender has heard of.
    pub(crate) fn finish(
        mut self,
        known: &Known<'_>,
        told: &mut BTreeSet<String>,
        findings: &mut Findings<'_>,
    ) {
        self.tree.finish();
        if self.too_large {
            let most = limits::MESSAGE_SEGMENTS;
            let what = format!("The message is larger than any order: {most} segments at most.");
            findings.withhold(&[]);
            findings.problem(
                Problem::error("limit.message", what).at(place(self.tree.label(Tree::ROOT))),
            );
            return;
        }
        let record = self.at(Tree::ROOT);
        let profile = self.mapping.profile;
        let mut building = Building::new(&self.mapping, record.spot(), 0);
        let order = &profile.levels.get(Level::Order).fields;
        building.fill(order.iter(), &record, &self.mapping, findings);
        self.shipments(&mut building, findings);
        self.parts(Level::Line, Tree::ROOT, &mut building, findings);
        self.parts(Level::Status, Tree::ROOT, &mut building, findings);
        let new = known.leftovers(&self.tree, &mut building, told);
        building.hash(&self.source());
        let places = Places {
            tree: &self.tree,
            message: &self.label,
        };
        building.finish(order.iter(), &record, &places, &self.mapping, findings);
        extras::tell(new, place(self.tree.label(Tree::ROOT)), findings);
    }

    fn at(&self, node: Node) -> SegmentRecord<'_> {
        SegmentRecord::new(self.mapping.profile, &self.tree, node, self.ordinal)
    }

    /// Shipments and what is in them. A profile whose shipments have no group of their own has one
    /// an order, if the message says anything about it.
    fn shipments(&self, building: &mut Building, findings: &mut Findings<'_>) {
        let level = self.mapping.profile.levels.get(Level::Shipment);
        let found = if level.each_segment.is_empty() {
            vec![Tree::ROOT]
        } else {
            self.found(Level::Shipment, Tree::ROOT)
        };
        for node in found {
            let record = self.at(node);
            let speaks = !level.each_segment.is_empty() || says_something(&level.fields, &record);
            if speaks && building.begin(Level::Shipment, record.spot(), findings) {
                building.fill(level.fields.iter(), &record, &self.mapping, findings);
            }
            self.parts(Level::Goods, node, building, findings);
            self.parts(Level::Equipment, node, building, findings);
        }
    }

    fn parts(
        &self,
        level: Level,
        from: Node,
        building: &mut Building,
        findings: &mut Findings<'_>,
    ) {
        let fields = &self.mapping.profile.levels.get(level).fields;
        for node in self.found(level, from) {
            let record = self.at(node);
            if building.begin(level, record.spot(), findings) {
                building.fill(fields.iter(), &record, &self.mapping, findings);
            }
        }
    }

    /// The segments of a level: those of the first way that leads to any.
    fn found(&self, level: Level, from: Node) -> Vec<Node> {
        let ways = &self.mapping.profile.levels.get(level).each_segment;
        let found = ways.iter().map(|way: &Vec<Step>| {
            let mut nodes = Vec::new();
            walk(&self.tree, from, way, &mut |node| {
                nodes.push(node);
                false
            });
            nodes
        });
        found
            .into_iter()
            .find(|nodes| !nodes.is_empty())
            .unwrap_or_default()
    }

    /// The message's own texts without its envelopes: sent again under new numbers it is the same.
    fn source(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for node in self.tree.all().filter(|node| !self.tree.is_envelope(*node)) {
            bytes.push(0x1d);
            for held in self.tree.held(node) {
                bytes.push(0x1f);
                for place in [held.element, held.repetition, held.component] {
                    bytes.extend_from_slice(&place.to_le_bytes());
                }
                bytes.extend_from_slice(self.tree.text_of(held).as_bytes());
            }
        }
        bytes
    }
}

fn says_something(fields: &[Field], record: &SegmentRecord<'_>) -> bool {
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

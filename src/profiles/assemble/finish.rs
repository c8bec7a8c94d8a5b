//! The end of an order: checked, told from repeats, passed on or withheld.

use minijinja::Value;
use minijinja::value::Serde;
use sha2::Digest;

use super::super::ExplainedOrder;
use super::super::findings::{Findings, Repeat};
use super::super::model::{Field, Rule};

use super::super::target::{Level, level_of};
use super::{Building, Locate, Mapping, Record};
use crate::limits;
use crate::order::{self, Kind, Shipment};
use crate::problem::{Place, Problem, Severity};

impl Building {
    /// The order is whole: checks it and passes it on, or withholds it.
    pub(crate) fn finish<'f>(
        mut self,
        late: impl Iterator<Item = &'f Field>,
        record: &impl Record,
        locate: &impl Locate,
        mapping: &Mapping<'_>,
        findings: &mut Findings<'_>,
    ) {
        self.late_shipments(record, mapping, findings);
        for field in late.filter(|field| field.value.is_late()) {
            self.field(field, record, mapping, findings);
        }
        self.take_out_deleted(mapping);
        self.order.extra.append(&mut self.extras);
        if self.extras_left_out > 0 {
            let (most, rest) = (limits::EXTRAS_PER_ORDER, self.extras_left_out);
            let what = format!(
                "The order has more than {most} values that no field is for; {rest} are left out."
            );
            let place = locate.locate(&self.head, Level::Order, "reference");
            findings.problem(Problem::warning("limit.extras", what).at(place));
        }
        if self.tell_statuses(findings) {
            return;
        }
        if !self.faulty && self.reports_nothing(mapping) {
            let place = locate.locate(&self.head, Level::Order, "reference");
            findings.withhold(&self.rows);
            findings.problem(
                Problem::error(
                    "status.none",
                    "This is a report of statuses, and it holds none.",
                )
                .at(place)
                .expecting("at least one status with its code or text"),
            );
            return;
        }
        if !self.faulty {
            self.validate(locate, findings);
            self.rules(&mapping.profile.rules, locate, findings);
        }
        if findings.explains() {
            findings.explained(ExplainedOrder {
                reference: self.order.reference.clone(),
                good: !self.faulty,
                fields: std::mem::take(&mut self.explained),
            });
        }
        let source: [u8; 32] = self.hash.finalize_reset().into();
        if self.faulty {
            findings.withhold(&self.rows);
            return;
        }
        match findings.seen(&self.order, source) {
            Repeat::New => {
                self.order.origin = locate.origin(&self.rows, &self.head);
                self.order.origin.file = Some(mapping.file.to_owned()).filter(|file| !file.is_empty());
                findings.order(self.order, source);
            }
            Repeat::Same => findings.problem(
                Problem::warning(
                    "order.repeated",
                    format!("The order {} stands twice in the file, both times the same; it counts once.", self.order.reference),
                )
                .at(locate.locate(&self.head, Level::Order, "reference"))
                .with_value(&self.order.reference),
            ),
            Repeat::Other => self.conflict(locate, findings),
        }
    }

    /// Fields of shipments that are made of all their goods.
    fn late_shipments(
        &mut self,
        record: &impl Record,
        mapping: &Mapping<'_>,
        findings: &mut Findings<'_>,
    ) {
        let fields = &mapping.profile.levels.get(Level::Shipment).fields;
        if !fields.iter().any(|field| field.value.is_late()) {
            return;
        }
        for at in 0..self.order.shipments.len() {
            let last = self.order.shipments.len() - 1;
            self.order.shipments.swap(at, last);
            self.late_shipment = Some(last);
            for field in fields.iter().filter(|field| field.value.is_late()) {
                self.field(field, record, mapping, findings);
            }
            self.order.shipments.swap(at, last);
        }
        self.late_shipment = None;
    }

    /// The first of the two may have been passed on already, as if it were whole: so nothing of
    /// the file may be sent, whatever the policy for single orders.
    fn conflict(&self, locate: &impl Locate, findings: &mut Findings<'_>) {
        let place = locate.locate(&self.head, Level::Order, "reference");
        findings.withhold(&self.rows);
        findings.refuse(
            Problem::error(
                "order.reference.twice",
                "The same order number came before in this file, with other content.",
            )
            .at(place)
            .with_value(&self.order.reference)
            .with_hint("Put all rows of an order directly below each other, or give the second order its own number."),
        );
    }

    /// Lines whose quantity is the profile's word for "take this out".
    fn take_out_deleted(&mut self, mapping: &Mapping<'_>) {
        let Some(gone) = mapping.profile.delete_on else {
            return;
        };
        let mut kept = self
            .order
            .lines
            .iter()
            .map(|line| line.quantity != Some(gone));
        self.lines.retain(|_| kept.next().unwrap_or(true));
        self.order.lines.retain(|line| line.quantity != Some(gone));
        for (shipment, spots) in self.order.shipments.iter_mut().zip(&mut self.goods) {
            let mut kept = shipment
                .goods
                .iter()
                .map(|goods| goods.quantity != Some(gone));
            spots.retain(|_| kept.next().unwrap_or(true));
            shipment.goods.retain(|goods| goods.quantity != Some(gone));
        }
    }

    /// Passes status updates on, and answers whether the record was nothing but such.
    fn tell_statuses(&mut self, findings: &mut Findings<'_>) -> bool {
        self.statuses
            .retain(|status| !status.text.is_empty() || status.code.is_some());
        if self.statuses.is_empty() {
            return false;
        }
        if self.faulty {
            findings.withhold(&self.rows);
            return true;
        }
        for status in std::mem::take(&mut self.statuses) {
            findings.status(status);
        }
        self.asks_for_nothing()
    }

    /// Whether a report of statuses has none: it is no order either, whatever its number.
    fn reports_nothing(&self, mapping: &Mapping<'_>) -> bool {
        let reports = !mapping.profile.levels.get(Level::Status).fields.is_empty();
        reports && self.order.kind == Kind::Tracking && self.asks_for_nothing()
    }

    fn asks_for_nothing(&self) -> bool {
        let bare = |shipment: &Shipment| {
            shipment.goods.is_empty()
                && shipment.equipment.is_empty()
                && shipment.pickup.is_none()
                && shipment.delivery.is_none()
        };
        self.order.lines.is_empty() && self.order.shipments.iter().all(bare)
    }

    fn validate(&mut self, locate: &impl Locate, findings: &mut Findings<'_>) {
        for mut problem in order::validate_next(&self.order, &mut findings.warned) {
            self.faulty |= problem.severity == Severity::Error;
            let path = problem.place.path.take().unwrap_or_default();
            problem.place = self.place_of(&path, locate);
            findings.problem(problem);
        }
    }

    /// What the profile demands, in the sender's words.
    fn rules(&mut self, rules: &[Rule], locate: &impl Locate, findings: &mut Findings<'_>) {
        if rules.is_empty() {
            return;
        }
        let order = Value::from(Serde(&self.order));
        for rule in rules {
            let parts = match rule.each {
                None => vec![(Value::UNDEFINED, String::new())],
                Some(level) => parts_of(&self.order, level),
            };
            for (part, path) in parts {
                let mut context = vec![("order", order.clone())];
                context.extend(rule.each.map(|level| (level.section(), part)));
                let place = self.place_of(&format!("{path}{}", rule.field), locate);
                let problem = match rule.check.is_true(Value::from_pairs(context)) {
                    Ok(true) => continue,
                    Ok(false) if rule.warning => Problem::warning("rule", rule.say.clone()),
                    Ok(false) => Problem::error("rule", rule.say.clone()),
                    Err(why) => {
                        let what =
                            format!("It cannot be told whether “{}” holds: {why}.", rule.say);
                        Problem::error("rule.unclear", what)
                    }
                };
                self.faulty |= problem.is_error();
                findings.problem(problem.at(place));
            }
        }
    }

    /// The sender's place of a canonical path such as `lines[2].quantity`, counted from 0.
    fn place_of(&self, path: &str, locate: &impl Locate) -> Place {
        let (plain, indexes) = without_indexes(path);
        let (level, name) = level_of(&plain);
        let at = |n: usize| indexes.get(n).copied().unwrap_or(0);
        let spot = match level {
            Level::Line => self.lines.get(at(0)),
            Level::Shipment | Level::Equipment => self.shipments.get(at(0)),
            Level::Goods => self.goods.get(at(0)).and_then(|goods| goods.get(at(1))),
            Level::Order | Level::Status => None,
        };
        locate.locate(spot.unwrap_or(&self.head), level, name)
    }
}

/// The parts of a level as the rules see them, each with its path.
fn parts_of(order: &order::Order, level: Level) -> Vec<(Value, String)> {
    let mut parts = Vec::new();
    if level == Level::Line {
        for (at, line) in order.lines.iter().enumerate() {
            parts.push((Value::from(Serde(line)), format!("lines[{at}].")));
        }
        return parts;
    }
    for (at, shipment) in order.shipments.iter().enumerate() {
        if level == Level::Shipment {
            parts.push((Value::from(Serde(shipment)), format!("shipments[{at}].")));
            continue;
        }
        for (goods_at, goods) in shipment.goods.iter().enumerate() {
            let path = format!("shipments[{at}].goods[{goods_at}].");
            parts.push((Value::from(Serde(goods)), path));
        }
    }
    parts
}

fn without_indexes(path: &str) -> (String, Vec<usize>) {
    let mut plain = String::with_capacity(path.len());
    let mut indexes = Vec::new();
    for part in path.split('.') {
        let (name, index) = match part.split_once('[') {
            Some((name, index)) => (name, index.trim_end_matches(']').parse::<usize>().ok()),
            None => (part, None),
        };
        indexes.extend(index);
        if !plain.is_empty() {
            plain.push('.');
        }
        plain.push_str(name);
    }
    (plain, indexes)
}

//! Fields into the newest part of the order.

use super::super::Explained;
use super::super::convert::convert;
use super::super::eval::{self, Around, Raw};
use super::super::findings::Findings;
use super::super::model::Field;
use super::super::target::{End, PartyTarget, Target, Typed};
use super::super::values::ValueFault;
use super::{Building, Mapping, Record, first_reference, made_up};
use crate::limits;
use crate::order::{self, Party, Shipment};
use crate::problem::{Place, Problem};

impl Building {
    /// Fills the newest part with `fields` from `record`.
    pub(crate) fn fill<'f>(
        &mut self,
        fields: impl Iterator<Item = &'f Field>,
        record: &impl Record,
        mapping: &Mapping<'_>,
        findings: &mut Findings<'_>,
    ) {
        for field in fields {
            if !field.value.is_late() {
                self.field(field, record, mapping, findings);
            }
        }
    }

    pub(super) fn field(
        &mut self,
        field: &Field,
        record: &impl Record,
        mapping: &Mapping<'_>,
        findings: &mut Findings<'_>,
    ) {
        let unique = || made_up(mapping, record.ordinal());
        let around = Around {
            profile: mapping.profile,
            memo: &self.memo,
            unique: &unique,
            whole: field.value.is_late().then_some(&self.order),
            shipment: self.late_shipment,
        };
        let raw = match eval::field(field, record, &around) {
            Ok(Some(raw)) => raw,
            Ok(None) => {
                self.missing(field, record, findings);
                return;
            }
            Err(why) => {
                self.faulty = true;
                let place = record.place(first_reference(field));
                findings.problem(Problem::error("value.mapping", sentence(&why)).at(place));
                return;
            }
        };
        match convert(&raw, field) {
            Ok(typed) => {
                let from = raw.from;
                if raw.made_up {
                    findings.problem(made_up_warning(&raw.text, record.place(None)));
                }
                if let Some(slot) = field.memo.and_then(|slot| self.memo.get_mut(slot)) {
                    *slot = Some(text_of(&typed));
                }
                if findings.explains() {
                    let place = from.map(|from| record.place(Some(from)));
                    self.explain(field, &typed, place.unwrap_or_default());
                }
                self.put(&field.target, typed);
            }
            Err(fault) => {
                self.faulty = true;
                let place = record.place(raw.from.or_else(|| first_reference(field)));
                findings.problem(told(fault, &raw, place));
            }
        }
    }

    #[cold]
    fn explain(&mut self, field: &Field, value: &Typed, place: Place) {
        if self.explained.len() >= limits::EXPLAINED_FIELDS {
            return;
        }
        self.explained.push(Explained {
            field: self.path_of(field),
            value: text_of(value),
            place,
            rule: field.written.clone(),
        });
    }

    /// The canonical path of a field of the newest part.
    fn path_of(&self, field: &Field) -> String {
        let newest = |count: usize| count.saturating_sub(1);
        let name = &field.name;
        let shipment = newest(self.order.shipments.len());
        let last = self.order.shipments.last();
        match &field.target {
            Target::Line(_) => format!("lines[{}].{name}", newest(self.order.lines.len())),
            Target::Shipment(_) | Target::Stop(..) | Target::StopParty(..) => {
                format!("shipments[{shipment}].{name}")
            }
            Target::Goods(_) => {
                let goods = newest(last.map_or(0, |shipment| shipment.goods.len()));
                format!("shipments[{shipment}].goods[{goods}].{name}")
            }
            Target::Equipment(_) => {
                let number = newest(last.map_or(0, |shipment| shipment.equipment.len()));
                format!("shipments[{shipment}].equipment[{number}].{name}")
            }
            Target::Status(_) => format!("status[{}].{name}", newest(self.statuses.len())),
            _ => name.clone(),
        }
    }

    fn missing(&mut self, field: &Field, record: &impl Record, findings: &mut Findings<'_>) {
        if let Some(slot) = field.memo.and_then(|slot| self.memo.get_mut(slot)) {
            *slot = None;
        }
        if field.required {
            self.faulty = true;
            let place = record.place(first_reference(field));
            let problem = if field.name == "reference" {
                Problem::error("order.reference.missing", "The order has no order number.")
            } else {
                let what = format!("The {} is missing.", field.name.replace(['.', '_'], " "));
                Problem::error("field.missing", what)
            };
            findings.problem(problem.at(place).expecting("a value"));
        }
    }

    fn put(&mut self, target: &Target, value: Typed) {
        let order = &mut self.order;
        match target {
            Target::Order(field) => field.apply(order, value),
            Target::Reference(name) => {
                if let Typed::Text(text) = value {
                    order.references.insert(name.clone(), text);
                }
            }
            Target::Party(role, field) => {
                field.apply(order.parties.entry(*role).or_default(), value);
            }
            Target::Extra(name) => {
                if let Typed::Text(text) = value {
                    order.extra.insert(name.clone(), text);
                }
            }
            Target::Line(field) => {
                if let Some(line) = order.lines.last_mut() {
                    field.apply(line, value);
                }
            }
            Target::Status(field) => {
                if let Some(status) = self.statuses.last_mut() {
                    field.apply(status, value);
                }
            }
            _ => self.put_shipment(target, value),
        }
    }

    fn put_shipment(&mut self, target: &Target, value: Typed) {
        let Some(shipment) = self.order.shipments.last_mut() else {
            return;
        };
        match target {
            Target::Shipment(field) => field.apply(shipment, value),
            Target::Stop(end, field) => field.apply(stop(shipment, *end), value),
            Target::StopParty(end, field) => {
                let party: &mut Party = stop(shipment, *end).party.get_or_insert_default();
                PartyTarget::apply(field, party, value);
            }
            Target::Goods(field) => {
                if let Some(goods) = shipment.goods.last_mut() {
                    field.apply(goods, value);
                }
            }
            Target::Equipment(field) => {
                if let Some(equipment) = shipment.equipment.last_mut() {
                    field.apply(equipment, value);
                }
            }
            _ => {}
        }
    }
}

fn stop(shipment: &mut Shipment, end: End) -> &mut order::Stop {
    match end {
        End::Pickup => shipment.pickup.get_or_insert_default(),
        End::Delivery => shipment.delivery.get_or_insert_default(),
    }
}

fn made_up_warning(value: &str, place: Place) -> Problem {
    Problem::warning(
        "order.reference.generated",
        "The file gives no number here, so one was made from the file's content.",
    )
    .at(place)
    .with_value(value)
    .with_hint("Give every order a number of its own.")
}

fn told(fault: ValueFault, raw: &Raw<'_>, place: Place) -> Problem {
    let mut problem = Problem::error(fault.code, fault.message)
        .at(place)
        .with_value(&raw.text)
        .expecting(fault.expected);
    problem.hint = fault.hint.map(Into::into);
    problem
}

/// A reason as a sentence for the sender.
fn sentence(why: &str) -> String {
    format!("The value cannot be read: {why}")
}

/// A value in canonical form, for fields that are made of it.
fn text_of(value: &Typed) -> String {
    let word = |value: serde_json::Result<String>| {
        value
            .map(|word| word.trim_matches('"').to_owned())
            .unwrap_or_default()
    };
    match value {
        Typed::Text(text) => text.clone(),
        Typed::Number(number) => number.to_string(),
        Typed::Count(count) => count.to_string(),
        Typed::Date(date) => date.to_string(),
        Typed::Time(time) => time.to_string(),
        Typed::Flag(flag) => flag.to_string(),
        Typed::Kind(kind) => word(serde_json::to_string(kind)),
        Typed::Action(action) => word(serde_json::to_string(action)),
    }
}

//! One order while its records come in: fields into parts, findings to their places.
//!
//! Shared by tables and xml. What differs, where a record is and how its cells are found, stands
//! behind [`Record`] and [`Locate`].

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::RowSpan;
use super::convert::convert;
use super::eval::{self, Around, Raw, Scope};
use super::findings::{Findings, Repeat};
use super::model::{Field, Profile};
use super::target::{End, Level, PartyTarget, Target, Typed};
use crate::limits;
use crate::order::{self, Goods, Line, Order, Origin, Party, Shipment, StatusUpdate};
use crate::problem::{Place, Problem, Severity};

/// Where a record is, kept for each line and shipment of the order in progress.
#[derive(Debug, Clone, Default)]
pub(crate) struct Spot {
    /// The row of a table.
    pub(crate) row: u64,
    /// The line of a text.
    pub(crate) line: u64,
    /// The path of an element.
    pub(crate) path: Option<String>,
}

/// A record that can say where its values stand.
pub(crate) trait Record: Scope {
    /// The place of a value read from `reference`; of the record itself without one.
    fn place(&self, reference: Option<usize>) -> Place;
    /// Where the record is.
    fn spot(&self) -> Spot;
    /// What a made-up number ends in: the row, or the order's place among the orders.
    fn ordinal(&self) -> u64;
}

/// Turns a spot kept earlier into a place, for findings about the whole order.
pub(crate) trait Locate {
    /// The place of the field `name` of `level` at `spot`.
    fn locate(&self, spot: &Spot, level: Level, name: &str) -> Place;
    /// Where the order stands, for its origin.
    fn origin(&self, rows: &[RowSpan], spot: &Spot) -> Origin;
}

/// What the mapping of one file is given.
#[derive(Clone, Copy)]
pub(crate) struct Mapping<'a> {
    /// The profile.
    pub(crate) profile: &'a Profile,
    /// Hex of the file's hash.
    pub(crate) sha256: &'a str,
    /// The file's name as a label.
    pub(crate) file: &'a str,
}

/// The order in progress.
pub(crate) struct Building {
    /// What it has become so far.
    pub(crate) order: Order,
    /// Whether something is wrong with it.
    pub(crate) faulty: bool,
    /// Its rows.
    pub(crate) rows: Vec<RowSpan>,
    head: Spot,
    lines: Vec<Spot>,
    shipments: Vec<Spot>,
    goods: Vec<Vec<Spot>>,
    statuses: Vec<StatusUpdate>,
    memo: Vec<Option<String>>,
    extras: BTreeMap<String, String>,
    hash: Sha256,
    too_long: bool,
}

impl Building {
    /// A new order whose first record is at `head`.
    pub(crate) fn new(mapping: &Mapping<'_>, head: Spot) -> Self {
        let profile = mapping.profile;
        Self {
            order: Order {
                kind: profile.kind,
                action: profile.action,
                ..Order::default()
            },
            faulty: false,
            rows: Vec::new(),
            head,
            lines: Vec::new(),
            shipments: Vec::new(),
            goods: Vec::new(),
            statuses: Vec::new(),
            memo: vec![None; profile.memos],
            extras: BTreeMap::new(),
            hash: Sha256::new(),
            too_long: false,
        }
    }

    /// Adds source bytes, already told apart from their neighbours.
    pub(crate) fn hash(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
    }

    /// Notes a row of the order.
    pub(crate) fn row(&mut self, row: u64) {
        match self.rows.last_mut() {
            Some(last) if row <= last.1 + 1 => last.1 = row,
            _ => self.rows.push(RowSpan(row, row)),
        }
    }

    /// Keeps what no field names; a name that comes again gets the number of its coming.
    pub(crate) fn extra(&mut self, name: &str, text: &str) {
        if self.extras.len() >= limits::EXTRAS_PER_ORDER
            || self.extras.get(name).is_some_and(|t| t == text)
        {
            return;
        }
        let mut key = name.to_owned();
        let mut number = 1;
        while let Some(held) = self.extras.get(&key) {
            if held == text {
                return;
            }
            number += 1;
            key = format!("{name} [{number}]");
        }
        self.extras.insert(key, text.to_owned());
    }

    /// Starts the next part of `level` and says whether there is room for it.
    pub(crate) fn begin(&mut self, level: Level, spot: Spot, findings: &mut Findings<'_>) -> bool {
        let parts = match level {
            Level::Line => &mut self.lines,
            Level::Shipment => {
                self.goods.push(Vec::new());
                &mut self.shipments
            }
            Level::Goods => {
                if self.goods.is_empty() {
                    self.goods.push(Vec::new());
                    self.shipments.push(spot.clone());
                    self.order.shipments.push(Shipment::default());
                }
                match self.goods.last_mut() {
                    Some(goods) => goods,
                    None => return false,
                }
            }
            Level::Equipment | Level::Order | Level::Status => {
                return self.begin_other(level, spot);
            }
        };
        if parts.len() >= limits::LINES_PER_ORDER {
            self.over(level, &spot, findings);
            return false;
        }
        parts.push(spot);
        match level {
            Level::Line => self.order.lines.push(Line::default()),
            Level::Shipment => self.order.shipments.push(Shipment::default()),
            _ => {
                if let Some(shipment) = self.order.shipments.last_mut() {
                    shipment.goods.push(Goods::default());
                }
            }
        }
        true
    }

    fn begin_other(&mut self, level: Level, spot: Spot) -> bool {
        match level {
            Level::Equipment => {
                if self.order.shipments.is_empty() {
                    self.shipments.push(spot);
                    self.goods.push(Vec::new());
                    self.order.shipments.push(Shipment::default());
                }
                let shipment = self.order.shipments.last_mut();
                shipment.is_some_and(|shipment| {
                    let room = shipment.equipment.len() < limits::LINES_PER_ORDER;
                    if room {
                        shipment.equipment.push(order::Equipment::default());
                    }
                    room
                })
            }
            Level::Status => {
                let room = self.statuses.len() < limits::LINES_PER_ORDER;
                if room {
                    self.statuses.push(no_status());
                }
                room
            }
            _ => true,
        }
    }

    fn over(&mut self, level: Level, spot: &Spot, findings: &mut Findings<'_>) {
        self.faulty = true;
        if !self.too_long {
            self.too_long = true;
            let most = limits::LINES_PER_ORDER;
            let what = format!("The order has more than {most} {}s.", level.section());
            findings.problem(
                Problem::error("limit.lines", what)
                    .at(Place::row(spot.row))
                    .with_hint("Split it into several orders."),
            );
        }
    }

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

    fn field(
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
                if raw.made_up {
                    findings.problem(made_up_warning(&raw.text, record.place(None)));
                }
                if let Some(slot) = field.memo.and_then(|slot| self.memo.get_mut(slot)) {
                    *slot = Some(text_of(&typed));
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

    /// The order is whole: checks it and passes it on, or withholds it.
    pub(crate) fn finish<'f>(
        mut self,
        late: impl Iterator<Item = &'f Field>,
        record: &impl Record,
        locate: &impl Locate,
        mapping: &Mapping<'_>,
        findings: &mut Findings<'_>,
    ) {
        for field in late.filter(|field| field.value.is_late()) {
            self.field(field, record, mapping, findings);
        }
        self.take_out_deleted(mapping);
        self.order.extra.append(&mut self.extras);
        if self.tell_statuses(findings) {
            return;
        }
        if !self.faulty {
            self.validate(locate, findings);
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
        let bare = |shipment: &Shipment| {
            shipment.goods.is_empty()
                && shipment.equipment.is_empty()
                && shipment.pickup.is_none()
                && shipment.delivery.is_none()
        };
        self.order.lines.is_empty() && self.order.shipments.iter().all(bare)
    }

    fn validate(&mut self, locate: &impl Locate, findings: &mut Findings<'_>) {
        for mut problem in order::validate(&self.order) {
            self.faulty |= problem.severity == Severity::Error;
            let path = problem.place.path.take().unwrap_or_default();
            problem.place = self.place_of(&path, locate);
            findings.problem(problem);
        }
    }

    /// The sender's place of a canonical path such as `lines[2].quantity`, counted from 0.
    fn place_of(&self, path: &str, locate: &impl Locate) -> Place {
        let (plain, indexes) = without_indexes(path);
        let (level, name) = super::target::level_of(&plain);
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

fn no_status() -> StatusUpdate {
    StatusUpdate {
        order: None,
        shipment: None,
        tracking: None,
        at: None,
        code: None,
        text: String::new(),
        place: None,
    }
}

fn stop(shipment: &mut Shipment, end: End) -> &mut order::Stop {
    match end {
        End::Pickup => shipment.pickup.get_or_insert_default(),
        End::Delivery => shipment.delivery.get_or_insert_default(),
    }
}

/// The first reference of a field: the place where its value is missed.
pub(crate) fn first_reference(field: &Field) -> Option<usize> {
    let mut first = None;
    field
        .value
        .references(&mut |reference| first = first.or(Some(reference)));
    first
}

/// A number for an order without one: from the file's hash, so that the same file gives the same.
pub(crate) fn made_up(mapping: &Mapping<'_>, ordinal: u64) -> String {
    let short = mapping.sha256.get(..10).unwrap_or(mapping.sha256);
    format!("{short}-{ordinal}")
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

fn told(fault: super::values::ValueFault, raw: &Raw<'_>, place: Place) -> Problem {
    let mut problem = Problem::error(fault.code, fault.message)
        .at(place)
        .with_value(&raw.text)
        .expecting(fault.expected);
    problem.hint = fault.hint;
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

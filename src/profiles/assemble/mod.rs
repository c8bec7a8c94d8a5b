//! One order while its records come in: fields into parts, findings to their places.
//!
//! Shared by tables and xml. What differs, where a record is and how its cells are found, stands
//! behind [`Record`] and [`Locate`].

mod fill;
mod finish;

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::eval::Scope;
use super::findings::Findings;
use super::model::{Field, Profile};
use super::target::Level;
use super::{Explained, RowSpan};
use crate::limits;
use crate::order::{self, Goods, Line, Order, Origin, Shipment, StatusUpdate};
use crate::problem::{Place, Problem};

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
    extras_left_out: u64,
    explained: Vec<Explained>,
    /// The shipment whose late fields are being filled; it stands last meanwhile.
    late_shipment: Option<usize>,
}

impl Building {
    /// A new order whose first record is at `head`, and which has about so many lines.
    pub(crate) fn new(mapping: &Mapping<'_>, head: Spot, lines: usize) -> Self {
        let profile = mapping.profile;
        Self {
            order: Order {
                kind: profile.kind,
                action: profile.action,
                lines: Vec::with_capacity(lines),
                ..Order::default()
            },
            faulty: false,
            rows: Vec::new(),
            head,
            lines: Vec::with_capacity(lines),
            shipments: Vec::new(),
            goods: Vec::new(),
            statuses: Vec::new(),
            memo: vec![None; profile.memos],
            extras: BTreeMap::new(),
            hash: Sha256::new(),
            too_long: false,
            extras_left_out: 0,
            explained: Vec::new(),
            late_shipment: None,
        }
    }

    /// Adds source bytes, already told apart from their neighbours.
    pub(crate) fn hash(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
    }

    /// Keeps a text where later fields find it.
    pub(crate) fn remember(&mut self, slot: usize, text: &str) {
        if let Some(kept) = self.memo.get_mut(slot) {
            *kept = Some(text.to_owned());
        }
    }

    /// Notes a row of the order.
    pub(crate) fn row(&mut self, row: u64) {
        match self.rows.last_mut() {
            Some(last) if row <= last.1 + 1 => last.1 = row,
            _ => self.rows.push(RowSpan(row, row)),
        }
    }

    /// Keeps what no field names; a name that comes again with another text gets a number.
    pub(crate) fn extra(&mut self, name: &str, text: &str) {
        let mut key = name.to_owned();
        let mut number = 1;
        while let Some(held) = self.extras.get(&key) {
            if held == text {
                return;
            }
            if self.extras.len() >= limits::EXTRAS_PER_ORDER {
                break;
            }
            number += 1;
            key = format!("{name} [{number}]");
        }
        if self.extras.len() >= limits::EXTRAS_PER_ORDER {
            self.extras_left_out += 1;
            return;
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

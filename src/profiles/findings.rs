//! What a mapping has told so far, and what becomes of the file.
//!
//! Keeps to the limits on problems and orders, remembers which numbers it has seen, and applies
//! the policy for bad orders at the end.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::{ExplainedOrder, Mapped, MaxBadOrders, OnBadRow, Orders, Outcome, RowSpan};
use crate::limits;
use crate::order::{Identity, Order, StatusUpdate, Warned};
use crate::problem::{Place, Problem};

/// What became of an order that was handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repeat {
    /// Not seen before in this file.
    New,
    /// The same records were there before.
    Same,
    /// The number was there before, with other content.
    Other,
}

/// Collects and passes on.
pub(crate) struct Findings<'a> {
    out: &'a mut dyn Orders,
    told: usize,
    warnings: usize,
    /// How often each kind of warning was found.
    alike: HashMap<String, u32>,
    left_out: u64,
    /// Warnings that orders had, and those that were only counted.
    pub(crate) warned: Warned,
    orders: u64,
    statuses: u64,
    withheld: u64,
    withheld_rows: Vec<RowSpan>,
    whole_file: bool,
    stopped: bool,
    explains: bool,
    seen: HashMap<(u8, Identity), [u8; 16]>,
}

impl<'a> Findings<'a> {
    /// Nothing told yet.
    pub(crate) fn new(out: &'a mut dyn Orders) -> Self {
        Self {
            explains: out.explains(),
            out,
            told: 0,
            warnings: 0,
            alike: HashMap::new(),
            left_out: 0,
            warned: Warned::default(),
            orders: 0,
            statuses: 0,
            withheld: 0,
            withheld_rows: Vec::new(),
            whole_file: false,
            stopped: false,
            seen: HashMap::new(),
        }
    }

    /// The sink behind.
    pub(crate) fn out(&mut self) -> &mut dyn Orders {
        &mut *self.out
    }

    /// Whether it is to be told where fields come from.
    pub(crate) fn explains(&self) -> bool {
        self.explains
    }

    /// Tells where the fields of an order came from.
    pub(crate) fn explained(&mut self, explained: ExplainedOrder) {
        if self.out.explained(explained).is_break() {
            self.stopped = true;
        }
    }

    /// Whether reading is to end.
    pub(crate) fn stopped(&self) -> bool {
        self.stopped
    }

    /// End reading.
    pub(crate) fn stop(&mut self) {
        self.stopped = true;
    }

    /// Tells a finding.
    pub(crate) fn problem(&mut self, problem: Problem) {
        // Warnings must not crowd out the errors that come behind them.
        let crowded = !problem.is_error()
            && (self.warnings >= limits::PROBLEMS_PER_FILE / 2 || self.is_known(&problem));
        if crowded || self.told >= limits::PROBLEMS_PER_FILE {
            self.left_out += 1;
            return;
        }
        self.told += 1;
        self.warnings += usize::from(!problem.is_error());
        if self.out.problem(problem).is_break() {
            self.stopped = true;
        }
    }

    /// Whether enough warnings like this one were told.
    fn is_known(&mut self, warning: &Problem) -> bool {
        let kind = kind(warning);
        if let Some(count) = self.alike.get_mut(&kind) {
            *count += 1;
            return *count > limits::WARNINGS_ALIKE;
        }
        // A file whose every element is named otherwise runs into the limit above.
        if self.alike.len() < limits::PROBLEMS_PER_FILE {
            self.alike.insert(kind, 1);
        }
        false
    }

    /// Tells a finding that withholds the whole file.
    pub(crate) fn refuse(&mut self, problem: Problem) {
        self.whole_file = true;
        self.problem(problem);
    }

    /// Whether the order was in this file before. Only hashes are kept.
    pub(crate) fn seen(&mut self, order: &Order, source: [u8; 32]) -> Repeat {
        let mut content = [0; 16];
        content.copy_from_slice(&source[..16]);
        let key = (order.action as u8, Identity::of("", order));
        match self.seen.entry(key) {
            Entry::Vacant(slot) => {
                slot.insert(content);
                Repeat::New
            }
            Entry::Occupied(slot) if *slot.get() == content => Repeat::Same,
            Entry::Occupied(_) => Repeat::Other,
        }
    }

    /// Passes a good order on.
    pub(crate) fn order(&mut self, order: Order, source_hash: [u8; 32]) {
        if self.orders + self.withheld >= limits::ORDERS_PER_FILE {
            let most = limits::ORDERS_PER_FILE;
            self.refuse(
                Problem::error(
                    "limit.orders",
                    format!("The file has more than {most} orders."),
                )
                .at(Place::default())
                .with_hint("Split it into several files."),
            );
            self.stopped = true;
            return;
        }
        self.orders += 1;
        if self.out.order(Mapped { order, source_hash }).is_break() {
            self.stopped = true;
        }
    }

    /// Passes a status update on.
    pub(crate) fn status(&mut self, update: StatusUpdate) {
        self.statuses += 1;
        if self.out.status(update).is_break() {
            self.stopped = true;
        }
    }

    /// Notes an order that is not told.
    pub(crate) fn withhold(&mut self, rows: &[RowSpan]) {
        self.withheld += 1;
        for row in rows {
            match self.withheld_rows.last_mut() {
                Some(last) if row.0 <= last.1.saturating_add(1) && row.0 >= last.0 => {
                    last.1 = last.1.max(row.1);
                }
                _ => self.withheld_rows.push(*row),
            }
        }
    }

    /// Whether anything of worth was found.
    pub(crate) fn is_empty(&self) -> bool {
        self.orders == 0 && self.withheld == 0 && self.statuses == 0
    }

    /// Whether the whole file is withheld already.
    pub(crate) fn is_refused(&self) -> bool {
        self.whole_file
    }

    /// What may be sent, by the policy.
    pub(crate) fn outcome(&self, policy: OnBadRow, most: Option<MaxBadOrders>) -> Outcome {
        if self.whole_file {
            return Outcome::Rejected;
        }
        if self.withheld == 0 {
            return Outcome::Accepted;
        }
        let total = self.orders + self.withheld;
        let within = match most.unwrap_or(MaxBadOrders::Count(limits::BAD_ORDERS)) {
            MaxBadOrders::Count(most) => self.withheld <= most,
            MaxBadOrders::Percent(most) => self.withheld * 100 <= total * u64::from(most),
        };
        if policy == OnBadRow::SkipOrders && within && self.orders > 0 {
            Outcome::Partial
        } else {
            Outcome::Rejected
        }
    }

    /// Good orders, withheld orders, their rows, problems left out.
    pub(crate) fn counts(self) -> (u64, u64, Vec<RowSpan>, u64) {
        (
            self.orders,
            self.withheld,
            self.withheld_rows,
            self.left_out + self.warned.left_out(),
        )
    }
}

/// What makes warnings alike: what is wrong, and with which column or element.
fn kind(warning: &Problem) -> String {
    let place = &warning.place;
    let path = place.path.as_deref().unwrap_or_default();
    let column = place.column.as_deref().unwrap_or_default();
    let mut kind = format!("{} {column} ", warning.code);
    // Which of several elements it is makes no difference.
    let mut counting = false;
    kind.extend(path.chars().filter(|c| {
        counting = (counting || *c == '[') && *c != ']';
        !counting
    }));
    kind
}

//! One parsed order made ready for the ledger: who it is, where it is owed, how it is found.

use crate::jail::ParsedOrder;
use crate::ledger::StagedOrder;
use crate::limits;
use crate::order::{Identity, Order, Origin, content_hash};
use crate::problem::Problem;
use crate::profiles::Chosen;
use crate::revision::OnChange;

use super::super::Ports;
use super::super::plan::Route;

/// What holds for all orders of one file.
pub(super) struct Staging<'a> {
    ports: &'a Ports,
    sender: &'a str,
    route: &'a Route,
    on_change: OnChange,
    hold: bool,
    next: u32,
}

impl<'a> Staging<'a> {
    pub(super) fn new(
        ports: &'a Ports,
        source: &str,
        sender: &'a str,
        route: &'a Route,
        chosen: &Chosen,
    ) -> Self {
        let held_source = ports.inlets.get(source).is_some_and(|inlet| inlet.hold);
        Self {
            ports,
            sender,
            route,
            on_change: ports.plan.on_change(route, sender, chosen),
            hold: route.hold || held_source,
            next: 0,
        }
    }

    /// The next order of the file.
    ///
    /// # Errors
    /// Why it is owed to nobody: the operator's turn.
    pub(super) fn stage(&mut self, parsed: ParsedOrder) -> Result<StagedOrder, String> {
        let ParsedOrder {
            order,
            content,
            origin,
            source_hash,
        } = parsed;
        let destinations = self.route.destinations(&order)?;
        if destinations.is_empty() {
            return Err(format!(
                "No destination of its route is for order {}.",
                order.reference
            ));
        }
        let seq = self.next;
        self.next += 1;
        Ok(StagedOrder {
            seq,
            identity: Identity::of(self.sender, &order),
            action: order.action,
            kind: order.kind.as_str(),
            content_hash: content_hash(&content),
            search: search_words(&order),
            numbers: numbers(&order),
            refused: self.refused(&order, &origin, &destinations),
            reference: order.reference,
            content,
            source_hash,
            origin,
            destinations,
            on_change: self.on_change,
            hold: self.hold,
        })
    }

    /// What each destination's own check finds, without any network.
    fn refused(&self, order: &Order, origin: &str, to: &[String]) -> Vec<(String, Problem)> {
        let mut refused = Vec::new();
        for name in to {
            let Some(lane) = self.ports.lanes.get(name) else {
                continue;
            };
            if lane.partner.checks() {
                let problems = lane.partner.check(order).into_iter();
                refused.extend(problems.map(|problem| (name.clone(), placed(problem, origin))));
            }
        }
        refused
    }
}

/// A finding about an order at the row or sheet where the order begins.
fn placed(mut problem: Problem, origin: &str) -> Problem {
    let Ok(origin) = serde_json::from_str::<Origin>(origin) else {
        return problem;
    };
    let rows = origin.rows.unwrap_or_default();
    let first: String = rows.chars().take_while(char::is_ascii_digit).collect();
    problem.place.row = problem.place.row.or(first.parse().ok());
    problem.place.sheet = problem.place.sheet.or(origin.sheet);
    problem
}

/// The numbers by which events find an order, beside its reference.
pub(in crate::flow) fn numbers(order: &Order) -> Vec<String> {
    let referenced = ["shipment", "tracking", "awb"]
        .into_iter()
        .filter_map(|kind| order.references.get(kind));
    let shipments = order.shipments.iter().filter_map(|one| one.id.as_ref());
    let mut numbers: Vec<String> = Vec::new();
    for number in referenced.chain(shipments) {
        let fits = *number != order.reference && !numbers.contains(number);
        if fits && numbers.len() < limits::NUMBERS_PER_ORDER {
            numbers.push(number.clone());
        }
    }
    numbers
}

/// The words by which people look for an order: references, names, postcodes, cities.
pub(in crate::flow) fn search_words(order: &Order) -> String {
    let mut words = String::new();
    let mut add = |word: &str| {
        if !word.is_empty() {
            words.push(' ');
            words.extend(word.chars().flat_map(char::to_lowercase));
        }
    };
    order.references.values().for_each(|value| add(value));
    let stops = order.shipments.iter().flat_map(|shipment| {
        shipment
            .pickup
            .iter()
            .chain(&shipment.delivery)
            .filter_map(|stop| stop.party.as_ref())
    });
    for party in order.parties.values().chain(stops) {
        for word in [&party.name, &party.postcode, &party.city]
            .into_iter()
            .flatten()
        {
            add(word);
        }
    }
    for shipment in &order.shipments {
        shipment.id.iter().for_each(|id| add(id));
    }
    words
}

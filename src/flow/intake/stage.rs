//! One parsed order made ready for the ledger: who it is, where it is owed, how it is found.

use crate::jail::ParsedOrder;
use crate::ledger::StagedOrder;
use crate::order::{Brief, Order, Origin, content_hash};
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
    /// Whether a condition of the route or a check of a destination reads the whole order.
    whole: bool,
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
        let checked = |name: &String| {
            let lane = ports.lanes.get(name);
            lane.is_some_and(|lane| lane.partner.checks())
        };
        Self {
            ports,
            sender,
            route,
            on_change: ports.plan.on_change(route, sender, chosen),
            hold: route.hold || held_source,
            whole: route.asks() || route.to.iter().any(|to| checked(&to.destination)),
            next: 0,
        }
    }

    /// The next order of the file.
    ///
    /// # Errors
    /// Why it is owed to nobody: the operator's turn.
    pub(super) fn stage(&mut self, parsed: ParsedOrder) -> Result<StagedOrder, String> {
        let unreadable = |error| format!("An order is not as its reader should tell it: {error}.");
        let brief = Brief::read(&parsed.content).map_err(unreadable)?;
        let order = self.whole.then(|| parsed.order()).transpose();
        let order = order.map_err(unreadable)?;
        let destinations = self.route.destinations(order.as_ref())?;
        if destinations.is_empty() {
            return Err(format!(
                "No destination of its route is for order {}.",
                brief.reference()
            ));
        }
        let refused = order.map(|order| self.refused(&order, &parsed.origin, &destinations));
        let seq = self.next;
        self.next += 1;
        Ok(StagedOrder {
            seq,
            identity: brief.identity(self.sender),
            action: brief.action,
            kind: brief.kind.as_str(),
            content_hash: content_hash(&parsed.content),
            search: brief.search_words(),
            numbers: brief.numbers(),
            refused: refused.unwrap_or_default(),
            reference: brief.reference().to_owned(),
            content: parsed.content,
            source_hash: parsed.source_hash,
            origin: parsed.origin,
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

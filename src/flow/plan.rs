//! Who is who and what goes where: the configuration's routes as pure functions.
//!
//! Senders: the sub-address' customer number beats an address beats the source's name. Routes: the
//! first that fits a file counts, and within it every destination whose condition holds for the
//! order.

use globset::GlobMatcher;
use jiff::tz::TimeZone;

use crate::expression::Expression;
use crate::formats::FormatKind;
use crate::ledger::DueParse;
use crate::ledger::tracking::Way;
use crate::order::Order;
use crate::profiles::{Candidate, Chosen, MaxBadOrders, OnBadRow};
use crate::revision::OnChange;
use crate::writers::answers::Answer;

/// All of it.
#[derive(Debug, Default)]
pub struct Plan {
    /// In the order of the configuration.
    pub senders: Vec<Sender>,
    /// In the order of the configuration.
    pub routes: Vec<Route>,
}

/// A trading partner or customer that files are from.
#[derive(Debug, Default)]
pub struct Sender {
    /// Its name.
    pub name: String,
    /// The sources whose files are its.
    pub sources: Vec<String>,
    /// The addresses whose mails are its; `*@acme.example` stands for a domain.
    pub addresses: Vec<String>,
    /// The customer numbers of our sub-addresses that are its: `1234`, or `1122.1234` with the
    /// carrier's.
    pub customers: Vec<String>,
    /// The destinations it carries for: it may tell of the orders that they were given.
    pub carries: Vec<String>,
    /// The zone of times in its files that name none.
    pub time_zone: Option<TimeZone>,
    /// Who hears about errors.
    pub contact: Option<String>,
    /// Its policy for bad rows.
    pub on_bad_row: Option<OnBadRow>,
    /// Its tolerance.
    pub max_bad_orders: Option<MaxBadOrders>,
    /// Its policy for known numbers.
    pub on_change: Option<OnChange>,
}

/// Where files go.
#[derive(Debug, Default)]
pub struct Route {
    /// Only files of this source.
    pub source: Option<String>,
    /// Only files of this sender.
    pub sender: Option<String>,
    /// Only files whose name matches.
    pub file: Option<GlobMatcher>,
    /// Only files of these formats; empty fits all.
    pub formats: Vec<FormatKind>,
    /// Read with this profile.
    pub profile: Option<String>,
    /// Where its orders are owed.
    pub to: Vec<To>,
    /// The policy for bad rows.
    pub on_bad_row: Option<OnBadRow>,
    /// The tolerance.
    pub max_bad_orders: Option<MaxBadOrders>,
    /// The policy for known numbers.
    pub on_change: Option<OnChange>,
    /// Whether its orders wait for a person.
    pub hold: bool,
    /// The answer to its files.
    pub answer: Option<AnswerTo>,
}

/// An answer in the partner's own format, and where it is laid.
#[derive(Debug, Clone)]
pub struct AnswerTo {
    /// Its format.
    pub format: Answer,
    /// The destination that takes it; `None`: the file's own source.
    pub to: Option<String>,
    /// The folder at the source.
    pub folder: String,
    /// Who we are in it.
    pub our_id: Option<String>,
    /// Who the partner is.
    pub partner_id: Option<String>,
}

impl AnswerTo {
    /// The name of the place for files of `source`.
    #[must_use]
    pub fn place(&self, source: &str) -> String {
        match &self.to {
            Some(to) => format!("destination {to}"),
            None => format!("source {source}, folder {}", self.folder),
        }
    }
}

/// One destination of a route.
#[derive(Debug)]
pub struct To {
    /// Its name.
    pub destination: String,
    /// Only orders for which this holds.
    pub when: Option<Expression>,
}

/// The ways in which one file may be read, and the route behind each.
#[derive(Debug, Default)]
pub struct Ways {
    /// For the child.
    pub candidates: Vec<Candidate>,
    /// For each candidate, its route's place in [`Plan::routes`].
    pub routes: Vec<usize>,
}

impl Plan {
    /// Who a file from `source` is from.
    #[must_use]
    pub fn sender(&self, source: &str) -> String {
        let named = self
            .senders
            .iter()
            .find(|sender| sender.sources.iter().any(|s| s == source));
        named.map_or_else(|| source.to_owned(), |sender| sender.name.clone())
    }

    /// The sender's entry, where the configuration has one.
    #[must_use]
    pub fn entry(&self, sender: &str) -> Option<&Sender> {
        self.senders.iter().find(|entry| entry.name == sender)
    }

    /// The ways in which `file` may be read, by the routes that fit what is known before reading.
    #[must_use]
    pub fn ways(&self, file: &DueParse) -> Ways {
        let mut ways = Ways::default();
        let sender = self.entry(&file.sender);
        for (index, route) in self.routes.iter().enumerate() {
            if !route.fits(&file.source, &file.sender, &file.name) {
                continue;
            }
            let formats: Vec<Option<FormatKind>> = match route.formats.as_slice() {
                [] => vec![None],
                formats => formats.iter().copied().map(Some).collect(),
            };
            for format in formats {
                ways.candidates.push(Candidate {
                    format,
                    profile: route.profile.clone(),
                    on_bad_row: route.on_bad_row.or_else(|| sender?.on_bad_row),
                    max_bad_orders: route.max_bad_orders.or_else(|| sender?.max_bad_orders),
                });
                ways.routes.push(index);
            }
        }
        ways
    }

    /// The place of the route by which a file has come, as the configuration is now.
    #[must_use]
    pub fn position(&self, way: &Way) -> Option<usize> {
        let format = way.format.as_deref().and_then(FormatKind::parse);
        self.routes.iter().position(|route| {
            let read = route.profile.is_none() || route.profile == way.profile;
            let kind = route.formats.is_empty()
                || format.is_some_and(|format| route.formats.contains(&format));
            read && kind && route.fits(&way.source, &way.sender, &way.name)
        })
    }

    /// The route of a file that was read as `chosen`.
    #[must_use]
    pub fn route(&self, ways: &Ways, chosen: &Chosen) -> Option<&Route> {
        self.routes.get(*ways.routes.get(chosen.candidate?)?)
    }

    /// The answer that is owed to `file`, read in this one of its ways; the first way where it was
    /// not read.
    #[must_use]
    pub fn answer(&self, file: &DueParse, candidate: Option<usize>) -> Option<&AnswerTo> {
        if self.routes.iter().all(|route| route.answer.is_none()) {
            return None;
        }
        let ways = self.ways(file);
        let route = ways.routes.get(candidate.unwrap_or(0))?;
        self.routes.get(*route)?.answer.as_ref()
    }

    /// The policy for known numbers: route over sender over profile.
    #[must_use]
    pub fn on_change(&self, route: &Route, sender: &str, chosen: &Chosen) -> OnChange {
        route
            .on_change
            .or_else(|| self.entry(sender)?.on_change)
            .or(chosen.on_change)
            .unwrap_or_default()
    }
}

impl Route {
    fn fits(&self, source: &str, sender: &str, name: &str) -> bool {
        self.source.as_deref().is_none_or(|wanted| wanted == source)
            && self.sender.as_deref().is_none_or(|wanted| wanted == sender)
            && self.file.as_ref().is_none_or(|glob| glob.is_match(name))
    }

    /// Whether where an order is owed depends on what it says.
    #[must_use]
    pub fn asks(&self) -> bool {
        self.to.iter().any(|to| to.when.is_some())
    }

    /// Where an order is owed. It may be `None` unless [`Route::asks`].
    ///
    /// # Errors
    /// The words of a condition that cannot be evaluated: the operator's turn.
    pub fn destinations(&self, order: Option<&Order>) -> Result<Vec<String>, String> {
        let mut owed = Vec::with_capacity(self.to.len());
        for to in &self.to {
            let holds = match (&to.when, order) {
                (None, _) => true,
                (Some(when), Some(order)) => when
                    .holds_for(order)
                    .map_err(|error| format!("when = {when:?}: {error}"))?,
                (Some(when), None) => return Err(format!("when = {when:?} was not asked")),
            };
            if holds && !owed.contains(&to.destination) {
                owed.push(to.destination.clone());
            }
        }
        Ok(owed)
    }
}

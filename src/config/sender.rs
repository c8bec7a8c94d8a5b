//! `[[sender]]`: who files are from.

use super::mail::time_zone;
use super::section::Section;
use super::source::address;
use crate::profiles::{MaxBadOrders, OnBadRow};
use crate::revision::OnChange;

/// One sender.
#[derive(Debug, Clone)]
pub struct SenderConfig {
    /// Its name.
    pub name: String,
    /// Which files are its own; any one suffices.
    pub matches: Matches,
    /// Who hears about errors.
    pub contact: Option<String>,
    /// The destinations it carries for: its status files may tell of the orders that they were given.
    pub carries: Vec<String>,
    /// Who hears what is told of its orders: mail addresses and URLs.
    pub followers: Vec<String>,
    /// The zone of times in its files that name none.
    pub time_zone: Option<String>,
    /// What to do with wrong and changed orders.
    pub policy: Policy,
}

/// Which files are a sender's own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Matches {
    /// Everything from these sources.
    pub sources: Vec<String>,
    /// Mails from these addresses; `*@acme.example` stands for a whole domain.
    pub addresses: Vec<String>,
    /// Mails to a sub-address with this customer number.
    pub customers: Vec<String>,
}

/// Policies that a route may set over a sender, and a sender over a profile.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Policy {
    /// Reject the file, or skip the wrong orders.
    pub on_bad_row: Option<OnBadRow>,
    /// How many wrong orders are skipped at most.
    pub max_bad_orders: Option<MaxBadOrders>,
    /// What to do with a known number and other content.
    pub on_change: Option<OnChange>,
}

pub(super) fn read(section: Section<'_, '_>) -> SenderConfig {
    let sender = SenderConfig {
        name: section.name("sender").unwrap_or_default(),
        matches: section.table("match").map(matches).unwrap_or_default(),
        contact: address(&section, "contact"),
        carries: carries(&section),
        followers: super::tracking::followers(&section),
        time_zone: time_zone(&section),
        policy: policy(&section),
    };
    section.finish();
    sender
}

fn carries(section: &Section<'_, '_>) -> Vec<String> {
    let carries: Vec<String> = section.get("carries").unwrap_or_default();
    for destination in &carries {
        section.refer("destination", destination, "carries");
    }
    carries
}

/// The policies of a sender or route.
pub(super) fn policy(section: &Section<'_, '_>) -> Policy {
    let on_bad_row = [
        ("reject-file", OnBadRow::RejectFile),
        ("skip-orders", OnBadRow::SkipOrders),
    ];
    let on_change = [
        ("refuse", OnChange::Refuse),
        ("update", OnChange::Update),
        ("ignore", OnChange::Ignore),
    ];
    Policy {
        on_bad_row: section.word("on_bad_row", &on_bad_row),
        max_bad_orders: section.get("max_bad_orders"),
        on_change: section.word("on_change", &on_change),
    }
}

fn matches(table: Section<'_, '_>) -> Matches {
    let list = |key| table.get::<Vec<String>>(key).unwrap_or_default();
    let matches = Matches {
        sources: list("source"),
        addresses: list("address"),
        customers: list("customer"),
    };
    for source in &matches.sources {
        table.refer("source", source, "source");
        table.define("the match of source", source, "source");
    }
    for address in &matches.addresses {
        table.define("the match of address", &address.to_lowercase(), "address");
        if !super::mailbox::is_pattern(address) {
            table.error(
                "address",
                "`address` must be mail addresses such as \"jan@acme.example\" or \"*@acme.example\"",
            );
        }
    }
    for customer in &matches.customers {
        table.define(
            "the match of customer",
            &customer.to_lowercase(),
            "customer",
        );
    }
    table.finish();
    matches
}

//! How what is told of orders is kept and forwarded, as the configuration says.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;

use crate::arrival::OrderId;
use crate::callbacks::Callbacks;
use crate::clock::Millis;
use crate::flow::plan::Plan;
use crate::ledger::tracking::{NewEvent, Unforwarded};
use crate::limits;
use crate::partners::file::Place;
use crate::tracking::{TrackingEvent, sign};

/// All of it. Without configuration events are kept and nobody is told.
#[derive(Clone)]
pub struct TrackingRules {
    /// How long an event waits for an order that is not known yet.
    pub grace: Duration,
    /// Whether followers hear by mail.
    pub mails: bool,
    /// How followers hear by URL; `None`: they do not.
    pub callbacks: Option<Arc<dyn Callbacks>>,
    /// How long somebody follows an order at most.
    pub follow_for: Duration,
    /// How links are made; `None`: there are none.
    pub links: Option<Links>,
    /// Folders in which sources find the news of their orders.
    pub folders: BTreeMap<String, StatusFolder>,
    /// Who hears of all orders of a sender.
    pub of_sender: BTreeMap<String, Vec<String>>,
    /// Who hears of all orders of a route, by its place in the plan.
    pub of_route: Vec<Vec<String>>,
    /// Who hears of all orders that a destination was given.
    pub of_destination: BTreeMap<String, Vec<String>>,
}

impl Default for TrackingRules {
    fn default() -> Self {
        Self {
            grace: limits::STATUS_GRACE,
            mails: false,
            callbacks: None,
            follow_for: limits::FOLLOW_FOR,
            links: None,
            folders: BTreeMap::new(),
            of_sender: BTreeMap::new(),
            of_route: Vec::new(),
            of_destination: BTreeMap::new(),
        }
    }
}

/// Where a source finds the news of its orders.
#[derive(Clone)]
pub struct StatusFolder {
    /// What writes a file there, once.
    pub folder: Arc<dyn Place>,
    /// As csv; else as JSON.
    pub csv: bool,
}

/// Addresses of our public page, and what only we can have made.
#[derive(Clone)]
pub struct Links {
    /// How the outside calls us, without a slash at the end.
    pub base: Option<String>,
    /// What signs them. Never shown.
    pub secret: Arc<[u8]>,
    /// Whether the page that shows an order is open; leaving is always possible.
    pub page: bool,
}

impl Links {
    /// Where an order is shown.
    #[must_use]
    pub fn order(&self, order: OrderId) -> Option<String> {
        let base = self.base.as_ref().filter(|_| self.page)?;
        let signature = sign::link(&self.secret, order);
        Some(format!("{base}/track/{order}/{signature}"))
    }

    /// Where a follower leaves.
    pub(super) fn leave(&self, token: &str) -> Option<String> {
        let base = self.base.as_ref()?;
        Some(format!("{base}/track/leave/{token}"))
    }
}

impl TrackingRules {
    /// An event that was heard at `now`, ready for the ledger; a time without an offset is one of
    /// `zone`.
    #[must_use]
    pub fn heard(&self, event: TrackingEvent, zone: &TimeZone, now: Millis) -> NewEvent {
        let event = event.bounded();
        NewEvent {
            happened: event.happened(zone),
            event,
            until: now.after(self.grace),
        }
    }

    /// Who hears of an event because the operator said so.
    pub(super) fn standing(&self, one: &Unforwarded, plan: &Plan) -> Vec<&str> {
        let of_sender = self.of_sender.get(&one.sender).into_iter();
        let route = plan.position(&one.way);
        let of_route = route.and_then(|at| self.of_route.get(at)).into_iter();
        let lanes = one.destinations.iter();
        let of_lanes = lanes.filter_map(|name| self.of_destination.get(name));
        let mut standing: Vec<&str> = Vec::new();
        for target in of_sender.chain(of_route).chain(of_lanes).flatten() {
            if !standing.contains(&target.as_str()) {
                standing.push(target);
            }
        }
        standing
    }

    /// Why `target` cannot follow any order, if it cannot.
    #[must_use]
    pub fn objection(&self, target: &str) -> Option<String> {
        if target.chars().count() > limits::FOLLOWER_CHARS {
            return Some("It is too long.".to_owned());
        }
        if target.contains("://") {
            return match &self.callbacks {
                None => Some("No URLs are called here.".to_owned()),
                Some(callbacks) => callbacks.objection(target),
            };
        }
        if !self.mails {
            return Some("No mails are sent about orders here.".to_owned());
        }
        match crate::mail::report::check_address(target) {
            Ok(address) if address == target => None,
            _ => Some("It is not a mail address.".to_owned()),
        }
    }
}

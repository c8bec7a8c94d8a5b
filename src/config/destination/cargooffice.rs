//! `[[destination]]` of `kind = "cargooffice"`.

use std::time::Duration;

use super::super::secrets::needed;
use super::super::section::Section;
use super::link::{self, LinkConfig};
use super::track::{self, Waits};
use crate::secret::SecretRef;

/// `kind = "cargooffice"`.
#[derive(Debug, Clone)]
pub struct CargoofficeConfig {
    /// Where it is.
    pub link: LinkConfig,
    /// What the time is signed with.
    pub key: SecretRef,
    /// The carrier's number, where orders name none.
    pub carrier: Option<String>,
    /// The customer's number, where orders name none.
    pub customer: Option<String>,
    /// The path of orders (default `order`).
    pub orders_path: String,
    /// When orders are asked for; without it they are not.
    pub track: Option<Waits>,
    /// The statuses after which nothing comes any more (default `delivered` and `afgeleverd`).
    pub final_states: Vec<String>,
}

pub(super) fn read(section: &Section<'_, '_>) -> CargoofficeConfig {
    CargoofficeConfig {
        link: link::read(section),
        key: needed(section, "key"),
        carrier: section.get("carrier"),
        customer: section.get("customer"),
        orders_path: section.or("orders_path", "order".to_owned()),
        track: section.table("track").map(|table| {
            let waits = track::waits(&table, Duration::from_hours(1));
            table.finish();
            waits
        }),
        final_states: section.or("final_states", states()),
    }
}

fn states() -> Vec<String> {
    vec!["delivered".to_owned(), "afgeleverd".to_owned()]
}

//! `[[destination]]` of `kind = "cargooffice"`.

use super::super::secrets::needed;
use super::super::section::Section;
use super::link::{self, LinkConfig};
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
}

pub(super) fn read(section: &Section<'_, '_>) -> CargoofficeConfig {
    CargoofficeConfig {
        link: link::read(section),
        key: needed(section, "key"),
        carrier: section.get("carrier"),
        customer: section.get("customer"),
        orders_path: section.or("orders_path", "order".to_owned()),
    }
}

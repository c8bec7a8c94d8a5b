//! `[[destination]]` of `kind = "cargamos"`.

use std::collections::BTreeMap;

use super::super::secrets::needed;
use super::super::section::Section;
use super::link::{self, LinkConfig};
use crate::secret::SecretRef;

/// `kind = "cargamos"`.
#[derive(Debug, Clone)]
pub struct CargamosConfig {
    /// Where it is.
    pub link: LinkConfig,
    /// The shipper's key.
    pub key: SecretRef,
    /// Who we are there.
    pub user: String,
    /// Our password.
    pub password: SecretRef,
    /// The path of the log-in (default `v1/login`).
    pub login_path: String,
    /// The path of shipments (default `v1/shipments`).
    pub shipments_path: String,
    /// What our own tracking id is called there (default `shipperTrackingId`).
    pub tracking_id_name: String,
    /// Fields that are taken from elsewhere: expressions over `order`.
    pub fields: BTreeMap<String, String>,
}

pub(super) fn read(section: &Section<'_, '_>) -> CargamosConfig {
    CargamosConfig {
        link: link::read(section),
        key: needed(section, "key"),
        user: section.need("user").unwrap_or_default(),
        password: needed(section, "password"),
        login_path: section.or("login_path", "v1/login".to_owned()),
        shipments_path: section.or("shipments_path", "v1/shipments".to_owned()),
        tracking_id_name: section.or("tracking_id_name", "shipperTrackingId".to_owned()),
        fields: link::texts(section, "fields"),
    }
}

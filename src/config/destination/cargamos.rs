//! `[[destination]]` of `kind = "cargamos"`.

use std::collections::BTreeMap;
use std::time::Duration;

use super::super::secrets::needed;
use super::super::section::Section;
use super::link::{self, LinkConfig};
use super::track::{self, HookConfig, Waits};
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
    /// The path of its webhook's address (default `v1/webhooks`).
    pub webhooks_path: String,
    /// What our own tracking id is called there (default `shipperTrackingId`).
    pub tracking_id_name: String,
    /// When shipments are asked for; without it they are not.
    pub track: Option<CargamosTrack>,
    /// The states after which nothing comes any more (default `DELIVERED`).
    pub final_states: Vec<String>,
    /// Where its webhook calls us.
    pub hook: Option<HookConfig>,
    /// Fields that are taken from elsewhere: expressions over `order`.
    pub fields: BTreeMap<String, String>,
}

impl CargamosConfig {
    /// Where it is asked what has happened to a shipment: who follows none can still ask about one.
    #[must_use]
    pub fn tracking_path(&self) -> &str {
        let track = self.track.as_ref();
        track.map_or(TRACKING_PATH, |track| &track.path)
    }
}

/// The path of what has happened to a shipment, unless configured.
const TRACKING_PATH: &str = "v1/shipment-tracking";

/// `track = { … }`.
#[derive(Debug, Clone)]
pub struct CargamosTrack {
    /// The path of what has happened to a shipment (default `v1/shipment-tracking`).
    pub path: String,
    /// When shipments are asked for (default every hour).
    pub waits: Waits,
}

pub(super) fn read(section: &Section<'_, '_>) -> CargamosConfig {
    CargamosConfig {
        link: link::read(section),
        key: needed(section, "key"),
        user: section.need("user").unwrap_or_default(),
        password: needed(section, "password"),
        login_path: section.or("login_path", "v1/login".to_owned()),
        shipments_path: section.or("shipments_path", "v1/shipments".to_owned()),
        webhooks_path: section.or("webhooks_path", "v1/webhooks".to_owned()),
        tracking_id_name: section.or("tracking_id_name", "shipperTrackingId".to_owned()),
        track: section.table("track").map(track),
        final_states: section.or("final_states", vec!["DELIVERED".to_owned()]),
        hook: track::hook(section, false),
        fields: link::texts(section, "fields"),
    }
}

fn track(table: Section<'_, '_>) -> CargamosTrack {
    let track = CargamosTrack {
        path: table.or("path", TRACKING_PATH.to_owned()),
        waits: track::waits(&table, Duration::from_hours(1)),
    };
    table.finish();
    track
}

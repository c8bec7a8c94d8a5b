//! `[[destination]]` of `kind = "contargo"`.

use std::collections::BTreeMap;
use std::time::Duration;

use super::super::secrets::needed;
use super::super::section::Section;
use super::link::{self, LinkConfig};
use super::track::{self, Waits};
use crate::secret::SecretRef;

/// The documented one.
const TOKEN_URL: &str = "https://login.contargo.net/auth/realms/cola/protocol/openid-connect/token";

/// `kind = "contargo"`.
#[derive(Debug, Clone)]
pub struct ContargoConfig {
    /// Where it is.
    pub link: LinkConfig,
    /// Who we are there.
    pub user: String,
    /// Our password.
    pub password: SecretRef,
    /// Where tokens come from.
    pub token_url: String,
    /// What the token server calls the interface (default `cola-api`).
    pub client_id: String,
    /// What is asked for (default `openid`).
    pub scope: String,
    /// The path of locations (default `locations`).
    pub locations_path: String,
    /// The path of STAR orders (default `star/orders`).
    pub orders_path: String,
    /// The path by which events are reported (default `tracking/events`).
    pub events_path: String,
    /// How orders are followed; without it they are not.
    pub track: Option<ContargoTrack>,
    /// Fields that are taken from elsewhere: expressions over `order`.
    pub fields: BTreeMap<String, String>,
}

/// `track = { … }`.
#[derive(Debug, Clone)]
pub struct ContargoTrack {
    /// The path of what has happened to an order (default `tracking`).
    pub path: String,
    /// The path of the stream (default `tracking/events`); empty: it is not listened to.
    pub stream_path: String,
    /// What Contargo calls the one position of an order (default `1`).
    pub position: String,
    /// When orders are asked for (every day, beside the stream).
    pub waits: Waits,
    /// An order whose container is not named is asked for at most so often (default 1 min).
    pub rest: Duration,
    /// What others tell of its orders is reported: their codes and words, and what Contargo calls
    /// them. Without it nothing is.
    pub report: Option<BTreeMap<String, String>>,
}

pub(super) fn read(section: &Section<'_, '_>) -> ContargoConfig {
    let token_url = link::address(section, "token_url", false);
    ContargoConfig {
        link: link::read(section),
        user: section.need("user").unwrap_or_default(),
        password: needed(section, "password"),
        token_url: token_url.unwrap_or_else(|| TOKEN_URL.to_owned()),
        client_id: section.or("client_id", "cola-api".to_owned()),
        scope: section.or("scope", "openid".to_owned()),
        locations_path: section.or("locations_path", "locations".to_owned()),
        orders_path: section.or("orders_path", "star/orders".to_owned()),
        events_path: section.or("events_path", "tracking/events".to_owned()),
        track: section.table("track").map(track),
        fields: link::texts(section, "fields"),
    }
}

fn track(table: Section<'_, '_>) -> ContargoTrack {
    let track = ContargoTrack {
        path: table.or("path", "tracking".to_owned()),
        stream_path: table.or("stream_path", "tracking/events".to_owned()),
        position: table.or("position", "1".to_owned()),
        waits: track::waits(&table, Duration::from_hours(24)),
        rest: track::span(&table, "rest", Duration::from_mins(1)),
        report: table.has("report").then(|| link::texts(&table, "report")),
    };
    table.finish();
    track
}

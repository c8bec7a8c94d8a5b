//! `[[destination]]` of `kind = "contargo"`.

use std::collections::BTreeMap;

use super::super::secrets::needed;
use super::super::section::Section;
use super::link::{self, LinkConfig};
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
    /// Fields that are taken from elsewhere: expressions over `order`.
    pub fields: BTreeMap<String, String>,
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
        fields: link::texts(section, "fields"),
    }
}

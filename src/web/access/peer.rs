//! Who is at the other end: the connection's address, or what a trusted proxy says of it.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use axum::response::Response;

use crate::web::Shared;

/// The address of whoever asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Peer(pub(crate) IpAddr);

impl FromRequestParts<Shared> for Peer {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, site: &Shared) -> Result<Self, Response> {
        let near = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let near = near.map_or(IpAddr::from([0, 0, 0, 0]), |info| info.0.ip());
        Ok(Self(behind(
            near,
            &parts.headers,
            &site.config.trusted_proxies,
        )))
    }
}

/// Goes back through the proxies that are trusted, and believes the first address that is not one:
/// everything to the left of it was written by whoever is there.
fn behind(near: IpAddr, headers: &HeaderMap, trusted: &[IpAddr]) -> IpAddr {
    let mut address = near;
    let lists = headers.get_all("x-forwarded-for");
    let lists: Vec<&str> = lists.iter().filter_map(|list| list.to_str().ok()).collect();
    let hops = lists.iter().flat_map(|list| list.split(','));
    let mut hops: Vec<&str> = hops.collect();
    while trusted.contains(&address) {
        let Some(next) = hops.pop().and_then(|hop| hop.trim().parse().ok()) else {
            return address;
        };
        address = next;
    }
    address
}

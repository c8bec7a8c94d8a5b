//! What a browser and other programs see of orderdock: one HTTP server in the daemon.
//!
//! ```text
//!  serve.rs    connections: TLS, time limits, how many          access/  who is it, what may they do
//!  guard.rs    every answer: headers, host, sizes, mistakes      pages/   what people see
//!  api/        cargooffice/: what programs ask                    taking.rs  bodies, piece by piece
//!  health.rs   metrics/: for supervisors                         view.rs  templates and assets
//! ```
//!
//! Promises: nothing is shown or changed without a session or key that may do so, but the health
//! checks and the public pages; every change goes through the same desk as the command line and
//! records who it was; no page loads anything from elsewhere; no page or answer holds a secret.
//! Never: a file of a partner parsed here, a body without a limit, a wait without an end.

use std::sync::Arc;

use axum::Router;
use axum::middleware;
use axum::routing::get;
use secrecy::SecretString;

use crate::config::WebConfig;
use crate::control::Desk;
use crate::ledger::Reads;
use crate::ledger::people::People;
use crate::ledger::tracking::Tracking;

mod access;
mod api;
mod cargooffice;
mod guard;
mod health;
mod hooks;
mod metrics;
mod pages;
mod serve;
mod taking;
mod view;

pub use access::cookie::{hashed, new_key};
pub use access::invite::Invitations;
pub use access::openid::Provider;
pub use access::password::hash as hash_password;
pub use serve::{Bound, bind, serve};

/// Where a provider sends browsers back to.
pub const OPENID_BACK: &str = "/login/openid/back";

/// What every handler shares.
pub struct Site {
    desk: Desk,
    people: Arc<dyn People>,
    reads: Arc<dyn Reads>,
    config: WebConfig,
    doors: access::Doors,
    rates: api::Rates,
    feed: api::Feed,
    views: view::Views,
    invitations: Invitations,
    ledger: Arc<dyn Tracking>,
    tries: pages::Tries,
    cargooffice: Option<cargooffice::Cargooffice>,
    provider: Option<Provider>,
}

impl Site {
    /// A site over the daemon's desk.
    #[must_use]
    pub fn new<L: Reads + People + Tracking + 'static>(
        desk: Desk,
        ledger: &Arc<L>,
        config: WebConfig,
    ) -> Self {
        Self {
            desk,
            people: Arc::clone(ledger) as Arc<dyn People>,
            reads: Arc::clone(ledger) as Arc<dyn Reads>,
            rates: api::Rates::new(config.key_rate),
            config,
            doors: access::Doors::default(),
            feed: api::Feed::default(),
            views: view::Views::new(),
            invitations: Invitations::default(),
            ledger: Arc::clone(ledger) as Arc<dyn Tracking>,
            tries: pages::Tries::default(),
            cargooffice: None,
            provider: None,
        }
    }

    /// Lets people sign in at a provider too.
    #[must_use]
    pub fn with_provider(mut self, provider: Provider) -> Self {
        self.provider = Some(provider);
        self
    }

    /// Opens the interface for clients of Cargooffice too, if the configuration says so.
    #[must_use]
    pub fn with_cargooffice(mut self, key: SecretString) -> Self {
        let settings = self.config.cargooffice.clone();
        self.cargooffice = settings.map(|settings| cargooffice::Cargooffice::new(settings, key));
        self
    }
}

impl Site {
    /// Where links into the console are made.
    #[must_use]
    pub fn invitations(&self) -> Invitations {
        self.invitations.clone()
    }

    /// The names of all sources, for choosing one.
    fn sources(&self) -> Vec<String> {
        let running = self.desk.running().unwrap_or_default();
        running
            .sources
            .into_iter()
            .map(|source| source.name)
            .collect()
    }

    /// The names of all destinations.
    fn destinations(&self) -> Vec<String> {
        let running = self.desk.running().unwrap_or_default();
        running.lanes.into_iter().map(|lane| lane.name).collect()
    }
}

/// A site as handlers hold it.
type Shared = Arc<Site>;

/// Every address there is, and what stands before it.
fn router(site: Shared) -> Router {
    Router::new()
        .route("/healthz", get(health::live))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(metrics::metrics))
        .merge(pages::routes())
        .merge(cargooffice::routes())
        .merge(api::routes(&site))
        .merge(hooks::routes())
        .fallback(pages::missing)
        .layer(middleware::from_fn_with_state(
            Arc::clone(&site),
            guard::guard,
        ))
        .with_state(site)
}

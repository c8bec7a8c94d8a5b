//! Sandboxes: a stand-in for each partner, to rehearse a mapping before there are credentials.
//!
//! A sandbox answers as the partner's documents say: the same checks in the same order, the same
//! error bodies, the same life of a token or an order. What the documents leave open is a setting
//! with a default. Written from those documents and never from our own connectors, so that a
//! misreading of one shows at the other.
//!
//! Each partner is a `Stand`: a plain state that turns a request into an answer without any input or
//! output. Around it stand a clock that can be set (`time`), switches for what goes wrong (`fault`),
//! a request log (`log`), and what partners send by themselves (`send`). Nothing is durable; every table is bounded; ids are the same in every run.
//!
//! ```text
//! request ▸ fault? ▸ stand.answer(call, house) ▸ log ▸ answer ▸ callbacks
//!                                  ▲
//!            /_sandbox/KIND/ACTION ┘  what happens on the partner's side
//! ```

mod call;
mod cargamos;
mod cargoconnect;
mod cargooffice;
mod contargo;
mod control;
mod fault;
mod ids;
mod kind;
mod link;
mod log;
mod page;
mod send;
mod server;
mod settings;
mod shared;
mod soap;
mod stand;
mod stream;
mod time;
mod trademax;
mod urlencoded;
mod welcome;
mod xml;

use std::net::SocketAddr;
use std::sync::Arc;

use serde_json::Value;
use tokio::net::TcpListener;

use crate::failure::Failure;
use link::{Door, Link};
use shared::{Shared, lock};

pub use kind::Kind;
pub use log::Entry;
pub use settings::{
    Callback, Cargamos, CargoConnect, Cargooffice, Contargo, Settings, Soap, Trademax,
};
pub use trademax::natural;

/// What a sandbox is started with.
#[derive(Debug, Clone)]
pub struct Options {
    /// The partners it stands in for.
    pub kinds: Vec<Kind>,
    /// Where it listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Credentials, lifetimes and strictness.
    pub settings: Settings,
    /// Fault rules in force from the start.
    pub faults: Vec<String>,
    /// What its clock shows at the start (RFC 3339); else the real time.
    pub clock: Option<String>,
    /// Whether its clock stands still until it is moved.
    pub frozen: bool,
}

impl Options {
    /// These partners on a free port of loopback, everything else by default.
    #[must_use]
    pub fn new(kinds: &[Kind]) -> Self {
        Self {
            kinds: kinds.to_vec(),
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            settings: Settings::default(),
            faults: Vec::new(),
            clock: None,
            frozen: false,
        }
    }

    /// Whether the faults and the clock can be read.
    ///
    /// # Errors
    /// A sentence about the first that cannot.
    pub fn check(&self) -> Result<(), String> {
        for rule in &self.faults {
            rule.parse::<fault::Rule>()?;
        }
        let at = self.clock.as_deref().map(time::instant);
        at.transpose().map(|_| ())
    }
}

/// A running sandbox; ends when dropped.
pub struct Sandbox {
    address: SocketAddr,
    shared: Arc<Shared>,
    serving: tokio::task::JoinHandle<()>,
}

impl std::fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sandbox")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl Sandbox {
    /// Starts it; it answers when this returns.
    ///
    /// # Errors
    /// The operator's, where an option is wrong or the address is taken.
    pub async fn start(options: &Options) -> Result<Self, Failure> {
        let during = "starting the sandbox";
        let shared = Arc::new(Shared::new(options)?);
        let listener = TcpListener::bind(options.listen).await;
        let listener = listener.map_err(|error| {
            Failure::operator(
                during,
                format!("{} cannot be used: {error}", options.listen),
            )
        })?;
        let door = Door(listener);
        let address = door.address();
        let address = address.map_err(|error| Failure::operator(during, error))?;
        let router = server::router(Arc::clone(&shared));
        let mut stopping = shared.stopping.subscribe();
        let serving = tokio::spawn(async move {
            let service = router.into_make_service_with_connect_info::<Link>();
            let served = axum::serve(door, service).with_graceful_shutdown(async move {
                // An error means that nobody is left who could stop it: the same as being told.
                stopping.wait_for(|stopping| *stopping).await.ok();
            });
            if let Err(error) = served.await {
                tracing::warn!(%error, "The sandbox ended.");
            }
        });
        Ok(Self {
            address,
            shared,
            serving,
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The url that a destination of this kind is given.
    #[must_use]
    pub fn url(&self, kind: Kind) -> String {
        format!("http://{}/{kind}{}", self.address, kind.base())
    }

    /// An address of the control path.
    #[must_use]
    pub fn control_url(&self, path: &str) -> String {
        format!("http://{}/_sandbox/{path}", self.address)
    }

    /// Where a Contargo destination gets its tokens.
    #[must_use]
    pub fn token_url(&self) -> String {
        let path = contargo::TOKEN_PATH;
        format!("http://{}/{}/{path}", self.address, Kind::Contargo)
    }

    /// What to tell whoever started it.
    #[must_use]
    pub fn welcome(&self) -> String {
        let kinds: Vec<_> = self.shared.kinds().collect();
        let origin = format!("http://{}", self.address);
        welcome::text(&origin, &kinds, &self.shared.settings.load())
    }

    /// Everything a partner holds.
    #[must_use]
    pub fn state(&self, kind: Kind) -> Value {
        let state = self.shared.stand(kind).map(|stand| stand.state());
        state.unwrap_or_default()
    }

    /// The request log, oldest first.
    #[must_use]
    pub fn log(&self) -> Vec<Entry> {
        self.shared.log.all()
    }

    /// Returns when the log has at least so many entries.
    pub async fn logged(&self, entries: u64) {
        let mut written = self.shared.log.watch();
        // The sender lives in `self`.
        written.wait_for(|written| *written >= entries).await.ok();
    }

    /// Does something on the partner's side, with every callback that follows from it.
    ///
    /// # Errors
    /// A sentence, where there is no such action or its input is wrong.
    pub async fn act(&self, kind: Kind, action: &str, input: &Value) -> Result<Value, String> {
        self.shared.act(kind, action, input).await
    }

    /// Switches one more fault on; the rule as in [`Options::faults`].
    ///
    /// # Errors
    /// A sentence, where the rule cannot be read.
    pub fn fault(&self, rule: &str) -> Result<(), String> {
        lock(&self.shared.faults).add(rule.parse()?)
    }

    /// Switches all faults off.
    pub fn heal(&self) {
        lock(&self.shared.faults).clear();
    }

    /// Moves the clock on.
    pub fn advance(&self, by: std::time::Duration) {
        let mut clock = lock(&self.shared.clock);
        *clock = clock.later(by);
    }

    /// Changes settings, as an object of those that change.
    ///
    /// # Errors
    /// A sentence, where a name or value is wrong.
    pub fn change(&self, changes: &Value) -> Result<(), String> {
        self.shared.change(changes)
    }

    /// Ends it: what is under way is answered, streams are closed, and the address is free again.
    pub async fn stop(mut self) {
        self.shared.stopping.send_replace(true);
        self.ended().await;
    }

    /// Returns when it has ended, which it does by itself only when it cannot go on.
    pub async fn ended(&mut self) {
        // A panic in the server has been told by its hook.
        (&mut self.serving).await.ok();
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.shared.stopping.send_replace(true);
    }
}

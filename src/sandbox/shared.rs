//! What all requests share: the stands, the clock, the settings, the faults and the log.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use tokio::sync::watch;

use super::fault::Faults;
use super::kind::Kind;
use super::log::Log;
use super::send::{self, Errand, Sender};
use super::settings::Settings;
use super::stand::{House, Stand};
use super::time::{self, Clock};
use super::{Options, call, cargamos, cargoconnect, cargooffice, contargo, soap, trademax};
use crate::failure::Failure;

/// The one value behind every handler.
pub(super) struct Shared {
    stands: BTreeMap<Kind, Mutex<Box<dyn Stand>>>,
    pub(super) clock: Mutex<Clock>,
    pub(super) settings: ArcSwap<Settings>,
    pub(super) faults: Mutex<Faults>,
    pub(super) log: Arc<Log>,
    sender: Arc<Sender>,
    pub(super) stopping: watch::Sender<bool>,
}

fn stand(kind: Kind) -> Box<dyn Stand> {
    match kind {
        Kind::Contargo => Box::new(contargo::Contargo::new()),
        Kind::Trademax => Box::new(trademax::Trademax::new()),
        Kind::Cargamos => Box::new(cargamos::Cargamos::default()),
        Kind::CargoConnect => Box::new(cargoconnect::CargoConnect::default()),
        Kind::Cargooffice => Box::new(cargooffice::Cargooffice::default()),
        Kind::Soap => Box::new(soap::Soap::default()),
    }
}

/// A lock whose holder never waits; a panic of another holder leaves the value usable.
pub(super) fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    pub(super) fn new(options: &Options) -> Result<Self, Failure> {
        let wrong = |error: String| Failure::operator("reading the sandbox's options", error);
        let mut faults = Faults::default();
        for rule in &options.faults {
            let rule = rule.parse().map_err(wrong)?;
            faults.add(rule).map_err(wrong)?;
        }
        let at = options.clock.as_deref().map(time::instant).transpose();
        Ok(Self {
            stands: options
                .kinds
                .iter()
                .map(|kind| (*kind, Mutex::new(stand(*kind))))
                .collect(),
            clock: Mutex::new(Clock::new(at.map_err(wrong)?, options.frozen)),
            settings: ArcSwap::from_pointee(options.settings.clone()),
            faults: Mutex::new(faults),
            log: Arc::new(Log::new()),
            sender: Arc::new(Sender::new()?),
            stopping: watch::Sender::new(false),
        })
    }

    /// The kinds that are served.
    pub(super) fn kinds(&self) -> impl Iterator<Item = Kind> + '_ {
        self.stands.keys().copied()
    }

    /// The kind that is served alone.
    pub(super) fn only(&self) -> Option<Kind> {
        let mut kinds = self.kinds();
        let first = kinds.next();
        kinds.next().map_or(first, |_| None)
    }

    pub(super) fn stand(&self, kind: Kind) -> Option<MutexGuard<'_, Box<dyn Stand>>> {
        self.stands.get(&kind).map(lock)
    }

    /// Forgets what the stands hold; settings, faults and clock stay.
    pub(super) fn forget(&self) {
        for (kind, state) in &self.stands {
            *lock(state) = stand(*kind);
        }
    }

    pub(super) fn house(&self, root: String) -> House {
        House {
            now: lock(&self.clock).now(),
            settings: self.settings.load_full(),
            root,
        }
    }

    fn errand(&self, kind: Kind, what: call::Outgoing) -> Errand {
        Errand {
            kind,
            at: lock(&self.clock).now().to_string(),
            smtp: self.settings.load().smtp.clone(),
            what,
        }
    }

    /// Sends in the background.
    pub(super) fn post(&self, kind: Kind, after: Vec<call::Outgoing>) {
        for what in after {
            send::spawn(&self.sender, &self.log, self.errand(kind, what));
        }
    }

    /// Sends, and tells what came of each.
    pub(super) async fn post_now(
        &self,
        kind: Kind,
        after: Vec<call::Outgoing>,
    ) -> Vec<serde_json::Value> {
        let mut told = Vec::with_capacity(after.len());
        for what in after {
            told.push(self.sender.send(self.errand(kind, what), &self.log).await);
        }
        told
    }
}

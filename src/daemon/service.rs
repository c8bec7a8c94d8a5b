//! The life of `orderdock run`: start, reload, watchdog, drain.
//!
//! SIGTERM lets what is under way end and exits 0; a second one ends at once, which is safe: all
//! that matters is in the ledger. SIGHUP validates the configuration and keeps the old one if the
//! new one is wrong. A ledger that stops for good ends the process, so that systemd starts it anew
//! and it recovers from the disk; a failed sync is never tried again.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use sd_notify::NotifyState;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::build::{Profiles, ledger_options, ports};
use super::live::{Daemon, Now, Reload};
use super::once;
use super::web::Web;
use super::workshop::Bench;
use crate::cli::Exit;
use crate::clock;
use crate::config::{Config, SourceKind};
use crate::control::{self, Desk, UploadPlace};
use crate::failure::Failure;
use crate::flow::{Flow, Ports};
use crate::jail::Jail;
use crate::ledger::Ledger;
use crate::ledger::sqlite::{OpenError, SqliteLedger, Stop};
use crate::limits;

/// Runs the daemon until it is told to end; with `once`, until all is tried.
#[must_use]
pub fn run(config: Config, once: bool) -> Exit {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    match runtime {
        Ok(runtime) => {
            let exit = runtime.block_on(live(config, once));
            // Nothing durable is under way any more: what blocks may be left behind.
            runtime.shutdown_timeout(Duration::from_secs(1));
            exit
        }
        Err(error) => {
            tracing::error!(%error, "The runtime could not be started.");
            Exit::Ours
        }
    }
}

async fn live(config: Config, once: bool) -> Exit {
    let profiles = match Profiles::load(&config) {
        Ok(profiles) => profiles,
        Err(errors) => {
            for error in errors {
                tracing::error!("{error}");
            }
            return Exit::Usage;
        }
    };
    let ledger = match SqliteLedger::open(&config.state_dir, ledger_options(&config)) {
        Ok(ledger) => Arc::new(ledger),
        Err(error) => return refused(&error),
    };
    let jail = super::jail(config.jail_children, profiles.texts.clone());
    let ports = match ports(
        &config,
        Arc::clone(&ledger) as Arc<dyn Ledger>,
        jail.clone(),
        once,
    ) {
        Ok(ports) => ports,
        Err(failure) => {
            tracing::error!(%failure, "The configuration cannot be used.");
            return Exit::Usage;
        }
    };
    if let Err(failure) = keep_profiles(&*ledger, &profiles).await {
        tracing::error!(%failure, "The profiles could not be recorded.");
        return Exit::Io;
    }
    if once {
        return once::run(ports, &ledger).await;
    }
    let means = Means {
        config,
        ledger,
        jail,
        profiles,
    };
    match Service::start(means, ports, Arc::new(|_| {})).await {
        Ok(service) => service.serve().await,
        Err(failure) => {
            tracing::error!(%failure, "The daemon could not be started.");
            Exit::Io
        }
    }
}

fn refused(error: &OpenError) -> Exit {
    tracing::error!("{error}");
    match error {
        OpenError::AlreadyRunning { .. } => Exit::Running,
        OpenError::Damaged { .. } => Exit::Damaged,
        _ => Exit::Io,
    }
}

/// Every file row names its profile by hash; the texts behind the hashes are kept. Asked for all at once, so
/// that one sync does for all.
async fn keep_profiles(ledger: &dyn Ledger, profiles: &Profiles) -> Result<(), Failure> {
    let kept = profiles.set.known().filter_map(|known| {
        let text = profiles.set.text(&known.known_as.name)?;
        Some(async move { ledger.keep_profile(&known.known_as.hash, text).await })
    });
    futures_util::future::try_join_all(kept).await?;
    Ok(())
}

/// What is changed about the ports after each reading of the configuration.
pub type Dress = Arc<dyn Fn(&mut Ports) + Send + Sync>;

/// A running daemon.
pub struct Service {
    config: Config,
    ledger: Arc<SqliteLedger>,
    jail: Jail,
    now: Arc<ArcSwap<Now>>,
    reloads: mpsc::Receiver<Reload>,
    control: tokio::task::JoinHandle<()>,
    web: Option<Web>,
    signals: Signals,
    dress: Dress,
    stop: CancellationToken,
}

struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
}

impl Signals {
    fn listen() -> Result<Self, Failure> {
        let listen =
            |kind| signal(kind).map_err(|error| Failure::ours("listening for signals", error));
        Ok(Self {
            terminate: listen(SignalKind::terminate())?,
            interrupt: listen(SignalKind::interrupt())?,
            hangup: listen(SignalKind::hangup())?,
        })
    }
}

/// Returns when the process is to end.
async fn end(terminate: &mut Signal, interrupt: &mut Signal) {
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}

/// What a daemon is made of, beside its ports.
pub struct Means {
    /// The configuration.
    pub config: Config,
    /// The ledger, which nobody else has open.
    pub ledger: Arc<SqliteLedger>,
    /// Where files are read.
    pub jail: Jail,
    /// The profiles of the configuration.
    pub profiles: Profiles,
}

impl Service {
    /// Starts the flow, the control socket and, where it is configured, the console.
    ///
    /// # Errors
    /// The operator's: an address that is taken, a socket that cannot be made.
    pub async fn start(means: Means, mut ports: Ports, dress: Dress) -> Result<Self, Failure> {
        let Means {
            config,
            ledger,
            jail,
            profiles,
        } = means;
        dress(&mut ports);
        let signals = Signals::listen()?;
        let now = Arc::new(ArcSwap::from_pointee(begin(&config, ports, profiles)));
        let (reload, reloads) = mpsc::channel(4);
        let live = Daemon {
            since: clock::now(),
            now: Arc::clone(&now),
            reload,
            jail: jail.clone(),
            config: config.path.clone(),
            tries: tokio::sync::Semaphore::new(limits::TRIES),
        };
        let desk = Desk::new(&ledger, Arc::new(live));
        let listener = control::bind(&config.control_socket())?;
        let web = Web::start(&config, &desk, &ledger).await?;
        let control = tokio::spawn(control::serve(listener, desk));
        Ok(Self {
            config,
            ledger,
            jail,
            now,
            reloads,
            control,
            web,
            signals,
            dress,
            stop: CancellationToken::new(),
        })
    }

    /// The address of a link that lets a person into the console once; `None` without a console.
    ///
    /// # Errors
    /// Ours: the system gives no random bytes.
    pub fn invite(&self, person: &str) -> Result<Option<String>, Failure> {
        let web = self.web.as_ref();
        web.map_or(Ok(None), |web| web.invite(person))
    }

    /// What ends it as a signal would.
    #[must_use]
    pub fn stopper(&self) -> CancellationToken {
        self.stop.clone()
    }

    /// Runs until it is told to end.
    pub async fn serve(mut self) -> Exit {
        notify(&[NotifyState::Ready, NotifyState::Status("Watching.")]);
        tracing::info!(
            sources = self.config.sources.len(),
            destinations = self.config.destinations.len(),
            "orderdock {} is watching.",
            env!("CARGO_PKG_VERSION")
        );
        let beat = sd_notify::watchdog_enabled().map(|every| every / 2);
        let mut heartbeat = beat.map(tokio::time::interval);
        let stop = Arc::clone(&self.ledger);
        let stopped = stop.stopped();
        tokio::pin!(stopped);
        loop {
            tokio::select! {
                () = end(&mut self.signals.terminate, &mut self.signals.interrupt) => return self.drain().await,
                () = self.stop.cancelled() => return self.drain().await,
                _ = self.signals.hangup.recv() => {
                    if let Err(why) = self.reload().await {
                        tracing::error!("The old configuration stays: {why}");
                    }
                }
                Some(answer) = self.reloads.recv() => {
                    let done = self.reload().await;
                    if answer.send(done).is_err() {
                        tracing::debug!("Nobody waits for the answer to the reload any more.");
                    }
                }
                stop = &mut stopped => return ended(&stop),
                () = tick(&mut heartbeat) => {
                    if self.now.load().flow.is_alive() {
                        notify(&[NotifyState::Watchdog]);
                    }
                }
            }
        }
    }

    /// Reads the configuration again. The old flow ends its work before the new one begins.
    async fn reload(&mut self) -> Result<String, String> {
        notify_reloading();
        let result = self.try_reload().await;
        notify(&[NotifyState::Ready]);
        if result.is_ok() {
            tracing::info!("The new configuration is in use.");
        }
        result
    }

    async fn try_reload(&mut self) -> Result<String, String> {
        let config = Config::load(&self.config.path).map_err(|errors| {
            errors
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join("\n")
        })?;
        if config.state_dir != self.config.state_dir {
            return Err("state_dir can only be changed by a restart".to_owned());
        }
        let profiles = Profiles::load(&config).map_err(|errors| errors.join("\n"))?;
        let ledger = Arc::clone(&self.ledger) as Arc<dyn Ledger>;
        let mut ports = ports(&config, ledger, self.jail.clone(), false)
            .map_err(|failure| failure.to_string())?;
        (self.dress)(&mut ports);
        keep_profiles(&*self.ledger, &profiles)
            .await
            .map_err(|failure| failure.to_string())?;
        self.now.load().flow.drain().await;
        self.jail.set_profiles(profiles.texts.clone());
        self.now.store(Arc::new(begin(&config, ports, profiles)));
        self.config = config;
        Ok("The new configuration is in use.".to_owned())
    }

    async fn drain(mut self) -> Exit {
        notify(&[
            NotifyState::Stopping,
            NotifyState::Status("Ending what is under way."),
        ]);
        tracing::info!("Ending what is under way.");
        let now = self.now.load_full();
        let drained = async {
            now.flow.drain().await;
            self.ledger.close().await
        };
        let result = tokio::select! {
            result = tokio::time::timeout(limits::DRAIN, drained) => result,
            () = end(&mut self.signals.terminate, &mut self.signals.interrupt) => {
                tracing::warn!("Told to end twice: ending at once.");
                return Exit::Done;
            }
        };
        self.control.abort();
        if let Some(web) = self.web.take() {
            web.end().await;
        }
        if let Err(error) = std::fs::remove_file(self.config.control_socket()) {
            tracing::debug!(%error, "The control socket was gone already.");
        }
        match result {
            Ok(Ok(())) => tracing::info!("Ended."),
            Ok(Err(failure)) => tracing::error!(%failure, "The ledger did not close."),
            Err(_) => tracing::warn!("Not everything ended in time; it goes on at the next start."),
        }
        Exit::Done
    }
}

/// Starts the flow of a configuration.
fn begin(config: &Config, ports: Ports, profiles: Profiles) -> Now {
    let uploads = places(config, &ports);
    let beside = config.path.parent().unwrap_or(Path::new("."));
    let bench = Bench {
        texts: profiles.texts,
        set: profiles.set,
        folder: beside.join("profiles"),
    };
    let reads = ports.inlets.iter();
    let reads = reads.map(|(name, inlet)| (name.clone(), inlet.read.clone()));
    let sources = ports
        .inlets
        .iter()
        .map(|(name, inlet)| (name.clone(), inlet.source.watched()));
    let sources: Vec<_> = sources.collect();
    for (source, watched) in &sources {
        tracing::info!(source, "Watched {watched}.");
    }
    Now {
        lanes: config
            .destinations
            .iter()
            .map(|lane| lane.name.clone())
            .collect(),
        sources,
        uploads,
        bench,
        tracking: Arc::new(ports.tracking.clone()),
        reads: reads.collect(),
        flow: Flow::start(ports),
    }
}

/// The sources that take uploads, none larger than `[http] max_upload` says.
fn places(config: &Config, ports: &Ports) -> Vec<UploadPlace> {
    let most = config.web.as_ref().map_or(0, |web| web.max_upload);
    let takes = config.sources.iter();
    takes
        .filter(|source| matches!(source.kind, SourceKind::Upload))
        .map(|source| UploadPlace {
            source: source.name.clone(),
            sender: ports.plan.sender(&source.name),
            max_bytes: source.pickup.max_bytes.min(most),
        })
        .collect()
}

fn ended(stop: &Stop) -> Exit {
    tracing::error!("The ledger has stopped: {stop}. Ending, to recover from the disk.");
    match stop {
        Stop::Damaged(_) => Exit::Damaged,
        Stop::Io(_) => Exit::Io,
    }
}

async fn tick(heartbeat: &mut Option<tokio::time::Interval>) {
    match heartbeat {
        Some(heartbeat) => {
            heartbeat.tick().await;
        }
        None => std::future::pending().await,
    }
}

/// Tells systemd; without it, nobody listens and nothing is wrong.
fn notify(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::debug!(%error, "systemd could not be told.");
    }
}

fn notify_reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => notify(&[NotifyState::Reloading, now]),
        Err(error) => tracing::debug!(%error, "No monotonic time for systemd."),
    }
}

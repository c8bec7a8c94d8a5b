//! A mailbox that is read by IMAP (RFC 3501).
//!
//! One arrival is one mail; its bytes are the message as it was received. Promises: mails are found
//! by their numbers against the ledger's knowledge, so that nothing depends on flags and a mail that
//! a person has read counts as well; nothing is marked as read; a mail that the server chokes on
//! never keeps the others; a mail is never removed but by its own number, after its copy is proved.
//!
//! The client is our own: thin, over the bytes. The ones there are take an announced length for memory,
//! a refused search for an empty mailbox, and hide where a moved mail went; each of the three would
//! break a promise. What is not needed is not spoken.
//!
//! Connections: one that lists and waits (IDLE), kept; and one for each batch of fetching or settling,
//! ended with it, so that a server's idle limit never meets a move.

mod fetch;
mod folders;
mod list;
mod place;
mod probe;
mod session;
mod settings;
mod settle;
mod utf7;
mod wire;

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex as Lock, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use rustls::ClientConfig;
use tokio::sync::{Mutex, mpsc};

use self::folders::Layout;
use self::list::Remembered;
use self::session::{Fault, Session};
pub use self::settings::{Encryption, ImapSettings, Login};
use super::target::Targets;
use super::{Listing, Pickup, Piece, Probe, Settlement, Source};
use crate::arrival::{ArrivalId, Entry, Locator, Settled};
use crate::clients::tls;
use crate::clock;
use crate::failure::Failure;
use crate::limits;

/// A watched mailbox.
pub struct ImapSource {
    door: Door,
    watch: Mutex<Watch>,
    waits: AtomicU8,
}

/// The way in, and what is fixed by the configuration.
struct Door {
    settings: ImapSettings,
    pickup: Pickup,
    targets: Targets,
    /// Unless all is said in clear.
    tls: Option<Arc<ClientConfig>>,
    layout: Lock<Option<Layout>>,
}

/// The connection that lists and waits.
#[derive(Default)]
struct Watch {
    session: Option<Session>,
    remembered: Remembered,
}

/// How the source waits, as far as is known.
const UNKNOWN: u8 = 0;
const BY_IDLE: u8 = 1;
const BY_POLL: u8 = 2;

impl std::fmt::Debug for ImapSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ImapSource")
            .field("host", &self.door.settings.host)
            .field("mailbox", &self.door.settings.mailbox)
            .finish_non_exhaustive()
    }
}

impl ImapSource {
    /// A source over one mailbox. Connects to nothing yet.
    ///
    /// # Errors
    /// What is wrong with the settings, in words for the operator.
    pub fn open(settings: ImapSettings, pickup: Pickup) -> Result<Self, Failure> {
        let during = format!("opening the source “{}”", pickup.name);
        let wrong = |message: String| Failure::operator(during.clone(), message);
        let targets = Targets::new(&pickup).map_err(wrong)?;
        let tls = match settings.encryption {
            Encryption::None => None,
            _ => Some(tls::config(&tls::verifier(&settings.tls)?, false)?),
        };
        Ok(Self {
            door: Door {
                settings,
                pickup,
                targets,
                tls,
                layout: Lock::default(),
            },
            watch: Mutex::default(),
            waits: AtomicU8::new(UNKNOWN),
        })
    }
}

impl Door {
    async fn open(&self) -> Result<Session, Failure> {
        Session::open(&self.settings, self.tls.as_ref()).await
    }

    /// How the server names mailboxes; asked for once.
    async fn layout(&self, session: &mut Session) -> Result<Layout, Fault> {
        let known = || self.layout.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(layout) = known().clone() {
            return Ok(layout);
        }
        let layout = Layout::learn(session, &self.settings.mailbox).await?;
        *known() = Some(layout.clone());
        Ok(layout)
    }

    async fn look(&self, watch: &mut Watch) -> Result<Listing, Fault> {
        let Some(session) = &mut watch.session else {
            return Err(Fault::Broken("there is no connection".to_owned()));
        };
        let mailbox = self.layout(session).await?.watched;
        list::look(session, &mailbox, self.pickup.after, &mut watch.remembered).await
    }
}

#[async_trait]
impl Source for ImapSource {
    async fn list(&self) -> Result<Listing, Failure> {
        let mut watch = self.watch.lock().await;
        if watch.session.is_some() {
            match self.door.look(&mut watch).await {
                Ok(listing) => return Ok(listing),
                // Closed while nothing was to be done: a new connection tells more.
                Err(fault) => tracing::debug!(%fault, "The waiting connection is no more."),
            }
            watch.session = None;
        }
        watch.session = Some(self.door.open().await?);
        let looked = self.door.look(&mut watch).await;
        if looked.is_err() {
            watch.session = None;
        }
        looked.map_err(|fault| {
            let settings = &self.door.settings;
            fault.failure(format!(
                "searching {} at {}",
                settings.mailbox, settings.host
            ))
        })
    }

    async fn fetch(&self, entries: Vec<(ArrivalId, Entry)>, pieces: mpsc::Sender<Piece>) {
        fetch::Fetch::new(&self.door, &pieces).all(entries).await;
    }

    async fn settle(&self, settlements: Vec<Settlement>) -> Vec<Result<Settled, Failure>> {
        settle::settle(&self.door, &settlements).await
    }

    async fn resettle(&self, from: Locator, settlement: Settlement) -> Result<Settled, Failure> {
        settle::resettle(&self.door, &from, &settlement).await
    }

    async fn wait(&self, longest: Duration) {
        let over = clock::moment().after(longest);
        let rest = {
            let mut watch = self.watch.lock().await;
            let idled = match &mut watch.session {
                Some(session) => session.idle(longest).await,
                None => Ok(false),
            };
            match idled {
                Ok(true) => {
                    self.waits.store(BY_IDLE, Ordering::Relaxed);
                    return;
                }
                Ok(false) => {
                    if watch.session.is_some() {
                        self.waits.store(BY_POLL, Ordering::Relaxed);
                    }
                    longest
                }
                Err(fault) => {
                    tracing::debug!(source = %self.door.pickup.name, %fault, "Waiting broke off; looking again.");
                    watch.session = None;
                    limits::IMAP_REST
                }
            }
        };
        tokio::time::sleep(over.since(clock::moment()).min(rest)).await;
    }

    async fn probe(&self, depth: Probe) -> Result<Vec<String>, Failure> {
        probe::probe(&self.door, depth).await
    }

    fn watched(&self) -> String {
        let host = &self.door.settings.host;
        match self.waits.load(Ordering::Relaxed) {
            BY_IDLE => format!("by IMAP at {host}, which tells of new mails"),
            BY_POLL => format!("by IMAP at {host}, which is asked for new mails"),
            _ => format!("by IMAP at {host}"),
        }
    }
}

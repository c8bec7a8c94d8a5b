//! The sessions of one account: how many, how old, and which one is kept for the next look.
//!
//! Bounded twice: by what the account may have, and over all accounts of this process. A kept session
//! gives way to one that is to work, so that what rests never keeps another one from its turn. How long a server lets a session idle is found out: each that turns out to be
//! dead halves the time.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};
use tokio::time::timeout;

use super::{Server, Session};
use crate::clock::{self, Moment};
use crate::failure::Failure;
use crate::limits;

/// Sessions at work in this process.
static AT_WORK: Semaphore = Semaphore::const_new(limits::REMOTE_CONNECTIONS);
/// Sessions kept in this process.
static KEPT: Semaphore = Semaphore::const_new(limits::REMOTE_KEPT);

/// The sessions of one account.
pub struct Pool {
    server: Box<dyn Server>,
    connections: usize,
    own: Arc<Semaphore>,
    kept: Mutex<Option<Kept>>,
    idle: Mutex<Duration>,
}

struct Kept {
    session: Box<dyn Session>,
    since: Moment,
    _place: SemaphorePermit<'static>,
}

/// A session in use.
pub struct Lent {
    /// What works.
    pub session: Box<dyn Session>,
    /// How long it had idled before; `None` for a fresh one.
    idled: Option<Duration>,
    own: OwnedSemaphorePermit,
    #[expect(dead_code, reason = "held while the session is at work")]
    at_work: SemaphorePermit<'static>,
}

impl Pool {
    /// At most so many sessions at a time, and none yet.
    #[must_use]
    pub fn new(server: Box<dyn Server>, connections: usize) -> Self {
        let connections = connections.max(1);
        Self {
            server,
            connections,
            own: Arc::new(Semaphore::new(connections)),
            kept: Mutex::default(),
            idle: Mutex::new(limits::REMOTE_IDLE),
        }
    }

    /// How many there may be.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.connections
    }

    /// What is spoken and where.
    #[must_use]
    pub fn words(&self) -> String {
        self.server.words()
    }

    /// The kept session if it may still live, else a fresh one.
    ///
    /// # Errors
    /// As of [`Server::connect`].
    pub async fn any(&self) -> Result<Lent, Failure> {
        let Some(kept) = self.take_kept() else {
            return self.connect().await;
        };
        let idled = kept.since.elapsed();
        if idled > *self.idle.lock().unwrap_or_else(PoisonError::into_inner) {
            goodbye(kept.session).await;
            return self.connect().await;
        }
        Ok(Lent {
            session: kept.session,
            idled: Some(idled),
            own: self.permit().await?,
            at_work: permit(&AT_WORK).await?,
        })
    }

    /// A fresh session.
    ///
    /// # Errors
    /// As of [`Server::connect`].
    pub async fn fresh(&self) -> Result<Lent, Failure> {
        if let Some(kept) = self.take_kept() {
            // A server that allows one connection allows it only after the goodbye.
            goodbye(kept.session).await;
        }
        self.connect().await
    }

    /// A further session beside those at work.
    ///
    /// # Errors
    /// As of [`Server::connect`].
    pub async fn connect(&self) -> Result<Lent, Failure> {
        let own = self.permit().await?;
        if self.own.available_permits() == 0
            && let Some(kept) = self.take_kept()
        {
            goodbye(kept.session).await;
        }
        let at_work = permit(&AT_WORK).await?;
        let connected = timeout(limits::REMOTE_CONNECT, self.server.connect()).await;
        let session = connected.unwrap_or_else(|_| {
            let seconds = limits::REMOTE_CONNECT.as_secs();
            Err(Failure::temporary(
                format!("connecting {}", self.server.words()),
                format!("there was no session after {seconds} s"),
            ))
        })?;
        Ok(Lent {
            session,
            idled: None,
            own,
            at_work,
        })
    }

    /// Keeps a session for the next look, if it stands and nobody waits for its place.
    pub fn give_back(&self, lent: Lent) {
        let Lent { session, own, .. } = lent;
        if !session.is_open() {
            return;
        }
        drop(own);
        let (Ok(_), Ok(kept)) = (self.own.try_acquire(), KEPT.try_acquire()) else {
            return end(session);
        };
        let kept = Kept {
            session,
            since: clock::moment(),
            _place: kept,
        };
        if let Some(before) = self.kept().replace(kept) {
            end(before.session);
        }
    }

    /// Whether the session broke because it had idled for too long: then that is remembered, and a
    /// fresh one is worth a try.
    pub fn was_stale(&self, lent: &Lent) -> bool {
        let Some(idled) = lent.idled.filter(|_| !lent.session.is_open()) else {
            return false;
        };
        *self.idle.lock().unwrap_or_else(PoisonError::into_inner) = idled / 2;
        true
    }

    async fn permit(&self) -> Result<OwnedSemaphorePermit, Failure> {
        let own = Arc::clone(&self.own).acquire_owned().await;
        own.map_err(|closed| Failure::ours("waiting for a connection", closed))
    }

    fn take_kept(&self) -> Option<Kept> {
        self.kept().take()
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Option<Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lent {
    /// Ends it without waiting.
    pub fn end(self) {
        end(self.session);
    }
}

async fn permit(semaphore: &'static Semaphore) -> Result<SemaphorePermit<'static>, Failure> {
    let permit = semaphore.acquire().await;
    permit.map_err(|closed| Failure::ours("waiting for a connection", closed))
}

/// Says goodbye beside other work.
fn end(session: Box<dyn Session>) {
    tokio::spawn(goodbye(session));
}

async fn goodbye(session: Box<dyn Session>) {
    if session.is_open()
        && timeout(limits::REMOTE_GOODBYE, session.end())
            .await
            .is_err()
    {
        tracing::debug!("A server did not take leave; the connection is closed.");
    }
}

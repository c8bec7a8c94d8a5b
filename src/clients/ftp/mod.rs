//! FTP and FTPS servers (RFC 959, 2228, 2389, 2428, 3659, 4217) as a [`Server`] of remote files.
//!
//! A client of our own, small because it does only what a source needs, and bounded in every read,
//! line and wait. What servers of thirty years get wrong is answered here: wrong passive addresses, no
//! EPSV, listings in two styles, renames that overwrite, transfers that end early and look complete.
//!
//! Promises: no password is said before the server has proved itself, unless plain connections were
//! allowed; data connections are protected like their control connection and go to its host only;
//! transfers are binary; a file counts as read only when the server said so.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use rustls::client::danger::ServerCertVerifier;

use crate::clients::tls::{self, Trust};
use crate::clients::{Server, Session};
use crate::failure::Failure;
use crate::secret::Secret;

mod control;
mod data;
mod lines;
mod link;
pub mod listing;
mod look;
mod reply;
mod session;
mod times;
mod wire;

#[cfg(test)]
mod tests;

use link::Link;
use session::FtpSession;
use times::Times;

/// How connections are protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protection {
    /// Not at all.
    None,
    /// TLS is asked for after the greeting (RFC 4217).
    Explicit,
    /// TLS from the first byte, usually at port 990.
    Implicit,
}

/// A server as configured.
#[derive(Debug, Clone)]
pub struct FtpSettings {
    /// Name or address: what is dialled, and what the certificate must be made out to.
    pub host: String,
    /// The port of the control connection.
    pub port: u16,
    /// Who we are there.
    pub user: String,
    /// How we prove it.
    pub password: Option<Secret>,
    /// How connections are protected.
    pub protection: Protection,
    /// Whether plain connections may leave this machine.
    pub allow_plaintext: bool,
    /// Whom to believe under TLS.
    pub trust: Trust,
    /// Never more than TLS 1.2, for servers that take no data connections under TLS 1.3.
    pub at_most_tls_12: bool,
}

/// A server, and what was learned about it.
pub struct FtpServer {
    shared: Arc<Shared>,
}

/// What all sessions with a server know.
struct Shared {
    settings: FtpSettings,
    verifier: Option<Arc<dyn ServerCertVerifier>>,
    /// TLS 1.3 did not work for data connections.
    at_most_12: AtomicBool,
    /// SIZE was answered once: where it is refused, there is no file.
    tells_sizes: AtomicBool,
    times: Mutex<Times>,
}

impl FtpServer {
    /// Connects nowhere yet.
    ///
    /// # Errors
    /// If the certificates of authorities cannot be read.
    pub fn new(settings: FtpSettings) -> Result<Self, Failure> {
        let verifier = match settings.protection {
            Protection::None => None,
            Protection::Explicit | Protection::Implicit => Some(tls::verifier(&settings.trust)?),
        };
        let shared = Shared {
            at_most_12: AtomicBool::new(settings.at_most_tls_12),
            tells_sizes: AtomicBool::new(false),
            times: Mutex::default(),
            settings,
            verifier,
        };
        Ok(Self {
            shared: Arc::new(shared),
        })
    }
}

impl Shared {
    async fn open(&self) -> Result<Link, Failure> {
        let at_most_12 = self.at_most_12.load(Ordering::Relaxed);
        Link::open(&self.settings, self.verifier.as_ref(), at_most_12).await
    }

    /// The times, even if a thread died over them: the worst is one listing more.
    fn times(&self) -> std::sync::MutexGuard<'_, Times> {
        self.times.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Server for FtpServer {
    async fn connect(&self) -> Result<Box<dyn Session>, Failure> {
        let link = self.shared.open().await?;
        Ok(Box::new(FtpSession::new(Arc::clone(&self.shared), link)))
    }

    fn words(&self) -> String {
        let FtpSettings {
            host, protection, ..
        } = &self.shared.settings;
        match protection {
            Protection::None => format!("by FTP at {host}"),
            Protection::Explicit | Protection::Implicit => format!("by FTPS at {host}"),
        }
    }
}

//! A folder on an SFTP server.
//!
//! An own thin layer of SFTP version 3 (draft-ietf-secsh-filexfer-02, what every server speaks) over
//! SSH: names are bytes from end to end, status codes beyond the draft's are understood, and many
//! requests are on their way at a time. Needs no extension of the server.
//!
//! Promises: the server's host key is compared with the operator's word before anything about the
//! account leaves this machine, and there is no way to accept just any; weak algorithms are used only
//! where the source says `legacy_algorithms`. Never runs a command, never follows a link to a file.

mod algorithms;
mod host_key;
mod list;
mod login;
mod names;
mod pipe;
mod read;
mod session;
mod status;
mod wire;

use std::sync::Arc;

use async_trait::async_trait;
use russh::client::{self, Handle};
use tokio::net::TcpStream;

pub use self::host_key::HostKeys;
use self::host_key::{Doorkeeper, Shown};
use self::session::SftpSession;
use super::{Server, Session};
use crate::failure::Failure;
use crate::limits;
use crate::secret::Secret;

/// An account on a server.
#[derive(Debug, Clone)]
pub struct SftpSettings {
    /// Name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// The account.
    pub user: String,
    /// Its password.
    pub password: Option<Secret>,
    /// Its private key, OpenSSH or PEM.
    pub key: Option<Secret>,
    /// What opens the key.
    pub passphrase: Option<Secret>,
    /// The keys that the server may show.
    pub host_keys: HostKeys,
    /// Whether algorithms may be used that are no longer safe.
    pub legacy: bool,
}

/// A server with an account on it.
pub struct SftpServer {
    settings: SftpSettings,
    key: Option<login::Key>,
}

impl SftpServer {
    /// Nothing is connected yet.
    ///
    /// # Errors
    /// A private key that cannot be read.
    pub fn new(settings: SftpSettings) -> Result<Self, Failure> {
        let key = match &settings.key {
            Some(text) => Some(login::Key::read(text, settings.passphrase.as_ref())?),
            None => None,
        };
        Ok(Self { settings, key })
    }

    fn during(&self) -> String {
        let SftpSettings { host, port, .. } = &self.settings;
        match port {
            22 => format!("connecting to {host} by SFTP"),
            port => format!("connecting to {host}:{port} by SFTP"),
        }
    }

    /// An SSH connection to a server that has proved who it is. A server shows the key of the
    /// algorithm that both like best, which need not be the one that the operator knows: then it is
    /// asked for its others.
    async fn reach(&self) -> Result<Handle<Doorkeeper>, Failure> {
        let mut shown: Vec<Shown> = Vec::new();
        loop {
            let keys =
                algorithms::host_keys(self.settings.legacy, &self.settings.host_keys, &shown);
            if keys.is_empty() {
                return Err(self.refused(&shown));
            }
            let door = Doorkeeper::new(self.settings.host_keys.clone());
            let seen = door.seen();
            match self.handshake(door, keys).await {
                Ok(handle) => return Ok(handle),
                Err(russh::Error::UnknownKey) => match seen.take() {
                    Some(key) => shown.push(key),
                    None => return Err(self.refused(&shown)),
                },
                Err(russh::Error::NoCommonAlgo { .. }) if !shown.is_empty() => {
                    return Err(self.refused(&shown));
                }
                Err(error) => return Err(self.unreached(&error)),
            }
        }
    }

    async fn handshake(
        &self,
        door: Doorkeeper,
        keys: Vec<russh::keys::Algorithm>,
    ) -> Result<Handle<Doorkeeper>, russh::Error> {
        let SftpSettings { host, port, .. } = &self.settings;
        let stream = TcpStream::connect((host.as_str(), *port)).await?;
        // Requests are small and wait for answers: Nagle's algorithm would hold each back.
        stream.set_nodelay(true)?;
        let config = client::Config {
            client_id: russh::SshId::Standard("SSH-2.0-orderdock".into()),
            preferred: algorithms::preferred(self.settings.legacy, keys),
            inactivity_timeout: Some(limits::SSH_INACTIVITY),
            keepalive_interval: Some(limits::SSH_KEEPALIVE),
            keepalive_max: limits::SSH_KEEPALIVES,
            // What the largest answer to a read needs, in one packet.
            maximum_packet_size: 65_535,
            ..client::Config::default()
        };
        client::connect_stream(Arc::new(config), stream, door).await
    }

    /// Both fingerprints, because one of the two must be changed and a person has to see which.
    fn refused(&self, shown: &[Shown]) -> Failure {
        let shown: Vec<String> = shown.iter().map(ToString::to_string).collect();
        Failure::operator(
            self.during(),
            format!(
                "the server's host key is not the one that is configured; nothing was sent to it. It \
                 shows {}; configured is {}. If the partner confirms the new key by another way, set \
                 host_key to it; if not, somebody else may be answering in the partner's place",
                shown.join(" and "),
                self.settings.host_keys
            ),
        )
    }

    fn unreached(&self, error: &russh::Error) -> Failure {
        match error {
            russh::Error::NoCommonAlgo { kind, ours, theirs } => Failure::operator(
                self.during(),
                format!(
                    "both sides have no {} algorithm in common: the server offers {}, orderdock {}. {}",
                    algorithms::words(kind),
                    theirs.join(", "),
                    ours.join(", "),
                    if self.settings.legacy {
                        "Even the legacy ones do not help: ask the partner for a newer server"
                    } else {
                        "Ask the partner for a newer server, or set legacy_algorithms = true"
                    }
                ),
            ),
            error => Failure::temporary(self.during(), error),
        }
    }
}

#[async_trait]
impl Server for SftpServer {
    async fn connect(&self) -> Result<Box<dyn Session>, Failure> {
        let mut handle = self.reach().await?;
        login::login(&mut handle, &self.settings, self.key.as_ref()).await?;
        let session = SftpSession::begin(handle, self.during(), self.settings.legacy).await?;
        Ok(Box::new(session))
    }

    fn words(&self) -> String {
        let SftpSettings { host, port, .. } = &self.settings;
        match port {
            22 => format!("by SFTP at {host}"),
            port => format!("by SFTP at {host}:{port}"),
        }
    }
}

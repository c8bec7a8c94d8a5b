//! One logged-in control connection: how it comes about, in the order in which nothing secret is said
//! before the server has proved itself.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::client::danger::ServerCertVerifier;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::failure::Failure;
use crate::limits;

use super::control::Control;
use super::reply::{Features, Reply};
use super::{FtpSettings, Protection};
use crate::clients::tls;

/// What the connections of one session share.
#[derive(Clone)]
pub(super) struct Security {
    pub(super) config: Arc<ClientConfig>,
    pub(super) name: ServerName<'static>,
}

/// A session that may begin its work.
pub(super) struct Link {
    pub(super) control: Control,
    pub(super) security: Option<Security>,
    /// Whether TLS 1.3 was left out.
    pub(super) at_most_12: bool,
    pub(super) features: Features,
    /// The login folder, without a slash at its end.
    pub(super) home: Vec<u8>,
    /// Whether EPSV is still worth trying.
    pub(super) extended: bool,
    /// Quirks found, in sentences.
    pub(super) notes: BTreeSet<String>,
}

impl Link {
    /// Connects and logs in.
    pub(super) async fn open(
        settings: &FtpSettings,
        verifier: Option<&Arc<dyn ServerCertVerifier>>,
        at_most_12: bool,
    ) -> Result<Self, Failure> {
        let (stream, peer) = dial(settings).await?;
        let security = match verifier {
            Some(verifier) => Some(security(settings, verifier, at_most_12)?),
            None => None,
        };
        let mut control = Control::new(stream, peer, &settings.host);
        greet(&mut control, settings.protection, security.as_ref()).await?;
        let mut link = Self {
            control,
            security,
            at_most_12,
            features: Features {
                machine: false,
                ask_facts: false,
                utf8: false,
            },
            home: Vec::new(),
            extended: true,
            notes: BTreeSet::new(),
        };
        link.log_in(settings).await?;
        link.prepare().await?;
        Ok(link)
    }

    pub(super) fn note(&mut self, words: impl Into<String>) {
        if self.notes.len() < limits::NOTICED_NAMES {
            self.notes.insert(words.into());
        }
    }

    async fn log_in(&mut self, settings: &FtpSettings) -> Result<(), Failure> {
        if let Some(password) = &settings.password {
            self.control.keep_out(password.clone());
        }
        let what = "logging in";
        let mut reply = self.control.ask("USER", settings.user.as_bytes()).await?;
        if reply.code == 331 {
            let Some(password) = &settings.password else {
                let why = "the server wants a password, and none is configured";
                return Err(Failure::operator(
                    format!("{what} at {}", settings.host),
                    why,
                ));
            };
            reply = self
                .control
                .ask("PASS", password.expose().as_bytes())
                .await?;
        }
        if reply.is_done() {
            return Ok(());
        }
        // Nothing is wrong with the credentials where there is only no room.
        if reply.is_full() {
            return Err(self.control.failed(what, &self.control.told(&reply)));
        }
        let refused = self.control.refused(what, &reply);
        Err(if reply.class() == 3 {
            Failure::operator(
                refused.during,
                format!("{}; accounts are not spoken", refused.message),
            )
        } else {
            refused
        })
    }

    /// Binary transfers, UTF-8 names and protected data: what every later command relies on.
    async fn prepare(&mut self) -> Result<(), Failure> {
        let reply = self.control.ask("FEAT", b"").await?;
        self.features = Features::of(&reply);
        if self.features.utf8 {
            // Some refuse and speak UTF-8 all the same.
            self.control.ask("OPTS", b"UTF8 ON").await?;
        } else {
            self.note("it does not say that names are UTF-8; they are taken as they are");
        }
        if self.features.machine && self.features.ask_facts {
            let reply = self.control.ask("OPTS", b"MLST type;size;modify;").await?;
            self.features.machine = reply.is_done();
        }
        if !self.features.machine {
            self.note("it does not offer MLSD; LIST is read, whose times have no seconds");
        }
        if self.security.is_some() {
            self.protect().await?;
        }
        // Anything else would change line ends in what is read (RFC 959, 3.1.1).
        let reply = self.control.ask("TYPE", b"I").await?;
        self.done("asking for binary transfers", &reply)?;
        let reply = self.control.ask("PWD", b"").await?;
        let home = reply.quoted_path().filter(|_| reply.code == 257);
        let home = home.filter(|home| home.first() == Some(&b'/'));
        self.home = home.ok_or_else(|| {
            let words = format!(
                "the login folder is told as “{}”, which is no path of Unix; only servers with such \
                 paths are spoken to",
                self.control.told(&reply)
            );
            Failure::operator("asking for the login folder", words)
        })?;
        while self.home.last() == Some(&b'/') {
            self.home.pop();
        }
        Ok(())
    }

    /// Data connections under TLS as well (RFC 4217, 9): no order is ever sent in the clear by a
    /// session that began under TLS.
    async fn protect(&mut self) -> Result<(), Failure> {
        let what = "protecting data connections";
        let reply = self.control.ask("PBSZ", b"0").await?;
        self.done(what, &reply)?;
        let reply = self.control.ask("PROT", b"P").await?;
        self.done(what, &reply)
    }

    /// A failure unless the answer is a yes.
    pub(super) fn done(&self, what: &str, reply: &Reply) -> Result<(), Failure> {
        if reply.is_done() {
            return Ok(());
        }
        Err(self.control.refused(what, reply))
    }

    /// The whole path: names relative to the login folder are made absolute, so that it does not
    /// matter which folder was entered last.
    pub(super) fn absolute(&self, path: &[u8]) -> Vec<u8> {
        if path.first() == Some(&b'/') {
            return path.to_vec();
        }
        let mut whole = self.home.clone();
        if !path.is_empty() && path != b"." {
            whole.push(b'/');
            whole.extend_from_slice(path);
        }
        if whole.is_empty() {
            whole.push(b'/');
        }
        whole
    }
}

/// Finds the host and connects to the first of its addresses that answers.
async fn dial(settings: &FtpSettings) -> Result<(TcpStream, IpAddr), Failure> {
    let during = format!("connecting to {}:{}", settings.host, settings.port);
    let connecting = TcpStream::connect((settings.host.as_str(), settings.port));
    let stream = match timeout(limits::FTP_CONNECT, connecting).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return Err(Failure::temporary(during, error)),
        Err(_) => return Err(Failure::temporary(during, "no answer in time")),
    };
    let found = stream.set_nodelay(true).and_then(|()| stream.peer_addr());
    let peer = found
        .map_err(|error| Failure::temporary(&during, error))?
        .ip();
    let open = settings.protection == Protection::None;
    if open && !settings.allow_plaintext && !peer.to_canonical().is_loopback() {
        let words = "the password and all files would travel in the clear. Use kind = \"ftps\", or \
                     set allow_plaintext = true";
        return Err(Failure::operator(during, words));
    }
    Ok((stream, peer))
}

fn security(
    settings: &FtpSettings,
    verifier: &Arc<dyn ServerCertVerifier>,
    at_most_12: bool,
) -> Result<Security, Failure> {
    let name = ServerName::try_from(settings.host.clone());
    Ok(Security {
        // One for each control connection, and not one for the server: data connections have to resume
        // the session of their own (RFC 4217, 10.2).
        config: tls::config(verifier, at_most_12)?,
        name: name.map_err(|error| {
            Failure::operator("preparing TLS", format!("{}: {error}", settings.host))
        })?,
    })
}

/// From the first byte to the point where secrets may be said.
async fn greet(
    control: &mut Control,
    protection: Protection,
    security: Option<&Security>,
) -> Result<(), Failure> {
    let what = "the greeting";
    if let (Protection::Implicit, Some(security)) = (protection, security) {
        control.secure(security).await?;
    }
    let mut reply = control.answer(what).await?;
    // 120: ready in so many minutes; it says so when it is.
    if reply.class() == 1 {
        reply = control.answer(what).await?;
    }
    if !reply.is_done() {
        // No room, or closed to us: either passes, or has to be asked for.
        return Err(control.lost(what, format!("the server answered “{}”", reply.text())));
    }
    if let (Protection::Explicit, Some(security)) = (protection, security) {
        let what = "asking for TLS";
        let reply = control.ask("AUTH", b"TLS").await?;
        if reply.code != 234 {
            let refused = control.refused(what, &reply);
            let words = format!("{}; nothing is said without TLS", refused.message);
            return Err(Failure {
                message: words,
                ..refused
            });
        }
        control.secure(security).await?;
    }
    Ok(())
}

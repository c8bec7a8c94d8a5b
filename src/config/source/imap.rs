//! `kind = "imap"`: a mailbox.

use std::path::{Path, PathBuf};

use super::super::destination::file;
use super::super::section::Section;
use super::super::token::{self, TokenConfig};
use super::pins::pins;
use super::{Pace, url};
use crate::limits;
use crate::secret::SecretRef;
use crate::sources::tls::Pin;

/// A mailbox, and how it is reached.
#[derive(Debug, Clone)]
pub struct ImapConfig {
    /// Name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Whether TLS stands from the first byte (`imaps://`).
    pub tls: bool,
    /// Whether the server is this machine.
    pub loopback: bool,
    /// Whether an unencrypted connection is taken where nothing else is offered.
    pub allow_plaintext: bool,
    /// Whom we log in as.
    pub user: String,
    /// The password.
    pub password: Option<SecretRef>,
    /// Access tokens instead of a password.
    pub oauth: Option<TokenConfig>,
    /// The mailbox, levels parted by `/`.
    pub mailbox: String,
    /// Certificate authorities of the server's own, PEM.
    pub ca: Option<PathBuf>,
    /// Certificates by their fingerprints.
    pub pin: Vec<Pin>,
}

impl ImapConfig {
    /// The URL without secrets.
    pub(super) fn place(&self) -> String {
        let Self {
            host,
            port,
            mailbox,
            ..
        } = self;
        match (self.tls, port) {
            (true, 993) => format!("imaps://{host}/{mailbox}"),
            (true, port) => format!("imaps://{host}:{port}/{mailbox}"),
            (false, 143) => format!("imap://{host}/{mailbox}"),
            (false, port) => format!("imap://{host}:{port}/{mailbox}"),
        }
    }

    pub(super) fn secrets(&self) -> Vec<&SecretRef> {
        let tokens = self.oauth.iter().flat_map(TokenConfig::secrets);
        self.password.iter().chain(tokens).collect()
    }

    pub(super) fn files(&self) -> Vec<(&'static str, &Path)> {
        let of_tokens = self.oauth.as_ref().and_then(|oauth| oauth.ca.as_deref());
        let ca = self.ca.as_deref().map(|path| ("ca", path));
        ca.into_iter()
            .chain(of_tokens.map(|path| ("oauth.ca", path)))
            .collect()
    }
}

/// A mail is whole when it is there, and servers tell of new ones.
pub(super) const PACE: Pace = Pace {
    stable: std::time::Duration::ZERO,
    poll: std::time::Duration::from_mins(1),
    most: limits::MAIL_BYTES,
};

pub(super) fn read(section: &Section<'_, '_>) -> (ImapConfig, PathBuf) {
    let remote = url::remote(section, &["imap", "imaps"]);
    for key in ["marker", "recursive", "depth"] {
        if section.has(key) {
            section.error(
                key,
                format!("`{key}` is for folders of files, not for a mailbox"),
            );
        }
    }
    let tls = remote.scheme != "imap";
    let mailbox = remote.path.trim_start_matches("/~").trim_matches('/');
    let mailbox = if mailbox.is_empty() { "INBOX" } else { mailbox };
    let imap = ImapConfig {
        port: remote.port.unwrap_or(if tls { 993 } else { 143 }),
        tls,
        loopback: remote.loopback,
        allow_plaintext: section.or("allow_plaintext", false),
        user: remote.user,
        password: remote.password,
        oauth: section.table("oauth").and_then(oauth),
        mailbox: mailbox.to_owned(),
        ca: file(section, "ca"),
        pin: pins(section),
        host: remote.host,
    };
    match (&imap.password, section.has("oauth")) {
        (None, false) => section.error(
            "password",
            "set `password` or `oauth`: without one of them nobody can log in",
        ),
        (Some(_), true) => section.error("oauth", "`password` and `oauth` exclude each other"),
        _ => {}
    }
    if imap.allow_plaintext && !imap.tls && !imap.loopback {
        section.warn(
            "allow_plaintext",
            format!(
                "PLAINTEXT: the password and the mails may travel unencrypted to {}",
                imap.host
            ),
        );
    }
    // Where done and error lie is told from here; a mailbox has no path of this machine.
    let root = PathBuf::from(format!("/{}", imap.mailbox));
    (imap, root)
}

fn oauth(table: Section<'_, '_>) -> Option<TokenConfig> {
    let config = token::read(&table);
    table.finish();
    config
}

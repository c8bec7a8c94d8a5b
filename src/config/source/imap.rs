//! `kind = "imap"`: a mailbox.

use std::path::{Path, PathBuf};

use super::super::destination::certificate as file;
use super::super::secrets::secret;
use super::super::section::Section;
use super::super::values::Url;
use super::pins::pins;
use super::{Pace, url};
use crate::limits;
use crate::secret::SecretRef;
use crate::clients::tls::Pin;

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
    pub oauth: Option<OauthConfig>,
    /// The mailbox, levels parted by `/`.
    pub mailbox: String,
    /// Certificate authorities of the server's own, PEM.
    pub ca: Option<PathBuf>,
    /// Certificates by their fingerprints.
    pub pin: Vec<Pin>,
}

/// Where access tokens come from (RFC 6749).
#[derive(Debug, Clone)]
pub struct OauthConfig {
    /// The token endpoint.
    pub url: String,
    /// Who we are to it.
    pub client_id: String,
    /// How we prove that.
    pub client_secret: Option<SecretRef>,
    /// Whether that goes into a header instead of the body.
    pub in_header: bool,
    /// What we want to be allowed.
    pub scope: Option<String>,
    /// By what right.
    pub grant: OauthGrant,
}

/// By what right a token is asked for.
#[derive(Debug, Clone)]
pub enum OauthGrant {
    /// A person allowed it once.
    RefreshToken(SecretRef),
    /// The client itself is allowed.
    ClientCredentials,
    /// A user and its password.
    Password(String, SecretRef),
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
        let oauth = self.oauth.as_ref();
        let granted = oauth.and_then(|oauth| match &oauth.grant {
            OauthGrant::RefreshToken(secret) | OauthGrant::Password(_, secret) => Some(secret),
            OauthGrant::ClientCredentials => None,
        });
        let client = oauth.and_then(|oauth| oauth.client_secret.as_ref());
        let secrets = [self.password.as_ref(), client, granted];
        secrets.into_iter().flatten().collect()
    }

    pub(super) fn files(&self) -> Vec<(&'static str, &Path)> {
        self.ca
            .as_deref()
            .map(|path| ("ca", path))
            .into_iter()
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

fn oauth(table: Section<'_, '_>) -> Option<OauthConfig> {
    let url: Option<Url> = table.need("url");
    if let Some(url) = &url {
        let safe = url.scheme == "https" || url.scheme == "http" && url.is_loopback();
        if !safe || url.has_user {
            table.error(
                "url",
                "`url` must be the token endpoint, https:// and without a user",
            );
        }
    }
    let grants = [
        ("refresh_token", 0),
        ("client_credentials", 1),
        ("password", 2),
    ];
    if !table.has("grant") {
        table.missing("grant");
    }
    let need = |key| {
        let found = secret(&table, key);
        if !table.has(key) {
            table.missing(key);
        }
        found
    };
    // Which keys it has depends on the grant: without one there are no unknown ones.
    let grant = match table.word("grant", &grants)? {
        0 => need("refresh_token").map(OauthGrant::RefreshToken),
        1 => Some(OauthGrant::ClientCredentials),
        _ => {
            let user: Option<String> = table.need("user");
            user.zip(need("password"))
                .map(|(user, password)| OauthGrant::Password(user, password))
        }
    };
    let client_secret = secret(&table, "client_secret");
    if matches!(grant, Some(OauthGrant::ClientCredentials)) && !table.has("client_secret") {
        table.missing("client_secret");
    }
    let proofs = [("body", false), ("header", true)];
    let config = OauthConfig {
        url: url.map(|url| url.text).unwrap_or_default(),
        client_id: table.need("client_id").unwrap_or_default(),
        client_secret,
        in_header: table.word("client_proof", &proofs).unwrap_or_default(),
        scope: table.get("scope"),
        grant: grant?,
    };
    table.finish();
    Some(config)
}

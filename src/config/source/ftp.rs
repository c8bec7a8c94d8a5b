//! `kind = "ftp"` and `kind = "ftps"`: a folder on an FTP server, in the clear or under TLS.

use std::path::{Path, PathBuf};

use super::super::destination::file;
use super::super::section::Section;
use super::pins::pins;
use super::sftp::connections;
use super::url::{self, Remote};
use crate::clients::ftp::Protection;
use crate::clients::tls::Pin;
use crate::secret::SecretRef;

/// An account on an FTP server, and the folder watched there.
#[derive(Debug, Clone)]
pub struct FtpConfig {
    /// Name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// The account.
    pub user: String,
    /// Its password.
    pub password: Option<SecretRef>,
    /// The folder: `/x`, or `/~/x` in the login folder.
    pub path: String,
    /// How connections are protected.
    pub protection: Protection,
    /// Whether plain connections may leave this machine.
    pub allow_plaintext: bool,
    /// A certificate authority of the server's own, PEM, believed beside the system's.
    pub ca: Option<PathBuf>,
    /// If any: the certificates that the server may show, and no authority is asked.
    pub pins: Vec<Pin>,
    /// Whether TLS 1.3 is left out.
    pub at_most_tls_12: bool,
    /// Connections at a time.
    pub connections: usize,
}

/// The port of TLS from the first byte.
const IMPLICIT_PORT: u16 = 990;

impl FtpConfig {
    /// The URL without secrets.
    pub(in crate::config) fn place(&self) -> String {
        let Self {
            host, port, path, ..
        } = self;
        let (scheme, usual) = match self.protection {
            Protection::None => ("ftp", 21),
            Protection::Explicit => ("ftps", 21),
            Protection::Implicit => ("ftps", IMPLICIT_PORT),
        };
        let host = if host.contains(':') {
            format!("[{host}]")
        } else {
            host.clone()
        };
        if *port == usual {
            format!("{scheme}://{host}{path}")
        } else {
            format!("{scheme}://{host}:{port}{path}")
        }
    }

    pub(super) fn files(&self) -> Vec<(&'static str, &Path)> {
        let ca = self.ca.as_deref();
        ca.map(|path| ("ca", path)).into_iter().collect()
    }
}

pub(in crate::config) fn read(section: &Section<'_, '_>) -> FtpConfig {
    let kind: Option<String> = section.get("kind");
    let secured = kind.as_deref() == Some("ftps");
    let remote = url::remote(section, if secured { &["ftps"] } else { &["ftp"] });
    let allow_plaintext = section.or("allow_plaintext", false);
    let protection = if secured {
        protection(section, &remote, allow_plaintext)
    } else {
        plain(section, &remote, allow_plaintext);
        Protection::None
    };
    if remote.password.is_none() {
        section.error("password", "set `password`: without one nobody can log in");
    }
    let usual = match protection {
        Protection::Implicit => IMPLICIT_PORT,
        Protection::None | Protection::Explicit => 21,
    };
    FtpConfig {
        host: remote.host,
        port: remote.port.unwrap_or(usual),
        user: remote.user,
        password: remote.password,
        path: remote.path,
        protection,
        allow_plaintext,
        ca: file(section, "ca"),
        pins: pins(section),
        at_most_tls_12: section
            .word("tls_max", &[("1.2", true), ("1.3", false)])
            .unwrap_or_default(),
        connections: connections(section),
    }
}

/// Explicit, except at the port that is known for the other.
fn protection(section: &Section<'_, '_>, remote: &Remote, allow_plaintext: bool) -> Protection {
    if allow_plaintext {
        section.error(
            "allow_plaintext",
            "`allow_plaintext` belongs to kind = \"ftp\": with \"ftps\" nothing is ever sent in the \
             clear",
        );
    }
    let words = [
        ("explicit", Protection::Explicit),
        ("implicit", Protection::Implicit),
    ];
    section.word("tls", &words).unwrap_or(match remote.port {
        Some(IMPLICIT_PORT) => Protection::Implicit,
        _ => Protection::Explicit,
    })
}

/// In the clear only where nobody listens, or where the operator says so; and then loudly.
fn plain(section: &Section<'_, '_>, remote: &Remote, allow_plaintext: bool) {
    for key in ["tls", "tls_max", "ca", "pin"] {
        if section.raw(key).is_some() {
            section.error(
                key,
                format!("`{key}` belongs to TLS: set kind = \"ftps\" and url = \"ftps://…\""),
            );
        }
    }
    if remote.loopback || remote.host.is_empty() {
        return;
    }
    let host = &remote.host;
    if allow_plaintext {
        section.warn(
            "allow_plaintext",
            format!(
                "PLAINTEXT: everybody between here and {host} can read the password and read and \
                 change the orders"
            ),
        );
    } else {
        section.error(
            "url",
            format!(
                "`url` is unencrypted ftp to {host}: use kind = \"ftps\", or set \
                 `allow_plaintext = true` if the way there is safe"
            ),
        );
    }
}

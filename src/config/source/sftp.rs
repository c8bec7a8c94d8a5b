//! `kind = "sftp"`: a folder on an SFTP server.

use std::path::{Path, PathBuf};

use super::super::secrets::secret;
use super::super::section::Section;
use super::url;
use crate::clients::sftp::HostKeys;
use crate::limits;
use crate::secret::SecretRef;

/// An account on an SFTP server, and the folder watched there.
#[derive(Debug, Clone)]
pub struct SftpConfig {
    /// Name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// The account.
    pub user: String,
    /// The folder: `/x`, or `/~/x` in the login folder.
    pub path: String,
    /// Its password.
    pub password: Option<SecretRef>,
    /// Its private key.
    pub key: Option<SecretRef>,
    /// What opens the key.
    pub passphrase: Option<SecretRef>,
    /// Fingerprints of the server's host keys.
    pub host_key: Vec<String>,
    /// A file that tells the server's host keys.
    pub known_hosts: Option<PathBuf>,
    /// Whether algorithms may be used that are no longer safe.
    pub legacy: bool,
    /// Connections at a time.
    pub connections: usize,
}

impl SftpConfig {
    /// The URL without secrets.
    pub(in crate::config) fn place(&self) -> String {
        let Self {
            host, port, path, ..
        } = self;
        match port {
            22 => format!("sftp://{host}{path}"),
            port => format!("sftp://{host}:{port}{path}"),
        }
    }

    pub(in crate::config) fn secrets(&self) -> Vec<&SecretRef> {
        let secrets = [&self.password, &self.key, &self.passphrase];
        secrets.into_iter().flatten().collect()
    }

    pub(super) fn files(&self) -> Vec<(&'static str, &Path)> {
        let known = self.known_hosts.as_deref();
        known
            .map(|path| ("known_hosts", path))
            .into_iter()
            .collect()
    }
}

pub(in crate::config) fn read(section: &Section<'_, '_>) -> SftpConfig {
    let remote = url::remote(section, &["sftp"]);
    let sftp = SftpConfig {
        host: remote.host,
        port: remote.port.unwrap_or(22),
        user: remote.user,
        path: remote.path,
        password: remote.password,
        key: secret(section, "key"),
        passphrase: secret(section, "passphrase"),
        host_key: section.or("host_key", Vec::new()),
        known_hosts: section
            .get::<String>("known_hosts")
            .map(|path| section.doc().resolve(&path)),
        legacy: section.or("legacy_algorithms", false),
        connections: connections(section),
    };
    if sftp.password.is_none() && sftp.key.is_none() {
        section.error(
            "password",
            "set `key` or `password`: without one of them nobody can log in",
        );
    }
    if sftp.passphrase.is_some() && sftp.key.is_none() {
        section.error(
            "passphrase",
            "`passphrase` opens a `key`, and there is none",
        );
    }
    if let Err(why) = HostKeys::default().pin(&sftp.host_key) {
        section.error("host_key", format!("`host_key`: {why}"));
    }
    if sftp.host_key.is_empty() && sftp.known_hosts.is_none() {
        let place = match sftp.port {
            22 => sftp.host.clone(),
            port => format!("-p {port} {}", sftp.host),
        };
        section.error(
            "host_key",
            format!(
                "`host_key` is missing: ask the partner for the fingerprint of the server's key, compare \
                 it with “ssh-keyscan {place} | ssh-keygen -lf -”, and set host_key = \"SHA256:…\" (or \
                 `known_hosts` to a file)"
            ),
        );
    }
    if sftp.legacy {
        section.warn(
            "legacy_algorithms",
            "`legacy_algorithms` allows SHA-1 and CBC, which are no longer safe: ask the partner for a \
             newer server",
        );
    }
    sftp
}

/// Connections to one server at a time.
pub(super) fn connections(section: &Section<'_, '_>) -> usize {
    section.within(
        "connections",
        limits::REMOTE_CONNECTIONS_EACH,
        1..=limits::REMOTE_CONNECTIONS_EACH_MAX,
        "from 1 to 16",
    )
}

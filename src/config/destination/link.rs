//! What destinations that are reached over HTTP have in common: address, certificates, waits.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use super::super::secrets::secret;
use super::super::section::Section;
use super::super::values::{FromToml, Url};
use crate::secret::SecretRef;

/// Where a partner system is and how it is reached.
#[derive(Debug, Clone)]
pub struct LinkConfig {
    /// Its address.
    pub url: String,
    /// A certificate authority of the partner's own, PEM, believed beside the system's.
    pub ca: Option<PathBuf>,
    /// A certificate of our own.
    pub client: Option<ClientCertificate>,
    /// A proxy's URL; the environment's proxies are never used.
    pub proxy: Option<String>,
    /// Whether unencrypted http to another machine is accepted.
    pub allow_plaintext: bool,
    /// To connect (default 5 s).
    pub connect_timeout: Duration,
    /// From the last byte sent to the first of the answer (default 30 s).
    pub response_timeout: Duration,
    /// For all of it (default 60 s).
    pub total_timeout: Duration,
}

/// A certificate of our own (mutual TLS).
#[derive(Debug, Clone)]
pub struct ClientCertificate {
    /// The certificate and what leads to its authority, PEM.
    pub certificate: PathBuf,
    /// Its key, PEM.
    pub key: SecretRef,
}

pub(super) fn read(section: &Section<'_, '_>) -> LinkConfig {
    read_or(section, None)
}

/// The same where the partner has one address, unless it is said otherwise.
pub(super) fn read_or(section: &Section<'_, '_>, usual: Option<&str>) -> LinkConfig {
    let allow_plaintext = section.or("allow_plaintext", false);
    let url = address(section, "url", allow_plaintext);
    if !section.has("url") && usual.is_none() {
        section.missing("url");
    }
    LinkConfig {
        url: url.or(usual.map(str::to_owned)).unwrap_or_default(),
        ca: file(section, "ca"),
        client: client_certificate(section),
        proxy: proxy(section),
        allow_plaintext,
        connect_timeout: timeout(section, "connect_timeout", 5),
        response_timeout: timeout(section, "response_timeout", 30),
        total_timeout: timeout(section, "total_timeout", 60),
    }
}

pub(super) fn client_certificate(section: &Section<'_, '_>) -> Option<ClientCertificate> {
    let certificate = file(section, "client_certificate");
    let key = secret(section, "client_key");
    if certificate.is_some() != key.is_some() {
        section.error(
            "client_certificate",
            "`client_certificate` and `client_key` belong together",
        );
    }
    let (certificate, key) = certificate.zip(key)?;
    Some(ClientCertificate { certificate, key })
}

/// A table of names and texts.
pub(in crate::config) fn texts(
    section: &Section<'_, '_>,
    key: &'static str,
) -> BTreeMap<String, String> {
    let mut texts = BTreeMap::new();
    let Some(value) = section.raw(key) else {
        return texts;
    };
    let Some(table) = value.get_ref().as_table() else {
        section.error(key, format!("`{key}` must be a table of names and texts"));
        return texts;
    };
    for (name, value) in table {
        let name = name.get_ref().to_string();
        match String::from_toml(value.get_ref()) {
            Ok(text) => drop(texts.insert(name, text)),
            Err(why) => {
                let name = crate::problem::excerpt(&name);
                section.error(key, format!("`{key}`: {name} must be {why}"));
            }
        }
    }
    texts
}

pub(super) fn proxy(section: &Section<'_, '_>) -> Option<String> {
    let url: Url = section.get("proxy")?;
    if !matches!(url.scheme.as_str(), "http" | "https") || url.has_password {
        section.error(
            "proxy",
            "`proxy` must be an http:// or https:// URL without a password",
        );
    }
    Some(url.text)
}

pub(super) fn timeout(section: &Section<'_, '_>, key: &'static str, seconds: u64) -> Duration {
    section.within(
        key,
        Duration::from_secs(seconds),
        Duration::from_millis(100)..=Duration::from_mins(10),
        "from \"100ms\" to \"10m\"",
    )
}

/// An address of the partner: https, or http where that is safe or wanted.
pub(in crate::config) fn address(
    section: &Section<'_, '_>,
    key: &'static str,
    allow_plaintext: bool,
) -> Option<String> {
    let url: Url = section.get(key)?;
    match url.scheme.as_str() {
        "https" => {}
        "http" if url.is_loopback() => {}
        "http" if allow_plaintext => section.warn(
            key,
            format!("PLAINTEXT: everybody between here and {} can read and change the orders", url.host),
        ),
        "http" => section.error(
            key,
            format!(
                "`{key}` is unencrypted http to {}: use https, or set `allow_plaintext = true` if the way there is safe",
                url.host
            ),
        ),
        _ => section.error(key, format!("`{key}` must begin with https:// or http://")),
    }
    if url.has_user {
        section.error(
            key,
            format!("`{key}` must not hold a user or password: put them into `auth`"),
        );
    }
    Some(url.text)
}

/// A file that `check` looks for and the daemon needs.
pub(in crate::config) fn file(section: &Section<'_, '_>, key: &'static str) -> Option<PathBuf> {
    let path: String = section.get(key)?;
    Some(section.doc().resolve(&path))
}

//! `[http]`: the web side of the daemon. Without the section nothing listens.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use super::openid::{self, OpenIdConfig};
use super::section::Section;
use super::values::Url;
use crate::limits;
use crate::secret::SecretRef;

/// Where and how the daemon is reached by browsers and other programs.
#[derive(Debug, Clone)]
pub struct WebConfig {
    /// Where it listens (default `127.0.0.1:8640`).
    pub listen: SocketAddr,
    /// Certificate chain and key, PEM; without them HTTP is spoken.
    pub tls: Option<(PathBuf, PathBuf)>,
    /// Proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// How the outside calls it, for links in mails and pages: `https://edi.example.com`.
    pub public_url: Option<String>,
    /// The largest upload.
    pub max_upload: u64,
    /// Requests of one key in a minute.
    pub key_rate: usize,
    /// The interface for clients of Cargooffice; without it there is none.
    pub cargooffice: Option<LegacyConfig>,
    /// A provider at which people sign in; without it they have passwords here.
    pub oidc: Option<OpenIdConfig>,
}

/// The interface that clients of Cargooffice know.
#[derive(Debug, Clone)]
pub struct LegacyConfig {
    /// What requests are signed with.
    pub key: SecretRef,
    /// Whose orders these clients send and see; `None`: everybody's.
    pub sender: Option<String>,
    /// The source that takes their orders; else the first that takes uploads.
    pub source: Option<String>,
    /// How far their clocks may be from ours.
    pub window: Duration,
    /// Whether `md5(ts + key)` is enough, or only the HMAC is.
    pub md5: bool,
}

pub(super) fn read(section: Section<'_, '_>) -> WebConfig {
    let listen: String = section.or("listen", "127.0.0.1:8640".to_owned());
    let listen = listen.parse().unwrap_or_else(|_| {
        section.error(
            "listen",
            "`listen` must be an address with a port: \"127.0.0.1:8640\"",
        );
        SocketAddr::from(([127, 0, 0, 1], 0))
    });
    let certificate = super::destination::file(&section, "certificate");
    let key = super::destination::file(&section, "key");
    if certificate.is_some() != key.is_some() {
        section.error("certificate", "`certificate` and `key` belong together");
    }
    let most = super::values::Size(limits::FILE_BYTES);
    let web = WebConfig {
        tls: certificate.zip(key),
        trusted_proxies: proxies(&section),
        public_url: public_url(&section),
        max_upload: section
            .within(
                "max_upload",
                most,
                super::values::Size(1)..=most,
                "from 1 byte to \"256MB\"",
            )
            .0,
        key_rate: section.within(
            "key_rate",
            limits::KEY_REQUESTS,
            1..=limits::KEY_REQUESTS_MOST,
            "from 1 to 1000000",
        ),
        cargooffice: section.table("cargooffice").map(cargooffice),
        oidc: section.table("oidc").and_then(openid::read),
        listen,
    };
    let plaintext = section.or("allow_plaintext", false);
    guard(&section, &web, plaintext);
    if web.oidc.is_some() && web.public_url.is_none() {
        section.error(
            "oidc",
            "[http.oidc] needs `public_url` of [http]: the provider sends browsers back to it",
        );
    }
    section.finish();
    web
}

fn cargooffice(section: Section<'_, '_>) -> LegacyConfig {
    let open = LegacyConfig {
        key: super::secrets::needed(&section, "key"),
        sender: section.get("sender"),
        source: section.get("source"),
        window: section.within(
            "window",
            Duration::from_mins(15),
            Duration::from_secs(1)..=limits::LEGACY_WINDOW_MOST,
            "from \"1s\" to \"1h\"",
        ),
        md5: section.or("md5", true),
    };
    section.finish();
    open
}

/// Passwords and orders must not travel in the clear unless the operator says so: to another
/// machine TLS is spoken here, or by a proxy in front.
fn guard(section: &Section<'_, '_>, web: &WebConfig, plaintext: bool) {
    if web.tls.is_some() || web.listen.ip().is_loopback() || !web.trusted_proxies.is_empty() {
        return;
    }
    if plaintext {
        section.warn(
            "listen",
            format!(
                "PLAINTEXT: passwords and orders travel unencrypted to {}",
                web.listen
            ),
        );
    } else {
        section.error(
            "listen",
            "`listen` reaches other machines: give `certificate` and `key`, or `trusted_proxies` for \
             a proxy that speaks TLS, or say `allow_plaintext = true`",
        );
    }
}

fn proxies(section: &Section<'_, '_>) -> Vec<IpAddr> {
    let texts: Vec<String> = section.or("trusted_proxies", Vec::new());
    let mut proxies = Vec::with_capacity(texts.len());
    for text in texts {
        match text.parse() {
            Ok(proxy) => proxies.push(proxy),
            Err(_) => section.error(
                "trusted_proxies",
                "`trusted_proxies` must be a list of addresses: [\"127.0.0.1\"]",
            ),
        }
    }
    proxies
}

fn public_url(section: &Section<'_, '_>) -> Option<String> {
    let url: Url = section.get("public_url")?;
    if !matches!(url.scheme.as_str(), "http" | "https") || url.has_user {
        section.error(
            "public_url",
            "`public_url` must look like \"https://edi.example.com\"",
        );
    }
    Some(url.text.trim_end_matches('/').to_owned())
}

//! Where mail goes out, as configured, and what follows from it.

use std::fmt;
use std::fs::File;
use std::io::Read as _;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use secrecy::SecretString;

use crate::failure::Failure;
use crate::limits;

const DURING: &str = "reading the url of the mail server";

/// The mail server as configured.
#[derive(Debug, Clone, Default)]
pub struct SmtpSettings {
    /// `smtp://host:port` or `smtps://host:port`; the ports may be left out (587, or 25 to a
    /// loopback address; 465). A user may stand in it, a password may not.
    pub url: String,
    /// Wins over the url's.
    pub user: Option<String>,
    /// Read from where the configuration says.
    pub password: Option<SecretString>,
    /// PEM file with further certificate authorities.
    pub ca: Option<PathBuf>,
    /// The name said in EHLO; the machine's own by default.
    pub hello_name: Option<String>,
    /// Whether mail may go out unencrypted where the server offers nothing else.
    pub allow_plaintext: bool,
}

/// How a connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encryption {
    None,
    IfOffered,
    StartTls,
    FromStart,
}

/// The server that follows from the settings, without secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Server {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) user: Option<String>,
    pub(super) encryption: Encryption,
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

impl SmtpSettings {
    /// What the url means.
    pub(super) fn server(&self) -> Result<Server, Failure> {
        let wrong = |what: &str| Failure::operator(DURING, what);
        let (scheme, rest) = self
            .url
            .split_once("://")
            .ok_or_else(|| wrong("It must begin with smtp:// or smtps://."))?;
        let wrapped = match scheme {
            "smtp" => false,
            "smtps" => true,
            _ => return Err(wrong("It must begin with smtp:// or smtps://.")),
        };
        let rest = rest.trim_end_matches('/');
        let (login, place) = match rest.rsplit_once('@') {
            Some((login, place)) => (Some(login), place),
            None => (None, rest),
        };
        if login.is_some_and(|login| login.contains(':')) {
            return Err(wrong(
                "It must not hold a password: give password beside the url, as a credential or file.",
            ));
        }
        let (host, port) = host_and_port(place).ok_or_else(|| {
            wrong("It must name a host and may name a port: smtp://mail.example.com:587.")
        })?;
        let loopback = is_loopback(&host);
        let user = match (&self.user, login) {
            (Some(user), _) => Some(user.clone()),
            (None, Some(login)) => Some(
                percent_decoded(login)
                    .ok_or_else(|| wrong("The user in it is not valid percent-encoding."))?,
            ),
            (None, None) => None,
        };
        let encryption = match (wrapped, loopback, self.ca.is_some(), self.allow_plaintext) {
            (true, ..) => Encryption::FromStart,
            (false, true, false, _) => Encryption::None,
            (false, true, true, _) | (false, false, _, true) => Encryption::IfOffered,
            (false, false, _, false) => Encryption::StartTls,
        };
        let usual = match (wrapped, loopback) {
            (true, _) => 465,
            (false, true) => 25,
            (false, false) => 587,
        };
        Ok(Server {
            port: port.unwrap_or(usual),
            host,
            user,
            encryption,
        })
    }
}

/// `host`, `host:port`, `[::1]:port`.
fn host_and_port(place: &str) -> Option<(String, Option<u16>)> {
    let (host, port) = if let Some(rest) = place.strip_prefix('[') {
        let (host, rest) = rest.split_once(']')?;
        host.parse::<std::net::Ipv6Addr>().ok()?;
        (
            host,
            rest.strip_prefix(':').or(rest.is_empty().then_some(""))?,
        )
    } else {
        place.split_once(':').unwrap_or((place, ""))
    };
    let plausible = !host.is_empty()
        && host
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':' | b'_'));
    if !plausible {
        return None;
    }
    let port = if port.is_empty() {
        None
    } else {
        Some(port.parse().ok().filter(|port| *port > 0)?)
    };
    Some((host.to_owned(), port))
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        if *first == b'%' {
            let digits = tail.get(..2)?;
            bytes.push(*hex::decode(digits).ok()?.first()?);
            rest = tail.get(2..)?;
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).ok()
}

/// The authorities' certificates, bounded.
pub(super) fn read_ca(path: &Path) -> Result<Vec<u8>, Failure> {
    let during = format!("reading {}", path.display());
    let file = File::open(path).map_err(|error| Failure::operator(&during, error))?;
    let mut pem = Vec::new();
    file.take(limits::CONFIG_BYTES)
        .read_to_end(&mut pem)
        .map_err(|error| Failure::operator(&during, error))?;
    Ok(pem)
}

//! The address of a request: fixed, or with places for the order's own numbers.
//!
//! What is filled in is percent-encoded down to the unreserved characters (RFC 3986, 2.3) and can
//! only ever be part of one path segment or query: a reference of `..` or `a/../b` reaches no
//! other address of the partner.

use hyper::Method;
use secrecy::SecretString;
use url::Url;

use super::settings::{Endpoint, Verb};
use crate::partners::Request;

/// A compiled [`Endpoint`].
#[derive(Debug, Clone)]
pub(super) struct Target {
    method: Method,
    address: Address,
    user: Option<(String, SecretString)>,
}

#[derive(Debug, Clone)]
enum Address {
    Fixed(Url),
    Filled { parts: Vec<Part>, https: bool },
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Reference,
    RemoteId,
    Key,
}

impl Target {
    pub(super) fn new(endpoint: &Endpoint, allow_plaintext: bool) -> Result<Self, String> {
        let parts = parse(&endpoint.url)?;
        let sample = |filled: &str| address(&parts, |_| Ok(filled.to_owned()));
        let (url, other) = (sample("x")?, sample("y")?);
        check(&url, allow_plaintext)?;
        if url.authority() != other.authority() || url.scheme() != other.scheme() {
            return Err("the url may have { } only in its path and query".to_owned());
        }
        let user = user(&url)?;
        let fixed = matches!(parts.as_slice(), [Part::Text(_)]);
        Ok(Self {
            method: match endpoint.verb {
                Verb::Post => Method::POST,
                Verb::Put => Method::PUT,
                Verb::Patch => Method::PATCH,
                Verb::Delete => Method::DELETE,
            },
            user,
            address: if fixed {
                Address::Fixed(anonymous(url))
            } else {
                let https = url.scheme() == "https";
                Address::Filled { parts, https }
            },
        })
    }

    pub(super) fn method(&self) -> &Method {
        &self.method
    }

    pub(super) fn user(&self) -> Option<(String, SecretString)> {
        self.user.clone()
    }

    pub(super) fn is_https(&self) -> bool {
        match &self.address {
            Address::Fixed(url) => url.scheme() == "https",
            Address::Filled { https, .. } => *https,
        }
    }

    /// The address, where it is the same for every order.
    pub(super) fn fixed(&self) -> Option<&Url> {
        match &self.address {
            Address::Fixed(url) => Some(url),
            Address::Filled { .. } => None,
        }
    }

    /// The address for `request`, or why it has none.
    pub(super) fn url(&self, request: &Request) -> Result<Url, String> {
        let parts = match &self.address {
            Address::Fixed(url) => return Ok(url.clone()),
            Address::Filled { parts, .. } => parts,
        };
        let url = address(parts, |part| {
            let (value, what) = match part {
                Part::Reference => (Some(&request.reference), "reference"),
                Part::RemoteId => (request.remote_id.as_ref(), "remote_id"),
                Part::Key => (Some(&request.key), "key"),
                Part::Text(text) => return Ok(text.clone()),
            };
            match value {
                Some(value) if !value.is_empty() => Ok(encoded(value)),
                _ => Err(format!(
                    "the address needs the order's {what}, and there is none. Set it by hand at \
                     the partner, or take {{{what}}} out of the destination's url"
                )),
            }
        })?;
        Ok(anonymous(url))
    }
}

/// Takes `{name}` apart.
fn parse(url: &str) -> Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    let mut rest = url;
    while let Some((text, tail)) = rest.split_once('{') {
        let Some((name, tail)) = tail.split_once('}') else {
            return Err("the url has a { without its }".to_owned());
        };
        if !text.is_empty() {
            parts.push(Part::Text(text.to_owned()));
        }
        parts.push(match name {
            "reference" => Part::Reference,
            "remote_id" => Part::RemoteId,
            "key" => Part::Key,
            other => {
                return Err(format!(
                    "the url has {{{other}}}; known are {{reference}}, {{remote_id}} and {{key}}"
                ));
            }
        });
        rest = tail;
    }
    if !rest.is_empty() || parts.is_empty() {
        parts.push(Part::Text(rest.to_owned()));
    }
    Ok(parts)
}

fn address(parts: &[Part], fill: impl Fn(&Part) -> Result<String, String>) -> Result<Url, String> {
    let mut text = String::new();
    for part in parts {
        match part {
            Part::Text(fixed) => text.push_str(fixed),
            part => text.push_str(&fill(part)?),
        }
    }
    if has_dots(&text) {
        return Err(
            "the order's number cannot stand in an address: it would lead elsewhere".into(),
        );
    }
    // The parser's own message is safe; the text may hold a password.
    Url::parse(&text).map_err(|error| format!("the url is wrong: {error}"))
}

fn check(url: &Url, allow_plaintext: bool) -> Result<(), String> {
    let loopback = match url.host_str() {
        None => return Err("the url names no host".to_owned()),
        Some("localhost") => true,
        Some(host) => host
            .trim_matches(['[', ']'])
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback()),
    };
    match url.scheme() {
        "https" => Ok(()),
        "http" if loopback || allow_plaintext => Ok(()),
        "http" => Err(
            "orders and credentials would cross the network unencrypted: use https://, \
                       or set allow_plaintext = true"
                .to_owned(),
        ),
        other => Err(format!("the url begins with {other}:, not with https:")),
    }
}

/// User and password of the URL, percent-decoded.
fn user(url: &Url) -> Result<Option<(String, SecretString)>, String> {
    if url.username().is_empty() {
        return Ok(None);
    }
    let wrong = || "user or password in the url are not well encoded".to_owned();
    let user = decoded(url.username()).ok_or_else(wrong)?;
    let password = decoded(url.password().unwrap_or_default()).ok_or_else(wrong)?;
    Ok(Some((user, password.into())))
}

/// Credentials go into a header and nowhere else: an address ends up in messages.
fn anonymous(mut url: Url) -> Url {
    // Refused only for addresses without a host, which `check` excludes.
    let cleared = url.set_username("").and_then(|()| url.set_password(None));
    debug_assert!(cleared.is_ok(), "the url has a host");
    url
}

/// Whether a path holds a step that URLs resolve away (RFC 3986, 5.2.4): a number made of dots
/// would lead to another address.
fn has_dots(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    path.split(['/', '\\']).any(|segment| {
        let segment = segment.to_ascii_lowercase().replace("%2e", ".");
        matches!(segment.as_str(), "." | "..")
    })
}

fn encoded(value: &str) -> String {
    use std::fmt::Write;
    let mut text = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            text.push(char::from(byte));
        } else if write!(text, "%{byte:02X}").is_err() {
            break;
        }
    }
    text
}

/// Undoes percent-encoding; `None` where the result is no text.
pub(super) fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, tail)) = rest.split_first() {
        let pair = (*byte == b'%').then(|| tail.get(..2)).flatten();
        let value = pair
            .and_then(|pair| std::str::from_utf8(pair).ok())
            .filter(|pair| pair.bytes().all(|digit| digit.is_ascii_hexdigit()))
            .and_then(|pair| u8::from_str_radix(pair, 16).ok());
        bytes.push(value.unwrap_or(*byte));
        rest = if value.is_some() {
            tail.get(2..).unwrap_or_default()
        } else {
            tail
        };
    }
    String::from_utf8(bytes).ok()
}

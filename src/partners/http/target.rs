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
use crate::partners::wire::address::{anonymous, check, encoded, has_dots, user};

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
                Verb::Get => Method::GET,
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

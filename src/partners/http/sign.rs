//! A signature over a request: HMAC (RFC 2104) over a text with places for what is sent.
//!
//! Made when the request is sent, over the frozen body. What is signed is bytes: the body stands in
//! it as it goes out.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::clock;

/// How requests are signed.
#[derive(Clone)]
pub struct Sign {
    /// What they are signed with.
    pub key: SecretString,
    /// What is signed: text with `{method}`, `{url}`, `{path}`, `{timestamp}`, `{key}` and `{body}`.
    pub over: String,
    /// The hash.
    pub hash: Hash,
    /// How the signature is written.
    pub coding: Coding,
    /// The header it stands in.
    pub header: String,
    /// What stands before it there.
    pub prefix: String,
    /// The header of the time stamp, in seconds; empty: none.
    pub timestamp_header: String,
}

impl fmt::Debug for Sign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sign")
            .field("over", &self.over)
            .finish_non_exhaustive()
    }
}

/// A hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hash {
    /// SHA-256.
    Sha256,
    /// SHA-512.
    Sha512,
}

/// How a signature is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// Lower-case hexadecimal.
    Hex,
    /// Base 64.
    Base64,
}

/// A compiled [`Sign`].
#[derive(Debug)]
pub(super) struct Signer {
    settings: Sign,
    parts: Vec<Part>,
    header: HeaderName,
    timestamp: Option<HeaderName>,
}

#[derive(Debug)]
enum Part {
    Text(String),
    Method,
    Url,
    Path,
    Timestamp,
    Key,
    Body,
}

/// What is signed.
pub(super) struct Sent<'a> {
    pub(super) method: &'a str,
    pub(super) url: &'a Url,
    pub(super) key: &'a str,
    pub(super) body: &'a [u8],
}

impl Signer {
    pub(super) fn new(settings: &Sign) -> Result<Self, String> {
        let name = |name: &str| -> Result<HeaderName, String> {
            name.parse()
                .map_err(|_| format!("“{name}” cannot be the name of a header"))
        };
        let stamped = Some(settings.timestamp_header.as_str()).filter(|name| !name.is_empty());
        Ok(Self {
            parts: parse(&settings.over)?,
            header: name(&settings.header)?,
            timestamp: stamped.map(name).transpose()?,
            settings: settings.clone(),
        })
    }

    /// Adds signature and time stamp.
    pub(super) fn sign(&self, sent: &Sent<'_>, headers: &mut HeaderMap) -> Result<(), String> {
        let timestamp = clock::now().0.div_euclid(1000).to_string();
        let path = &sent.url[url::Position::BeforePath..url::Position::AfterQuery];
        let mut over = Vec::with_capacity(sent.body.len() + 256);
        for part in &self.parts {
            over.extend_from_slice(match part {
                Part::Text(text) => text.as_bytes(),
                Part::Method => sent.method.as_bytes(),
                Part::Url => sent.url.as_str().as_bytes(),
                Part::Path => path.as_bytes(),
                Part::Timestamp => timestamp.as_bytes(),
                Part::Key => sent.key.as_bytes(),
                Part::Body => sent.body,
            });
        }
        let signature = self.code(&self.hash(&over)?);
        let value = HeaderValue::from_str(&format!("{}{signature}", self.settings.prefix))
            .map_err(|_| "the signature's prefix cannot stand in a header".to_owned())?;
        headers.insert(self.header.clone(), value);
        if let Some(name) = &self.timestamp {
            let value = HeaderValue::from_str(&timestamp).map_err(|error| error.to_string())?;
            headers.insert(name.clone(), value);
        }
        Ok(())
    }

    fn hash(&self, over: &[u8]) -> Result<Vec<u8>, String> {
        let key = self.settings.key.expose_secret().as_bytes();
        let wrong = |_| "the key cannot be signed with".to_owned();
        Ok(match self.settings.hash {
            Hash::Sha256 => {
                let mut mac = Hmac::<sha2::Sha256>::new_from_slice(key).map_err(wrong)?;
                mac.update(over);
                mac.finalize().into_bytes().to_vec()
            }
            Hash::Sha512 => {
                let mut mac = Hmac::<sha2::Sha512>::new_from_slice(key).map_err(wrong)?;
                mac.update(over);
                mac.finalize().into_bytes().to_vec()
            }
        })
    }

    fn code(&self, signature: &[u8]) -> String {
        match self.settings.coding {
            Coding::Hex => hex::encode(signature),
            Coding::Base64 => STANDARD.encode(signature),
        }
    }
}

fn parse(over: &str) -> Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    let mut rest = over;
    while let Some((text, tail)) = rest.split_once('{') {
        let (name, tail) = tail
            .split_once('}')
            .ok_or("what is signed has a { without its }")?;
        parts.push(Part::Text(text.to_owned()));
        parts.push(match name {
            "method" => Part::Method,
            "url" => Part::Url,
            "path" => Part::Path,
            "timestamp" => Part::Timestamp,
            "key" => Part::Key,
            "body" => Part::Body,
            other => {
                return Err(format!(
                    "what is signed has {{{other}}}; known are {{method}}, {{url}}, {{path}}, \
                     {{timestamp}}, {{key}} and {{body}}"
                ));
            }
        });
        rest = tail;
    }
    parts.push(Part::Text(rest.to_owned()));
    Ok(parts)
}

//! Calls to the URLs of people who follow orders.
//!
//! The URLs come from orders and from a public page, so they are hostile until shown otherwise:
//! https only, no redirect followed, nothing of the answer kept, and never to an address that only
//! our own network reaches ([`nets`]) unless the operator allowed it. The address that is checked is
//! the one that is connected to: the check sits in the resolver.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use reqwest::{Client, StatusCode, Url, redirect};
use secrecy::{ExposeSecret, SecretString};

use crate::clock;
use crate::failure::Failure;
use crate::limits;
use crate::tracking::sign;

pub mod nets;
mod resolve;

use nets::Nets;

/// One call.
#[derive(Debug, Clone)]
pub struct Call {
    /// The same on every try: by it the other side knows a repeat.
    pub id: String,
    /// Where to.
    pub url: String,
    /// JSON.
    pub body: Bytes,
}

/// What became of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Called {
    /// It was taken.
    Taken,
    /// They do not want any more (410).
    Gone,
    /// It is never to be tried again, and why.
    Never(String),
    /// It may work later.
    Later(String),
}

/// Whoever makes calls.
#[async_trait]
pub trait Callbacks: Send + Sync {
    /// Calls once.
    async fn call(&self, call: &Call) -> Called;

    /// Why a URL cannot be called at all, as far as its text tells.
    fn objection(&self, url: &str) -> Option<String>;
}

/// Calls over HTTP, signed.
pub struct HttpCallbacks {
    client: Client,
    secret: SecretString,
    allowed: Arc<Nets>,
}

impl HttpCallbacks {
    /// Signs with `secret`; private addresses are called only within `allowed`.
    ///
    /// # Errors
    /// The system's: no certificates can be read.
    pub fn new(secret: SecretString, allowed: Nets) -> Result<Self, Failure> {
        let allowed = Arc::new(allowed);
        let client = Client::builder()
            .user_agent(concat!("orderdock/", env!("CARGO_PKG_VERSION")))
            .http1_only()
            // Where a redirect leads was not checked.
            .redirect(redirect::Policy::none())
            .referer(false)
            // A proxy would connect for us, and to where it likes.
            .no_proxy()
            .dns_resolver(resolve::Checked::new(Arc::clone(&allowed)))
            .pool_max_idle_per_host(1)
            .pool_idle_timeout(Duration::from_secs(30))
            .connect_timeout(limits::HTTP_CONNECT)
            .timeout(limits::CALLBACK_TOTAL)
            .build()
            .map_err(|error| Failure::operator("setting up callbacks", error.without_url()))?;
        Ok(Self {
            client,
            secret,
            allowed,
        })
    }

    fn checked(&self, url: &str) -> Result<Url, String> {
        let url = Url::parse(url).map_err(|error| format!("it is not a URL: {error}"))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err("its URL holds a user or password".to_owned());
        }
        let host = url.host_str().ok_or("its URL names no host")?;
        let literal: Option<std::net::IpAddr> = host.trim_matches(['[', ']']).parse().ok();
        if let Some(address) = literal
            && !self.allowed.may_call(address)
        {
            return Err(nets::REFUSED.to_owned());
        }
        let plain = literal.is_some_and(|address| self.allowed.contains(address));
        match url.scheme() {
            "https" => Ok(url),
            // Only where the operator named the very address.
            "http" if plain => Ok(url),
            _ => Err("its URL is not https://".to_owned()),
        }
    }
}

#[async_trait]
impl Callbacks for HttpCallbacks {
    async fn call(&self, call: &Call) -> Called {
        let url = match self.checked(&call.url) {
            Ok(url) => url,
            Err(why) => return Called::Never(why),
        };
        let seconds = clock::now().0 / 1000;
        let secret = self.secret.expose_secret().as_bytes();
        let sent = self
            .client
            .post(url)
            .header("content-type", "application/json")
            .header("webhook-id", &call.id)
            .header("webhook-timestamp", seconds.to_string())
            .header(
                "webhook-signature",
                sign::callback(secret, &call.id, seconds, &call.body),
            )
            .body(call.body.clone())
            .send()
            .await;
        match sent {
            Ok(answer) if answer.status().is_success() => Called::Taken,
            Ok(answer) if answer.status() == StatusCode::GONE => Called::Gone,
            Ok(answer) => Called::Later(format!("it answered {}", answer.status().as_u16())),
            Err(error) => unheard(error),
        }
    }

    fn objection(&self, url: &str) -> Option<String> {
        self.checked(url).err()
    }
}

/// The library's words hold neither body nor headers; the address is left out.
fn unheard(error: reqwest::Error) -> Called {
    let error = error.without_url();
    let mut words = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(inner) = cause {
        if inner.is::<resolve::Private>() {
            return Called::Never(nets::REFUSED.to_owned());
        }
        words = format!("{words}: {inner}");
        cause = inner.source();
    }
    Called::Later(words)
}

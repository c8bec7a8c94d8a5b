//! The connection: how it is made, and what it means when it fails.
//!
//! The one question that matters of a failed request is whether the partner may have seen it. It
//! cannot have before there was a connection; after that it may, whatever the error says.

use std::error::Error;

use reqwest::{Certificate, Client, Proxy, redirect};

use super::settings::{Authorities, HttpSettings, Redactor};
use crate::failure::{Failure, Lasting, Turn};
use crate::limits;
use crate::partners::Outcome;

pub(super) fn build(settings: &HttpSettings, secure: bool) -> Result<Client, String> {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        return Err("no TLS provider is installed in this process".to_owned());
    }
    let builder = Client::builder()
        .user_agent(concat!("orderdock/", env!("CARGO_PKG_VERSION")))
        // One request a connection at a time: a connection that breaks leaves one order unknown.
        .http1_only()
        .tcp_nodelay(true)
        .redirect(redirect::Policy::none())
        .referer(false)
        .retry(reqwest::retry::never())
        .no_proxy()
        .pool_max_idle_per_host(settings.concurrency)
        .pool_idle_timeout(limits::HTTP_KEEP_ALIVE)
        .connect_timeout(settings.connect_timeout)
        .read_timeout(settings.response_timeout)
        .timeout(settings.total_timeout);
    let certificates = |pem: &[u8]| {
        Certificate::from_pem_bundle(pem)
            .ok()
            .filter(|found| !found.is_empty())
            .ok_or_else(|| "the CA file holds no certificate in PEM form".to_owned())
    };
    let builder = match &settings.authorities {
        // Without https no certificate is ever looked at; a system without any is no reason to fail.
        _ if !secure => builder.tls_certs_only([]),
        Authorities::System => builder,
        Authorities::Also(pem) => builder.tls_certs_merge(certificates(pem)?),
        Authorities::Only(pem) => builder.tls_certs_only(certificates(pem)?),
    };
    let builder = match &settings.proxy {
        Some(proxy) => builder.proxy(Proxy::all(proxy).map_err(|_| "the proxy's url is wrong")?),
        None => builder,
    };
    builder.build().map_err(|error| chain(&error.without_url()))
}

/// What a request that got no answer may have done.
pub(super) fn class_error(error: &reqwest::Error, during: &str, redactor: &Redactor) -> Outcome {
    let failure = |lasting, turn, message: String| Failure {
        lasting,
        turn,
        during: during.to_owned(),
        message: redactor.clean(message),
    };
    let partner = |message| failure(Lasting::Temporary, Turn::Partner, message);
    let operator = |message| failure(Lasting::Temporary, Turn::Operator, message);
    let why = chain(error);
    if error.is_builder() {
        return Outcome::Parked(operator(format!("the request could not be made: {why}.")));
    }
    if error.is_dns() {
        return Outcome::Unreachable(operator(format!(
            "the destination's name could not be resolved: {why}. Nothing was sent. Check the url \
             and this machine's name servers."
        )));
    }
    match tls_error(error) {
        // The peer ended the session by an alert: it read no request of ours (RFC 8446, 6.2).
        Some(rustls::Error::AlertReceived(_)) => Outcome::Unreachable(operator(format!(
            "the destination refused the TLS session: {why}. Nothing was accepted."
        ))),
        Some(_) if error.is_connect() => Outcome::Unreachable(operator(format!(
            "the destination's TLS could not be verified: {why}. Nothing was sent. Check its \
             certificate, the name in the url, and ca."
        ))),
        _ if error.is_connect() => Outcome::Later {
            after: None,
            failure: partner(format!("no connection: {why}. Nothing was sent.")),
            destination: true,
        },
        _ if error.is_timeout() => Outcome::Unknown(partner(
            "no answer in time. The order may or may not have been taken.".to_owned(),
        )),
        _ => Outcome::Unknown(partner(format!(
            "the connection ended before the answer: {why}. The order may or may not have been \
             taken."
        ))),
    }
}

/// The error of the TLS library somewhere below `error`.
fn tls_error(error: &reqwest::Error) -> Option<&rustls::Error> {
    let mut next: Option<&(dyn Error + 'static)> = error.source();
    while let Some(error) = next {
        if let Some(tls) = error.downcast_ref() {
            return Some(tls);
        }
        // An I/O error shows what it wraps only here, and not as its source.
        let inner = error.downcast_ref::<std::io::Error>();
        next = match inner.and_then(std::io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}

/// The innermost reasons of an error, without the address: that may hold what is secret.
fn chain(error: &reqwest::Error) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut next = error.source();
    while let Some(error) = next {
        let word = error.to_string();
        if words.last().is_none_or(|last| !last.contains(&word)) {
            words.push(word);
        }
        next = error.source();
    }
    if words.is_empty() {
        return "unknown reason".to_owned();
    }
    let from = words.len().saturating_sub(2);
    words.get(from..).unwrap_or_default().join(": ")
}

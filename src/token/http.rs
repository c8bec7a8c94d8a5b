//! Asking a server of the house's own choosing over HTTP: the client, the address and the answer.
//!
//! No redirect is followed and no proxy used: a server that sends us elsewhere would have our secrets
//! sent elsewhere. An answer is bounded in size and time.

use reqwest::{Certificate, Response, Url, redirect};
pub(crate) use reqwest::{Client, RequestBuilder as Request};

use crate::failure::Failure;
use crate::limits;

/// The address of such a server: `https`, or `http` to this machine.
pub(crate) fn address(url: &str) -> Result<Url, String> {
    let url = Url::parse(url).map_err(|error| format!("the url is wrong: {error}"))?;
    let loopback = url.host_str().is_some_and(|host| {
        let bare = host.trim_matches(['[', ']']);
        bare == "localhost"
            || bare
                .parse()
                .is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
    });
    match url.scheme() {
        "https" => {}
        "http" if loopback => {}
        _ => return Err("the address must be https://".to_owned()),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("the url must not hold a user or password".to_owned());
    }
    Ok(url)
}

/// A client that believes the system's certificate authorities and those of `ca`.
pub(crate) fn client(ca: Option<&[u8]>, secure: bool) -> Result<Client, String> {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        return Err("no TLS provider is installed in this process".to_owned());
    }
    let builder = Client::builder()
        .user_agent(concat!("orderdock/", env!("CARGO_PKG_VERSION")))
        .http1_only()
        .redirect(redirect::Policy::none())
        .referer(false)
        .no_proxy()
        // Asked once an hour: no connection is kept.
        .pool_max_idle_per_host(0)
        .connect_timeout(limits::HTTP_CONNECT)
        .timeout(limits::TOKEN_TOTAL);
    let builder = match ca {
        _ if !secure => builder.tls_certs_only([]),
        None => builder,
        Some(pem) => {
            let found = Certificate::from_pem_bundle(pem).ok();
            let found = found.filter(|found| !found.is_empty());
            builder.tls_certs_merge(found.ok_or("the CA file holds no certificate in PEM form")?)
        }
    };
    builder
        .build()
        .map_err(|error| error.without_url().to_string())
}

/// The body of an answer; `long` is said where it is longer than any that is meant for us.
pub(crate) async fn body(
    mut response: Response,
    during: &str,
    long: &str,
) -> Result<Vec<u8>, Failure> {
    let mut body = Vec::new();
    let lost = |error| unheard(during, error);
    while let Some(chunk) = response.chunk().await.map_err(lost)? {
        if body.len() + chunk.len() > limits::ANSWER_BYTES {
            return Err(Failure::temporary(during, long));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Nothing was heard. The library's words hold neither body nor headers; the address is left out.
pub(crate) fn unheard(during: &str, error: reqwest::Error) -> Failure {
    let error = error.without_url();
    let mut words = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(inner) = cause {
        words = format!("{words}: {inner}");
        cause = inner.source();
    }
    Failure::temporary(during, words)
}

/// `application/x-www-form-urlencoded`, down to the unreserved characters.
pub(crate) fn encoded(value: &str) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else if write!(text, "%{byte:02X}").is_err() {
            break;
        }
    }
    text
}

/// Pairs as the body of a form.
pub(crate) fn form<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let pairs = pairs.into_iter();
    let pairs = pairs.map(|(key, value)| format!("{key}={}", encoded(value)));
    pairs.collect::<Vec<_>>().join("&")
}

//! Addresses: which may be used, and how values stand in them.

use secrecy::SecretString;
use url::Url;

/// Whether orders and credentials may be sent there.
pub(in crate::partners) fn check(url: &Url, allow_plaintext: bool) -> Result<(), String> {
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
pub(in crate::partners) fn user(url: &Url) -> Result<Option<(String, SecretString)>, String> {
    if url.username().is_empty() {
        return Ok(None);
    }
    let wrong = || "user or password in the url are not well encoded".to_owned();
    let user = decoded(url.username()).ok_or_else(wrong)?;
    let password = decoded(url.password().unwrap_or_default()).ok_or_else(wrong)?;
    Ok(Some((user, password.into())))
}

/// Credentials go into a header and nowhere else: an address ends up in messages.
pub(in crate::partners) fn anonymous(mut url: Url) -> Url {
    // Refused only for addresses without a host, which `check` excludes.
    let cleared = url.set_username("").and_then(|()| url.set_password(None));
    debug_assert!(cleared.is_ok(), "the url has a host");
    url
}

/// Whether a path holds a step that URLs resolve away (RFC 3986, 5.2.4): a number made of dots
/// would lead to another address.
pub(in crate::partners) fn has_dots(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    path.split(['/', '\\']).any(|segment| {
        let segment = segment.to_ascii_lowercase().replace("%2e", ".");
        matches!(segment.as_str(), "." | "..")
    })
}

/// Percent-encoded down to the unreserved characters (RFC 3986, 2.3).
pub(in crate::partners) fn encoded(value: &str) -> String {
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

/// Names and values as a query or form has them.
pub(in crate::partners) fn pairs<'a>(
    pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> String {
    let pairs = pairs.into_iter();
    let pairs = pairs.map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
    pairs.collect::<Vec<_>>().join("&")
}

/// Undoes percent-encoding; `None` where the result is no text.
pub(in crate::partners) fn decoded(text: &str) -> Option<String> {
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

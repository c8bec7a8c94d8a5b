//! Where a source elsewhere is: `url`, with `user` and `password` in it or beside it.
//!
//! User, password and path are percent-decoded (RFC 3986, 2.1); the path is absolute, `/~/x` is
//! relative to the login folder, and a `user` or `password` beside the URL wins over it.

use super::super::secrets::secret;
use super::super::section::{Section, either};
use super::super::values::Url;
use crate::secret::{Kept, Secret, SecretRef};

/// An account on a server, and a folder there.
pub(super) struct Remote {
    /// The scheme.
    pub(super) scheme: String,
    pub(super) host: String,
    pub(super) port: Option<u16>,
    pub(super) user: String,
    pub(super) password: Option<SecretRef>,
    /// `/x` or `/~/x`.
    pub(super) path: String,
    /// Whether it is this machine.
    pub(super) loopback: bool,
}

/// Reads `url`, `user` and `password`. What is wrong was told; then the parts are empty.
pub(super) fn remote(section: &Section<'_, '_>, schemes: &[&str]) -> Remote {
    let url: Option<Url> = section.need("url");
    let loopback = url.as_ref().is_some_and(Url::is_loopback);
    let wrong = |message: String| section.error("url", message);
    let mut remote = Remote {
        scheme: String::new(),
        host: String::new(),
        port: None,
        user: String::new(),
        password: secret(section, "password"),
        path: "/~".to_owned(),
        loopback,
    };
    if let Some(url) = url {
        if !schemes.contains(&url.scheme.as_str()) {
            let shown: Vec<String> = schemes.iter().map(|s| format!("{s}://")).collect();
            let shown: Vec<&str> = shown.iter().map(String::as_str).collect();
            wrong(format!("`url` must begin with {}", either(&shown)));
        }
        match parts(&url.text) {
            Some(parts) => take(section, &mut remote, parts),
            None => wrong(
                "`url` has a percent sign that is no code, or a character that no path may have: \
                 write %25 for a percent sign"
                    .to_owned(),
            ),
        }
        (remote.scheme, remote.host) = (url.scheme, url.host);
    }
    if let Some(user) = section.get("user") {
        remote.user = user;
    }
    if remote.user.is_empty() {
        section.error("user", "`user` is missing: set it, or write it into `url`");
    }
    remote
}

fn take(section: &Section<'_, '_>, remote: &mut Remote, parts: Parts) {
    remote.user = parts.user.unwrap_or_default();
    remote.port = parts.port;
    if !parts.path.is_empty() {
        remote.path = parts.path;
    }
    if let Some(password) = parts.password {
        section.warn(
            "url",
            "`url` has a password in it: keep it in `password` as { credential = \"…\" } or \
             { file = \"…\" }",
        );
        let key = format!("`url` of {} ({})", section.about(), section.origin("url"));
        remote.password.get_or_insert(SecretRef {
            key,
            kept: Kept::Inline(Secret::new(&password)),
        });
    }
}

/// What follows the scheme.
#[derive(Debug, PartialEq, Eq)]
struct Parts {
    user: Option<String>,
    password: Option<String>,
    port: Option<u16>,
    path: String,
}

fn parts(url: &str) -> Option<Parts> {
    let (_, rest) = url.split_once("://")?;
    let (authority, path) = match rest.find('/') {
        Some(at) => rest.split_at(at),
        None => (rest, ""),
    };
    let (account, place) = match authority.rsplit_once('@') {
        Some((account, place)) => (Some(account), place),
        None => (None, authority),
    };
    let (user, password) = match account.map(|account| account.split_once(':')) {
        Some(Some((user, password))) => (Some(user), Some(password)),
        Some(None) => (account, None),
        None => (None, None),
    };
    // The colons of an IPv6 address are within its brackets.
    let after = place.rsplit_once(']').map_or(place, |(_, after)| after);
    let port = after.rsplit_once(':').map(|(_, port)| port);
    let decoded_part = |part: Option<&str>| part.map(decoded).map_or(Some(None), |d| d.map(Some));
    Some(Parts {
        user: decoded_part(user)?,
        password: decoded_part(password)?,
        port: port.and_then(|port| port.parse().ok()),
        path: decoded(path)?,
    })
}

/// Without percent codes; `None` for a wrong code, for what is no UTF-8 and for control characters.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digit = |byte: u8| char::from(byte).to_digit(16);
            let (high, low) = (digit(rest.next()?)?, digit(rest.next()?)?);
            bytes.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    let text = String::from_utf8(bytes).ok()?;
    (!text.chars().any(char::is_control)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_and_path_are_decoded_and_the_port_is_read() {
        let parts = parts("sftp://an%40n:p%2Fw@[::1]:2022/~/in%20box").unwrap();
        let expected = Parts {
            user: Some("an@n".into()),
            password: Some("p/w".into()),
            port: Some(2022),
            path: "/~/in box".into(),
        };
        assert_eq!(parts, expected);
    }

    #[test]
    fn without_user_port_and_path_nothing_is_made_up() {
        let expected = Parts {
            user: None,
            password: None,
            port: None,
            path: String::new(),
        };
        assert_eq!(parts("sftp://host"), Some(expected));
    }

    #[test]
    fn wrong_codes_and_control_characters_are_refused() {
        for url in [
            "sftp://h/%zz",
            "sftp://h/%2",
            "sftp://h/%00",
            "sftp://h/%0d%0a",
            "sftp://h/%ff",
        ] {
            assert_eq!(parts(url), None, "{url}");
        }
    }
}

//! The session's cookie and its token.
//!
//! 256 bits from the system, known to the browser alone: the ledger has their hash, so that a copy
//! of the ledger opens no session. The name says `__Host-` where browsers reach us encrypted: then
//! they send it to this very host only (RFC 6265bis 4.1.3.2).

use axum::http::{HeaderMap, HeaderValue, header};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::failure::Failure;

const PLAIN: &str = "orderdock";
const SECURE: &str = "__Host-orderdock";

/// Bytes that nobody can guess, as text for cookies and forms.
///
/// # Errors
/// Ours: the system gives none.
pub(crate) fn token() -> Result<String, Failure> {
    let mut bytes = [0_u8; 32];
    rustix::rand::getrandom(&mut bytes, rustix::rand::GetRandomFlags::empty())
        .map_err(|error| Failure::ours("asking the system for random bytes", error))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// A key for a program, told apart from everything else by its beginning.
///
/// # Errors
/// Ours: the system gives no random bytes.
pub fn new_key() -> Result<String, Failure> {
    Ok(format!("odk_{}", token()?))
}

/// What the ledger knows of a token.
#[must_use]
pub fn hashed(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// The token that a browser sent.
pub(crate) fn session(headers: &HeaderMap, https: bool) -> Option<String> {
    let name = if https { SECURE } else { PLAIN };
    let cookies = headers.get_all(header::COOKIE).into_iter();
    cookies
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then(|| value.to_owned()))
}

/// The header that gives a browser its token; an empty token takes it away.
pub(crate) fn set(token: &str, https: bool) -> Option<HeaderValue> {
    let (name, secure) = if https {
        (SECURE, "; Secure")
    } else {
        (PLAIN, "")
    };
    let ends = if token.is_empty() { "; Max-Age=0" } else { "" };
    let text = format!("{name}={token}; Path=/; HttpOnly; SameSite=Strict{secure}{ends}");
    HeaderValue::from_str(&text).ok()
}

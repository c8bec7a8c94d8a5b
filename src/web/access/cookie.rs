//! The session's cookie and its token.
//!
//! 256 bits from the system, known to the browser alone: the ledger has their hash, so that a copy
//! of the ledger opens no session. The name says `__Host-` where browsers reach us encrypted: then
//! they send it to this very host only (RFC 6265bis 4.1.3.2).

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::failure::Failure;
use crate::limits;

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
    named(headers, if https { SECURE } else { PLAIN })
}

/// The state of the sign-in that a browser has under way.
pub(crate) fn signing_in(headers: &HeaderMap, https: bool) -> Option<String> {
    named(headers, sign_in_name(https))
}

fn sign_in_name(https: bool) -> &'static str {
    if https {
        "__Host-orderdock-sign-in"
    } else {
        "orderdock-sign-in"
    }
}

/// The header that lets a browser keep the state of its sign-in; an empty one takes it away. It has to
/// come back along the provider's redirect, which `Strict` would not let it.
pub(crate) fn sign_in(state: &str, https: bool) -> Option<(HeaderName, HeaderValue)> {
    let secure = if https { "; Secure" } else { "" };
    let age = if state.is_empty() {
        0
    } else {
        limits::SIGN_IN.as_secs()
    };
    let name = sign_in_name(https);
    let text = format!("{name}={state}; Path=/; HttpOnly; SameSite=Lax; Max-Age={age}{secure}");
    Some((header::SET_COOKIE, HeaderValue::from_str(&text).ok()?))
}

fn named(headers: &HeaderMap, name: &str) -> Option<String> {
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

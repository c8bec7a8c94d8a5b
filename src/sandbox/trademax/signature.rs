//! Who may pass: the five parameters of authentication, checked in the order of the contract.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::natural;
use super::params::Params;
use super::words::Refusal;
use crate::sandbox::call::Call;
use crate::sandbox::stand::House;

const FIVE: [&str; 5] = ["api_key", "timestamp", "method", "url", "signature"];

/// The string that is signed: every parameter but the signature, in natural order, not encoded.
pub(super) fn string(params: &Params) -> String {
    let mut flat = params.flat();
    flat.retain(|(name, _)| name != "signature");
    flat.sort_by(|(left, _), (right, _)| natural::compare(left, right));
    let mut out = String::new();
    for (name, value) in flat {
        if !out.is_empty() {
            out.push('&');
        }
        out.push_str(&name);
        out.push('=');
        out.push_str(value);
    }
    out
}

/// The HMAC-SHA256 of a string; a key may have any length (RFC 2104, 2).
fn mac(secret: &str, string: &str) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    mac.update(string.as_bytes());
    Some(mac)
}

/// Whether a request may pass; on the way out, why not.
pub(super) fn check(call: &Call, params: &Params, house: &House) -> Result<(), Refusal> {
    let settings = &house.settings.trademax;
    let absent: Vec<_> = FIVE
        .into_iter()
        .filter(|name| params.text(name).is_none())
        .map(|name| format!("The parameter {name} is missing."))
        .collect();
    if !absent.is_empty() {
        return Err(Refusal::new(401, absent));
    }
    let text = |name| params.text(name).unwrap_or_default();
    let mut wrong = Vec::new();
    match text("timestamp").parse::<i64>() {
        Err(_) => wrong.push("The timestamp must be the seconds since 1970.".to_owned()),
        Ok(at) => {
            let off = at.abs_diff(house.seconds());
            if settings.timestamp_window.is_some_and(|window| off > window) {
                wrong.push(format!("The timestamp is {off} seconds off."));
            }
        }
    }
    if text("method") != call.method {
        wrong.push(format!("The method must be {}.", call.method));
    }
    if text("url") != call.url {
        wrong.push(format!("The url must be {}.", call.url));
    }
    if !wrong.is_empty() {
        return Err(Refusal::new(402, wrong));
    }
    if text("api_key") != settings.api_key {
        return Err(Refusal::new(
            404,
            vec!["The public key is invalid.".to_owned()],
        ));
    }
    let string = string(params);
    let given = text("signature");
    let lower = !given.bytes().any(|byte| byte.is_ascii_uppercase());
    let bytes = hex::decode(given).ok().filter(|_| lower);
    let right = bytes.zip(mac(&settings.secret, &string));
    if right.is_some_and(|(bytes, mac)| mac.verify_slice(&bytes).is_ok()) {
        return Ok(());
    }
    let mut refusal = Refusal::new(405, vec!["The signature check failed.".to_owned()]);
    refusal.note = format!("The signature is not that of this string: {string}");
    Err(refusal)
}

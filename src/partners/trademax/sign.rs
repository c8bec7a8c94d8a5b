//! Trademax's signature: HMAC-SHA256 over all parameters in natural order.
//!
//! Pure. Nested values are flattened to the bracket keys of PHP, sorted so that runs of digits
//! compare as numbers and everything else by byte, joined without any encoding, and signed. Every
//! value is a text: what a boolean, a null or a decimal would be signed as never comes up.

use std::cmp::Ordering;

use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};
use sha2::Sha256;

/// Names and values, flattened.
pub(super) type Flat = Vec<(String, String)>;

/// `params` flattened: `packages[0][products][1][artno]`. Empty lists have no names and vanish.
pub(super) fn flatten(params: &Map<String, Value>) -> Flat {
    let mut flat = Vec::new();
    let mut name = String::new();
    for (key, value) in params {
        name.push_str(key);
        walk(value, &mut name, &mut flat);
        name.clear();
    }
    flat
}

fn walk(value: &Value, name: &mut String, into: &mut Flat) {
    let length = name.len();
    let mut below = |step: &str, value: &Value| {
        name.push('[');
        name.push_str(step);
        name.push(']');
        walk(value, name, into);
        name.truncate(length);
    };
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                below(&index.to_string(), item);
            }
        }
        Value::Object(members) => {
            for (key, member) in members {
                below(key, member);
            }
        }
        Value::String(text) => into.push((name.clone(), text.clone())),
        Value::Null => into.push((name.clone(), String::new())),
        Value::Bool(flag) => into.push((name.clone(), u8::from(*flag).to_string())),
        Value::Number(number) => into.push((name.clone(), number.to_string())),
    }
}

/// The signature of `flat`, in lower-case hex. Sorts it.
pub(super) fn signature(flat: &mut Flat, secret: &SecretString) -> Option<String> {
    flat.sort_by(|(one, _), (other, _)| natural(one, other));
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes()).ok()?;
    for (index, (name, value)) in flat.iter().enumerate() {
        if index > 0 {
            mac.update(b"&");
        }
        mac.update(name.as_bytes());
        mac.update(b"=");
        mac.update(value.as_bytes());
    }
    Some(hex::encode(mac.finalize().into_bytes()))
}

/// Runs of digits as numbers, however long; everything else by byte.
pub(super) fn natural(one: &str, other: &str) -> Ordering {
    let (mut a, mut b) = (one.as_bytes(), other.as_bytes());
    loop {
        let (Some(x), Some(y)) = (a.first(), b.first()) else {
            return a.len().cmp(&b.len());
        };
        if x.is_ascii_digit() && y.is_ascii_digit() {
            let (left, right) = (digits(a), digits(b));
            let (less, more) = (significant(left), significant(right));
            let order = less.len().cmp(&more.len()).then_with(|| less.cmp(more));
            if order.is_ne() {
                return order;
            }
            a = a.get(left.len()..).unwrap_or_default();
            b = b.get(right.len()..).unwrap_or_default();
        } else if x == y {
            a = a.get(1..).unwrap_or_default();
            b = b.get(1..).unwrap_or_default();
        } else {
            return x.cmp(y);
        }
    }
}

fn digits(text: &[u8]) -> &[u8] {
    let end = text.iter().position(|byte| !byte.is_ascii_digit());
    text.get(..end.unwrap_or(text.len())).unwrap_or_default()
}

/// Without leading zeros.
fn significant(digits: &[u8]) -> &[u8] {
    let start = digits.iter().position(|digit| *digit != b'0');
    digits
        .get(start.unwrap_or(digits.len())..)
        .unwrap_or_default()
}

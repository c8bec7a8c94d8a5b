//! What only we can have made: links that show an order, and the signature of a callback.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::arrival::OrderId;

/// Bytes of a link's signature: 128 bits cannot be guessed.
const LINK_BYTES: usize = 16;

/// The signature of the link that shows `order`.
#[must_use]
pub fn link(secret: &[u8], order: OrderId) -> String {
    let whole = hmac(secret, format!("link/{order}").as_bytes());
    hex::encode(whole.get(..LINK_BYTES).unwrap_or_default())
}

/// Whether `signature` is that of the link that shows `order`, in constant time.
#[must_use]
pub fn is_link(secret: &[u8], order: OrderId, signature: &str) -> bool {
    bool::from(link(secret, order).as_bytes().ct_eq(signature.as_bytes()))
}

/// What the link to leave carries: whoever follows an order by this target is told it, and nobody
/// else can make it.
#[must_use]
pub fn follower(secret: &[u8], order: OrderId, target: &str) -> String {
    let whole = hmac(secret, format!("follower/{order}/{target}").as_bytes());
    hex::encode(whole.get(..LINK_BYTES).unwrap_or_default())
}

/// The signature of a callback as the Standard Webhooks specification has it (1.0.0, "Signature
/// scheme", symmetric): over its id, its time and its body, so that none of them can be exchanged.
#[must_use]
pub fn callback(secret: &[u8], id: &str, seconds: i64, body: &[u8]) -> String {
    let signed = [format!("{id}.{seconds}.").as_bytes(), body].concat();
    format!("v1,{}", STANDARD.encode(hmac(secret, &signed)))
}

fn hmac(secret: &[u8], text: &[u8]) -> Vec<u8> {
    // A key of any length is taken (RFC 2104, 2).
    match Hmac::<Sha256>::new_from_slice(secret) {
        Ok(mut mac) => {
            mac.update(text);
            mac.finalize().into_bytes().to_vec()
        }
        Err(_) => Vec::new(),
    }
}

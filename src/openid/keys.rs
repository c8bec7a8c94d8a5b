//! The keys of a provider (RFC 7517, RFC 7518 6) and what they signed.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde::Deserialize;

use crate::limits;

/// How a token is signed: the two that every provider has. Never `none`, never a shared secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// ECDSA with P-256 and SHA-256.
    Es256,
}

impl Algorithm {
    pub(super) fn parse(word: &str) -> Option<Self> {
        match word {
            "RS256" => Some(Self::Rs256),
            "ES256" => Some(Self::Es256),
            _ => None,
        }
    }
}

/// A public key.
#[derive(Debug)]
pub(super) struct Key {
    id: Option<String>,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Rsa {
        n: Vec<u8>,
        e: Vec<u8>,
    },
    /// An uncompressed point (SEC 1 2.3.3).
    P256(Vec<u8>),
}

#[derive(Deserialize)]
struct Set {
    keys: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

/// The keys of a set that we can use; others are passed over (RFC 7517 5).
pub(super) fn read(json: &[u8]) -> Result<Vec<Key>, String> {
    let set: Set =
        serde_json::from_slice(json).map_err(|error| format!("it is no set of keys: {error}"))?;
    let usable = set.keys.into_iter().filter_map(|key| {
        let key: Jwk = serde_json::from_value(key).ok()?;
        usable(key)
    });
    let keys: Vec<Key> = usable.take(limits::OPENID_KEYS).collect();
    if keys.is_empty() {
        return Err("there is no key for RS256 or ES256 in it".to_owned());
    }
    Ok(keys)
}

fn usable(key: Jwk) -> Option<Key> {
    if key.purpose.is_some_and(|purpose| purpose != "sig") {
        return None;
    }
    let bytes = |text: Option<String>| URL_SAFE_NO_PAD.decode(text?).ok();
    let kind = match (key.kty.as_str(), key.crv.as_deref()) {
        ("RSA", _) => Kind::Rsa {
            n: bytes(key.n)?,
            e: bytes(key.e)?,
        },
        ("EC", Some("P-256")) => {
            let (x, y) = (bytes(key.x)?, bytes(key.y)?);
            Kind::P256([&[4], &x[..], &y[..]].concat())
        }
        _ => return None,
    };
    Some(Key { id: key.kid, kind })
}

impl Key {
    /// Whether a token that names this key may be signed by it; one that names none, by any.
    pub(super) fn may_be(&self, id: Option<&str>) -> bool {
        id.is_none() || self.id.is_none() || self.id.as_deref() == id
    }

    /// Whether it made this signature.
    pub(super) fn signed(&self, how: Algorithm, text: &[u8], signature: &[u8]) -> bool {
        match (&self.kind, how) {
            (Kind::Rsa { n, e }, Algorithm::Rs256) => RsaPublicKeyComponents { n, e }
                .verify(&RSA_PKCS1_2048_8192_SHA256, text, signature)
                .is_ok(),
            (Kind::P256(point), Algorithm::Es256) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
                    .verify(text, signature)
                    .is_ok()
            }
            // A key is for its own algorithm: whoever wrote the token does not choose (RFC 8725 3.1).
            _ => false,
        }
    }
}

//! Whether an ID token says what it seems to: OpenID Connect Core 3.1.3.7, RFC 7519, RFC 8725. Pure.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::keys::{Algorithm, Key};
use crate::limits;

/// Why a token proves nothing: sentences for whoever tried to sign in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unproven {
    /// The code was not taken.
    #[error(
        "The provider did not take the code that you came back with. It may be too old: try once more."
    )]
    Code,
    /// It is no signed token.
    #[error("What the provider sent is no proof of who you are.")]
    Shape,
    /// Signed in another way.
    #[error(
        "The provider's proof is signed in another way than RS256 and ES256, the two that are taken here."
    )]
    Algorithm,
    /// Signed by somebody else.
    #[error("The proof of who you are is not signed by the provider.")]
    Signature,
    /// Another issuer.
    #[error("The proof of who you are is from another provider than the one that was asked.")]
    Issuer,
    /// For somebody else.
    #[error("The proof of who you are was made for another program than this one.")]
    Audience,
    /// Too old or too new.
    #[error(
        "The proof of who you are is not good at this time: it has run out, or the clock of this machine or of the provider is wrong."
    )]
    Time,
    /// Of another sign-in.
    #[error("The proof of who you are belongs to another sign-in than this one.")]
    Nonce,
    /// Who it is, is not told.
    #[error(
        "The provider does not say who you are: “{0}” is missing, is not confirmed, or cannot be a name here."
    )]
    Name(String),
}

/// What a token has to say.
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) client: &'a str,
    pub(super) nonce: &'a str,
    /// Seconds since 1970.
    pub(super) now: i64,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    /// Names what a reader has to understand; we understand nothing of it (RFC 7515 4.1.11).
    crit: Option<Value>,
}

/// What is sent of a verifier beforehand (RFC 7636 4.2).
pub(super) fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
}

/// The claims of a token, once all of it was checked.
pub(super) fn verified(
    token: &str,
    keys: &[Key],
    expected: &Expected<'_>,
) -> Result<Map<String, Value>, Unproven> {
    let (signed, signature) = token.rsplit_once('.').ok_or(Unproven::Shape)?;
    let (header, claims) = signed.split_once('.').ok_or(Unproven::Shape)?;
    let bytes = |text: &str| URL_SAFE_NO_PAD.decode(text).map_err(|_| Unproven::Shape);
    let header: Header = serde_json::from_slice(&bytes(header)?).map_err(|_| Unproven::Shape)?;
    let how = Algorithm::parse(&header.alg).ok_or(Unproven::Algorithm)?;
    if header.crit.is_some() {
        return Err(Unproven::Algorithm);
    }
    let signature = bytes(signature)?;
    let mut candidates = keys.iter().filter(|key| key.may_be(header.kid.as_deref()));
    if !candidates.any(|key| key.signed(how, signed.as_bytes(), &signature)) {
        return Err(Unproven::Signature);
    }
    // Nothing in it is looked at before this line.
    let claims = serde_json::from_slice(&bytes(claims)?).map_err(|_| Unproven::Shape)?;
    checked(&claims, expected)?;
    Ok(claims)
}

fn checked(claims: &Map<String, Value>, expected: &Expected<'_>) -> Result<(), Unproven> {
    let text = |key: &str| claims.get(key).and_then(Value::as_str);
    if text("iss") != Some(expected.issuer) {
        return Err(Unproven::Issuer);
    }
    if !is_for(claims, expected.client) {
        return Err(Unproven::Audience);
    }
    let skew = limits::OPENID_SKEW.as_secs().cast_signed();
    // Some providers write times with a fraction.
    let time = |key: &str| {
        let value = claims.get(key)?;
        let whole = || value.as_str().is_none().then(|| value.to_string());
        value
            .as_i64()
            .or_else(|| whole()?.split('.').next()?.parse().ok())
    };
    let ends = time("exp").ok_or(Unproven::Time)?;
    let begins = [time("iat"), time("nbf")].into_iter().flatten().max();
    let is_early = begins.is_some_and(|begins| begins.saturating_sub(skew) > expected.now);
    if ends.saturating_add(skew) <= expected.now || is_early {
        return Err(Unproven::Time);
    }
    let nonce = text("nonce").unwrap_or_default();
    if !bool::from(nonce.as_bytes().ct_eq(expected.nonce.as_bytes())) {
        return Err(Unproven::Nonce);
    }
    Ok(())
}

/// Whether it was made for us: alone, or for us among others (OpenID Connect Core 3.1.3.7, 3 to 5).
fn is_for(claims: &Map<String, Value>, client: &str) -> bool {
    let (named, several) = match claims.get("aud") {
        Some(Value::String(one)) => (one == client, false),
        Some(Value::Array(all)) => {
            let named = all.iter().any(|one| one.as_str() == Some(client));
            (named, all.len() > 1)
        }
        _ => (false, false),
    };
    let party = claims.get("azp").and_then(Value::as_str);
    named && party.map_or(!several, |party| party == client)
}

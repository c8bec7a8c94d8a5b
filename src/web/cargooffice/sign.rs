//! Signatures over requests: the old one, `md5(ts + key)`, and a better one.
//!
//! ```text
//! old      sig = md5(ts + key)                                          32 hexadecimal digits
//! better   sig = HMAC-SHA256(key, METHOD \n path?query \n SHA-256(body))  64 hexadecimal digits
//! ```
//!
//! `path?query` is as it was sent, `ts` included and `sig` left out; SHA-256 is in hexadecimal digits.
//! The old one says nothing of what is asked, and whoever sees it could ask for something else. So it
//! is good for one burst of requests only: used first, it ends after [`limits::LEGACY_BURST`], within
//! which a client may well ask twice in one second. The better one is good for one request. Either is
//! refused when its time is further from ours than the window.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::http::Uri;
use hmac::{Hmac, KeyInit, Mac};
use md5::{Digest, Md5};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::clock::{self, Moment};
use crate::limits;

/// What is asked, as far as the better signature covers it.
pub(super) struct Asked<'a> {
    pub(super) method: &'static str,
    pub(super) uri: &'a Uri,
    pub(super) body: &'a [u8],
}

/// Why a signature was refused; for the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    /// It is not the one of this request.
    Wrong,
    /// Its time is not near ours.
    Late,
    /// It was used before.
    Replayed,
    /// Too many signatures are remembered.
    Full,
}

impl Refused {
    pub(super) fn why(self) -> &'static str {
        match self {
            Self::Wrong => "it is not the one of this request and key",
            Self::Late => "its time is outside of the window",
            Self::Replayed => "it was used before",
            Self::Full => "too many signatures are remembered",
        }
    }
}

/// What signatures are checked with, and those that were used.
pub(super) struct Signatures {
    key: SecretString,
    window: Duration,
    /// Whether the old one is taken as well.
    md5: bool,
    used: Mutex<HashMap<String, Moment>>,
}

impl Signatures {
    pub(super) fn new(key: SecretString, window: Duration, md5: bool) -> Self {
        Self {
            key,
            window,
            md5,
            used: Mutex::default(),
        }
    }

    /// Lets a request through whose signature is right, of now, and not used before.
    pub(super) fn check(&self, ts: &str, sig: &str, asked: &Asked<'_>) -> Result<(), Refused> {
        let better = sig.len() == 64;
        let expected = if better {
            self.hmac(asked)
        } else if self.md5 {
            self.md5(ts)
        } else {
            return Err(Refused::Wrong);
        };
        if !bool::from(expected.as_bytes().ct_eq(sig.as_bytes())) {
            return Err(Refused::Wrong);
        }
        let at: i64 = ts.parse().map_err(|_| Refused::Wrong)?;
        let apart = (clock::now().0 / 1_000).abs_diff(at);
        if apart > self.window.as_secs() {
            return Err(Refused::Late);
        }
        let burst = if better {
            Duration::ZERO
        } else {
            limits::LEGACY_BURST
        };
        self.note(sig, burst)
    }

    fn note(&self, sig: &str, burst: Duration) -> Result<(), Refused> {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(first) = used.get(sig) {
            let goes_on = !burst.is_zero() && first.elapsed() <= burst;
            return goes_on.then_some(()).ok_or(Refused::Replayed);
        }
        if used.len() >= limits::LEGACY_SIGNATURES {
            // Its time was at most a window ahead of ours, and is refused a window after that.
            let life = self.window * 2;
            used.retain(|_, first| first.elapsed() <= life);
        }
        if used.len() >= limits::LEGACY_SIGNATURES {
            return Err(Refused::Full);
        }
        used.insert(sig.to_owned(), clock::moment());
        Ok(())
    }

    fn md5(&self, ts: &str) -> String {
        let mut hash = Md5::new();
        hash.update(ts);
        hash.update(self.key.expose_secret());
        hex::encode(hash.finalize())
    }

    fn hmac(&self, asked: &Asked<'_>) -> String {
        let query = asked.uri.query().unwrap_or_default().split('&');
        let query: Vec<&str> = query.filter(|pair| !pair.starts_with("sig=")).collect();
        let text = format!(
            "{}\n{}?{}\n{}",
            asked.method,
            asked.uri.path(),
            query.join("&"),
            hex::encode(Sha256::digest(asked.body))
        );
        let key = self.key.expose_secret().as_bytes();
        // HMAC takes keys of any length (RFC 2104 2).
        Hmac::<Sha256>::new_from_slice(key).map_or_else(
            |_| String::new(),
            |mut mac| {
                mac.update(text.as_bytes());
                hex::encode(mac.finalize().into_bytes())
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signatures(md5: bool) -> Signatures {
        let key = SecretString::from("abcdefabcdef".to_owned());
        Signatures::new(key, Duration::from_mins(15), md5)
    }

    fn asked(uri: &Uri) -> Asked<'_> {
        Asked {
            method: "GET",
            uri,
            body: b"",
        }
    }

    #[test]
    fn the_old_signature_is_the_vendors() {
        let sig = signatures(true).md5("1523021209");
        assert_eq!(sig, "29ce31583aba0322f9b3bc60158fff44");
        let uri = Uri::from_static("/api/order");
        let late = signatures(true).check("1523021209", &sig, &asked(&uri));
        assert_eq!(late, Err(Refused::Late));
        let off = signatures(false).check("1523021209", &sig, &asked(&uri));
        assert_eq!(off, Err(Refused::Wrong));
    }

    #[test]
    fn the_better_one_is_for_one_request_alone() {
        let ts = (clock::now().0 / 1_000).to_string();
        let uri: Uri = format!("/api/order?ShipmentID=1&Postcode=2&ts={ts}&sig=x")
            .parse()
            .unwrap();
        let signatures = signatures(false);
        let sig = signatures.hmac(&asked(&uri));
        let other: Uri = format!("/api/order?ShipmentID=2&Postcode=2&ts={ts}")
            .parse()
            .unwrap();
        let check = |uri: &Uri| signatures.check(&ts, &sig, &asked(uri));
        assert_eq!(check(&other), Err(Refused::Wrong));
        assert_eq!(check(&uri), Ok(()));
        assert_eq!(check(&uri), Err(Refused::Replayed));
    }

    #[test]
    fn the_old_one_is_for_one_burst() {
        let signatures = signatures(true);
        assert_eq!(signatures.note("x", Duration::from_mins(1)), Ok(()));
        assert_eq!(signatures.note("x", Duration::from_mins(1)), Ok(()));
        assert_eq!(signatures.note("x", Duration::ZERO), Err(Refused::Replayed));
    }
}

//! Who calls us: the proofs that partners' webhooks and callbacks carry.
//!
//! Pure, over the bytes as they came: a body that is parsed and written again has another
//! signature. Comparisons take the same time wherever the difference is, so that no proof can be
//! found out letter by letter.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::partners::tracker::{Callback, NotTaken};

/// What a partner's call must carry.
#[derive(Debug, Clone, Default)]
pub enum Proof {
    /// Nothing: the address itself is the secret.
    #[default]
    None,
    /// User and password (RFC 7617).
    Basic {
        /// The user.
        user: String,
        /// The password.
        password: SecretString,
    },
    /// A fixed token (RFC 6750).
    Bearer(SecretString),
    /// A header of the partner's own with a fixed value.
    Header {
        /// Its name.
        name: String,
        /// Its value.
        value: SecretString,
    },
    /// A header with the HMAC-SHA256 of the body (RFC 2104) in base 64.
    Hmac {
        /// Its name.
        name: String,
        /// The key.
        key: SecretString,
    },
}

impl Proof {
    /// Whether `call` carries it.
    pub(in crate::partners) fn check(&self, call: &Callback) -> Result<(), NotTaken> {
        let proven = match self {
            Self::None => true,
            Self::Basic { user, password } => {
                let both = STANDARD.encode(format!("{user}:{}", password.expose_secret()));
                credentials(call, "basic").is_some_and(|given| same(given, both.as_bytes()))
            }
            Self::Bearer(token) => credentials(call, "bearer")
                .is_some_and(|given| same(given, token.expose_secret().as_bytes())),
            Self::Header { name, value } => call
                .header(&name.to_ascii_lowercase())
                .is_some_and(|given| same(given, value.expose_secret().as_bytes())),
            Self::Hmac { name, key } => call
                .header(&name.to_ascii_lowercase())
                .is_some_and(|given| is_signed(given, key, &call.body)),
        };
        if proven {
            Ok(())
        } else {
            Err(NotTaken::Stranger)
        }
    }
}

/// What follows the scheme in `Authorization` (RFC 9110, 11.4: its case does not matter).
fn credentials<'a>(call: &'a Callback, scheme: &str) -> Option<&'a [u8]> {
    let header = call.header("authorization")?;
    let (given, rest) = header.split_at_checked(scheme.len())?;
    let rest = rest.strip_prefix(b" ")?;
    given
        .eq_ignore_ascii_case(scheme.as_bytes())
        .then_some(rest.trim_ascii())
}

/// Over hashes: neither content nor length shows in the time.
fn same(given: &[u8], known: &[u8]) -> bool {
    Sha256::digest(given).ct_eq(&Sha256::digest(known)).into()
}

fn is_signed(given: &[u8], key: &SecretString, body: &[u8]) -> bool {
    let Ok(given) = STANDARD.decode(given.trim_ascii()) else {
        return false;
    };
    let mac = Hmac::<Sha256>::new_from_slice(key.expose_secret().as_bytes());
    mac.is_ok_and(|mut mac| {
        mac.update(body);
        mac.verify_slice(&given).is_ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(headers: &[(&str, &str)], body: &str) -> Callback {
        let headers = headers.iter();
        Callback {
            headers: headers
                .map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec().into()))
                .collect(),
            body: body.to_owned().into(),
        }
    }

    #[test]
    fn the_published_signature_is_taken_and_no_other() {
        let proof = Proof::Hmac {
            name: "CargoAI-API-Key".to_owned(),
            key: "test-key".into(),
        };
        let signature = "0TKYafelg598/gKRD8XVrqTUylMqt5KV+Zk73rqcqSc=";
        let body = "{\"awb\":\"000-11223343\"}";
        let header = ("cargoai-api-key", signature);
        assert_eq!(proof.check(&call(&[header], body)), Ok(()));
        // Written again: the same to a parser, other bytes.
        let again = "{\"awb\": \"000-11223343\"}";
        assert!(proof.check(&call(&[header], again)).is_err());
        assert!(proof.check(&call(&[header, header], body)).is_err());
        assert!(proof.check(&call(&[], body)).is_err());
        assert!(
            proof
                .check(&call(&[("cargoai-api-key", "%%")], body))
                .is_err()
        );
    }

    #[test]
    fn users_tokens_and_headers_are_compared_whole() {
        let basic = Proof::Basic {
            user: "u".to_owned(),
            password: "p:q".into(),
        };
        let bearer = Proof::Bearer("tok".into());
        let header = Proof::Header {
            name: "X-Secret".to_owned(),
            value: "s".into(),
        };
        let cases = [
            (&basic, ("authorization", "basic dTpwOnE="), true),
            (&basic, ("authorization", "Basic dTpwOnF="), false),
            (&basic, ("authorization", "Bearer dTpwOnE="), false),
            (&bearer, ("authorization", "Bearer tok"), true),
            (&bearer, ("authorization", "Bearer to"), false),
            (&bearer, ("authorization", "Bearer"), false),
            (&header, ("x-secret", "s"), true),
            (&header, ("x-secret", ""), false),
        ];
        for (proof, given, fine) in cases {
            assert_eq!(proof.check(&call(&[given], "")).is_ok(), fine, "{given:?}");
        }
    }
}

//! What a provider tells of itself (OpenID Connect Discovery 1.0, 3 and 4).

use serde::Deserialize;
use url::Url;

use crate::token::http::address;

/// Its addresses.
#[derive(Debug)]
pub(super) struct Provider {
    /// Where browsers sign in.
    pub(super) authorize: Url,
    /// Where codes become tokens.
    pub(super) token: Url,
    /// Where its keys lie.
    pub(super) keys: Url,
}

#[derive(Deserialize)]
struct Description {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
}

impl Provider {
    /// Reads a description, which has to be the one of `issuer`.
    pub(super) fn read(json: &[u8], issuer: &str) -> Result<Self, String> {
        let told: Description = serde_json::from_slice(json)
            .map_err(|error| format!("it is no description of a provider: {error}"))?;
        if told.issuer != issuer {
            let other = crate::problem::excerpt(&told.issuer);
            return Err(format!(
                "it describes the issuer “{other}”; `issuer` has to be the same, letter by letter"
            ));
        }
        let at = |name: &str, url: &str| address(url).map_err(|why| format!("{name}: {why}"));
        Ok(Self {
            authorize: at("authorization_endpoint", &told.authorization_endpoint)?,
            token: at("token_endpoint", &told.token_endpoint)?,
            keys: at("jwks_uri", &told.jwks_uri)?,
        })
    }
}

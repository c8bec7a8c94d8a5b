//! Access tokens: from the configuration's words to the settings of the token room.

use std::path::Path;

use super::trust::authorities;
use crate::config::TokenConfig;
use crate::failure::Failure;
use crate::secret::{Secret, SecretRef};
use crate::token::{ClientProof, Grant, TokenSettings};

/// The settings of one token server, its secrets and authorities read.
pub(super) fn settings(config: &TokenConfig, ca: Option<&Path>) -> Result<TokenSettings, Failure> {
    let read = |secret: &SecretRef| secret.read().map(Secret::into_inner);
    Ok(TokenSettings {
        url: config.url.clone(),
        client_id: config.client_id.clone(),
        client_secret: config.client_secret.as_ref().map(read).transpose()?,
        client_proof: if config.proof_in_header {
            ClientProof::Header
        } else {
            ClientProof::Body
        },
        scope: config.scope.clone(),
        grant: match (&config.refresh_token, &config.user) {
            (Some(token), _) => Grant::RefreshToken(read(token)?),
            (None, Some((user, password))) => Grant::Password {
                user: user.clone(),
                password: read(password)?,
            },
            (None, None) => Grant::ClientCredentials,
        },
        ca: ca.map(authorities).transpose()?,
    })
}

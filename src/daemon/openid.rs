//! The provider at which people sign in, from the configuration.

use super::trust::authorities;
use crate::config::{OpenIdConfig, WebConfig};
use crate::failure::Failure;
use crate::openid::{OpenId, OpenIdSettings};
use crate::secret::{Secret, SecretRef};
use crate::token::ClientProof;
use crate::web::{OPENID_BACK, Provider};

/// The provider, its secrets and authorities read.
///
/// # Errors
/// The operator's: a secret cannot be read, the issuer cannot be used.
pub(super) fn provider(web: &WebConfig, config: &OpenIdConfig) -> Result<Provider, Failure> {
    let read = |secret: &SecretRef| secret.read().map(Secret::into_inner);
    let base = web.public_url.as_deref().unwrap_or_default();
    let openid = OpenId::new(OpenIdSettings {
        issuer: config.issuer.clone(),
        client_id: config.client_id.clone(),
        client_secret: config.client_secret.as_ref().map(read).transpose()?,
        proof: if config.proof_in_header {
            ClientProof::Header
        } else {
            ClientProof::Body
        },
        scopes: config.scopes.clone(),
        name: config.name.clone(),
        role: config.role.clone(),
        back: format!("{base}{OPENID_BACK}"),
        ca: config.ca.as_deref().map(authorities).transpose()?,
    })?;
    Ok(Provider::new(
        openid,
        config.label.clone(),
        config.roles.clone(),
    ))
}

//! `kind = "imap"`: from the configuration's words to the adapter's settings.

use std::sync::Arc;

use super::trust::trust;
use crate::config::{ImapConfig, OauthConfig, OauthGrant};
use crate::failure::Failure;
use crate::secret::{Secret, SecretRef};
use crate::sources::imap::{Encryption, ImapSettings, Login};
use crate::token::{ClientProof, Grant, TokenSettings, Tokens};

/// The settings of one mailbox, its secrets and authorities read.
pub(super) fn settings(config: &ImapConfig) -> Result<ImapSettings, Failure> {
    let login = match (&config.oauth, &config.password) {
        (Some(oauth), _) => Login::Token(tokens(oauth)?),
        (None, Some(password)) => Login::Password(password.read()?.into_inner()),
        (None, None) => {
            let during = format!("reading the login of {}", config.host);
            return Err(Failure::operator(
                during,
                "there is neither password nor oauth",
            ));
        }
    };
    Ok(ImapSettings {
        host: config.host.clone(),
        port: config.port,
        encryption: encryption(config),
        tls: trust(config.ca.as_deref(), &config.pin)?,
        user: config.user.clone(),
        login,
        mailbox: config.mailbox.clone(),
    })
}

/// To this machine in clear, unless it is told whom to believe: there is nobody to hear it, and the
/// certificate of a local server is rarely made for that name.
fn encryption(config: &ImapConfig) -> Encryption {
    let told = config.ca.is_some() || !config.pin.is_empty();
    match (config.tls, config.loopback && !told, config.allow_plaintext) {
        (true, ..) => Encryption::FromStart,
        (false, true, _) => Encryption::None,
        (false, false, true) => Encryption::IfOffered,
        (false, false, false) => Encryption::StartTls,
    }
}

/// The tokens of one account.
pub(super) fn tokens(config: &OauthConfig) -> Result<Arc<Tokens>, Failure> {
    let read = |secret: &SecretRef| secret.read().map(Secret::into_inner);
    Tokens::new(TokenSettings {
        url: config.url.clone(),
        client_id: config.client_id.clone(),
        client_secret: config.client_secret.as_ref().map(read).transpose()?,
        client_proof: if config.in_header {
            ClientProof::Header
        } else {
            ClientProof::Body
        },
        scope: config.scope.clone(),
        grant: match &config.grant {
            OauthGrant::RefreshToken(token) => Grant::RefreshToken(read(token)?),
            OauthGrant::ClientCredentials => Grant::ClientCredentials,
            OauthGrant::Password(user, password) => Grant::Password {
                user: user.clone(),
                password: read(password)?,
            },
        },
        ca: None,
    })
}

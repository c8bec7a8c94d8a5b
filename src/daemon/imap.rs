//! `kind = "imap"`: from the configuration's words to the adapter's settings.

use super::trust::trust;
use crate::config::ImapConfig;
use crate::failure::Failure;
use crate::sources::imap::{Encryption, ImapSettings, Login};
use crate::token::Tokens;

/// The settings of one mailbox, its secrets and authorities read.
pub(super) fn settings(config: &ImapConfig) -> Result<ImapSettings, Failure> {
    let login = match (&config.oauth, &config.password) {
        (Some(oauth), _) => {
            let tokens = super::token::settings(oauth, oauth.ca.as_deref())?;
            Login::Token(Tokens::new(tokens)?)
        }
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

//! Logging in: by key, password or questions, and by several of them where the server asks for that.
//!
//! Only what the operator gave is offered, and each only once: some servers lock an account after a
//! few wrong tries.

use std::sync::Arc;

use russh::client::{AuthResult, Handle, KeyboardInteractiveAuthResponse};
use russh::keys::{HashAlg, PrivateKey, PrivateKeyWithHashAlg, decode_secret_key};
use russh::{MethodKind, MethodSet};

use super::SftpSettings;
use super::host_key::Doorkeeper;
use crate::failure::Failure;
use crate::limits;
use crate::secret::Secret;

/// A private key, read.
pub(super) struct Key(Arc<PrivateKey>);

impl Key {
    pub(super) fn read(text: &Secret, passphrase: Option<&Secret>) -> Result<Self, Failure> {
        let passphrase = passphrase.map(Secret::expose);
        match decode_secret_key(text.expose(), passphrase) {
            Ok(key) => Ok(Self(Arc::new(key))),
            // The library's words may hold parts of what it read.
            Err(russh::keys::Error::KeyIsEncrypted) => Err(Failure::operator(
                "reading the private key",
                "it is encrypted: set passphrase",
            )),
            Err(_) => Err(Failure::operator(
                "reading the private key",
                if passphrase.is_some() {
                    "it is no private key that can be read, or the passphrase is not its own"
                } else {
                    "it is no private key in the form of OpenSSH, PEM or PuTTY that can be read"
                },
            )),
        }
    }
}

/// One way to log in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Key,
    /// An RSA key with a signature by SHA-1.
    OldKey,
    Password,
    Questions,
}

impl Way {
    fn method(self) -> MethodKind {
        match self {
            Self::Key | Self::OldKey => MethodKind::PublicKey,
            Self::Password => MethodKind::Password,
            Self::Questions => MethodKind::KeyboardInteractive,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Key => "the key",
            Self::OldKey => "the key with SHA-1",
            Self::Password => "the password",
            Self::Questions => "the password as an answer to its questions",
        }
    }
}

/// What a server said to one way.
enum Said {
    In,
    Not(MethodSet),
}

/// # Errors
/// The operator's, naming what was offered and what the server takes.
pub(super) async fn login(
    handle: &mut Handle<Doorkeeper>,
    settings: &SftpSettings,
    key: Option<&Key>,
) -> Result<(), Failure> {
    let during = format!("logging in at {} as {}", settings.host, settings.user);
    let failed = |error: russh::Error| Failure::temporary(during.clone(), error);
    let mut ways = Vec::new();
    if let Some(Key(key)) = key {
        ways.push(Way::Key);
        // Some servers say that they take SHA-2 and do not.
        if settings.legacy && key.algorithm().is_rsa() {
            ways.push(Way::OldKey);
        }
    }
    if settings.password.is_some() {
        ways.extend([Way::Password, Way::Questions]);
    }
    let mut left: Option<MethodSet> = None;
    let mut offered = Vec::new();
    for _ in 0..limits::SSH_LOGIN_ROUNDS {
        let may = |way: &Way| left.as_ref().is_none_or(|set| set.contains(&way.method()));
        let Some(next) = ways.iter().position(may) else {
            break;
        };
        let way = ways.remove(next);
        offered.push(way.words());
        match try_way(handle, settings, key, way).await.map_err(failed)? {
            Said::In => return Ok(()),
            Said::Not(methods) => left = Some(methods),
        }
    }
    let takes: Vec<String> = left
        .iter()
        .flat_map(|set| set.iter())
        .map(|kind| name(*kind))
        .collect();
    let takes = match takes.as_slice() {
        [] => "nothing else".to_owned(),
        takes => takes.join(", "),
    };
    Err(Failure::operator(
        during,
        match offered.as_slice() {
            [] => format!("neither key nor password is set; the server takes {takes}"),
            offered => format!(
                "the server refused {}; it takes {takes}. Ask the partner whether the account is open \
                 and knows them",
                offered.join(" and ")
            ),
        },
    ))
}

fn name(kind: MethodKind) -> String {
    <&'static str>::from(&kind).to_owned()
}

async fn try_way(
    handle: &mut Handle<Doorkeeper>,
    settings: &SftpSettings,
    key: Option<&Key>,
    way: Way,
) -> Result<Said, russh::Error> {
    let user = settings.user.as_str();
    let password = settings.password.as_ref().map_or("", Secret::expose);
    let answer = match (way, key) {
        (Way::Key, Some(Key(key))) => {
            let hash = signature_hash(handle, key).await?;
            let key = PrivateKeyWithHashAlg::new(Arc::clone(key), hash);
            handle.authenticate_publickey(user, key).await?
        }
        (Way::OldKey, Some(Key(key))) => {
            let key = PrivateKeyWithHashAlg::new(Arc::clone(key), None);
            handle.authenticate_publickey(user, key).await?
        }
        (Way::Password, _) => handle.authenticate_password(user, password).await?,
        (Way::Questions, _) | (Way::Key | Way::OldKey, None) => {
            return answer(handle, user, password).await;
        }
    };
    Ok(match answer {
        AuthResult::Success => Said::In,
        AuthResult::Failure {
            remaining_methods, ..
        } => Said::Not(remaining_methods),
    })
}

/// The hash for a signature with an RSA key (RFC 8332), never SHA-1.
async fn signature_hash(
    handle: &Handle<Doorkeeper>,
    key: &PrivateKey,
) -> Result<Option<HashAlg>, russh::Error> {
    if !key.algorithm().is_rsa() {
        return Ok(None);
    }
    let told = handle.best_supported_rsa_hash().await?.flatten();
    Ok(told.or(Some(HashAlg::Sha256)))
}

/// Answers questions with the password, as most servers ask for it that way; RFC 4256 allows several
/// rounds and empty ones.
async fn answer(
    handle: &mut Handle<Doorkeeper>,
    user: &str,
    password: &str,
) -> Result<Said, russh::Error> {
    let mut said = handle
        .authenticate_keyboard_interactive_start(user, None)
        .await?;
    for _ in 0..limits::SSH_QUESTIONS {
        match said {
            KeyboardInteractiveAuthResponse::Success => return Ok(Said::In),
            KeyboardInteractiveAuthResponse::Failure {
                remaining_methods, ..
            } => return Ok(Said::Not(remaining_methods)),
            KeyboardInteractiveAuthResponse::InfoRequest { prompts, .. } => {
                // What it would show on a screen is no password.
                let reply = |echo: bool| if echo { "" } else { password };
                let replies = prompts.iter().map(|p| reply(p.echo).to_owned()).collect();
                said = handle
                    .authenticate_keyboard_interactive_respond(replies)
                    .await?;
            }
        }
    }
    Ok(Said::Not(MethodSet::empty()))
}

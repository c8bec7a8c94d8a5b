//! Whose server it is: the host keys that the operator told, and the comparison.
//!
//! A key is told by its fingerprint or by a known_hosts file. What is not told is refused, before any
//! name, password or signature of ours leaves. A revoked key is refused whatever else is told.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use russh::client::Handler;
use russh::keys::{Algorithm, HashAlg, PublicKey, PublicKeyOrCertificate};

use super::names;

/// The keys that a server may show.
#[derive(Debug, Clone, Default)]
pub struct HostKeys {
    fingerprints: Vec<String>,
    known: Vec<PublicKey>,
    revoked: Vec<PublicKey>,
}

impl HostKeys {
    /// Adds fingerprints as `ssh-keygen -l` shows them (`SHA256:…`).
    ///
    /// # Errors
    /// A sentence about one that is none.
    pub fn pin(&mut self, fingerprints: &[String]) -> Result<(), String> {
        for text in fingerprints {
            let bare = text.trim_end_matches('=');
            if bare.parse::<russh::keys::ssh_key::Fingerprint>().is_err() {
                return Err(format!(
                    "“{}” is no fingerprint such as SHA256:… (43 characters), as “ssh-keyscan HOST | \
                     ssh-keygen -lf -” shows it",
                    crate::problem::excerpt(text)
                ));
            }
            self.fingerprints.push(bare.to_owned());
        }
        Ok(())
    }

    /// Adds what a known_hosts file tells about this server; how many keys that is.
    pub fn learn(&mut self, text: &str, host: &str, port: u16) -> usize {
        let place = names::known_as(host, port);
        let before = self.known.len();
        for line in text.lines() {
            let mut words = line.split_ascii_whitespace().peekable();
            let marker = words.next_if(|word| word.starts_with('@'));
            let (Some(hosts), Some(kind), Some(key)) = (words.next(), words.next(), words.next())
            else {
                continue;
            };
            let Ok(key) = format!("{kind} {key}").parse::<PublicKey>() else {
                continue;
            };
            match marker {
                // Whatever host it was revoked for: a key that is known to be stolen is no proof.
                Some("@revoked") => self.revoked.push(key),
                None if names::is_told(hosts, &place) => self.known.push(key),
                // Certificates of authorities are not used.
                _ => {}
            }
        }
        self.known.len() - before
    }

    /// Whether nothing is told, so that every server would be refused.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fingerprints.is_empty() && self.known.is_empty()
    }

    /// Whether a key of this kind may be among them. Fingerprints do not tell their kind.
    pub(super) fn may_be_of(&self, kind: &Algorithm) -> bool {
        let same = |key: &PublicKey| same_kind(&key.algorithm(), kind);
        !self.fingerprints.is_empty() || self.known.iter().any(same)
    }

    fn accept(&self, key: &PublicKey) -> bool {
        let same = |other: &PublicKey| other.key_data() == key.key_data();
        if self.revoked.iter().any(same) {
            return false;
        }
        let print = key.fingerprint(HashAlg::Sha256).to_string();
        self.known.iter().any(same) || self.fingerprints.contains(&print)
    }
}

/// Whether both are of one kind; RSA keys are, whatever hash signs.
fn same_kind(one: &Algorithm, other: &Algorithm) -> bool {
    matches!((one, other), (Algorithm::Rsa { .. }, Algorithm::Rsa { .. })) || one == other
}

impl fmt::Display for HostKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = self.known.iter();
        let known = known.map(|key| key.fingerprint(HashAlg::Sha256).to_string());
        let told: Vec<String> = self.fingerprints.iter().cloned().chain(known).collect();
        f.write_str(&told.join(" or "))
    }
}

/// A key that a server showed and that is not told.
#[derive(Debug, Clone)]
pub(super) struct Shown {
    kind: Algorithm,
    fingerprint: String,
}

impl Shown {
    pub(super) fn is_of(&self, kind: &Algorithm) -> bool {
        same_kind(&self.kind, kind)
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.fingerprint, self.kind.as_str())
    }
}

/// Where the door leaves word of a key that it refused.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen(Arc<Mutex<Option<Shown>>>);

impl Seen {
    pub(super) fn take(&self) -> Option<Shown> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Asked by the SSH layer before it goes on.
pub(super) struct Doorkeeper {
    keys: HostKeys,
    seen: Seen,
}

impl Doorkeeper {
    pub(super) fn new(keys: HostKeys) -> Self {
        let seen = Seen::default();
        Self { keys, seen }
    }

    pub(super) fn seen(&self) -> Seen {
        self.seen.clone()
    }
}

impl Handler for Doorkeeper {
    type Error = russh::Error;

    async fn check_server_key(
        &mut self,
        shown: &PublicKeyOrCertificate,
    ) -> Result<bool, Self::Error> {
        // Certificates are not asked for, so that one is as good as a stranger.
        let PublicKeyOrCertificate::PublicKey { key, .. } = shown else {
            return Ok(false);
        };
        let accepted = self.keys.accept(key);
        if !accepted {
            let shown = Shown {
                kind: key.algorithm(),
                fingerprint: key.fingerprint(HashAlg::Sha256).to_string(),
            };
            let mut seen = self.seen.0.lock().unwrap_or_else(PoisonError::into_inner);
            *seen = Some(shown);
        }
        Ok(accepted)
    }
}

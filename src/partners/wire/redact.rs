//! Secrets taken out of texts from outside.

use bytes::Bytes;
use secrecy::{ExposeSecret, SecretString};

use crate::limits;

/// Takes a destination's secrets out of a text.
#[derive(Debug, Clone, Default)]
pub(in crate::partners) struct Redactor {
    secrets: Vec<SecretString>,
}

impl Redactor {
    pub(in crate::partners) fn new(secrets: impl IntoIterator<Item = SecretString>) -> Self {
        let mut secrets: Vec<_> = secrets.into_iter().collect();
        // Shorter ones would blacken ordinary words.
        secrets.retain(|secret| secret.expose_secret().len() >= limits::REDACTED_CHARS);
        Self { secrets }
    }

    /// The same with one more, such as a token that was got just now.
    pub(in crate::partners) fn and(&self, secret: &SecretString) -> Self {
        Self::new(self.secrets.iter().chain([secret]).cloned())
    }

    /// `bytes` with every secret replaced; the same bytes where there is none.
    pub(in crate::partners) fn bytes(&self, bytes: Bytes) -> Bytes {
        let held = |secret: &SecretString| {
            memchr::memmem::find(&bytes, secret.expose_secret().as_bytes()).is_some()
        };
        if self.secrets.iter().any(held) {
            return self
                .clean(String::from_utf8_lossy(&bytes).into_owned())
                .into();
        }
        bytes
    }

    /// `text` with every secret replaced.
    pub(in crate::partners) fn clean(&self, text: String) -> String {
        self.secrets.iter().fold(text, |text, secret| {
            let secret = secret.expose_secret();
            if text.contains(secret) {
                text.replace(secret, "[secret]")
            } else {
                text
            }
        })
    }
}

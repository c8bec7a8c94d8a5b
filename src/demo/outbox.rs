//! Mail captured as files: what would have been sent, ready to be opened by a mail program.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;

use crate::failure::Failure;
use crate::mail::{Envelope, Mailer, Posted};

/// A mailer that writes each message to a file.
pub(super) struct Outbox {
    folder: PathBuf,
    count: AtomicU32,
}

impl Outbox {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            count: AtomicU32::new(1),
        }
    }
}

#[async_trait]
impl Mailer for Outbox {
    async fn post(&self, envelope: &Envelope) -> Posted {
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        let name: String = envelope
            .recipient
            .chars()
            .map(|c| {
                if c.is_ascii_alphanumeric() || "@.-_".contains(c) {
                    c
                } else {
                    '_'
                }
            })
            .collect();
        let path = self.folder.join(format!("{number:02}-to-{name}.eml"));
        let written = tokio::fs::write(&path, &envelope.message).await;
        match written {
            Ok(()) => Posted::Accepted,
            Err(error) => Posted::NotTaken(Failure::operator("writing a captured mail", error)),
        }
    }

    async fn probe(&self) -> Result<(), Failure> {
        Ok(())
    }
}

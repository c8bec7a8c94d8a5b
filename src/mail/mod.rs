//! Mail that we send: reports to senders, alerts and summaries to operators.
//!
//! `report` has the words, `may_reply` the gates against loops and floods, `smtp` the transport.
//! Composing is pure: the same findings give the same message under the same Message-ID, which is
//! frozen in the ledger before the first try.

use async_trait::async_trait;

use crate::failure::Failure;

pub mod may_reply;
pub mod report;
pub mod sidecar;
pub mod smtp;

/// A composed message ready for the wire.
#[derive(Debug, Clone)]
pub struct Envelope {
    /// The only recipient: one refused recipient must not hold up another.
    pub recipient: String,
    /// Where delivery reports go; `None` is the null sender: none are asked for.
    pub return_path: Option<String>,
    /// The whole message, headers included.
    pub message: Vec<u8>,
}

/// What a mail server said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent {
    /// It has the message.
    Accepted,
    /// It will never take this message (5xx for this recipient or content).
    Refused(String),
}

/// Sends mail.
#[async_trait]
pub trait Mailer: Send + Sync {
    /// Hands one message to the server.
    ///
    /// # Errors
    /// A failure when the server could not be asked; to be tried again.
    async fn send(&self, envelope: &Envelope) -> Result<Sent, Failure>;

    /// Whether the server answers and takes our credentials.
    ///
    /// # Errors
    /// A failure that says what is wrong.
    async fn probe(&self) -> Result<(), Failure>;
}

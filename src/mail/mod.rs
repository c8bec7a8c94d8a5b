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

/// What became of one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Posted {
    /// The server has it.
    Accepted,
    /// The server will never take it.
    Refused(String),
    /// The server does not have it: it may be handed over again.
    NotTaken(Failure),
    /// The server may have it.
    Unknown(Failure),
}

/// Sends mail.
#[async_trait]
pub trait Mailer: Send + Sync {
    /// Hands one message to the server.
    ///
    /// # Errors
    /// A failure when the server could not be asked; to be tried again.
    async fn send(&self, envelope: &Envelope) -> Result<Sent, Failure> {
        match self.post(envelope).await {
            Posted::Accepted => Ok(Sent::Accepted),
            Posted::Refused(words) => Ok(Sent::Refused(words)),
            Posted::NotTaken(failure) | Posted::Unknown(failure) => Err(failure),
        }
    }

    /// The same for mails that may not come twice: tells whether the server may have the message
    /// although it was not heard to say so.
    async fn post(&self, envelope: &Envelope) -> Posted;

    /// Whether the server answers and takes our credentials.
    ///
    /// # Errors
    /// A failure that says what is wrong.
    async fn probe(&self) -> Result<(), Failure>;
}

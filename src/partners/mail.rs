//! A mailbox that a partner takes orders from: one mail a file, which is attached.
//!
//! A mail cannot be taken back and nobody can look whether it came. Its Message-ID is made from the
//! delivery's key, so that a repeat is the same mail to every program that cares; where an answer of
//! the mail server was lost, `on_unknown` decides.

use std::sync::Arc;

use async_trait::async_trait;

use super::file::{Laid, Place};
use super::form::derived;
use super::{Found, Outcome, Receipt};
use crate::clock;
use crate::failure::Failure;
use crate::mail::report::{Head, compose_file};
use crate::mail::{Envelope, Mailer, Posted};

/// One mailbox.
pub struct Mailbox {
    name: String,
    mailer: Arc<dyn Mailer>,
    from: String,
    to: Vec<String>,
    subject: Option<String>,
}

impl Mailbox {
    /// Mails to `to` for what `name` names; `subject` stands before each mail's own.
    #[must_use]
    pub fn new(
        name: &str,
        mailer: Arc<dyn Mailer>,
        from: String,
        to: Vec<String>,
        subject: Option<String>,
    ) -> Self {
        Self {
            name: name.to_owned(),
            mailer,
            from,
            to,
            subject,
        }
    }

    fn message(&self, file: &Laid, to: &str) -> Result<(Vec<u8>, String), Failure> {
        let host = self.from.trim_end_matches('>').rsplit_once('@');
        let host = host.map_or("orderdock.invalid", |(_, host)| host);
        // The address is part of it: each recipient gets a mail of their own.
        let id = derived(&format!("{}{to}", file.key), 24).to_lowercase();
        let id = format!("<order-{id}@orderdock.{host}>");
        let subject = match &self.subject {
            Some(before) => format!("{before} {}", file.subject),
            None => file.subject.clone(),
        };
        let head = Head {
            from: &self.from,
            to,
            message_id: &id,
            date: clock::now(),
            in_reply_to: None,
            references: &[],
            answered_subject: None,
        };
        let message = compose_file(&head, &subject, &file.name, &file.bytes)?;
        Ok((message, id))
    }
}

#[async_trait]
impl Place for Mailbox {
    async fn lay(&self, file: &Laid) -> Outcome {
        let mut ids = Vec::new();
        for to in &self.to {
            let (message, id) = match self.message(file, to) {
                Ok(made) => made,
                Err(failure) => return Outcome::Parked(failure),
            };
            let envelope = Envelope {
                recipient: to.clone(),
                return_path: None,
                message,
            };
            match self.mailer.post(&envelope).await {
                Posted::Accepted => ids.push(id),
                Posted::Refused(words) if ids.is_empty() => {
                    // The address or our rights are wrong: nothing that the orders' sender can mend.
                    let during = format!("mailing to {to} for “{}”", self.name);
                    return Outcome::Parked(Failure::operator(during, words));
                }
                Posted::Refused(words) => {
                    tracing::warn!(
                        destination = self.name,
                        to,
                        words,
                        "One of several recipients was refused."
                    );
                }
                // What went to others before is mailed to them again by a repeat, as the same mail.
                Posted::NotTaken(failure) if ids.is_empty() => {
                    return Outcome::Later {
                        after: None,
                        failure,
                        destination: true,
                    };
                }
                Posted::NotTaken(failure) | Posted::Unknown(failure) => {
                    return Outcome::Unknown(failure);
                }
            }
        }
        Outcome::Accepted(Receipt {
            answer: format!("mailed to {} as {}", self.to.join(", "), file.name),
            remote_id: ids.into_iter().next(),
            ..Receipt::default()
        })
    }

    async fn find(&self, _: &Laid) -> Option<Found> {
        None
    }

    async fn probe(&self) -> Result<(), Failure> {
        self.mailer.probe().await
    }

    fn knows_its_own(&self) -> bool {
        false
    }
}

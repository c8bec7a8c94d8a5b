//! Waiting for news: IDLE (RFC 2177).
//!
//! News only end a wait; what is new is asked for afterwards. The wait may be given up at any
//! moment: the next command ends the IDLE first.

use std::time::Duration;

use super::command::Command;
use super::{Fault, Reply, Session};
use crate::clock;
use crate::limits;

impl Session {
    /// Returns when mails may have come, at the latest after `longest`. `false`: the server does not
    /// let us wait, so that somebody else must.
    pub(in crate::sources::imap) async fn idle(
        &mut self,
        longest: Duration,
    ) -> Result<bool, Fault> {
        if !self.can("IDLE") {
            return Ok(false);
        }
        let over = Self::until(longest);
        loop {
            // The mailbox may have changed between the last answer and the IDLE: what is told then
            // is told within it.
            if self.idling.is_none() && !self.begin_idle().await? {
                return Ok(false);
            }
            let left = over.since(clock::moment());
            if left.is_zero() {
                return Ok(true);
            }
            // Ended and begun anew before servers and firewalls forget the connection.
            if self.news(left.min(limits::IMAP_IDLE)).await? {
                return Ok(true);
            }
            self.end_idle().await?;
        }
    }

    async fn begin_idle(&mut self) -> Result<bool, Fault> {
        let running = self.begin(&Command::new("IDLE")).await?;
        match self.go_ahead(&running).await {
            Ok(_) => {
                self.idling = Some(running);
                Ok(true)
            }
            Err(Fault::Refused(_)) => {
                self.abilities.remove("IDLE");
                Ok(false)
            }
            Err(fault) => Err(fault),
        }
    }

    /// Whether the server tells of a mail within `longest`.
    async fn news(&mut self, longest: Duration) -> Result<bool, Fault> {
        let over = Self::until(longest);
        loop {
            let left = over.since(clock::moment());
            let before = self.exists;
            let answer = self.wire.response(limits::IMAP_ANSWER_BYTES, left).await;
            let reply = match answer {
                Ok(response) => super::reply::read(&response),
                Err(super::Broken::Silent) => return Ok(false),
                Err(broken) => return Err(self.parted(&broken)),
            };
            match reply {
                Reply::Data(data) if data.word == "EXISTS" => {
                    self.exists = data.number.unwrap_or(before);
                    return Ok(true);
                }
                Reply::Data(data) if data.word == "EXPUNGE" => {
                    self.exists = before.saturating_sub(1);
                }
                Reply::Status(status) if status.kind == super::Kind::Bye => {
                    return Err(Fault::Broken(format!(
                        "the server ended the session: {status}"
                    )));
                }
                // The server ended it by itself.
                Reply::Done(..) => {
                    self.idling = None;
                    return Ok(true);
                }
                _ => {}
            }
        }
    }

    /// Ends an IDLE, if there is one.
    pub(super) async fn end_idle(&mut self) -> Result<(), Fault> {
        let Some(running) = self.idling.take() else {
            return Ok(());
        };
        self.send(b"DONE\r\n").await?;
        let until = Self::until(limits::IMAP_SILENCE);
        loop {
            if let Reply::Done(tag, _) = self.reply(until, limits::IMAP_ANSWER_BYTES).await?
                && tag.as_ref() == running.tag.as_bytes()
            {
                return Ok(());
            }
        }
    }
}

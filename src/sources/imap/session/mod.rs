//! One session with an IMAP server: commands and what is answered to each.
//!
//! Promises: a command has ended only when its own tagged status was seen, and NO or BAD is never
//! taken for an empty answer; every command ends in bounded time; data that comes in between is
//! handed out as it comes and never piles up. After [`Fault::Broken`] a session is of no more use.

use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::time::Duration;

use bytes::Bytes;

use super::wire::reply::{self, Data, Kind, Reply, Status};
use super::wire::{Broken, Stream, Wire};
use crate::clock::{self, Moment};
use crate::failure::Failure;
use crate::limits;

pub(super) mod command;
mod connect;
mod idle;
mod login;
mod mails;

use command::{Command, Part};
pub(super) use mails::Mail;

/// Why a command was not carried out.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    /// The connection is of no more use.
    #[error("{0}")]
    Broken(String),
    /// NO or BAD: the session goes on.
    #[error("the server refused: {0}")]
    Refused(Status),
    /// The server cannot do what is needed: the operator's turn.
    #[error("{0}")]
    Unfit(String),
}

impl From<Broken> for Fault {
    fn from(broken: Broken) -> Self {
        Self::Broken(broken.to_string())
    }
}

impl Fault {
    /// What it means for the source. Codes are those of RFC 5530.
    pub(super) fn failure(&self, during: impl Into<String>) -> Failure {
        const LASTING: [&str; 5] = [
            "NOPERM",
            "OVERQUOTA",
            "CANNOT",
            "CONTACTADMIN",
            "NONEXISTENT",
        ];
        match self {
            Self::Unfit(_) => Failure::operator(during, self),
            Self::Refused(_) if LASTING.iter().any(|code| self.has(code)) => {
                Failure::operator(during, self)
            }
            Self::Broken(_) | Self::Refused(_) => Failure::temporary(during, self),
        }
    }

    /// The code of a refusal.
    pub(super) fn has(&self, code: &str) -> bool {
        matches!(self, Self::Refused(status) if status.has(code))
    }
}

/// The command that is being answered.
pub(super) struct Running {
    tag: String,
    until: Moment,
}

/// One answer to a command.
pub(super) enum Answer {
    /// Data; more follows.
    Data(Data),
    /// A status in between, such as `OK [COPYUID …]`.
    Status(Status),
    /// Its end.
    End(Status),
}

/// The mailbox that a session looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Selected {
    pub(super) mailbox: String,
    pub(super) validity: NonZeroU32,
    pub(super) writable: bool,
    /// Whether any keyword may be set on its mails (`\*` in PERMANENTFLAGS).
    pub(super) keywords: bool,
}

/// A connection that is logged in, or on its way there.
pub(super) struct Session {
    wire: Wire<Box<dyn Stream>>,
    abilities: BTreeSet<String>,
    tags: u32,
    selected: Option<Selected>,
    /// Mails in the selected mailbox, as told last.
    exists: u32,
    /// The IDLE that was not ended yet.
    idling: Option<Running>,
    /// Why the server says goodbye.
    bye: Option<String>,
}

impl Session {
    fn new(wire: Wire<Box<dyn Stream>>) -> Self {
        Self {
            wire,
            abilities: BTreeSet::new(),
            tags: 0,
            selected: None,
            exists: 0,
            idling: None,
            bye: None,
        }
    }

    /// Whether the server said that it can do this.
    pub(super) fn can(&self, ability: &str) -> bool {
        self.abilities.contains(ability)
    }

    /// Mails in the selected mailbox, as told last.
    pub(super) fn exists(&self) -> u32 {
        self.exists
    }

    /// Sends a command.
    pub(super) async fn begin(&mut self, command: &Command) -> Result<Running, Fault> {
        self.end_idle().await?;
        self.tags += 1;
        let running = Running {
            tag: format!("A{}", self.tags),
            until: clock::moment().after(limits::IMAP_COMMAND),
        };
        let mut ready = format!("{} ", running.tag).into_bytes();
        for part in &command.parts {
            let literal = match part {
                Part::Plain(text) => {
                    ready.extend_from_slice(text.as_bytes());
                    continue;
                }
                Part::Literal(literal) => literal,
            };
            let at_once = self.can("LITERAL+") || (self.can("LITERAL-") && literal.len() <= 4_096);
            let plus = if at_once { "+" } else { "" };
            ready.extend_from_slice(format!("{{{}{plus}}}\r\n", literal.len()).as_bytes());
            if !at_once {
                self.send(&ready).await?;
                ready.clear();
                self.go_ahead(&running).await?;
            }
            ready.extend_from_slice(literal);
        }
        ready.extend_from_slice(b"\r\n");
        self.send(&ready).await?;
        Ok(running)
    }

    async fn send(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        let sent = self.wire.send(bytes).await;
        sent.map_err(|broken| self.parted(&broken))
    }

    /// Waits for the server's `+`.
    async fn go_ahead(&mut self, running: &Running) -> Result<Bytes, Fault> {
        loop {
            match self.reply(running.until, limits::IMAP_ANSWER_BYTES).await? {
                Reply::More(text) => return Ok(text),
                Reply::Done(tag, status) if tag.as_ref() == running.tag.as_bytes() => {
                    return Err(Fault::Refused(status));
                }
                _ => {}
            }
        }
    }

    /// The next answer to a command; each may have `most` bytes.
    pub(super) async fn answer(&mut self, running: &Running, most: usize) -> Result<Answer, Fault> {
        loop {
            match self.reply(running.until, most).await? {
                Reply::Done(tag, status) if tag.as_ref() == running.tag.as_bytes() => {
                    return match status.kind {
                        Kind::Ok => Ok(Answer::End(status)),
                        _ => Err(Fault::Refused(status)),
                    };
                }
                Reply::Data(data) => return Ok(Answer::Data(data)),
                Reply::Status(status) => return Ok(Answer::Status(status)),
                Reply::More(_) | Reply::Unread | Reply::Done(..) => {}
            }
        }
    }

    /// Sends a command and takes its answers, each of an ordinary size.
    pub(super) async fn run(
        &mut self,
        command: &Command,
        mut on: impl FnMut(&Answer),
    ) -> Result<Status, Fault> {
        let running = self.begin(command).await?;
        loop {
            let answer = self.answer(&running, limits::IMAP_ANSWER_BYTES).await?;
            if let Answer::End(status) = answer {
                return Ok(status);
            }
            on(&answer);
        }
    }

    /// The next response, of which the session keeps what it must know.
    async fn reply(&mut self, until: Moment, most: usize) -> Result<Reply, Fault> {
        let left = until.since(clock::moment()).min(limits::IMAP_SILENCE);
        let response = match self.wire.response(most, left).await {
            Ok(response) => response,
            Err(broken) => return Err(self.parted(&broken)),
        };
        let reply = reply::read(&response);
        match &reply {
            Reply::Data(data) if data.word == "EXISTS" => {
                self.exists = data.number.unwrap_or(self.exists);
            }
            Reply::Data(data) if data.word == "EXPUNGE" => {
                self.exists = self.exists.saturating_sub(1);
            }
            Reply::Data(data) if data.word == "CAPABILITY" => {
                let words = data.values.iter().filter_map(|value| value.bytes());
                self.learn(words.map(AsRef::as_ref));
            }
            Reply::Status(status) if status.kind == Kind::Bye => {
                self.bye = Some(status.to_string());
            }
            Reply::Status(status) | Reply::Done(_, status) if status.has("CAPABILITY") => {
                self.learn(status.arguments.split(|byte| *byte == b' '));
            }
            _ => {}
        }
        Ok(reply)
    }

    /// What a broken connection means, with the server's own reason where it gave one.
    fn parted(&self, broken: &Broken) -> Fault {
        Fault::Broken(match (&self.bye, broken) {
            (Some(bye), Broken::Closed) => format!("the server ended the session: {bye}"),
            _ => broken.to_string(),
        })
    }

    fn learn<'a>(&mut self, words: impl Iterator<Item = &'a [u8]>) {
        self.abilities = words
            .take(limits::IMAP_ABILITIES)
            .map(|word| String::from_utf8_lossy(word).to_ascii_uppercase())
            .collect();
    }

    /// Opens a mailbox, to change it or (`EXAMINE`) only to look.
    pub(super) async fn select(
        &mut self,
        mailbox: &str,
        writable: bool,
    ) -> Result<Selected, Fault> {
        let wanted =
            |selected: &&Selected| selected.mailbox == mailbox && (selected.writable || !writable);
        if let Some(selected) = self.selected.as_ref().filter(wanted) {
            return Ok(selected.clone());
        }
        // Whatever comes of it, the mailbox before is not selected any more (RFC 3501, 6.3.1).
        self.selected = None;
        self.exists = 0;
        let verb = if writable { "SELECT" } else { "EXAMINE" };
        let mut validity = None;
        let mut keywords = false;
        let command = Command::new(verb).mailbox(mailbox);
        let end = self
            .run(&command, |answer| match answer {
                Answer::Status(status) if status.has("UIDVALIDITY") => {
                    let number = std::str::from_utf8(&status.arguments).ok();
                    validity = number.and_then(|number| number.trim().parse().ok());
                }
                Answer::Status(status) if status.has("PERMANENTFLAGS") => {
                    keywords = status.arguments.windows(2).any(|pair| pair == b"\\*");
                }
                _ => {}
            })
            .await?;
        let Some(validity) = validity else {
            // Without it a UID may come to mean another mail, so nothing may be done by UID.
            return Err(Fault::Unfit(format!(
                "the server tells no UIDVALIDITY of {mailbox}, so that its mails cannot be told apart"
            )));
        };
        let selected = Selected {
            mailbox: mailbox.to_owned(),
            validity,
            writable: writable && !end.has("READ-ONLY"),
            keywords,
        };
        self.selected = Some(selected.clone());
        Ok(selected)
    }

    /// Says goodbye, without waiting long.
    pub(super) async fn end(mut self) {
        let goodbye = async {
            let running = self.begin(&Command::new("LOGOUT")).await?;
            while !matches!(
                self.answer(&running, limits::IMAP_ANSWER_BYTES).await?,
                Answer::End(_)
            ) {}
            Ok::<(), Fault>(())
        };
        if !matches!(
            tokio::time::timeout(limits::IMAP_GOODBYE, goodbye).await,
            Ok(Ok(()))
        ) {
            tracing::debug!("An IMAP session ended without a goodbye.");
        }
    }

    fn until(wait: Duration) -> Moment {
        clock::moment().after(wait)
    }
}

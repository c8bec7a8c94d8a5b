//! The control connection: one command, one answer, never out of step.
//!
//! Every wait is bounded. A command that was cut off, an answer that did not come or a 421 end the
//! connection for good: what the next line would answer could no longer be told.

use std::net::IpAddr;

use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use crate::clients::tls;
use crate::failure::Failure;
use crate::limits;
use crate::secret::Secret;

use super::lines;
use super::reply::{Gather, Reply};
use super::wire::Wire;

/// One control connection.
pub(super) struct Control {
    stream: Option<BufReader<Wire>>,
    /// The address that was dialled, for data connections.
    pub(super) peer: IpAddr,
    /// Between a command and the end of its answer.
    waiting: bool,
    /// The server, for messages.
    host: String,
    /// Kept out of messages: some servers repeat what they were told.
    secret: Option<Secret>,
}

impl Control {
    pub(super) fn new(stream: TcpStream, peer: IpAddr, host: &str) -> Self {
        Self {
            stream: Some(BufReader::new(Wire::Plain(stream))),
            peer,
            waiting: false,
            host: host.to_owned(),
            secret: None,
        }
    }

    /// Whether another command may be answered.
    pub(super) fn is_open(&self) -> bool {
        self.stream.is_some() && !self.waiting
    }

    /// Whether what is said can be cut anywhere: TLS passes a command on whole or not at all (RFC 8446,
    /// 5.2).
    pub(super) fn is_plain(&self) -> bool {
        let stream = self.stream.as_ref().map(BufReader::get_ref);
        matches!(stream, Some(Wire::Plain(_)))
    }

    /// Ends it without a word.
    pub(super) fn give_up(&mut self) {
        self.stream = None;
    }

    pub(super) fn keep_out(&mut self, secret: Secret) {
        self.secret = Some(secret);
    }

    fn during(&self, what: &str) -> String {
        format!("{what} at {}", self.host)
    }

    /// The failure of an answer that was no yes: 4yz may pass, the rest is for the operator.
    pub(super) fn refused(&self, what: &str, reply: &Reply) -> Failure {
        let words = format!("the server answered “{}”", self.told(reply));
        if reply.class() == 5 {
            Failure::operator(self.during(what), words)
        } else {
            Failure::temporary(self.during(what), words)
        }
    }

    /// A failure of ours with this server.
    pub(super) fn failed(&self, what: &str, why: &str) -> Failure {
        Failure::temporary(self.during(what), why)
    }

    /// An answer in words for people, without our password.
    pub(super) fn told(&self, reply: &Reply) -> String {
        let text = reply.text();
        match &self.secret {
            Some(secret) if secret.expose().len() >= limits::REDACTED_CHARS => {
                text.replace(secret.expose(), "***")
            }
            _ => text,
        }
    }

    /// The connection is of no more use.
    pub(super) fn lost(&mut self, what: &str, why: impl std::fmt::Display) -> Failure {
        self.give_up();
        Failure::temporary(self.during(what), why)
    }

    /// Sends a command and waits for its answer.
    pub(super) async fn ask(&mut self, verb: &str, argument: &[u8]) -> Result<Reply, Failure> {
        self.send(verb, argument).await?;
        self.answer(verb).await
    }

    /// Sends a command alone.
    pub(super) async fn send(&mut self, verb: &str, argument: &[u8]) -> Result<(), Failure> {
        if argument
            .iter()
            .any(|byte| matches!(byte, b'\r' | b'\n' | 0))
        {
            // It would be a second command.
            let why = "a name with a line end in it cannot be said by FTP";
            return Err(Failure::operator(self.during(verb), why));
        }
        if self.waiting {
            return Err(self.lost(verb, "an earlier command was broken off"));
        }
        let Some(stream) = &mut self.stream else {
            let why = "the connection was lost before";
            return Err(Failure::temporary(self.during(verb), why));
        };
        let mut line = Vec::with_capacity(verb.len() + argument.len() + 3);
        line.extend_from_slice(verb.as_bytes());
        if !argument.is_empty() {
            line.push(b' ');
            line.extend_from_slice(argument);
        }
        line.extend_from_slice(b"\r\n");
        self.waiting = true;
        let sending = async {
            stream.write_all(&line).await?;
            stream.flush().await
        };
        match timeout(limits::FTP_SILENCE, sending).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(self.lost(verb, error)),
            Err(_) => Err(self.lost(verb, "the server takes no more commands")),
        }
    }

    /// Waits for one answer. A 421 is a failure: the server closes the connection (RFC 959, 4.2).
    pub(super) async fn answer(&mut self, what: &str) -> Result<Reply, Failure> {
        self.waiting = true;
        let Some(stream) = &mut self.stream else {
            let why = "the connection was lost before";
            return Err(Failure::temporary(self.during(what), why));
        };
        let gathering = async {
            let mut gather = Gather::default();
            loop {
                let line = lines::next(stream)
                    .await
                    .map_err(|error| error.to_string())?;
                let line = line.ok_or("the server closed the connection")?;
                if let Some(reply) = gather.push(line)? {
                    return Ok::<_, String>(reply);
                }
            }
        };
        match timeout(limits::FTP_SILENCE, gathering).await {
            Ok(Ok(reply)) if reply.code == 421 => {
                let words = format!("the server closes the session: “{}”", self.told(&reply));
                Err(self.lost(what, words))
            }
            Ok(Ok(reply)) => {
                // A 1yz announces another answer to the same command.
                self.waiting = reply.class() == 1;
                Ok(reply)
            }
            Ok(Err(why)) => Err(self.lost(what, why)),
            Err(_) => Err(self.lost(what, "the server gave no answer in time")),
        }
    }

    /// Puts the connection under TLS.
    pub(super) async fn secure(&mut self, with: &super::link::Security) -> Result<(), Failure> {
        let what = "the TLS session";
        let Some(stream) = self.stream.take() else {
            return Err(self.lost(what, "the connection was lost before"));
        };
        // Bytes that came in the clear must never be taken for bytes that came under TLS.
        if !stream.buffer().is_empty() {
            return Err(self.lost(what, "the server went on in the clear"));
        }
        let Wire::Plain(stream) = stream.into_inner() else {
            return Err(self.lost(what, "the connection is under TLS already"));
        };
        let connector = TlsConnector::from(std::sync::Arc::clone(&with.config));
        let connecting = connector.connect(with.name.clone(), stream);
        match timeout(limits::FTP_CONNECT, connecting).await {
            Ok(Ok(stream)) => {
                self.stream = Some(BufReader::new(Wire::Tls(Box::new(stream))));
                Ok(())
            }
            Ok(Err(error)) => Err(tls::failure(&self.during(what), &error)),
            Err(_) => Err(self.lost(what, "the server gave no answer in time")),
        }
    }

    /// Says goodbye; what it answers is of no interest.
    pub(super) async fn quit(&mut self) {
        if !self.is_open() {
            return;
        }
        let leaving = async {
            drop(self.ask("QUIT", b"").await);
        };
        drop(timeout(limits::FTP_GOODBYE, leaving).await);
        let Some(mut stream) = self.stream.take() else {
            return;
        };
        drop(timeout(limits::FTP_GOODBYE, stream.shutdown()).await);
    }
}

//! Data connections: opened to the host of the control connection, whatever address is announced;
//! protected like it; and believed only when the server says that the transfer was complete.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use crate::failure::Failure;
use crate::limits;

use super::link::Link;
use super::reply::Reply;
use super::wire::Wire;
use super::{lines, tls};

/// What kept a transfer from being one.
pub(super) enum Fault {
    /// The server did not take the TLS session of the data connection for one of this session: with
    /// TLS 1.2 it may.
    Session(Failure),
    /// There is nothing of that name (450 or 550), said only after the transfer had begun.
    Nothing(Failure),
    /// Anything else.
    Failed(Failure),
}

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Session(failure) | Fault::Nothing(failure) | Fault::Failed(failure) => failure,
        }
    }
}

/// A transfer after the server's first answer to its command.
pub(super) enum Begun {
    /// It goes on over this connection; [`Transfer::end`] must follow.
    Yes(Transfer),
    /// It does not.
    Refused(Reply),
}

/// One data connection.
pub(super) struct Transfer {
    stream: BufReader<Wire>,
}

/// How the reading side ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// At its end.
    Ended,
    /// We wanted no more.
    Stopped,
}

impl Link {
    /// Begins a transfer.
    pub(super) async fn begin(&mut self, verb: &str, argument: &[u8]) -> Result<Begun, Fault> {
        let stream = self.passive().await?;
        let reply = self.control.ask(verb, argument).await?;
        match reply.class() {
            1 => {}
            _ if self.is_session_refused(&reply) => {
                return Err(Fault::Session(self.control.refused(verb, &reply)));
            }
            // Empty listings are answered so by some: there is nothing to transfer.
            _ => return Ok(Begun::Refused(reply)),
        }
        let Some(security) = self.security.clone() else {
            let stream = BufReader::with_capacity(limits::FTP_PIECE_BYTES, Wire::Plain(stream));
            return Ok(Begun::Yes(Transfer { stream }));
        };
        let connector = TlsConnector::from(security.config);
        let connecting = connector.connect(security.name, stream);
        let error = match timeout(limits::FTP_SILENCE, connecting).await {
            Ok(Ok(stream)) => {
                let wire = Wire::Tls(Box::new(stream));
                let stream = BufReader::with_capacity(limits::FTP_PIECE_BYTES, wire);
                return Ok(Begun::Yes(Transfer { stream }));
            }
            Ok(Err(error)) => error,
            Err(_) => std::io::Error::from(std::io::ErrorKind::TimedOut),
        };
        // What the server has against it stands in its answer.
        let reply = self.control.answer(verb).await?;
        if self.is_session_refused(&reply) {
            return Err(Fault::Session(self.control.refused(verb, &reply)));
        }
        Err(tls::failure("protecting a data connection", &error).into())
    }

    /// vsftpd says 522, ProFTPD and FileZilla say 425, both only where TLS sessions are to be resumed.
    fn is_session_refused(&self, reply: &Reply) -> bool {
        let session = reply.text().to_ascii_lowercase().contains("session");
        self.security.is_some() && (matches!(reply.code, 425 | 522) || session && reply.class() > 3)
    }

    /// Waits for the server's word about a transfer whose bytes have ended.
    async fn conclude(&mut self, verb: &str) -> Result<(), Fault> {
        let reply = self.control.answer(verb).await?;
        if reply.is_done() {
            return Ok(());
        }
        let failure = self.control.refused(verb, &reply);
        Err(if self.is_session_refused(&reply) {
            Fault::Session(failure)
        } else if matches!(reply.code, 450 | 550) {
            Fault::Nothing(failure)
        } else {
            Fault::Failed(failure)
        })
    }

    /// A data connection to the port that the server opened for it.
    async fn passive(&mut self) -> Result<TcpStream, Failure> {
        let port = match self.extended_port().await? {
            Some(port) => port,
            None => self.classic_port().await?,
        };
        let address = SocketAddr::new(self.control.peer, port);
        let what = "opening a data connection";
        let stream = match timeout(limits::FTP_CONNECT, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => {
                return Err(self.control.failed(what, &format!("{address}: {error}")));
            }
            Err(_) => {
                let why = format!("{address} did not answer in time; a firewall may be in the way");
                return Err(self.control.failed(what, &why));
            }
        };
        Ok(stream)
    }

    /// By EPSV, as long as the server has not refused it.
    async fn extended_port(&mut self) -> Result<Option<u16>, Failure> {
        if !self.extended {
            return Ok(None);
        }
        let reply = self.control.ask("EPSV", b"").await?;
        let answered = match reply.code {
            229 => reply.extended_port(),
            // Some answer EPSV as if it were PASV.
            227 => reply.passive_address().map(|(_, port)| port),
            _ => None,
        };
        if answered.is_none() && reply.class() == 4 {
            return Err(self.control.refused("opening a data connection", &reply));
        }
        if answered.is_none() {
            if self.control.peer.is_ipv6() && !self.control.peer.to_canonical().is_ipv4() {
                return Err(self.control.refused("opening a data connection", &reply));
            }
            self.extended = false;
            self.note("it does not offer EPSV; PASV is used");
        }
        Ok(answered)
    }

    /// By PASV. Only the port counts: an address behind a firewall is wrong, and one of a third host
    /// would make us knock there.
    async fn classic_port(&mut self) -> Result<u16, Failure> {
        let what = "opening a data connection";
        let reply = self.control.ask("PASV", b"").await?;
        if !reply.is_done() {
            return Err(self.control.refused(what, &reply));
        }
        let Some((address, port)) = reply.passive_address() else {
            let told = self.control.told(&reply);
            let why = format!("the server answered PASV with “{told}”, which names no port");
            return Err(self.control.failed(what, &why));
        };
        if self.control.peer.to_canonical() != std::net::IpAddr::from(address) {
            let announced = std::net::Ipv4Addr::from(address);
            self.note(format!(
                "it announces {announced} for data connections; its own address is used instead"
            ));
        }
        Ok(port)
    }
}

impl Transfer {
    /// The next line of a listing.
    pub(super) async fn line(&mut self, link: &mut Link) -> Result<Option<Vec<u8>>, Failure> {
        match timeout(limits::FTP_SILENCE, lines::next(&mut self.stream)).await {
            Ok(Ok(next)) => Ok(next),
            Ok(Err(error)) if is_unannounced_end(&error) => Ok(None),
            Ok(Err(error)) => Err(link.control.lost("reading a listing", error)),
            Err(_) => Err(link
                .control
                .lost("reading a listing", "nothing more came in time")),
        }
    }

    /// The next bytes of a file; none at its end.
    pub(super) async fn piece(&mut self, link: &mut Link) -> Result<bytes::Bytes, Failure> {
        let mut piece = bytes::BytesMut::with_capacity(limits::FTP_PIECE_BYTES);
        match timeout(limits::FTP_SILENCE, self.stream.read_buf(&mut piece)).await {
            Ok(Ok(_)) => Ok(piece.freeze()),
            Ok(Err(error)) if is_unannounced_end(&error) => Ok(bytes::Bytes::new()),
            Ok(Err(error)) => Err(link.control.lost("reading a file", error)),
            Err(_) => Err(link
                .control
                .lost("reading a file", "nothing more came in time")),
        }
    }

    /// Writes all and says that this was the end.
    pub(super) async fn write(&mut self, bytes: &[u8], link: &mut Link) -> Result<(), Failure> {
        let writing = async {
            self.stream.write_all(bytes).await?;
            self.stream.flush().await?;
            self.stream.shutdown().await
        };
        match timeout(limits::FTP_SILENCE, writing).await {
            // Where writing failed, the server's answer says why it wanted no more.
            Ok(_) => Ok(()),
            Err(_) => Err(link
                .control
                .lost("writing a file", "the server takes no more bytes")),
        }
    }

    /// Ends the transfer with the server's word about it. After [`Reading::Stopped`] the server may say
    /// whatever it likes, as long as it says something.
    pub(super) async fn end(
        self,
        verb: &str,
        reading: Reading,
        link: &mut Link,
    ) -> Result<(), Fault> {
        drop(self);
        match reading {
            Reading::Ended => link.conclude(verb).await,
            Reading::Stopped => {
                link.control.answer(verb).await?;
                Ok(())
            }
        }
    }
}

/// Many servers end a data connection without TLS's own goodbye. What may be missing then is missed
/// by the size of the file, and by the next listing.
fn is_unannounced_end(error: &std::io::Error) -> bool {
    error.kind() == std::io::ErrorKind::UnexpectedEof
}

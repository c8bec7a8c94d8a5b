//! One session: what is asked of a file server, in the commands of FTP.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::clients::Piece;
use crate::clients::{Item, Read, ReadOne, RenameFault, Session, Wanted, one_by_one, shown};
use crate::failure::Failure;
use crate::limits;

use super::Shared;
use super::data::{Begun, Fault, Reading};
use super::link::Link;

/// One session.
pub(super) struct FtpSession {
    pub(super) server: Arc<Shared>,
    pub(super) link: Link,
}

impl FtpSession {
    pub(super) fn new(server: Arc<Shared>, link: Link) -> Self {
        Self { server, link }
    }

    /// Begins anew with TLS 1.2, once. Servers that insist on resumed TLS sessions recognise them under
    /// TLS 1.3 only sometimes: each ticket is used up by one connection.
    async fn lower(&mut self, refused: Failure) -> Result<(), Failure> {
        if self.link.at_most_12 {
            let words = format!(
                "{}. The server wants data connections to resume the TLS session of the control \
                 connection, and did not recognise it",
                refused.message
            );
            return Err(Failure {
                message: words,
                ..refused
            });
        }
        self.link.control.quit().await;
        self.server.at_most_12.store(true, Ordering::Relaxed);
        self.link = self.server.open().await?;
        self.link.note(
            "data connections under TLS 1.3 were refused; TLS 1.2 is used (tls_max = \"1.2\" does so \
             from the start)",
        );
        Ok(())
    }

    async fn read_once(
        &mut self,
        path: &[u8],
        limit: u64,
        pieces: &mpsc::Sender<Bytes>,
    ) -> Result<Read, Fault> {
        let mut transfer = match self.link.begin("RETR", path).await? {
            Begun::Yes(transfer) => transfer,
            Begun::Refused(reply) => {
                let refused = self.link.control.refused(&reading(path), &reply);
                let gone = reply.code == 550 && self.look(path).await?.is_none();
                return if gone {
                    Ok(Read::Missing)
                } else {
                    Err(refused.into())
                };
            }
        };
        let (mut length, mut wanted) = (0, true);
        let ended = loop {
            let piece = transfer.piece(&mut self.link).await?;
            if piece.is_empty() {
                break Reading::Ended;
            }
            length += piece.len() as u64;
            wanted = pieces.send(piece).await.is_ok();
            if !wanted || length > limit {
                break Reading::Stopped;
            }
        };
        match transfer.end("RETR", ended, &mut self.link).await {
            // Bytes are on their way already: the caller begins anew, in a session that is told.
            Err(Fault::Session(failure)) if length > 0 => Err(Fault::Failed(failure)),
            Err(fault) => Err(fault),
            Ok(()) if wanted => Ok(Read::Whole(length)),
            Ok(()) => Ok(Read::Dropped),
        }
    }

    async fn write_once(&mut self, path: &[u8], bytes: &[u8]) -> Result<(), Fault> {
        let mut transfer = match self.link.begin("STOR", path).await? {
            Begun::Yes(transfer) => transfer,
            Begun::Refused(reply) => {
                let what = format!("writing {}", shown(path));
                return Err(self.link.control.refused(&what, &reply).into());
            }
        };
        transfer.write(bytes, &mut self.link).await?;
        transfer.end("STOR", Reading::Ended, &mut self.link).await
    }
}

fn reading(path: &[u8]) -> String {
    format!("reading {}", shown(path))
}

#[async_trait]
impl Session for FtpSession {
    async fn list(&mut self, folder: &[u8], limit: usize) -> Result<(Vec<Item>, bool), Failure> {
        let folder = self.link.absolute(folder);
        loop {
            let listing = timeout(limits::FTP_LISTING, self.list_once(&folder, limit)).await;
            match listing {
                Ok(Err(Fault::Session(refused))) => self.lower(refused).await?,
                Ok(listed) => return listed.map_err(Failure::from),
                Err(_) => {
                    let what = format!("listing {}", shown(&folder));
                    return Err(self.link.control.lost(&what, "it did not end in time"));
                }
            }
        }
    }

    fn said_in_the_clear(&self, path: &[u8]) -> Option<Vec<u8>> {
        let plain = self.link.control.is_plain();
        plain.then(|| self.link.absolute(path))
    }

    async fn stat(&mut self, path: &[u8]) -> Result<Option<Item>, Failure> {
        let path = self.link.absolute(path);
        loop {
            match self.look(&path).await {
                Err(Fault::Session(refused)) => self.lower(refused).await?,
                found => return found.map_err(Failure::from),
            }
        }
    }

    async fn fetch(
        &mut self,
        wanted: &mut Vec<Wanted>,
        pieces: &mpsc::Sender<Piece>,
    ) -> Result<(), Failure> {
        one_by_one(self, wanted, pieces).await
    }

    async fn rename(&mut self, from: &[u8], to: &[u8]) -> Result<(), RenameFault> {
        let (from, to) = (self.link.absolute(from), self.link.absolute(to));
        let what = format!("renaming {} to {}", shown(&from), shown(&to));
        let failed = |failure| RenameFault::Failed(failure);
        let reply = self.link.control.ask("RNFR", &from).await.map_err(failed)?;
        if reply.class() != 3 {
            let refused = self.link.control.refused(&what, &reply);
            return Err(match self.stat(&from).await.map_err(failed)? {
                None => RenameFault::Missing,
                Some(_) => failed(refused),
            });
        }
        let reply = self.link.control.ask("RNTO", &to).await.map_err(failed)?;
        if !reply.is_done() {
            let refused = self.link.control.refused(&what, &reply);
            return Err(match self.stat(&to).await.map_err(failed)? {
                None => failed(refused),
                Some(_) => RenameFault::Taken,
            });
        }
        self.server.times().moved(&from, &to);
        Ok(())
    }

    async fn make_folder(&mut self, path: &[u8]) -> Result<(), Failure> {
        let path = self.link.absolute(path);
        let reply = self.link.control.ask("MKD", &path).await?;
        if reply.is_done() {
            return Ok(());
        }
        let what = format!("making the folder {}", shown(&path));
        let refused = self.link.control.refused(&what, &reply);
        let lies_there = self.link.control.ask("CWD", &path).await?;
        if lies_there.is_done() {
            Ok(())
        } else {
            Err(refused)
        }
    }

    async fn write(&mut self, path: &[u8], bytes: &[u8]) -> Result<(), Failure> {
        let path = self.link.absolute(path);
        loop {
            match self.write_once(&path, bytes).await {
                Err(Fault::Session(refused)) => self.lower(refused).await?,
                written => return written.map_err(Failure::from),
            }
        }
    }

    async fn remove(&mut self, path: &[u8]) -> Result<(), Failure> {
        let path = self.link.absolute(path);
        let reply = self.link.control.ask("DELE", &path).await?;
        if reply.is_done() {
            return Ok(());
        }
        let what = format!("removing {}", shown(&path));
        let refused = self.link.control.refused(&what, &reply);
        match self.stat(&path).await? {
            None => Ok(()),
            Some(_) => Err(refused),
        }
    }

    fn is_open(&self) -> bool {
        self.link.control.is_open()
    }

    fn found(&self) -> Vec<String> {
        self.link.notes.iter().cloned().collect()
    }

    async fn end(mut self: Box<Self>) {
        self.link.control.quit().await;
    }
}

#[async_trait]
impl ReadOne for FtpSession {
    async fn read(
        &mut self,
        path: &[u8],
        limit: u64,
        pieces: &mpsc::Sender<Bytes>,
    ) -> Result<Read, Failure> {
        let path = self.link.absolute(path);
        loop {
            let read = self.read_once(&path, limit, pieces);
            match timeout(limits::FTP_TRANSFER, read).await {
                Ok(Err(Fault::Session(refused))) => self.lower(refused).await?,
                Ok(read) => return read.map_err(Failure::from),
                Err(_) => {
                    return Err(self
                        .link
                        .control
                        .lost(&reading(&path), "it did not end in time"));
                }
            }
        }
    }
}

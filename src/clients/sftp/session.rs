//! One session: what a file server's source asks of it, in requests of SFTP.

use async_trait::async_trait;
use bytes::{BufMut, Bytes, BytesMut};
use russh::client::Handle;
use tokio::sync::mpsc;

use super::host_key::Doorkeeper;
use super::pipe::Pipe;
use super::status::{self, EXISTS};
use super::wire::{Answer, Attributes, kind, open, put_string};
use super::{list, read};
use crate::clients::Piece;
use crate::clients::{Item, ItemKind, RenameFault, Session, Wanted, shown};
use crate::failure::Failure;
use crate::limits;
use crate::names;

pub(super) struct SftpSession {
    ssh: Handle<Doorkeeper>,
    pipe: Pipe,
    found: Vec<String>,
}

impl SftpSession {
    /// Opens SFTP over a connection that is logged in.
    pub(super) async fn begin(
        ssh: Handle<Doorkeeper>,
        during: String,
        legacy: bool,
    ) -> Result<Self, Failure> {
        let failed = |error: russh::Error| {
            let why = format!("the server does not open a channel for SFTP: {error}");
            Failure::temporary(during.clone(), why)
        };
        let channel = ssh.channel_open_session().await.map_err(failed)?;
        let asked = channel.request_subsystem(false, "sftp").await;
        asked.map_err(failed)?;
        let mut pipe = Pipe::new(channel.split(), during.clone());
        let extensions = pipe.hello().await.map_err(|failure| Failure {
            message: format!(
                "{}. The account may be closed for SFTP, or have no home folder",
                failure.message
            ),
            ..failure
        })?;
        let found = found(&extensions, legacy);
        Ok(Self { ssh, pipe, found })
    }

    /// A request that is answered by a status: the code, and what the server said.
    async fn status(
        &mut self,
        kind: u8,
        fill: impl FnOnce(&mut BytesMut),
    ) -> Result<(u32, Bytes), Failure> {
        match self.pipe.call(kind, fill).await? {
            Answer::Status { code, message } => Ok((code, message)),
            _ => Err(self.pipe.out_of_step()),
        }
    }

    async fn attributes(&mut self, kind: u8, path: &[u8]) -> Result<Option<Attributes>, Failure> {
        match self.pipe.call(kind, |out| put_string(out, path)).await? {
            Answer::Attributes(attributes) => Ok(Some(attributes)),
            Answer::Status { code, .. } if status::is_missing(code) => Ok(None),
            Answer::Status { code, message } => {
                let during = format!("looking at {}", shown(path));
                Err(status::failure(during, code, &message))
            }
            _ => Err(self.pipe.out_of_step()),
        }
    }

    /// Writes what has been opened under `handle`, piece by piece.
    async fn fill(&mut self, handle: &[u8], path: &[u8], bytes: &[u8]) -> Result<(), Failure> {
        for (index, piece) in bytes.chunks(limits::SFTP_WRITE_BYTES).enumerate() {
            let offset = (index * limits::SFTP_WRITE_BYTES) as u64;
            let (code, message) = self
                .status(kind::WRITE, |out| {
                    put_string(out, handle);
                    out.put_u64(offset);
                    put_string(out, piece);
                })
                .await?;
            if code != status::OK {
                let during = format!("writing {}", shown(path));
                return Err(status::failure(during, code, &message));
            }
        }
        Ok(())
    }
}

/// What the server can do, in sentences.
fn found(extensions: &[Bytes], legacy: bool) -> Vec<String> {
    let names: Vec<String> = extensions.iter().map(|name| names::label(name)).collect();
    let mut found = vec![match names.as_slice() {
        [] => "the server has no extensions of SFTP; none is needed".to_owned(),
        names => format!(
            "its extensions of SFTP, none of which is needed: {}",
            names.join(", ")
        ),
    }];
    if legacy {
        found.push(
            "legacy_algorithms is set: SHA-1 and CBC are offered to it, which are no longer safe"
                .to_owned(),
        );
    }
    found
}

#[async_trait]
impl Session for SftpSession {
    async fn list(&mut self, folder: &[u8], limit: usize) -> Result<(Vec<Item>, bool), Failure> {
        list::list(&mut self.pipe, folder, limit).await
    }

    async fn stat(&mut self, path: &[u8]) -> Result<Option<Item>, Failure> {
        let Some(attributes) = self.attributes(kind::LSTAT, path).await? else {
            return Ok(None);
        };
        let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or(path);
        Ok(Some(Item {
            name: name.to_vec(),
            kind: attributes.kind(None),
            size: attributes.size,
            modified: attributes.nanoseconds(),
        }))
    }

    async fn fetch(
        &mut self,
        wanted: &mut Vec<Wanted>,
        pieces: &mpsc::Sender<Piece>,
    ) -> Result<(), Failure> {
        read::fetch(&mut self.pipe, wanted, pieces).await
    }

    async fn rename(&mut self, from: &[u8], to: &[u8]) -> Result<(), RenameFault> {
        // The plain one: posix-rename@openssh.com would overwrite.
        let (code, message) = self
            .status(kind::RENAME, |out| {
                put_string(out, from);
                put_string(out, to);
            })
            .await
            .map_err(RenameFault::Failed)?;
        match code {
            status::OK => Ok(()),
            EXISTS => Err(RenameFault::Taken),
            // No file or no folder: which of the two names, only a look tells.
            code => {
                let during = format!("moving {} to {}", shown(from), shown(to));
                let failure = status::failure(during, code, &message);
                Err(RenameFault::Failed(failure))
            }
        }
    }

    async fn make_folder(&mut self, path: &[u8]) -> Result<(), Failure> {
        let (code, message) = self
            .status(kind::MKDIR, |out| {
                put_string(out, path);
                out.put_u32(0);
            })
            .await?;
        // Most servers call a folder that exists a failure like any other, and some deny to make it.
        if code == status::OK {
            return Ok(());
        }
        let there = self.attributes(kind::STAT, path).await?;
        let is_folder =
            |there: Attributes| there.mode.is_none() || there.kind(None) == ItemKind::Folder;
        if there.is_some_and(is_folder) {
            return Ok(());
        }
        let during = format!("making the folder {}", shown(path));
        Err(status::failure(during, code, &message))
    }

    async fn write(&mut self, path: &[u8], bytes: &[u8]) -> Result<(), Failure> {
        let during = || format!("writing {}", shown(path));
        let opened = self
            .pipe
            .call(kind::OPEN, |out| {
                put_string(out, path);
                out.put_u32(open::WRITE | open::CREATE | open::EXCLUSIVE);
                // No permissions: some servers refuse to set any.
                out.put_u32(0);
            })
            .await?;
        let handle = match opened {
            Answer::Handle(handle) => handle,
            Answer::Status { code, message } => {
                return Err(status::failure(during(), code, &message));
            }
            _ => return Err(self.pipe.out_of_step()),
        };
        let written = self.fill(&handle, path, bytes).await;
        // Closed on every way out that leaves a session: servers count open files.
        let closed = match &written {
            Err(failure) if !self.pipe.is_open() => return Err(failure.clone()),
            _ => self.status(kind::CLOSE, |out| put_string(out, &handle)),
        };
        let (code, message) = closed.await?;
        written?;
        match code {
            status::OK => Ok(()),
            code => Err(status::failure(during(), code, &message)),
        }
    }

    async fn remove(&mut self, path: &[u8]) -> Result<(), Failure> {
        let (code, message) = self
            .status(kind::REMOVE, |out| put_string(out, path))
            .await?;
        if code == status::OK || status::is_missing(code) {
            return Ok(());
        }
        let during = format!("removing {}", shown(path));
        Err(status::failure(during, code, &message))
    }

    fn is_open(&self) -> bool {
        self.pipe.is_open() && !self.ssh.is_closed()
    }

    fn found(&self) -> Vec<String> {
        self.found.clone()
    }

    async fn end(self: Box<Self>) {
        let said = self
            .ssh
            .disconnect(russh::Disconnect::ByApplication, "", "")
            .await;
        if let Err(error) = said {
            tracing::debug!(%error, "The server was gone before the goodbye.");
        }
    }
}

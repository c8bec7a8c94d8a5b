//! Who is let in, and what for: one account with its password, for SFTP and nothing else.

use std::path::PathBuf;
use std::sync::Arc;

use bytes::BytesMut;
use russh::server::{Auth, ChannelOpenHandle, Handler, Msg, Session};
use russh::{Channel, ChannelId};
use subtle::ConstantTimeEq;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::folder::Folder;
use super::{USER, wire};
use crate::limits;

/// The door of one connection.
pub(super) struct Door {
    password: Arc<str>,
    root: Arc<PathBuf>,
    channel: Option<Channel<Msg>>,
}

impl Door {
    pub(super) fn new(password: &str, root: PathBuf) -> Self {
        Self {
            password: password.into(),
            root: Arc::new(root),
            channel: None,
        }
    }
}

impl Clone for Door {
    /// The same door for another connection.
    fn clone(&self) -> Self {
        Self {
            password: Arc::clone(&self.password),
            root: Arc::clone(&self.root),
            channel: None,
        }
    }
}

impl Handler for Door {
    type Error = russh::Error;

    async fn auth_password(&mut self, user: &str, password: &str) -> Result<Auth, Self::Error> {
        let same = password.as_bytes().ct_eq(self.password.as_bytes());
        Ok(if user == USER && bool::from(same) {
            Auth::Accept
        } else {
            Auth::reject()
        })
    }

    async fn channel_open_session(
        &mut self,
        channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Result<(), Self::Error> {
        self.channel = Some(channel);
        reply.accept().await;
        Ok(())
    }

    async fn subsystem_request(
        &mut self,
        id: ChannelId,
        name: &str,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        let channel = self.channel.take_if(|channel| channel.id() == id);
        match channel {
            Some(channel) if name == "sftp" => {
                session.channel_success(id)?;
                let folder = Folder::new(Arc::clone(&self.root));
                tokio::spawn(async move {
                    if let Err(error) = talk(channel.into_stream(), folder).await {
                        tracing::debug!(%error, "A client of the demo's SFTP server went away.");
                    }
                });
                Ok(())
            }
            _ => session.channel_failure(id),
        }
    }

    async fn channel_eof(
        &mut self,
        id: ChannelId,
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        session.close(id)
    }
}

/// One request, one answer, until the client has no more.
async fn talk(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    mut folder: Folder,
) -> std::io::Result<()> {
    let mut packet = Vec::new();
    let mut out = BytesMut::new();
    loop {
        let length = match stream.read_u32().await {
            Ok(length) => usize::try_from(length).unwrap_or(usize::MAX),
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(()),
            Err(error) => return Err(error),
        };
        if length > limits::SFTP_PACKET_BYTES {
            return Err(std::io::Error::other("a packet that is larger than any"));
        }
        packet.resize(length, 0);
        stream.read_exact(&mut packet).await?;
        let Some((id, request)) = wire::request(&packet) else {
            return Err(std::io::Error::other("a packet that is none of SFTP"));
        };
        let answer = tokio::task::block_in_place(|| folder.answer(request));
        out.clear();
        wire::put(&mut out, id, &answer);
        stream.write_all(&out).await?;
        stream.flush().await?;
    }
}

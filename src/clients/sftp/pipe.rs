//! Requests and answers over one channel, many on their way at a time.
//!
//! While requests are being written, answers are taken in: a server that waits for us to read would
//! otherwise wait for ever while we wait for it. Once anything is out of step the pipe stays closed:
//! an answer must never be taken for that of another request.

use bytes::{Buf, BufMut, Bytes, BytesMut};
use russh::client::Msg;
use russh::{ChannelMsg, ChannelReadHalf, ChannelWriteHalf};
use tokio::time::timeout;

use super::wire::{self, Answer, kind};
use crate::failure::Failure;
use crate::limits;
use crate::names;

pub(super) struct Pipe {
    reader: ChannelReadHalf,
    writer: ChannelWriteHalf<Msg>,
    /// What the server sent and was not read yet.
    inbox: BytesMut,
    /// Requests not sent yet.
    outbox: BytesMut,
    next: u32,
    open: bool,
    during: String,
}

impl Pipe {
    pub(super) fn new(
        (reader, writer): (ChannelReadHalf, ChannelWriteHalf<Msg>),
        during: String,
    ) -> Self {
        Self {
            reader,
            writer,
            inbox: BytesMut::new(),
            outbox: BytesMut::new(),
            next: 1,
            open: true,
            during,
        }
    }

    pub(super) fn is_open(&self) -> bool {
        self.open
    }

    /// Nothing more is said here: answers to what nobody waits for may be on their way.
    pub(super) fn close(&mut self) {
        self.open = false;
    }

    /// Says hello and returns the names of the server's extensions.
    pub(super) async fn hello(&mut self) -> Result<Vec<Bytes>, Failure> {
        wire::packet(&mut self.outbox, kind::INIT, |out| out.put_u32(3));
        let (kind, body) = self.packet().await?;
        let version = (kind == kind::VERSION).then(|| wire::version(body));
        match version {
            Some(Ok((version, extensions))) if version >= 3 => Ok(extensions),
            Some(Ok((version, _))) => {
                self.open = false;
                let why = format!("the server speaks version {version} of SFTP, which is too old");
                Err(Failure::operator(self.during.clone(), why))
            }
            _ => Err(self.out_of_step()),
        }
    }

    /// Puts a request in the outbox; the number is that of its answer.
    pub(super) fn ask(&mut self, kind: u8, fill: impl FnOnce(&mut BytesMut)) -> u32 {
        let id = self.next;
        self.next = self.next.wrapping_add(1);
        wire::packet(&mut self.outbox, kind, |out| {
            out.put_u32(id);
            fill(out);
        });
        id
    }

    /// The next answer, to whichever request.
    pub(super) async fn answer(&mut self) -> Result<(u32, Answer), Failure> {
        let (kind, body) = self.packet().await?;
        wire::answer(kind, body).map_err(|_| self.out_of_step())
    }

    /// One request and its answer, where nothing else is on its way.
    pub(super) async fn call(
        &mut self,
        kind: u8,
        fill: impl FnOnce(&mut BytesMut),
    ) -> Result<Answer, Failure> {
        let asked = self.ask(kind, fill);
        let (id, answer) = self.answer().await?;
        if id == asked {
            Ok(answer)
        } else {
            Err(self.out_of_step())
        }
    }

    /// An answer that is none to what was asked.
    pub(super) fn out_of_step(&mut self) -> Failure {
        self.open = false;
        let why = "the server's answer is not what SFTP says";
        Failure::temporary(self.during.clone(), why)
    }

    /// Sends what is in the outbox, then takes the next packet: its kind and body.
    async fn packet(&mut self) -> Result<(u8, Bytes), Failure> {
        if !self.open {
            let why = "the connection was lost before";
            return Err(Failure::temporary(self.during.clone(), why));
        }
        // Open again only if all went well: whoever drops this call in the middle leaves it closed.
        self.open = false;
        let packet = match timeout(limits::REMOTE_ANSWER, self.exchange()).await {
            Ok(packet) => packet,
            Err(_) => Err(format!(
                "there was no answer within {} s",
                limits::REMOTE_ANSWER.as_secs()
            )),
        };
        let packet = packet.map_err(|why| Failure::temporary(self.during.clone(), why))?;
        self.open = true;
        Ok(packet)
    }

    async fn exchange(&mut self) -> Result<(u8, Bytes), String> {
        let outgoing = self.outbox.split().freeze();
        if !outgoing.is_empty() {
            let sending = self.writer.data_bytes(outgoing);
            tokio::pin!(sending);
            loop {
                tokio::select! {
                    sent = &mut sending => {
                        sent.map_err(|_| lost())?;
                        break;
                    }
                    message = self.reader.wait() => take(&mut self.inbox, message)?,
                }
                if self.inbox.len() > limits::SFTP_INBOX_BYTES {
                    return Err("the server sends more than it was asked for".to_owned());
                }
            }
        }
        loop {
            if let Some(packet) = split(&mut self.inbox)? {
                return Ok(packet);
            }
            take(&mut self.inbox, self.reader.wait().await)?;
        }
    }
}

fn lost() -> String {
    "the connection was lost".to_owned()
}

fn take(inbox: &mut BytesMut, message: Option<ChannelMsg>) -> Result<(), String> {
    match message {
        Some(ChannelMsg::Data { data }) => inbox.extend_from_slice(&data),
        Some(ChannelMsg::Eof | ChannelMsg::Close) => {
            return Err("the server ended the session".to_owned());
        }
        None => return Err(lost()),
        // Words on its error channel, exit codes and the like.
        Some(_) => {}
    }
    Ok(())
}

/// The first whole packet.
fn split(inbox: &mut BytesMut) -> Result<Option<(u8, Bytes)>, String> {
    let Some(head) = inbox.first_chunk::<4>() else {
        return Ok(None);
    };
    let length = u32::from_be_bytes(*head) as usize;
    if length == 0 || length > limits::SFTP_PACKET_BYTES {
        // A shell that greets before SFTP begins is the usual reason.
        return Err(format!(
            "the server sends something else than SFTP: “{}”",
            names::label(inbox)
        ));
    }
    if inbox.len() < 4 + length {
        return Ok(None);
    }
    inbox.advance(4);
    let mut packet = inbox.split_to(length).freeze();
    let kind = packet.get_u8();
    Ok(Some((kind, packet)))
}

//! The line to an IMAP server: whole responses out of a stream of bytes, and nothing more.
//!
//! Promises: a response is handed out only when all of it is here; its length is bounded by what the
//! caller allows, and an announced literal that would break the bound is refused before a byte of
//! it is taken; every wait ends. Reading may be given up at any moment (the future dropped) and goes
//! on later where it was.
//!
//! Never understands a response beyond its frame (RFC 3501, 4.3 and 9): lines, and literals in them.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::limits;

pub(super) mod reply;
pub(super) mod value;

#[cfg(test)]
mod tests;

/// A connection, encrypted or not.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Sync + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Sync + Unpin> Stream for T {}

/// What broke the line. It is of no more use then.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Broken {
    /// The server closed it.
    #[error("the server closed the connection")]
    Closed,
    /// Nothing came in time.
    #[error("the server did not answer in time")]
    Silent,
    /// The network's own words.
    #[error("the connection broke: {0}")]
    Network(String),
    /// A response that nobody asked for in this size.
    #[error("the server sent or announced more than the {0} bytes that this answer may have")]
    TooLong(usize),
}

/// One connection.
pub(super) struct Wire<S> {
    stream: S,
    buffer: BytesMut,
    /// Where the line begins that is looked at: behind the literals before it.
    line: usize,
    /// How far its end has been looked for.
    searched: usize,
}

impl<S: Stream> Wire<S> {
    pub(super) fn new(stream: S) -> Self {
        Self {
            stream,
            buffer: BytesMut::new(),
            line: 0,
            searched: 0,
        }
    }

    /// The stream below, for TLS. What the server sent in clear behind its answer to STARTTLS would
    /// count as said under TLS: `None` if there is any.
    pub(super) fn into_bare(self) -> Option<S> {
        self.buffer.is_empty().then_some(self.stream)
    }

    pub(super) async fn send(&mut self, bytes: &[u8]) -> Result<(), Broken> {
        let sending = async {
            self.stream.write_all(bytes).await?;
            self.stream.flush().await
        };
        match tokio::time::timeout(limits::IMAP_SILENCE, sending).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(Broken::Network(error.to_string())),
            Err(_) => Err(Broken::Silent),
        }
    }

    /// The next response of at most `most` bytes, its literals included.
    pub(super) async fn response(
        &mut self,
        most: usize,
        silence: Duration,
    ) -> Result<Bytes, Broken> {
        loop {
            let missing = match self.frame(most)? {
                Frame::Whole(end) => return Ok(self.take(end)),
                Frame::Missing(bytes) => bytes,
            };
            let filling = self.fill(missing);
            match tokio::time::timeout(silence, filling).await {
                Ok(filled) => filled?,
                Err(_) => return Err(Broken::Silent),
            }
        }
    }

    /// Reads what is there. Memory is taken for what may come now, not for what was announced.
    async fn fill(&mut self, missing: usize) -> Result<(), Broken> {
        self.buffer
            .reserve(missing.clamp(limits::IMAP_READ_BYTES, limits::IMAP_READ_BYTES * 16));
        match self.stream.read_buf(&mut self.buffer).await {
            Ok(0) => Err(Broken::Closed),
            Ok(_) => Ok(()),
            Err(error) => Err(Broken::Network(error.to_string())),
        }
    }

    fn take(&mut self, end: usize) -> Bytes {
        let response = self.buffer.split_to(end).freeze();
        (self.line, self.searched) = (0, 0);
        if self.buffer.is_empty() {
            // Most connections wait most of the time: they hold no memory meanwhile.
            self.buffer = BytesMut::new();
        }
        response
    }

    /// Looks for the end of the response that begins the buffer.
    fn frame(&mut self, most: usize) -> Result<Frame, Broken> {
        loop {
            let unseen = self.buffer.get(self.searched..).unwrap_or_default();
            let Some(at) = memchr::memchr(b'\n', unseen) else {
                self.searched = self.buffer.len();
                if self.searched > most {
                    return Err(Broken::TooLong(most));
                }
                return Ok(Frame::Missing(0));
            };
            let end = self.searched + at + 1;
            let line = self.buffer.get(self.line..end).unwrap_or_default();
            let literal = match self.buffer.first() {
                Some(b'*') if !is_status(&self.buffer) => announced(line),
                _ => None,
            };
            let end = end.saturating_add(literal.unwrap_or(0));
            if end > most {
                return Err(Broken::TooLong(most));
            }
            if literal.is_none() {
                return Ok(Frame::Whole(end));
            }
            if end > self.buffer.len() {
                return Ok(Frame::Missing(end - self.buffer.len()));
            }
            (self.line, self.searched) = (end, end);
        }
    }
}

enum Frame {
    /// The response ends here.
    Whole(usize),
    /// So many bytes at least are still to come; 0: nobody knows.
    Missing(usize),
}

/// Whether the response is words for people, which hold no literals but may end like one.
fn is_status(response: &[u8]) -> bool {
    let word = response.strip_prefix(b"* ").unwrap_or_default();
    let word = word.split(|b| b" \r\n".contains(b)).next();
    let word = word.unwrap_or_default();
    [b"OK".as_slice(), b"NO", b"BAD", b"BYE", b"PREAUTH"]
        .iter()
        .any(|status| word.eq_ignore_ascii_case(status))
}

/// The size of the literal that a line announces at its end: `{123}`, or `~{123}` (RFC 3516).
fn announced(line: &[u8]) -> Option<usize> {
    let line = line.strip_suffix(b"\n")?;
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let line = line.strip_suffix(b"}")?;
    let open = memchr::memrchr(b'{', line)?;
    let digits = line.get(open + 1..)?;
    let digits = digits.strip_suffix(b"+").unwrap_or(digits);
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    // Too many digits are too many bytes.
    Some(
        std::str::from_utf8(digits)
            .ok()?
            .parse()
            .unwrap_or(usize::MAX),
    )
}

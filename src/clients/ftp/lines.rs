//! Lines from a connection, each of bounded length.

use std::io::{Error, ErrorKind};

use tokio::io::{AsyncBufRead, AsyncBufReadExt};

use crate::limits;

/// The next line without its end; `None` at the end of the stream. A last line without an end counts.
///
/// # Errors
/// The connection's, and a line that is too long.
pub(super) async fn next<R: AsyncBufRead + Unpin>(
    reader: &mut R,
) -> std::io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    loop {
        let buffer = reader.fill_buf().await?;
        if buffer.is_empty() {
            return Ok((!line.is_empty()).then_some(line));
        }
        let end = memchr::memchr(b'\n', buffer);
        line.extend_from_slice(
            buffer
                .get(..end.unwrap_or(buffer.len()))
                .unwrap_or_default(),
        );
        let used = end.map_or(buffer.len(), |at| at + 1);
        reader.consume(used);
        if line.len() > limits::FTP_LINE_BYTES {
            let words = "the server sent a line that is too long";
            return Err(Error::new(ErrorKind::InvalidData, words));
        }
        if end.is_some() {
            if line.last() == Some(&b'\r') {
                line.pop();
            }
            return Ok(Some(line));
        }
    }
}

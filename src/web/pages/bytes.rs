//! A file's bytes, piece by piece out of the ledger: a big one costs a flat amount of memory.

use std::io;

use bytes::Bytes;
use futures_util::Stream;
use futures_util::stream::try_unfold;

use crate::arrival::FileId;
use crate::limits;
use crate::web::Shared;

pub(in crate::web) fn stream(
    site: Shared,
    file: FileId,
) -> impl Stream<Item = io::Result<Bytes>> + Send {
    try_unfold((site, 0_u64), move |(site, offset)| async move {
        let piece = site.reads.bytes(file, offset, limits::CHUNK_BYTES).await;
        match piece.map_err(|failure| io::Error::other(failure.to_string()))? {
            Some(piece) if !piece.is_empty() => {
                let next = offset + piece.len() as u64;
                Ok(Some((piece, (site, next))))
            }
            _ => Ok(None),
        }
    })
}

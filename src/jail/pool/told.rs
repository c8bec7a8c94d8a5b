//! What a child says, frame by frame.

use bytes::Bytes;
use tokio::io::{AsyncReadExt, BufReader};
use tokio::net::unix::OwnedReadHalf;
use tokio::time::timeout;

use super::super::frame::{self, Tag};
use super::super::watch::Watch;
use super::super::{Events, ParsedOrder};
use super::ends::Trouble;
use crate::limits;
use crate::profiles::Summary;

/// The next frame about a file, while watching the child.
pub(super) async fn next_frame(
    reader: &mut BufReader<OwnedReadHalf>,
    watch: &mut Watch,
    payload: &mut Vec<u8>,
) -> Result<Tag, Trouble> {
    loop {
        match frame_of(reader, watch, payload).await? {
            Tag::Ready => watch.ready(),
            tag => return Ok(tag),
        }
    }
}

async fn frame_of(
    reader: &mut BufReader<OwnedReadHalf>,
    watch: &mut Watch,
    payload: &mut Vec<u8>,
) -> Result<Tag, Trouble> {
    let read = async {
        let mut head = [0; 5];
        reader.read_exact(&mut head).await?;
        let (length, tag) =
            frame::head(head).ok_or_else(|| Trouble::Broken("a frame out of bounds".to_owned()))?;
        payload.resize(length, 0);
        reader.read_exact(payload).await?;
        Ok(tag)
    };
    tokio::pin!(read);
    loop {
        if let Ok(result) = timeout(limits::CHILD_SILENCE / 10, &mut read).await {
            watch.heard();
            return result;
        }
        if watch.is_stillborn() {
            return Err(Trouble::Broken("it did not begin".to_owned()));
        }
        watch
            .look()
            .map_err(|problem| Trouble::Limit(Box::new(problem)))?;
    }
}

/// Passes a finding on; the summary, at the end.
pub(super) async fn tell(
    tag: Tag,
    payload: &[u8],
    to: &mut dyn Events,
) -> Result<Option<Summary>, Trouble> {
    let told = match tag {
        Tag::Order => to.order(order(payload)?).await,
        Tag::Problem => to.problem(serde_json::from_slice(payload)?).await,
        Tag::Status => to.status(serde_json::from_slice(payload)?).await,
        Tag::Chosen => to.chosen(serde_json::from_slice(payload)?).await,
        Tag::Output => to.output(Bytes::copy_from_slice(payload)).await,
        Tag::Opened => to.opened(serde_json::from_slice(payload)?).await,
        Tag::Member => to.member(serde_json::from_slice(payload)?).await,
        Tag::Done => return Ok(Some(serde_json::from_slice(payload)?)),
        Tag::Profiles | Tag::Job | Tag::SmallJob | Tag::Bytes | Tag::Ready | Tag::Want => {
            return Err(Trouble::Broken(format!("an unexpected frame {tag:?}")));
        }
    };
    told.map(|()| None).map_err(Trouble::Ours)
}

/// Takes an order frame apart. Its parts are checked by those who read them.
fn order(payload: &[u8]) -> Result<ParsedOrder, Trouble> {
    let short = || Trouble::Broken("a short order frame".to_owned());
    let (source_hash, rest) = payload.split_first_chunk::<32>().ok_or_else(short)?;
    let (content, origin) = frame::split(rest).ok_or_else(short)?;
    Ok(ParsedOrder {
        content: Bytes::copy_from_slice(content),
        origin: String::from_utf8_lossy(origin).into_owned(),
        source_hash: *source_hash,
    })
}

/// What a child asks for: from where, how much.
pub(super) fn wanted(payload: &[u8]) -> Result<(u64, usize), Trouble> {
    let parts = payload.split_first_chunk::<8>().and_then(|(offset, rest)| {
        let length = u32::from_le_bytes(*rest.first_chunk::<4>()?);
        Some((u64::from_le_bytes(*offset), length as usize))
    });
    let (offset, length) = parts.ok_or_else(|| Trouble::Broken("a short question".to_owned()))?;
    Ok((offset, length.min(limits::CHUNK_BYTES)))
}

//! The wire between parent and child: a length, a tag, a payload.
//!
//! `u32` little endian length of what follows, one byte tag, payload. Structured payloads are JSON;
//! bytes go as they are. A length above [`limits::FRAME_BYTES`] ends the conversation: whoever sent
//! it is not speaking this language.

use std::io::{self, Read, Write};

use crate::limits;

/// What a frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Tag {
    /// Parent: the profile texts, JSON.
    Profiles = b'P',
    /// Parent: a job, JSON; its bytes are to be asked for.
    Job = b'J',
    /// Parent: a job, and its bytes behind: `u32` length of the JSON, JSON, bytes.
    SmallJob = b'j',
    /// Parent: the bytes asked for.
    Bytes = b'B',
    /// Child: the profiles are compiled, a file may be timed.
    Ready = b'Y',
    /// Child: bytes wanted: `u64` offset, `u32` length.
    Want = b'W',
    /// Child: how the file is read, JSON.
    Chosen = b'C',
    /// Child: an order: 32 bytes of source hash, `u32` length of content, content, origin.
    Order = b'O',
    /// Child: a status update, JSON.
    Status = b'U',
    /// Child: a problem, JSON.
    Problem = b'Q',
    /// Child: what a container is, JSON.
    Opened = b'K',
    /// Child: a file in a container, JSON; its bytes follow as output.
    Member = b'M',
    /// Child: output bytes.
    Output = b'R',
    /// Child: the job's end, the summary as JSON.
    Done = b'D',
}

impl Tag {
    const ALL: [Self; 14] = [
        Self::Profiles,
        Self::Job,
        Self::SmallJob,
        Self::Bytes,
        Self::Ready,
        Self::Want,
        Self::Chosen,
        Self::Order,
        Self::Status,
        Self::Problem,
        Self::Opened,
        Self::Member,
        Self::Output,
        Self::Done,
    ];

    fn byte(self) -> u8 {
        self as u8
    }

    pub(super) fn of(byte: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|tag| tag.byte() == byte)
    }
}

/// Appends a frame made of `parts` to `out`.
pub(super) fn push(out: &mut Vec<u8>, tag: Tag, parts: &[&[u8]]) {
    let length = 1 + parts.iter().map(|part| part.len()).sum::<usize>();
    out.extend_from_slice(&u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes());
    out.push(tag.byte());
    for part in parts {
        out.extend_from_slice(part);
    }
}

/// Reads the head of a frame: the payload's length and the tag.
pub(super) fn head(bytes: [u8; 5]) -> Option<(usize, Tag)> {
    let length = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]) as usize;
    let payload = length.checked_sub(1)?;
    (payload <= limits::FRAME_BYTES).then_some(())?;
    Some((payload, Tag::of(bytes[4])?))
}

/// Reads a frame, blocking. `Ok(None)` when the other side closed between frames.
pub(super) fn read(from: &mut impl Read, payload: &mut Vec<u8>) -> io::Result<Option<Tag>> {
    let mut bytes = [0; 5];
    match from.read(&mut bytes[..1])? {
        0 => return Ok(None),
        _ => from.read_exact(&mut bytes[1..])?,
    }
    let (length, tag) = head(bytes).ok_or(io::ErrorKind::InvalidData)?;
    payload.resize(length, 0);
    from.read_exact(payload)?;
    Ok(Some(tag))
}

/// Writes a frame, blocking.
pub(super) fn write(to: &mut impl Write, tag: Tag, parts: &[&[u8]]) -> io::Result<()> {
    let length = 1 + parts.iter().map(|part| part.len()).sum::<usize>();
    to.write_all(&u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes())?;
    to.write_all(&[tag.byte()])?;
    parts.iter().try_for_each(|part| to.write_all(part))
}

/// Splits `payload` after a `u32` length prefix: what it covers, and the rest.
pub(super) fn split(payload: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = payload.split_first_chunk::<4>()?;
    rest.split_at_checked(u32::from_le_bytes(*length) as usize)
}

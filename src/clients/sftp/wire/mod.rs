//! The packets of SFTP version 3 as bytes (draft-ietf-secsh-filexfer-02). Pure.
//!
//! Everything a server sends is bounded before it is believed: a count never makes room for more than
//! the bytes that came with it.

use bytes::{Buf, BufMut, Bytes, BytesMut};

use crate::clients::{Item, ItemKind};

#[cfg(test)]
mod tests;

/// The kinds of packets (section 3 of the draft).
pub(super) mod kind {
    pub(in crate::clients::sftp) const INIT: u8 = 1;
    pub(in crate::clients::sftp) const VERSION: u8 = 2;
    pub(in crate::clients::sftp) const OPEN: u8 = 3;
    pub(in crate::clients::sftp) const CLOSE: u8 = 4;
    pub(in crate::clients::sftp) const READ: u8 = 5;
    pub(in crate::clients::sftp) const WRITE: u8 = 6;
    pub(in crate::clients::sftp) const LSTAT: u8 = 7;
    pub(in crate::clients::sftp) const FSTAT: u8 = 8;
    pub(in crate::clients::sftp) const OPENDIR: u8 = 11;
    pub(in crate::clients::sftp) const READDIR: u8 = 12;
    pub(in crate::clients::sftp) const REMOVE: u8 = 13;
    pub(in crate::clients::sftp) const MKDIR: u8 = 14;
    pub(in crate::clients::sftp) const STAT: u8 = 17;
    pub(in crate::clients::sftp) const RENAME: u8 = 18;
    pub(in crate::clients::sftp) const STATUS: u8 = 101;
    pub(in crate::clients::sftp) const HANDLE: u8 = 102;
    pub(in crate::clients::sftp) const DATA: u8 = 103;
    pub(in crate::clients::sftp) const NAME: u8 = 104;
    pub(in crate::clients::sftp) const ATTRS: u8 = 105;
}

/// How a file is opened (section 6.3).
pub(super) mod open {
    pub(in crate::clients::sftp) const READ: u32 = 1;
    pub(in crate::clients::sftp) const WRITE: u32 = 2;
    pub(in crate::clients::sftp) const CREATE: u32 = 8;
    pub(in crate::clients::sftp) const EXCLUSIVE: u32 = 32;
}

/// What a server answered to one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    Status { code: u32, message: Bytes },
    Handle(Bytes),
    Data(Bytes),
    Names(Vec<Item>),
    Attributes(Attributes),
}

/// What is told of a file (section 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Attributes {
    pub(super) size: Option<u64>,
    pub(super) mode: Option<u32>,
    pub(super) modified: Option<u32>,
}

/// The bytes are not what the draft says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Malformed;

/// Writes one packet behind `out`; `fill` writes what follows the kind.
pub(super) fn packet(out: &mut BytesMut, kind: u8, fill: impl FnOnce(&mut BytesMut)) {
    let at = out.len();
    out.put_u32(0);
    out.put_u8(kind);
    fill(out);
    let length = u32::try_from(out.len() - at - 4).unwrap_or(u32::MAX);
    if let Some(place) = out.get_mut(at..at + 4) {
        place.copy_from_slice(&length.to_be_bytes());
    }
}

/// A string: its length and its bytes.
pub(super) fn put_string(out: &mut BytesMut, bytes: &[u8]) {
    out.put_u32(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
    out.put_slice(bytes);
}

/// Reads an answer: the kind and what follows it. The number is that of its request.
pub(super) fn answer(kind: u8, mut body: Bytes) -> Result<(u32, Answer), Malformed> {
    let id = u32(&mut body)?;
    let answer = match kind {
        kind::STATUS => Answer::Status {
            code: u32(&mut body)?,
            // Older servers leave it out.
            message: string(&mut body).unwrap_or_default(),
        },
        kind::HANDLE => Answer::Handle(string(&mut body)?),
        kind::DATA => Answer::Data(string(&mut body)?),
        kind::NAME => Answer::Names(names(&mut body)?),
        kind::ATTRS => Answer::Attributes(attributes(&mut body)?),
        _ => return Err(Malformed),
    };
    Ok((id, answer))
}

/// The version that a server speaks, and its extensions.
pub(super) fn version(mut body: Bytes) -> Result<(u32, Vec<Bytes>), Malformed> {
    let version = u32(&mut body)?;
    let mut extensions = Vec::new();
    while body.has_remaining() {
        extensions.push(string(&mut body)?);
        string(&mut body)?;
    }
    Ok((version, extensions))
}

fn u32(body: &mut Bytes) -> Result<u32, Malformed> {
    body.try_get_u32().map_err(|_| Malformed)
}

fn string(body: &mut Bytes) -> Result<Bytes, Malformed> {
    let length = usize::try_from(u32(body)?).map_err(|_| Malformed)?;
    if body.remaining() < length {
        return Err(Malformed);
    }
    Ok(body.split_to(length))
}

fn names(body: &mut Bytes) -> Result<Vec<Item>, Malformed> {
    let count = u32(body)? as usize;
    // Twelve bytes is the least that a name takes.
    let mut items = Vec::with_capacity(count.min(body.remaining() / 12));
    for _ in 0..count {
        let name = string(body)?;
        let long = string(body)?;
        let attributes = attributes(body)?;
        items.push(Item {
            name: name.to_vec(),
            kind: attributes.kind(Some(&long)),
            size: attributes.size,
            modified: attributes.nanoseconds(),
        });
    }
    Ok(items)
}

fn attributes(body: &mut Bytes) -> Result<Attributes, Malformed> {
    const SIZE: u32 = 1;
    const OWNER: u32 = 2;
    const MODE: u32 = 4;
    const TIMES: u32 = 8;
    const EXTENDED: u32 = 0x8000_0000;
    let flags = u32(body)?;
    let mut attributes = Attributes::default();
    if flags & SIZE != 0 {
        attributes.size = Some(body.try_get_u64().map_err(|_| Malformed)?);
    }
    if flags & OWNER != 0 {
        u32(body)?;
        u32(body)?;
    }
    if flags & MODE != 0 {
        attributes.mode = Some(u32(body)?);
    }
    if flags & TIMES != 0 {
        u32(body)?;
        attributes.modified = Some(u32(body)?);
    }
    if flags & EXTENDED != 0 {
        for _ in 0..u32(body)? {
            string(body)?;
            string(body)?;
        }
    }
    Ok(attributes)
}

impl Attributes {
    /// What it is, by its mode. A server that tells none shows it in a listing as `ls -l` would; of
    /// a single path it is taken at its word that it can be read.
    pub(super) fn kind(&self, long: Option<&[u8]>) -> ItemKind {
        const TYPE: u32 = 0o170_000;
        const FOLDER: u32 = 0o040_000;
        const FILE: u32 = 0o100_000;
        match (self.mode.map_or(0, |mode| mode & TYPE), long) {
            (FILE, _) | (0, None) => ItemKind::File,
            (FOLDER, _) => ItemKind::Folder,
            (0, Some(long)) if long.first() == Some(&b'-') => ItemKind::File,
            (0, Some(long)) if long.first() == Some(&b'd') => ItemKind::Folder,
            _ => ItemKind::Other,
        }
    }

    /// The time in nanoseconds. Unsigned, so that it lasts until 2106.
    pub(super) fn nanoseconds(&self) -> Option<i64> {
        self.modified
            .map(|seconds| i64::from(seconds) * 1_000_000_000)
    }
}

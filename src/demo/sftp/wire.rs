//! The packets of SFTP version 3 as a server sees them (draft-ietf-secsh-filexfer-02). Pure.

use bytes::{Buf, BufMut, BytesMut};

/// What a client asks for; paths as it wrote them.
#[derive(Debug, Clone, Copy)]
pub(super) enum Request<'a> {
    Hello,
    Open {
        path: &'a [u8],
        flags: u32,
    },
    Close(u32),
    Read {
        handle: u32,
        offset: u64,
        length: u32,
    },
    Write {
        handle: u32,
        offset: u64,
        bytes: &'a [u8],
    },
    Look(&'a [u8]),
    LookAtOpen(u32),
    /// Rights and times of a file: nothing here has any to set.
    Set,
    OpenFolder(&'a [u8]),
    ReadFolder(u32),
    Remove(&'a [u8]),
    MakeFolder(&'a [u8]),
    Resolve(&'a [u8]),
    Rename {
        from: &'a [u8],
        to: &'a [u8],
    },
    Unknown,
}

/// What is answered.
#[derive(Debug)]
pub(super) enum Answer {
    Version,
    Status(Status),
    Handle(u32),
    Data(Vec<u8>),
    Names(Vec<Shown>),
    Attributes(Attributes),
}

/// The codes of section 7.
#[derive(Debug, Clone, Copy)]
pub(super) enum Status {
    Ok = 0,
    End = 1,
    Missing = 2,
    Denied = 3,
    Failed = 4,
    Unsupported = 8,
}

/// One name of a folder.
#[derive(Debug, Clone)]
pub(super) struct Shown {
    pub(super) name: Vec<u8>,
    pub(super) attributes: Attributes,
}

/// What is told of a file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Attributes {
    pub(super) is_folder: bool,
    pub(super) size: u64,
    pub(super) modified: u32,
}

/// Flags of opening (6.3).
pub(super) mod open {
    pub(in crate::demo::sftp) const READ: u32 = 1;
    pub(in crate::demo::sftp) const WRITE: u32 = 2;
    pub(in crate::demo::sftp) const CREATE: u32 = 8;
    pub(in crate::demo::sftp) const TRUNCATE: u32 = 16;
    pub(in crate::demo::sftp) const EXCLUSIVE: u32 = 32;
}

/// Reads one packet without its length: the number of the request, and what it asks for.
pub(super) fn request(mut packet: &[u8]) -> Option<(u32, Request<'_>)> {
    let body = &mut packet;
    let kind = body.try_get_u8().ok()?;
    let id = body.try_get_u32().ok()?;
    let request = match kind {
        1 => Request::Hello,
        3 => Request::Open {
            path: string(body)?,
            flags: body.try_get_u32().ok()?,
        },
        4 => Request::Close(handle(body)?),
        5 => Request::Read {
            handle: handle(body)?,
            offset: body.try_get_u64().ok()?,
            length: body.try_get_u32().ok()?,
        },
        6 => Request::Write {
            handle: handle(body)?,
            offset: body.try_get_u64().ok()?,
            bytes: string(body)?,
        },
        7 | 17 => Request::Look(string(body)?),
        8 => Request::LookAtOpen(handle(body)?),
        9 | 10 => Request::Set,
        11 => Request::OpenFolder(string(body)?),
        12 => Request::ReadFolder(handle(body)?),
        13 => Request::Remove(string(body)?),
        14 => Request::MakeFolder(string(body)?),
        16 => Request::Resolve(string(body)?),
        18 => Request::Rename {
            from: string(body)?,
            to: string(body)?,
        },
        _ => Request::Unknown,
    };
    Some((id, request))
}

fn string<'a>(body: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = usize::try_from(body.try_get_u32().ok()?).ok()?;
    let (string, rest) = body.split_at_checked(length)?;
    *body = rest;
    Some(string)
}

/// A handle is four bytes of ours; any other is nobody's.
fn handle(body: &mut &[u8]) -> Option<u32> {
    Some(
        string(body)?
            .try_into()
            .map_or(u32::MAX, u32::from_be_bytes),
    )
}

/// Writes one packet.
pub(super) fn put(out: &mut BytesMut, id: u32, answer: &Answer) {
    let mut body = BytesMut::new();
    let kind = match answer {
        // In the place of the number stands the version.
        Answer::Version => 2,
        Answer::Status(_) => 101,
        Answer::Handle(_) => 102,
        Answer::Data(_) => 103,
        Answer::Names(_) => 104,
        Answer::Attributes(_) => 105,
    };
    body.put_u8(kind);
    body.put_u32(if matches!(answer, Answer::Version) {
        3
    } else {
        id
    });
    match answer {
        Answer::Version => {}
        Answer::Status(status) => {
            body.put_u32(*status as u32);
            put_string(&mut body, words(*status).as_bytes());
            put_string(&mut body, b"en");
        }
        Answer::Handle(handle) => put_string(&mut body, &handle.to_be_bytes()),
        Answer::Data(bytes) => put_string(&mut body, bytes),
        Answer::Names(names) => {
            body.put_u32(u32::try_from(names.len()).unwrap_or(u32::MAX));
            for shown in names {
                put_string(&mut body, &shown.name);
                put_string(&mut body, &long(shown));
                put_attributes(&mut body, shown.attributes);
            }
        }
        Answer::Attributes(attributes) => put_attributes(&mut body, *attributes),
    }
    put_string(out, &body);
}

fn words(status: Status) -> &'static str {
    match status {
        Status::Ok => "Success",
        Status::End => "End of file",
        Status::Missing => "No such file",
        Status::Denied => "Permission denied",
        Status::Failed => "Failure",
        Status::Unsupported => "This demo cannot do that",
    }
}

fn put_string(out: &mut BytesMut, bytes: &[u8]) {
    out.put_u32(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
    out.put_slice(bytes);
}

fn mode(attributes: Attributes) -> u32 {
    if attributes.is_folder {
        0o040_700
    } else {
        0o100_600
    }
}

/// Size, rights and times (section 5).
fn put_attributes(out: &mut BytesMut, attributes: Attributes) {
    const SIZE_RIGHTS_TIMES: u32 = 1 | 4 | 8;
    out.put_u32(SIZE_RIGHTS_TIMES);
    out.put_u64(attributes.size);
    out.put_u32(mode(attributes));
    out.put_u32(attributes.modified);
    out.put_u32(attributes.modified);
}

/// The line that `ls -l` shows.
fn long(shown: &Shown) -> Vec<u8> {
    let rights = if shown.attributes.is_folder {
        "drwx------"
    } else {
        "-rw-------"
    };
    let size = shown.attributes.size;
    let mut line = format!("{rights}   1 demo     demo     {size:>10} ").into_bytes();
    line.extend_from_slice(&shown.name);
    line
}

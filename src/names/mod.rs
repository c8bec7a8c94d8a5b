//! Names from outside: which ones are not orders, how they are shown, and how they become file
//! names of ours.
//!
//! Pure. This is the only way from a name that a sender chose to the file system: a name is a
//! label until [`safe_component`] let it pass. Nothing here ever joins two names to a path of
//! more than the components that it checked.

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use encoding_rs::Encoding;
use sha2::{Digest, Sha256};

use crate::clock::Millis;
use crate::limits;

#[cfg(test)]
mod tests;

/// Endings that uploading programs use while a file is not yet whole.
const TEMPORARY: [&[u8]; 7] = [
    b".tmp",
    b".part",
    b".filepart",
    b".partial",
    b".crdownload",
    b".writing",
    b".swp",
];

/// Endings of the files that we lay beside a rejected one.
pub const SIDECARS: [&str; 2] = [".error.txt", ".error.json"];

/// How names of ours start that stand somewhere for a moment.
pub const OURS: &[u8] = b".orderdock-";

/// Whether a program is still writing the file, going by its name: a leading dot, `~` at either
/// end (editors' copies, Office's lock files) or one of the known endings.
#[must_use]
pub fn is_temporary(name: &[u8]) -> bool {
    matches!(name.first(), None | Some(b'.' | b'~'))
        || name.ends_with(b"~")
        || TEMPORARY.iter().any(|ending| ends_with(name, ending))
}

/// Whether it is a report of ours. People move a rejected file back into the inbox together with
/// the sidecar, which must not come back as an order.
#[must_use]
pub fn is_sidecar(name: &[u8]) -> bool {
    SIDECARS
        .iter()
        .any(|ending| ends_with(name, ending.as_bytes()))
}

fn ends_with(name: &[u8], ending: &[u8]) -> bool {
    name.len()
        .checked_sub(ending.len())
        .and_then(|from| name.get(from..))
        .is_some_and(|tail| tail.eq_ignore_ascii_case(ending))
}

/// A name as people may see it: at most [`limits::NAME_BYTES`] bytes, control and direction
/// characters escaped (they disguise names), path separators replaced.
#[must_use]
pub fn label(name: &[u8]) -> String {
    label_in(name, encoding_rs::UTF_8)
}

/// The same where names that are not UTF-8 are in an encoding of the server's own, which no
/// protocol tells (RFC 2640, 2.2, wants UTF-8; many FTP servers hand out what the uploader sent).
#[must_use]
pub fn label_in(name: &[u8], encoding: &'static Encoding) -> String {
    let text = std::str::from_utf8(name).map_or_else(
        |_| encoding.decode_without_bom_handling(name).0,
        Cow::Borrowed,
    );
    let mut shown = String::with_capacity(name.len().min(limits::NAME_BYTES));
    for c in text.chars() {
        let before = shown.len();
        match c {
            '/' | '\\' => shown.push('_'),
            c if c.is_control() || is_direction(c) => shown.extend(c.escape_unicode()),
            c => shown.push(c),
        }
        if shown.len() > limits::NAME_BYTES {
            shown.truncate(before);
            break;
        }
    }
    shown
}

/// Characters that reorder or hide the text around them (Unicode TR 36, 3.1).
fn is_direction(c: char) -> bool {
    matches!(c, '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// `name` if it names exactly one entry of a folder: not empty, not `.` or `..`, no separator, no
/// NUL, not longer than a file system takes.
#[must_use]
pub fn safe_component(name: &[u8]) -> Option<&OsStr> {
    let safe = !name.is_empty()
        && name != b"."
        && name != b".."
        && name.len() <= limits::NAME_BYTES
        && !name.iter().any(|byte| matches!(byte, b'/' | 0));
    safe.then(|| OsStr::from_bytes(name))
}

/// The folder part and the name of a relative path whose every component is safe. The folder of a
/// bare name is empty.
#[must_use]
pub fn split(path: &[u8]) -> Option<(&[u8], &OsStr)> {
    let Some(slash) = path.iter().rposition(|byte| *byte == b'/') else {
        return Some((b"", safe_component(path)?));
    };
    let folder = path.get(..slash)?;
    safe_path(folder)?;
    Some((folder, safe_component(path.get(slash + 1..)?)?))
}

/// `path` if it is relative and each of its components is safe.
#[must_use]
pub fn safe_path(path: &[u8]) -> Option<&OsStr> {
    path.split(|byte| *byte == b'/')
        .all(|part| safe_component(part).is_some())
        .then(|| OsStr::from_bytes(path))
}

/// `folder/name`; just `name` where the folder is empty.
#[must_use]
pub fn joined(folder: &[u8], name: &OsStr) -> Vec<u8> {
    let mut path = Vec::with_capacity(folder.len() + 1 + name.len());
    path.extend_from_slice(folder);
    if !folder.is_empty() && !folder.ends_with(b"/") {
        path.push(b'/');
    }
    path.extend_from_slice(name.as_bytes());
    path
}

/// The `n`-th name to try for an arrival whose own name is taken: `orders.csv` becomes
/// `orders-17.csv` and then `orders-17-2.csv`. 0 is the name itself.
#[must_use]
pub fn unique_name(name: &OsStr, arrival: i64, n: u32) -> OsString {
    let suffix = match n {
        0 => return name.to_owned(),
        1 => format!("-{arrival}"),
        n => format!("-{arrival}-{n}"),
    };
    let bytes = name.as_bytes();
    let dot = bytes
        .iter()
        .rposition(|byte| *byte == b'.')
        .filter(|at| *at > 0);
    let (stem, extension) = bytes.split_at(dot.unwrap_or(bytes.len()));
    let room = limits::NAME_BYTES.saturating_sub(suffix.len());
    // An extension that alone fills the name is none: the stem must keep something.
    let (stem, extension) = if extension.len() < room {
        (stem, extension)
    } else {
        (bytes, &bytes[..0])
    };
    let mut unique = cut(stem, room - extension.len()).to_vec();
    unique.extend_from_slice(suffix.as_bytes());
    unique.extend_from_slice(extension);
    OsString::from_vec(unique)
}

/// The name of the sidecar of `name`: a function of both alone, so that it is found again. Where
/// the name leaves no room it is cut, and its hash keeps two long names apart.
#[must_use]
pub fn sidecar_name(name: &OsStr, suffix: &str) -> OsString {
    let name = name.as_bytes();
    let room = limits::NAME_BYTES.saturating_sub(suffix.len());
    let mut sidecar = if name.len() <= room {
        name.to_vec()
    } else {
        let mark = format!("~{}", hex::encode(&Sha256::digest(name)[..4]));
        let mut short = cut(name, room.saturating_sub(mark.len())).to_vec();
        short.extend_from_slice(mark.as_bytes());
        short
    };
    sidecar.extend_from_slice(suffix.as_bytes());
    OsString::from_vec(sidecar)
}

/// The first `room` bytes, not ending inside a character of UTF-8.
fn cut(name: &[u8], room: usize) -> &[u8] {
    if name.len() <= room {
        return name;
    }
    let is_start = |at: &usize| name.get(*at).is_none_or(|byte| byte & 0xc0 != 0x80);
    // No character is longer than four bytes: beyond that it is not UTF-8 and may be cut anywhere.
    let end = (room.saturating_sub(3)..=room).rev().find(is_start);
    &name[..end.unwrap_or(room)]
}

/// Fills `%Y`, `%m`, `%d` and the like of a folder's pattern with the day of `at` in UTC: a fixed
/// zone, so that no day is ever two folders.
///
/// # Errors
/// A sentence, if the pattern is wrong or the result is not a plain path beneath the source.
pub fn folder_at(pattern: &str, at: Millis) -> Result<Vec<u8>, String> {
    let folder = if pattern.contains('%') {
        jiff::fmt::strtime::format(pattern, at.timestamp())
            .map_err(|error| format!("the folder pattern “{pattern}” is wrong: {error}"))?
    } else {
        pattern.to_owned()
    };
    let folder = folder.trim_end_matches('/').as_bytes();
    if safe_path(folder).is_none() {
        return Err(format!(
            "“{pattern}” must be a folder beneath the source's own: no leading “/”, no “..”"
        ));
    }
    Ok(folder.to_vec())
}

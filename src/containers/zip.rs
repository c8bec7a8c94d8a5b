//! A zip archive: its files, one level deep.
//!
//! Bounded before anything is unpacked: the number of members (before the directory is built in
//! memory), the sum of their stated sizes, their ratio, members that share bytes. While a member is
//! unpacked: no byte more than stated, so that the sums hold. A zip inside stays closed and is
//! refused by its name later on.

use std::io::{Read, SeekFrom};

use zip::ZipArchive;
use zip::result::ZipError;

use super::{Container, Parts};
use crate::formats::Input;
use crate::limits;
use crate::problem::{Place, Problem};

/// Longest tail in which the end record lies: 22 bytes and a comment of 65,535.
const END_TAIL: u64 = 22 + 65_535;
/// Mean size of a member's entry in the directory that no honest archive reaches.
const ENTRY_BYTES: u64 = 1_024;

pub(super) struct Zip;

impl Container for Zip {
    fn unpack(&self, input: &mut dyn Input, parts: &mut dyn Parts) -> Result<(), Problem> {
        check_directory(input)?;
        let packed = input.size();
        let mut archive = ZipArchive::new(input).map_err(problem)?;
        check(&mut archive, packed)?;
        for index in 0..archive.len() {
            let entry = archive.by_index(index).map_err(problem)?;
            let name = entry
                .name()
                .map_or_else(|_| String::new(), std::borrow::Cow::into_owned);
            if entry.is_dir() || is_by_product(&name) {
                continue;
            }
            // What is beyond the stated size would not be in the sums.
            let stated = entry.size();
            parts.stream(
                &name,
                &mut Stated {
                    source: entry,
                    left: stated,
                },
            )?;
        }
        Ok(())
    }
}

/// What archivers of desktops add on their own.
fn is_by_product(name: &str) -> bool {
    let name = name.replace('\\', "/");
    let last = name.rsplit('/').next().unwrap_or_default();
    last.is_empty()
        || name.starts_with("__MACOSX/")
        || matches!(last, ".DS_Store" | "Thumbs.db" | "desktop.ini")
}

fn check<R: Read + std::io::Seek>(archive: &mut ZipArchive<R>, packed: u64) -> Result<(), Problem> {
    if archive.len() > limits::ARCHIVE_MEMBERS {
        return Err(too_many());
    }
    if archive.has_overlapping_entries().map_err(problem)? {
        return Err(damaged("files in it lie over each other"));
    }
    let mut unpacked: u64 = 0;
    for index in 0..archive.len() {
        let entry = archive.by_index_data(index).map_err(problem)?;
        if entry.encrypted() {
            let name = entry
                .name()
                .map_or_else(|_| String::new(), std::borrow::Cow::into_owned);
            return Err(encrypted().at(Place {
                member: Some(super::name::member(&name, index + 1)),
                ..Place::default()
            }));
        }
        unpacked = unpacked.saturating_add(entry.size());
    }
    let ratio = unpacked / packed.max(1);
    let bomb = unpacked > limits::UNPACKED_RATIO_FROM && ratio > limits::UNPACKED_RATIO;
    if bomb || unpacked > limits::UNPACKED_BYTES {
        return Err(too_large(&format!("unpacked it has {} MB", unpacked >> 20)));
    }
    Ok(())
}

/// Looks at the end record before the directory is built in memory, entry by entry.
fn check_directory(input: &mut dyn Input) -> Result<(), Problem> {
    let tail = end_tail(input).map_err(|error| damaged(&error.to_string()))?;
    let Some(at) = memchr::memmem::rfind(&tail, b"PK\x05\x06") else {
        return Err(Problem::error(
            "zip.truncated",
            "The file is the beginning of a zip archive; its end is missing.",
        )
        .with_hint("The file was probably cut off while it was written; send it again."));
    };
    let record = tail.get(at..).unwrap_or_default();
    let number = |from: usize, width: usize| {
        record.get(from..from + width).map_or(0, |bytes| {
            bytes
                .iter()
                .rev()
                .fold(0, |sum, byte| sum << 8 | u64::from(*byte))
        })
    };
    // A zip64 directory says 0xFFFF here; nobody sends so many order files at once.
    let most = limits::ARCHIVE_MEMBERS as u64;
    if number(10, 2) > most || number(12, 4) > most * ENTRY_BYTES {
        return Err(too_many());
    }
    Ok(())
}

fn end_tail(input: &mut dyn Input) -> std::io::Result<Vec<u8>> {
    input.seek(SeekFrom::Start(input.size().saturating_sub(END_TAIL)))?;
    let mut tail = Vec::new();
    input.take(END_TAIL).read_to_end(&mut tail)?;
    input.seek(SeekFrom::Start(0))?;
    Ok(tail)
}

/// A member that may not be longer than it was said to be.
struct Stated<R> {
    source: R,
    left: u64,
}

impl<R: Read> Read for Stated<R> {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        let read = self.source.read(buf)?;
        self.left = self
            .left
            .checked_sub(read as u64)
            .ok_or_else(|| std::io::Error::other("it is larger than the archive says"))?;
        Ok(read)
    }
}

fn problem(error: ZipError) -> Problem {
    match error {
        ZipError::InvalidPassword | ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => {
            encrypted()
        }
        other => damaged(&other.to_string()),
    }
}

fn encrypted() -> Problem {
    Problem::error("zip.encrypted", "The archive is protected with a password.")
        .with_hint("Send it without a password, or send the files themselves.")
}

fn damaged(detail: &str) -> Problem {
    Problem::error(
        "zip.damaged",
        "The zip archive is damaged and cannot be opened.",
    )
    .with_value(detail)
    .with_hint("Pack it again, or send the files themselves.")
}

fn too_many() -> Problem {
    too_large(&format!(
        "it has more than {} files",
        limits::ARCHIVE_MEMBERS
    ))
}

fn too_large(detail: &str) -> Problem {
    Problem::error(
        "zip.too-large",
        format!("The archive is too large to be opened: {detail}."),
    )
    .with_hint("Send the order files in smaller portions.")
}

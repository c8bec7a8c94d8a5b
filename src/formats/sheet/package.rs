//! The zip of a workbook, guarded: xlsx, xlsb and ods are zips of XML or binary parts.
//!
//! Before anything is unpacked: the number of members (before the directory is built in memory), the
//! sum of their stated sizes, their ratio, members that share bytes or a name. While a part is
//! unpacked: no byte more than stated, so that the sums hold. Parts are found by their names inside
//! the package; no name becomes a path anywhere, and a zip inside the zip stays closed.

use std::collections::HashMap;
use std::fmt;
use std::io::{self, Read, SeekFrom};

use zip::ZipArchive;
use zip::result::ZipError;

use super::{Step, damaged, encrypted, io_problem, too_large, truncated};
use crate::formats::Input;
use crate::limits;
use crate::problem::Problem;

/// Longest tail in which the end record of a zip lies: 22 bytes and a comment of 65,535.
const END_TAIL: u64 = 22 + 65_535;
/// Mean size of a member's entry in the directory that no honest package reaches.
const ENTRY_BYTES: u64 = 1_024;

/// A problem on its way through an [`io::Error`].
#[derive(Debug)]
pub(super) struct Carried(pub(super) Problem);

impl fmt::Display for Carried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Carried {}

/// The parts of a package by name.
pub(super) struct Package<'i> {
    archive: ZipArchive<&'i mut dyn Input>,
    names: HashMap<String, usize>,
    word: &'static str,
}

impl<'i> Package<'i> {
    /// Opens and checks the package; nothing is unpacked yet.
    pub(super) fn open(input: &'i mut dyn Input, word: &'static str) -> Step<Self> {
        check_directory(input, word)?;
        let packed = input.size();
        let archive = ZipArchive::new(input).map_err(|error| zip_problem(word, error))?;
        let mut package = Self {
            archive,
            names: HashMap::new(),
            word,
        };
        package.check(packed)?;
        Ok(package)
    }

    /// Whether there is a part of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.names.contains_key(&normal(name))
    }

    /// The bytes of a part, unpacked as they are read.
    pub(super) fn part<'p>(&'p mut self, name: &str) -> Step<Option<Box<dyn Read + 'p>>> {
        let Some(&index) = self.names.get(&normal(name)) else {
            return Ok(None);
        };
        let word = self.word;
        let file = self
            .archive
            .by_index(index)
            .map_err(|error| zip_problem(word, error))?;
        let stated = file.size();
        Ok(Some(Box::new(Stated {
            source: file,
            left: stated,
            word,
        })))
    }

    /// The whole of a small part, such as a manifest.
    pub(super) fn small(&mut self, name: &str) -> Step<Option<Vec<u8>>> {
        let word = self.word;
        let Some(part) = self.part(name)? else {
            return Ok(None);
        };
        let mut bytes = Vec::new();
        part.take(limits::MANIFEST_BYTES)
            .read_to_end(&mut bytes)
            .map_err(|error| io_problem(word, &error))?;
        Ok(Some(bytes))
    }

    fn check(&mut self, packed: u64) -> Step {
        let word = self.word;
        if self.archive.len() > limits::ARCHIVE_MEMBERS {
            return Err(too_many(word).into());
        }
        if self.archive.has_duplicate_names() {
            return Err(damaged(word, "two of its parts have the same name").into());
        }
        let overlapping = self
            .archive
            .has_overlapping_entries()
            .map_err(|error| zip_problem(word, error))?;
        if overlapping {
            return Err(damaged(word, "parts of it lie over each other").into());
        }
        let mut unpacked: u64 = 0;
        for index in 0..self.archive.len() {
            let entry = self
                .archive
                .by_index_data(index)
                .map_err(|error| zip_problem(word, error))?;
            if entry.encrypted() {
                return Err(encrypted(word).into());
            }
            unpacked = unpacked.saturating_add(entry.size());
            if let Ok(name) = entry.name() {
                self.names.insert(normal(&name), index);
            }
        }
        let ratio = unpacked / packed.max(1);
        if unpacked > limits::UNPACKED_BYTES
            || (unpacked > limits::UNPACKED_RATIO_FROM && ratio > limits::UNPACKED_RATIO)
        {
            let detail = format!("unpacked it has {} MB", unpacked >> 20);
            return Err(too_large(word, &detail).into());
        }
        Ok(())
    }
}

/// Part names compare without case and leading slash (ECMA-376 part 2, 6.2.2); some programs write
/// backslashes.
fn normal(name: &str) -> String {
    name.replace('\\', "/")
        .trim_start_matches('/')
        .to_ascii_lowercase()
}

/// Looks at the end record before the directory is built in memory, entry by entry.
fn check_directory(input: &mut dyn Input, word: &'static str) -> Step {
    let tail = end_tail(input).map_err(|error| io_problem(word, &error))?;
    let Some(at) = memchr::memmem::rfind(&tail, b"PK\x05\x06") else {
        return Err(truncated(word).into());
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
    // A zip64 directory says 0xFFFF here; no workbook needs one.
    let members = number(10, 2);
    let most = limits::ARCHIVE_MEMBERS as u64;
    if members > most || number(12, 4) > most * ENTRY_BYTES {
        return Err(too_many(word).into());
    }
    Ok(())
}

fn end_tail(input: &mut dyn Input) -> io::Result<Vec<u8>> {
    input.seek(SeekFrom::Start(input.size().saturating_sub(END_TAIL)))?;
    let mut tail = Vec::new();
    input.take(END_TAIL).read_to_end(&mut tail)?;
    input.seek(SeekFrom::Start(0))?;
    Ok(tail)
}

fn too_many(word: &str) -> Problem {
    too_large(
        word,
        &format!("it has more than {} parts", limits::ARCHIVE_MEMBERS),
    )
}

fn zip_problem(word: &str, error: ZipError) -> Problem {
    match error {
        ZipError::Io(error) => io_problem(word, &error),
        ZipError::InvalidPassword | ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => {
            encrypted(word)
        }
        other => damaged(word, &other.to_string()),
    }
}

/// A part that may not be longer than it was said to be.
struct Stated<R> {
    source: R,
    left: u64,
    word: &'static str,
}

impl<R: Read> Read for Stated<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buf)?;
        match self.left.checked_sub(read as u64) {
            Some(left) => {
                self.left = left;
                Ok(read)
            }
            None => Err(io::Error::other(Carried(damaged(
                self.word,
                "a part of it is larger than it says",
            )))),
        }
    }
}

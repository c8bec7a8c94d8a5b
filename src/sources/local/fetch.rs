//! Reading files: whole and unchanged, or not at all.
//!
//! All entries of a call are read by one blocking task; a small file costs one read and one piece.

use std::os::fd::OwnedFd;

use bytes::Bytes;
use rustix::buffer::spare_capacity;
use rustix::fs::{OFlags, fstat};
use rustix::io::Errno;
use tokio::sync::mpsc;

use super::folder::{self, Folder};
use crate::arrival::{ArrivalId, Entry};
use crate::failure::Failure;
use crate::limits;
use crate::names;
use crate::sources::Piece;

/// The receiver went away: nobody wants the rest.
struct Dropped;

/// Why a file gave no bytes.
enum Unread {
    Gone,
    Failed(Failure),
    Dropped,
}

impl From<Dropped> for Unread {
    fn from(_: Dropped) -> Self {
        Self::Dropped
    }
}

pub(super) fn fetch(folder: &Folder, entries: &[(ArrivalId, Entry)], pieces: &mpsc::Sender<Piece>) {
    let root = folder.open();
    for (arrival, entry) in entries {
        let read = match &root {
            Ok(root) => read(root, *arrival, entry, pieces),
            Err(failure) => Err(Unread::Failed(failure.clone())),
        };
        let end = match read {
            Ok(()) => Piece::Complete(*arrival),
            Err(Unread::Gone) => Piece::Gone(*arrival),
            Err(Unread::Failed(failure)) => Piece::Failed(*arrival, failure),
            Err(Unread::Dropped) => return,
        };
        if send(pieces, end).is_err() {
            return;
        }
    }
}

fn send(pieces: &mpsc::Sender<Piece>, piece: Piece) -> Result<(), Dropped> {
    pieces.blocking_send(piece).map_err(|_| Dropped)
}

fn read(
    root: &OwnedFd,
    arrival: ArrivalId,
    entry: &Entry,
    pieces: &mpsc::Sender<Piece>,
) -> Result<(), Unread> {
    let unread = |errno| unread(entry, errno);
    let path = names::safe_path(&entry.locator.0).ok_or(Unread::Gone)?;
    // Non-blocking: had somebody put a pipe in its place, opening it would wait for a writer.
    let file =
        folder::open_beneath(root, path, OFlags::RDONLY | OFlags::NONBLOCK).map_err(unread)?;
    check(&file, entry)?;
    let size = entry.version.size;
    let mut total = 0u64;
    while total < size {
        let bytes = read_piece(&file, size - total).map_err(unread)?;
        if bytes.is_empty() {
            return Err(Unread::Gone);
        }
        total += bytes.len() as u64;
        send(pieces, Piece::Bytes(arrival, bytes))?;
    }
    // A file that grew has another size now; one that was overwritten has another time.
    check(&file, entry)
}

/// Up to a piece of the file, never more than `left`.
fn read_piece(file: &OwnedFd, left: u64) -> Result<Bytes, Errno> {
    let size =
        usize::try_from(left).map_or(limits::CHUNK_BYTES, |left| left.min(limits::CHUNK_BYTES));
    let mut piece = Vec::with_capacity(size);
    // A read of a plain file is short only at its end or when a signal came.
    while piece.len() < size {
        match rustix::io::read(file, spare_capacity(&mut piece)) {
            Ok(0) => break,
            Ok(_) | Err(Errno::INTR) => {}
            Err(errno) => return Err(errno),
        }
    }
    Ok(Bytes::from(piece))
}

/// Whether the open file is the version that was listed.
fn check(file: &OwnedFd, entry: &Entry) -> Result<(), Unread> {
    let stat = fstat(file).map_err(|errno| unread(entry, errno))?;
    if folder::is_file(&stat) && folder::version(&stat) == entry.version {
        Ok(())
    } else {
        Err(Unread::Gone)
    }
}

fn unread(entry: &Entry, errno: Errno) -> Unread {
    let during = || format!("reading {}", entry.locator);
    match errno {
        // Gone, or a link, pipe or folder lies there now.
        Errno::NOENT | Errno::NOTDIR | Errno::LOOP | Errno::NXIO | Errno::ISDIR => Unread::Gone,
        Errno::ACCESS | Errno::PERM => Unread::Failed(folder::failure(
            during(),
            errno,
            "Give this user the right to read it, or let its writer set a readable mode.",
        )),
        _ => Unread::Failed(folder::failure(during(), errno, "It is tried again.")),
    }
}

//! One look at the folder: which files lie there.
//!
//! One pass over the names and one stat for each candidate; nothing is opened but folders. What
//! is left alone although it looks like something (links, pipes, devices) is named once in the log.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;

use rustix::fs::{FileType, OFlags, RawDir};
use rustix::io::Errno;

use super::{Inner, folder};
use crate::arrival::{Entry, Locator};
use crate::failure::Failure;
use crate::limits;
use crate::names;
use crate::sources::Listing;

/// A folder still to be looked at.
struct Below {
    path: Vec<u8>,
    depth: usize,
}

/// One open folder: where it lies, how deep, and which markers lie in it.
struct Level<'a> {
    opened: &'a OwnedFd,
    path: &'a [u8],
    depth: usize,
    markers: HashSet<Vec<u8>>,
}

struct Scan<'a> {
    inner: &'a Inner,
    /// Where the settled ones go, never to be entered; empty where that is outside the source.
    closed: [&'a [u8]; 2],
    listing: Listing,
    below: Vec<Below>,
    names: usize,
}

pub(super) fn list(inner: &Inner) -> Result<Listing, Failure> {
    let root = inner.folder.open()?;
    inner.hints.follow_root(inner.folder.path(), &root);
    let mut scan = Scan {
        inner,
        closed: inner.targets.closed(),
        listing: Listing::default(),
        below: Vec::new(),
        names: 0,
    };
    let failed = |errno| folder::failure("listing the folder", errno, "It is tried again.");
    scan.folder(&root, &[], 0).map_err(failed)?;
    let mut followed = Vec::new();
    while let Some(Below { path, depth }) = scan.below.pop() {
        // Watched before it is read: what is dropped in between is seen by one of the two.
        inner.hints.follow(inner.folder.path(), &path);
        scan.sub_folder(&root, &path, depth);
        followed.push(path);
    }
    inner.hints.keep_only(inner.folder.path(), &followed);
    let mut listing = scan.listing;
    inner.noticed.cut(&inner.pickup.name, listing.cut);
    listing.entries.sort_unstable_by(|a, b| {
        (a.version.modified, &a.locator).cmp(&(b.version.modified, &b.locator))
    });
    Ok(listing)
}

impl Scan<'_> {
    fn sub_folder(&mut self, root: &OwnedFd, path: &[u8], depth: usize) {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY;
        let read = folder::open_beneath(root, OsStr::from_bytes(path), flags)
            .and_then(|opened| self.folder(&opened, path, depth));
        match read {
            Ok(()) | Err(Errno::NOENT) => {}
            Err(errno) => {
                let why = std::io::Error::from(errno).to_string();
                self.left_alone(path, &format!("the folder cannot be read: {why}"));
            }
        }
    }

    /// Reads one open folder.
    fn folder(&mut self, opened: &OwnedFd, path: &[u8], depth: usize) -> Result<(), Errno> {
        let mut candidates: Vec<(Vec<u8>, FileType)> = Vec::new();
        let mut markers = HashSet::new();
        let mut buffer = Vec::with_capacity(limits::READDIR_BYTES);
        let mut names = RawDir::new(opened, buffer.spare_capacity_mut());
        while let Some(entry) = names.next() {
            let entry = entry?;
            let name = entry.file_name().to_bytes();
            if matches!(name, b"." | b"..") {
                continue;
            }
            if self.names == limits::LISTING_NAMES {
                self.listing.cut = true;
                break;
            }
            self.names += 1;
            if self.inner.filter.is_marker(name) {
                markers.insert(name.to_vec());
            } else if self.is_worth_a_look(path, name, entry.file_type()) {
                candidates.push((name.to_vec(), entry.file_type()));
            }
        }
        let level = Level {
            opened,
            path,
            depth,
            markers,
        };
        for (name, kind) in candidates {
            self.candidate(&level, &name, kind);
        }
        Ok(())
    }

    /// Folders and unknown kinds are decided later; of files, those that the patterns take.
    fn is_worth_a_look(&self, path: &[u8], name: &[u8], kind: FileType) -> bool {
        match kind {
            FileType::Directory => self.inner.pickup.depth > 0,
            _ => self.inner.filter.takes(path, name),
        }
    }

    fn candidate(&mut self, level: &Level<'_>, name: &[u8], kind: FileType) {
        let Some(component) = names::safe_component(name) else {
            return;
        };
        let path = names::joined(level.path, component);
        if kind == FileType::Directory {
            self.enter_later(path, name, level.depth);
            return;
        }
        let Ok(Some(stat)) = folder::look(level.opened, component) else {
            return;
        };
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::RegularFile if !self.is_closed(&path) => {}
            FileType::RegularFile => {
                return self.left_alone(&path, "a folder of that name belongs there");
            }
            // A file system that does not tell kinds with names told it only now.
            FileType::Directory => return self.enter_later(path, name, level.depth),
            FileType::Symlink => return self.left_alone(&path, "it is a symbolic link"),
            _ => return self.left_alone(&path, "it is a pipe, socket or device"),
        }
        let version = folder::version(&stat);
        let filter = &self.inner.filter;
        if version.size < self.inner.pickup.min_bytes
            || (filter.wants_markers() && !filter.is_announced(name, &level.markers))
        {
            return;
        }
        self.listing.entries.push(Entry {
            locator: Locator(path),
            version,
        });
    }

    fn is_closed(&self, path: &[u8]) -> bool {
        self.closed.contains(&path)
    }

    fn enter_later(&mut self, path: Vec<u8>, name: &[u8], depth: usize) {
        if depth < self.inner.pickup.depth && !self.is_closed(&path) && !names::is_temporary(name) {
            let depth = depth + 1;
            self.below.push(Below { path, depth });
        }
    }

    fn left_alone(&self, path: &[u8], why: &str) {
        let Inner {
            noticed, pickup, ..
        } = self.inner;
        noticed.left_alone(&pickup.name, path, why);
    }
}

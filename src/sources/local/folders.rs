//! The folders that one batch works in, each opened once, and which of them changed.
//!
//! Relative paths lie beneath the source; absolute ones are the operator's done and error folders
//! outside it, and what lies beneath those. Nothing else is ever opened.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;

use rustix::fs::{CWD, Mode, fstat, mkdirat, openat};
use rustix::io::Errno;

use super::folder::{self, FOLDER};
use crate::sources::target::beneath;

#[derive(Debug)]
pub(super) struct Folders {
    open: BTreeMap<Vec<u8>, Opened>,
    root: OwnedFd,
    root_changed: bool,
    /// The operator's folders outside the source.
    bases: Vec<Vec<u8>>,
}

#[derive(Debug)]
struct Opened {
    folder: OwnedFd,
    changed: bool,
}

impl Folders {
    pub(super) fn new(root: OwnedFd, bases: Vec<Vec<u8>>) -> Self {
        Self {
            open: BTreeMap::new(),
            root,
            root_changed: false,
            bases,
        }
    }

    /// The folder at `path`, empty for the root; `None` if it does not exist.
    pub(super) fn existing(&mut self, path: &[u8]) -> Result<Option<&OwnedFd>, Errno> {
        match self.load(path) {
            Ok(()) => Ok(Some(self.loaded(path))),
            Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => Ok(None),
            Err(errno) => Err(errno),
        }
    }

    /// The folder at `path`, made with all that lead to it where they are missing: beneath the
    /// source, or beneath the folder in which the operator's own lies.
    pub(super) fn made(&mut self, path: &[u8]) -> Result<&OwnedFd, Errno> {
        match self.load(path) {
            Err(Errno::NOENT) => {}
            result => return result.map(|()| self.loaded(path)),
        }
        let base = self.base(path)?.map_or(0, <[u8]>::len);
        let slashes = path.iter().enumerate().skip(base + 1);
        let slashes = slashes.filter(|(_, byte)| **byte == b'/').map(|(at, _)| at);
        let mut ends: Vec<usize> = slashes.chain([path.len()]).collect();
        if base > 0 && base < path.len() {
            ends.insert(0, base);
        }
        let mut parent: &[u8] = &[];
        for end in ends {
            let part = path.get(..end).unwrap_or(path);
            if part.len() == base {
                self.make_base(part)?;
            } else {
                self.make(parent, part)?;
            }
            parent = part;
        }
        Ok(self.loaded(path))
    }

    /// Makes the operator's folder like the inbox. Not those above it: a path with a mistake in it
    /// must not become folders.
    fn make_base(&mut self, base: &[u8]) -> Result<(), Errno> {
        let made = match mkdirat(CWD, base, Mode::RWXU) {
            Ok(()) => true,
            Err(Errno::EXIST) => false,
            Err(errno) => return Err(errno),
        };
        self.load(base)?;
        if made {
            folder::adopt(self.loaded(base), &fstat(&self.root)?);
            let above = base.iter().rposition(|byte| *byte == b'/').unwrap_or(0);
            let above = base.get(..above.max(1)).unwrap_or(b"/");
            sync(&openat(CWD, above, FOLDER, Mode::empty())?)?;
        }
        Ok(())
    }

    /// Makes the folder at `part`, which lies in `parent`, like that.
    fn make(&mut self, parent: &[u8], part: &[u8]) -> Result<(), Errno> {
        self.load(parent)?;
        let slash = part.iter().rposition(|byte| *byte == b'/');
        let name = part.get(slash.map_or(0, |at| at + 1)..).unwrap_or(part);
        let made = match mkdirat(self.loaded(parent), name, Mode::RWXU) {
            Ok(()) => true,
            Err(Errno::EXIST) => false,
            Err(errno) => return Err(errno),
        };
        self.load(part)?;
        if made {
            folder::adopt(self.loaded(part), &fstat(self.loaded(parent))?);
            self.changed(parent);
        }
        Ok(())
    }

    /// Two folders that were opened before, for a rename between them.
    pub(super) fn both(&self, from: &[u8], to: &[u8]) -> (&OwnedFd, &OwnedFd) {
        (self.loaded(from), self.loaded(to))
    }

    /// Remembers that the names in `path` changed.
    pub(super) fn changed(&mut self, path: &[u8]) {
        match self.open.get_mut(path) {
            Some(opened) => opened.changed = true,
            None => self.root_changed = true,
        }
    }

    /// Makes all renames durable: one fsync for each changed folder of the batch.
    pub(super) fn sync(&self) -> Result<(), Errno> {
        let changed = self.open.values().filter(|opened| opened.changed);
        let root = self.root_changed.then_some(&self.root);
        changed
            .map(|opened| &opened.folder)
            .chain(root)
            .try_for_each(sync)
    }

    /// Which of the operator's folders an absolute path lies in; `None` for a relative one.
    fn base(&self, path: &[u8]) -> Result<Option<&[u8]>, Errno> {
        if path.first() != Some(&b'/') {
            return Ok(None);
        }
        let holds = |base: &&Vec<u8>| *base == path || beneath(base, path).is_some();
        let found = self
            .bases
            .iter()
            .filter(holds)
            .max_by_key(|base| base.len());
        let base = found.ok_or(Errno::ACCESS)?;
        Ok(Some(base))
    }

    fn load(&mut self, path: &[u8]) -> Result<(), Errno> {
        if path.is_empty() || self.open.contains_key(path) {
            return Ok(());
        }
        let base = self.base(path)?.map(<[u8]>::to_vec);
        let folder = match base {
            None => folder::open_beneath(&self.root, OsStr::from_bytes(path), FOLDER)?,
            // The operator's own word, which may be a link of theirs.
            Some(base) if base == path => openat(CWD, path, FOLDER, Mode::empty())?,
            Some(base) => {
                self.load(&base)?;
                let below = beneath(&base, path).ok_or(Errno::INVAL)?;
                folder::open_beneath(self.loaded(&base), OsStr::from_bytes(below), FOLDER)?
            }
        };
        let changed = false;
        self.open.insert(path.to_vec(), Opened { folder, changed });
        Ok(())
    }

    /// What [`Self::load`] opened.
    fn loaded(&self, path: &[u8]) -> &OwnedFd {
        self.open
            .get(path)
            .map_or(&self.root, |opened| &opened.folder)
    }
}

fn sync(folder: &OwnedFd) -> Result<(), Errno> {
    match rustix::fs::fsync(folder) {
        // Some network file systems have no fsync for folders; their renames are durable when
        // they are answered.
        Ok(()) | Err(Errno::INVAL | Errno::NOTSUP) => Ok(()),
        Err(errno) => Err(errno),
    }
}

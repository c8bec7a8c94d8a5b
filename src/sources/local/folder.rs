//! The source's own folder and the few calls to the file system that the rest is made of.
//!
//! Everything is opened relative to a descriptor of the root and resolved beneath it, so that no
//! name and no link, however it is exchanged meanwhile, leads out of the source.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fmt::Display;
use std::os::fd::OwnedFd;
use std::path::PathBuf;

use rustix::fs::{
    AtFlags, CWD, FileType, Mode, OFlags, RenameFlags, ResolveFlags, Stat, mkdirat, openat,
    openat2, renameat, renameat_with, statat, unlinkat,
};
use rustix::io::Errno;

use crate::arrival::Version;
use crate::failure::{Failure, Lasting, Turn};
use crate::limits;

const FOLDER: OFlags = OFlags::RDONLY
    .union(OFlags::DIRECTORY)
    .union(OFlags::CLOEXEC);

/// The root of a source, opened anew for each batch: after a remount or a re-creation the path
/// leads to another folder, and a descriptor kept open would still look at the old one.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
}

impl Folder {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path }
    }

    pub(super) fn path(&self) -> &PathBuf {
        &self.path
    }

    pub(super) fn open(&self) -> Result<OwnedFd, Failure> {
        openat(CWD, &self.path, FOLDER, Mode::empty()).map_err(|errno| {
            failure(
                format!("opening the folder {}", self.path.display()),
                errno,
                "It must exist, and this user needs read, write and search rights on it.",
            )
        })
    }
}

/// A failure of the file system. Rights and missing folders last until somebody acts; everything
/// else (busy, stale, full, I/O) may pass.
pub(super) fn failure(during: impl Into<String>, errno: Errno, advice: impl Display) -> Failure {
    let lasting = match errno {
        Errno::ACCESS | Errno::PERM | Errno::ROFS | Errno::NOENT | Errno::NOTDIR | Errno::XDEV => {
            Lasting::Permanent
        }
        _ => Lasting::Temporary,
    };
    Failure {
        lasting,
        turn: Turn::Operator,
        during: during.into(),
        message: format!("{}. {advice}", std::io::Error::from(errno)),
    }
}

/// Opens `path` beneath `root` without following any link. `path` went through `names`.
pub(super) fn open_beneath(root: &OwnedFd, path: &OsStr, flags: OFlags) -> Result<OwnedFd, Errno> {
    let flags = flags | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    for _ in 0..limits::RENAME_RACES {
        match openat2(root, path, flags, Mode::empty(), resolve) {
            // A rename elsewhere on the way made the kernel unsure (openat2(2), EAGAIN).
            Err(Errno::AGAIN | Errno::INTR) => {}
            // Kernels before 5.6, and sandboxes that do not know the call.
            Err(Errno::NOSYS | Errno::PERM) => return open_by_steps(root, path, flags),
            result => return result,
        }
    }
    Err(Errno::AGAIN)
}

/// The same without `openat2`: one component at a time, none of them a link.
fn open_by_steps(root: &OwnedFd, path: &OsStr, flags: OFlags) -> Result<OwnedFd, Errno> {
    use std::os::unix::ffi::OsStrExt;
    let mut parts: Vec<&[u8]> = path.as_bytes().split(|byte| *byte == b'/').collect();
    let last = parts.pop().unwrap_or_default();
    let mut folder: Option<OwnedFd> = None;
    for part in parts {
        let at = folder.as_ref().unwrap_or(root);
        folder = Some(openat(at, part, FOLDER | OFlags::NOFOLLOW, Mode::empty())?);
    }
    openat(folder.as_ref().unwrap_or(root), last, flags, Mode::empty())
}

/// Looks at one name in an open folder, not through a link.
pub(super) fn look(folder: &OwnedFd, name: &OsStr) -> Result<Option<Stat>, Errno> {
    match statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) => Ok(Some(stat)),
        Err(Errno::NOENT | Errno::NOTDIR) => Ok(None),
        Err(errno) => Err(errno),
    }
}

pub(super) fn is_file(stat: &Stat) -> bool {
    FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile
}

/// Size and modification time of `stat`.
pub(super) fn version(stat: &Stat) -> Version {
    let nanoseconds = i64::try_from(stat.st_mtime_nsec).unwrap_or(0);
    Version {
        size: u64::try_from(stat.st_size).unwrap_or(0),
        modified: stat
            .st_mtime
            .saturating_mul(1_000_000_000)
            .saturating_add(nanoseconds),
    }
}

/// Renames and never replaces: an existing target is [`Errno::EXIST`].
pub(super) fn rename(
    from: &OwnedFd,
    name: &OsStr,
    to: &OwnedFd,
    new_name: &OsStr,
) -> Result<(), Errno> {
    match renameat_with(from, name, to, new_name, RenameFlags::NOREPLACE) {
        // NFS, some FUSE file systems and old kernels do not know the flag.
        Err(Errno::INVAL | Errno::NOSYS) => rename_over_own(from, name, to, new_name),
        result => result,
    }
}

/// Takes the target name by creating it, which fails if it exists, and renames over what is then
/// ours. A crash between the two leaves an empty file there, and the retry takes the next name.
fn rename_over_own(
    from: &OwnedFd,
    name: &OsStr,
    to: &OwnedFd,
    new_name: &OsStr,
) -> Result<(), Errno> {
    drop(create_new(to, new_name)?);
    renameat(from, name, to, new_name).inspect_err(|_| {
        remove_quietly(to, new_name);
    })
}

/// Creates a file that did not exist.
pub(super) fn create_new(folder: &OwnedFd, name: &OsStr) -> Result<OwnedFd, Errno> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mode = Mode::RUSR | Mode::WUSR | Mode::RGRP | Mode::WGRP | Mode::ROTH;
    openat(folder, name, flags, mode)
}

/// Removes a file of ours; that it is gone already, or stays, changes nothing.
pub(super) fn remove_quietly(folder: &OwnedFd, name: &OsStr) {
    if let Err(errno) = unlinkat(folder, name, AtFlags::empty())
        && errno != Errno::NOENT
    {
        tracing::debug!(%errno, "A file of ours could not be removed.");
    }
}

/// Folders beneath the root that one batch works in, each opened once, and which of them changed.
#[derive(Debug)]
pub(super) struct Folders {
    open: BTreeMap<Vec<u8>, Opened>,
    root: OwnedFd,
    root_changed: bool,
}

#[derive(Debug)]
struct Opened {
    folder: OwnedFd,
    changed: bool,
}

impl Folders {
    pub(super) fn new(root: OwnedFd) -> Self {
        Self {
            open: BTreeMap::new(),
            root,
            root_changed: false,
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

    /// The folder at `path`, made with all that lead to it where they are missing.
    pub(super) fn made(&mut self, path: &[u8]) -> Result<&OwnedFd, Errno> {
        match self.load(path) {
            Err(Errno::NOENT) => {}
            result => return result.map(|()| self.loaded(path)),
        }
        let ends = path
            .iter()
            .enumerate()
            .filter(|(_, byte)| **byte == b'/')
            .map(|(at, _)| at)
            .chain([path.len()]);
        for end in ends {
            let part = path.get(..end).unwrap_or(path);
            match mkdirat(&self.root, part, Mode::RWXU | Mode::RWXG) {
                Ok(()) | Err(Errno::EXIST) => {}
                Err(errno) => return Err(errno),
            }
            let parent = part.iter().rposition(|byte| *byte == b'/').unwrap_or(0);
            let parent = part.get(..parent).unwrap_or_default();
            self.load(parent)?;
            self.changed(parent);
        }
        self.load(path)?;
        Ok(self.loaded(path))
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
        for folder in changed.map(|opened| &opened.folder).chain(root) {
            match rustix::fs::fsync(folder) {
                // Some network file systems have no fsync for folders; their renames are durable
                // when they are answered.
                Ok(()) | Err(Errno::INVAL | Errno::NOTSUP) => {}
                Err(errno) => return Err(errno),
            }
        }
        Ok(())
    }

    fn load(&mut self, path: &[u8]) -> Result<(), Errno> {
        use std::os::unix::ffi::OsStrExt;
        if path.is_empty() || self.open.contains_key(path) {
            return Ok(());
        }
        let folder = open_beneath(&self.root, OsStr::from_bytes(path), FOLDER)?;
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

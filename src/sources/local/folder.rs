//! The source's own folder and the few calls to the file system that the rest is made of.
//!
//! Everything is opened relative to a descriptor of the root and resolved beneath it, so that no
//! name and no link, however it is exchanged meanwhile, leads out of the source.

use std::ffi::OsStr;
use std::fmt::Display;
use std::os::fd::OwnedFd;
use std::path::PathBuf;

use rustix::fs::{
    AtFlags, CWD, FileType, Mode, OFlags, RenameFlags, ResolveFlags, Stat, openat, openat2,
    renameat, renameat_with, statat, unlinkat,
};
use rustix::fs::{Gid, fchmod, fchown, fstat};
use rustix::io::Errno;

use crate::arrival::Version;
use crate::failure::{Failure, Lasting, Turn};
use crate::limits;

pub(super) const FOLDER: OFlags = OFlags::RDONLY
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

/// Creates a file that did not exist, readable by us alone until [`adopt`] says otherwise.
pub(super) fn create_new(folder: &OwnedFd, name: &OsStr) -> Result<OwnedFd, Errno> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    openat(folder, name, flags, Mode::RUSR | Mode::WUSR)
}

/// Gives a file or folder of ours the group and rights of what it belongs to, whatever our umask:
/// who may read the inbox may read what we lay beside its files. We keep our own rights, a file
/// gets none to be executed, and what the system forbids (a group that is not ours, the set-group
/// bit under `RestrictSUIDSGID=`) is left out.
pub(super) fn adopt(ours: &OwnedFd, like: &Stat) {
    let Ok(now) = fstat(ours) else { return };
    let (mine, most) = if is_file(&now) {
        (0o600, 0o666)
    } else {
        (0o700, 0o3777)
    };
    if now.st_gid != like.st_gid
        && let Err(errno) = fchown(ours, None, Some(Gid::from_raw(like.st_gid)))
    {
        tracing::debug!(%errno, group = like.st_gid, "A group could not be taken over.");
    }
    let mode = like.st_mode & most | mine;
    let set = |mode| fchmod(ours, Mode::from_raw_mode(mode));
    if let Err(errno) = set(mode).or_else(|_| set(mode & 0o777)) {
        tracing::debug!(%errno, "Rights could not be taken over.");
    }
}

/// Removes a file of ours; that it is gone already, or stays, changes nothing.
pub(super) fn remove_quietly(folder: &OwnedFd, name: &OsStr) {
    if let Err(errno) = unlinkat(folder, name, AtFlags::empty())
        && errno != Errno::NOENT
    {
        tracing::debug!(%errno, "A file of ours could not be removed.");
    }
}

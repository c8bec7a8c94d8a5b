//! When to look again before the poll would: events of the file system.
//!
//! Hints only. They come from `inotify` for the source's own folder and those of its sub-folders
//! that a listing found, never for done and error nor for names that are no orders, so that what
//! we do ourselves wakes nobody. Where the
//! file system is known to send none (network and FUSE file systems do not, and say nothing about
//! it), the source is polled and says so.

use std::collections::BTreeMap;
use std::ffi::{CStr, OsStr};
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::fs::inotify::{self, CreateFlags, ReadFlags, WatchFlags};
use rustix::fs::{CWD, Mode, OFlags};
use rustix::io::Errno;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use crate::clock::{self, Moment};
use crate::limits;
use crate::names;

#[cfg(test)]
mod tests;

/// Magic numbers of file systems whose changes may happen elsewhere, unseen by this kernel
/// (statfs(2), linux/magic.h).
const UNSEEN: [(u64, &str); 11] = [
    (0x6969, "NFS"),
    (0x517B, "SMB"),
    (0xFE53_4D42, "SMB"),
    (0xFF53_4D42, "CIFS"),
    (0x6573_5546, "FUSE"),
    (0x0102_1997, "9p"),
    (0x00C3_6400, "Ceph"),
    (0x5346_414F, "AFS"),
    (0x0BD0_0BD0, "Lustre"),
    (0x786F_4256, "a VirtualBox share"),
    (0xBACB_ACBC, "a VMware share"),
];

/// What the kernel is asked to tell: a file may have become whole, become readable, or a watched
/// folder come or gone. Writing alone is none, and neither is creating a file: it is followed by
/// closing it or by giving it its name. A name may be given by a hard link, after which the old name is
/// removed (so does the SFTP server of OpenSSH): then the removal is all that tells. Our own listing, reading
/// and moving away shows as opening and as moving from: not asked for, so that it costs nothing and wakes
/// nobody.
const ASKED: WatchFlags = WatchFlags::CLOSE_WRITE
    .union(WatchFlags::MOVED_TO)
    .union(WatchFlags::DELETE)
    .union(WatchFlags::ATTRIB)
    .union(WatchFlags::DELETE_SELF)
    .union(WatchFlags::MOVE_SELF)
    .union(WatchFlags::ONLYDIR);

/// A watched folder was removed, and its watch with it. One made anew in its place may have the
/// same inode and look as if it were still watched.
const LOST: ReadFlags = ReadFlags::DELETE_SELF
    .union(ReadFlags::MOVE_SELF)
    .union(ReadFlags::UNMOUNT);

/// The watcher of one source and what it told.
#[derive(Debug)]
pub(super) struct Hints {
    poll: Duration,
    /// Sub-folders are watched as well, and a new one is news.
    deep: bool,
    state: Mutex<State>,
    /// When the last wait ended, so that the files of a burst end one wait together.
    ended: Mutex<Option<Moment>>,
}

#[derive(Debug, Default)]
struct State {
    inotify: Option<Arc<OwnedFd>>,
    /// Device and inode of the watched root: after a remount the path leads elsewhere.
    root: Option<(u64, u64)>,
    lost: bool,
    /// Sub-folders watched as well, by their watch descriptors.
    below: BTreeMap<PathBuf, i32>,
    /// Why there are no events.
    polled: Option<String>,
}

/// What the events that waited to be read come to.
#[derive(Debug, Default)]
struct News {
    hint: bool,
    lost: bool,
}

impl Hints {
    pub(super) fn new(root: &Path, poll: Duration, depth: usize) -> Self {
        let hints = Self {
            poll,
            deep: depth > 0,
            state: Mutex::default(),
            ended: Mutex::default(),
        };
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        if let Ok(opened) = rustix::fs::openat(CWD, root, flags, Mode::empty()) {
            hints.follow_root(root, &opened);
        }
        hints
    }

    /// How the source is watched, in words.
    pub(super) fn words(&self) -> String {
        let state = self.lock();
        match (&state.inotify, &state.polled) {
            (Some(_), _) => format!("by inotify, and every {:?}", self.poll),
            (None, Some(why)) => format!("by polling every {:?}: {why}", self.poll),
            (None, None) => format!("by polling every {:?}: not found yet", self.poll),
        }
    }

    /// Returns at the next hint, at once if one came since the last wait, at the latest after
    /// `longest`. The first file of a burst ends the wait at once; those behind it are collected
    /// for [`limits::HINTS_APART`].
    pub(super) async fn wait(&self, longest: Duration) {
        if tokio::time::timeout(longest, self.hint()).await.is_ok() {
            let ended = *self.ended.lock().unwrap_or_else(PoisonError::into_inner);
            let early = ended.map_or(Duration::ZERO, |ended| {
                limits::HINTS_APART.saturating_sub(ended.elapsed())
            });
            if !early.is_zero() {
                tokio::time::sleep(early.min(longest)).await;
            }
            // Read before the caller looks: what comes after this is news for the next wait.
            let inotify = self.lock().inotify.clone();
            if let Some(inotify) = inotify {
                self.take(&inotify);
            }
        }
        *self.ended.lock().unwrap_or_else(PoisonError::into_inner) = Some(clock::moment());
    }

    /// Returns when the kernel tells of a hint; never, where it does not.
    async fn hint(&self) {
        let inotify = self.lock().inotify.clone();
        #[expect(
            deprecated,
            reason = "its danger is a descriptor that is closed meanwhile, which an owned one is not"
        )]
        let ready = inotify.map(|fd| AsyncFd::with_interest(fd, Interest::READABLE));
        let Some(Ok(ready)) = ready else {
            return std::future::pending().await;
        };
        while let Ok(mut events) = ready.readable().await {
            if self.take(ready.get_ref()) {
                return;
            }
            events.clear_ready();
        }
        std::future::pending::<()>().await;
    }

    /// Reads the events that wait; whether a hint is among them.
    fn take(&self, inotify: &Arc<OwnedFd>) -> bool {
        let news = read(inotify);
        self.lock().lost |= news.lost;
        news.hint
    }

    /// Watches the root, again if it is another folder than before.
    pub(super) fn follow_root(&self, path: &Path, opened: &OwnedFd) {
        let Ok(stat) = rustix::fs::fstat(opened) else {
            return;
        };
        let now = Some((stat.st_dev, stat.st_ino));
        let mut state = self.lock();
        if state.root == now && !state.lost {
            return;
        }
        let known = state.root.is_some() && state.root != now;
        *state = State {
            root: now,
            ..State::default()
        };
        match self.watch(path, opened) {
            Ok(inotify) => state.inotify = Some(Arc::new(inotify)),
            Err(why) => state.polled = Some(why),
        }
        if known {
            tracing::warn!(path = %path.display(), "The folder was replaced; it is watched anew.");
        }
    }

    fn watch(&self, path: &Path, opened: &OwnedFd) -> Result<OwnedFd, String> {
        if let Ok(system) = rustix::fs::fstatfs(opened) {
            #[expect(
                clippy::cast_sign_loss,
                reason = "a magic number of 32 bits, not an amount"
            )]
            let kind = (system.f_type as u64) & 0xFFFF_FFFF;
            if let Some((_, name)) = UNSEEN.iter().find(|(magic, _)| *magic == kind) {
                return Err(format!("it lies on {name}, which sends no events"));
            }
        }
        let refused = |errno: Errno| format!("inotify refused: {errno}");
        let flags = CreateFlags::NONBLOCK | CreateFlags::CLOEXEC;
        let inotify = inotify::init(flags).map_err(refused)?;
        inotify::add_watch(&inotify, path, self.asked()).map_err(refused)?;
        Ok(inotify)
    }

    fn asked(&self) -> WatchFlags {
        if self.deep {
            ASKED | WatchFlags::CREATE
        } else {
            ASKED
        }
    }

    /// Watches a sub-folder as well. If that is refused, the poll finds its files.
    pub(super) fn follow(&self, root: &Path, below: &[u8]) {
        let mut state = self.lock();
        let path = root.join(OsStr::from_bytes(below));
        if state.below.len() >= limits::WATCHED_FOLDERS || state.below.contains_key(&path) {
            return;
        }
        let Some(inotify) = &state.inotify else {
            return;
        };
        match inotify::add_watch(inotify, &path, self.asked() | WatchFlags::DONT_FOLLOW) {
            Ok(watch) => {
                state.below.insert(path, watch);
            }
            Err(error) => tracing::debug!(%error, "A sub-folder is polled."),
        }
    }

    /// Forgets sub-folders that the last listing no longer found.
    pub(super) fn keep_only(&self, root: &Path, found: &[Vec<u8>]) {
        let mut state = self.lock();
        let State { inotify, below, .. } = &mut *state;
        below.retain(|path, watch| {
            let name = path
                .strip_prefix(root)
                .map(|below| below.as_os_str().as_bytes());
            let keep = name.is_ok_and(|name| found.iter().any(|found| found == name));
            if !keep
                && let Some(inotify) = inotify
                && let Err(error) = inotify::remove_watch(inotify, *watch)
            {
                tracing::debug!(%error, "A sub-folder was watched no longer.");
            }
            keep
        });
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads the events that wait.
fn read(inotify: &OwnedFd) -> News {
    let mut buffer = [MaybeUninit::uninit(); limits::EVENT_BYTES];
    let mut events = inotify::Reader::new(inotify, &mut buffer);
    let mut news = News::default();
    loop {
        match events.next() {
            Ok(event) => {
                news.hint |= is_hint(event.events(), event.file_name());
                news.lost |= event.events().intersects(LOST);
            }
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => return news,
            Err(error) => {
                tracing::debug!(%error, "The events of a folder could not be read; it is listed instead.");
                news.hint = true;
                return news;
            }
        }
    }
}

/// Whether the listing may have changed for us: not where only our own files or those of an upload
/// that goes on are named.
fn is_hint(events: ReadFlags, name: Option<&CStr>) -> bool {
    if events.intersects(LOST | ReadFlags::QUEUE_OVERFLOW) {
        return true;
    }
    let made = events.contains(ReadFlags::CREATE) && !events.contains(ReadFlags::ISDIR);
    let removed = events.contains(ReadFlags::DELETE);
    let ours = name.is_some_and(|name| {
        let name = name.to_bytes();
        // An upload's own name that is removed may have another one now.
        let passing = if removed {
            name.starts_with(names::OURS)
        } else {
            names::is_temporary(name)
        };
        passing || names::is_sidecar(name)
    });
    !made && !ours && !events.contains(ReadFlags::IGNORED)
}

//! When to look again before the poll would: events of the file system.
//!
//! Hints only. They come from `inotify` for the source's own folder and those of its sub-folders
//! that a listing found, never for done and error nor for names that are no orders, so that what
//! we do ourselves wakes nobody. Where the
//! file system is known to send none (network and FUSE file systems do not, and say nothing about
//! it), the source is polled and says so.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use notify::event::{AccessKind, AccessMode, CreateKind, ModifyKind, RemoveKind, RenameMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use rustix::fs::{CWD, Mode, OFlags};
use tokio::sync::Notify;

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

/// The watcher of one source and what it told.
#[derive(Debug)]
pub(super) struct Hints {
    flag: Arc<Flag>,
    poll: Duration,
    state: Mutex<State>,
    /// When the last wait ended, so that the files of a burst end one wait together.
    ended: Mutex<Option<Moment>>,
}

/// A hint that is kept until somebody waits for it.
#[derive(Debug, Default)]
struct Flag {
    raised: AtomicBool,
    wake: Notify,
    /// A watched folder was removed, and its watch with it. One made anew in its place may have
    /// the same inode and look as if it were still watched.
    lost: AtomicBool,
}

impl Flag {
    fn raise(&self) {
        if !self.raised.swap(true, Ordering::AcqRel) {
            self.wake.notify_one();
        }
    }
}

#[derive(Debug, Default)]
struct State {
    watcher: Option<RecommendedWatcher>,
    /// Device and inode of the watched root: after a remount the path leads elsewhere.
    root: Option<(u64, u64)>,
    /// Sub-folders watched as well.
    below: BTreeSet<PathBuf>,
    /// Why there are no events.
    polled: Option<String>,
}

impl Hints {
    pub(super) fn new(root: &Path, poll: Duration) -> Self {
        let hints = Self {
            flag: Arc::default(),
            poll,
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
        match (&state.watcher, &state.polled) {
            (Some(_), _) => format!("by inotify, and every {:?}", self.poll),
            (None, Some(why)) => format!("by polling every {:?}: {why}", self.poll),
            (None, None) => format!("by polling every {:?}: not found yet", self.poll),
        }
    }

    /// Returns at the next hint, at once if one came since the last wait, at the latest after
    /// `longest`. The first file of a burst ends the wait at once; those behind it are collected
    /// for [`limits::HINTS_APART`].
    pub(super) async fn wait(&self, longest: Duration) {
        let hinted = tokio::time::timeout(longest, async {
            while !self.flag.raised.load(Ordering::Acquire) {
                self.flag.wake.notified().await;
            }
        });
        if hinted.await.is_ok() {
            let ended = *self.ended.lock().unwrap_or_else(PoisonError::into_inner);
            let early = ended.map_or(Duration::ZERO, |ended| {
                limits::HINTS_APART.saturating_sub(ended.elapsed())
            });
            if !early.is_zero() {
                tokio::time::sleep(early.min(longest)).await;
            }
        }
        // Lowered before the caller looks: what comes after this is news for the next wait.
        self.flag.raised.store(false, Ordering::Release);
        *self.ended.lock().unwrap_or_else(PoisonError::into_inner) = Some(clock::moment());
    }

    /// Watches the root, again if it is another folder than before.
    pub(super) fn follow_root(&self, path: &Path, opened: &OwnedFd) {
        let Ok(stat) = rustix::fs::fstat(opened) else {
            return;
        };
        let now = Some((stat.st_dev, stat.st_ino));
        let mut state = self.lock();
        let lost = self.flag.lost.swap(false, Ordering::AcqRel);
        if state.root == now && !lost {
            return;
        }
        let known = state.root.is_some() && state.root != now;
        *state = State {
            root: now,
            ..State::default()
        };
        match self.watch(path, opened) {
            Ok(watcher) => state.watcher = Some(watcher),
            Err(why) => state.polled = Some(why),
        }
        if known {
            tracing::warn!(path = %path.display(), "The folder was replaced; it is watched anew.");
        }
    }

    fn watch(&self, path: &Path, opened: &OwnedFd) -> Result<RecommendedWatcher, String> {
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
        let flag = Arc::clone(&self.flag);
        let on_event = move |event: notify::Result<Event>| {
            let Ok(event) = event else {
                return flag.raise();
            };
            if matches!(event.kind, EventKind::Remove(RemoveKind::Folder)) {
                flag.lost.store(true, Ordering::Release);
            }
            if is_hint(&event) {
                flag.raise();
            }
        };
        let refused = |error: notify::Error| format!("inotify refused: {error}");
        let mut watcher = notify::recommended_watcher(on_event).map_err(refused)?;
        watcher
            .watch(path, RecursiveMode::NonRecursive)
            .map_err(refused)?;
        Ok(watcher)
    }

    /// Watches a sub-folder as well. If that is refused, the poll finds its files.
    pub(super) fn follow(&self, root: &Path, below: &[u8]) {
        let mut state = self.lock();
        let path = root.join(OsStr::from_bytes(below));
        if state.below.len() >= limits::WATCHED_FOLDERS || state.below.contains(&path) {
            return;
        }
        let Some(watcher) = &mut state.watcher else {
            return;
        };
        match watcher.watch(&path, RecursiveMode::NonRecursive) {
            Ok(()) => {
                state.below.insert(path);
            }
            Err(error) => tracing::debug!(%error, "A sub-folder is polled."),
        }
    }

    /// Forgets sub-folders that the last listing no longer found.
    pub(super) fn keep_only(&self, root: &Path, found: &[Vec<u8>]) {
        let mut state = self.lock();
        if state.below.is_empty() {
            return;
        }
        let found: BTreeSet<PathBuf> = found
            .iter()
            .map(|below| root.join(OsStr::from_bytes(below)))
            .collect();
        let State { watcher, below, .. } = &mut *state;
        below.retain(|path| {
            let keep = found.contains(path);
            if !keep
                && let Some(watcher) = watcher
                && let Err(error) = watcher.unwatch(path)
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

/// Whether a file may have become whole, or a watched folder come or gone. Writing alone is none,
/// and neither is creating a file: it is followed by closing it or by giving it its name. Our own
/// reading and moving away shows as opening and removing, and our own files have temporary names.
fn is_hint(event: &Event) -> bool {
    if event.need_rescan() {
        return true;
    }
    match event.kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write))
        | EventKind::Modify(ModifyKind::Name(RenameMode::To) | ModifyKind::Metadata(_))
        | EventKind::Create(CreateKind::Folder) => {
            !event.paths.iter().any(|path| is_no_order(path))
        }
        EventKind::Remove(RemoveKind::Folder) => true,
        _ => false,
    }
}

fn is_no_order(path: &Path) -> bool {
    path.file_name().is_some_and(|name| {
        names::is_temporary(name.as_bytes()) || names::is_sidecar(name.as_bytes())
    })
}

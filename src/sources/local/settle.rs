//! The closing moves: a file goes to done or error, and is looked at once it is there.
//!
//! May be repeated after a crash at any point: what an earlier try moved is found by its size and
//! time. Whoever exchanges the file between our look and our rename gets it back: after the rename
//! the target must be the very inode we looked at.

use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::os::fd::OwnedFd;
use std::time::Duration;

use rustix::fs::{AtFlags, Stat, unlinkat};
use rustix::io::Errno;

use super::Inner;
use super::folder::{self, Folders};
use crate::arrival::{Locator, Settled, Verdict};
use crate::clock::{self, Millis};
use crate::failure::Failure;
use crate::limits;
use crate::sources::{After, Settlement, names};

const ADVICE: &str = "The move is tried again; nothing is delivered twice meanwhile. This user \
                      needs write rights on the inbox, done and error folders.";

pub(super) fn settle(inner: &Inner, settlements: &[Settlement]) -> Vec<Result<Settled, Failure>> {
    batch(inner, settlements, |mover, settlement| {
        mover.settle(settlement)
    })
}

pub(super) fn resettle(
    inner: &Inner,
    from: &Locator,
    settlement: &Settlement,
) -> Result<Settled, Failure> {
    let one = std::slice::from_ref(settlement);
    let results = batch(inner, one, |mover, settlement| {
        mover.resettle(from, settlement)
    });
    let none = || Err(Failure::ours("moving a file out of error", "no result"));
    results.into_iter().next().unwrap_or_else(none)
}

/// Settles each, then makes the renames of all durable at once. If that fails, none of the moves
/// counts: the next try will find them made and answer `Already`.
fn batch(
    inner: &Inner,
    settlements: &[Settlement],
    mut step: impl FnMut(&mut Mover<'_>, &Settlement) -> Result<Settled, Errno>,
) -> Vec<Result<Settled, Failure>> {
    let root = match inner.folder.open() {
        Ok(root) => root,
        Err(failure) => return vec![Err(failure); settlements.len()],
    };
    let mut mover = Mover {
        inner,
        folders: Folders::new(root),
        now: clock::now(),
    };
    let results: Vec<_> = settlements
        .iter()
        .map(|settlement| {
            step(&mut mover, settlement).map_err(|errno| {
                let (file, to) = (&settlement.locator, settlement.verdict.as_str());
                folder::failure(format!("moving {file} to {to}"), errno, ADVICE)
            })
        })
        .collect();
    if let Err(errno) = mover.folders.sync() {
        let failure = folder::failure("making moved files durable", errno, ADVICE);
        return vec![Err(failure); settlements.len()];
    }
    results
}

struct Mover<'a> {
    inner: &'a Inner,
    folders: Folders,
    now: Millis,
}

/// A file to be moved: where it lies and what it looked like.
struct Found<'a> {
    folder: &'a [u8],
    name: &'a OsStr,
    stat: Stat,
}

impl Mover<'_> {
    fn settle(&mut self, settlement: &Settlement) -> Result<Settled, Errno> {
        let pickup = &self.inner.pickup;
        if pickup.after == After::Leave {
            return Ok(Settled::Finished);
        }
        let (folder, name) = names::split(&settlement.locator.0).ok_or(Errno::INVAL)?;
        let stat = match self.folders.existing(folder)? {
            Some(opened) => folder::look(opened, name)?,
            None => None,
        };
        let ours =
            |stat: &Stat| folder::is_file(stat) && folder::version(stat) == settlement.version;
        match stat {
            Some(stat) if ours(&stat) => {
                let found = Found { folder, name, stat };
                if pickup.after == After::Delete && settlement.verdict == Verdict::Done {
                    self.delete(settlement, &found)
                } else {
                    self.put_away(settlement, &found, (folder, name))
                }
            }
            _ if self.deleted_before(settlement, folder)? => Ok(Settled::Finished),
            other => {
                let moved = self.moved_before(settlement, folder, name)?;
                let missing = if other.is_some() {
                    Settled::Superseded
                } else {
                    Settled::Vanished
                };
                Ok(moved.unwrap_or(missing))
            }
        }
    }

    fn resettle(&mut self, from: &Locator, settlement: &Settlement) -> Result<Settled, Errno> {
        let pickup = &self.inner.pickup;
        if pickup.after == After::Leave {
            return Ok(Settled::Finished);
        }
        let original = names::split(&settlement.locator.0).ok_or(Errno::INVAL)?;
        let (folder, name) = names::split(&from.0).ok_or(Errno::INVAL)?;
        let stat = match self.folders.existing(folder)? {
            Some(opened) => folder::look(opened, name)?,
            None => None,
        };
        let settled = match stat {
            Some(stat)
                if folder::is_file(&stat) && folder::version(&stat) == settlement.version =>
            {
                let found = Found { folder, name, stat };
                if pickup.after == After::Delete && settlement.verdict == Verdict::Done {
                    self.delete(settlement, &found)?
                } else {
                    self.put_away(settlement, &found, original)?
                }
            }
            other => match self.moved_before(settlement, original.0, original.1)? {
                Some(already) => already,
                None if other.is_some() => Settled::Superseded,
                None => Settled::Vanished,
            },
        };
        if settled != Settled::Superseded {
            self.remove_sidecars(folder, name)?;
        }
        Ok(settled)
    }

    /// The folder for this verdict on the day `at`, with the sub-folder that the file came from.
    fn target(&self, verdict: Verdict, folder: &[u8], at: Millis) -> Result<Vec<u8>, Errno> {
        let pattern = match verdict {
            Verdict::Done => &self.inner.pickup.done,
            Verdict::Error => &self.inner.pickup.error,
        };
        let mut target = names::folder_at(pattern, at).map_err(|_| Errno::INVAL)?;
        if !folder.is_empty() {
            target.push(b'/');
            target.extend_from_slice(folder);
        }
        Ok(target)
    }

    /// Moves `found` to where its verdict says, under the name it came with or the next free one.
    fn put_away(
        &mut self,
        settlement: &Settlement,
        found: &Found<'_>,
        (folder, name): (&[u8], &OsStr),
    ) -> Result<Settled, Errno> {
        let target = self.target(settlement.verdict, folder, self.now)?;
        self.folders.made(&target)?;
        for n in 0..limits::UNIQUE_NAMES {
            let new_name = names::unique_name(name, settlement.arrival.0, n);
            let taken = match self.folders.existing(&target)? {
                Some(opened) => folder::look(opened, &new_name)?.is_some(),
                None => return Err(Errno::NOENT),
            };
            if taken {
                continue;
            }
            match self.move_with_sidecars(settlement, found, &target, &new_name) {
                Err(Errno::EXIST) => {}
                result => return result,
            }
        }
        Err(Errno::EXIST)
    }

    /// Sidecars first: a rejected file must not lie in error for a moment without its reason.
    fn move_with_sidecars(
        &mut self,
        settlement: &Settlement,
        found: &Found<'_>,
        target: &[u8],
        new_name: &OsStr,
    ) -> Result<Settled, Errno> {
        let mut written = Vec::new();
        if settlement.verdict == Verdict::Error {
            let opened = self.folders.made(target)?;
            for (suffix, bytes) in &settlement.sidecars {
                let sidecar = names::sidecar_name(new_name, suffix);
                match write_sidecar(opened, &sidecar, bytes) {
                    Ok(()) => written.push(sidecar),
                    Err(error) => {
                        let file = names::label(found.name.as_encoded_bytes());
                        tracing::warn!(file, %error, "The report could not be laid beside it.");
                    }
                }
            }
        }
        let result = self.move_verified(settlement, found, target, new_name);
        if !matches!(result, Ok(Settled::Moved(_))) {
            let opened = self.folders.made(target)?;
            for sidecar in &written {
                folder::remove_quietly(opened, sidecar);
            }
        }
        result
    }

    fn move_verified(
        &mut self,
        settlement: &Settlement,
        found: &Found<'_>,
        target: &[u8],
        new_name: &OsStr,
    ) -> Result<Settled, Errno> {
        // The marker goes first: left behind, it would announce the next file of this name before
        // that is whole.
        self.move_marker(found, target, new_name)?;
        if let Err(errno) = self.rename((found.folder, found.name), (target, new_name)) {
            self.return_marker(found, target, new_name);
            // Taken away between the look and the rename: the next try tells what happened.
            return if errno == Errno::NOENT {
                Ok(Settled::Vanished)
            } else {
                Err(errno)
            };
        }
        let opened = self.folders.made(target)?;
        let moved = folder::look(opened, new_name)?;
        if moved.is_some_and(|stat| is_same(&stat, &found.stat)) {
            let path = names::joined(target, new_name);
            return Ok(Settled::Moved(Locator(path)));
        }
        self.return_marker(found, target, new_name);
        self.put_back(settlement, found, target, new_name)
    }

    /// Somebody laid another version in its place between our look and our rename: it goes back to
    /// where it came from, or beside it if there is a third by now, and is an arrival of its own.
    fn put_back(
        &mut self,
        settlement: &Settlement,
        found: &Found<'_>,
        target: &[u8],
        new_name: &OsStr,
    ) -> Result<Settled, Errno> {
        for n in 0..limits::UNIQUE_NAMES {
            let name = names::unique_name(found.name, settlement.arrival.0, n);
            match self.rename((target, new_name), (found.folder, &name)) {
                Ok(()) | Err(Errno::NOENT) => return Ok(Settled::Superseded),
                Err(Errno::EXIST) => {}
                Err(errno) => return Err(errno),
            }
        }
        Err(Errno::EXIST)
    }

    /// Deletes what was accepted. By way of a name of ours, so that a version that was laid there
    /// after our look is not deleted with it.
    fn delete(&mut self, settlement: &Settlement, found: &Found<'_>) -> Result<Settled, Errno> {
        let aside = aside(settlement);
        let marker = self.marker_of(found.name);
        self.rename((found.folder, found.name), (found.folder, &aside))?;
        let Some(opened) = self.folders.existing(found.folder)? else {
            return Ok(Settled::Vanished);
        };
        let moved = folder::look(opened, &aside)?;
        if !moved.is_some_and(|stat| is_same(&stat, &found.stat)) {
            return self.put_back(settlement, found, found.folder, &aside);
        }
        unlinkat(opened, &aside, AtFlags::empty())?;
        if let Some(marker) = marker {
            folder::remove_quietly(opened, &marker);
        }
        Ok(Settled::Finished)
    }

    /// What is left when the file is not where it lay: removes what a deletion that was cut short
    /// had set aside.
    fn deleted_before(&mut self, settlement: &Settlement, folder: &[u8]) -> Result<bool, Errno> {
        let deletes = self.inner.pickup.after == After::Delete;
        if !deletes || settlement.verdict != Verdict::Done || !settlement.repeated {
            return Ok(false);
        }
        let aside = aside(settlement);
        if let Some(opened) = self.folders.existing(folder)?
            && let Some(stat) = folder::look(opened, &aside)?
            && folder::version(&stat) == settlement.version
        {
            unlinkat(opened, &aside, AtFlags::empty())?;
        }
        Ok(true)
    }

    /// Where an earlier try put it: under its own name or one made unique for this arrival, with
    /// its size and time. Dated folders are searched back over [`limits::SETTLED_DAYS`].
    fn moved_before(
        &mut self,
        settlement: &Settlement,
        folder: &[u8],
        name: &OsStr,
    ) -> Result<Option<Settled>, Errno> {
        if !settlement.repeated {
            return Ok(None);
        }
        let mut searched = Vec::new();
        for day in 0..limits::SETTLED_DAYS {
            let at = self.now.before(Duration::from_hours(24) * day);
            let target = self.target(settlement.verdict, folder, at)?;
            if searched.contains(&target) {
                continue;
            }
            let Some(opened) = self.folders.existing(&target)? else {
                searched.push(target);
                continue;
            };
            for n in 0..limits::UNIQUE_NAMES {
                let tried = names::unique_name(name, settlement.arrival.0, n);
                match folder::look(opened, &tried)? {
                    Some(stat) if folder::version(&stat) == settlement.version => {
                        let path = names::joined(&target, &tried);
                        // The earlier try may have ended before its fsync.
                        self.folders.changed(&target);
                        self.folders.changed(folder);
                        return Ok(Some(Settled::Already(Locator(path))));
                    }
                    // Its own name may have been taken; after that, names were taken in turn.
                    None if n > 0 => break,
                    _ => {}
                }
            }
            searched.push(target);
        }
        Ok(None)
    }

    fn rename(&mut self, from: (&[u8], &OsStr), to: (&[u8], &OsStr)) -> Result<(), Errno> {
        self.folders.made(to.0)?;
        self.folders.existing(from.0)?.ok_or(Errno::NOENT)?;
        let (source, target) = self.folders.both(from.0, to.0);
        folder::rename(source, from.1, target, to.1)?;
        self.folders.changed(from.0);
        self.folders.changed(to.0);
        Ok(())
    }

    fn marker_of(&self, name: &OsStr) -> Option<OsString> {
        self.inner.filter.own_marker(name.as_encoded_bytes())
    }

    fn move_marker(&mut self, found: &Found<'_>, to: &[u8], name: &OsStr) -> Result<(), Errno> {
        let (Some(marker), Some(moved)) = (self.marker_of(found.name), self.marker_of(name)) else {
            return Ok(());
        };
        match self.rename((found.folder, &marker), (to, &moved)) {
            // A marker that the sender took back, or one of the same name from before.
            Ok(()) | Err(Errno::NOENT | Errno::EXIST) => Ok(()),
            Err(errno) => Err(errno),
        }
    }

    fn return_marker(&mut self, found: &Found<'_>, from: &[u8], name: &OsStr) {
        let (Some(marker), Some(moved)) = (self.marker_of(found.name), self.marker_of(name)) else {
            return;
        };
        if let Err(errno) = self.rename((from, &moved), (found.folder, &marker)) {
            tracing::debug!(%errno, "A marker stays where its file was to go.");
        }
    }

    fn remove_sidecars(&mut self, folder: &[u8], name: &OsStr) -> Result<(), Errno> {
        let Some(opened) = self.folders.existing(folder)? else {
            return Ok(());
        };
        for suffix in names::SIDECARS {
            folder::remove_quietly(opened, &names::sidecar_name(name, suffix));
        }
        self.folders.changed(folder);
        Ok(())
    }
}

/// The name under which a file waits to be deleted.
fn aside(settlement: &Settlement) -> OsString {
    OsString::from(format!(".orderdock-delete-{}", settlement.arrival))
}

/// Whether it is the same file, unchanged. The change time is left out: the rename sets it.
fn is_same(one: &Stat, other: &Stat) -> bool {
    (one.st_dev, one.st_ino) == (other.st_dev, other.st_ino)
        && folder::version(one) == folder::version(other)
}

fn write_sidecar(folder: &OwnedFd, name: &OsStr, bytes: &[u8]) -> std::io::Result<()> {
    let file = folder::create_new(folder, name)?;
    let written = std::fs::File::from(file).write_all(bytes);
    if written.is_err() {
        folder::remove_quietly(folder, name);
    }
    written
}

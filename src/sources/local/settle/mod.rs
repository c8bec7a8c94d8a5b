//! The closing moves: a file goes to done or error, and is looked at once it is there.
//!
//! May be repeated after a crash at any point: what an earlier try moved is found by its size and
//! time (`earlier`). Whoever exchanges the file between our look and our rename gets it back: after
//! the rename the target must be the very inode we looked at (`put_away`).

mod beside;
mod delete;
mod earlier;
mod put_away;

use std::ffi::OsStr;

use rustix::fs::Stat;
use rustix::io::Errno;

use super::Inner;
use super::folder;
use super::folders::Folders;
use crate::arrival::{Locator, Settled, Verdict};
use crate::clock::{self, Millis};
use crate::failure::Failure;
use crate::names;
use crate::sources::{After, Settlement};

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
    let place = inner.targets.place(from);
    let one = std::slice::from_ref(settlement);
    let results = batch(inner, one, |mover, settlement| match &place {
        Some((folder, name)) => mover.resettle((folder, name), settlement),
        None => mover.already(settlement)?.ok_or(Errno::NOENT),
    });
    let result = results.into_iter().next();
    let none = || Failure::ours("moving a file out of error", "no answer");
    let result = result.unwrap_or_else(|| Err(none()));
    if place.is_some() || result.is_ok() {
        return result;
    }
    Err(Failure::operator(
        format!("moving {from} to {}", settlement.verdict.as_str()),
        "it was put there under another configuration and lies in no folder of this source now. \
         Move it to today's folder by hand, which is recognised, or set the old folder again.",
    ))
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
        folders: Folders::new(root, inner.targets.bases()),
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

/// The hands of one batch.
struct Mover<'a> {
    inner: &'a Inner,
    folders: Folders,
    now: Millis,
}

/// Folder and name of a file.
type Place<'a> = (&'a [u8], &'a OsStr);

/// A file to be moved: where it lies and what it looked like.
struct Found<'a> {
    folder: &'a [u8],
    name: &'a OsStr,
    stat: Stat,
}

/// What lies at a place.
enum Lies<'a> {
    /// The version that was processed.
    Ours(Found<'a>),
    /// Something else.
    Other,
    Nothing,
}

impl Mover<'_> {
    fn settle(&mut self, settlement: &Settlement) -> Result<Settled, Errno> {
        let pickup = &self.inner.pickup;
        if pickup.after == After::Leave {
            return Ok(Settled::Left);
        }
        let place = names::split(&settlement.locator.0).ok_or(Errno::INVAL)?;
        let lies = self.look(place, settlement)?;
        let missing = match lies {
            Lies::Ours(found) => return self.finish(settlement, &found, place),
            Lies::Other => Settled::Superseded,
            Lies::Nothing => Settled::Vanished,
        };
        if self.is_deleted(settlement) {
            return self.deleted_before(settlement, place.0, missing);
        }
        if let Some(already) = self.already(settlement)? {
            return Ok(already);
        }
        // Its verdict may have changed by a retry after a move that was never recorded.
        let other = match settlement.verdict {
            Verdict::Done => Verdict::Error,
            Verdict::Error => Verdict::Done,
        };
        match self.earlier(settlement, other)? {
            Some((folder, name)) => self.resettle((&folder, &name), settlement),
            None => Ok(missing),
        }
    }

    /// Settles what lies at `from`, in done or error.
    fn resettle(&mut self, from: Place<'_>, settlement: &Settlement) -> Result<Settled, Errno> {
        if self.inner.pickup.after == After::Leave {
            return Ok(Settled::Left);
        }
        let original = names::split(&settlement.locator.0).ok_or(Errno::INVAL)?;
        let lies = self.look(from, settlement)?;
        let settled = match lies {
            Lies::Ours(found) => self.finish(settlement, &found, original)?,
            other => match (self.already(settlement)?, other) {
                (Some(already), _) => already,
                (None, Lies::Nothing) => Settled::Vanished,
                (None, _) => Settled::Superseded,
            },
        };
        if settled != Settled::Superseded {
            self.remove_sidecars(from)?;
        }
        Ok(settled)
    }

    fn look<'a>(
        &mut self,
        (folder, name): Place<'a>,
        settlement: &Settlement,
    ) -> Result<Lies<'a>, Errno> {
        let stat = match self.folders.existing(folder)? {
            Some(opened) => folder::look(opened, name)?,
            None => None,
        };
        Ok(match stat {
            Some(stat) if is_version(&stat, settlement) => Lies::Ours(Found { folder, name, stat }),
            Some(_) => Lies::Other,
            None => Lies::Nothing,
        })
    }

    fn finish(
        &mut self,
        settlement: &Settlement,
        found: &Found<'_>,
        original: Place<'_>,
    ) -> Result<Settled, Errno> {
        if self.is_deleted(settlement) {
            self.delete(settlement, found)
        } else {
            self.put_away(settlement, found, original)
        }
    }

    /// Whether the source deletes such an arrival.
    fn is_deleted(&self, settlement: &Settlement) -> bool {
        self.inner.pickup.after == After::Delete && settlement.verdict == Verdict::Done
    }

    fn rename(&mut self, from: Place<'_>, to: Place<'_>) -> Result<(), Errno> {
        self.folders.made(to.0)?;
        self.folders.existing(from.0)?.ok_or(Errno::NOENT)?;
        let (source, target) = self.folders.both(from.0, to.0);
        folder::rename(source, from.1, target, to.1)?;
        self.folders.changed(from.0);
        self.folders.changed(to.0);
        Ok(())
    }

    /// The folder for this verdict on the day `at`, with the sub-folder that the file came from.
    fn target(&self, verdict: Verdict, folder: &[u8], at: Millis) -> Result<Vec<u8>, Errno> {
        let target = self.inner.targets.at(verdict, at);
        let mut target = target.map_err(|_| Errno::INVAL)?;
        if !folder.is_empty() {
            target.push(b'/');
            target.extend_from_slice(folder);
        }
        Ok(target)
    }
}

/// Whether it is the version that was processed.
fn is_version(stat: &Stat, settlement: &Settlement) -> bool {
    folder::is_file(stat) && folder::version(stat) == settlement.version
}

/// Whether it is the same file, unchanged. The change time is left out: the rename sets it.
fn is_same(one: &Stat, other: &Stat) -> bool {
    (one.st_dev, one.st_ino) == (other.st_dev, other.st_ino)
        && folder::version(one) == folder::version(other)
}

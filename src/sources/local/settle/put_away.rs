//! The move itself: never over another file, never of another version than the one processed.

use std::ffi::OsStr;

use rustix::io::Errno;

use super::{Found, Mover, Place, folder, is_same};
use crate::arrival::{Locator, Settled, Verdict};
use crate::limits;
use crate::sources::{Settlement, names};

impl Mover<'_> {
    /// Moves `found` to where its verdict says, under the name it came with or the next free one.
    pub(super) fn put_away(
        &mut self,
        settlement: &Settlement,
        found: &Found<'_>,
        (folder, name): Place<'_>,
    ) -> Result<Settled, Errno> {
        let target = self.target(settlement.verdict, folder, self.now)?;
        self.folders.made(&target)?;
        // The rename itself refuses a taken name; what is laid there before it must know sooner.
        let company = settlement.verdict == Verdict::Error || self.inner.filter.wants_markers();
        for n in 0..limits::UNIQUE_NAMES {
            let new_name = names::unique_name(name, settlement.arrival.0, n);
            if company && self.is_taken(&target, &new_name)? {
                continue;
            }
            match self.move_with_sidecars(settlement, found, (&target, &new_name)) {
                Err(Errno::EXIST) => {}
                result => return result,
            }
        }
        Err(Errno::EXIST)
    }

    fn is_taken(&mut self, folder: &[u8], name: &OsStr) -> Result<bool, Errno> {
        let opened = self.folders.existing(folder)?.ok_or(Errno::NOENT)?;
        Ok(folder::look(opened, name)?.is_some())
    }

    /// Sidecars first: a rejected file must not lie in error for a moment without its reason.
    fn move_with_sidecars(
        &mut self,
        settlement: &Settlement,
        found: &Found<'_>,
        to: Place<'_>,
    ) -> Result<Settled, Errno> {
        let written = match settlement.verdict {
            Verdict::Error => self.lay_sidecars(&settlement.sidecars, found, to)?,
            Verdict::Done => Vec::new(),
        };
        let result = self.move_verified(settlement, found, to);
        if !matches!(result, Ok(Settled::Moved(_))) {
            let opened = self.folders.made(to.0)?;
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
        to: Place<'_>,
    ) -> Result<Settled, Errno> {
        // The marker goes first: left behind, it would announce the next file of this name before
        // that is whole.
        self.move_marker(found, to)?;
        if let Err(errno) = self.rename((found.folder, found.name), to) {
            self.return_marker(found, to);
            // Taken away between the look and the rename: the next try tells what happened.
            return if errno == Errno::NOENT {
                Ok(Settled::Vanished)
            } else {
                Err(errno)
            };
        }
        let (target, new_name): (&[u8], &OsStr) = to;
        let opened = self.folders.made(target)?;
        let moved = folder::look(opened, new_name)?;
        if moved.is_some_and(|stat| is_same(&stat, &found.stat)) {
            let path = names::joined(target, new_name);
            return Ok(Settled::Moved(Locator(path)));
        }
        self.return_marker(found, to);
        self.put_back(settlement, found, to)
    }

    /// Somebody laid another version in its place between our look and our rename: it goes back to
    /// where it came from, or beside it if there is a third by now, and is an arrival of its own.
    pub(super) fn put_back(
        &mut self,
        settlement: &Settlement,
        found: &Found<'_>,
        from: Place<'_>,
    ) -> Result<Settled, Errno> {
        for n in 0..limits::UNIQUE_NAMES {
            let name = names::unique_name(found.name, settlement.arrival.0, n);
            match self.rename(from, (found.folder, &name)) {
                Ok(()) | Err(Errno::NOENT) => return Ok(Settled::Superseded),
                Err(Errno::EXIST) => {}
                Err(errno) => return Err(errno),
            }
        }
        Err(Errno::EXIST)
    }
}

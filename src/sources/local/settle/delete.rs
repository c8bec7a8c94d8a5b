//! `after = "delete"`: what was accepted is removed.

use std::ffi::OsString;

use rustix::fs::{AtFlags, unlinkat};
use rustix::io::Errno;

use super::{Found, Mover, folder, is_same};
use crate::arrival::Settled;
use crate::sources::Settlement;

impl Mover<'_> {
    /// Deletes what was accepted. By way of a name of ours, so that a version that was laid there
    /// after our look is not deleted with it.
    pub(super) fn delete(
        &mut self,
        settlement: &Settlement,
        found: &Found<'_>,
    ) -> Result<Settled, Errno> {
        let aside = aside(settlement);
        let marker = self.marker_of(found.name);
        self.rename((found.folder, found.name), (found.folder, &aside))?;
        let Some(opened) = self.folders.existing(found.folder)? else {
            return Ok(Settled::Vanished);
        };
        let moved = folder::look(opened, &aside)?;
        if !moved.is_some_and(|stat| is_same(&stat, &found.stat)) {
            return self.put_back(settlement, found, (found.folder, &aside));
        }
        unlinkat(opened, &aside, AtFlags::empty())?;
        if let Some(marker) = marker {
            folder::remove_quietly(opened, &marker);
        }
        Ok(Settled::Finished)
    }

    /// The file is not where it lay: removes what a deletion that was cut short had set aside. What
    /// is gone is what was wanted, whoever removed it.
    pub(super) fn deleted_before(
        &mut self,
        settlement: &Settlement,
        folder: &[u8],
        missing: Settled,
    ) -> Result<Settled, Errno> {
        let aside = aside(settlement);
        if let Some(opened) = self.folders.existing(folder)?
            && let Some(stat) = folder::look(opened, &aside)?
            && folder::version(&stat) == settlement.version
        {
            unlinkat(opened, &aside, AtFlags::empty())?;
            self.folders.changed(folder);
            return Ok(Settled::Finished);
        }
        Ok(match missing {
            Settled::Vanished => Settled::Finished,
            other => other,
        })
    }
}

/// The name under which a file waits to be deleted.
fn aside(settlement: &Settlement) -> OsString {
    OsString::from(format!(".orderdock-delete-{}", settlement.arrival))
}

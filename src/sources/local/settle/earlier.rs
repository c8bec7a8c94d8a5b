//! What an earlier try did of which we have no record.
//!
//! No row is written before a move: whenever a file is not where it lay, done and error are looked
//! through for it. It lies there under its own name or one made unique for this arrival, with its
//! size and time.

use std::ffi::{OsStr, OsString};
use std::time::Duration;

use rustix::io::Errno;

use super::{Mover, is_version};
use crate::arrival::{Locator, Settled, Verdict};
use crate::limits;
use crate::names;
use crate::sources::Settlement;

impl Mover<'_> {
    /// Where an earlier try put it, if its verdict is the same.
    pub(super) fn already(&mut self, settlement: &Settlement) -> Result<Option<Settled>, Errno> {
        let Some((target, name)) = self.earlier(settlement, settlement.verdict)? else {
            return Ok(None);
        };
        // The earlier try may have ended before its fsync.
        let (folder, _) = names::split(&settlement.locator.0).ok_or(Errno::INVAL)?;
        self.folders.changed(&target);
        self.folders.changed(folder);
        let path = names::joined(&target, &name);
        Ok(Some(Settled::Already(Locator(path))))
    }

    /// Folder and name under which an earlier try with `verdict` put it. Dated folders are searched
    /// back hour by hour and then day by day, over [`limits::SETTLED_DAYS`].
    pub(super) fn earlier(
        &mut self,
        settlement: &Settlement,
        verdict: Verdict,
    ) -> Result<Option<(Vec<u8>, OsString)>, Errno> {
        let (folder, name) = names::split(&settlement.locator.0).ok_or(Errno::INVAL)?;
        let days = (2..limits::SETTLED_DAYS).map(|day| day * 24);
        let mut searched = Vec::new();
        for hours in (0..48).chain(days) {
            let at = self.now.before(Duration::from_hours(1) * hours);
            let target = self.target(verdict, folder, at)?;
            if searched.contains(&target) {
                continue;
            }
            if let Some(name) = self.lies_in(&target, name, settlement)? {
                return Ok(Some((target, name)));
            }
            searched.push(target);
        }
        Ok(None)
    }

    /// The name under which it lies in `target`. Those made unique for this arrival come first:
    /// under its own name there may be an older twin, taken in before.
    fn lies_in(
        &mut self,
        target: &[u8],
        name: &OsStr,
        settlement: &Settlement,
    ) -> Result<Option<OsString>, Errno> {
        let Some(opened) = self.folders.existing(target)? else {
            return Ok(None);
        };
        for n in 1..limits::UNIQUE_NAMES {
            let tried = names::unique_name(name, settlement.arrival.0, n);
            match super::folder::look(opened, &tried)? {
                Some(stat) if is_version(&stat, settlement) => return Ok(Some(tried)),
                // These names are taken in turn: behind the first free one there is only its own.
                None => break,
                Some(_) => {}
            }
        }
        let stat = super::folder::look(opened, name)?;
        let own = stat.is_some_and(|stat| is_version(&stat, settlement));
        Ok(own.then(|| name.to_owned()))
    }
}

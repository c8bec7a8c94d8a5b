//! What an earlier try did of which we have no record.
//!
//! No row is written before a move: whenever a file is not where it lay, done and error are looked
//! through for it. It lies there under its own name or one made unique for this arrival, with its
//! size and time.

use std::time::Duration;

use super::hands::Place;
use super::{Lies, Mover, original};
use crate::arrival::{Locator, Settled, Verdict};
use crate::failure::Failure;
use crate::limits;
use crate::names;
use crate::sources::Settlement;

impl Mover<'_> {
    /// Where an earlier try put it, if its verdict is the same. A rejected file whose move was
    /// carried out after that try had given it up lies there without its reason: it gets it now.
    pub(super) async fn already(
        &mut self,
        settlement: &Settlement,
    ) -> Result<Option<Settled>, Failure> {
        let Some(place) = self.earlier(settlement, settlement.verdict).await? else {
            return Ok(None);
        };
        if settlement.verdict == Verdict::Error {
            self.lay_sidecars(&settlement.sidecars, &place).await;
        }
        Ok(Some(Settled::Already(Locator(place.path()))))
    }

    /// Where an earlier try with `verdict` put it. Dated folders are searched back hour by hour and
    /// then day by day, over [`limits::SETTLED_DAYS`].
    pub(super) async fn earlier(
        &mut self,
        settlement: &Settlement,
        verdict: Verdict,
    ) -> Result<Option<Place>, Failure> {
        let original = original(settlement)?;
        let days = (2..limits::SETTLED_DAYS).map(|day| day * 24);
        let mut searched = Vec::new();
        for hours in (0..48).chain(days) {
            let at = self.hands.now.before(Duration::from_hours(1) * hours);
            let target = self.target(verdict, &original.folder, at)?;
            if searched.contains(&target) {
                continue;
            }
            let place = Place::new(target.clone(), &original.name);
            if let Some(found) = self.lies_at(&place, settlement).await? {
                return Ok(Some(found));
            }
            searched.push(target);
        }
        Ok(None)
    }

    /// Where a server put it that carries out what it got of a rename when the line broke within it, as
    /// proftpd does: under the beginning of the path that it was to have.
    pub(super) async fn cut_short(
        &mut self,
        settlement: &Settlement,
    ) -> Result<Option<Place>, Failure> {
        let original = original(settlement)?;
        for verdict in [Verdict::Done, Verdict::Error] {
            let target = self.target(verdict, &original.folder, self.hands.now)?;
            // Its own name, or the first one made unique where that was taken.
            for n in 0..2 {
                let name = names::unique_name(&original.name, settlement.arrival.0, n);
                let path = self.inner.path(&names::joined(&target, &name));
                let said = self.hands.session().await?.said_in_the_clear(&path);
                let Some(path) = said else {
                    return Ok(None);
                };
                for place in (1..path.len())
                    .rev()
                    .filter_map(|end| beginning(&path, end))
                {
                    if self.look(&place, settlement).await? == Lies::Ours {
                        return Ok(Some(place));
                    }
                }
            }
        }
        Ok(None)
    }

    /// Where it lies in the folder of `place`. Names made unique for this arrival come first: under
    /// its own name there may be an older twin, taken in before.
    async fn lies_at(
        &mut self,
        place: &Place,
        settlement: &Settlement,
    ) -> Result<Option<Place>, Failure> {
        for n in 1..limits::UNIQUE_NAMES {
            let name = names::unique_name(&place.name, settlement.arrival.0, n);
            let tried = place.beside(&name);
            match self.look(&tried, settlement).await? {
                Lies::Ours => return Ok(Some(tried)),
                // These names are taken in turn: behind the first free one there is only its own.
                Lies::Nothing => break,
                Lies::Other => {}
            }
        }
        let own = self.look(place, settlement).await? == Lies::Ours;
        Ok(own.then(|| place.clone()))
    }
}

/// The place that the first `end` bytes of `path` are; `None` where they name none.
fn beginning(path: &[u8], end: usize) -> Option<Place> {
    let path = path.get(..end)?;
    let (folder, name) = match path.iter().rposition(|byte| *byte == b'/') {
        Some(0) => path.split_at_checked(1)?,
        Some(slash) => (path.get(..slash)?, path.get(slash + 1..)?),
        None => (&b""[..], path),
    };
    Some(Place::new(folder.to_vec(), names::safe_component(name)?))
}

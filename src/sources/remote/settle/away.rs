//! The move itself, and the deletion: never over another file, never of another version than the
//! one that was processed.

use std::ffi::OsString;

use super::hands::{Place, Renamed};
use super::{Lies, Mover};
use crate::arrival::{Locator, Settled, Verdict};
use crate::clock::Millis;
use crate::failure::Failure;
use crate::limits;
use crate::names;
use crate::sources::Settlement;

impl Mover<'_> {
    /// The folder for this verdict on the day `at`, with the sub-folder that the file came from.
    pub(super) fn target(
        &self,
        verdict: Verdict,
        folder: &[u8],
        at: Millis,
    ) -> Result<Vec<u8>, Failure> {
        let during = || format!("finding the folder for {}", verdict.as_str());
        let target = self.inner.targets.at(verdict, at);
        let mut target = target.map_err(|message| Failure::operator(during(), message))?;
        if !folder.is_empty() {
            target.push(b'/');
            target.extend_from_slice(folder);
        }
        Ok(target)
    }

    /// Moves what lies at `from` to where its verdict says, under the name it came with or the next
    /// free one.
    pub(super) async fn put_away(
        &mut self,
        settlement: &Settlement,
        from: &Place,
        original: &Place,
    ) -> Result<Settled, Failure> {
        let target = self.target(settlement.verdict, &original.folder, self.hands.now)?;
        self.hands.make(&target).await?;
        for n in 0..limits::UNIQUE_NAMES {
            let name = names::unique_name(&original.name, settlement.arrival.0, n);
            let to = Place::new(target.clone(), &name);
            if self.hands.stat(&to).await?.is_some() {
                continue;
            }
            if let Some(settled) = self.move_with_sidecars(settlement, from, &to).await? {
                return Ok(settled);
            }
        }
        Err(no_free_name(settlement))
    }

    /// Sidecars first: a rejected file must not lie in error for a moment without its reason. `None`
    /// if the name was taken in between.
    async fn move_with_sidecars(
        &mut self,
        settlement: &Settlement,
        from: &Place,
        to: &Place,
    ) -> Result<Option<Settled>, Failure> {
        let written = match settlement.verdict {
            Verdict::Error => self.lay_sidecars(&settlement.sidecars, to).await,
            Verdict::Done => Vec::new(),
        };
        let moved = self.move_verified(settlement, from, to).await;
        if !matches!(moved, Ok(Some(Settled::Moved(_)))) {
            for sidecar in &written {
                self.hands.remove_quietly(sidecar).await;
            }
        }
        moved
    }

    async fn move_verified(
        &mut self,
        settlement: &Settlement,
        from: &Place,
        to: &Place,
    ) -> Result<Option<Settled>, Failure> {
        // The marker goes first: left behind, it would announce the next file of this name before
        // that is whole.
        self.move_marker(from, to).await?;
        let renamed = self.hands.rename(from, to, Some(settlement.version)).await;
        if !matches!(renamed, Ok(Renamed::Done)) {
            self.return_marker(from, to).await;
        }
        match renamed? {
            Renamed::Done => {}
            // Taken away between the look and the rename: `settle` looks where it may be.
            Renamed::Missing => return Ok(Some(Settled::Vanished)),
            Renamed::Taken => return Ok(None),
        }
        match self.look(to, settlement).await? {
            Lies::Ours => Ok(Some(Settled::Moved(Locator(to.path())))),
            Lies::Nothing => Err(Failure::temporary(
                format!(
                    "moving {} to {}",
                    settlement.locator,
                    settlement.verdict.as_str()
                ),
                "the server said that it was moved, and it does not lie there",
            )),
            Lies::Other => {
                self.return_marker(from, to).await;
                self.put_back(settlement, from, to).await.map(Some)
            }
        }
    }

    /// Somebody laid another version in its place between our look and our rename: it goes back to
    /// where it came from, or beside it if there is a third by now, and is an arrival of its own.
    async fn put_back(
        &mut self,
        settlement: &Settlement,
        home: &Place,
        from: &Place,
    ) -> Result<Settled, Failure> {
        for n in 0..limits::UNIQUE_NAMES {
            let name = names::unique_name(&home.name, settlement.arrival.0, n);
            let to = home.beside(&name);
            if self.hands.stat(&to).await?.is_some() {
                continue;
            }
            if self.hands.rename(from, &to, None).await? != Renamed::Taken {
                return Ok(Settled::Superseded);
            }
        }
        Err(no_free_name(settlement))
    }

    /// Deletes what was accepted. By way of a name of ours, so that a version that was laid there
    /// after our look is not deleted with it.
    pub(super) async fn delete(
        &mut self,
        settlement: &Settlement,
        from: &Place,
    ) -> Result<Settled, Failure> {
        let aside = from.beside(&aside(settlement));
        let version = Some(settlement.version);
        match self.hands.rename(from, &aside, version).await? {
            Renamed::Done => {}
            Renamed::Missing => return Ok(Settled::Vanished),
            Renamed::Taken => return Err(no_free_name(settlement)),
        }
        if self.look(&aside, settlement).await? != Lies::Ours {
            return self.put_back(settlement, from, &aside).await;
        }
        self.remove(&aside).await?;
        if let Some(marker) = self.marker_of(&from.name) {
            self.hands.remove_quietly(&from.beside(&marker)).await;
        }
        Ok(Settled::Finished)
    }

    /// The file is not where it lay: removes what a deletion that was cut short had set aside. What
    /// is gone is what was wanted, whoever removed it.
    pub(super) async fn deleted_before(
        &mut self,
        settlement: &Settlement,
        place: &Place,
        missing: Settled,
    ) -> Result<Settled, Failure> {
        let aside = place.beside(&aside(settlement));
        if self.look(&aside, settlement).await? == Lies::Ours {
            self.remove(&aside).await?;
            return Ok(Settled::Finished);
        }
        Ok(match missing {
            Settled::Vanished => Settled::Finished,
            other => other,
        })
    }

    async fn remove(&mut self, place: &Place) -> Result<(), Failure> {
        let path = self.inner.path(&place.path());
        self.hands.session().await?.remove(&path).await
    }
}

/// The name under which a file waits to be deleted.
fn aside(settlement: &Settlement) -> OsString {
    OsString::from(format!(".orderdock-delete-{}", settlement.arrival))
}

fn no_free_name(settlement: &Settlement) -> Failure {
    Failure::operator(
        format!("moving {}", settlement.locator),
        format!(
            "{} names like it are taken where it is to go. Move older files elsewhere, or set a \
             dated folder: done = \"done/%Y-%m\".",
            limits::UNIQUE_NAMES
        ),
    )
}

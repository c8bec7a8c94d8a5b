//! What goes with a file: the marker that announced it, and the sidecars that we lay beside it.

use std::ffi::{OsStr, OsString};

use sha2::{Digest, Sha256};

use super::Mover;
use super::hands::{Place, Renamed};
use crate::failure::Failure;
use crate::names;

impl Mover<'_> {
    pub(super) fn marker_of(&self, name: &OsStr) -> Option<OsString> {
        self.inner.filter.own_marker(name.as_encoded_bytes())
    }

    fn markers(&self, from: &Place, to: &Place) -> Option<(Place, Place)> {
        let (old, new) = (self.marker_of(&from.name)?, self.marker_of(&to.name)?);
        Some((from.beside(&old), to.beside(&new)))
    }

    pub(super) async fn move_marker(&mut self, from: &Place, to: &Place) -> Result<(), Failure> {
        if let Some((old, new)) = self.markers(from, to) {
            // A marker that the sender took back, or one of the same name from before, is no
            // reason to stop.
            if self.hands.stat(&new).await?.is_none() {
                self.hands.rename(&old, &new, None).await?;
            }
        }
        Ok(())
    }

    pub(super) async fn return_marker(&mut self, from: &Place, to: &Place) {
        if let Some((old, new)) = self.markers(from, to)
            && let Err(failure) = self.hands.rename(&new, &old, None).await
        {
            tracing::debug!(%failure, "A marker stays where its file was to go.");
        }
    }

    /// Lays the sidecars of what will lie at `to`; where those lie that could be written. Best effort:
    /// many servers let us read and rename and nothing else.
    pub(super) async fn lay_sidecars(
        &mut self,
        sidecars: &[(String, Vec<u8>)],
        to: &Place,
    ) -> Vec<Place> {
        let mut written = Vec::new();
        for (suffix, bytes) in sidecars {
            let sidecar = to.beside(&names::sidecar_name(&to.name, suffix));
            match self.lay(&sidecar, bytes).await {
                Ok(true) => written.push(sidecar),
                Ok(false) => {}
                Err(failure) => {
                    let file = names::label(to.name.as_encoded_bytes());
                    tracing::warn!(file, %failure, "The report could not be laid beside it.");
                }
            }
        }
        written
    }

    /// Written under a temporary name first: a lost connection must not leave half an explanation.
    async fn lay(&mut self, sidecar: &Place, bytes: &[u8]) -> Result<bool, Failure> {
        if self.hands.stat(sidecar).await?.is_some() {
            return Ok(false);
        }
        // Hashed, because the longest names have no room for anything more.
        let hash = Sha256::digest(sidecar.name.as_encoded_bytes());
        let part = OsString::from(format!(".{}.part", hex::encode(&hash[..8])));
        let part = sidecar.beside(&part);
        self.hands.remove_quietly(&part).await;
        let path = self.inner.path(&part.path());
        let laid = match self.hands.session().await?.write(&path, bytes).await {
            Ok(()) => self.hands.rename(&part, sidecar, None).await,
            Err(failure) => Err(failure),
        };
        if !matches!(laid, Ok(Renamed::Done)) {
            self.hands.remove_quietly(&part).await;
        }
        laid.map(|laid| laid == Renamed::Done)
    }

    pub(super) async fn remove_sidecars(&mut self, place: &Place) -> Result<(), Failure> {
        for suffix in names::SIDECARS {
            let sidecar = place.beside(&names::sidecar_name(&place.name, suffix));
            if self.hands.stat(&sidecar).await?.is_some() {
                self.hands.remove_quietly(&sidecar).await;
            }
        }
        Ok(())
    }
}

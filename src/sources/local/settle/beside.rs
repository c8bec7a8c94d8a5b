//! What goes with a file: the marker that announced it, and the sidecars that we lay beside it.

use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::os::fd::OwnedFd;

use rustix::fs::Stat;
use rustix::io::Errno;

use super::{Found, Mover, Place, folder};
use crate::names;

impl Mover<'_> {
    pub(super) fn marker_of(&self, name: &OsStr) -> Option<OsString> {
        self.inner.filter.own_marker(name.as_encoded_bytes())
    }

    pub(super) fn move_marker(&mut self, found: &Found<'_>, to: Place<'_>) -> Result<(), Errno> {
        let (Some(marker), Some(moved)) = (self.marker_of(found.name), self.marker_of(to.1)) else {
            return Ok(());
        };
        match self.rename((found.folder, &marker), (to.0, &moved)) {
            // A marker that the sender took back, or one of the same name from before.
            Ok(()) | Err(Errno::NOENT | Errno::EXIST) => Ok(()),
            Err(errno) => Err(errno),
        }
    }

    pub(super) fn return_marker(&mut self, found: &Found<'_>, from: Place<'_>) {
        let names = (self.marker_of(found.name), self.marker_of(from.1));
        let (Some(marker), Some(moved)) = names else {
            return;
        };
        if let Err(errno) = self.rename((from.0, &moved), (found.folder, &marker)) {
            tracing::debug!(%errno, "A marker stays where its file was to go.");
        }
    }

    /// Lays the sidecars of what will lie at `to`; the names of those that could be written. Best
    /// effort: a full disk must not keep a file from its place.
    pub(super) fn lay_sidecars(
        &mut self,
        sidecars: &[(String, Vec<u8>)],
        found: &Found<'_>,
        to: Place<'_>,
    ) -> Result<Vec<OsString>, Errno> {
        let mut written = Vec::new();
        let opened = self.folders.made(to.0)?;
        for (suffix, bytes) in sidecars {
            let sidecar = names::sidecar_name(to.1, suffix);
            match write_sidecar(opened, &sidecar, bytes, &found.stat) {
                Ok(()) => written.push(sidecar),
                Err(error) => {
                    let file = names::label(found.name.as_encoded_bytes());
                    tracing::warn!(file, %error, "The report could not be laid beside it.");
                }
            }
        }
        Ok(written)
    }

    pub(super) fn remove_sidecars(&mut self, (folder, name): Place<'_>) -> Result<(), Errno> {
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

/// Whoever may read the file may read what is wrong with it. Written under a temporary name first: a
/// crash in between must not leave an empty explanation that the next try takes for its own.
fn write_sidecar(folder: &OwnedFd, name: &OsStr, bytes: &[u8], like: &Stat) -> std::io::Result<()> {
    // Hashed, because the longest names have no room for anything more.
    let part = OsString::from(format!(".{:016x}.part", hash(name)));
    folder::remove_quietly(folder, &part);
    let file = folder::create_new(folder, &part)?;
    folder::adopt(&file, like);
    let laid = std::fs::File::from(file)
        .write_all(bytes)
        .and_then(|()| Ok(folder::rename(folder, &part, folder, name)?));
    if laid.is_err() {
        folder::remove_quietly(folder, &part);
    }
    laid
}

fn hash(name: &OsStr) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    hasher.finish()
}

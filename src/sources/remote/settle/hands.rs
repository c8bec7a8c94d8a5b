//! One session for the closing moves, replaced when it breaks, and what it may do.

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};

use super::super::Inner;
use crate::arrival::Version;
use crate::clients::{Item, Lent, RenameFault, Session, shown};
use crate::clock::{self, Millis};
use crate::failure::Failure;
use crate::names;
use crate::sources::target::beneath;

/// Folder (relative to the source, or whole) and name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::sources::remote) struct Place {
    pub(in crate::sources::remote) folder: Vec<u8>,
    pub(in crate::sources::remote) name: OsString,
}

impl Place {
    pub(in crate::sources::remote) fn new(folder: Vec<u8>, name: &OsStr) -> Self {
        let name = name.to_owned();
        Self { folder, name }
    }

    /// The folder and the name as one.
    pub(in crate::sources::remote) fn path(&self) -> Vec<u8> {
        names::joined(&self.folder, &self.name)
    }

    /// Another name in the same folder.
    pub(in crate::sources::remote) fn beside(&self, name: &OsStr) -> Self {
        Self::new(self.folder.clone(), name)
    }
}

/// What came of a rename.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sources::remote) enum Renamed {
    Done,
    /// Nothing lies at the old name.
    Missing,
    /// Something lies at the new name.
    Taken,
}

pub(in crate::sources::remote) struct Hands<'a> {
    inner: &'a Inner,
    lent: Option<Lent>,
    /// Why no session can be had: asked for once in a batch, not once for each file.
    down: Option<Failure>,
    made: HashSet<Vec<u8>>,
    pub(in crate::sources::remote) now: Millis,
}

impl<'a> Hands<'a> {
    pub(in crate::sources::remote) fn new(inner: &'a Inner) -> Self {
        Self {
            inner,
            lent: None,
            down: None,
            made: HashSet::new(),
            now: clock::now(),
        }
    }

    /// Keeps the session, which is fresh, for the next look.
    pub(in crate::sources::remote) fn let_go(&mut self) {
        if let Some(lent) = self.lent.take() {
            self.inner.pool.give_back(lent);
        }
    }

    pub(in crate::sources::remote) async fn session(
        &mut self,
    ) -> Result<&mut dyn Session, Failure> {
        if let Some(failure) = &self.down {
            return Err(failure.clone());
        }
        let standing = self.lent.take().filter(|lent| lent.session.is_open());
        let lent = match standing {
            Some(lent) => lent,
            None => match self.inner.pool.fresh().await {
                Ok(lent) => lent,
                Err(failure) => {
                    self.down = Some(failure.clone());
                    return Err(failure);
                }
            },
        };
        Ok(&mut *self.lent.insert(lent).session)
    }

    /// What lies there. Asked again where a session broke over the first question.
    pub(in crate::sources::remote) async fn stat(
        &mut self,
        place: &Place,
    ) -> Result<Option<Item>, Failure> {
        let path = self.inner.path(&place.path());
        let session = self.session().await?;
        match session.stat(&path).await {
            Err(_) if !session.is_open() => self.session().await?.stat(&path).await,
            answer => answer,
        }
    }

    /// Renames what is of this version. Where the answer was lost, or says nothing but no, both
    /// names tell what happened.
    pub(in crate::sources::remote) async fn rename(
        &mut self,
        from: &Place,
        to: &Place,
        version: Option<Version>,
    ) -> Result<Renamed, Failure> {
        let paths = [from, to].map(|place| self.inner.path(&place.path()));
        let [old, new] = &paths;
        let failure = match self.session().await?.rename(old, new).await {
            Ok(()) => return Ok(Renamed::Done),
            Err(RenameFault::Missing) => return Ok(Renamed::Missing),
            Err(RenameFault::Taken) => return Ok(Renamed::Taken),
            Err(RenameFault::Failed(failure)) => failure,
        };
        // A server may carry it out only now, between these looks: the old name first, because what
        // has left it by then lies at the new one.
        let is_ours = |item: &Item| version.is_none() || item.version() == version;
        let here = self.stat(from).await?;
        match (here, self.stat(to).await?) {
            (None, Some(item)) if is_ours(&item) => Ok(Renamed::Done),
            (None, _) => Ok(Renamed::Missing),
            (Some(_), None) => Err(self.refused(to, failure)),
            (Some(_), Some(item)) => match self.stat(from).await? {
                None if is_ours(&item) => Ok(Renamed::Done),
                None => Ok(Renamed::Missing),
                Some(_) => Ok(Renamed::Taken),
            },
        }
    }

    /// The reason, with what the operator can do about it.
    fn refused(&self, to: &Place, failure: Failure) -> Failure {
        if failure.is_temporary() {
            return failure;
        }
        let folder = shown(&self.inner.path(&to.folder));
        let message = format!(
            "{}. The move is tried again; nothing is delivered twice meanwhile. Ask for the right to \
             rename into {folder}, or set after = \"leave\".",
            failure.message.trim_end_matches('.')
        );
        Failure { message, ..failure }
    }

    /// Removes a file of ours; one that cannot be removed is only told to the log.
    pub(in crate::sources::remote) async fn remove_quietly(&mut self, place: &Place) {
        let path = self.inner.path(&place.path());
        let removed = match self.session().await {
            Ok(session) => session.remove(&path).await,
            Err(failure) => Err(failure),
        };
        if let Err(failure) = removed {
            let file = shown(&path);
            tracing::debug!(file, %failure, "A file of ours could not be removed.");
        }
    }

    /// Makes a folder with those that lead to it: beneath the source, or beneath the operator's own.
    /// Not those above that: a path with a mistake in it must not become folders.
    pub(in crate::sources::remote) async fn make(&mut self, folder: &[u8]) -> Result<(), Failure> {
        if folder.is_empty() || self.made.contains(folder) {
            return Ok(());
        }
        let path = self.inner.path(folder);
        let session = self.session().await?;
        if session.make_folder(&path).await.is_err() {
            for part in self.leading_to(folder) {
                let path = self.inner.path(&part);
                self.session().await?.make_folder(&path).await?;
            }
        }
        self.made.insert(folder.to_vec());
        Ok(())
    }

    /// The folders on the way to `folder`, the outermost first.
    fn leading_to(&self, folder: &[u8]) -> Vec<Vec<u8>> {
        let bases = self.inner.targets.bases();
        let holds = |base: &&Vec<u8>| base.as_slice() == folder || beneath(base, folder).is_some();
        let base = bases.iter().filter(holds).map(Vec::len).max().unwrap_or(0);
        let ends = (1..folder.len()).filter(|at| folder[*at] == b'/' && *at >= base);
        ends.chain([folder.len()])
            .map(|end| folder[..end].to_vec())
            .collect()
    }
}

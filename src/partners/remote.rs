//! A folder on a file server (SFTP, FTP, FTPS) that a partner takes files from.
//!
//! Promises: a file appears under its name whole or not at all, written under a temporary name and
//! renamed once it is all there; never over another file; looked at afterwards. Nothing is ever
//! executed there. Servers have no rename that never replaces: between our look and our rename
//! somebody may lay another file under the very same name, which our key makes nobody do.

use async_trait::async_trait;
use tokio::sync::mpsc;

use super::file::{Laid, Place, lies, temporary};
use super::{Found, Outcome};
use crate::arrival::ArrivalId;
use crate::clients::{
    Item, Lent, Piece, Pool, RenameFault, Server, Session, Wanted, shown, within,
};
use crate::failure::{Failure, Turn};
use crate::limits;

/// One folder on one account.
pub struct RemoteFolder {
    pool: Pool,
    during: String,
    root: Vec<u8>,
    /// Made where it is missing: one in a source's own place.
    made: bool,
}

impl RemoteFolder {
    /// The folder `root` of what `name` names.
    #[must_use]
    pub fn new(name: &str, server: Box<dyn Server>, root: Vec<u8>, connections: usize) -> Self {
        Self {
            during: format!("writing to the folder of “{name}”"),
            pool: Pool::new(server, connections),
            root,
            made: false,
        }
    }

    /// The same, made in the folder above it where it is missing.
    #[must_use]
    pub fn made(self) -> Self {
        Self { made: true, ..self }
    }

    fn path(&self, name: &str) -> Vec<u8> {
        within(&self.root, name.as_bytes())
    }

    /// A failure with the place it happened at, as the lane takes it.
    fn outcome(&self, failure: &Failure) -> Outcome {
        let failure = Failure {
            message: format!("{} ({})", failure.message, failure.during),
            during: self.during.clone(),
            ..*failure
        };
        if failure.is_temporary() || failure.turn == Turn::Ours {
            return Outcome::Later {
                after: None,
                failure,
                destination: true,
            };
        }
        Outcome::Denied(failure)
    }

    /// Lays the file down in one session; `false` where another file has its name.
    async fn put(&self, session: &mut dyn Session, file: &Laid) -> Result<bool, Failure> {
        let path = self.path(&file.name);
        match self.lies_there(session, file).await? {
            Lies::Ours => return Ok(true),
            Lies::Other => return Ok(false),
            Lies::Nothing => {}
        }
        if self.made && session.stat(&within(&self.root, b"")).await?.is_none() {
            session.make_folder(&within(&self.root, b"")).await?;
        }
        let part = self.path(&temporary(&file.name));
        // What a crash or a lost connection left of an earlier try.
        session.remove(&part).await?;
        session.write(&part, &file.bytes).await?;
        let whole = |item: &Item| item.size.is_none_or(|size| size == file.bytes.len() as u64);
        if !session.stat(&part).await?.as_ref().is_some_and(whole) {
            return Err(self.wrong("the server has fewer or more bytes than were sent"));
        }
        match session.rename(&part, &path).await {
            Ok(()) => {}
            Err(RenameFault::Missing) => {
                return Err(self.wrong("it was taken away while it was written"));
            }
            Err(RenameFault::Taken) => {
                session.remove(&part).await?;
                return Ok(false);
            }
            Err(RenameFault::Failed(failure)) => return Err(failure),
        }
        match session.stat(&path).await? {
            Some(item) if whole(&item) => Ok(true),
            // The partner was quick to take it: a rename that the server answered for has happened.
            None => Ok(true),
            Some(_) => Err(self.wrong("another file lies there after the rename")),
        }
    }

    fn wrong(&self, message: &str) -> Failure {
        Failure::temporary(&self.during, message)
    }

    /// Another file under this name says nothing about the next one.
    fn taken(&self, name: &str) -> Outcome {
        let message = format!("there is another file at {}", shown(&self.path(name)));
        Outcome::Later {
            after: None,
            failure: Failure::temporary(&self.during, message),
            destination: false,
        }
    }

    /// What lies at the file's name.
    async fn lies_there(&self, session: &mut dyn Session, file: &Laid) -> Result<Lies, Failure> {
        let path = self.path(&file.name);
        let Some(item) = session.stat(&path).await? else {
            return Ok(Lies::Nothing);
        };
        let Some(version) = item.version() else {
            return Ok(Lies::Other);
        };
        if version.size != file.bytes.len() as u64 || version.size > limits::READ_BACK_BYTES {
            return Ok(Lies::Other);
        }
        let mut wanted = vec![Wanted {
            arrival: ArrivalId(0),
            path,
            version,
            begun: false,
        }];
        let (pieces, mut told) = mpsc::channel(limits::REMOTE_PIECES);
        let reading = async {
            let read = session.fetch(&mut wanted, &pieces).await;
            drop(pieces);
            read
        };
        let comparing = async {
            let mut rest = &file.bytes[..];
            let mut lies = Lies::Other;
            while let Some(piece) = told.recv().await {
                match piece {
                    Piece::Bytes(_, bytes) => match rest.strip_prefix(&bytes[..]) {
                        Some(more) => rest = more,
                        None => return Lies::Other,
                    },
                    Piece::Complete(_) if rest.is_empty() => lies = Lies::Ours,
                    Piece::Gone(_) => lies = Lies::Nothing,
                    Piece::Complete(_) | Piece::Failed(..) => {}
                }
            }
            lies
        };
        let (read, lies) = tokio::join!(reading, comparing);
        read.map(|()| lies)
    }

    /// One session for `work`; a kept one that turns out dead is replaced once.
    async fn session(&self) -> Result<Lent, Failure> {
        self.pool.any().await
    }
}

/// What lies under a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lies {
    Nothing,
    Ours,
    Other,
}

#[async_trait]
impl Place for RemoteFolder {
    async fn lay(&self, file: &Laid) -> Outcome {
        let mut lent = match self.session().await {
            Ok(lent) => lent,
            Err(failure) => return self.outcome(&failure),
        };
        let mut put = self.put(&mut *lent.session, file).await;
        if put.is_err() && self.pool.was_stale(&lent) {
            lent = match self.pool.fresh().await {
                Ok(lent) => lent,
                Err(failure) => return self.outcome(&failure),
            };
            put = self.put(&mut *lent.session, file).await;
        }
        self.pool.give_back(lent);
        match put {
            Ok(true) => Outcome::Accepted(lies(&file.name)),
            Ok(false) => self.taken(&file.name),
            // Laying it again finds what was laid: no outcome here is unknown for long.
            Err(failure) => self.outcome(&failure),
        }
    }

    async fn find(&self, file: &Laid) -> Option<Found> {
        let mut lent = match self.pool.fresh().await {
            Ok(lent) => lent,
            Err(failure) => return Some(Found::Unclear(self.outcome(&failure))),
        };
        let there = self.lies_there(&mut *lent.session, file).await;
        self.pool.give_back(lent);
        Some(match there {
            Ok(Lies::Ours) => Found::There(lies(&file.name)),
            Ok(Lies::Nothing | Lies::Other) => Found::NotThere,
            Err(failure) => Found::Unclear(self.outcome(&failure)),
        })
    }

    /// Writes an empty file under a temporary name and takes it away again.
    async fn probe(&self) -> Result<(), Failure> {
        let mut lent = self.pool.fresh().await?;
        let session = &mut *lent.session;
        let path = self.path(&format!(".orderdock-{}.part", std::process::id()));
        let folder = within(&self.root, b"");
        if self.made && session.stat(&folder).await?.is_none() {
            session.make_folder(&folder).await?;
        }
        session.remove(&path).await?;
        session.write(&path, b"").await?;
        session.remove(&path).await?;
        self.pool.give_back(lent);
        Ok(())
    }

    fn knows_its_own(&self) -> bool {
        true
    }
}

//! A file server and one session with it: what a protocol has to bring.

use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::mpsc;

use crate::arrival::{ArrivalId, Version};
use crate::clients::Piece;
use crate::failure::Failure;
use crate::limits;
use crate::names;

/// What a name on a server is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemKind {
    /// A plain file.
    File,
    /// A folder.
    Folder,
    /// A link, device or something the server does not tell: never taken.
    Other,
}

/// One name as a server shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The last part of its path.
    pub name: Vec<u8>,
    /// What it is.
    pub kind: ItemKind,
    /// Bytes; `None` where the server does not tell.
    pub size: Option<u64>,
    /// Nanoseconds since 1970 as the server tells it, at whatever resolution it has.
    pub modified: Option<i64>,
}

/// Why a rename did not happen.
#[derive(Debug)]
pub enum RenameFault {
    /// Nothing lies at the old name.
    Missing,
    /// Something lies at the new name already.
    Taken,
    /// Another failure; the rename may have happened where the session broke.
    Failed(Failure),
}

/// How a read ended.
#[derive(Debug)]
pub enum Read {
    /// To its end, and the server said that it was complete; so many bytes.
    Whole(u64),
    /// Nothing lies there.
    Missing,
    /// The receiver wanted no more.
    Dropped,
}

impl Item {
    /// Its version, where it is a file. A server that tells no time tells versions by their size.
    #[must_use]
    pub fn version(&self) -> Option<Version> {
        let size = self.size.filter(|_| self.kind == ItemKind::File)?;
        Some(Version {
            size,
            modified: self.modified.unwrap_or(0),
        })
    }
}

/// A file to be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Which arrival it is.
    pub arrival: ArrivalId,
    /// Its whole path on the server.
    pub path: Vec<u8>,
    /// The version that was listed; no other is to be sent.
    pub version: Version,
    /// Whether some of its bytes were sent already, so that it cannot be begun anew.
    pub begun: bool,
}

/// A file server with its address and credentials.
#[async_trait]
pub trait Server: Send + Sync {
    /// Connects, proves the server's identity, logs in. Bounded in time.
    ///
    /// # Errors
    /// Temporary for the network; the operator's for credentials and identity.
    async fn connect(&self) -> Result<Box<dyn Session>, Failure>;

    /// What is spoken and where, in words for `status` ("by SFTP at sftp.acme.example").
    fn words(&self) -> String;
}

/// One session. Every call is bounded in time; after a failure that broke the session every later
/// call fails too, and the caller connects anew.
#[async_trait]
pub trait Session: Send {
    /// The items of a folder, at most `limit` of them; `true` if there were more.
    async fn list(&mut self, folder: &[u8], limit: usize) -> Result<(Vec<Item>, bool), Failure>;

    /// How `path` is said in commands, if a command that the line breaks off may be carried out as far
    /// as it came: in FTP without TLS one ends at its line end, and some servers take the end of the
    /// line for one. `None` where a command arrives whole or not at all.
    fn said_in_the_clear(&self, path: &[u8]) -> Option<Vec<u8>> {
        let _ = path;
        None
    }

    /// What lies at `path`, a link in its last part not followed; `None` for nothing. Tells the same
    /// size and time of a file as [`Session::list`].
    async fn stat(&mut self, path: &[u8]) -> Result<Option<Item>, Failure>;

    /// Sends files as pieces, each ended with `Complete`, `Gone` or `Failed` and then taken off
    /// `wanted`; pieces of several files may be mixed, those of one are in order. Each is read to its
    /// end, and its version is looked at before and after. Returns early, without a failure, if the
    /// receiver is dropped.
    ///
    /// # Errors
    /// The session broke: what is still in `wanted` was not ended. `begun` tells of which of those
    /// pieces were sent.
    async fn fetch(
        &mut self,
        wanted: &mut Vec<Wanted>,
        pieces: &mpsc::Sender<Piece>,
    ) -> Result<(), Failure>;

    /// Renames without overwriting, as far as the server lets one ask for that: the caller has looked
    /// whether the new name is free and looks again afterwards.
    async fn rename(&mut self, from: &[u8], to: &[u8]) -> Result<(), RenameFault>;

    /// Makes a folder in one that exists; one that is there already is no failure.
    async fn make_folder(&mut self, path: &[u8]) -> Result<(), Failure>;

    /// Writes a small file of ours under a name that is free.
    async fn write(&mut self, path: &[u8], bytes: &[u8]) -> Result<(), Failure>;

    /// Removes a file; one that is gone already is no failure.
    async fn remove(&mut self, path: &[u8]) -> Result<(), Failure>;

    /// Whether another call may succeed: false once the connection is lost or out of step.
    fn is_open(&self) -> bool;

    /// Quirks and missing capabilities found so far, in sentences.
    fn found(&self) -> Vec<String>;

    /// Says goodbye, without waiting long.
    async fn end(self: Box<Self>);
}

/// A session that reads one file at a time.
#[async_trait]
pub trait ReadOne: Session {
    /// Reads a file from start to end into `pieces`, at most `limit` bytes plus one piece.
    async fn read(
        &mut self,
        path: &[u8],
        limit: u64,
        pieces: &mpsc::Sender<Bytes>,
    ) -> Result<Read, Failure>;
}

/// [`Session::fetch`] for those: one file after the other.
///
/// # Errors
/// As there.
pub async fn one_by_one<S: ReadOne>(
    session: &mut S,
    wanted: &mut Vec<Wanted>,
    pieces: &mpsc::Sender<Piece>,
) -> Result<(), Failure> {
    while let Some(next) = wanted.first_mut() {
        let arrival = next.arrival;
        let end = match one(session, next, pieces).await {
            Ok(Some(end)) => end,
            Ok(None) => return Ok(()),
            Err(failure) if session.is_open() => Piece::Failed(arrival, failure),
            Err(failure) => return Err(failure),
        };
        if pieces.send(end).await.is_err() {
            return Ok(());
        }
        wanted.remove(0);
    }
    Ok(())
}

/// The last piece of one file; `None` if nobody wants it.
async fn one<S: ReadOne>(
    session: &mut S,
    wanted: &mut Wanted,
    pieces: &mpsc::Sender<Piece>,
) -> Result<Option<Piece>, Failure> {
    let (arrival, version) = (wanted.arrival, wanted.version);
    let is_same = |item: Option<Item>| item.and_then(|item| item.version()) == Some(version);
    if !is_same(session.stat(&wanted.path).await?) {
        return Ok(Some(Piece::Gone(arrival)));
    }
    let (sender, mut bytes) = mpsc::channel(limits::REMOTE_PIECES);
    let begun = &mut wanted.begun;
    let pass_on = async {
        while let Some(bytes) = bytes.recv().await {
            *begun = true;
            if pieces.send(Piece::Bytes(arrival, bytes)).await.is_err() {
                break;
            }
        }
        // The reader hears at its next piece that nobody listens.
        drop(bytes);
    };
    let reading = async {
        let read = session.read(&wanted.path, version.size, &sender).await;
        drop(sender);
        read
    };
    let (read, ()) = tokio::join!(reading, pass_on);
    Ok(match read? {
        Read::Dropped => None,
        Read::Missing => Some(Piece::Gone(arrival)),
        Read::Whole(length) if length != version.size => Some(Piece::Gone(arrival)),
        Read::Whole(_) if !is_same(session.stat(&wanted.path).await?) => Some(Piece::Gone(arrival)),
        Read::Whole(_) => Some(Piece::Complete(arrival)),
    })
}

/// A path as it may be shown.
pub(crate) fn shown(path: &[u8]) -> String {
    let parts = path.split(|byte| *byte == b'/').map(names::label);
    parts.collect::<Vec<_>>().join("/")
}

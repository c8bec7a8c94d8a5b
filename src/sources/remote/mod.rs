//! What file servers have in common, whatever they speak: folders are listed, files read and
//! renamed, and every call may be the last one of its session.
//!
//! A protocol (SFTP, FTP) brings a [`Server`] and its [`Session`]; what a source promises (stable
//! names, whole files, moves that never overwrite and are verified) is written once, over both.
//!
//! Paths are bytes as the server gave them, absolute or relative to the login folder, parts
//! separated by `/`. Nothing here ever shows them raw or joins them to a path of this machine.

use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::mpsc;

use crate::failure::Failure;

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

    /// What lies at `path`; `None` for nothing.
    async fn stat(&mut self, path: &[u8]) -> Result<Option<Item>, Failure>;

    /// Reads a file from start to end into `pieces`, at most `limit` bytes plus one piece.
    async fn read(
        &mut self,
        path: &[u8],
        limit: u64,
        pieces: &mpsc::Sender<Bytes>,
    ) -> Result<Read, Failure>;

    /// Renames without overwriting, as far as the server lets one ask for that: the caller has looked
    /// whether the new name is free and looks again afterwards.
    async fn rename(&mut self, from: &[u8], to: &[u8]) -> Result<(), RenameFault>;

    /// Makes a folder; one that exists already is no failure.
    async fn make_folder(&mut self, path: &[u8]) -> Result<(), Failure>;

    /// Writes a small file of ours under a name that is free.
    async fn write(&mut self, path: &[u8], bytes: &[u8]) -> Result<(), Failure>;

    /// Removes a file; one that is gone already is no failure.
    async fn remove(&mut self, path: &[u8]) -> Result<(), Failure>;

    /// The server's clock minus ours in seconds, where it can be told.
    async fn clock_difference(&mut self) -> Option<i64>;

    /// Quirks and missing capabilities found so far, in sentences.
    fn found(&self) -> Vec<String>;

    /// Says goodbye, without waiting long.
    async fn end(self: Box<Self>);
}

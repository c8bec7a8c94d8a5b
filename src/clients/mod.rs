//! Accounts on file servers: for sources that take files there and for destinations that lay them.
//!
//! A protocol (`sftp`, `ftp`) brings a [`Server`] and its [`Session`]: folders are listed, files
//! read, written and renamed, and every call may be the last one of its session. `tls` says whom we
//! believe, `pool` how many sessions there are at a time.
//!
//! Paths are bytes as the server gave them, absolute or relative to the login folder (`/~/x` is
//! `x` there), parts separated by `/`. Nothing here ever shows them raw or joins them to a path of
//! this machine.

use bytes::Bytes;

use crate::arrival::ArrivalId;
use crate::failure::Failure;

pub mod ftp;
mod pool;
mod server;
pub mod sftp;
pub mod tls;

pub use self::pool::{Lent, Pool};
pub(crate) use self::server::shown;
pub use self::server::{
    Item, ItemKind, Read, ReadOne, RenameFault, Server, Session, Wanted, one_by_one,
};

/// A piece of a fetched file, or its end.
#[derive(Debug)]
pub enum Piece {
    /// The next bytes.
    Bytes(ArrivalId, Bytes),
    /// All bytes were sent, and the version was the same before and after.
    Complete(ArrivalId),
    /// It is gone, or another version lies there now: nothing is to be processed.
    Gone(ArrivalId),
    /// Not this time.
    Failed(ArrivalId, Failure),
}

/// The path of a place under `root`, as a session takes it: `place` may be absolute itself.
pub(crate) fn within(root: &[u8], place: &[u8]) -> Vec<u8> {
    if place.first() == Some(&b'/') {
        return from_login(place).to_vec();
    }
    let root = from_login(root);
    match (root, place) {
        (b"", b"") => b".".to_vec(),
        (b"", place) => place.to_vec(),
        (root, b"") => root.to_vec(),
        (b"/", place) => [b"/", place].concat(),
        (root, place) => [root, b"/", place].concat(),
    }
}

/// `/~/x` is `x` in the login folder.
fn from_login(path: &[u8]) -> &[u8] {
    match path.strip_prefix(b"/~") {
        Some(b"") => b"",
        Some(rest) => rest.strip_prefix(b"/").unwrap_or(path),
        None => path,
    }
}

//! What file servers have in common, whatever they speak: folders are listed, files read and
//! renamed, and every call may be the last one of its session.
//!
//! A protocol (SFTP, FTP) brings a [`Server`] and its [`Session`]; what a source promises (stable
//! names, whole files, moves that never overwrite and are verified) is written once, over both.
//!
//! Paths are bytes as the server gave them, absolute or relative to the login folder, parts
//! separated by `/`. Nothing here ever shows them raw or joins them to a path of this machine.

mod server;

pub(in crate::sources) use server::shown;
pub use server::{Item, ItemKind, Read, RenameFault, Server, Session, Wanted};

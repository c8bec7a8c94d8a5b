//! What an error of SQLite means to a caller, and whether the ledger may go on.
//!
//! Promises: a full disk and a lock held by another tool pass by themselves; an error of reading or
//! writing the disk, or a damaged page, ends the ledger. Nothing is ever tried again after a failed
//! sync: the kernel may have dropped the pages that it could not write, so that a second sync would
//! succeed without them (reliability: an fsync error is fatal).

use rusqlite::ErrorCode;

use crate::failure::{Failure, Turn};

/// Why the ledger stopped for good. The process must end and be started anew.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Stop {
    /// The disk failed under the ledger, or its file was taken away.
    #[error("the ledger could not be read or written: {0}")]
    Io(String),
    /// The ledger's file is not what we wrote.
    #[error("the ledger is damaged: {0}")]
    Damaged(String),
}

impl Stop {
    /// What callers are told from then on.
    pub(super) fn failure(&self) -> Failure {
        Failure::operator("using the ledger", self)
    }
}

/// What follows from an error.
pub(super) enum Fault {
    /// Everything in this transaction fails for now: the disk is full, or another tool holds the
    /// lock.
    All(Failure),
    /// The command itself fails; others may pass.
    One(Failure),
    /// The end.
    Stop(Stop),
}

/// Sorts an error.
pub(super) fn sort(error: &rusqlite::Error) -> Fault {
    let message = error.to_string();
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => Fault::All(operator_soon(
            "The disk is full. Nothing was stored; free some room and it goes on by itself.",
        )),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Fault::All(operator_soon(
            "Another program holds the ledger's lock. It goes on when that one lets go.",
        )),
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
            Fault::All(operator_soon("The ledger may not be written."))
        }
        Some(ErrorCode::SystemIoFailure | ErrorCode::CannotOpen) => Fault::Stop(Stop::Io(message)),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            Fault::Stop(Stop::Damaged(message))
        }
        _ => Fault::One(Failure::ours("using the ledger", message)),
    }
}

/// What a reader's caller is told: reading changes nothing, so that no error ends the ledger here;
/// the writer finds out by itself.
pub(super) fn reading(error: &rusqlite::Error) -> Failure {
    match sort(error) {
        Fault::All(failure) | Fault::One(failure) => failure,
        Fault::Stop(stop) => stop.failure(),
    }
}

/// Passes by itself once the operator did something.
fn operator_soon(message: &str) -> Failure {
    let mut failure = Failure::temporary("writing the ledger", message);
    failure.turn = Turn::Operator;
    failure
}

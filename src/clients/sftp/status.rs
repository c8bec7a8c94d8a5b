//! What the codes of a server mean. Pure.
//!
//! The draft for version 3 ends at 8; servers send those of later drafts all the same (mod_sftp 11,
//! others 3 for anything), so that no code is an error of the protocol.

use bytes::Bytes;

use crate::failure::Failure;
use crate::names;

pub(super) const OK: u32 = 0;
pub(super) const END: u32 = 1;
pub(super) const NO_FILE: u32 = 2;
pub(super) const DENIED: u32 = 3;
pub(super) const UNSUPPORTED: u32 = 8;
pub(super) const NO_PATH: u32 = 10;
pub(super) const EXISTS: u32 = 11;
const WRITE_PROTECTED: u32 = 12;
const NO_SPACE: u32 = 14;
const QUOTA: u32 = 15;

/// Whether it says that nothing lies there.
pub(super) fn is_missing(code: u32) -> bool {
    matches!(code, NO_FILE | NO_PATH)
}

/// A refusal as a failure: rights and room are the operator's to ask for, the rest may pass.
pub(super) fn failure(during: String, code: u32, message: &Bytes) -> Failure {
    let meaning = match code {
        END => "the end came too early",
        NO_FILE => "no such file",
        DENIED => "the server denies it",
        4 => "the server failed to do it",
        5 => "the server did not understand",
        6 | 7 => "the server lost its own connection",
        UNSUPPORTED => "the server cannot do it",
        NO_PATH => "no such folder",
        EXISTS => "a file of that name is there already",
        WRITE_PROTECTED => "the place is read-only",
        NO_SPACE => "there is no space left there",
        QUOTA => "the account's space is used up",
        17 => "another program holds the file",
        _ => "the server refused",
    };
    let said = names::label(message).trim().to_owned();
    let words = match said.as_str() {
        "" => format!("{meaning} (code {code})"),
        said => format!("{meaning} (code {code}: “{said}”)"),
    };
    if matches!(
        code,
        DENIED | UNSUPPORTED | WRITE_PROTECTED | NO_SPACE | QUOTA
    ) {
        Failure::operator(during, words)
    } else {
        Failure::temporary(during, words)
    }
}

//! `kind = "local"`: a folder on this machine.

use std::path::PathBuf;
use std::time::Duration;

use super::super::section::Section;
use super::{Pace, SourceKind};
use crate::limits;

const PACE: Pace = Pace {
    stable: Duration::from_secs(5),
    poll: Duration::from_secs(15),
    most: limits::FILE_BYTES,
};

/// Keys of sources elsewhere.
const REMOTE_KEYS: [&str; 12] = [
    "url",
    "user",
    "password",
    "key",
    "host_key",
    "ca",
    "pin",
    "tls",
    "tls_max",
    "allow_plaintext",
    "legacy_algorithms",
    "shared",
];

pub(super) fn read(section: &Section<'_, '_>) -> (SourceKind, PathBuf, Pace) {
    section.not_yet(&REMOTE_KEYS, "it belongs to a remote source");
    let path = section.need_path("path").unwrap_or_default();
    (SourceKind::Local { path: path.clone() }, path, PACE)
}

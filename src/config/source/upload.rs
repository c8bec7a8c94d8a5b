//! `kind = "upload"`: files that people and programs send through `[http]`.

use std::path::PathBuf;
use std::time::Duration;

use super::super::section::Section;
use super::{Pace, SourceKind};

/// Nothing is ever looked for, and what has arrived is complete.
const PACE: Pace = Pace {
    stable: Duration::ZERO,
    poll: Duration::from_hours(24),
    most: crate::limits::FILE_BYTES,
};

/// Keys of sources that have a place of their own.
const PLACE_KEYS: [&str; 28] = [
    "path",
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
    "reply",
    "trusted_authserv",
    "done",
    "error",
    "stable",
    "poll",
    "grace",
    "include",
    "exclude",
    "marker",
    "min_size",
    "recursive",
    "depth",
    "batch",
    "after",
];

pub(super) fn read(section: &Section<'_, '_>) -> (SourceKind, PathBuf, Pace) {
    section.not_yet(
        &PLACE_KEYS,
        "it belongs to a source with a place of its own",
    );
    (SourceKind::Upload, PathBuf::new(), PACE)
}

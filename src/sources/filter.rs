//! Which names a source takes: patterns, temporary names, markers.
//!
//! Pure: decides from names alone, before a file costs a call to the file system.

use std::collections::HashSet;
use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use crate::names;
use crate::sources::Pickup;

/// The compiled patterns of one source.
#[derive(Debug)]
pub(in crate::sources) struct Filter {
    include: Globs,
    exclude: Globs,
    marker: Option<Marker>,
}

/// Patterns without a `/` speak of the name alone, the others of the path below the source.
#[derive(Debug)]
struct Globs {
    names: GlobSet,
    paths: GlobSet,
}

/// `{name}.ok` taken apart; without `{name}` one file speaks for its whole folder.
#[derive(Debug)]
enum Marker {
    Each { before: Vec<u8>, after: Vec<u8> },
    Folder(Vec<u8>),
}

impl Filter {
    pub(in crate::sources) fn new(pickup: &Pickup) -> Result<Self, String> {
        Ok(Self {
            include: Globs::new(&pickup.include)?,
            exclude: Globs::new(&pickup.exclude)?,
            marker: pickup.marker.as_deref().map(Marker::new).transpose()?,
        })
    }

    /// Whether `name` in `folder` (relative, may be empty) may be an order.
    pub(in crate::sources) fn takes(&self, folder: &[u8], name: &[u8]) -> bool {
        if names::is_temporary(name) || names::is_sidecar(name) {
            return false;
        }
        if self.marker.as_ref().is_some_and(|marker| marker.is(name)) {
            return false;
        }
        (self.include.is_empty() || self.include.matches(folder, name))
            && !self.exclude.matches(folder, name)
    }

    /// Whether files must be announced by markers.
    pub(in crate::sources) fn wants_markers(&self) -> bool {
        self.marker.is_some()
    }

    /// Whether `name` is a marker.
    pub(in crate::sources) fn is_marker(&self, name: &[u8]) -> bool {
        self.marker.as_ref().is_some_and(|marker| marker.is(name))
    }

    /// Whether the marker of `name` is among those found in its folder.
    pub(in crate::sources) fn is_announced(&self, name: &[u8], markers: &HashSet<Vec<u8>>) -> bool {
        self.marker
            .as_ref()
            .is_none_or(|marker| markers.contains(&marker.of(name)))
    }

    /// The marker that belongs to `name` alone and so moves with it.
    pub(in crate::sources) fn own_marker(&self, name: &[u8]) -> Option<OsString> {
        match &self.marker {
            Some(marker @ Marker::Each { .. }) => Some(OsString::from_vec(marker.of(name))),
            _ => None,
        }
    }
}

impl Globs {
    fn new(patterns: &[String]) -> Result<Self, String> {
        let mut names = GlobSetBuilder::new();
        let mut paths = GlobSetBuilder::new();
        for pattern in patterns {
            let glob = GlobBuilder::new(pattern)
                .literal_separator(true)
                .case_insensitive(true)
                .build()
                .map_err(|error| format!("the pattern “{pattern}” is wrong: {error}"))?;
            if pattern.contains('/') {
                paths.add(glob);
            } else {
                names.add(glob);
            }
        }
        let build = |set: GlobSetBuilder| set.build().map_err(|error| error.to_string());
        Ok(Self {
            names: build(names)?,
            paths: build(paths)?,
        })
    }

    fn is_empty(&self) -> bool {
        self.names.is_empty() && self.paths.is_empty()
    }

    fn matches(&self, folder: &[u8], name: &[u8]) -> bool {
        let name = std::ffi::OsStr::from_bytes(name);
        self.names.is_match(Path::new(name))
            || (!self.paths.is_empty() && {
                let path = OsString::from_vec(names::joined(folder, name));
                self.paths.is_match(Path::new(&path))
            })
    }
}

impl Marker {
    fn new(pattern: &str) -> Result<Self, String> {
        if names::safe_component(pattern.as_bytes()).is_none() || pattern == "{name}" {
            return Err(format!(
                "the marker “{pattern}” must be a name such as “{{name}}.ok”"
            ));
        }
        Ok(match pattern.split_once("{name}") {
            Some((before, after)) => Self::Each {
                before: before.into(),
                after: after.into(),
            },
            None => Self::Folder(pattern.into()),
        })
    }

    fn of(&self, name: &[u8]) -> Vec<u8> {
        match self {
            Self::Each { before, after } => [before, name, after].concat(),
            Self::Folder(marker) => marker.clone(),
        }
    }

    fn is(&self, name: &[u8]) -> bool {
        match self {
            Self::Each { before, after } => {
                name.len() > before.len() + after.len()
                    && name.starts_with(before)
                    && name.ends_with(after)
            }
            Self::Folder(marker) => name == marker.as_slice(),
        }
    }
}

//! Where settled files go: a folder beneath the source's own, or one of the operator's elsewhere.
//!
//! Pure. Folders are told by paths: relative ones lie beneath the source, absolute ones beneath
//! the fixed part of the operator's pattern, which alone is opened by its path. All that comes
//! after it is resolved like everything else that was made from names: beneath it, over no link.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path};

use crate::arrival::{Locator, Verdict};
use crate::clock::Millis;
use crate::names;
use crate::sources::Pickup;

/// One of the two folders.
#[derive(Debug)]
struct Target {
    /// The operator's folder outside the source; empty where it lies beneath the source.
    base: Vec<u8>,
    /// The rest, with or without dates.
    below: String,
}

/// Both folders.
#[derive(Debug)]
pub(in crate::sources) struct Targets {
    done: Target,
    error: Target,
}

impl Targets {
    /// # Errors
    /// A sentence about the pattern that is wrong.
    pub(in crate::sources) fn new(pickup: &Pickup) -> Result<Self, String> {
        let target = |pattern| Target::new(pattern, pickup.depth > 0);
        Ok(Self {
            done: target(&pickup.done)?,
            error: target(&pickup.error)?,
        })
    }

    fn of(&self, verdict: Verdict) -> &Target {
        match verdict {
            Verdict::Done => &self.done,
            Verdict::Error => &self.error,
        }
    }

    /// The folder of this verdict on the day `at`.
    ///
    /// # Errors
    /// A sentence, if its pattern is wrong.
    pub(in crate::sources) fn at(&self, verdict: Verdict, at: Millis) -> Result<Vec<u8>, String> {
        let Target { base, below } = self.of(verdict);
        if below.is_empty() {
            return Ok(base.clone());
        }
        let below = names::folder_at(below, at)?;
        Ok(names::joined(base, OsStr::from_bytes(&below)))
    }

    /// The operator's folders outside the source.
    pub(in crate::sources) fn bases(&self) -> Vec<Vec<u8>> {
        let outside = [&self.done.base, &self.error.base];
        let outside = outside.into_iter().filter(|base| !base.is_empty());
        outside.cloned().collect()
    }

    /// The folders beneath the source that are never looked into: their part before any date.
    pub(in crate::sources) fn closed(&self) -> [&[u8]; 2] {
        [&self.done, &self.error].map(|target| match target.base.as_slice() {
            [] => fixed(&target.below).as_bytes(),
            _ => &[],
        })
    }

    /// Folder and name of a place that was told by an earlier move. `None` if it lies in no folder
    /// of this source, as the configuration is today.
    pub(in crate::sources) fn place<'a>(
        &self,
        lies_at: &'a Locator,
    ) -> Option<(Vec<u8>, &'a OsStr)> {
        let path = lies_at.0.as_slice();
        if path.first() != Some(&b'/') {
            let (folder, name) = names::split(path)?;
            return Some((folder.to_vec(), name));
        }
        let bases = [&self.done.base, &self.error.base];
        bases.into_iter().find_map(|base| {
            let (folder, name) = names::split(beneath(base, path)?)?;
            Some((names::joined(base, OsStr::from_bytes(folder)), name))
        })
    }
}

impl Target {
    fn new(pattern: &str, recursive: bool) -> Result<Self, String> {
        let fixed = fixed(pattern);
        if !pattern.starts_with('/') {
            names::folder_at(pattern, Millis(0))?;
            if recursive && fixed.is_empty() {
                return Err(format!(
                    "“{pattern}” must begin with a fixed folder where sub-folders are looked \
                     into, so that settled files are not found again: “done/%Y-%m”"
                ));
            }
            let (base, below) = (Vec::new(), pattern.to_owned());
            return Ok(Self { base, below });
        }
        let base = plain(fixed);
        let below = pattern.get(fixed.len()..).unwrap_or_default();
        let below = below.trim_matches('/').to_owned();
        let Some(base) = base.filter(|base| !base.is_empty()) else {
            return Err(format!(
                "“{pattern}” must begin with a fixed folder and have no “..”: “/srv/edi/done/%Y”"
            ));
        };
        if !below.is_empty() {
            names::folder_at(&below, Millis(0))?;
        }
        Ok(Self { base, below })
    }
}

/// An absolute path without superfluous slashes and dots; `None` if it goes upwards.
fn plain(path: &str) -> Option<Vec<u8>> {
    let mut plain = Vec::new();
    for part in Path::new(path).components() {
        match part {
            Component::Normal(name) => {
                plain.push(b'/');
                plain.extend_from_slice(name.as_bytes());
            }
            Component::RootDir | Component::CurDir => {}
            Component::ParentDir | Component::Prefix(_) => return None,
        }
    }
    Some(plain)
}

/// The part of a folder's pattern before anything that changes with the date.
fn fixed(pattern: &str) -> &str {
    let pattern = pattern.trim_end_matches('/');
    let fixed = pattern.split('/').take_while(|part| !part.contains('%'));
    let length: usize = fixed.map(|part| part.len() + 1).sum();
    let end = length.saturating_sub(1).min(pattern.len());
    pattern.get(..end).unwrap_or_default()
}

/// The rest of `path` if it is one beneath `base`.
pub(in crate::sources) fn beneath<'a>(base: &[u8], path: &'a [u8]) -> Option<&'a [u8]> {
    let rest = path.strip_prefix(base).filter(|_| !base.is_empty())?;
    rest.strip_prefix(b"/")
}

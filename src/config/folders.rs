//! Watched folders and those of settled files: where they lie, and that none lies in another in a
//! way that a file would be taken twice.
//!
//! By the words of the configuration alone; what links make of them is for the probe to find.

use std::path::{Component, Path, PathBuf};

use super::Config;
use super::section::Section;
use super::source::SourceConfig;

/// Where settled files go, with or without a date in its name: relative where it lies within the
/// source, else its absolute path.
pub(super) fn folder(section: &Section<'_, '_>, key: &'static str, inbox: &Path) -> String {
    let folder: String = section.or(key, key.to_owned());
    let wrong = |message: &str| section.error(key, format!("`{key}` {message}"));
    let mut letters = folder.chars();
    while let Some(c) = letters.next() {
        let date = ['Y', 'm', 'd', 'H', 'j', 'V', 'G'];
        if c == '%' && !letters.next().is_some_and(|c| date.contains(&c)) {
            wrong("may use %Y, %m, %d, %H, %j, %G and %V for the date");
        }
    }
    if inbox.as_os_str().is_empty() {
        return folder;
    }
    let inbox = plain(inbox);
    let whole = plain(&inbox.join(&folder));
    let Some(path) = whole.to_str() else {
        wrong("lies in a folder whose name is not UTF-8");
        return folder;
    };
    match whole.strip_prefix(&inbox).ok().and_then(Path::to_str) {
        Some("") => wrong("is the watched folder itself: settled files would be taken again"),
        Some(within) => return within.to_owned(),
        None if fixed(&whole).parent().is_none() => {
            wrong("must begin with a fixed folder: \"/srv/edi/done/%Y-%m\"");
        }
        // The inbox's own name would be read as a date.
        None if !folder.starts_with('/') && inbox.to_string_lossy().contains('%') => {
            wrong("must be an absolute path here, because the path of the source has a `%`");
        }
        None => return path.to_owned(),
    }
    folder
}

/// The absolute path, with `..` taken back by the words and not by following links, so that what
/// the operator reads is what is meant.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in std::path::absolute(path)
        .unwrap_or_else(|_| path.to_owned())
        .components()
    {
        if part == Component::ParentDir {
            plain.pop();
        } else {
            plain.push(part);
        }
    }
    plain
}

/// The part of a folder's pattern before any date.
fn fixed(pattern: &Path) -> PathBuf {
    let parts = pattern.components();
    parts
        .take_while(|part| !part.as_os_str().to_string_lossy().contains('%'))
        .collect()
}

impl SourceConfig {
    /// Whether a file laid at `path` would be taken by this source.
    fn sees(&self, path: &Path) -> bool {
        let Some(inbox) = self.folder() else {
            return false;
        };
        let (inbox, path) = (plain(inbox), plain(path));
        let recursive = self.pickup.depth > 0 && path.starts_with(&inbox);
        let closed = self.settles_into();
        path == inbox || recursive && !closed.iter().any(|closed| path.starts_with(closed))
    }

    /// The folders of its settled files, before any date.
    fn settles_into(&self) -> [PathBuf; 2] {
        let inbox = self.folder().map(plain).unwrap_or_default();
        [&self.pickup.done, &self.pickup.error].map(|pattern| inbox.join(fixed(Path::new(pattern))))
    }

    /// Which of `other`'s folders this source would take files from, in words. Both would go round
    /// in circles.
    fn takes_from(&self, other: &Self) -> Option<&'static str> {
        let [done, error] = other.settles_into();
        let seen = |path: &Path| self.sees(path);
        (seen(&done).then_some("done")).or_else(|| seen(&error).then_some("error"))
    }
}

/// No two sources may see the same file, and none may see the ledger.
pub(super) fn check(root: &Section<'_, '_>, config: &Config) {
    let sees = |source: &SourceConfig, path: &Path| {
        source.folder().is_some_and(|folder| {
            path == folder || (source.pickup.depth > 0 && path.starts_with(folder))
        })
    };
    let local = |source: &SourceConfig| {
        let folder = source.folder();
        folder.is_some_and(|folder| !folder.as_os_str().is_empty())
    };
    for (index, source) in config.sources.iter().enumerate() {
        if !local(source) {
            continue;
        }
        if sees(source, &config.state_dir) {
            let name = &source.name;
            root.error(
                "state_dir",
                format!("`state_dir` lies in the folder of source \"{name}\""),
            );
        }
        for other in &config.sources {
            let status = other.status_to.as_ref();
            if status.is_some_and(|status| source.sees(&status.folder)) {
                root.error(
                    "source",
                    format!(
                        "`status_to` of source \"{}\" lies where source \"{}\" looks for new files",
                        other.name, source.name
                    ),
                );
            }
            let settles =
                (other.name != source.name && local(other)).then(|| source.takes_from(other));
            if let Some(key) = settles.flatten() {
                root.error(
                    "source",
                    format!(
                        "`{key}` of source \"{}\" lies in the folder of source \"{}\", which would \
                         take settled files for new ones",
                        other.name, source.name
                    ),
                );
            }
        }
        for other in config.sources.iter().skip(index + 1) {
            let met = |one: &SourceConfig, two: &SourceConfig| {
                two.folder().is_some_and(|folder| sees(one, folder))
            };
            if met(source, other) || met(other, source) {
                root.error(
                    "source",
                    format!(
                        "sources \"{}\" and \"{}\" watch the same folder: every file would be taken twice",
                        source.name, other.name
                    ),
                );
            }
        }
    }
}

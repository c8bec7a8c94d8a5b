//! `[[destination]]` of `kind = "folder"`.

use std::path::PathBuf;

use super::super::section::Section;

/// `kind = "folder"`.
#[derive(Debug, Clone)]
pub struct FolderConfig {
    /// Where files are put.
    pub path: PathBuf,
    /// How orders are written (default: as JSON).
    pub written: Written,
}

/// How orders are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// The canonical order as JSON.
    Json,
    /// A table with a row for each line.
    Csv,
    /// UBL 2.1.
    Ubl,
}

pub(super) fn read(section: &Section<'_, '_>) -> FolderConfig {
    let words = [
        ("json", Written::Json),
        ("csv", Written::Csv),
        ("ubl", Written::Ubl),
    ];
    FolderConfig {
        path: section.need_path("path").unwrap_or_default(),
        written: section.word("format", &words).unwrap_or(Written::Json),
    }
}

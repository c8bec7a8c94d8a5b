//! A TOML text with positions, and what was found in it.
//!
//! Mistakes are collected, never thrown; a reader that meets one goes on with a default, and the
//! whole is refused at the end.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use toml::de::DeTable;

use super::error::{ConfigError, Origin};
use super::nearest::hint;
use super::section::Section;

/// One text and what was found in it so far.
pub(super) struct Document<'d> {
    file: &'d Path,
    text: &'d str,
    errors: RefCell<Vec<ConfigError>>,
    warnings: RefCell<Vec<ConfigError>>,
    known: RefCell<BTreeSet<String>>,
    defined: RefCell<BTreeMap<(&'static str, String), usize>>,
    referred: RefCell<Vec<(&'static str, String, ConfigError)>>,
}

impl<'d> Document<'d> {
    pub(super) fn new(file: &'d Path, text: &'d str) -> Self {
        Self {
            file,
            text,
            errors: RefCell::default(),
            warnings: RefCell::default(),
            known: RefCell::default(),
            defined: RefCell::default(),
            referred: RefCell::default(),
        }
    }

    /// The top of the text.
    pub(super) fn root<'a>(&'a self, table: &'a DeTable<'d>) -> Section<'a, 'd> {
        Section::new(self, table, 0..0, String::new(), String::new())
    }

    /// Line and column of a byte offset.
    pub(super) fn origin(&self, offset: usize) -> Origin {
        let before = self.text.get(..offset).unwrap_or(self.text);
        let start = before.rfind('\n').map_or(0, |end| end + 1);
        Origin {
            file: self.file.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before[start..].chars().count() + 1,
        }
    }

    /// A path of the configuration: relative ones start at the folder of the file.
    pub(super) fn resolve(&self, path: &str) -> PathBuf {
        self.file.parent().unwrap_or(Path::new(".")).join(path)
    }

    /// Notes a key that exists.
    pub(super) fn know(&self, key: String) {
        self.known.borrow_mut().insert(key);
    }

    /// Takes a name; where it was taken before, if it was.
    pub(super) fn define(&self, kind: &'static str, name: &str, at: usize) -> Option<usize> {
        let mut defined = self.defined.borrow_mut();
        defined.insert((kind, name.to_owned()), at)
    }

    pub(super) fn is_defined(&self, kind: &'static str, name: &str) -> bool {
        self.defined.borrow().contains_key(&(kind, name.to_owned()))
    }

    /// Notes a reference; `error` is told if nothing of the name is defined in the end.
    pub(super) fn refer(&self, kind: &'static str, name: &str, error: ConfigError) {
        let mut referred = self.referred.borrow_mut();
        referred.push((kind, name.to_owned(), error));
    }

    pub(super) fn push_warning(&self, warning: ConfigError) {
        self.warnings.borrow_mut().push(warning);
    }

    pub(super) fn push_error(&self, error: ConfigError) {
        self.errors.borrow_mut().push(error);
    }

    pub(super) fn has_errors(&self) -> bool {
        !self.errors.borrow().is_empty()
    }

    /// Every reference must be to something defined. Called once, after all sections.
    pub(super) fn check_references(&self) {
        let defined = self.defined.borrow();
        for (kind, name, error) in self.referred.borrow().iter() {
            if defined.contains_key(&(*kind, name.clone())) {
                continue;
            }
            let names = defined.keys().filter(|key| key.0 == *kind);
            let mut error = error.clone();
            error.message = format!(
                "{}{}",
                error.message,
                hint(name, names.map(|key| key.1.as_str()))
            );
            self.push_error(error);
        }
    }

    /// Mistakes in the order of the text, warnings, and the keys that exist.
    pub(super) fn into_parts(self) -> (Vec<ConfigError>, Vec<ConfigError>, BTreeSet<String>) {
        let mut errors = self.errors.into_inner();
        errors.sort();
        errors.dedup();
        errors.truncate(crate::limits::CONFIG_ERRORS);
        (errors, self.warnings.into_inner(), self.known.into_inner())
    }
}

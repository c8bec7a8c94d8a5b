//! One mistake in the configuration, with its place.

use std::fmt;
use std::path::{Path, PathBuf};

/// A place in a configuration text; lines and columns count from 1.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Origin {
    /// The file.
    pub file: PathBuf,
    /// The line; 0 where the file as a whole is meant.
    pub line: usize,
    /// The character in that line.
    pub column: usize,
}

impl Origin {
    /// A file as a whole.
    #[must_use]
    pub fn file(file: &Path) -> Self {
        Self {
            file: file.to_owned(),
            line: 0,
            column: 0,
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if self.line > 0 {
            write!(f, ":{}:{}", self.line, self.column)?;
        }
        Ok(())
    }
}

/// One mistake: where, about what, and what would be right. Never holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub struct ConfigError {
    /// Where.
    pub at: Origin,
    /// The section it is about: `source "inbox"`, `[mail]`; empty at the top.
    pub about: String,
    /// What is wrong and what would be right.
    pub message: String,
}

impl ConfigError {
    /// A mistake that concerns a file as a whole.
    #[must_use]
    pub fn in_file(file: &Path, message: impl Into<String>) -> Self {
        Self {
            at: Origin::file(file),
            about: String::new(),
            message: message.into(),
        }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.at)?;
        if !self.about.is_empty() {
            write!(f, "{}: ", self.about)?;
        }
        f.write_str(&self.message)
    }
}

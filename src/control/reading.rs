//! What a running daemon reads and checks for somebody, and keeps nothing of it: files on trial, the
//! configuration on the disk, the profiles that are known.

use bytes::Bytes;
use serde_json::Value;

use super::Desk;
use crate::config::CheckReport;
use crate::failure::Failure;
use crate::profiles::Known;

/// A file, and what is wanted of it.
#[derive(Debug, Clone)]
pub struct Reading {
    /// What is wanted.
    pub what: What,
    /// The file's name: its ending helps to recognise it.
    pub name: String,
    /// Its bytes.
    pub bytes: Bytes,
    /// Read with this profile; `None`: the layout is recognised.
    pub profile: Option<String>,
    /// Read as this format; `None`: the bytes tell.
    pub format: Option<String>,
}

/// What is wanted of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// What would be sent, and every problem (`parse`).
    Orders,
    /// What the format reads, before any profile (`parse --records`).
    Records,
    /// A starting profile (`profile suggest`).
    Suggestion,
    /// Where each field of each order came from (`profile explain`).
    Explanation,
}

/// A profile that can be named, and its text.
#[derive(Debug, Clone)]
pub struct KnownProfile {
    /// Its name, version, and what it reads.
    pub known: Known,
    /// As it was written.
    pub text: String,
}

impl Desk {
    /// Reads a file in a child: the object that the command line prints, or what is wrong with what
    /// was asked. `None` without a daemon.
    pub async fn read_file(&self, reading: Reading) -> Option<Result<Value, String>> {
        self.live.read_file(reading).await
    }

    /// The known profiles.
    #[must_use]
    pub fn profiles(&self) -> Vec<KnownProfile> {
        self.live.profiles()
    }

    /// Checks the configuration as it lies on the disk now.
    ///
    /// # Errors
    /// It could not be looked at.
    pub async fn examine(&self, connect: bool) -> Result<CheckReport, Failure> {
        self.live.examine(connect).await
    }
}

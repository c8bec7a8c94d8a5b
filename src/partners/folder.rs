//! A folder that another program takes files from.
//!
//! Promises: a file appears under its name whole or not at all, written beside under a temporary
//! name, made durable, and renamed without ever replacing another; a repeat finds its own file and
//! writes no second. What the other program has taken already is written again by a repeat after a
//! lost answer, which a crash between rename and record may cause.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use rustix::fs::{CWD, RenameFlags, renameat_with};

use super::file::{Laid, Place, lies, temporary};
use super::{Found, Outcome};
use crate::failure::Failure;

/// One folder.
#[derive(Debug, Clone)]
pub struct Folder {
    during: String,
    path: PathBuf,
    /// Made where it is missing: one in a source's own place.
    made: bool,
}

impl Folder {
    /// The folder `path` of what `name` names; it need not be there yet.
    #[must_use]
    pub fn new(name: &str, path: PathBuf) -> Self {
        Self {
            during: format!("writing to the folder of “{name}”"),
            path,
            made: false,
        }
    }

    /// The same, made in the folder above it where it is missing.
    #[must_use]
    pub fn made(self) -> Self {
        Self { made: true, ..self }
    }

    async fn off<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> io::Result<T> + Send + 'static,
    ) -> Result<T, Outcome> {
        let folder = self.clone();
        let done = tokio::task::spawn_blocking(move || work(&folder)).await;
        match done {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(error)) => Err(self.failed(&error)),
            Err(error) => Err(Outcome::Unknown(Failure::ours(&self.during, error))),
        }
    }

    fn failed(&self, error: &io::Error) -> Outcome {
        use io::ErrorKind;
        let message = format!("{}: {error}", self.path.display());
        match error.kind() {
            ErrorKind::NotFound
            | ErrorKind::PermissionDenied
            | ErrorKind::NotADirectory
            | ErrorKind::ReadOnlyFilesystem => {
                Outcome::Denied(Failure::operator(&self.during, message))
            }
            kind => Outcome::Later {
                after: None,
                failure: Failure::temporary(&self.during, message),
                // Another file under this name says nothing about the next one.
                destination: kind != ErrorKind::AlreadyExists,
            },
        }
    }

    /// Puts a whole file there, durably and under its own name only.
    fn put(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        if self.made && !self.path.is_dir() {
            fs::create_dir(&self.path)?;
        }
        let path = self.path.join(name);
        if is_there(&path, bytes)? {
            return Ok(());
        }
        // One delivery is under way once: what lies here is what a crash left.
        let part = self.path.join(temporary(name));
        let mut file = File::create(&part)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        match renameat_with(CWD, &part, CWD, &path, RenameFlags::NOREPLACE) {
            Ok(()) => {}
            Err(rustix::io::Errno::EXIST) => {
                fs::remove_file(&part)?;
                let other = format!("there is another file with the name {name}");
                return Err(io::Error::new(io::ErrorKind::AlreadyExists, other));
            }
            Err(error) => return Err(error.into()),
        }
        File::open(&self.path)?.sync_all()
    }

    /// Whether files can be written there.
    fn try_out(&self) -> io::Result<()> {
        if self.made && !self.path.is_dir() {
            fs::create_dir(&self.path)?;
        }
        let name = format!(".orderdock-{}.part", std::process::id());
        let path = self.path.join(name);
        OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .open(&path)?;
        fs::remove_file(path)
    }
}

/// Whether this very file lies there.
fn is_there(path: &Path, bytes: &[u8]) -> io::Result<bool> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    let mut there = Vec::with_capacity(bytes.len());
    file.take(bytes.len() as u64 + 1).read_to_end(&mut there)?;
    Ok(there == bytes)
}

#[async_trait]
impl Place for Folder {
    async fn lay(&self, file: &Laid) -> Outcome {
        let (name, bytes) = (file.name.clone(), file.bytes.clone());
        let put = self.off(move |folder| folder.put(&name, &bytes)).await;
        match put {
            Ok(()) => Outcome::Accepted(lies(&file.name)),
            Err(outcome) => outcome,
        }
    }

    async fn find(&self, file: &Laid) -> Option<Found> {
        let (name, bytes) = (file.name.clone(), file.bytes.clone());
        let there = self.off(move |folder| is_there(&folder.path.join(name), &bytes));
        Some(match there.await {
            Ok(true) => Found::There(lies(&file.name)),
            Ok(false) => Found::NotThere,
            Err(outcome) => Found::Unclear(outcome),
        })
    }

    async fn probe(&self) -> Result<(), Failure> {
        let tried = self.off(Self::try_out).await;
        tried.map_err(Outcome::into_failure)
    }

    fn knows_its_own(&self) -> bool {
        true
    }
}

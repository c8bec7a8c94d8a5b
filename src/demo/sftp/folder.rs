//! The folder that a client of the demo sees as its whole world.
//!
//! Paths are walked as text: nothing leads out of it, and nothing in it can be made a link.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{DirBuilderExt, FileExt, MetadataExt, OpenOptionsExt};
use std::path::PathBuf;
use std::sync::Arc;

use rustix::fs::{CWD, RenameFlags};

use super::wire::{Answer, Attributes, Request, Shown, Status, open};
use crate::limits;
use crate::names;

/// The folder, and what one client has open in it.
pub(super) struct Folder {
    root: Arc<PathBuf>,
    open: HashMap<u32, Open>,
    next: u32,
}

enum Open {
    File(fs::File),
    /// What was not told yet.
    Names(Vec<Shown>),
}

impl Folder {
    pub(super) fn new(root: Arc<PathBuf>) -> Self {
        Self {
            root,
            open: HashMap::new(),
            next: 0,
        }
    }

    /// Carries out one request.
    pub(super) fn answer(&mut self, request: Request<'_>) -> Answer {
        self.carry_out(request).unwrap_or_else(|error| {
            Answer::Status(match error.kind() {
                ErrorKind::NotFound => Status::Missing,
                ErrorKind::PermissionDenied => Status::Denied,
                _ => Status::Failed,
            })
        })
    }

    fn carry_out(&mut self, request: Request<'_>) -> io::Result<Answer> {
        match request {
            Request::Hello => return Ok(Answer::Version),
            Request::Open { path, flags } => return self.open(path, flags),
            Request::Read {
                handle,
                offset,
                length,
            } => return self.read(handle, offset, length),
            Request::Look(path) => {
                let found = fs::symlink_metadata(self.path(path)?)?;
                return Ok(Answer::Attributes(attributes(&found)));
            }
            Request::LookAtOpen(handle) => {
                let found = self.file(handle)?.metadata()?;
                return Ok(Answer::Attributes(attributes(&found)));
            }
            Request::OpenFolder(path) => return self.open_folder(path),
            Request::ReadFolder(handle) => return self.read_folder(handle),
            Request::Resolve(path) => return resolve(path),
            Request::Unknown => return Ok(Answer::Status(Status::Unsupported)),
            Request::Close(handle) => drop(self.open.remove(&handle)),
            Request::Write {
                handle,
                offset,
                bytes,
            } => self.write(handle, offset, bytes)?,
            Request::Set => {}
            Request::Remove(path) => fs::remove_file(self.path(path)?)?,
            Request::MakeFolder(path) => {
                fs::DirBuilder::new().mode(0o700).create(self.path(path)?)?;
            }
            Request::Rename { from, to } => {
                let (from, to) = (self.path(from)?, self.path(to)?);
                rustix::fs::renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE)?;
            }
        }
        Ok(Answer::Status(Status::Ok))
    }

    /// Where a path of the client lies on this machine.
    fn path(&self, path: &[u8]) -> io::Result<PathBuf> {
        let mut whole = PathBuf::clone(&self.root);
        whole.extend(parts(path)?);
        Ok(whole)
    }

    fn file(&self, handle: u32) -> io::Result<&fs::File> {
        match self.open.get(&handle) {
            Some(Open::File(file)) => Ok(file),
            _ => Err(ErrorKind::InvalidInput.into()),
        }
    }

    fn keep(&mut self, open: Open) -> io::Result<Answer> {
        if self.open.len() >= limits::DEMO_OPEN {
            return Err(ErrorKind::QuotaExceeded.into());
        }
        self.next = self.next.wrapping_add(1);
        self.open.insert(self.next, open);
        Ok(Answer::Handle(self.next))
    }

    fn open(&mut self, path: &[u8], flags: u32) -> io::Result<Answer> {
        let has = |flag: u32| flags & flag != 0;
        let file = fs::File::options()
            .read(has(open::READ))
            .write(has(open::WRITE))
            .create(has(open::CREATE))
            .truncate(has(open::TRUNCATE))
            .create_new(has(open::CREATE) && has(open::EXCLUSIVE))
            .mode(0o600)
            .open(self.path(path)?)?;
        self.keep(Open::File(file))
    }

    fn read(&self, handle: u32, offset: u64, length: u32) -> io::Result<Answer> {
        let mut bytes = vec![0; length.min(limits::SFTP_READ_BYTES) as usize];
        let read = self.file(handle)?.read_at(&mut bytes, offset)?;
        bytes.truncate(read);
        Ok(if read == 0 {
            Answer::Status(Status::End)
        } else {
            Answer::Data(bytes)
        })
    }

    fn write(&self, handle: u32, offset: u64, bytes: &[u8]) -> io::Result<()> {
        if offset.saturating_add(bytes.len() as u64) > limits::FILE_BYTES {
            return Err(ErrorKind::FileTooLarge.into());
        }
        self.file(handle)?.write_all_at(bytes, offset)
    }

    fn open_folder(&mut self, path: &[u8]) -> io::Result<Answer> {
        let mut names = Vec::new();
        for entry in fs::read_dir(self.path(path)?)?.take(limits::LISTING_NAMES) {
            let entry = entry?;
            // Gone meanwhile.
            let Ok(found) = entry.metadata() else {
                continue;
            };
            names.push(Shown {
                name: entry.file_name().into_vec(),
                attributes: attributes(&found),
            });
        }
        self.keep(Open::Names(names))
    }

    fn read_folder(&mut self, handle: u32) -> io::Result<Answer> {
        /// As OpenSSH tells at a time.
        const AT_A_TIME: usize = 100;
        let Some(Open::Names(names)) = self.open.get_mut(&handle) else {
            return Err(ErrorKind::InvalidInput.into());
        };
        let told = names.split_off(names.len().saturating_sub(AT_A_TIME));
        Ok(if told.is_empty() {
            Answer::Status(Status::End)
        } else {
            Answer::Names(told)
        })
    }
}

/// The parts of a path from the root, the way up taken out; above the root is the root.
fn parts(path: &[u8]) -> io::Result<Vec<&OsStr>> {
    let mut parts = Vec::new();
    for part in path.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => drop(parts.pop()),
            part => parts.push(names::safe_component(part).ok_or(ErrorKind::InvalidFilename)?),
        }
    }
    Ok(parts)
}

fn resolve(path: &[u8]) -> io::Result<Answer> {
    let parts = parts(path)?.join(OsStr::new("/"));
    let name = [b"/", parts.as_bytes()].concat();
    Ok(Answer::Names(vec![Shown {
        name,
        attributes: Attributes {
            is_folder: true,
            size: 0,
            modified: 0,
        },
    }]))
}

fn attributes(found: &fs::Metadata) -> Attributes {
    Attributes {
        is_folder: found.is_dir(),
        size: found.len(),
        modified: u32::try_from(found.mtime()).unwrap_or(0),
    }
}

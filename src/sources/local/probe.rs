//! The rights that settling will need, proved before the first file is taken.
//!
//! A file whose orders are delivered and which then cannot be moved is a nuisance for a long
//! night; so the move is tried at start, with an empty file of ours. Each failure says what to do.

use std::ffi::{OsStr, OsString};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rustix::fs::fstat;
use rustix::io::Errno;

use super::Inner;
use super::folder;
use super::folders::Folders;
use crate::arrival::Verdict;
use crate::clock;
use crate::failure::Failure;
use crate::sources::After;

/// What the empty file is called, before our process number.
const PROBE: &str = ".orderdock-probe-";

pub(super) fn probe(inner: &Inner) -> Result<(), Failure> {
    let root = inner.folder.open()?;
    let shown = inner.folder.path().display();
    let listing =
        rustix::fs::Dir::read_from(&root).and_then(|mut names| names.next().transpose().map(drop));
    listing.map_err(|errno| {
        folder::failure(
            format!("reading the folder {shown}"),
            errno,
            "This user needs read rights on it.",
        )
    })?;
    if inner.pickup.after == After::Leave {
        return Ok(());
    }
    let mut targets = Vec::new();
    for verdict in [Verdict::Done, Verdict::Error] {
        let target = inner
            .targets
            .at(verdict, clock::now())
            .map_err(|message| Failure::operator(format!("probing {shown}"), message))?;
        targets.push(target);
    }
    let mut folders = Folders::new(root, inner.targets.bases());
    for target in &targets {
        same_file_system(inner, &mut folders, target)?;
    }
    let name = OsString::from(format!("{PROBE}{}", std::process::id()));
    for folder in targets.iter().map(Vec::as_slice).chain([b"".as_slice()]) {
        if let Ok(Some(opened)) = folders.existing(folder) {
            remove_leftovers(opened);
        }
    }
    let tried = try_moves(inner, &mut folders, &targets, &name);
    // Whatever failed, nothing of ours stays behind.
    for folder in targets.iter().map(Vec::as_slice).chain([b"".as_slice()]) {
        if let Ok(Some(opened)) = folders.existing(folder) {
            folder::remove_quietly(opened, &name);
        }
    }
    tried
}

/// Probes of processes that ended between creating theirs and removing it.
fn remove_leftovers(folder: &OwnedFd) {
    let Ok(names) = rustix::fs::Dir::read_from(folder) else {
        return;
    };
    for entry in names.flatten() {
        let name = OsStr::from_bytes(entry.file_name().to_bytes());
        let process = name
            .to_str()
            .and_then(|name| name.strip_prefix(PROBE)?.parse::<u32>().ok());
        if process.is_some_and(|process| !Path::new(&format!("/proc/{process}")).exists()) {
            folder::remove_quietly(folder, name);
        }
    }
}

/// A rename is one step only within one file system. And a target that is the inbox itself, by way
/// of a link, would bring every settled file back.
fn same_file_system(inner: &Inner, folders: &mut Folders, target: &[u8]) -> Result<(), Failure> {
    let shown = path(inner, target);
    let made = |errno| {
        folder::failure(
            format!("creating the folder {shown}"),
            errno,
            format!(
                "Create it, owned by this user: mkdir -p '{shown}' && chown {} '{shown}'.",
                rustix::process::geteuid().as_raw()
            ),
        )
    };
    let identity = |opened: &OwnedFd| fstat(opened).map(|stat| (stat.st_dev, stat.st_ino));
    let (their_disk, settled_into) = folders.made(target).and_then(identity).map_err(made)?;
    let root = folders.existing(&[]).map_err(made)?;
    let (our_disk, watched) = root.ok_or(Errno::NOENT).and_then(identity).map_err(made)?;
    if our_disk != their_disk {
        return Err(other_file_system(inner, target));
    }
    if watched == settled_into {
        return Err(Failure::operator(
            format!("probing the folder {shown}"),
            "it is the watched folder itself, so that settled files would be taken again. Set done \
             and error to other folders.",
        ));
    }
    Ok(())
}

fn other_file_system(inner: &Inner, target: &[u8]) -> Failure {
    let (shown, root) = (path(inner, target), inner.folder.path().display());
    Failure::operator(
        format!("probing the folder {shown}"),
        format!(
            "it lies on another file system than {root}, so that files could not be moved there \
             in one step. Put both on one file system, or set done and error to other folders. A \
             folder that is a mount of its own counts as one (each path of ReadWritePaths= in a \
             unit, each volume of a container): there, name the folder that holds both."
        ),
    )
}

/// Creates an empty file and moves it to each target and back.
fn try_moves(
    inner: &Inner,
    folders: &mut Folders,
    targets: &[Vec<u8>],
    name: &OsStr,
) -> Result<(), Failure> {
    let root = folders
        .existing(&[])
        .map_err(|errno| refused(inner, &[], errno))?;
    let root = root
        .ok_or(Errno::NOENT)
        .map_err(|errno| refused(inner, &[], errno))?;
    // One of ours may be left from a crash of a process that had the same number.
    folder::remove_quietly(root, name);
    folder::create_new(root, name).map_err(|errno| refused(inner, &[], errno))?;
    for target in targets {
        folders
            .made(target)
            .map_err(|errno| refused(inner, target, errno))?;
        let (root, target_folder) = folders.both(&[], target);
        folder::rename(root, name, target_folder, name)
            .map_err(|errno| refused(inner, target, errno))?;
        folder::rename(target_folder, name, root, name)
            .map_err(|errno| refused(inner, target, errno))?;
    }
    Ok(())
}

fn refused(inner: &Inner, target: &[u8], errno: Errno) -> Failure {
    let shown = path(inner, target);
    match errno {
        Errno::XDEV => other_file_system(inner, target),
        errno => folder::failure(
            format!("trying to write to the folder {shown}"),
            errno,
            format!("This user needs write and search rights on it: chmod u+rwx '{shown}'."),
        ),
    }
}

fn path(inner: &Inner, below: &[u8]) -> String {
    let mut path = inner.folder.path().clone();
    if !below.is_empty() {
        path.push(OsStr::from_bytes(below));
    }
    path.display().to_string()
}

//! A folder as a source: what is listed, how it is read, where it goes.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::Write;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use orderdock::arrival::{ArrivalId, Entry, Locator, Settled, Verdict, Version};
use orderdock::failure::Failure;
use orderdock::sources::local::LocalSource;
use orderdock::sources::{After, Pickup, Piece, Probe, Settlement, Source};
use tokio::sync::mpsc;

mod listing;
mod names;
mod places;
mod reading;
mod rights;
mod settling;
mod watching;

struct Inbox {
    folder: tempfile::TempDir,
    source: LocalSource,
}

fn pickup() -> Pickup {
    Pickup {
        name: "inbox".into(),
        stable: Duration::ZERO,
        poll: Duration::from_secs(15),
        grace: Duration::ZERO,
        include: Vec::new(),
        exclude: Vec::new(),
        marker: None,
        min_bytes: 0,
        max_bytes: 1 << 20,
        depth: 0,
        batch: 100,
        done: "done".into(),
        error: "error".into(),
        after: After::Move,
    }
}

impl Inbox {
    fn new(pickup: Pickup) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let source = LocalSource::open(folder.path().to_owned(), pickup).unwrap();
        Self { folder, source }
    }

    fn plain() -> Self {
        Self::new(pickup())
    }

    fn path(&self, below: impl AsRef<OsStr>) -> PathBuf {
        self.folder.path().join(below.as_ref())
    }

    /// Writes a file whose time says in which order it came.
    fn drop(&self, below: impl AsRef<OsStr>, bytes: &str, second: u64) {
        let path = self.path(below);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        set_time(&path, second);
    }

    async fn list(&self) -> Vec<Entry> {
        self.source.list().await.unwrap().entries
    }

    async fn names(&self) -> Vec<String> {
        let entries = self.list().await;
        entries
            .iter()
            .map(|entry| entry.locator.to_string())
            .collect()
    }

    async fn only(&self) -> Entry {
        let mut entries = self.list().await;
        assert_eq!(entries.len(), 1, "{entries:?}");
        entries.remove(0)
    }

    async fn fetch(&self, entries: Vec<Entry>) -> Vec<(i64, Read)> {
        let entries = (1..).map(ArrivalId).zip(entries).collect();
        let (sender, mut pieces) = mpsc::channel(1);
        let reading = self.source.fetch(entries, sender);
        let collecting = async {
            let mut found = Vec::new();
            let mut bytes = Vec::new();
            while let Some(piece) = pieces.recv().await {
                match piece {
                    Piece::Bytes(_, piece) => bytes.extend_from_slice(&piece),
                    Piece::Complete(id) => {
                        found.push((id.0, Read::Whole(std::mem::take(&mut bytes))));
                    }
                    Piece::Gone(id) => found.push((id.0, Read::Gone)),
                    Piece::Failed(id, failure) => found.push((id.0, Read::Failed(failure))),
                }
            }
            found
        };
        tokio::join!(reading, collecting).1
    }

    async fn settle(&self, settlement: Settlement) -> Result<Settled, Failure> {
        self.source.settle(vec![settlement]).await.remove(0)
    }

    /// All files below, relative, sorted.
    fn tree(&self) -> Vec<String> {
        let mut found = Vec::new();
        walk(self.folder.path(), self.folder.path(), &mut found);
        found.sort();
        found
    }
}

#[derive(Debug, PartialEq)]
enum Read {
    Whole(Vec<u8>),
    Gone,
    Failed(Failure),
}

fn set_time(path: &Path, second: u64) {
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000 + second);
    fs::File::open(path).unwrap().set_modified(time).unwrap();
}

#[expect(clippy::disallowed_methods, reason = "senders overwrite")]
fn rename(from: impl AsRef<Path>, to: impl AsRef<Path>) {
    fs::rename(from, to).unwrap();
}

fn walk(root: &Path, folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.is_symlink() {
            walk(root, &path, found);
        } else {
            let below = path.strip_prefix(root).unwrap();
            found.push(below.to_string_lossy().into_owned());
        }
    }
}

fn settlement(entry: &Entry, verdict: Verdict) -> Settlement {
    Settlement {
        arrival: ArrivalId(17),
        locator: entry.locator.clone(),
        version: entry.version,
        verdict,
        sidecars: Vec::new(),
    }
}

fn with_sidecar(entry: &Entry) -> Settlement {
    Settlement {
        sidecars: vec![(".error.txt".into(), b"why".to_vec())],
        ..settlement(entry, Verdict::Error)
    }
}

#[expect(clippy::unnecessary_wraps, reason = "what settling answers")]
fn moved(to: &str) -> Result<Settled, Failure> {
    Ok(Settled::Moved(Locator(to.into())))
}

fn sh(script: &str, argument: &Path) -> bool {
    let mut command = Command::new("sh");
    command.arg("-c").arg(script).arg("sh").arg(argument);
    command.status().unwrap().success()
}

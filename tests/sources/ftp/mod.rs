//! Sources at FTP servers: real ones in every mode of protection, and strange ones.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use orderdock::arrival::{ArrivalId, Entry, Settled, Verdict};
use orderdock::clients::ftp::{FtpServer, FtpSettings, Protection};
use orderdock::clients::tls::Trust;
use orderdock::failure::Failure;
use orderdock::secret::Secret;
use orderdock::sources::remote::RemoteSource;
use orderdock::sources::{After, Pickup, Piece, Settlement, Source};
use tokio::sync::mpsc;

use super::contract;
use super::local::Folder;
use crate::support::ftpd::PASSWORD;

mod faults;
mod kept;
mod listings;
mod modes;
mod partners;
mod speed;

/// Settings for a server on this machine.
fn settings(port: u16, protection: Protection, ca: &Path) -> FtpSettings {
    let authorities = (protection != Protection::None).then(|| fs::read(ca).unwrap());
    FtpSettings {
        host: "127.0.0.1".to_owned(),
        port,
        user: "edi".to_owned(),
        password: Some(Secret::new(PASSWORD)),
        protection,
        allow_plaintext: false,
        trust: Trust {
            authorities,
            pins: Vec::new(),
        },
        at_most_tls_12: false,
    }
}

fn pickup() -> Pickup {
    Pickup {
        name: "acme".into(),
        stable: Duration::ZERO,
        poll: Duration::from_secs(15),
        grace: Duration::ZERO,
        include: Vec::new(),
        exclude: Vec::new(),
        marker: None,
        min_bytes: 0,
        max_bytes: 256 << 20,
        depth: 0,
        batch: 1000,
        done: "done".into(),
        error: "error".into(),
        after: After::Move,
    }
}

/// The folder `in` of the login folder.
fn source(settings: FtpSettings) -> RemoteSource {
    let server = FtpServer::new(settings).unwrap();
    RemoteSource::open(Box::new(server), b"/~/in".to_vec(), pickup(), 2).unwrap()
}

/// What one file came to.
#[derive(Debug, PartialEq)]
enum Fetched {
    Whole(Vec<u8>),
    Gone,
    Failed(Failure),
}

async fn fetch(source: &RemoteSource, entries: Vec<Entry>) -> Vec<Fetched> {
    let count = entries.len();
    let entries = (0..).map(ArrivalId).zip(entries).collect();
    let (sender, mut pieces) = mpsc::channel(4);
    let collecting = async {
        let mut bytes = vec![Vec::new(); count];
        let mut ends: Vec<Option<Fetched>> = (0..count).map(|_| None).collect();
        let at = |id: ArrivalId| usize::try_from(id.0).unwrap();
        while let Some(piece) = pieces.recv().await {
            match piece {
                Piece::Bytes(id, piece) => bytes[at(id)].extend_from_slice(&piece),
                Piece::Complete(id) => {
                    ends[at(id)] = Some(Fetched::Whole(std::mem::take(&mut bytes[at(id)])));
                }
                Piece::Gone(id) => ends[at(id)] = Some(Fetched::Gone),
                Piece::Failed(id, failure) => ends[at(id)] = Some(Fetched::Failed(failure)),
            }
        }
        ends.into_iter()
            .map(|end| end.expect("each file has an end"))
            .collect()
    };
    tokio::join!(source.fetch(entries, sender), collecting).1
}

fn settlement(entry: &Entry, verdict: Verdict) -> Settlement {
    Settlement {
        arrival: ArrivalId(17),
        locator: entry.locator.clone(),
        version: entry.version,
        verdict,
        sidecars: match verdict {
            Verdict::Done => Vec::new(),
            Verdict::Error => vec![(".error.txt".to_owned(), b"what was wrong\n".to_vec())],
        },
    }
}

async fn settle(
    source: &RemoteSource,
    entry: &Entry,
    verdict: Verdict,
) -> Result<Settled, Failure> {
    source
        .settle(vec![settlement(entry, verdict)])
        .await
        .remove(0)
}

fn names(entries: &[Entry]) -> Vec<String> {
    let mut names: Vec<_> = entries
        .iter()
        .map(|entry| entry.locator.to_string())
        .collect();
    names.sort();
    names
}

/// All files below a folder, sorted.
fn tree(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path.strip_prefix(folder).unwrap().to_owned());
            }
        }
    }
    found.sort();
    found
}

//! How fast files come in by SFTP: listed and fetched as the daemon does it, nothing else.
//!
//! `sftp HOST PORT USER KEY FINGERPRINT FOLDER [list]` lists the folder, fetches everything in it (not with
//! `list`) and prints what that took, as `names=N list_ms=N files=N bytes=N fetch_ms=N peak_kb=N`. `compare`
//! beside this file starts a server, lays files there, and runs this and its peers.

use std::sync::Arc;
use std::time::{Duration, Instant};

use orderdock::arrival::ArrivalId;
use orderdock::secret::Secret;
use orderdock::sources::remote::RemoteSource;
use orderdock::sources::sftp::{HostKeys, SftpServer, SftpSettings};
use orderdock::sources::{After, Pickup, Piece, Source};
use tokio::sync::mpsc;

#[expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark measures the clock and prints what it measured"
)]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|a| a != "--bench")
        .collect();
    let [host, port, user, key, fingerprint, folder, more @ ..] = arguments.as_slice() else {
        println!("usage: sftp HOST PORT USER KEY FINGERPRINT FOLDER [list]");
        return Ok(());
    };
    let fetches = more.is_empty();
    let mut host_keys = HostKeys::default();
    host_keys.pin(std::slice::from_ref(fingerprint))?;
    let server = SftpServer::new(SftpSettings {
        host: host.clone(),
        port: port.parse()?,
        user: user.clone(),
        password: None,
        key: Some(Secret::new(&std::fs::read_to_string(key)?)),
        passphrase: None,
        host_keys,
        legacy: false,
    })?;
    let root = folder.clone().into_bytes();
    let source = Arc::new(RemoteSource::open(Box::new(server), root, pickup(), 4)?);
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let started = Instant::now();
        let entries = source.list().await?.entries;
        let listed = started.elapsed();
        let names = entries.len();
        let mut files = 0;
        let mut bytes = 0;
        let started = Instant::now();
        let mut waiting = (0..).map(ArrivalId).zip(entries).peekable();
        // As the daemon asks for them: 512 at a time.
        while fetches && waiting.peek().is_some() {
            let batch: Vec<_> = waiting.by_ref().take(512).collect();
            let (sender, mut pieces) = mpsc::channel(8);
            let fetching = Arc::clone(&source);
            tokio::spawn(async move { fetching.fetch(batch, sender).await });
            while let Some(piece) = pieces.recv().await {
                match piece {
                    Piece::Bytes(_, piece) => bytes += piece.len(),
                    Piece::Complete(_) => files += 1,
                    Piece::Gone(id) => return Err(format!("{id} is gone").into()),
                    Piece::Failed(_, failure) => return Err(failure.into()),
                }
            }
        }
        let took = started.elapsed();
        println!(
            "names={names} list_ms={} files={files} bytes={bytes} fetch_ms={} peak_kb={}",
            listed.as_millis(),
            took.as_millis(),
            peak().unwrap_or(0)
        );
        Ok(())
    })
}

/// The most memory this process has had, in KB.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").trim().parse().ok()
}

fn pickup() -> Pickup {
    Pickup {
        name: "bench".into(),
        stable: Duration::ZERO,
        poll: Duration::from_mins(1),
        grace: Duration::ZERO,
        include: Vec::new(),
        exclude: Vec::new(),
        marker: None,
        min_bytes: 0,
        max_bytes: 1 << 30,
        depth: 0,
        batch: 512,
        done: "done".into(),
        error: "error".into(),
        after: After::Leave,
    }
}

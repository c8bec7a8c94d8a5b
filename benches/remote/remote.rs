//! How fast files come in from servers, and what waiting for them takes: as the daemon does it, nothing else.
//!
//! `remote CONFIG [list|wait]` reads a configuration. It lists its first source and fetches everything there
//! (not with `list`), and prints what that took, as `names=N list_ms=N files=N bytes=N fetch_ms=N peak_kb=N`.
//! With `wait` it opens all of its sources, looks once at each, leaves them waiting, and prints
//! `sources=N look_ms=N resident_kb=N`. `compare` beside this file starts servers, lays files there, and runs
//! this and its peers.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use orderdock::arrival::ArrivalId;
use orderdock::config::Config;
use orderdock::daemon;
use orderdock::sources::{Piece, Source};
use tokio::sync::mpsc;

#[expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]
fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1).filter(|a| a != "--bench");
    let Some(config) = arguments.next() else {
        println!("usage: remote CONFIG [list|wait]");
        return Ok(());
    };
    let config = Config::load(Path::new(&config)).map_err(|errors| format!("{errors:?}"))?;
    let runtime = tokio::runtime::Runtime::new()?;
    let inside = runtime.enter();
    let sources = config.sources.iter().map(daemon::source);
    let sources: Vec<_> = sources.collect::<Result<_, _>>()?;
    drop(inside);
    let said = match arguments.next().as_deref() {
        Some("wait") => runtime.block_on(wait(sources))?,
        mode => {
            let first = sources.into_iter().next().ok_or("no source")?;
            runtime.block_on(take(first, mode.is_none()))?
        }
    };
    println!("{said}");
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures the clock")]
async fn take(source: Arc<dyn Source>, fetches: bool) -> Result<String, Box<dyn Error>> {
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
    Ok(format!(
        "names={names} list_ms={} files={files} bytes={bytes} fetch_ms={} peak_kb={}",
        listed.as_millis(),
        started.elapsed().as_millis(),
        memory("VmHWM:").unwrap_or(0)
    ))
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures the clock")]
async fn wait(sources: Vec<Arc<dyn Source>>) -> Result<String, Box<dyn Error>> {
    let started = Instant::now();
    let count = sources.len();
    let mut waits = Vec::with_capacity(count);
    for source in sources {
        source.list().await?;
        waits.push(tokio::spawn(async move {
            source.wait(Duration::from_mins(10)).await;
        }));
    }
    let looked = started.elapsed();
    // Until all of them have come to rest.
    tokio::time::sleep(Duration::from_secs(2)).await;
    if waits.iter().any(tokio::task::JoinHandle::is_finished) {
        return Err("a source does not wait".into());
    }
    Ok(format!(
        "sources={count} look_ms={} resident_kb={}",
        looked.as_millis(),
        memory("VmRSS:").unwrap_or(0)
    ))
}

/// A line of what the kernel says about the memory of this process, in KB.
fn memory(key: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(key))?;
    line.trim().trim_end_matches(" kB").trim().parse().ok()
}

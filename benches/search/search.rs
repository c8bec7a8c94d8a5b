//! How long lists, searches and pages take in a ledger with many orders.
//!
//! ```text
//! cargo bench --bench search                      one million orders in 200,000 files, asked through the port
//! cargo bench --bench search -- http              the same asked by HTTP: every page and every call of the API
//! cargo bench --bench search -- uploads           how fast orders are delivered while 90 MB uploads come in
//! ORDERS=100000 …                                 fewer
//! LEDGER=/tmp/big …                               keep the ledger there, and use it again
//! TIMES=500 CONNECTIONS=2 … -- http               how often each is asked, and by how many at once
//! RATE=0 … -- uploads                             as fast as they come, instead of 12 MB/s (a line of 100 Mbit/s)
//! ```
//!
//! Rows are written by SQL and indexed by the ledger itself. The figures of a machine that does something
//! else meanwhile are about that.
#![expect(
    clippy::panic,
    clippy::pedantic,
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measuring tool, not a part of the product"
)]

mod ask;
mod client;
mod daemon;
mod fill;
mod http;
mod uploads;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use orderdock::ledger::Ledger;
use orderdock::ledger::sqlite::{FILE, Options, SqliteLedger};

fn open(folder: &Path) -> SqliteLedger {
    let host = "bench.invalid".to_owned();
    SqliteLedger::open(folder, Options { host }).unwrap()
}

/// A number from the environment.
fn number(name: &str, usual: i64) -> i64 {
    std::env::var(name).map_or(usual, |n| n.parse().unwrap())
}

fn main() {
    let mode = std::env::args().skip(1).find(|word| !word.starts_with('-'));
    if mode.as_deref() == Some("uploads") {
        return uploads::measure();
    }
    let orders = number("ORDERS", 1_000_000);
    let scratch = tempfile::tempdir().unwrap();
    let folder: PathBuf =
        std::env::var_os("LEDGER").map_or_else(|| scratch.path().into(), Into::into);
    if !folder.join(FILE).exists() {
        std::fs::create_dir_all(&folder).unwrap();
        drop(open(&folder));
        let began = Instant::now();
        fill::fill(&folder, orders);
        println!(
            "{orders} orders written in {:.0} s",
            began.elapsed().as_secs_f64()
        );
    }
    fill::dress(&folder, orders);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let ledger = open(&folder);
    runtime.block_on(async {
        index(&ledger).await;
        if mode.is_none() {
            ask::questions(&ledger, orders).await;
        }
        ledger.close().await.unwrap();
    });
    drop(ledger);
    if mode.as_deref() == Some("http") {
        http::measure(&folder, orders);
    }
}

async fn index(ledger: &SqliteLedger) {
    let began = Instant::now();
    let mut worst = Duration::ZERO;
    loop {
        let step = Instant::now();
        let more = ledger.index().await.unwrap();
        worst = worst.max(step.elapsed());
        if !more {
            break;
        }
    }
    println!(
        "indexed in {:.0} s, the longest step {:.0} ms",
        began.elapsed().as_secs_f64(),
        worst.as_secs_f64() * 1000.0
    );
}

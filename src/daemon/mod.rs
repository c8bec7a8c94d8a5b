//! The daemon: builds the ports from a configuration, runs the flow, and ends well.
//!
//! `build` turns configuration into adapters; `service` is the life of `orderdock run`; `once` is
//! `run --once`; `live` is what only a running daemon can answer; `parse` is the dry run; `profile`
//! makes and tests profiles; `workshop` does the same for the console; `check` compiles and connects.

mod build;
mod check;
mod ftp;
mod http;
mod imap;
mod live;
mod members;
mod once;
mod openid;
mod parse;
mod partners;
mod profile;
mod service;
mod sftp;
mod token;
mod tracking;
mod trust;
mod web;
mod workshop;

use std::path::PathBuf;
use std::sync::Arc;

use crate::cli::Exit;
use crate::config::Config;
use crate::failure::Failure;
use crate::jail::{self, Jail, Texts};
use crate::ledger::sqlite::SqliteLedger;

pub use build::{Profiles, partner_of, ports, source};
pub use check::{check, whole};
pub use parse::parse;
pub use profile::profile;
pub use service::{Dress, Means, Service, run};

/// Opens the ledger of a configuration, where no daemon has it.
///
/// # Errors
/// It is held, damaged, or cannot be read.
pub async fn open_ledger(config: &Config) -> Result<Arc<SqliteLedger>, Failure> {
    let options = build::ledger_options(config);
    let state_dir = config.state_dir.clone();
    let opened = tokio::task::spawn_blocking(move || SqliteLedger::open(&state_dir, options));
    let during = "opening the ledger";
    let ledger = opened.await.map_err(|error| Failure::ours(during, error))?;
    let ledger = ledger.map_err(|error| Failure::operator(during, error))?;
    Ok(Arc::new(ledger))
}

/// A pool of children of this program.
#[must_use]
pub fn jail(size: usize, texts: Texts) -> Jail {
    // The binary that runs, even where an upgrade has replaced the file since.
    Jail::new(PathBuf::from("/proc/self/exe"), size, texts)
}

/// `orderdock jail-child`: what a child of the pool runs.
#[must_use]
pub fn jail_child() -> Exit {
    match jail::child::run() {
        Ok(()) => Exit::Done,
        Err(error) => {
            tracing::error!(%error, "A child ended.");
            Exit::Ours
        }
    }
}

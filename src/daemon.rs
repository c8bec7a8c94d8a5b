//! Builds the ports from the configuration and runs the flow.

use std::sync::Arc;

use crate::cli::{Exit, ParseArgs};
use crate::config::{CheckReport, Config};
use crate::failure::Failure;
use crate::ledger::Ledger;

/// Runs the daemon.
#[must_use]
pub fn run(_config: Config, _once: bool) -> Exit {
    Exit::Ours
}

/// A dry run over files.
#[must_use]
pub fn parse(_args: &ParseArgs) -> Exit {
    Exit::Ours
}

/// A child of the jail.
#[must_use]
pub fn jail_child() -> Exit {
    Exit::Ours
}

/// What only adapters can check: profiles, expressions, templates; with `connect`, every source,
/// destination and the mail server.
#[must_use]
pub fn check(_config: &Config, _connect: bool) -> CheckReport {
    CheckReport::default()
}

/// The ledger of a command that found no daemon: takes its lock.
///
/// # Errors
/// It cannot be opened.
#[expect(clippy::unused_async, reason = "opening waits for a thread")]
pub async fn open_ledger(_config: &Config) -> Result<Arc<dyn Ledger>, Failure> {
    Err(Failure::ours("opening the ledger", "not linked in"))
}

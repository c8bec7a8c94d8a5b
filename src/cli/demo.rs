//! `orderdock demo`.

use clap::Args;

use super::{Cli, Exit};
use crate::config::{LogConfig, LogLevel};
use crate::logging;

/// A tour in a scratch folder, without any set-up.
#[derive(Debug, Args)]
pub(super) struct DemoArgs {
    /// End after the samples instead of waiting for files of your own.
    #[arg(long)]
    once: bool,
}

impl DemoArgs {
    pub(super) fn run(&self, cli: &Cli) -> Exit {
        // The tour comments itself; the log would only talk into it.
        let log = LogConfig {
            level: LogLevel::Warn,
            ..LogConfig::default()
        };
        logging::start(log, cli.verbose);
        crate::demo::run(self.once)
    }
}

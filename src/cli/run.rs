//! `orderdock run`.

use clap::Args;

use super::{Cli, Exit};
use crate::logging;

/// Run the daemon.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  orderdock run                 until SIGTERM; SIGHUP reads the configuration again
  orderdock run --once          take what lies there, deliver it, and end

With --once, exit code 1 says that something was rejected or remains.")]
pub(super) struct RunArgs {
    /// Take what lies there now, try everything that is due once, and end.
    #[arg(long)]
    once: bool,
}

impl RunArgs {
    pub(super) fn run(&self, cli: &Cli) -> Exit {
        match cli.load() {
            Ok(config) => {
                logging::start(config.log, cli.verbose);
                crate::daemon::run(config, self.once)
            }
            Err(exit) => exit,
        }
    }
}

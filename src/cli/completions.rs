//! `orderdock completions`.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::{Cli, Exit, show};

/// Print the completions for a shell.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  orderdock completions bash > /etc/bash_completion.d/orderdock
  orderdock completions zsh > \"${fpath[1]}/_orderdock\"")]
pub(super) struct CompletionsArgs {
    /// Which shell.
    shell: Shell,
}

impl CompletionsArgs {
    pub(super) fn run(&self) -> Exit {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "orderdock", &mut script);
        show(&String::from_utf8_lossy(&script), Exit::Done)
    }
}

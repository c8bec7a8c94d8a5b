//! `orderdock check`.

use clap::Args;
use serde_json::json;

use super::{Cli, Exit, complain, show};
use crate::config::{CheckReport, Config, ConfigError};

/// Check the configuration and the profiles.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  orderdock check                              before a reload
  orderdock check --connect                    ask sources, destinations, mail server
  orderdock --config ./orderdock.toml check

Exit code 2 says that the configuration is wrong, 1 that something did not answer.")]
pub(super) struct CheckArgs {
    /// Also try every source, destination and the mail server; files are renamed, nothing is sent.
    #[arg(long)]
    connect: bool,
    /// One JSON object.
    #[arg(long)]
    json: bool,
}

impl CheckArgs {
    pub(super) fn run(&self, cli: &Cli) -> Exit {
        let config = match Config::load(&cli.config) {
            Ok(config) => config,
            Err(errors) => return self.refuse(&errors),
        };
        let wrong = !config.check_report().errors.is_empty();
        let report = crate::daemon::whole(&config, self.connect);
        let exit = match (wrong || !self.connect, report.errors.is_empty()) {
            (_, true) => Exit::Done,
            (true, false) => Exit::Usage,
            (false, false) => Exit::Failed,
        };
        show(&self.render(&report), exit)
    }

    fn render(&self, report: &CheckReport) -> String {
        if !self.json {
            return report.text();
        }
        let object = json!({
            "ok": report.errors.is_empty(),
            "errors": report.errors,
            "warnings": report.warnings,
            "found": report.found,
        });
        format!("{object}\n")
    }

    fn refuse(&self, errors: &[ConfigError]) -> Exit {
        if !self.json {
            for error in errors {
                complain(error);
            }
            return Exit::Usage;
        }
        let errors: Vec<_> = errors
            .iter()
            .map(|error| {
                json!({
                    "file": error.at.file,
                    "line": error.at.line,
                    "column": error.at.column,
                    "about": error.about,
                    "message": error.message,
                })
            })
            .collect();
        show(
            &format!("{}\n", json!({ "ok": false, "errors": errors })),
            Exit::Usage,
        )
    }
}

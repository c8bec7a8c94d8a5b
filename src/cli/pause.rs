//! `orderdock pause` and `orderdock resume`.

use clap::Args;

use super::ask::strange;
use super::{Cli, Exit, show};
use crate::control::{Request, Response};

/// Stop a source or a destination.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  orderdock pause erp --why \"moves to a new server\"
  orderdock pause inbox

What is under way is finished; nothing is lost. It stays paused over restarts.")]
pub(super) struct PauseArgs {
    /// The source's or destination's name.
    name: String,
    /// Why, for the next one who looks.
    #[arg(long, default_value = "")]
    why: String,
    /// One JSON object.
    #[arg(long)]
    json: bool,
}

/// Start it again.
#[derive(Debug, Args)]
pub(super) struct ResumeArgs {
    /// The source's or destination's name.
    name: String,
    /// One JSON object.
    #[arg(long)]
    json: bool,
}

impl PauseArgs {
    pub(super) fn run(&self, cli: &Cli) -> Exit {
        let request = Request::Pause {
            name: self.name.clone(),
            why: self.why.clone(),
        };
        tell(cli.ask(request), self.json)
    }
}

impl ResumeArgs {
    pub(super) fn run(&self, cli: &Cli) -> Exit {
        let request = Request::Resume {
            name: self.name.clone(),
        };
        tell(cli.ask(request), self.json)
    }
}

fn tell(answer: Result<Response, Exit>, json: bool) -> Exit {
    match answer {
        Ok(Response::Done(done)) if json => show(
            &format!("{}\n", serde_json::json!({ "done": done })),
            Exit::Done,
        ),
        Ok(Response::Done(done)) => show(&format!("{done}\n"), Exit::Done),
        Ok(other) => strange(&other),
        Err(exit) => exit,
    }
}

//! `orderdock status`.

use clap::Args;

use super::ask::strange;
use super::{Cli, Exit, Look, json, render, show};
use crate::control::{Request, Response};

/// One screen: sources, destinations, backlog, what needs a person.
#[derive(Debug, Args)]
pub(super) struct StatusArgs {
    /// One JSON object.
    #[arg(long)]
    json: bool,
}

impl StatusArgs {
    pub(super) fn run(&self, cli: &Cli) -> Exit {
        match cli.ask(Request::Status) {
            Ok(Response::Status(screen)) if self.json => show(&json::screen(&screen), Exit::Done),
            Ok(Response::Status(screen)) => {
                show(&render::screen(&screen, &Look::of_stdout()), Exit::Done)
            }
            Ok(other) => strange(&other),
            Err(exit) => exit,
        }
    }
}

//! Asks the running daemon; without one, opens the ledger and asks a desk of its own.

use std::sync::Arc;

use super::{Cli, Exit, complain};
use crate::config::Config;
use crate::control::{self, Answer, Called, Desk, NoDaemon, Request, Response};
use crate::failure::{Failure, Turn};
use crate::ledger::{Ledger, Reads, Who};

/// The answer to a request, from wherever it can be had.
///
/// # Errors
/// The daemon or the ledger could not be asked.
pub async fn ask(config: &Config, request: Request) -> Result<Response, Failure> {
    if let Called::Answer(response) = control::call(&config.control_socket(), &request).await? {
        return Ok(*response);
    }
    let ledger = crate::daemon::open_ledger(config).await?;
    let sources = config.sources.iter().map(|source| source.name.clone());
    let lanes = config.destinations.iter().map(|lane| lane.name.clone());
    let live = NoDaemon {
        names: sources.chain(lanes).collect(),
    };
    let desk = Desk::new(&ledger, Arc::new(live));
    let who = Who {
        name: control::account(rustix::process::getuid().as_raw()),
        via: "command line".to_owned(),
    };
    let response = desk.answer(request, &who).await;
    // That a daemon before ended uncleanly is for the next daemon to see.
    if !ledger.ended_uncleanly().await? {
        ledger.close().await?;
    }
    Ok(response)
}

impl Cli {
    /// Asks, and turns every answer that is not about the thing asked for into its exit code.
    pub(super) fn ask(&self, request: Request) -> Result<Response, Exit> {
        let config = self.load()?;
        crate::logging::start(config.log, self.verbose);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let answer = match runtime {
            Ok(runtime) => runtime.block_on(ask(&config, request)),
            Err(error) => Err(Failure::ours("starting", error)),
        };
        match answer {
            Ok(Response::Refused(why) | Response::Failed(why)) => {
                complain(&why);
                Err(Exit::Failed)
            }
            Ok(response) => Ok(response),
            Err(failure) => {
                complain(&failure);
                Err(match failure.turn {
                    Turn::Ours => Exit::Ours,
                    Turn::Operator | Turn::Partner => Exit::Failed,
                })
            }
        }
    }
}

/// An answer to another question: the daemon is of another version.
pub(super) fn strange(response: &Response) -> Exit {
    tracing::debug!(?response, "The answer does not fit the question.");
    complain(&"the daemon answered another question: is it another version?");
    Exit::Ours
}

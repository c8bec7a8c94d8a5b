//! Asks the running daemon; without one, opens the ledger and asks a desk of its own.

use std::sync::Arc;

use super::{Cli, Exit, complain};
use crate::config::Config;
use crate::control::{self, Answer, Called, Desk, NoDaemon, Request, Response, Socket};
use crate::failure::{Failure, Turn};
use crate::ledger::sqlite::SqliteLedger;
use crate::ledger::{Ledger, Reads, Who};

/// The answer to a request, from wherever it can be had.
///
/// # Errors
/// The daemon or the ledger could not be asked.
pub async fn ask(config: &Config, request: Request) -> Result<Response, Failure> {
    let (counter, response) = Counter::open(config, request).await?;
    counter.close().await?;
    Ok(response)
}

/// Whoever answers: the running daemon, else a desk of our own over the ledger.
pub(super) enum Counter {
    Daemon(Socket),
    Own(Desk, Arc<SqliteLedger>),
}

impl Counter {
    /// Finds out who answers, by a first request.
    pub(super) async fn open(
        config: &Config,
        request: Request,
    ) -> Result<(Self, Response), Failure> {
        let socket = Socket(config.control_socket());
        if let Called::Answer(response) = control::call(&socket.0, &request).await? {
            return Ok((Self::Daemon(socket), *response));
        }
        let ledger = crate::daemon::open_ledger(config).await?;
        let sources = config.sources.iter().map(|source| source.name.clone());
        let lanes = config.destinations.iter().map(|lane| lane.name.clone());
        let lanes: Vec<String> = lanes.collect();
        let live = NoDaemon {
            names: sources.chain(lanes.iter().cloned()).collect(),
            lanes,
            partner: crate::daemon::partner_of(config.clone()),
        };
        let desk = Desk::new(&ledger, Arc::new(live));
        let response = desk.answer(request, &myself()).await;
        Ok((Self::Own(desk, ledger), response))
    }

    /// For further requests.
    pub(super) fn desk(&self) -> &dyn Answer {
        match self {
            Self::Daemon(socket) => socket,
            Self::Own(desk, _) => desk,
        }
    }

    /// Leaves the ledger as it was.
    pub(super) async fn close(self) -> Result<(), Failure> {
        if let Self::Own(_, ledger) = self
            // That a daemon before ended uncleanly is for the next daemon to see.
            && !ledger.ended_uncleanly().await?
        {
            ledger.close().await?;
        }
        Ok(())
    }
}

/// Who runs this command.
pub(super) fn myself() -> Who {
    Who {
        name: control::account(rustix::process::getuid().as_raw()),
        via: "command line".to_owned(),
    }
}

/// The exit code of a failure that was said.
pub(super) fn exit_of(failure: &Failure) -> Exit {
    match failure.turn {
        Turn::Ours => Exit::Ours,
        Turn::Operator | Turn::Partner => Exit::Failed,
    }
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
                Err(exit_of(&failure))
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

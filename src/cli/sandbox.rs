//! `orderdock sandbox`.

use std::net::SocketAddr;

use clap::Args;
use clap::builder::PossibleValuesParser;

use super::{Cli, Exit, complain, show};
use crate::config::{LogConfig, LogLevel};
use crate::failure::Failure;
use crate::logging;
use crate::sandbox::{Kind, Options, Sandbox, Settings};

const KINDS: [&str; 7] = [
    "contargo",
    "trademax",
    "cargamos",
    "cargoconnect",
    "cargooffice",
    "soap",
    "all",
];

/// A stand-in for a partner's API, to rehearse before there are credentials.
#[derive(Debug, Args)]
#[command(after_help = "\
Faults: `[KIND] [METHOD] [PATH] = FAULT[, times=N][, after=N]`, where FAULT is STATUS[:RETRY_AFTER]
(500, 503:30), slow:SPAN, reset, commit-then-drop, error-under-200 or rate-limit:N/SPAN.

Examples:
  orderdock sandbox all
  orderdock sandbox trademax --set trademax.api_key=PUB --set trademax.secret=SECRET
  orderdock sandbox contargo --fault \"POST /star/orders = commit-then-drop, times=1\"

While it runs, /_sandbox/log shows what came and what was said.")]
pub(super) struct SandboxArgs {
    /// Which partner; `all` for all of them under one address.
    #[arg(value_name = "KIND", value_parser = PossibleValuesParser::new(KINDS))]
    kind: String,
    /// Where to listen; port 0 takes a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8650")]
    listen: SocketAddr,
    /// Change a credential, a lifetime or how strict a partner is.
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,
    /// Let something go wrong.
    #[arg(long, value_name = "RULE")]
    fault: Vec<String>,
    /// What the sandbox's clock shows at the start, as 2026-03-02T10:00:00Z.
    #[arg(long, value_name = "TIME")]
    clock: Option<String>,
    /// Let the clock stand still until it is moved.
    #[arg(long)]
    frozen: bool,
}

impl SandboxArgs {
    pub(super) fn run(&self, cli: &Cli) -> Exit {
        let log = LogConfig {
            level: LogLevel::Warn,
            ..LogConfig::default()
        };
        logging::start(log, cli.verbose);
        let options = match self.options() {
            Ok(options) => options,
            Err(wrong) => {
                complain(&format!("orderdock sandbox: {wrong}"));
                return Exit::Usage;
            }
        };
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build();
        let served = match runtime {
            Ok(runtime) => runtime.block_on(serve(&options)),
            Err(error) => Err(Failure::ours("starting the sandbox", error)),
        };
        served.unwrap_or_else(|failure| {
            complain(&format!("orderdock sandbox: {failure}"));
            Exit::Failed
        })
    }

    fn options(&self) -> Result<Options, String> {
        let kinds = match self.kind.as_str() {
            "all" => Kind::ALL.to_vec(),
            kind => vec![kind.parse()?],
        };
        let mut settings = Settings::default();
        for assignment in &self.set {
            settings = settings.set(assignment)?;
        }
        let options = Options {
            kinds,
            listen: self.listen,
            settings,
            faults: self.fault.clone(),
            clock: self.clock.clone(),
            frozen: self.frozen,
        };
        options.check()?;
        Ok(options)
    }
}

async fn serve(options: &Options) -> Result<Exit, Failure> {
    let mut sandbox = Sandbox::start(options).await?;
    match show(&sandbox.welcome(), Exit::Done) {
        Exit::Done => {}
        other => return Ok(other),
    }
    let during = "listening for signals";
    let failed = |error: std::io::Error| Failure::ours(during, error);
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
        .map_err(failed)?;
    tokio::select! {
        () = sandbox.ended() => Ok(Exit::Ours),
        interrupted = tokio::signal::ctrl_c() => interrupted.map(|()| Exit::Done).map_err(failed),
        _ = terminate.recv() => Ok(Exit::Done),
    }
}

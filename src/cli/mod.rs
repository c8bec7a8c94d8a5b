//! The command line: one file a subcommand.
//!
//! A command reads its arguments, asks (a running daemon, else the ledger itself), and prints what a
//! pure function made of the answer: a table for people, or JSON with stable keys, one object a
//! line. What is asked for goes to standard output, everything else to standard error.

use std::ffi::OsString;
use std::io::{ErrorKind, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::{Config, DEFAULT_PATH};

mod ask;
mod check;
mod completions;
mod deliveries;
mod demo;
mod destinations;
mod evidence;
mod files;
mod filter;
mod json;
mod key;
mod orders;
mod parse;
mod pause;
mod profile;
mod render;
mod run;
mod sandbox;
mod status;
mod table;
mod user;

pub use ask::ask;
pub use parse::ParseArgs;
pub use profile::{ExplainArgs, ImportArgs, ListArgs, ProfileCommand, SuggestArgs, TestArgs};
pub use render::{
    changes, deliveries_table, delivery, errands_table, explained, file, files_table, order,
    orders_table, parsed, profiles_table, screen, told,
};
pub use table::Look;

/// How a command ended. The codes are part of the outward contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// It was done.
    Done = 0,
    /// The input was rejected, or the thing asked for failed.
    Failed = 1,
    /// Wrong usage or configuration.
    Usage = 2,
    /// `run`: the ledger is damaged. The unit does not start again.
    Damaged = 65,
    /// Our fault.
    Ours = 70,
    /// `run`: reading or writing failed.
    Io = 74,
    /// `run`: another one is running. The unit does not start again.
    Running = 75,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Turns dropped order files into delivered orders.
#[derive(Debug, Parser)]
#[command(name = "orderdock", version, about, after_help = EXAMPLES)]
#[command(disable_help_subcommand = true, max_term_width = 100)]
struct Cli {
    /// The configuration; `profiles/` lies beside it.
    #[arg(long, short, global = true, value_name = "PATH", default_value = DEFAULT_PATH)]
    #[arg(env = "ORDERDOCK_CONFIG", hide_env = true)]
    config: PathBuf,
    /// Log more; twice for everything.
    #[arg(long, short, global = true, action = clap::ArgAction::Count)]
    verbose: u8,
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  orderdock demo                         see it work, without any set-up
  orderdock parse orders.csv             what would be sent, and every problem
  orderdock profile suggest orders.csv   a starting profile for a new layout
  orderdock check --connect              is the configuration right, does everybody answer
  orderdock status                       what happens now, and what needs a person
  orderdock files list --state error     what was rejected

Exit codes: 0 done; 1 rejected or failed; 2 wrong usage or configuration; 70 our fault;
`run` also 65 ledger damaged, 74 reading or writing failed, 75 already running.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the daemon.
    Run(run::RunArgs),
    /// Check the configuration and the profiles.
    Check(check::CheckArgs),
    /// Read files without touching anything, and show what would be sent.
    Parse(ParseArgs),
    /// Make, look at and test profiles: how a partner's layout becomes orders.
    Profile(profile::ProfileArgs),
    /// Look up files, read them again, release or cancel their orders.
    Files(files::FilesArgs),
    /// Look up orders, send them again, release or cancel them.
    Orders(orders::OrdersArgs),
    /// Look up deliveries, send them again, release or cancel them.
    Deliveries(deliveries::DeliveriesArgs),
    /// Ask partners for what is no order: stock, terminals, locks.
    Destinations(destinations::DestinationsArgs),
    /// Everything about one order in a zip archive.
    Evidence(evidence::EvidenceArgs),
    /// One screen: sources, destinations, backlog, what needs a person.
    Status(status::StatusArgs),
    /// Stop a source or a destination.
    Pause(pause::PauseArgs),
    /// Start it again.
    Resume(pause::ResumeArgs),
    /// A tour in a scratch folder, without any set-up.
    Demo(demo::DemoArgs),
    /// A stand-in for a partner's API, to rehearse before there are credentials.
    Sandbox(sandbox::SandboxArgs),
    /// Who may log in to the console.
    User(user::UserArgs),
    /// Keys with which programs ask the API.
    Key(key::KeyArgs),
    /// Print the completions for a shell.
    Completions(completions::CompletionsArgs),
    /// A child that reads files for the daemon.
    #[command(hide = true)]
    JailChild,
}

/// Runs the command of `args`.
pub fn main(args: impl IntoIterator<Item = OsString>) -> Exit {
    // Every user of TLS in the process takes this provider; installing it twice changes nothing.
    drop(rustls::crypto::ring::default_provider().install_default());
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        before(panic);
        end_after_panic();
    }));
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    match cli.command {
        Command::Run(ref args) => args.run(&cli),
        Command::Check(ref args) => args.run(&cli),
        Command::Parse(ref args) => crate::daemon::parse(args),
        Command::Profile(ref args) => args.run(&cli),
        Command::Files(ref args) => args.run(&cli),
        Command::Orders(ref args) => args.run(&cli),
        Command::Deliveries(ref args) => args.run(&cli),
        Command::Destinations(ref args) => args.run(&cli),
        Command::Evidence(ref args) => args.run(&cli),
        Command::Status(ref args) => args.run(&cli),
        Command::Pause(ref args) => args.run(&cli),
        Command::Resume(ref args) => args.run(&cli),
        Command::Demo(ref args) => args.run(&cli),
        Command::Sandbox(ref args) => args.run(&cli),
        Command::User(ref args) => args.run(&cli),
        Command::Key(ref args) => args.run(&cli),
        Command::Completions(ref args) => args.run(),
        Command::JailChild => crate::daemon::jail_child(),
    }
}

/// A defect of ours must not leave half a daemon behind: all that matters is in the ledger, so the
/// process ends and is started again.
#[expect(
    clippy::exit,
    reason = "a panic hook has no other way to choose the code"
)]
fn end_after_panic() {
    std::process::exit(i32::from(Exit::Ours as u8));
}

/// Help goes to standard output and is no error; everything else is.
fn usage(error: &clap::Error) -> Exit {
    let is_help = !error.use_stderr();
    match error.print() {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Exit::Io,
        _ if is_help => Exit::Done,
        _ => Exit::Usage,
    }
}

impl Cli {
    /// The configuration, or all its mistakes on standard error.
    fn load(&self) -> Result<Config, Exit> {
        Config::load(&self.config).map_err(|errors| {
            for error in errors {
                complain(&error);
            }
            Exit::Usage
        })
    }
}

/// Prints to standard output. A reader that went away (`| head`) is no failure.
fn show(text: &str, exit: Exit) -> Exit {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Exit::Io,
        _ => exit,
    }
}

/// One line on standard error.
fn complain(what: &impl std::fmt::Display) {
    // Nowhere to say that saying it failed.
    writeln!(std::io::stderr(), "{what}").unwrap_or_default();
}

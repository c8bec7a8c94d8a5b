//! `orderdock profile`: its arguments. What they do is in `daemon/profile`, which knows the jail.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::{Cli, Exit};
use crate::formats::FormatKind;

/// Make, look at and test profiles.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  orderdock profile suggest sample.xlsx > /etc/orderdock/profiles/acme.toml
  orderdock profile explain sample.xlsx --profile acme
  orderdock profile test acme

A sample becomes a live route in ten minutes: docs/profiles.md.")]
pub(super) struct ProfileArgs {
    /// What to do.
    #[command(subcommand)]
    command: ProfileCommand,
}

/// The commands on profiles.
#[derive(Debug, Subcommand)]
pub enum ProfileCommand {
    /// Print a starting profile for a sample, with a score for each guess.
    Suggest(SuggestArgs),
    /// List the profiles: your own beside the configuration, and the built-in ones.
    List(ListArgs),
    /// Show for each field of each order which cell, path or segment it came from.
    Explain(ExplainArgs),
    /// Read the samples kept beside your profiles, and compare with what they gave before.
    Test(TestArgs),
    /// Turn a mapping of the Cargooffice EDI configurator into a profile.
    Import(ImportArgs),
}

/// Arguments of `profile suggest`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  orderdock profile suggest orders.csv
  orderdock profile suggest orders.xml > /etc/orderdock/profiles/acme.toml
  orderdock profile suggest --json orders.json | jq .guesses

Nothing is sent by a guess: the profile is a text for you to correct.")]
pub struct SuggestArgs {
    /// A file of the partner's: csv, a workbook, xml or json.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Read as this format instead of looking at the bytes.
    #[arg(long, short, value_name = "FORMAT", value_parser = super::parse::format)]
    pub format: Option<FormatKind>,
    /// One JSON object: the profile, the guesses, and what is left.
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `profile list`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  orderdock profile list
  orderdock profile list --json | jq 'select(.built_in | not)'
  orderdock profile list --show shopify        print its text, to start from it")]
pub struct ListArgs {
    /// Print the text of this profile instead.
    #[arg(long, value_name = "NAME")]
    pub show: Option<String>,
    /// One JSON object a profile, one a line.
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `profile explain`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  orderdock profile explain orders.csv
  orderdock profile explain orders.xlsx --order PO-4711
  orderdock profile explain orders.xml --profile ./acme.toml --json

Withheld orders are explained too. Exit code 1 says that some order was not good, or is not there.")]
pub struct ExplainArgs {
    /// The file.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Only the order with this number.
    #[arg(long, value_name = "REF")]
    pub order: Option<String>,
    /// Read with this profile: a name, or a file of your own.
    #[arg(long, short, value_name = "NAME")]
    pub profile: Option<String>,
    /// One JSON object an order, one a line.
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `profile test`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  orderdock profile test                  all profiles that have samples
  orderdock profile test acme             one, by name
  orderdock profile test ./acme.toml      one, by file
  orderdock profile test acme --update    keep what comes out now as right

Samples of profiles/acme.toml lie in profiles/acme.samples/: orders.csv beside
orders.csv.expected.json, which --update writes. Look at it before you trust it.")]
pub struct TestArgs {
    /// Names or files of profiles; all of the configuration's without any.
    #[arg(value_name = "PROFILE")]
    pub profiles: Vec<String>,
    /// Write what comes out as what is expected.
    #[arg(long)]
    pub update: bool,
    /// One JSON object a sample, one a line.
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `profile import`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  orderdock profile import mapping.txt > /etc/orderdock/profiles/acme.toml
  orderdock profile import --name acme mapping.txt

Takes sections order, shipment and goods with lines such as `orderID = @A`, `{orderReference}` and
`FUNCTION(dateformat,@C,DD-MM-YYYY,YYYYMMDD)`, and the ShipmentTags, GoodsTags and ExtraTags of
special XML. Lines that are not understood stay as comments; then the exit code is 1.")]
pub struct ImportArgs {
    /// The mapping.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// What the profile is called; otherwise as the file.
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// One JSON object: the profile, and how many lines it lost.
    #[arg(long)]
    pub json: bool,
}

impl ProfileArgs {
    pub(super) fn run(&self, cli: &Cli) -> Exit {
        crate::daemon::profile(&self.command, Path::new(&cli.config))
    }
}

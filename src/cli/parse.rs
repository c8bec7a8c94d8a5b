//! `orderdock parse`: its arguments. What it does is in `daemon.rs`, which knows the adapters.

use std::path::PathBuf;

use clap::Args;

use crate::formats::FormatKind;

/// Read files without touching anything, and show what would be sent.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  orderdock parse orders.csv
  orderdock parse --json inbox/*.xml | jq .problems
  orderdock parse --records strange.xls      what the file says, before any profile

Needs no configuration. Exit code 1 says that some file was not accepted as a whole.")]
pub struct ParseArgs {
    /// The files; `-` is standard input.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Read with this profile instead of recognising the layout: a name, or a file of your own.
    #[arg(long, short, value_name = "NAME")]
    pub profile: Option<String>,
    /// Read as this format instead of looking at the bytes.
    #[arg(long, short, value_name = "FORMAT", value_parser = format)]
    pub format: Option<FormatKind>,
    /// One JSON object a file, one a line.
    #[arg(long)]
    pub json: bool,
    /// Show what the format read, before any profile.
    #[arg(long)]
    pub records: bool,
}

pub(super) fn format(word: &str) -> Result<FormatKind, String> {
    FormatKind::parse(word).ok_or_else(|| {
        "csv, xml, xls, xlsx, xlsb, ods, json, edifact, x12, ttm or fixed".to_owned()
    })
}

//! Which rows: the arguments that `files`, `orders` and `deliveries` share.

use clap::Args;

use crate::arrival::FileId;
use crate::clock::{self, Millis};
use crate::ledger::{DELIVERY_STATES, FILE_STATES, Filter};
use crate::limits;

/// Conditions; all that are given must hold.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Which")]
pub(super) struct Which {
    /// Only of this sender.
    #[arg(long, value_name = "NAME")]
    sender: Option<String>,
    /// Only from this source.
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// Only those owed to this destination.
    #[arg(long, value_name = "NAME")]
    destination: Option<String>,
    /// Only where the file's name has this in it.
    #[arg(long, value_name = "PART")]
    name: Option<String>,
    /// Only where the order's number has this in it.
    #[arg(long, value_name = "PART")]
    reference: Option<String>,
    /// Only orders with these words: parties, postcodes, other numbers.
    #[arg(long, value_name = "WORDS")]
    text: Option<String>,
    /// Only of this file.
    #[arg(long, value_name = "ID")]
    file: Option<i64>,
    /// Only since then: `2h`, `3d`, `2026-11-22` or `2026-11-22T08:00Z`.
    #[arg(long, value_name = "WHEN", value_parser = since)]
    since: Option<Millis>,
}

/// How much of a list.
#[derive(Debug, Clone, Args)]
pub(super) struct Page {
    /// At most so many rows.
    #[arg(long, short = 'n', default_value_t = 100, value_name = "ROWS")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=i64::from(limits::CONTROL_ROWS)))]
    limit: u32,
    /// Only rows before this number: the next page.
    #[arg(long, value_name = "ID")]
    before: Option<i64>,
    /// One JSON object a row, one a line.
    #[arg(long)]
    pub(super) json: bool,
}

/// How a change is made.
#[derive(Debug, Clone, Args)]
pub(super) struct How {
    /// Tell what would be done, and do nothing.
    #[arg(long)]
    pub(super) dry_run: bool,
    /// One JSON object a row, one a line.
    #[arg(long)]
    pub(super) json: bool,
}

impl Which {
    /// The filter for a change of what is named by number, or by conditions.
    pub(super) fn filter(&self, ids: &[i64], state: Option<&str>) -> Filter {
        Filter {
            file: self.file.map(FileId),
            ids: ids.to_vec(),
            sender: self.sender.clone(),
            source: self.source.clone(),
            destination: self.destination.clone(),
            name: self.name.clone(),
            reference: self.reference.clone(),
            text: self.text.clone(),
            state: state.map(str::to_owned),
            since: self.since,
            limit: 0,
            before: None,
        }
    }

    /// The filter for a page of a list.
    pub(super) fn page(&self, page: &Page, state: Option<&str>) -> Filter {
        Filter {
            limit: page.limit,
            before: page.before,
            ..self.filter(&[], state)
        }
    }
}

/// A state of a delivery.
pub(super) fn delivery_state(word: &str) -> Result<String, String> {
    one_of(&DELIVERY_STATES, word)
}

/// A word that files can be asked for by.
pub(super) fn file_state(word: &str) -> Result<String, String> {
    one_of(&FILE_STATES, word)
}

fn one_of(words: &[&str], word: &str) -> Result<String, String> {
    if words.contains(&word) {
        return Ok(word.to_owned());
    }
    let (last, others) = words.split_last().unwrap_or((&"", &[]));
    Err(format!("{} or {last}", others.join(", ")))
}

fn since(text: &str) -> Result<Millis, String> {
    clock::since(text).ok_or_else(|| "2h, 3d, 2026-11-22 or 2026-11-22T08:00Z".to_owned())
}

//! Files and texts that somebody wants read through the running daemon, and nothing kept: what the
//! command line does by itself, done in the daemon's own children. The answers are the objects that
//! the same command prints with `--json`.

use std::path::Path;

use serde_json::{Value, json};

use super::parse;
use super::profile::{self, explain::explanations};
use crate::cli::ParseArgs;
use crate::control::{Reading, What};
use crate::formats::FormatKind;
use crate::jail::Jail;

/// Reads it; an error is about the file or what was asked, never about us.
pub(super) async fn read(jail: &Jail, reading: Reading) -> Result<Value, String> {
    let path = Path::new(&reading.name);
    let format = reading.format.as_deref().map(format).transpose()?;
    let profile = reading.profile.as_deref();
    match reading.what {
        What::Orders | What::Records => {
            let args = ParseArgs {
                files: Vec::new(),
                profile: None,
                format,
                json: true,
                records: reading.what == What::Records,
            };
            let named = (reading.name.as_str(), reading.name.clone());
            let (_, value) = parse::value(&args, jail, profile, named, reading.bytes).await?;
            Ok(value)
        }
        What::Suggestion => {
            let made = profile::suggestion(jail, path, reading.bytes, format).await?;
            Ok(json!(made))
        }
        What::Explanation => {
            let (orders, problems, outcome) =
                explanations(jail, path, reading.bytes, profile).await?;
            Ok(json!({ "outcome": outcome, "orders": orders, "problems": problems }))
        }
    }
}

fn format(word: &str) -> Result<FormatKind, String> {
    FormatKind::parse(word).ok_or_else(|| {
        "`format` is csv, xml, xls, xlsx, xlsb, ods, json, edifact, x12, ttm or fixed".to_owned()
    })
}

//! What lies beside a file in the error folder: `bad.csv.error.txt` for people, `bad.csv.error.json`
//! for programs.
//!
//! The same words as the mail, with every finding that is kept. Pure: writing it to the source is
//! the source's part, and a sidecar that cannot be written stops nothing.

use jiff::tz::TimeZone;
use serde::Serialize;

use crate::clock::Millis;
use crate::failure::Failure;
use crate::ledger::Who;
use crate::problem::Problem;

use super::report::{Listed, Outcome, Refusal, Report, text as report_text};

/// The text for people.
///
/// # Errors
/// A failure of ours where the words do not render.
pub fn text(report: &Report<'_>) -> Result<String, Failure> {
    report_text(report, Listed::All)
}

#[derive(Serialize)]
struct Sidecar<'a> {
    file: &'a str,
    sha256: &'a str,
    outcome: &'static str,
    accepted: u64,
    withheld: u64,
    problems: &'a [Problem],
    problems_left_out: u64,
    refusals: Vec<Refused<'a>>,
    /// The Message-ID of the mail about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    report: Option<&'a str>,
}

#[derive(Serialize)]
struct Refused<'a> {
    reference: &'a str,
    destination: &'a str,
    words: &'a str,
}

/// The JSON for programs. `sha256` is the file's in hex, `message_id` that of the mail about it.
///
/// # Errors
/// A failure of ours where it cannot be written as JSON.
pub fn json(
    report: &Report<'_>,
    sha256: &str,
    message_id: Option<&str>,
) -> Result<String, Failure> {
    let sidecar = Sidecar {
        file: report.file,
        sha256,
        outcome: match report.outcome {
            Outcome::Rejected => "rejected",
            Outcome::Partial => "partial",
            Outcome::Refused => "refused",
            Outcome::GaveUp => "gave_up",
            Outcome::NoFile => "no_file",
            Outcome::Untold => "unknown_orders",
        },
        accepted: report.accepted,
        withheld: report.withheld,
        problems: report.findings,
        problems_left_out: report.findings_left_out,
        refusals: report.refusals.iter().map(refused).collect(),
        report: message_id,
    };
    serde_json::to_string_pretty(&sidecar)
        .map(|json| json + "\n")
        .map_err(|error| Failure::ours("writing a sidecar", error))
}

fn refused(refusal: &Refusal) -> Refused<'_> {
    Refused {
        reference: &refusal.reference,
        destination: &refusal.destination,
        words: &refusal.words,
    }
}

/// The text after a person took the orders of a file back: no mail goes out, so this is all that
/// says why the file lies where it lies.
#[must_use]
pub fn cancelled(file: &str, who: &Who, why: &str, when: Millis) -> String {
    let file = crate::problem::excerpt(file);
    let when = when
        .timestamp()
        .to_zoned(TimeZone::UTC)
        .strftime("%-d %B %Y, %H:%M UTC")
        .to_string();
    let why = match why.trim() {
        "" => "No reason was given.".to_owned(),
        why => format!("The reason given: {}", one_line(why)),
    };
    format!(
        "The open orders of the file “{file}” were cancelled on {when} by {} ({}).\n{why}\n",
        one_line(&who.name),
        one_line(&who.via),
    )
}

/// Without line breaks and other control characters.
fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

//! What is known of a file, made into what its sender and its folder are told.

use crate::failure::Failure;
use crate::formats::FormatKind;
use crate::jail::{Collected, Job, Mode};
use crate::ledger::{DueSettle, FileStory, Who};
use crate::limits;
use crate::mail::report::{Original, Outcome, Refusal, Report};
use crate::mail::sidecar;
use crate::profiles::{self, MapOptions};

use super::Shared;
use super::intake::Stored;
use super::whole::{is_without_file, whole};

/// The partners' refusals of a file.
pub(super) fn refusals(story: &FileStory) -> Vec<Refusal> {
    let refusals = story
        .refusals
        .iter()
        .map(|(reference, destination, words)| Refusal {
            reference: reference.clone(),
            destination: destination.clone(),
            words: words.clone(),
        });
    refusals.collect()
}

/// Everything that can be told of `story`, without attachments.
pub(super) fn report<'a>(
    shared: &Shared,
    story: &'a FileStory,
    refusals: &'a [Refusal],
) -> Report<'a> {
    let file = &story.file;
    // Good orders of a rejected file were thrown away with the others.
    let sent = if outcome(story) == Outcome::Rejected {
        0
    } else {
        file.orders
    };
    let left_out = story
        .summary
        .as_ref()
        .map_or(0, |summary| summary.problems_left_out);
    Report {
        file: &file.name,
        sender: &file.sender,
        source: &file.source,
        received: file.claimed,
        zone: shared.ports.desk.time_zone.clone(),
        outcome: outcome(story),
        findings: &story.problems,
        findings_left_out: left_out,
        refusals,
        accepted: sent.saturating_sub(refusals.len() as u64 + story.unfit),
        withheld: file.withheld + story.unfit,
        original: Original::NotAttached { bytes: file.bytes },
        correction: None,
        others: &[],
        also: &[],
    }
}

pub(super) fn outcome(story: &FileStory) -> Outcome {
    let read = story.summary.as_ref().map(|summary| summary.outcome);
    if is_without_file(story) {
        return Outcome::NoFile;
    }
    if story
        .problems
        .iter()
        .any(|problem| problem.code == "file.unreadable")
    {
        return Outcome::GaveUp;
    }
    // The codes of `tracking::overdue`.
    let untold = story
        .problems
        .iter()
        .any(|problem| problem.is_error() && problem.code.starts_with("status."));
    if untold && story.refusals.is_empty() && read == Some(profiles::Outcome::Accepted) {
        return Outcome::Untold;
    }
    match read {
        Some(profiles::Outcome::Partial) => Outcome::Partial,
        Some(profiles::Outcome::Accepted) => Outcome::Refused,
        Some(profiles::Outcome::Rejected) | None => Outcome::Rejected,
    }
}

/// What lies beside a file in error/: suffix and bytes.
pub(super) async fn sidecars(
    shared: &Shared,
    due: &DueSettle,
) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    let Some(file) = shared.ledger().file_of(due.arrival).await? else {
        return Ok(Vec::new());
    };
    let Some(whole) = whole(shared, file).await? else {
        return Ok(Vec::new());
    };
    let story = whole.story;
    let refusals = refusals(&story);
    let mut told = report(shared, &story, &refusals);
    told.also = &whole.also;
    let text = match cancelled(&story) {
        Some(text) => text,
        None => sidecar::text(&told)?,
    };
    let message_id = story
        .reports
        .first()
        .map(|report| report.message_id.as_str());
    let json = sidecar::json(&told, &story.file.sha256, message_id)?;
    Ok(vec![
        (".error.txt".to_owned(), text.into_bytes()),
        (".error.json".to_owned(), json.into_bytes()),
    ])
}

/// The words about a file whose only fault is that a person took its orders back.
fn cancelled(story: &FileStory) -> Option<String> {
    if !story.refusals.is_empty() || story.problems.iter().any(crate::problem::Problem::is_error) {
        return None;
    }
    let (when, who, what) = story
        .actions
        .iter()
        .rev()
        .find(|(_, _, what)| what.starts_with("cancel"))?;
    let why = what.split_once(": ").map_or("", |(_, why)| why);
    let (name, via) = who.split_once(' ').unwrap_or((who, ""));
    let via = via.trim_matches(['(', ')']);
    let who = Who {
        name: name.to_owned(),
        via: via.to_owned(),
    };
    Some(sidecar::cancelled(&story.file.name, &who, why, *when))
}

/// The table with its bad rows marked, ready to fix and send back: name and bytes. `None` where it
/// cannot be made; the report is worth sending without it.
pub(super) async fn correction(shared: &Shared, story: &FileStory) -> Option<(String, Vec<u8>)> {
    let summary = story
        .summary
        .as_ref()
        .filter(|summary| summary.correctable)?;
    let rows = match summary.outcome {
        profiles::Outcome::Rejected => None,
        profiles::Outcome::Partial => Some(summary.withheld_rows.clone()),
        profiles::Outcome::Accepted => return None,
    };
    let file = &story.file;
    let read = shared
        .ports
        .inlets
        .get(&file.source)
        .map(|inlet| inlet.read.clone());
    let job = Job {
        mode: Mode::Correction {
            problems: story.problems.clone(),
            rows,
        },
        name: file.name.clone(),
        size: file.bytes,
        read: read.unwrap_or_default(),
        forced: None,
        map: MapOptions::default(),
    };
    let stored = Stored {
        shared,
        file: file.id,
    };
    let mut collected = Collected::default();
    if let Err(ended) = shared.ports.jail.read(&job, &stored, &mut collected).await {
        tracing::warn!(file = file.name, ?ended, "No copy to fix could be made.");
        return None;
    }
    let fits =
        !collected.output.is_empty() && collected.output.len() as u64 <= limits::ATTACHMENT_BYTES;
    fits.then(|| (corrected_name(&file.name, summary.format), collected.output))
}

/// `orders.xls` comes back as `orders-to-fix.xlsx`, `orders.csv` as `orders-to-fix.csv`.
fn corrected_name(name: &str, format: Option<FormatKind>) -> String {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let sheet = format.is_some_and(FormatKind::is_sheet);
    format!("{stem}-to-fix.{}", if sheet { "xlsx" } else { "csv" })
}

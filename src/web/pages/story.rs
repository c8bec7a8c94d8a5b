//! A file's way as a list of steps, oldest first: what happened, when, and who did it.

use serde::Serialize;

use crate::clock::Millis;
use crate::ledger::{FileStory, ReportKind, ReportRow};

/// One step of the timeline.
#[derive(Debug, Serialize)]
pub(super) struct Step {
    at: Option<i64>,
    mood: &'static str,
    text: String,
}

fn step(at: Option<Millis>, mood: &'static str, text: String) -> Step {
    Step {
        at: at.map(|at| at.0),
        mood,
        text,
    }
}

/// All of them.
pub(super) fn steps(story: &FileStory) -> Vec<Step> {
    let file = &story.file;
    let mut steps = vec![step(
        Some(file.claimed),
        "good",
        format!("Found at {} and taken.", file.source),
    )];
    if let Some(summary) = &story.summary {
        steps.push(read(story, summary));
    }
    for (at, who, what) in &story.actions {
        steps.push(step(Some(*at), "waiting", format!("{who} {what}.")));
    }
    for report in &story.reports {
        steps.push(mailed(report));
    }
    if file.open > 0 {
        let text = format!(
            "{} deliveries or status updates are not final yet.",
            file.open
        );
        steps.push(step(None, "waiting", text));
    }
    if let Some(waiting) = &file.waiting {
        steps.push(step(None, "bad", format!("Waits: {waiting}")));
    }
    if let Some(settled) = file.settled {
        steps.push(settled_as(story, settled));
    }
    steps.sort_by_key(|step| step.at.unwrap_or(i64::MAX));
    steps
}

fn read(story: &FileStory, summary: &crate::profiles::Summary) -> Step {
    let file = &story.file;
    let format = file
        .format
        .as_deref()
        .unwrap_or("nothing that orderdock reads");
    let by = file
        .profile
        .as_ref()
        .map(|name| format!(" with the profile {name}"));
    let counts = [
        (file.orders, "orders"),
        (summary.withheld, "withheld"),
        (file.problems, "findings"),
    ];
    let counts = counts.iter().enumerate();
    let counts = counts.filter(|(index, (count, _))| *index == 0 || *count > 0);
    let counts: Vec<String> = counts
        .map(|(_, (count, what))| format!("{count} {what}"))
        .collect();
    let text = format!(
        "Read as {format}{}: {}",
        by.unwrap_or_default(),
        counts.join(", ")
    );
    let mood = match summary.outcome {
        crate::profiles::Outcome::Accepted => "good",
        crate::profiles::Outcome::Partial => "waiting",
        crate::profiles::Outcome::Rejected => "bad",
    };
    step(Some(file.claimed), mood, text + ".")
}

fn mailed(report: &ReportRow) -> Step {
    let what = match report.kind {
        ReportKind::Report => "Report",
        ReportKind::Alert => "Alert",
        ReportKind::Summary => "Summary",
        ReportKind::Notice => "News of an order",
    };
    let to = report
        .recipient
        .as_ref()
        .map(|to| format!(" to {to}"))
        .unwrap_or_default();
    let why = report
        .detail
        .as_ref()
        .map(|why| format!(": {why}"))
        .unwrap_or_default();
    match (report.sent, report.state.as_str()) {
        (Some(sent), _) => step(Some(sent), "good", format!("{what} mailed{to}.")),
        (None, "withheld") => step(
            Some(report.created),
            "waiting",
            format!("{what} not mailed{to}{why}"),
        ),
        (None, _) => step(
            None,
            "waiting",
            format!("{what} waits to be mailed{to}{why}."),
        ),
    }
}

fn settled_as(story: &FileStory, at: Millis) -> Step {
    let file = &story.file;
    let place = file.settled_to.as_deref();
    let place = place.map_or_else(String::new, |place| format!(": moved to {place}"));
    match file.verdict {
        Some(crate::arrival::Verdict::Done) => step(Some(at), "good", format!("Done{place}.")),
        Some(crate::arrival::Verdict::Error) => step(Some(at), "bad", format!("Error{place}.")),
        None => step(Some(at), "waiting", "Closed without being read.".to_owned()),
    }
}

//! A file's way as a list of steps, oldest first: what happened, when, and who did it.

use serde::Serialize;

use std::collections::BTreeMap;

use crate::arrival::DeliveryState;
use crate::clock::Millis;
use crate::ledger::{DeliveryRow, FileStory, ReportKind, ReportRow};
use crate::limits;

/// One step of the timeline.
#[derive(Debug, Serialize)]
pub(super) struct Step {
    at: Option<i64>,
    mood: &'static str,
    text: String,
    /// A page that shows more: its address and a word for it.
    link: Option<(String, &'static str)>,
}

fn step(at: Option<Millis>, mood: &'static str, text: String) -> Step {
    Step {
        at: at.map(|at| at.0),
        mood,
        text,
        link: None,
    }
}

/// All of them.
pub(super) fn steps(story: &FileStory, sent: &[DeliveryRow]) -> Vec<Step> {
    let file = &story.file;
    let mut steps = vec![step(
        Some(file.claimed),
        "good",
        format!("Found at {} and taken.", file.source),
    )];
    for (at, who, what) in &story.actions {
        steps.push(step(Some(*at), "waiting", format!("{who} {what}.")));
    }
    if let Some(summary) = &story.summary {
        steps.push(read(story, summary));
    }
    for report in &story.reports {
        let mut step = mailed(report);
        if report.recipient.is_some() {
            let address = format!("/files/{}/mails/{}", file.id, report.id);
            step.link = Some((address, "Read it"));
        }
        steps.push(step);
    }
    steps.extend(delivered(sent));
    if file.open > 0 {
        let text = match file.open {
            1 => "1 delivery or status update is not final yet.".to_owned(),
            open => format!("{open} deliveries or status updates are not final yet."),
        };
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

/// When the last of its orders was final at each destination. Beyond a page of deliveries nothing is
/// said here: the list of orders tells.
fn delivered(sent: &[DeliveryRow]) -> Vec<Step> {
    if sent.len() >= limits::WEB_ROWS as usize {
        return Vec::new();
    }
    let mut by_lane: BTreeMap<(&str, &str), (Millis, u64)> = BTreeMap::new();
    for delivery in sent {
        if let Some(ended) = delivery.ended {
            let key = (delivery.destination.as_str(), delivery.state.as_str());
            let (last, count) = by_lane.entry(key).or_insert((ended, 0));
            *last = (*last).max(ended);
            *count += 1;
        }
    }
    let told = by_lane.into_iter().map(|((lane, state), (last, count))| {
        let orders = if count == 1 { "order" } else { "orders" };
        let (mood, text) = match DeliveryState::parse(state) {
            Some(DeliveryState::Delivered) => {
                ("good", format!("{lane} accepted {count} {orders}."))
            }
            Some(DeliveryState::Repeat) => (
                "good",
                format!("{count} {orders} for {lane} had been accepted before: not sent again."),
            ),
            Some(DeliveryState::Cancelled) => (
                "waiting",
                format!("{count} {orders} for {lane} taken back."),
            ),
            _ => ("bad", format!("{count} {orders} for {lane} refused.")),
        };
        step(Some(last), mood, text)
    });
    told.collect()
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
        (file.orders, "order", "orders"),
        (summary.withheld, "withheld", "withheld"),
        (file.problems, "finding", "findings"),
    ];
    let counts = counts.iter().enumerate();
    let counts = counts.filter(|(index, (count, ..))| *index == 0 || *count > 0);
    let counts: Vec<String> = counts
        .map(|(_, (count, one, more))| format!("{count} {}", if *count == 1 { one } else { more }))
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

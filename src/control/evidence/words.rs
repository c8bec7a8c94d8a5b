//! The summary: what happened to an order, for somebody who reads nothing else.

use std::fmt::Write as _;

use crate::clock::Millis;
use crate::ledger::{FileStory, OrderStory};

/// The whole text.
pub(super) fn summary(story: &OrderStory, file: Option<&FileStory>) -> String {
    let order = &story.order;
    let mut text = format!(
        "Order {} of {}, {} ({})\nMade on {} out of the file {}.\n",
        order.reference,
        order.sender,
        order.kind,
        order.action,
        moment(order.created),
        order.file_name
    );
    if let Some(file) = file {
        about_file(&mut text, file);
    }
    for edit in &story.edits {
        line(
            &mut text,
            edit.at,
            &format!("{} corrected it while it was held", edit.who),
        );
    }
    for (delivery, attempts) in &story.deliveries {
        let state = delivery.state.as_str();
        write!(text, "\nTo {}: {state}\n", delivery.destination).unwrap_or_default();
        if let Some(id) = &delivery.remote_id {
            writeln!(text, "  known there as {id}").unwrap_or_default();
        }
        for (name, value) in &delivery.facts {
            writeln!(text, "  {}: {value}", name.replace('_', " ")).unwrap_or_default();
        }
        writeln!(text, "  idempotency key {}", delivery.key).unwrap_or_default();
        for attempt in attempts {
            let result = attempt.result.as_deref().unwrap_or("under way");
            let what = format!("attempt {}: {result}. {}", attempt.number, attempt.detail);
            line(&mut text, attempt.started, &what);
        }
    }
    text
}

fn about_file(text: &mut String, file: &FileStory) {
    let row = &file.file;
    writeln!(
        text,
        "It came through {}, {} bytes, SHA-256 {}.\n",
        row.source, row.bytes, row.sha256
    )
    .unwrap_or_default();
    line(text, row.claimed, "the file was found and taken");
    for (at, who, what) in &file.actions {
        line(text, *at, &format!("{who} {what}"));
    }
    for report in &file.reports {
        let to = report.recipient.as_deref().unwrap_or("nobody");
        let what = format!("a mail to {to}: {}", report.state);
        line(text, report.sent.unwrap_or(report.created), &what);
    }
    if let Some(settled) = row.settled {
        let place = row.settled_to.as_deref().unwrap_or("its place");
        line(text, settled, &format!("the file was moved to {place}"));
    }
}

fn line(text: &mut String, at: Millis, what: &str) {
    writeln!(text, "  {}  {what}", moment(at)).unwrap_or_default();
}

fn moment(at: Millis) -> String {
    at.timestamp().strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

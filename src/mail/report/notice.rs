//! Mails to the operators: an alert about a failure, and the daily summary.

use jiff::tz::TimeZone;
use serde::Serialize;

use crate::clock::Millis;
use crate::failure::Failure;
use crate::ledger::{DestinationStatus, SourceStatus, Status};

use super::clean::{count, label, sentence};
use super::message::{self, Body, Head, Kind};
use super::page::{moment, render};
use super::table;

#[derive(Debug, Serialize)]
pub(super) struct Notice {
    pub(super) title: String,
    pub(super) paragraphs: Vec<String>,
    pub(super) attention_title: &'static str,
    pub(super) attention: Vec<String>,
    pub(super) tables: Vec<Table>,
    pub(super) links: Vec<Link>,
}

/// An address with what it is for.
#[derive(Debug, Serialize)]
pub(super) struct Link {
    words: &'static str,
    url: String,
}

impl Link {
    pub(super) fn new(words: &'static str, url: &str) -> Self {
        Self {
            words,
            url: url.to_owned(),
        }
    }
}

#[derive(Debug, Serialize)]
pub(super) struct Table {
    title: &'static str,
    heads: Vec<&'static str>,
    rows: Vec<Vec<String>>,
    text: String,
}

impl Table {
    pub(super) fn new(
        title: &'static str,
        heads: Vec<&'static str>,
        rows: Vec<Vec<String>>,
    ) -> Self {
        Self {
            title,
            text: table::render(&heads, &rows),
            heads,
            rows,
        }
    }
}

/// An alert: `text` is sentences, with blank lines between paragraphs; it says what to do.
///
/// # Errors
/// A failure of the operator where `head` has an address that is none.
pub fn compose_alert(head: &Head<'_>, subject: &str, text: &str) -> Result<Vec<u8>, Failure> {
    let notice = Notice {
        title: label(subject),
        paragraphs: text
            .split("\n\n")
            .filter(|paragraph| !paragraph.trim().is_empty())
            .map(long)
            .collect(),
        attention_title: "",
        attention: Vec::new(),
        tables: Vec::new(),
        links: Vec::new(),
    };
    compose(head, &notice)
}

/// The daily summary: the last 24 hours and what is open, from one screen of `status`.
///
/// # Errors
/// A failure of the operator where `head` has an address that is none.
pub fn compose_summary(head: &Head<'_>, status: &Status) -> Result<Vec<u8>, Failure> {
    compose(head, &summary(status, head.date))
}

fn compose(head: &Head<'_>, notice: &Notice) -> Result<Vec<u8>, Failure> {
    let body = Body {
        text: render("notice.txt", notice)?,
        html: render("notice.html", notice)?,
    };
    message::compose(head, Kind::Notice, &notice.title, &body, &[])
}

fn summary(status: &Status, now: Millis) -> Notice {
    let done: u64 = status.sources.iter().map(|source| source.done).sum();
    let error: u64 = status.sources.iter().map(|source| source.error).sum();
    let pending: u64 = status.sources.iter().map(|source| source.pending).sum();
    let needs = status.attention.len() as u64;
    let mut paragraphs = vec![format!(
        "In the last 24 hours {} done and {} in error. {} not finished yet.",
        count(done, "file was", "files were"),
        count(error, "ended", "ended"),
        count(pending, "is", "are"),
    )];
    if status.mails > 0 {
        let mails = count(status.mails, "mail waits", "mails wait");
        paragraphs.push(format!("{mails} to be sent."));
    }
    for (name, since, who) in &status.paused {
        paragraphs.push(format!(
            "“{}” has been paused since {} by {}. To go on: orderdock resume {}",
            label(name),
            moment(*since, &TimeZone::UTC),
            label(who),
            label(name),
        ));
    }
    if needs == 0 {
        paragraphs.push("Nothing needs a person.".to_owned());
    }
    Notice {
        title: if needs == 0 {
            format!(
                "orderdock: {}, {error} in error",
                count(done, "file done", "files done")
            )
        } else {
            format!(
                "orderdock: {} attention; {}, {error} in error",
                count(needs, "thing needs", "things need"),
                count(done, "file done", "files done"),
            )
        },
        paragraphs,
        attention_title: "What needs a person",
        attention: status
            .attention
            .iter()
            .map(|need| sentence(&need.to_string()))
            .collect(),
        tables: vec![
            sources(&status.sources, now),
            destinations(&status.destinations),
        ],
        links: Vec::new(),
    }
}

fn sources(sources: &[SourceStatus], now: Millis) -> Table {
    let rows = sources
        .iter()
        .map(|source| {
            vec![
                label(&source.name),
                source.done.to_string(),
                source.error.to_string(),
                source.pending.to_string(),
                source
                    .oldest
                    .map(|oldest| age(oldest, now))
                    .unwrap_or_default(),
            ]
        })
        .collect();
    Table::new(
        "Sources",
        vec!["Source", "Done", "Error", "Open", "Oldest open"],
        rows,
    )
}

fn destinations(destinations: &[DestinationStatus]) -> Table {
    let rows = destinations
        .iter()
        .map(|lane| {
            let mut row = vec![label(&lane.name)];
            row.extend(
                [
                    lane.delivered,
                    lane.refused,
                    lane.due,
                    lane.held,
                    lane.parked,
                ]
                .map(|number| number.to_string()),
            );
            row
        })
        .collect();
    Table::new(
        "Destinations",
        vec![
            "Destination",
            "Delivered",
            "Refused",
            "Due",
            "Held",
            "Parked",
        ],
        rows,
    )
}

/// `3 h 20 min`
fn age(from: Millis, now: Millis) -> String {
    let minutes = from.until(now).as_secs() / 60;
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours @ 1..48, minutes) => format!("{hours} h {minutes} min"),
        (hours, _) => format!("{} days", hours / 24),
    }
}

/// A paragraph of ours: longer than a sentence from outside may be.
fn long(paragraph: &str) -> String {
    paragraph
        .lines()
        .map(sentence)
        .collect::<Vec<_>>()
        .join(" ")
}

//! `poll = { … }`: how a plain HTTP partner is asked what has become of an order.

use std::time::Duration;

use super::super::super::section::Section;
use super::super::link;
use super::super::track::{self, Waits};

/// What is asked, when, and where in the answer the events stand.
#[derive(Debug, Clone)]
pub struct PollConfig {
    /// The address; `{reference}`, `{remote_id}` and `{key}` are filled in.
    pub url: String,
    /// When it is asked (default every 15 minutes).
    pub waits: Waits,
    /// Pointer to the list of events; without it the answer is the one event.
    pub events: Option<String>,
    /// Pointer to an event's code.
    pub code: String,
    /// Pointer to its words.
    pub text: Option<String>,
    /// Pointer to its place.
    pub place: Option<String>,
    /// Pointer to its time.
    pub at: Option<String>,
    /// Pointer to its id.
    pub id: Option<String>,
    /// The codes that say that it is done.
    pub done: Vec<String>,
    /// The codes that say that it was not done.
    pub failed: Vec<String>,
}

pub(super) fn read(section: &Section<'_, '_>, allow_plaintext: bool) -> Option<PollConfig> {
    let table = section.table("poll")?;
    if !table.has("url") {
        table.missing("url");
    }
    if !table.has("code") {
        table.missing("code");
    }
    let poll = PollConfig {
        url: link::address(&table, "url", allow_plaintext).unwrap_or_default(),
        waits: track::waits(&table, Duration::from_mins(15)),
        events: pointer(&table, "events"),
        code: pointer(&table, "code").unwrap_or_default(),
        text: pointer(&table, "text"),
        place: pointer(&table, "place"),
        at: pointer(&table, "at"),
        id: pointer(&table, "id"),
        done: table.or("done", Vec::new()),
        failed: table.or("failed", Vec::new()),
    };
    table.finish();
    Some(poll)
}

fn pointer(table: &Section<'_, '_>, key: &'static str) -> Option<String> {
    let pointer: String = table.get(key)?;
    if !pointer.starts_with('/') {
        let wrong = format!("`{key}` must be a JSON pointer such as \"/state/{key}\"");
        table.error(key, wrong);
    }
    Some(pointer)
}

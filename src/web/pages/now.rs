//! Now: each source and destination in words, the backlog, what needs a person.

use axum::extract::State;
use axum::response::Response;
use serde::Serialize;

use super::act::may;
use super::{Reader, ask};
use crate::clock::Millis;
use crate::control::{LiveLane, LiveSource, Request, Response as Told, Screen};
use crate::ledger::{DestinationStatus, SourceStatus};
use crate::web::access::Person;
use crate::web::{Shared, pages, view};

#[derive(Serialize)]
struct Page {
    reader: Reader,
    now: Now,
    may_change: bool,
}

#[derive(Serialize)]
struct Now {
    attention: Vec<String>,
    sources: Vec<Source>,
    destinations: Vec<Destination>,
    mails: u64,
    since: Option<i64>,
    version: String,
}

/// How something does, as a word that the style sheet colours.
#[derive(Serialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum Mood {
    Good,
    Idle,
    Waiting,
    Bad,
}

#[derive(Serialize)]
struct Source {
    name: String,
    mood: Mood,
    words: String,
    paused: bool,
    pending: u64,
    oldest: Option<i64>,
    done: u64,
    error: u64,
}

#[derive(Serialize)]
struct Destination {
    name: String,
    mood: Mood,
    words: String,
    paused: bool,
    due: u64,
    held: u64,
    parked: u64,
    delivered: u64,
    refused: u64,
}

/// The whole page.
pub(super) async fn page(State(site): State<Shared>, person: Person) -> Response {
    match now(&site, &person).await {
        Ok(now) => {
            let reader = Reader::new(&person, "now");
            site.views.show(
                "now.html",
                Page {
                    may_change: may(&person),
                    reader,
                    now,
                },
            )
        }
        Err(response) => response,
    }
}

/// The part that changes, for the script.
pub(super) async fn body(State(site): State<Shared>, person: Person) -> Response {
    match now(&site, &person).await {
        Ok(now) => {
            let reader = Reader::new(&person, "now");
            site.views.show(
                "now-body.html",
                Page {
                    may_change: may(&person),
                    reader,
                    now,
                },
            )
        }
        Err(response) => response,
    }
}

async fn now(site: &Shared, person: &Person) -> Result<Now, Response> {
    match ask(site, person, Request::Status).await {
        Ok(Told::Status(screen)) => Ok(told(*screen)),
        other => Err(pages::strange(other)),
    }
}

fn told(screen: Screen) -> Now {
    let daemon = screen.daemon.unwrap_or_default();
    let paused = |name: &str| {
        let found = screen
            .ledger
            .paused
            .iter()
            .find(|(paused, ..)| paused == name);
        found.map(|(_, since, who)| format!("paused by {who} {}", view::ago(*since)))
    };
    let sources = daemon.sources.iter().map(|live| {
        let row = screen
            .ledger
            .sources
            .iter()
            .find(|row| row.name == live.name);
        let row = row.cloned().unwrap_or_default();
        source(live, &row, paused(&live.name))
    });
    let destinations = daemon.lanes.iter().map(|live| {
        let rows = &screen.ledger.destinations;
        let row = rows.iter().find(|row| row.name == live.name);
        let row = row.cloned().unwrap_or_default();
        destination(live, &row, paused(&live.name))
    });
    Now {
        sources: sources.collect(),
        destinations: destinations.collect(),
        attention: screen.ledger.attention.clone(),
        mails: screen.ledger.mails,
        since: (daemon.since != Millis::default()).then_some(daemon.since.0),
        version: daemon.version,
    }
}

fn source(live: &LiveSource, row: &SourceStatus, paused: Option<String>) -> Source {
    let is_paused = paused.is_some();
    let (mood, words) = match (paused, &live.failure, live.looked) {
        (Some(words), ..) => (Mood::Waiting, words),
        (None, Some(why), _) => {
            let next = live.next.map(view::ago).unwrap_or_default();
            (
                Mood::Bad,
                format!("cannot be looked at: {why}; next try {next}"),
            )
        }
        (None, None, Some(looked)) => {
            let next = live.next.map(|at| format!(", next {}", view::ago(at)));
            let words = format!(
                "last looked {}{}",
                view::ago(looked),
                next.unwrap_or_default()
            );
            (Mood::Good, words)
        }
        (None, None, None) => (Mood::Idle, "not looked at yet".to_owned()),
    };
    Source {
        name: live.name.clone(),
        mood,
        words: format!("{words} · watched {}", live.watched),
        paused: is_paused,
        pending: row.pending,
        oldest: row.oldest.map(|at| at.0),
        done: row.done,
        error: row.error,
    }
}

fn destination(live: &LiveLane, row: &DestinationStatus, paused: Option<String>) -> Destination {
    let is_paused = paused.is_some();
    let (mood, words) = match (paused, &live.stopped) {
        (Some(words), _) => (Mood::Waiting, words),
        (None, Some(why)) => {
            let next = live.next.or(row.next).map(view::ago).unwrap_or_default();
            (Mood::Bad, format!("stopped: {why}; next try {next}"))
        }
        (None, None) if live.in_flight > 0 => (Mood::Good, format!("{} in flight", live.in_flight)),
        (None, None) => match row.next.filter(|_| row.due > 0) {
            Some(next) => (Mood::Waiting, format!("next try {}", view::ago(next))),
            None => (Mood::Good, "nothing waits".to_owned()),
        },
    };
    Destination {
        name: live.name.clone(),
        mood,
        words,
        paused: is_paused,
        due: row.due,
        held: row.held,
        parked: row.parked,
        delivered: row.delivered,
        refused: row.refused,
    }
}

//! Now: today in numbers, each source and destination in words, the backlog, what needs a person.

use axum::extract::State;
use axum::response::Response;
use serde::Serialize;

use super::act::may;
use super::{Reader, ask};
use crate::clock::Millis;
use crate::control::{LiveLane, LiveSource, Request, Response as Told, Screen};
use crate::ledger::{DestinationStatus, Need, SourceStatus, Status};
use crate::limits;
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
    today: Today,
    needs: Vec<Item>,
    sources: Vec<Source>,
    destinations: Vec<Destination>,
    mails: u64,
    since: Option<i64>,
    version: String,
}

/// The last 24 hours and the backlog, all places together.
#[derive(Serialize)]
struct Today {
    done: u64,
    error: u64,
    delivered: u64,
    refused: u64,
    /// Files that are on their way.
    pending: u64,
    /// Deliveries that are on their way.
    due: u64,
    oldest: Option<i64>,
}

/// What needs a person, and the page where it is done.
#[derive(Serialize)]
struct Item {
    words: String,
    to: String,
    link: &'static str,
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
        today: today(&screen.ledger),
        needs: screen.ledger.attention.iter().map(item).collect(),
        mails: screen.ledger.mails,
        since: (daemon.since != Millis::default()).then_some(daemon.since.0),
        version: daemon.version,
    }
}

fn today(status: &Status) -> Today {
    let (sources, lanes) = (&status.sources, &status.destinations);
    Today {
        done: sources.iter().map(|source| source.done).sum(),
        error: sources.iter().map(|source| source.error).sum(),
        delivered: lanes.iter().map(|lane| lane.delivered).sum(),
        refused: lanes.iter().map(|lane| lane.refused).sum(),
        pending: sources.iter().map(|source| source.pending).sum(),
        due: lanes.iter().map(|lane| lane.due).sum(),
        oldest: sources
            .iter()
            .filter_map(|source| source.oldest)
            .min()
            .map(|at| at.0),
    }
}

fn item(need: &Need) -> Item {
    let many = |count: u64, one: &str, more: &str| {
        format!("{count} {}", if count == 1 { one } else { more })
    };
    let (words, to, link) = match need {
        Need::Parked { destination, count } => (
            format!(
                "{} for {destination} parked: what became of them is not known, or they were tried \
                 for too long.",
                many(*count, "delivery is", "deliveries are")
            ),
            format!(
                "/orders?state=parked&destination={}",
                view::escape_query(destination)
            ),
            "Send again or cancel",
        ),
        Need::Held { destination, count } => (
            format!(
                "{} for {destination} held for review.",
                many(*count, "delivery is", "deliveries are")
            ),
            "/held".to_owned(),
            "Look through",
        ),
        Need::Waiting { why, count, name } => (
            if *count == 1 {
                format!("{name} waits: {why}")
            } else {
                format!("{count} files wait: {why}")
            },
            "/files?state=waiting".to_owned(),
            "Show",
        ),
        Need::Stuck { source, count, why } => (
            format!(
                "{} of {source} judged, but cannot be moved for over an hour: {why}",
                many(*count, "file is", "files are")
            ),
            format!("/files?state=pending&source={}", view::escape_query(source)),
            "Show",
        ),
        Need::Unmailed { count } => (
            format!(
                "{} not sent in the last 24 hours.",
                many(*count, "mail was", "mails were")
            ),
            "/files?state=error".to_owned(),
            "Which files",
        ),
    };
    Item { words, to, link }
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
            // Nobody waits for a look that only stands in for a hint, hours from now.
            let soon = live.next.filter(|at| looked.until(*at) < limits::SOON);
            let next = soon.map(|at| format!(", next {}", view::ago(at)));
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

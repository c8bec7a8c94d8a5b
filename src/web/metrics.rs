//! `/metrics`: what a Prometheus reads (exposition format 0.0.4, names by its own conventions).
//!
//! For this machine, and for people who have logged in: names of partners are in it.

use std::fmt::Write;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::Shared;
use super::access::Person;
use super::access::peer::Peer;
use crate::clock::{self, Millis};
use crate::control::{Answer, Request, Response as Told, Screen};
use crate::ledger::Who;

const FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

pub(super) async fn metrics(
    State(site): State<Shared>,
    Peer(peer): Peer,
    person: Option<Person>,
) -> Response {
    if !peer.is_loopback() && person.is_none() {
        return StatusCode::FORBIDDEN.into_response();
    }
    let who = Who {
        name: "orderdock".to_owned(),
        via: "metrics".to_owned(),
    };
    match site.desk.answer(Request::Status, &who).await {
        Told::Status(screen) => {
            let text = exposition(&screen, clock::now());
            ([(header::CONTENT_TYPE, FORMAT)], text).into_response()
        }
        _ => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

/// One family of samples.
struct Family<'a> {
    text: &'a mut String,
    name: &'static str,
}

impl<'a> Family<'a> {
    fn new(text: &'a mut String, name: &'static str, help: &str) -> Self {
        // Writing to a String does not fail.
        write!(text, "# HELP {name} {help}\n# TYPE {name} gauge\n").unwrap_or_default();
        Self { text, name }
    }

    fn sample(&mut self, label: Option<(&str, &str)>, value: impl std::fmt::Display) {
        let name = self.name;
        match label {
            Some((key, word)) => {
                let word = word
                    .replace('\\', "\\\\")
                    .replace('"', "\\\"")
                    .replace('\n', "\\n");
                writeln!(self.text, "{name}{{{key}=\"{word}\"}} {value}")
            }
            None => writeln!(self.text, "{name} {value}"),
        }
        .unwrap_or_default();
    }
}

fn exposition(screen: &Screen, now: Millis) -> String {
    let mut text = String::with_capacity(4096);
    house(&mut text, screen);
    sources(&mut text, screen, now);
    lanes(&mut text, screen);
    text
}

/// Milliseconds as seconds with three places, without the rounding of floats.
fn seconds(at: Millis) -> String {
    format!("{}.{:03}", at.0 / 1000, at.0.unsigned_abs() % 1000)
}

fn house(text: &mut String, screen: &Screen) {
    if let Some(daemon) = &screen.daemon {
        Family::new(text, "orderdock_info", "The version that runs.")
            .sample(Some(("version", &daemon.version)), 1);
        Family::new(
            text,
            "orderdock_start_time_seconds",
            "When the daemon started.",
        )
        .sample(None, seconds(daemon.since));
    }
    Family::new(
        text,
        "orderdock_mails_waiting",
        "Mails that wait to be sent.",
    )
    .sample(None, screen.ledger.mails);
    Family::new(text, "orderdock_attention", "Things that need a person.")
        .sample(None, screen.ledger.attention.len());
}

fn sources(text: &mut String, screen: &Screen, now: Millis) {
    let rows = &screen.ledger.sources;
    let mut pending = Family::new(
        text,
        "orderdock_source_arrivals_pending",
        "Arrivals that are not settled yet.",
    );
    for row in rows {
        pending.sample(Some(("source", &row.name)), row.pending);
    }
    let mut oldest = Family::new(
        text,
        "orderdock_source_oldest_pending_seconds",
        "Age of the oldest of them.",
    );
    for row in rows {
        let age = row.oldest.map_or(Millis(0), |at| Millis(now.0 - at.0));
        let age = seconds(age);
        oldest.sample(Some(("source", &row.name)), age);
    }
    let mut done = Family::new(
        text,
        "orderdock_source_arrivals_done_24h",
        "Arrivals settled as done in the last 24 hours.",
    );
    for row in rows {
        done.sample(Some(("source", &row.name)), row.done);
    }
    let mut error = Family::new(
        text,
        "orderdock_source_arrivals_error_24h",
        "Arrivals settled as error in the last 24 hours.",
    );
    for row in rows {
        error.sample(Some(("source", &row.name)), row.error);
    }
    let live = screen.daemon.iter().flat_map(|daemon| &daemon.sources);
    let mut looked = Family::new(
        text,
        "orderdock_source_last_look_timestamp_seconds",
        "The last look at the source that went well.",
    );
    for source in live.clone() {
        if let Some(at) = source.looked {
            looked.sample(Some(("source", &source.name)), seconds(at));
        }
    }
    let mut failing = Family::new(
        text,
        "orderdock_source_failing",
        "1 while the source cannot be looked at.",
    );
    for source in live {
        let failing_now = u8::from(source.failure.is_some());
        failing.sample(Some(("source", &source.name)), failing_now);
    }
}

fn lanes(text: &mut String, screen: &Screen) {
    type Column = (
        &'static str,
        &'static str,
        fn(&crate::ledger::DestinationStatus) -> u64,
    );
    let columns: [Column; 5] = [
        (
            "orderdock_destination_deliveries_due",
            "Deliveries that are due or being tried.",
            |row| row.due,
        ),
        (
            "orderdock_destination_deliveries_held",
            "Deliveries that wait for a person's review.",
            |row| row.held,
        ),
        (
            "orderdock_destination_deliveries_parked",
            "Deliveries that wait for a person's decision.",
            |row| row.parked,
        ),
        (
            "orderdock_destination_delivered_24h",
            "Deliveries accepted in the last 24 hours.",
            |row| row.delivered,
        ),
        (
            "orderdock_destination_refused_24h",
            "Deliveries refused in the last 24 hours.",
            |row| row.refused,
        ),
    ];
    for (name, help, value) in columns {
        let mut family = Family::new(text, name, help);
        for row in &screen.ledger.destinations {
            family.sample(Some(("destination", &row.name)), value(row));
        }
    }
    let mut stopped = Family::new(
        text,
        "orderdock_destination_stopped",
        "1 while the lane has paused itself after failures.",
    );
    for lane in screen.daemon.iter().flat_map(|daemon| &daemon.lanes) {
        stopped.sample(
            Some(("destination", &lane.name)),
            u8::from(lane.stopped.is_some()),
        );
    }
}

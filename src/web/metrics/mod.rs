//! `/metrics`: what a Prometheus reads, under names by its own conventions.
//!
//! For this machine, and for people and keys that may look at the whole house: names of partners are
//! in it. Counters of what was settled and delivered come from the ledger and outlive the process;
//! the others begin with it, as Prometheus expects. `docs/grafana.json` shows them.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::Shared;
use super::access::peer::Peer;
use super::api::{Asker, Fault};
use crate::clock::{self, Millis};
use crate::control::{Answer, Request, Response as Told, Screen};
use crate::failure::Failure;
use crate::ledger::{Totals, Who};
use crate::measure;

mod process;
mod text;

use text::{Exposition, Kind, Unit, seconds};

const FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

pub(super) async fn metrics(
    State(site): State<Shared>,
    Peer(peer): Peer,
    asker: Result<Asker, Fault>,
) -> Response {
    if !peer.is_loopback()
        && let Err(fault) = asker.and_then(|asker| asker.sees_all())
    {
        return fault.into_response();
    }
    match exposition(&site).await {
        Ok(text) => ([(header::CONTENT_TYPE, FORMAT)], text).into_response(),
        Err(failure) => {
            tracing::error!(%failure, "The metrics could not be told.");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

async fn exposition(site: &Shared) -> Result<String, Failure> {
    let who = Who {
        name: "orderdock".to_owned(),
        via: "metrics".to_owned(),
    };
    let screen = match site.desk.answer(Request::Status, &who).await {
        Told::Status(screen) => screen,
        Told::Failed(why) => return Err(Failure::ours("reading the status", why)),
        _ => return Err(Failure::ours("reading the status", "another answer came")),
    };
    let totals = site.reads.totals().await?;
    let mut text = Exposition::default();
    house(&mut text, &screen);
    sources(&mut text, &screen, &totals, clock::now());
    lanes(&mut text, &screen, &totals);
    stages(&mut text, &totals, clock::now());
    ledger(&mut text, &totals);
    jail(&mut text);
    let open = site.feed.open_streams();
    web(&mut text, open);
    process::tell(&mut text);
    Ok(text.0)
}

fn house(text: &mut Exposition, screen: &Screen) {
    if let Some(daemon) = &screen.daemon {
        let (name, help) = ("orderdock_build_info", "The version that runs.");
        text.family(Kind::Gauge, name, help)
            .sample(&[("version", &daemon.version)], 1);
    }
    let (name, help) = ("orderdock_mails_waiting", "Mails that wait to be sent.");
    text.one(Kind::Gauge, name, help, screen.ledger.mails);
    let (name, help) = (
        "orderdock_attention",
        "Kinds of things that need a person now.",
    );
    text.one(Kind::Gauge, name, help, screen.ledger.attention.len());
}

fn is_paused(screen: &Screen, name: &str) -> u8 {
    let mut paused = screen.ledger.paused.iter();
    u8::from(paused.any(|(paused, ..)| paused == name))
}

fn sources(text: &mut Exposition, screen: &Screen, totals: &Totals, now: Millis) {
    let rows = &screen.ledger.sources;
    let (name, help) = (
        "orderdock_source_arrivals_pending",
        "Arrivals that are not settled yet.",
    );
    let mut family = text.family(Kind::Gauge, name, help);
    for row in rows {
        family.sample(&[("source", &row.name)], row.pending);
    }
    let (name, help) = (
        "orderdock_source_backlog_age_seconds",
        "Age of the oldest arrival that is not settled; 0 without any.",
    );
    let mut family = text.family(Kind::Gauge, name, help);
    for row in rows {
        let age = row.oldest.map_or(0, |at| (now.0 - at.0).max(0));
        family.sample(&[("source", &row.name)], seconds(age));
    }
    let (name, help) = (
        "orderdock_source_arrivals_settled_total",
        "Arrivals settled, since the ledger began.",
    );
    let mut family = text.family(Kind::Counter, name, help);
    for row in rows {
        for verdict in ["done", "error"] {
            let count = totals.ended(verdict, &row.name);
            family.sample(&[("source", &row.name), ("verdict", verdict)], count);
        }
    }
    let live = || screen.daemon.iter().flat_map(|daemon| &daemon.sources);
    let (name, help) = (
        "orderdock_source_last_look_timestamp_seconds",
        "The last look at the source that went well.",
    );
    let mut family = text.family(Kind::Gauge, name, help);
    for source in live() {
        if let Some(at) = source.looked {
            family.sample(&[("source", &source.name)], seconds(at.0));
        }
    }
    let (name, help) = (
        "orderdock_source_up",
        "0 while the source cannot be looked at.",
    );
    let mut family = text.family(Kind::Gauge, name, help);
    for source in live() {
        let up = u8::from(source.failure.is_none());
        family.sample(&[("source", &source.name)], up);
    }
    let (name, help) = ("orderdock_source_paused", "1 while a person has paused it.");
    let mut family = text.family(Kind::Gauge, name, help);
    for source in live() {
        let paused = is_paused(screen, &source.name);
        family.sample(&[("source", &source.name)], paused);
    }
}

fn lanes(text: &mut Exposition, screen: &Screen, totals: &Totals) {
    let rows = &screen.ledger.destinations;
    let (name, help) = (
        "orderdock_destination_deliveries_open",
        "Deliveries that are due or being tried (due), wait for a review (held) or for a decision \
         (parked).",
    );
    let mut family = text.family(Kind::Gauge, name, help);
    for row in rows {
        for (state, count) in [("due", row.due), ("held", row.held), ("parked", row.parked)] {
            family.sample(&[("destination", &row.name), ("state", state)], count);
        }
    }
    let (name, help) = (
        "orderdock_destination_deliveries_ended_total",
        "Deliveries accepted or refused by the partner, since the ledger began.",
    );
    let mut family = text.family(Kind::Counter, name, help);
    for row in rows {
        for outcome in ["delivered", "refused"] {
            let count = totals.ended(outcome, &row.name);
            family.sample(&[("destination", &row.name), ("outcome", outcome)], count);
        }
    }
    let (name, help) = (
        "orderdock_destination_attempt_duration_seconds",
        "How long the partner took to answer an attempt.",
    );
    let mut family = text.family(Kind::Histogram, name, help);
    for (lane, waits) in measure::ATTEMPTS.read() {
        family.histogram(&[("destination", &lane)], &waits, Unit::Micros);
    }
    let live = || screen.daemon.iter().flat_map(|daemon| &daemon.lanes);
    let (name, help) = (
        "orderdock_destination_up",
        "0 while the lane has stopped itself after failures.",
    );
    let mut family = text.family(Kind::Gauge, name, help);
    for lane in live() {
        let up = u8::from(lane.stopped.is_none());
        family.sample(&[("destination", &lane.name)], up);
    }
    let (name, help) = (
        "orderdock_destination_paused",
        "1 while a person has paused it.",
    );
    let mut family = text.family(Kind::Gauge, name, help);
    for lane in live() {
        let paused = is_paused(screen, &lane.name);
        family.sample(&[("destination", &lane.name)], paused);
    }
}

fn stages(text: &mut Exposition, totals: &Totals, now: Millis) {
    let (name, help) = (
        "orderdock_stage_arrivals",
        "Arrivals that are not settled, by how far they are.",
    );
    let mut family = text.family(Kind::Gauge, name, help);
    for (stage, count, _) in &totals.stages {
        family.sample(&[("stage", stage)], count);
    }
    let (name, help) = (
        "orderdock_stage_oldest_seconds",
        "Age of the oldest arrival of the stage; 0 without any.",
    );
    let mut family = text.family(Kind::Gauge, name, help);
    for (stage, _, oldest) in &totals.stages {
        let age = oldest.map_or(0, |at| (now.0 - at.0).max(0));
        family.sample(&[("stage", stage)], seconds(age));
    }
}

fn ledger(text: &mut Exposition, totals: &Totals) {
    let (name, help) = (
        "orderdock_ledger_commit_duration_seconds",
        "From the first piece of work of a commit to the end of its sync.",
    );
    let mut family = text.family(Kind::Histogram, name, help);
    family.histogram(&[], &measure::COMMITS, Unit::Micros);
    let (name, help) = (
        "orderdock_ledger_commit_batch_size",
        "Pieces of work in one commit.",
    );
    let mut family = text.family(Kind::Histogram, name, help);
    family.histogram(&[], &measure::COMMIT_ARROWS, Unit::Plain);
    let (name, help) = ("orderdock_ledger_size_bytes", "Size of the ledger's file.");
    text.one(Kind::Gauge, name, help, totals.bytes);
}

fn jail(text: &mut Exposition) {
    let (name, help) = (
        "orderdock_jail_read_duration_seconds",
        "How long a child took over a file, or over a batch of small ones.",
    );
    let mut family = text.family(Kind::Histogram, name, help);
    family.histogram(&[], &measure::READS, Unit::Micros);
    let (name, help) = (
        "orderdock_jail_files_total",
        "Files given to children, by how it ended.",
    );
    let mut family = text.family(Kind::Counter, name, help);
    for (outcome, counter) in [
        ("read", &measure::FILES_READ),
        ("limit", &measure::FILES_LIMITED),
        ("died", &measure::FILES_DIED),
        ("failed", &measure::FILES_FAILED),
    ] {
        family.sample(&[("outcome", outcome)], counter.get());
    }
    let (name, help) = (
        "orderdock_jail_children_started_total",
        "Children that were started.",
    );
    text.one(Kind::Counter, name, help, measure::CHILDREN.get());
}

fn web(text: &mut Exposition, streams: usize) {
    let (name, help) = (
        "orderdock_http_request_duration_seconds",
        "How long requests took until their answer began, by part of the web side and class of status.",
    );
    let mut family = text.family(Kind::Histogram, name, help);
    for (named, waits) in measure::REQUESTS.read() {
        let (part, status) = named.split_once(' ').unwrap_or((&named, ""));
        family.histogram(&[("part", part), ("status", status)], &waits, Unit::Micros);
    }
    let (name, help) = ("orderdock_http_streams", "Streams of events that are open.");
    text.one(Kind::Gauge, name, help, streams);
}

//! Sources and destinations: how they do, and stopping, starting and probing them.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::asker::Asker;
use super::change::{ask, strange, why};
use super::fault::Fault;
use super::view::{Why, instant};
use crate::control::{Request, Response as Told, Screen};
use crate::web::Shared;

/// A source as it does now.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SourceView {
    name: String,
    /// How it is watched.
    watched: String,
    paused: bool,
    /// The last look that went well.
    #[schema(format = DateTime)]
    looked: Option<String>,
    #[schema(format = DateTime)]
    next: Option<String>,
    /// Why the last look failed.
    failure: Option<String>,
    /// Arrivals that are not settled.
    pending: u64,
    /// Settled in the last 24 hours.
    done: u64,
    error: u64,
}

/// A destination as it does now.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DestinationView {
    name: String,
    paused: bool,
    in_flight: u64,
    /// Why it paused itself.
    stopped: Option<String>,
    /// When it probes or tries next.
    #[schema(format = DateTime)]
    next: Option<String>,
    due: u64,
    held: u64,
    parked: u64,
    /// In the last 24 hours.
    delivered: u64,
    refused: u64,
}

/// What was done, in a sentence.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Done {
    done: String,
}

async fn screen(site: &Shared, asker: &Asker) -> Result<Screen, Fault> {
    asker.sees_all()?;
    match ask(site, asker, Request::Status).await? {
        Told::Status(screen) => Ok(*screen),
        _ => Err(strange()),
    }
}

fn is_paused(screen: &Screen, name: &str) -> bool {
    screen
        .ledger
        .paused
        .iter()
        .any(|(paused, ..)| paused == name)
}

/// The sources.
#[utoipa::path(get, path = "/api/v1/sources", tag = "sources and destinations",
    responses((status = 200, body = Vec<SourceView>), (status = "default", body = Fault)))]
pub(super) async fn sources(
    State(site): State<Shared>,
    asker: Asker,
) -> Result<Json<Vec<SourceView>>, Fault> {
    let screen = screen(&site, &asker).await?;
    let live = screen.daemon.as_ref().map(|daemon| daemon.sources.clone());
    let views = live.unwrap_or_default().into_iter().map(|live| {
        let rows = &screen.ledger.sources;
        let row = rows.iter().find(|row| row.name == live.name);
        let row = row.cloned().unwrap_or_default();
        SourceView {
            paused: is_paused(&screen, &live.name),
            name: live.name,
            watched: live.watched,
            looked: live.looked.map(instant),
            next: live.next.map(instant),
            failure: live.failure,
            pending: row.pending,
            done: row.done,
            error: row.error,
        }
    });
    Ok(Json(views.collect()))
}

/// The destinations.
#[utoipa::path(get, path = "/api/v1/destinations", tag = "sources and destinations",
    responses((status = 200, body = Vec<DestinationView>), (status = "default", body = Fault)))]
pub(super) async fn destinations(
    State(site): State<Shared>,
    asker: Asker,
) -> Result<Json<Vec<DestinationView>>, Fault> {
    let screen = screen(&site, &asker).await?;
    let live = screen.daemon.as_ref().map(|daemon| daemon.lanes.clone());
    let views = live.unwrap_or_default().into_iter().map(|live| {
        let rows = &screen.ledger.destinations;
        let row = rows.iter().find(|row| row.name == live.name);
        let row = row.cloned().unwrap_or_default();
        DestinationView {
            paused: is_paused(&screen, &live.name),
            name: live.name,
            in_flight: live.in_flight,
            stopped: live.stopped,
            next: live.next.or(row.next).map(instant),
            due: row.due,
            held: row.held,
            parked: row.parked,
            delivered: row.delivered,
            refused: row.refused,
        }
    });
    Ok(Json(views.collect()))
}

/// What is done to one of them.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Act {
    Pause,
    Resume,
    /// Look or try again at once, whatever wait there is.
    Probe,
}

type Named = Result<Path<(String, Act)>, PathRejection>;

/// Stops, starts or probes a source.
#[utoipa::path(post, path = "/api/v1/sources/{name}/{act}", tag = "sources and destinations",
    params(("name" = String, Path), ("act" = Act, Path)), request_body = Option<Why>,
    responses((status = 200, body = Done), (status = "default", body = Fault)))]
pub(super) async fn source(
    State(site): State<Shared>,
    asker: Asker,
    named: Named,
    body: Bytes,
) -> Result<Json<Done>, Fault> {
    let Path((name, act)) = named?;
    let known = site.sources().contains(&name);
    does(&site, &asker, (known, name), act, &body).await
}

/// Stops, starts or probes a destination.
#[utoipa::path(post, path = "/api/v1/destinations/{name}/{act}", tag = "sources and destinations",
    params(("name" = String, Path), ("act" = Act, Path)), request_body = Option<Why>,
    responses((status = 200, body = Done), (status = "default", body = Fault)))]
pub(super) async fn destination(
    State(site): State<Shared>,
    asker: Asker,
    named: Named,
    body: Bytes,
) -> Result<Json<Done>, Fault> {
    let Path((name, act)) = named?;
    let known = site.destinations().contains(&name);
    does(&site, &asker, (known, name), act, &body).await
}

async fn does(
    site: &Shared,
    asker: &Asker,
    (known, name): (bool, String),
    act: Act,
    body: &Bytes,
) -> Result<Json<Done>, Fault> {
    asker.may_change()?;
    asker.sees_all()?;
    if !known {
        return Err(Fault::missing());
    }
    let why = why(body)?;
    let request = match act {
        Act::Pause => Request::Pause { name, why },
        Act::Resume => Request::Resume { name },
        Act::Probe => {
            site.desk.probe(&name);
            let done = format!("{name} is looked at again at once");
            return Ok(Json(Done { done }));
        }
    };
    match ask(site, asker, request).await? {
        Told::Done(done) => Ok(Json(Done { done })),
        _ => Err(strange()),
    }
}

//! Sources and destinations: how they do, and stopping, starting and probing them.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::asker::Asker;
use super::change::{ask, how, strange};
use super::fault::Fault;
use super::view::{How, instant};
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
    /// When the oldest of them was claimed.
    #[schema(format = DateTime)]
    oldest: Option<String>,
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
    pub(super) done: String,
}

pub(super) async fn screen(site: &Shared, asker: &Asker) -> Result<Screen, Fault> {
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

/// The sources on a screen.
pub(super) fn source_views(screen: &Screen) -> Vec<SourceView> {
    let live = screen.daemon.iter().flat_map(|daemon| &daemon.sources);
    let views = live.map(|live| {
        let rows = &screen.ledger.sources;
        let row = rows.iter().find(|row| row.name == live.name);
        let row = row.cloned().unwrap_or_default();
        SourceView {
            paused: is_paused(screen, &live.name),
            name: live.name.clone(),
            watched: live.watched.clone(),
            looked: live.looked.map(instant),
            next: live.next.map(instant),
            failure: live.failure.clone(),
            pending: row.pending,
            oldest: row.oldest.map(instant),
            done: row.done,
            error: row.error,
        }
    });
    views.collect()
}

/// The destinations on a screen.
pub(super) fn destination_views(screen: &Screen) -> Vec<DestinationView> {
    let live = screen.daemon.iter().flat_map(|daemon| &daemon.lanes);
    let views = live.map(|live| {
        let rows = &screen.ledger.destinations;
        let row = rows.iter().find(|row| row.name == live.name);
        let row = row.cloned().unwrap_or_default();
        DestinationView {
            paused: is_paused(screen, &live.name),
            name: live.name.clone(),
            in_flight: live.in_flight,
            stopped: live.stopped.clone(),
            next: live.next.or(row.next).map(instant),
            due: row.due,
            held: row.held,
            parked: row.parked,
            delivered: row.delivered,
            refused: row.refused,
        }
    });
    views.collect()
}

/// The sources.
#[utoipa::path(get, path = "/api/v1/sources", tag = "sources and destinations",
    responses((status = 200, body = Vec<SourceView>), (status = "default", body = Fault)))]
pub(super) async fn sources(
    State(site): State<Shared>,
    asker: Asker,
) -> Result<Json<Vec<SourceView>>, Fault> {
    Ok(Json(source_views(&screen(&site, &asker).await?)))
}

/// The destinations.
#[utoipa::path(get, path = "/api/v1/destinations", tag = "sources and destinations",
    responses((status = 200, body = Vec<DestinationView>), (status = "default", body = Fault)))]
pub(super) async fn destinations(
    State(site): State<Shared>,
    asker: Asker,
) -> Result<Json<Vec<DestinationView>>, Fault> {
    Ok(Json(destination_views(&screen(&site, &asker).await?)))
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
    params(("name" = String, Path), ("act" = Act, Path)), request_body = Option<How>,
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
    params(("name" = String, Path), ("act" = Act, Path)), request_body = Option<How>,
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
    let how = how(body)?;
    let request = match act {
        Act::Pause => Request::Pause { name, why: how.why },
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

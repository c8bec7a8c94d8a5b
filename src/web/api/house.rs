//! The whole house: how it does, and its configuration.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::asker::Asker;
use super::change::{ask, strange};
use super::fault::Fault;
use super::places::{DestinationView, Done, SourceView, destination_views, screen, source_views};
use super::view::instant;
use crate::control::{Request, Response as Told};
use crate::web::Shared;

/// One screen: what happens now, and what needs a person.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct StatusView {
    version: String,
    /// Since when the daemon runs.
    #[schema(format = DateTime)]
    since: Option<String>,
    sources: Vec<SourceView>,
    destinations: Vec<DestinationView>,
    /// What a person has paused.
    paused: Vec<PausedView>,
    /// Mails that wait to be sent.
    mails: u64,
    /// What needs a person, in sentences.
    attention: Vec<String>,
}

/// A source or destination that a person has paused.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PausedView {
    name: String,
    #[schema(format = DateTime)]
    since: String,
    who: String,
}

/// Sources, destinations, backlog, what needs a person.
#[utoipa::path(get, path = "/api/v1/status", tag = "house",
    responses((status = 200, body = StatusView), (status = "default", body = Fault)))]
pub(super) async fn status(
    State(site): State<Shared>,
    asker: Asker,
) -> Result<Json<StatusView>, Fault> {
    let screen = screen(&site, &asker).await?;
    let (sources, destinations) = (source_views(&screen), destination_views(&screen));
    let daemon = screen.daemon.unwrap_or_default();
    let paused = screen.ledger.paused.into_iter();
    Ok(Json(StatusView {
        version: daemon.version,
        since: (daemon.since.0 > 0).then(|| instant(daemon.since)),
        sources,
        destinations,
        paused: paused
            .map(|(name, since, who)| PausedView {
                name,
                since: instant(since),
                who,
            })
            .collect(),
        mails: screen.ledger.mails,
        attention: screen
            .ledger
            .attention
            .iter()
            .map(ToString::to_string)
            .collect(),
    }))
}

/// How the configuration is checked.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Checking {
    /// Also try every source, destination and the mail server. Nothing is sent.
    connect: bool,
}

/// What was found in the configuration.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CheckView {
    /// Whether a daemon can run with it.
    ok: bool,
    /// What keeps it from running.
    errors: Vec<String>,
    /// What is allowed and yet worth a look.
    warnings: Vec<String>,
    /// What is there, in sentences.
    found: Vec<String>,
}

/// Checks the configuration as it lies on the disk now, and changes nothing.
#[utoipa::path(post, path = "/api/v1/check", tag = "house", params(Checking),
    responses((status = 200, body = CheckView), (status = "default", body = Fault)))]
pub(super) async fn check(
    State(site): State<Shared>,
    asker: Asker,
    how: Result<Query<Checking>, QueryRejection>,
) -> Result<Json<CheckView>, Fault> {
    asker.is_admin()?;
    let Query(how) = how?;
    let report = site.desk.examine(how.connect).await?;
    Ok(Json(CheckView {
        ok: report.errors.is_empty(),
        errors: report.errors,
        warnings: report.warnings,
        found: report.found,
    }))
}

/// Reads the configuration again; a wrong one changes nothing (409).
#[utoipa::path(post, path = "/api/v1/reload", tag = "house",
    responses((status = 200, body = Done),
        (status = 409, description = "What is wrong with it; the old one stays", body = Fault),
        (status = "default", body = Fault)))]
pub(super) async fn reload(State(site): State<Shared>, asker: Asker) -> Result<Json<Done>, Fault> {
    asker.is_admin()?;
    match ask(&site, &asker, Request::Reload).await? {
        Told::Done(done) => Ok(Json(Done { done })),
        _ => Err(strange()),
    }
}

//! Profiles: which are known, and what one makes of a file.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::extract::{Query, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::asker::Asker;
use super::describe::OrderSchema;
use super::fault::Fault;
use super::view::ProblemView;
use crate::order::{Order, StatusUpdate};
use crate::problem::Problem;
use crate::profiles::Outcome;
use crate::web::Shared;

/// The names of the known profiles.
#[utoipa::path(get, path = "/api/v1/profiles", tag = "profiles",
    responses((status = 200, body = Vec<String>), (status = "default", body = Fault)))]
pub(super) async fn list(State(site): State<Shared>, _: Asker) -> Json<Vec<String>> {
    Json(site.desk.profiles())
}

/// How a file is tried.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct How {
    /// The file's name: its ending helps to recognise it.
    name: String,
    /// Read with this profile; else the layout is recognised.
    #[serde(default)]
    profile: Option<String>,
}

/// What reading a file found; nothing of it is kept.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TriedView {
    file: String,
    format: Option<String>,
    profile: Option<String>,
    /// accepted, partial or rejected.
    outcome: String,
    #[schema(value_type = Vec<OrderSchema>)]
    orders: Vec<Order>,
    #[schema(value_type = Vec<Object>)]
    status_updates: Vec<StatusUpdate>,
    #[schema(value_type = Vec<ProblemView>)]
    problems: Vec<Problem>,
}

/// Reads a file as the daemon would, and keeps nothing: what `orderdock parse` does.
#[utoipa::path(post, path = "/api/v1/profiles/test", tag = "profiles", params(How),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = TriedView), (status = "default", body = Fault)))]
pub(super) async fn test(
    State(site): State<Shared>,
    asker: Asker,
    how: Result<Query<How>, QueryRejection>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<TriedView>, Fault> {
    asker.may_change()?;
    let Query(how) = how?;
    if let Some(profile) = &how.profile
        && !site.desk.profiles().contains(profile)
    {
        return Err(Fault::bad(
            "There is no profile of this name; /api/v1/profiles lists them.",
        ));
    }
    let bytes = body.map_err(|rejection| Fault::new(rejection.status(), rejection.body_text()))?;
    let tried = site
        .desk
        .try_file(&how.name, bytes, how.profile.as_deref())
        .await;
    let tried = tried.ok_or_else(|| {
        Fault::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "No file can be read just now.",
        )
    })?;
    let summary = tried.summary;
    Ok(Json(TriedView {
        file: how.name,
        format: summary.format.map(|format| format.as_str().to_owned()),
        profile: summary.profile.map(|profile| profile.name),
        outcome: match summary.outcome {
            Outcome::Accepted => "accepted",
            Outcome::Partial => "partial",
            Outcome::Rejected => "rejected",
        }
        .to_owned(),
        orders: tried.orders,
        status_updates: tried.status_updates,
        problems: tried.problems,
    }))
}

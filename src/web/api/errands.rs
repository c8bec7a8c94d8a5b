//! What partners are asked beside orders.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::asker::Asker;
use super::change::{ask, strange};
use super::fault::Fault;
use crate::control::{Arguments, Asked, ErrandRow, Request, Response as Told};
use crate::web::Shared;

/// Something that a destination can be asked.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ErrandView {
    name: String,
    about: String,
    /// Whether something is another way afterwards: that needs the role of a coordinator.
    changes: bool,
    takes: Vec<ArgumentView>,
}

/// Something that it has to be told.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ArgumentView {
    name: String,
    about: String,
    needed: bool,
    /// It may be a list.
    many: bool,
}

/// One text or several.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged)]
pub(super) enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

/// What a partner gave, in its own words.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Given {
    #[schema(value_type = Object)]
    answer: Value,
}

impl From<ErrandRow> for ErrandView {
    fn from(row: ErrandRow) -> Self {
        let takes = row.takes.into_iter().map(|one| ArgumentView {
            name: one.name,
            about: one.about,
            needed: one.needed,
            many: one.many,
        });
        Self {
            takes: takes.collect(),
            name: row.errand,
            about: row.about,
            changes: row.changes,
        }
    }
}

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/api/v1/destinations/{name}/errands", get(list))
        .route("/api/v1/destinations/{name}/errands/{errand}", post(run))
}

async fn known(site: &Shared, asker: &Asker, name: String) -> Result<Vec<ErrandRow>, Fault> {
    asker.sees_all()?;
    if !site.destinations().contains(&name) {
        return Err(Fault::missing());
    }
    let destination = Some(name);
    match ask(site, asker, Request::Errands { destination }).await? {
        Told::Errands(rows) => Ok(rows),
        _ => Err(strange()),
    }
}

/// What a destination can be asked beside orders.
#[utoipa::path(get, path = "/api/v1/destinations/{name}/errands", tag = "sources and destinations",
    params(("name" = String, Path)),
    responses((status = 200, body = Vec<ErrandView>), (status = "default", body = Fault)))]
pub(super) async fn list(
    State(site): State<Shared>,
    asker: Asker,
    name: Result<Path<String>, PathRejection>,
) -> Result<Json<Vec<ErrandView>>, Fault> {
    let Path(name) = name?;
    let rows = known(&site, &asker, name).await?;
    Ok(Json(rows.into_iter().map(ErrandView::from).collect()))
}

/// Asks a destination, once. What it refuses is told with 409.
#[utoipa::path(post, path = "/api/v1/destinations/{name}/errands/{errand}",
    tag = "sources and destinations",
    params(("name" = String, Path), ("errand" = String, Path)),
    request_body = BTreeMap<String, OneOrMany>,
    responses((status = 200, body = Given), (status = "default", body = Fault)))]
pub(super) async fn run(
    State(site): State<Shared>,
    asker: Asker,
    named: Result<Path<(String, String)>, PathRejection>,
    body: Bytes,
) -> Result<Json<Given>, Fault> {
    let Path((name, errand)) = named?;
    let rows = known(&site, &asker, name.clone()).await;
    let row = rows.map(|rows| rows.into_iter().find(|row| row.errand == errand));
    // Whether something is there to be changed is told to those only who may change it.
    if !matches!(&row, Ok(Some(row)) if !row.changes) {
        asker.may_change()?;
    }
    row?.ok_or_else(Fault::missing)?;
    let told: BTreeMap<String, OneOrMany> = if body.is_empty() {
        BTreeMap::new()
    } else {
        serde_json::from_slice(&body)
            .map_err(|error| Fault::bad(format!("The body is not what is asked for: {error}")))?
    };
    let told = told.into_iter().map(|(name, value)| match value {
        OneOrMany::One(text) => (name, vec![text]),
        OneOrMany::Many(texts) => (name, texts),
    });
    let question = Asked {
        destination: name,
        errand,
        told: Arguments(told.collect()),
    };
    match ask(&site, &asker, Request::Errand(question)).await? {
        Told::Told(answer) => Ok(Json(Given { answer })),
        _ => Err(strange()),
    }
}

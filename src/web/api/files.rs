//! Files.

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::IntoParams;

use super::asker::Asker;
use super::change::{self, Changes, Doing, change, file};
use super::fault::Fault;
use super::query::{Asked, Which};
use super::view::{
    ActionView, ChangedView, FileDetail, FileView, How, Page, Refused, Taken, instant,
};
use crate::arrival::FileId;
use crate::control::{Request, Response as Told, Thing};
use crate::ledger::FILE_STATES;
use crate::web::Shared;
use crate::web::pages::{attachment, stream};
use crate::web::taking::{self, Label};

pub(super) type Id = Result<Path<i64>, PathRejection>;

/// Files, newest first.
#[utoipa::path(get, path = "/api/v1/files", tag = "files", params(Which),
    responses((status = 200, body = Page<FileView>), (status = "default", body = Fault)))]
pub(super) async fn list(
    State(site): State<Shared>,
    asker: Asker,
    which: Asked,
) -> Result<Json<Page<FileView>>, Fault> {
    let Query(which) = which?;
    let filter = asker.narrow(which.filter(&FILE_STATES)?)?;
    let told = change::ask(&site, &asker, Request::Files(filter)).await?;
    let Told::Files(rows) = told else {
        return Err(change::strange());
    };
    Ok(Json(which.page("/api/v1/files", rows, |row| row.id.0)))
}

/// What an upload is called and where it goes.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Called {
    /// The file's name: its ending helps to recognise it.
    name: String,
    /// The source that takes it; else the first that takes uploads.
    #[serde(default)]
    source: Option<String>,
}

/// Sends a file: its bytes are the body. It is kept when 202 is answered, and read from there on.
#[utoipa::path(post, path = "/api/v1/files", tag = "files", params(Called,
        ("Idempotency-Key" = Option<String>, Header, pattern = "^[!-~]{1,128}$",
            description = "The same key again is not done again.")),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 202, body = Taken), (status = "default", body = Fault)))]
pub(super) async fn upload(
    State(site): State<Shared>,
    asker: Asker,
    called: Result<Query<Called>, QueryRejection>,
    body: Body,
) -> Result<Response, Fault> {
    asker.may_change()?;
    let Query(called) = called?;
    let label = Label {
        source: called.source.as_deref(),
        name: &called.name,
        sender: asker.sender(),
        who: &asker.who(),
    };
    let file = taking::take(&site, &label, body.into_data_stream()).await?;
    Ok(taken(file))
}

/// 202 with the file's number.
pub(super) fn taken(file: FileId) -> Response {
    let location = format!("/api/v1/files/{file}");
    let body = Json(Taken {
        file: file.0,
        location: location.clone(),
    });
    (StatusCode::ACCEPTED, [(header::LOCATION, location)], body).into_response()
}

/// A file and all that was found in it.
#[utoipa::path(get, path = "/api/v1/files/{id}", tag = "files", params(("id" = i64, Path)),
    responses((status = 200, body = FileDetail), (status = "default", body = Fault)))]
pub(super) async fn show(
    State(site): State<Shared>,
    asker: Asker,
    id: Id,
) -> Result<Json<FileDetail>, Fault> {
    let Path(id) = id?;
    let story = file(&site, &asker, id).await?;
    let refusals = story.refusals.into_iter();
    let actions = story.actions.into_iter();
    Ok(Json(FileDetail {
        file: story.file.into(),
        findings: story.problems,
        refusals: refusals
            .map(|(reference, destination, words)| Refused {
                reference,
                destination,
                words,
            })
            .collect(),
        actions: actions
            .map(|(at, who, what)| ActionView {
                at: instant(at),
                who,
                what,
            })
            .collect(),
    }))
}

/// The bytes as they came.
#[utoipa::path(get, path = "/api/v1/files/{id}/original", tag = "files", params(("id" = i64, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream"),
        (status = 410, description = "No longer kept", body = Fault), (status = "default", body = Fault)))]
pub(super) async fn original(
    State(site): State<Shared>,
    asker: Asker,
    id: Id,
) -> Result<Response, Fault> {
    let Path(id) = id?;
    let story = file(&site, &asker, id).await?;
    is_kept(&site, id).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_DISPOSITION, attachment(&story.file.name)),
        (header::CONTENT_LENGTH, story.file.bytes.to_string()),
    ];
    Ok((headers, Body::from_stream(stream(site, FileId(id)))).into_response())
}

/// Whether its bytes are there yet.
pub(super) async fn is_kept(site: &Shared, id: i64) -> Result<(), Fault> {
    if site.reads.bytes(FileId(id), 0, 1).await?.is_some() {
        return Ok(());
    }
    Err(Fault::new(
        StatusCode::GONE,
        "The bytes of this file are no longer kept: its retention is over.",
    ))
}

/// Reads the stored bytes again with today's profiles.
#[utoipa::path(post, path = "/api/v1/files/{id}/retry", tag = "files", params(("id" = i64, Path)),
    request_body = Option<How>,
    responses((status = 200, body = Vec<ChangedView>), (status = "default", body = Fault)))]
pub(super) async fn retry(
    State(site): State<Shared>,
    asker: Asker,
    id: Id,
    body: Bytes,
) -> Changes {
    change(&site, &asker, Doing::Retry, (Thing::File, id?.0), &body).await
}

/// Sends what is held or parked of a file.
#[utoipa::path(post, path = "/api/v1/files/{id}/release", tag = "files", params(("id" = i64, Path)),
    request_body = Option<How>,
    responses((status = 200, body = Vec<ChangedView>), (status = "default", body = Fault)))]
pub(super) async fn release(
    State(site): State<Shared>,
    asker: Asker,
    id: Id,
    body: Bytes,
) -> Changes {
    change(&site, &asker, Doing::Release, (Thing::File, id?.0), &body).await
}

/// Takes back what is open of a file.
#[utoipa::path(post, path = "/api/v1/files/{id}/cancel", tag = "files", params(("id" = i64, Path)),
    request_body = Option<How>,
    responses((status = 200, body = Vec<ChangedView>), (status = "default", body = Fault)))]
pub(super) async fn cancel(
    State(site): State<Shared>,
    asker: Asker,
    id: Id,
    body: Bytes,
) -> Changes {
    change(&site, &asker, Doing::Cancel, (Thing::File, id?.0), &body).await
}

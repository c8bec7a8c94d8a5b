//! Profiles: which are known, what one makes of a file, and the beginning of a new one.
//!
//! Files are read in the daemon's children, and nothing of them is kept.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::asker::Asker;
use super::describe::OrderSchema;
use super::fault::Fault;
use super::view::ProblemView;
use crate::control::{KnownProfile, Reading, What};
use crate::limits;
use crate::profiles;
use crate::web::Shared;

/// A profile.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ProfileView {
    name: String,
    /// One line about it.
    title: String,
    version: String,
    /// SHA-256 of its text.
    hash: String,
    /// csv, sheet, table (both), xml, json, …
    reads: String,
    /// Whether it came with the product.
    built_in: bool,
    /// Whether it is tried on files for which no route names a profile.
    recognised: bool,
}

impl From<&KnownProfile> for ProfileView {
    fn from(profile: &KnownProfile) -> Self {
        let known = &profile.known;
        Self {
            name: known.known_as.name.clone(),
            title: known.title.clone(),
            version: known.known_as.version.clone(),
            hash: known.known_as.hash.clone(),
            reads: known.reads.to_owned(),
            built_in: known.built_in,
            recognised: known.recognised,
        }
    }
}

/// A profile with its text.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ProfileDetail {
    #[serde(flatten)]
    profile: ProfileView,
    /// As it was written (TOML).
    text: String,
}

/// The known profiles.
#[utoipa::path(get, path = "/api/v1/profiles", tag = "profiles",
    responses((status = 200, body = Vec<ProfileView>), (status = "default", body = Fault)))]
pub(super) async fn list(State(site): State<Shared>, _: Asker) -> Json<Vec<ProfileView>> {
    let known = site.desk.profiles();
    Json(known.iter().map(ProfileView::from).collect())
}

/// A profile and its text, to start from it.
#[utoipa::path(get, path = "/api/v1/profiles/{name}", tag = "profiles",
    params(("name" = String, Path, min_length = 1)),
    responses((status = 200, body = ProfileDetail), (status = "default", body = Fault)))]
pub(super) async fn show(
    State(site): State<Shared>,
    asker: Asker,
    name: Result<Path<String>, PathRejection>,
) -> Result<Json<ProfileDetail>, Fault> {
    // A profile names senders' columns and look-up tables: not for one sender's key.
    asker.sees_all()?;
    let Path(name) = name?;
    let known = site.desk.profiles();
    let found = known
        .into_iter()
        .find(|profile| profile.known.known_as.name == name);
    let found = found.ok_or_else(Fault::missing)?;
    Ok(Json(ProfileDetail {
        profile: (&found).into(),
        text: found.text,
    }))
}

/// How a file is tried.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Trying {
    /// The file's name: its ending helps to recognise it.
    #[param(min_length = 1, max_length = 255)]
    name: String,
    /// Read with this profile; else the layout is recognised.
    #[serde(default)]
    profile: Option<String>,
    /// Read as this format instead of looking at the bytes.
    #[serde(default)]
    format: Option<Format>,
}

/// What a file is.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Format {
    Csv,
    Xml,
    Xls,
    Xlsx,
    Xlsb,
    Ods,
    Json,
    Edifact,
    X12,
    Ttm,
    Fixed,
}

/// What reading a file found; nothing of it is kept.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the object that is told")]
pub(super) struct TriedView {
    file: String,
    format: Option<String>,
    profile: Option<String>,
    /// accepted, partial or rejected.
    outcome: String,
    orders: Vec<OrderSchema>,
    #[schema(value_type = Vec<Object>)]
    status_updates: Vec<Value>,
    problems: Vec<ProblemView>,
    /// Problems beyond those that are told.
    problems_left_out: Option<u64>,
}

/// A starting profile for a sample.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the object that is told")]
pub(super) struct SuggestionView {
    /// Its text (TOML), to be corrected by a person.
    profile: String,
    /// What each field was guessed from.
    guesses: Vec<GuessView>,
    /// Columns or paths that nothing is known about.
    left: Vec<String>,
}

/// One guess.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the object that is told")]
pub(super) struct GuessView {
    /// The canonical field: `lines.quantity`.
    field: String,
    /// What stands on the right in the profile.
    value: String,
    /// How sure it is, of a hundred.
    score: u8,
    samples: Vec<String>,
}

/// Where every field of every order came from.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the object that is told")]
pub(super) struct ExplanationView {
    /// accepted, partial or rejected.
    outcome: String,
    #[schema(value_type = Vec<Object>)]
    orders: Vec<Value>,
    problems: Vec<ProblemView>,
}

type Tried = Result<Query<Trying>, QueryRejection>;
type Bytesy = Result<Bytes, BytesRejection>;

/// Reads a file as the daemon would, and keeps nothing: what `orderdock parse` does.
#[utoipa::path(post, path = "/api/v1/profiles/test", tag = "profiles", params(Trying),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = TriedView), (status = "default", body = Fault)))]
pub(super) async fn test(
    State(site): State<Shared>,
    asker: Asker,
    how: Tried,
    body: Bytesy,
) -> Result<Json<Value>, Fault> {
    read(&site, &asker, What::Orders, how, body).await
}

/// What the format reads in a file, before any profile.
#[utoipa::path(post, path = "/api/v1/profiles/records", tag = "profiles", params(Trying),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = Object), (status = "default", body = Fault)))]
pub(super) async fn records(
    State(site): State<Shared>,
    asker: Asker,
    how: Tried,
    body: Bytesy,
) -> Result<Json<Value>, Fault> {
    read(&site, &asker, What::Records, how, body).await
}

/// A starting profile for a sample: csv, a workbook, xml or json.
#[utoipa::path(post, path = "/api/v1/profiles/suggest", tag = "profiles", params(Trying),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = SuggestionView), (status = "default", body = Fault)))]
pub(super) async fn suggest(
    State(site): State<Shared>,
    asker: Asker,
    how: Tried,
    body: Bytesy,
) -> Result<Json<Value>, Fault> {
    read(&site, &asker, What::Suggestion, how, body).await
}

/// For each field of each order of a file, the cell, path or segment it came from.
#[utoipa::path(post, path = "/api/v1/profiles/explain", tag = "profiles", params(Trying),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = ExplanationView), (status = "default", body = Fault)))]
pub(super) async fn explain(
    State(site): State<Shared>,
    asker: Asker,
    how: Tried,
    body: Bytesy,
) -> Result<Json<Value>, Fault> {
    read(&site, &asker, What::Explanation, how, body).await
}

async fn read(
    site: &Shared,
    asker: &Asker,
    what: What,
    how: Tried,
    body: Bytesy,
) -> Result<Json<Value>, Fault> {
    asker.may_change()?;
    let Query(how) = how?;
    if !(1..=limits::NAME_BYTES).contains(&how.name.len()) {
        return Err(Fault::bad("`name` is from 1 to 255 bytes long."));
    }
    let known = site.desk.profiles();
    let is_known = |name: &String| {
        let mut names = known.iter().map(|profile| &profile.known.known_as.name);
        names.any(|known| known == name)
    };
    if how.profile.as_ref().is_some_and(|name| !is_known(name)) {
        return Err(Fault::new(
            StatusCode::NOT_FOUND,
            "There is no profile of this name; /api/v1/profiles lists them.",
        ));
    }
    let reading = Reading {
        what,
        name: how.name,
        bytes: body.map_err(|no| Fault::new(no.status(), no.body_text()))?,
        profile: how.profile,
        format: how
            .format
            .map(|format| format!("{format:?}").to_lowercase()),
    };
    match site.desk.read_file(reading).await {
        Some(Ok(value)) => Ok(Json(value)),
        Some(Err(why)) => Err(Fault::new(StatusCode::UNPROCESSABLE_ENTITY, why)),
        None => Err(Fault::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "No file can be read just now.",
        )),
    }
}

/// What a mapping becomes.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Importing {
    /// What the profile is called.
    #[param(min_length = 1, max_length = 255)]
    name: String,
}

/// A profile made from a mapping.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ImportedView {
    /// Its text (TOML).
    profile: String,
    /// Lines that were not understood; they are comments in it.
    lost: usize,
}

/// Turns a mapping of the Cargooffice EDI configurator into a profile.
#[utoipa::path(post, path = "/api/v1/profiles/import", tag = "profiles", params(Importing),
    request_body(content = String, content_type = "text/plain"),
    responses((status = 200, body = ImportedView), (status = "default", body = Fault)))]
pub(super) async fn import(
    asker: Asker,
    how: Result<Query<Importing>, QueryRejection>,
    body: Bytesy,
) -> Result<Json<ImportedView>, Fault> {
    asker.may_change()?;
    let Query(Importing { name }) = how?;
    if !(1..=limits::NAME_BYTES).contains(&name.len()) {
        return Err(Fault::bad("`name` is from 1 to 255 bytes long."));
    }
    let bytes = body.map_err(|no| Fault::new(no.status(), no.body_text()))?;
    let text = String::from_utf8_lossy(&bytes);
    let (profile, lost) = profiles::import(&name, &text)
        .map_err(|why| Fault::new(StatusCode::UNPROCESSABLE_ENTITY, why))?;
    Ok(Json(ImportedView { profile, lost }))
}

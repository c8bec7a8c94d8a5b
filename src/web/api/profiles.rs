//! Profiles: which are known, what one makes of a file, and the beginning of a new one.
//!
//! Files are read in the daemon's children, and nothing of them is kept.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use super::asker::Asker;
use super::describe::OrderSchema;
use super::fault::Fault;
use super::view::ProblemView;
use crate::control::{FormatKind, ProfileRow, Sample, With};
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

impl From<&ProfileRow> for ProfileView {
    fn from(known: &ProfileRow) -> Self {
        Self {
            name: known.name.clone(),
            title: known.title.clone(),
            version: known.version.clone(),
            hash: known.hash.clone(),
            reads: known.reads.clone(),
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
    /// The names of the samples that are kept with it as tests.
    samples: Vec<String>,
}

/// The known profiles.
#[utoipa::path(get, path = "/api/v1/profiles", tag = "profiles",
    responses((status = 200, body = Vec<ProfileView>), (status = "default", body = Fault)))]
pub(super) async fn list(State(site): State<Shared>, _: Asker) -> Json<Vec<ProfileView>> {
    let known = site.desk.workshop().known();
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
    let workshop = site.desk.workshop();
    let mut known = workshop.known().into_iter();
    let found = known.find(|profile| profile.name == name);
    let text = workshop.text(&name);
    let (found, text) = found.zip(text).ok_or_else(Fault::missing)?;
    Ok(Json(ProfileDetail {
        profile: (&found).into(),
        text,
        samples: found.samples,
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
    /// As many of the first orders as fit into 2 MB.
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
    let (sample, profile) = sample(&site, &asker, how, body)?;
    let workshop = site.desk.workshop();
    Ok(Json(workshop.parse(sample, profile, false).await?))
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
    let (sample, profile) = sample(&site, &asker, how, body)?;
    let workshop = site.desk.workshop();
    Ok(Json(workshop.parse(sample, profile, true).await?))
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
    let (sample, _) = sample(&site, &asker, how, body)?;
    let made = site.desk.workshop().suggest(sample).await?;
    Ok(Json(json!(made)))
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
    let (sample, profile) = sample(&site, &asker, how, body)?;
    let with = profile.map_or(With::Any, With::Known);
    let told = site.desk.workshop().explain(sample, with).await?;
    let outcome = told.summary.outcome;
    Ok(Json(
        json!({ "outcome": outcome, "orders": told.orders, "problems": told.problems }),
    ))
}

/// The sample that was sent, and the profile that it is to be read with.
fn sample(
    site: &Shared,
    asker: &Asker,
    how: Tried,
    body: Bytesy,
) -> Result<(Sample, Option<String>), Fault> {
    asker.may_change()?;
    let Query(how) = how?;
    is_short(&how.name)?;
    if let Some(name) = &how.profile
        && site.desk.workshop().text(name).is_none()
    {
        return Err(Fault::new(
            StatusCode::NOT_FOUND,
            "There is no profile of this name; /api/v1/profiles lists them.",
        ));
    }
    let word = |format| format!("{format:?}").to_lowercase();
    let sample = Sample {
        name: how.name,
        bytes: body.map_err(|no| Fault::new(no.status(), no.body_text()))?,
        format: how
            .format
            .and_then(|format| FormatKind::parse(&word(format))),
    };
    Ok((sample, how.profile))
}

fn is_short(name: &str) -> Result<(), Fault> {
    if (1..=limits::NAME_BYTES).contains(&name.len()) {
        return Ok(());
    }
    Err(Fault::bad("`name` is from 1 to 255 bytes long."))
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
    is_short(&name)?;
    let bytes = body.map_err(|no| Fault::new(no.status(), no.body_text()))?;
    let text = String::from_utf8_lossy(&bytes);
    let (profile, lost) = profiles::import(&name, &text)
        .map_err(|why| Fault::new(StatusCode::UNPROCESSABLE_ENTITY, why))?;
    Ok(Json(ImportedView { profile, lost }))
}

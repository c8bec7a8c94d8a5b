//! A draft of a profile becomes a new version, and its sample a test.

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::asker::Asker;
use super::fault::Fault;
use crate::control::{Draft, Sample};
use crate::limits;
use crate::web::Shared;

/// A profile that is to be saved.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DraftView {
    /// The profile (TOML); its `name` is the one in the address.
    text: String,
    /// A file of the partner's that is kept with it: what it gives now it has to give from then on.
    #[serde(default)]
    sample: Option<SampleView>,
    /// Saves it even if samples that are kept already give something else with it.
    #[serde(default)]
    anyway: bool,
}

/// A sample.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SampleView {
    /// The file's name: its ending helps to recognise it.
    #[schema(min_length = 1, max_length = 255)]
    name: String,
    /// Its bytes, at most 1 MB of them.
    #[schema(format = Byte)]
    base64: String,
}

/// A profile that was saved and is in use.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SavedView {
    name: String,
    /// Another one than before, if the text is another.
    version: String,
    /// The file that it is in now.
    file: String,
    /// What does not follow from saving it.
    notes: Vec<String>,
}

/// Saves a profile as a new version, with a sample as a test, and takes it into use. The samples that
/// are kept with it are read first.
#[utoipa::path(put, path = "/api/v1/profiles/{name}", tag = "profiles",
    params(("name" = String, Path, pattern = "^[a-z0-9][a-z0-9-]{0,59}$")),
    request_body = DraftView,
    responses((status = 200, body = SavedView), (status = 201, body = SavedView),
        (status = "default", body = Fault)))]
pub(super) async fn save(
    State(site): State<Shared>,
    asker: Asker,
    name: Result<Path<String>, PathRejection>,
    body: Result<Json<DraftView>, JsonRejection>,
) -> Result<Response, Fault> {
    asker.may_change()?;
    // A profile is for whoever sends such files.
    asker.sees_all()?;
    let (Path(name), Json(body)) = (name?, body?);
    let is_new = site.desk.workshop().text(&name).is_none();
    let draft = Draft {
        name,
        text: body.text,
    };
    let sample = body.sample.map(sample).transpose()?;
    let saved = site
        .desk
        .save_profile(draft, sample, body.anyway, &asker.who())
        .await?;
    let status = if is_new {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    let told = SavedView {
        name: saved.name,
        version: saved.version,
        file: saved.file,
        notes: saved.notes,
    };
    Ok((status, Json(told)).into_response())
}

fn sample(sent: SampleView) -> Result<Sample, Fault> {
    let bytes = STANDARD.decode(sent.base64.trim());
    let bytes = bytes.map_err(|error| Fault::bad(format!("`sample.base64`: {error}.")))?;
    if bytes.len() > limits::SAMPLE_BYTES {
        return Err(Fault::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "A sample is at most 1 MB: cut a part out of the file.",
        ));
    }
    Ok(Sample {
        name: sent.name,
        bytes: bytes.into(),
        format: None,
    })
}

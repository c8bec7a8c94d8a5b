//! The forms of the bench: a text, and a sample that was chosen or came with the page.

use axum::extract::multipart::{Field, Multipart};
use axum::http::StatusCode;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use subtle::ConstantTimeEq;

use super::super::act::may;
use super::super::message;
use crate::control::Sample;
use crate::limits;
use crate::web::Shared;
use crate::web::access::Person;
use crate::web::taking::{self, Pace, Refusal};

/// The largest of these forms: a text, a sample in Base64, and another that was just chosen.
pub(super) const MOST: usize = 2 * limits::WEB_FORM_BYTES + 3 * limits::SAMPLE_BYTES;

/// What a form said.
#[derive(Default)]
pub(super) struct Filled {
    pub(super) name: String,
    pub(super) text: String,
    pub(super) act: String,
    /// The sample is kept as a test.
    pub(super) keeps: bool,
    /// Samples that give something else stop nothing.
    pub(super) anyway: bool,
    label: String,
    carried: Bytes,
    chosen: Option<Sample>,
}

impl Filled {
    /// The sample that was chosen now, else the one that the page carried.
    pub(super) fn sample(&self) -> Option<Sample> {
        let carried = (!self.label.is_empty()).then(|| Sample {
            name: self.label.clone(),
            bytes: self.carried.clone(),
            format: None,
        });
        self.chosen.clone().or(carried)
    }
}

/// Reads a form of somebody who may try and save.
pub(super) async fn read(
    site: &Shared,
    person: &Person,
    form: Multipart,
) -> Result<Filled, Response> {
    if !may(person) {
        let text = "Your role lets you look at everything and try nothing. Ask an admin for the role \
                    “coordinator”.";
        return Err(message(site, StatusCode::FORBIDDEN, "Not done", text));
    }
    let refused = |Refusal { status, why }| message(site, status, "Not done", &why);
    let (token, filled) = fields(form).await.map_err(refused)?;
    if bool::from(token.as_bytes().ct_eq(person.csrf().as_bytes())) {
        return Ok(filled);
    }
    let text = "This form did not come from a page of your session. Go back, load the page again, and \
                try once more.";
    Err(message(site, StatusCode::FORBIDDEN, "Not done", text))
}

async fn fields(mut form: Multipart) -> Result<(String, Filled), Refusal> {
    let mut token = String::new();
    let mut filled = Filled::default();
    while let Some(part) = taking::part(&mut form).await? {
        if let Some(name) = part.file_name().map(str::to_owned) {
            let bytes = bytes(part).await?;
            // A field that was left empty comes as a file without a name.
            if !name.is_empty() {
                let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
                let name = last.to_owned();
                filled.chosen = Some(Sample {
                    name,
                    bytes,
                    format: None,
                });
            }
            continue;
        }
        match part.name().unwrap_or_default() {
            "csrf" => token = taking::text(part).await?,
            "name" => taking::text(part)
                .await?
                .trim()
                .clone_into(&mut filled.name),
            "text" => filled.text = taking::text(part).await?.replace("\r\n", "\n"),
            "act" => filled.act = taking::text(part).await?,
            "keep" => filled.keeps = !taking::text(part).await?.is_empty(),
            "anyway" => filled.anyway = !taking::text(part).await?.is_empty(),
            "label" => filled.label = taking::text(part).await?,
            "sample" => filled.carried = carried(part).await?,
            _ => drop(taking::text(part).await?),
        }
    }
    Ok((token, filled))
}

async fn carried(part: Field<'_>) -> Result<Bytes, Refusal> {
    let text = bytes(part).await?;
    let decoded = STANDARD.decode(text.trim_ascii());
    let wrong = |_| {
        let why = "The sample did not come back as it was sent. Choose it again.";
        Refusal::new(StatusCode::BAD_REQUEST, why)
    };
    decoded.map(Bytes::from).map_err(wrong)
}

/// A sample, or one in Base64.
async fn bytes(mut part: Field<'_>) -> Result<Bytes, Refusal> {
    let most = limits::SAMPLE_BYTES / 3 * 4 + 4;
    let mut bytes = Vec::new();
    let mut pace = Pace::new();
    while let Some(piece) = pace.next(part.chunk()).await?? {
        pace.took(piece.len())?;
        if bytes.len() + piece.len() > most {
            let why = "A sample is at most 1 MB: cut a part out of the file.";
            return Err(Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, why));
        }
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes.into())
}

/// The name that a profile's text gives itself.
pub(super) fn named(text: &str) -> Option<String> {
    let mut top = text.lines().take_while(|line| !line.starts_with('['));
    let line = top.find_map(|line| line.strip_prefix("name"))?;
    let value = line.trim_start().strip_prefix('=')?.trim();
    let value = value.strip_prefix('"')?.split('"').next()?;
    Some(value.to_owned())
}

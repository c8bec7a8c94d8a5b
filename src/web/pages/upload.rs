//! Upload: many files at once, and beside each what became of it.
//!
//! Without the script the form is sent as a whole and the results are a page; with it every file is a
//! request of its own, with its progress.

use axum::extract::multipart::Multipart;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Json, Router, routing};
use serde::{Deserialize, Serialize};
use serde_json::json;
use subtle::ConstantTimeEq;

use super::act::may;
use super::{Reader, ask, message};
use crate::arrival::FileId;
use crate::control::{Request, Response as Told};
use crate::ledger::FileRow;
use crate::limits;
use crate::problem::Problem;
use crate::web::access::Person;
use crate::web::taking::{self, Label, Refusal};
use crate::web::{Shared, pages};

/// Bodies of any length come here: they are never held.
pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/upload", routing::post(send))
        .layer(axum::extract::DefaultBodyLimit::disable())
}

#[derive(Deserialize)]
pub(super) struct Shown {
    /// Numbers of files that were taken, with commas.
    #[serde(default)]
    files: String,
    /// What was refused, with line ends.
    #[serde(default)]
    refused: String,
}

#[derive(Serialize)]
struct Page {
    reader: Reader,
    places: Vec<String>,
    most: u64,
    may_change: bool,
    files: String,
    refused: Vec<String>,
    results: Vec<FileResult>,
}

/// What became of one file.
#[derive(Serialize)]
struct FileResult {
    file: FileRow,
    problems: Vec<Problem>,
    /// Where each problem is, in words.
    places: Vec<String>,
    /// Findings that are not shown here.
    more: usize,
}

/// Findings of one file that the upload page shows: the file's own page has all of them.
const FINDINGS: usize = 10;

/// The form, and the results of what was just sent.
pub(super) async fn page(
    State(site): State<Shared>,
    person: Person,
    Query(shown): Query<Shown>,
) -> Response {
    let places = site.desk.places();
    let results = match results(&site, &person, &shown.files).await {
        Ok(results) => results,
        Err(response) => return response,
    };
    let page = Page {
        reader: Reader::new(&person, "upload"),
        most: places
            .iter()
            .map(|place| place.max_bytes)
            .max()
            .unwrap_or(0),
        places: places.into_iter().map(|place| place.source).collect(),
        may_change: may(&person),
        files: numbers(&shown.files)
            .map(|id| id.to_string())
            .collect::<Vec<_>>()
            .join(","),
        refused: shown.refused.lines().map(str::to_owned).collect(),
        results,
    };
    site.views.show("upload.html", page)
}

/// The results alone, for the script.
pub(super) async fn part(
    State(site): State<Shared>,
    person: Person,
    Query(shown): Query<Shown>,
) -> Response {
    match results(&site, &person, &shown.files).await {
        Ok(results) => site
            .views
            .show("upload-results.html", json!({ "results": results })),
        Err(response) => response,
    }
}

fn numbers(list: &str) -> impl Iterator<Item = i64> {
    list.split(',')
        .filter_map(|number| number.trim().parse().ok())
        .take(limits::UPLOAD_FILES)
}

async fn results(site: &Shared, person: &Person, list: &str) -> Result<Vec<FileResult>, Response> {
    let mut results = Vec::new();
    for id in numbers(list) {
        let story = match ask(site, person, Request::File(FileId(id))).await {
            Ok(Told::File(Some(story))) => *story,
            Ok(Told::File(None)) => continue,
            other => return Err(pages::strange(other)),
        };
        let mut problems = story.problems;
        let more = problems.len().saturating_sub(FINDINGS);
        problems.truncate(FINDINGS);
        results.push(FileResult {
            file: story.file,
            places: problems
                .iter()
                .map(|problem| problem.place.to_string())
                .collect(),
            problems,
            more,
        });
    }
    Ok(results)
}

/// What came of a form.
#[derive(Default)]
struct Sent {
    files: Vec<FileId>,
    refused: Vec<String>,
    worst: Option<StatusCode>,
}

/// Takes the files of a form.
async fn send(
    State(site): State<Shared>,
    person: Person,
    headers: HeaderMap,
    mut form: Multipart,
) -> Response {
    if !may(&person) {
        let text = "Your role lets you look at everything and send nothing. Ask an admin for the role \
                    “coordinator”.";
        return message(&site, StatusCode::FORBIDDEN, "Not sent", text);
    }
    let by_script = headers
        .get(header::ACCEPT)
        .is_some_and(|accept| accept.as_bytes().starts_with(b"application/json"));
    let token = headers.get("x-csrf").map(|token| token.as_bytes().to_vec());
    let sent = match take_all(&site, &person, token, &mut form).await {
        Ok(sent) => sent,
        Err(Refusal { status, why }) if by_script => {
            return (status, Json(json!({ "refused": [why] }))).into_response();
        }
        Err(Refusal { status, why }) => return message(&site, status, "Not sent", &why),
    };
    let files: Vec<String> = sent.files.iter().map(ToString::to_string).collect();
    if by_script {
        let status = sent.worst.unwrap_or(StatusCode::ACCEPTED);
        let body = json!({ "files": files, "refused": sent.refused });
        return (status, Json(body)).into_response();
    }
    let mut to = format!("/upload?files={}", files.join(","));
    if !sent.refused.is_empty() {
        to.push_str("&refused=");
        to.push_str(&crate::web::view::escape_query(&sent.refused.join("\n")));
    }
    Redirect::to(&to).into_response()
}

async fn take_all(
    site: &Shared,
    person: &Person,
    token: Option<Vec<u8>>,
    form: &mut Multipart,
) -> Result<Sent, Refusal> {
    let mut token = token.unwrap_or_default();
    let mut source = String::new();
    let mut sent = Sent::default();
    while let Some(part) = taking::part(form).await? {
        let name = part.name().unwrap_or_default().to_owned();
        let Some(file) = part.file_name().map(str::to_owned) else {
            match name.as_str() {
                "csrf" => token = taking::text(part).await?.into_bytes(),
                "source" => source = taking::text(part).await?,
                _ => drop(taking::text(part).await?),
            }
            continue;
        };
        // The fields before the files say who asks; nothing is taken for anybody else.
        if !bool::from(token.ct_eq(person.csrf().as_bytes())) {
            let why = "This form did not come from a page of your session. Load the page again.";
            return Err(Refusal::new(StatusCode::FORBIDDEN, why));
        }
        if file.is_empty() {
            continue;
        }
        if sent.files.len() + sent.refused.len() >= limits::UPLOAD_FILES {
            let why = format!("More than {} files at once.", limits::UPLOAD_FILES);
            return Err(Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, why));
        }
        let label = Label {
            source: (!source.is_empty()).then_some(source.as_str()),
            name: &file,
            sender: None,
            who: &person.who(),
        };
        match taking::take(site, &label, part).await {
            Ok(id) => sent.files.push(id),
            Err(refusal) => {
                let shown = crate::problem::excerpt(&file);
                sent.refused.push(format!("{shown}: {}", refusal.why));
                sent.worst = Some(refusal.status);
            }
        }
    }
    Ok(sent)
}

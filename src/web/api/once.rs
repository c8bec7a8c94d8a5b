//! `Idempotency-Key`: a POST that is sent again is answered as the first time, and not done again
//! (draft-ietf-httpapi-idempotency-key-header).
//!
//! The work goes on when its asker goes away, so that its answer is known when they come back.

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use super::asker::Asker;
use super::fault::Fault;
use crate::ledger::people::{Known, Once};
use crate::limits;
use crate::web::Shared;

const HEADER: &str = "idempotency-key";

pub(super) async fn once(State(site): State<Shared>, request: Request, next: Next) -> Response {
    if request.method() != Method::POST || !request.headers().contains_key(HEADER) {
        return next.run(request).await;
    }
    match answered(site, request, next).await {
        Ok(response) => response,
        Err(fault) => fault.into_response(),
    }
}

async fn answered(site: Shared, request: Request, next: Next) -> Result<Response, Fault> {
    let (mut parts, body) = request.into_parts();
    let asker = Asker::find(&mut parts, &site).await?;
    let key = parts.headers.get(HEADER).and_then(|key| key.to_str().ok());
    let fits = |key: &&str| {
        (1..=limits::IDEMPOTENCY_CHARS).contains(&key.len())
            && key.bytes().all(|byte| byte.is_ascii_graphic())
    };
    let key = key.filter(fits).ok_or_else(|| {
        Fault::bad("An Idempotency-Key is 1 to 128 letters and signs without spaces.")
    })?;
    let mut hash = Sha256::new();
    hash.update(parts.uri.to_string());
    let body = if parts.uri.path() == "/api/v1/files" {
        // A file is not held in memory: its name and length stand for it.
        if let Some(length) = parts.headers.get(header::CONTENT_LENGTH) {
            hash.update(length.as_bytes());
        }
        body
    } else {
        let whole = tokio::time::timeout(limits::WEB_ANSWER, to_bytes(body, limits::TRY_BYTES));
        let whole = whole.await.map_err(|_| {
            Fault::new(
                StatusCode::REQUEST_TIMEOUT,
                "The request came in too slowly.",
            )
        })?;
        let whole = whole
            .map_err(|_| Fault::new(StatusCode::PAYLOAD_TOO_LARGE, "The request is too large."))?;
        hash.update(&whole);
        Body::from(whole)
    };
    let once = Once {
        asker: format!("{} {}", asker.who().via, asker.name),
        key: key.to_owned(),
        request: hash.finalize().into(),
    };
    match site.people.begin_once(once.clone()).await? {
        Known::New => {}
        Known::UnderWay => {
            return Err(Fault::conflict(
                "The same request is under way. Ask again later.",
            ));
        }
        Known::Other => {
            return Err(Fault::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "This Idempotency-Key was used for another request.",
            ));
        }
        Known::Answered(status, body) => return Ok(again(status, body)),
    }
    let work = tokio::spawn(async move {
        let response = next.run(Request::from_parts(parts, body)).await;
        kept(&site, once, response).await
    });
    work.await
        .map_err(|_| Fault::new(StatusCode::SERVICE_UNAVAILABLE, "The request was cut off."))?
}

/// Keeps the answer, unless it says that nothing was done.
async fn kept(site: &Shared, once: Once, response: Response) -> Result<Response, Fault> {
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, limits::TRY_BYTES).await.unwrap_or_default();
    let done = parts.status.is_success()
        || matches!(
            parts.status,
            StatusCode::CONFLICT | StatusCode::UNPROCESSABLE_ENTITY
        );
    let text = String::from_utf8_lossy(&body).into_owned();
    let answer = done.then(|| (parts.status.as_u16(), text));
    site.people.end_once(once, answer).await?;
    Ok(Response::from_parts(parts, Body::from(body)))
}

fn again(status: u16, body: String) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    let kind = if status.is_success() {
        "application/json"
    } else {
        "application/problem+json"
    };
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert("idempotency-replayed", HeaderValue::from_static("true"));
    response
}

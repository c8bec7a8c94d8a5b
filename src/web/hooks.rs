//! Where partners call us: `POST /hooks/{step}`, each destination with a step that nobody can guess.
//!
//! A call is answered with success only when what it tells is durable; the same call again is the
//! same news. Who guesses an address learns nothing: it is as unknown as any other. Bodies are small
//! and come in within a time, and only so many at once.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use tokio::sync::Semaphore;

use super::{Shared, guard};
use crate::control::{Call, Callback};
use crate::limits;

/// Calls at once: each waits for a commit.
static PLACES: Semaphore = Semaphore::const_new(limits::HOOKS);

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/hooks/{step}", post(called))
        .layer(DefaultBodyLimit::max(limits::HOOK_BYTES))
        .layer(middleware::from_fn(guard::patience))
}

async fn called(
    State(site): State<Shared>,
    Path(step): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Ok(place) = PLACES.acquire().await else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let headers = headers.iter().map(|(name, value)| {
        let value = Bytes::copy_from_slice(value.as_bytes());
        (name.as_str().to_owned(), value)
    });
    let call = Callback {
        headers: headers.collect(),
        body,
    };
    let answer = match site.desk.call(&step, &call).await {
        Call::Taken => (StatusCode::OK, "Taken.\n".to_owned()).into_response(),
        Call::Nowhere => (StatusCode::NOT_FOUND, "Nothing is here.\n").into_response(),
        Call::Stranger => {
            let challenge = [(header::WWW_AUTHENTICATE, "Basic realm=\"hooks\"")];
            let words = "The call does not prove who it is from.\n";
            (StatusCode::UNAUTHORIZED, challenge, words).into_response()
        }
        Call::Unreadable(why) => {
            let words = format!("The call cannot be read: {why}.\n");
            (StatusCode::BAD_REQUEST, words).into_response()
        }
        // RFC 9110, 15.6.4: it may be called again.
        Call::Failed(_) => {
            let words = "It could not be kept just now; please call again.\n";
            let later = [(header::RETRY_AFTER, "60")];
            (StatusCode::SERVICE_UNAVAILABLE, later, words).into_response()
        }
    };
    drop(place);
    answer
}

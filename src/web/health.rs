//! For supervisors: is the process alive, and does it do its work.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::Shared;
use crate::control::{Answer, Request, Response as Told};
use crate::ledger::Who;

/// Alive: the process answers.
pub(super) async fn live() -> &'static str {
    "ok\n"
}

/// Ready: the ledger answers and the loops turn. Says no name of a partner: anybody may ask.
pub(super) async fn ready(State(site): State<Shared>) -> Response {
    let who = Who {
        name: "orderdock".to_owned(),
        via: "health check".to_owned(),
    };
    match site.desk.answer(Request::Status, &who).await {
        Told::Status(screen) if screen.daemon.is_some() => {
            Json(json!({ "ready": true })).into_response()
        }
        _ => (
            StatusCode::SERVICE_UNAVAILABLE,
            Json(json!({ "ready": false })),
        )
            .into_response(),
    }
}

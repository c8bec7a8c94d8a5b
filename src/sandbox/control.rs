//! The control path: everything that a person or a test may look at and change while it runs.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Json, Redirect, Response};
use axum::routing::{get, post};
use axum::{Router, body::Bytes};
use serde_json::{Value, json};

use super::kind::Kind;
use super::shared::{Shared, lock};
use super::{page, time};

type Answer = Result<Json<Value>, (StatusCode, String)>;

pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/", get(|| async { Redirect::to("/_sandbox/log") }))
        .route("/log", get(log).delete(clear_log))
        .route("/log.json", get(log_json))
        .route("/faults", get(faults).post(add_faults).delete(clear_faults))
        .route("/clock", get(clock).post(set_clock))
        .route("/settings", get(settings).patch(change_settings))
        .route("/state/{kind}", get(state))
        .route("/forget", post(forget))
        .route("/{kind}/{action}", post(act))
}

fn bad(words: impl std::fmt::Display) -> (StatusCode, String) {
    (StatusCode::BAD_REQUEST, format!("{words}\n"))
}

fn object(body: &Bytes) -> Result<Value, (StatusCode, String)> {
    if body.is_empty() {
        return Ok(json!({}));
    }
    serde_json::from_slice(body).map_err(|error| bad(format!("the body is no JSON: {error}")))
}

async fn log(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    let accept = headers.get(header::ACCEPT);
    let accept = accept.and_then(|value| value.to_str().ok());
    if accept.is_some_and(|accept| accept.starts_with("application/json")) {
        return Json(shared.log.all()).into_response();
    }
    Html(page::log(&shared)).into_response()
}

async fn log_json(State(shared): State<Arc<Shared>>) -> Response {
    Json(shared.log.all()).into_response()
}

async fn clear_log(State(shared): State<Arc<Shared>>) -> StatusCode {
    shared.log.clear();
    StatusCode::NO_CONTENT
}

fn faults_shown(shared: &Shared) -> Json<Value> {
    let rules = lock(&shared.faults).shown();
    let rules = rules
        .into_iter()
        .map(|(rule, fitted)| json!({ "rule": rule, "fitted": fitted }));
    Json(Value::Array(rules.collect()))
}

async fn faults(State(shared): State<Arc<Shared>>) -> Json<Value> {
    faults_shown(&shared)
}

/// A rule a line.
async fn add_faults(State(shared): State<Arc<Shared>>, body: String) -> Answer {
    let lines = body.lines().filter(|line| !line.trim().is_empty());
    let rules: Result<Vec<_>, String> = lines.map(str::parse).collect();
    let rules = rules.map_err(bad)?;
    for rule in rules {
        lock(&shared.faults).add(rule).map_err(bad)?;
    }
    Ok(faults_shown(&shared))
}

async fn clear_faults(State(shared): State<Arc<Shared>>) -> StatusCode {
    lock(&shared.faults).clear();
    StatusCode::NO_CONTENT
}

fn clock_shown(shared: &Shared) -> Json<Value> {
    let clock = *lock(&shared.clock);
    Json(json!({ "now": clock.now().to_string(), "frozen": clock.is_frozen() }))
}

async fn clock(State(shared): State<Arc<Shared>>) -> Json<Value> {
    clock_shown(&shared)
}

async fn set_clock(State(shared): State<Arc<Shared>>, body: Bytes) -> Answer {
    let wish = object(&body)?;
    let mut clock = lock(&shared.clock);
    let text = |key: &str| wish.get(key).and_then(Value::as_str);
    if let Some(at) = text("set") {
        let at = time::instant(at).map_err(bad)?;
        *clock = time::Clock::new(Some(at), clock.is_frozen());
    }
    if let Some(by) = text("advance") {
        *clock = clock.later(time::span(by).map_err(bad)?);
    }
    if let Some(frozen) = wish.get("frozen").and_then(Value::as_bool) {
        *clock = time::Clock::new(Some(clock.now()), frozen);
    }
    drop(clock);
    Ok(clock_shown(&shared))
}

async fn settings(State(shared): State<Arc<Shared>>) -> Answer {
    let settings = serde_json::to_value(&**shared.settings.load());
    settings.map(Json).map_err(bad)
}

async fn change_settings(State(shared): State<Arc<Shared>>, body: Bytes) -> Answer {
    let changes = object(&body)?;
    shared.change(&changes).map_err(bad)?;
    settings(State(shared)).await
}

fn served(shared: &Shared, kind: &str) -> Result<Kind, (StatusCode, String)> {
    let found = shared.kinds().find(|served| served.as_str() == kind);
    let missing = || {
        (
            StatusCode::NOT_FOUND,
            format!("{kind:?} is not served here\n"),
        )
    };
    found.ok_or_else(missing)
}

async fn state(State(shared): State<Arc<Shared>>, Path(kind): Path<String>) -> Answer {
    let kind = served(&shared, &kind)?;
    let state = shared.stand(kind).map(|stand| stand.state());
    Ok(Json(state.unwrap_or_default()))
}

async fn forget(State(shared): State<Arc<Shared>>) -> StatusCode {
    shared.forget();
    StatusCode::NO_CONTENT
}

async fn act(
    State(shared): State<Arc<Shared>>,
    Path((kind, action)): Path<(String, String)>,
    body: Bytes,
) -> Answer {
    let kind = served(&shared, &kind)?;
    let input = object(&body)?;
    shared
        .act(kind, &action, &input)
        .await
        .map(Json)
        .map_err(bad)
}

impl Shared {
    /// Puts changed settings into force.
    pub(super) fn change(&self, changes: &Value) -> Result<(), String> {
        let merged = self.settings.load().merge(changes)?;
        self.settings.store(Arc::new(merged));
        Ok(())
    }

    /// Does something on the partner's side, and everything that follows from it, before it returns.
    pub(super) async fn act(
        &self,
        kind: Kind,
        action: &str,
        input: &Value,
    ) -> Result<Value, String> {
        let house = self.house(String::new());
        let acted = match self.stand(kind) {
            Some(mut stand) => stand.act(action, input, &house)?,
            None => return Err(format!("{kind} is not served here")),
        };
        let sent = self.post_now(kind, acted.after).await;
        Ok(json!({ "result": acted.answer, "sent": sent }))
    }
}

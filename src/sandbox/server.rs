//! From the wire to a stand and back: reads the request whole, lets a fault have its way, and
//! writes the log before the answer leaves.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;

use super::call::{Call, Content, Reply};
use super::fault::Fault;
use super::kind::Kind;
use super::link::Link;
use super::log::{self, Entry};
use super::shared::{Shared, lock};
use super::{control, stream, urlencoded};
use crate::limits;

pub(super) fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .nest("/_sandbox", control::router())
        .fallback(partner)
        .with_state(shared)
}

/// Where a request goes: the partner, the path below its root, and that root's own path.
fn place(shared: &Shared, path: &str) -> Option<(Kind, Vec<String>, String)> {
    let segments = urlencoded::segments(path);
    let named = segments.first().and_then(|first| first.parse().ok());
    match (named, shared.only()) {
        (Some(kind), _) if shared.kinds().any(|served| served == kind) => {
            Some((kind, segments[1..].to_vec(), format!("/{kind}")))
        }
        (_, Some(only)) => Some((only, segments, String::new())),
        _ => None,
    }
}

async fn partner(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(link): ConnectInfo<Link>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let Some((kind, segments, root)) = place(&shared, parts.uri.path()) else {
        let kinds: Vec<_> = shared.kinds().map(|kind| format!("/{kind}")).collect();
        let words = format!("No partner lives here. There are {}.\n", kinds.join(", "));
        return (StatusCode::NOT_FOUND, words).into_response();
    };
    let Ok(body) = to_bytes(body, limits::SANDBOX_BODY_BYTES).await else {
        return (StatusCode::PAYLOAD_TOO_LARGE, "The request is too big.\n").into_response();
    };
    let host = parts.headers.get(header::HOST);
    let host = host.and_then(|host| host.to_str().ok());
    let host = host.unwrap_or_default().to_owned();
    let entry = entry(&shared, kind, &parts, &body);
    let call = Call {
        method: parts.method.as_str().to_owned(),
        segments,
        url: format!("http://{host}{}", parts.uri.path()),
        query: urlencoded::pairs(parts.uri.query().unwrap_or_default()),
        headers: parts.headers,
        body,
    };
    let root = format!("http://{host}{root}");
    exchange(&shared, kind, &call, root, &link, entry).await
}

fn entry(shared: &Shared, kind: Kind, parts: &Parts, body: &Bytes) -> Entry {
    let media_type = parts.headers.get(header::CONTENT_TYPE);
    let media_type = media_type.and_then(|value| value.to_str().ok());
    let headers = parts.headers.iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes());
        (name.to_string(), log::header(name.as_str(), &value))
    });
    Entry {
        at: lock(&shared.clock).now().to_string(),
        kind: Some(kind),
        direction: "in",
        method: parts.method.to_string(),
        target: log::target(parts.uri.path(), parts.uri.query()),
        headers: headers.collect(),
        body: log::body(body, media_type.unwrap_or_default()),
        ..Entry::default()
    }
}

async fn exchange(
    shared: &Shared,
    kind: Kind,
    call: &Call,
    root: String,
    link: &Link,
    mut entry: Entry,
) -> Response {
    let path = format!("/{}", call.segments.join("/"));
    let house = shared.house(root);
    let fault = lock(&shared.faults).of(kind, &call.method, &path, house.now);
    let (fault, rule) = fault.unzip();
    entry.fault = rule;
    let failure = |status| {
        let stand = shared.stand(kind);
        stand.map_or_else(
            || Reply::empty(status),
            |stand| stand.failure(status, &house),
        )
    };
    let mut reply = match fault {
        Some(Fault::Reset) => Reply::empty(500),
        Some(Fault::Status(status, after)) => match after {
            Some(after) => failure(status).with("retry-after", after.to_string()),
            None => failure(status),
        },
        Some(Fault::ErrorUnder200) => Reply {
            status: 200,
            ..failure(500)
        },
        Some(Fault::Slow(wait)) => {
            tokio::time::sleep(wait).await;
            answer(shared, kind, call, &shared.house(house.root.clone()))
        }
        Some(Fault::CommitThenDrop) | None => answer(shared, kind, call, &house),
    };
    let dropped = matches!(fault, Some(Fault::Reset | Fault::CommitThenDrop));
    entry.note.clone_from(&reply.note);
    if dropped {
        link.reset();
        entry.note = format!("The connection was reset. {}", reply.note);
    } else {
        entry.status = Some(reply.status);
    }
    entry.answer = shown(&reply.content);
    let after = std::mem::take(&mut reply.after);
    shared.log.add(entry);
    shared.post(kind, after);
    respond(shared, reply)
}

fn answer(shared: &Shared, kind: Kind, call: &Call, house: &super::stand::House) -> Reply {
    match shared.stand(kind) {
        Some(mut stand) => stand.answer(call, house),
        None => Reply::empty(404),
    }
}

fn shown(content: &Content) -> String {
    match content {
        Content::Empty => String::new(),
        Content::Json(value) => log::body(value.to_string().as_bytes(), "application/json"),
        Content::Text(_, text) => log::excerpt(text),
        Content::Events(events) => format!("(a stream; {} missed events)", events.missed.len()),
    }
}

fn respond(shared: &Shared, reply: Reply) -> Response {
    let (media_type, body) = match reply.content {
        Content::Empty => (None, Body::empty()),
        Content::Json(value) => (Some("application/json"), Body::from(value.to_string())),
        Content::Text(media_type, text) => (Some(media_type), Body::from(text)),
        Content::Events(events) => {
            let body = stream::body(events, shared.stopping.subscribe());
            (Some("text/event-stream"), body)
        }
    };
    let mut response = Response::new(body);
    *response.status_mut() =
        StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    if let Some(media_type) = media_type {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    }
    for (name, value) in reply.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    response
}

//! News as they happen (`text/event-stream`): `file` and `delivery`, whenever a row is another than
//! before.
//!
//! Each piece of news has a number, and a reader that comes back with the last one it has seen
//! (`Last-Event-ID`) is told everything since, once. Where that is no longer known, because the daemon
//! was started anew or too much has happened, it is told `gap` instead of being left to guess: ask the
//! lists, then go on. The ledger is read once for all streams together, and not at all while nobody
//! listens and nobody is expected back. A stream ends after [`limits::STREAM_LIFE`], so that a key that
//! was taken away does not listen for ever.

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream::unfold;

use super::asker::Asker;
use super::fault::Fault;
use crate::clock::{self, Moment};
use crate::limits;
use crate::web::{Shared, Site};

mod feed;
mod log;

pub(in crate::web) use feed::Feed;

use feed::Place;
use log::Since;

/// News of files and deliveries, as `text/event-stream`.
#[utoipa::path(get, path = "/api/v1/events", tag = "events",
    params(("Last-Event-ID" = Option<String>, Header,
        description = "The number of the last piece of news that was seen: everything since is told.")),
    responses((status = 200, content_type = "text/event-stream", body = String,
        description = "`event: file` and `event: delivery`, each with the row as JSON and an `id`; \
            `event: gap` where news between the last one seen and the next are not known any more: \
            ask the lists. A row that changes several times within a moment is told once."),
        (status = "default", body = Fault)))]
pub(super) async fn stream(
    State(site): State<Shared>,
    asker: Asker,
    headers: HeaderMap,
) -> Result<Response, Fault> {
    let place = Feed::open(&site).ok_or_else(|| {
        Fault::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "Too many streams are open. Again later.",
        )
    })?;
    let seen = headers
        .get("last-event-id")
        .and_then(|seen| seen.to_str().ok());
    let (cursor, hello) = site.feed.resume(seen);
    let listener = Listener {
        news: site.feed.latest(),
        site,
        asker,
        cursor,
        hello: Some(hello),
        since: clock::moment(),
        _place: place,
    };
    let events = unfold(listener, |mut listener| async move {
        let text = listener.next().await?;
        Some((Ok::<_, Infallible>(text), listener))
    });
    let headers = [(header::CONTENT_TYPE, "text/event-stream")];
    Ok((headers, Body::from_stream(events)).into_response())
}

/// One stream.
struct Listener {
    site: Arc<Site>,
    asker: Asker,
    /// The last piece of news that was told or passed over.
    cursor: u64,
    hello: Option<Bytes>,
    news: tokio::sync::watch::Receiver<u64>,
    since: Moment,
    _place: Place,
}

impl Listener {
    /// What is told next; `None` at the end.
    async fn next(&mut self) -> Option<Bytes> {
        if let Some(hello) = self.hello.take() {
            return Some(hello);
        }
        loop {
            if self.since.elapsed() > limits::STREAM_LIFE {
                return None;
            }
            self.news.mark_unchanged();
            let (cursor, told) = match self.site.feed.since(self.cursor) {
                Since::News(cursor, news) => {
                    let mut text = Vec::new();
                    for one in news.iter().filter(|one| self.asker.sees(&one.sender)) {
                        text.extend_from_slice(&one.text);
                    }
                    (cursor, text)
                }
                Since::Gap(cursor, text) => (cursor, text.into()),
                Since::Nothing => (self.cursor, Vec::new()),
            };
            let moved = cursor != self.cursor;
            self.cursor = cursor;
            if !told.is_empty() {
                return Some(told.into());
            }
            if moved {
                continue;
            }
            match tokio::time::timeout(limits::WEB_SILENCE, self.news.changed()).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return None,
                // A sign of life, by which a connection that is gone is noticed.
                Err(_) => return Some(Bytes::from_static(b": alive\n\n")),
            }
        }
    }
}

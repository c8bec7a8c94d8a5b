//! News as they happen (`text/event-stream`): `file` and `delivery`, whenever one of the newest of them
//! is another than before.
//!
//! One look a second for all streams together, and none while nobody listens. A stream that reads too
//! slowly is ended: its reader connects again and asks the lists.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak};

use axum::body::Body;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream::unfold;
use serde::Serialize;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use super::asker::Asker;
use super::fault::Fault;
use super::view::{DeliveryView, FileView};
use crate::failure::Failure;
use crate::ledger::Filter;
use crate::limits;
use crate::web::{Shared, Site};

/// One piece of news, and whose it is.
#[derive(Debug, Clone)]
struct News {
    sender: Arc<str>,
    text: Bytes,
}

/// What all streams share.
pub(in crate::web) struct Feed {
    news: broadcast::Sender<News>,
    streams: Arc<AtomicUsize>,
}

impl Default for Feed {
    fn default() -> Self {
        Self {
            news: broadcast::channel(1024).0,
            streams: Arc::default(),
        }
    }
}

/// A place among the streams, given back when it is dropped.
struct Place(Arc<AtomicUsize>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// News of files and deliveries, as `text/event-stream`.
#[utoipa::path(get, path = "/api/v1/events", tag = "events",
    responses((status = 200, content_type = "text/event-stream", body = String,
        description = "`event: file` and `event: delivery`, each with the row as JSON"),
        (status = "default", body = Fault)))]
pub(super) async fn stream(State(site): State<Shared>, asker: Asker) -> Result<Response, Fault> {
    let streams = Arc::clone(&site.feed.streams);
    let before = streams.fetch_add(1, Ordering::AcqRel);
    let place = Place(Arc::clone(&streams));
    if before >= limits::STREAMS {
        return Err(Fault::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "Too many streams are open. Again later.",
        ));
    }
    let news = site.feed.news.subscribe();
    if before == 0 {
        tokio::spawn(look(Arc::downgrade(&site), streams));
    }
    let state = (news, asker, place, true);
    let events = unfold(state, |(mut news, asker, place, first)| async move {
        if first {
            let hello = Bytes::from_static(b"retry: 3000\n: listening\n\n");
            return Some((Ok::<_, Infallible>(hello), (news, asker, place, false)));
        }
        loop {
            match tokio::time::timeout(limits::WEB_SILENCE, news.recv()).await {
                Ok(Ok(one)) if asker.sees(&one.sender) => {
                    return Some((Ok(one.text), (news, asker, place, false)));
                }
                Ok(Ok(_)) => {}
                Ok(Err(RecvError::Lagged(_) | RecvError::Closed)) => return None,
                // A sign of life, by which a connection that is gone is noticed.
                Err(_) => {
                    let alive = Bytes::from_static(b": alive\n\n");
                    return Some((Ok(alive), (news, asker, place, false)));
                }
            }
        }
    });
    let headers = [(header::CONTENT_TYPE, "text/event-stream")];
    Ok((headers, Body::from_stream(events)).into_response())
}

/// Looks for news while anybody listens.
async fn look(site: Weak<Site>, streams: Arc<AtomicUsize>) {
    let mut files = Seen::default();
    let mut deliveries = Seen::default();
    while streams.load(Ordering::Acquire) > 0 {
        let Some(site) = site.upgrade() else { return };
        if let Err(failure) = once(&site, &mut files, &mut deliveries).await {
            tracing::warn!(%failure, "The streams of events could not be fed.");
        }
        drop(site);
        tokio::time::sleep(limits::STREAM_LOOK).await;
    }
}

/// The rows of the last look.
struct Seen<T> {
    rows: Option<HashMap<i64, T>>,
}

impl<T> Default for Seen<T> {
    fn default() -> Self {
        Self { rows: None }
    }
}

impl<T: PartialEq + Serialize> Seen<T> {
    /// Tells what is another than at the last look; the first look is only remembered.
    fn tell(
        &mut self,
        feed: &Feed,
        kind: &str,
        rows: Vec<T>,
        id: fn(&T) -> i64,
        sender: fn(&T) -> &str,
    ) {
        // Oldest first, as they happened.
        for row in rows.iter().rev() {
            let Some(known) = &self.rows else { break };
            if known.get(&id(row)) == Some(row) {
                continue;
            }
            let Ok(json) = serde_json::to_string(row) else {
                continue;
            };
            let news = News {
                sender: sender(row).into(),
                text: format!("event: {kind}\ndata: {json}\n\n").into(),
            };
            // Whoever listened may have left meanwhile.
            drop(feed.news.send(news));
        }
        self.rows = Some(rows.into_iter().map(|row| (id(&row), row)).collect());
    }
}

async fn once(
    site: &Site,
    files: &mut Seen<FileView>,
    deliveries: &mut Seen<DeliveryView>,
) -> Result<(), Failure> {
    let newest = Filter {
        limit: 4 * limits::WEB_ROWS,
        ..Filter::default()
    };
    let rows = site.reads.files(&newest).await?;
    let rows = rows.into_iter().map(FileView::from).collect();
    files.tell(&site.feed, "file", rows, |row| row.id, |row| &row.sender);
    let rows = site.reads.deliveries(&newest).await?;
    let rows = rows.into_iter().map(DeliveryView::from).collect();
    deliveries.tell(
        &site.feed,
        "delivery",
        rows,
        |row| row.id,
        |row| &row.sender,
    );
    Ok(())
}

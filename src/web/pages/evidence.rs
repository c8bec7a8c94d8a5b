//! Everything about one order as an archive, made while it is sent.

use std::io;

use async_trait::async_trait;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream::unfold;
use tokio::sync::mpsc;

use super::{ask, attachment, missing, strange};
use crate::arrival::OrderId;
use crate::control::{Drain, Request, Response as Told, evidence, evidence_name};
use crate::failure::Failure;
use crate::ledger::{OrderStory, Who};
use crate::limits;
use crate::web::Shared;
use crate::web::access::Person;

/// To a browser.
pub(super) async fn save(
    State(site): State<Shared>,
    person: Person,
    Path(id): Path<i64>,
) -> Response {
    match ask(&site, &person, Request::Order(OrderId(id))).await {
        Ok(Told::Order(Some(story))) => archive(site, *story, person.who()),
        Ok(Told::Order(None)) => missing(State(site)).await,
        other => strange(other),
    }
}

/// The answer that holds the archive. A failure on the way cuts it off, which every reader of
/// archives sees: its list of entries stands at the end.
pub(in crate::web) fn archive(site: Shared, story: OrderStory, who: Who) -> Response {
    let name = evidence_name(&story);
    let (pieces, taken) = mpsc::channel(limits::EVIDENCE_PIECES);
    tokio::spawn(async move {
        let mut drain = Pieces(pieces);
        if let Err(failure) = evidence(&site.desk, &who, &story, &mut drain).await {
            tracing::warn!(%failure, order = story.order.id.0, "Evidence was not sent to its end.");
            drain.cut_off().await;
        }
    });
    let stream = unfold(taken, |mut taken| async move {
        let piece: io::Result<Bytes> = taken.recv().await?;
        Some((piece, taken))
    });
    let headers = [
        (header::CONTENT_TYPE, "application/zip".to_owned()),
        (header::CONTENT_DISPOSITION, attachment(&name)),
    ];
    (headers, Body::from_stream(stream)).into_response()
}

struct Pieces(mpsc::Sender<io::Result<Bytes>>);

impl Pieces {
    async fn cut_off(&self) {
        let cut = self.0.send(Err(io::ErrorKind::Interrupted.into())).await;
        if cut.is_err() {
            tracing::debug!("Nobody waits for the evidence any more.");
        }
    }
}

#[async_trait]
impl Drain for Pieces {
    async fn piece(&mut self, bytes: Bytes) -> Result<(), Failure> {
        let gone = |_| Failure::ours("sending evidence", "its reader went away");
        self.0.send(Ok(bytes)).await.map_err(gone)
    }
}

//! Bodies that come in piece by piece: bounded in size, in silence and in slowness.

use std::future::Future;
use std::time::Duration;

use axum::extract::multipart::{Field, Multipart, MultipartError};
use axum::http::StatusCode;
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use tokio::sync::Semaphore;

use super::Shared;
use crate::arrival::FileId;
use crate::clock::{self, Moment};
use crate::control::{NotTaken, Upload};
use crate::ledger::Who;
use crate::limits;

/// Uploads at once: each holds some memory.
static PLACES: Semaphore = Semaphore::const_new(limits::UPLOADS);

/// How fast a client sends.
pub(super) struct Pace {
    began: Moment,
    bytes: u64,
}

/// Why an upload did not become a file: the status, and a sentence for whoever sent it.
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) why: String,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, why: impl Into<String>) -> Self {
        Self {
            status,
            why: why.into(),
        }
    }

    fn slow() -> Self {
        let why = "The file came in too slowly or not at all. Please send it again.";
        Self::new(StatusCode::REQUEST_TIMEOUT, why)
    }
}

impl From<MultipartError> for Refusal {
    fn from(error: MultipartError) -> Self {
        Self::new(error.status(), format!("The form cannot be read: {error}."))
    }
}

impl From<NotTaken> for Refusal {
    fn from(not: NotTaken) -> Self {
        match not {
            NotTaken::Nowhere => Self::new(
                StatusCode::NOT_FOUND,
                "No source takes uploads here, or none of this name: the operator adds a [[source]] with \
                 kind = \"upload\".",
            ),
            NotTaken::Paused => Self::new(
                StatusCode::CONFLICT,
                "This source is paused. Its operator resumes it.",
            ),
            NotTaken::TooLarge(most) => Self::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                format!(
                    "The file is too large to be an order file: at most {most} bytes are taken."
                ),
            ),
            NotTaken::Failed(failure) => {
                tracing::error!(%failure, "An upload could not be taken.");
                Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "The file could not be taken just now. Nothing was kept; please send it again later.",
                )
            }
        }
    }
}

impl Pace {
    pub(super) fn new() -> Self {
        Self {
            began: clock::moment(),
            bytes: 0,
        }
    }

    /// What comes next, if it comes in time.
    pub(super) async fn next<T>(&self, coming: impl Future<Output = T>) -> Result<T, Refusal> {
        let came = tokio::time::timeout(limits::WEB_SILENCE, coming).await;
        came.map_err(|_| Refusal::slow())
    }

    /// Counts what came; an error where it is too little for its time.
    pub(super) fn took(&mut self, bytes: usize) -> Result<(), Refusal> {
        self.bytes += bytes as u64;
        let allowed =
            limits::WEB_SILENCE + Duration::from_secs(self.bytes / limits::UPLOAD_SLOWEST);
        if self.began.elapsed() > allowed {
            return Err(Refusal::slow());
        }
        Ok(())
    }
}

/// What an upload is told by.
pub(super) struct Label<'a> {
    pub(super) source: Option<&'a str>,
    pub(super) name: &'a str,
    pub(super) sender: Option<&'a str>,
    pub(super) who: &'a Who,
}

/// Takes one file from a body; durable when this returns.
pub(super) async fn take<S, E>(site: &Shared, label: &Label<'_>, body: S) -> Result<FileId, Refusal>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
    E: std::fmt::Display,
{
    let busy = |_| Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "orderdock is ending.");
    let place = PLACES.acquire().await.map_err(busy)?;
    let upload = site
        .desk
        .upload(label.source, label.name, label.sender, label.who)
        .await?;
    let file = fill(upload, body).await;
    drop(place);
    file
}

async fn fill<S, E>(mut upload: Upload, mut body: S) -> Result<FileId, Refusal>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
    E: std::fmt::Display,
{
    let mut pace = Pace::new();
    while let Some(piece) = pace.next(body.next()).await? {
        let piece = piece.map_err(|error| {
            let why = format!("The file was cut off on its way: {error}.");
            Refusal::new(StatusCode::BAD_REQUEST, why)
        })?;
        pace.took(piece.len())?;
        upload.piece(&piece).await?;
    }
    let kept = upload.finish().await;
    kept.map_err(|failure| NotTaken::Failed(failure).into())
}

/// The next part of a form, if it comes in time.
pub(super) async fn part(form: &mut Multipart) -> Result<Option<Field<'_>>, Refusal> {
    Ok(Pace::new().next(form.next_field()).await??)
}

/// A part that is a short text.
pub(super) async fn text(mut part: Field<'_>) -> Result<String, Refusal> {
    let mut text = Vec::new();
    let pace = Pace::new();
    while let Some(piece) = pace.next(part.chunk()).await?? {
        if text.len() + piece.len() > limits::WEB_FORM_BYTES {
            let why = "A field of the form is too long.";
            return Err(Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, why));
        }
        text.extend_from_slice(&piece);
    }
    Ok(String::from_utf8_lossy(&text).into_owned())
}

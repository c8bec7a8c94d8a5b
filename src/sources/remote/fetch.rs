//! Fetching a batch over one session or several.
//!
//! A batch is cut into parts that each session takes in turn. A session that breaks is replaced
//! once for each part; a file of which bytes were sent already is never begun anew, because its
//! receiver could not tell the two beginnings apart.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::Inner;
use crate::arrival::{ArrivalId, Entry};
use crate::clients::{Lent, Wanted};
use crate::failure::Failure;
use crate::limits;
use crate::names;
use crate::sources::Piece;

type Parts = Arc<Mutex<VecDeque<Vec<Wanted>>>>;

pub(super) async fn fetch(
    inner: &Arc<Inner>,
    entries: Vec<(ArrivalId, Entry)>,
    pieces: mpsc::Sender<Piece>,
) {
    let mut wanted = Vec::with_capacity(entries.len());
    for (arrival, entry) in entries {
        if names::split(&entry.locator.0).is_some() {
            wanted.push(Wanted {
                arrival,
                path: inner.path(&entry.locator.0),
                version: entry.version,
                begun: false,
            });
        } else if pieces.send(Piece::Gone(arrival)).await.is_err() {
            return;
        }
    }
    let first = match inner.pool.any().await {
        Ok(lent) => lent,
        Err(failure) => return fail(wanted, &failure, &pieces).await,
    };
    let parts = cut(wanted);
    let helpers = parts.len().min(inner.pool.connections()).saturating_sub(1);
    let parts: Parts = Arc::new(Mutex::new(parts));
    let mut sessions = JoinSet::new();
    for _ in 0..helpers {
        let (inner, parts, pieces) = (Arc::clone(inner), Arc::clone(&parts), pieces.clone());
        sessions.spawn(async move {
            match inner.pool.connect().await {
                Ok(lent) => work(&inner, lent, &parts, &pieces).await,
                // The others do its share: servers limit how many sessions one user has.
                Err(failure) => tracing::debug!(%failure, "A further session could not be begun."),
            }
        });
    }
    work(inner, first, &parts, &pieces).await;
    while sessions.join_next().await.is_some() {}
    // Left only where no session could be begun any more.
    let left: Vec<_> = take_all(&parts);
    let failure = Failure::temporary("fetching files", "no session could be begun");
    fail(left, &failure, &pieces).await;
}

/// Parts of so many files or bytes.
fn cut(wanted: Vec<Wanted>) -> VecDeque<Vec<Wanted>> {
    let mut parts = VecDeque::new();
    let (mut part, mut bytes) = (Vec::new(), 0);
    for file in wanted {
        bytes += file.version.size;
        part.push(file);
        if part.len() >= limits::REMOTE_FILES_TOGETHER || bytes >= limits::REMOTE_BYTES_TOGETHER {
            parts.push_back(std::mem::take(&mut part));
            bytes = 0;
        }
    }
    if !part.is_empty() {
        parts.push_back(part);
    }
    parts
}

/// Takes parts until none is left, or no session can be had.
async fn work(inner: &Inner, mut lent: Lent, parts: &Parts, pieces: &mpsc::Sender<Piece>) {
    while let Some(mut part) = next(parts) {
        let mut fetched = lent.session.fetch(&mut part, pieces).await;
        if fetched.is_err() && !part.is_empty() {
            inner.pool.was_stale(&lent);
            if let Err(failure) = &fetched {
                let begun = part.extract_if(.., |file| file.begun).collect();
                fail(begun, failure, pieces).await;
            }
            drop(lent);
            lent = match inner.pool.connect().await {
                Ok(lent) => lent,
                Err(failure) => return fail(part, &failure, pieces).await,
            };
            fetched = lent.session.fetch(&mut part, pieces).await;
        }
        if let Err(failure) = fetched {
            fail(part, &failure, pieces).await;
        }
        if pieces.is_closed() {
            take_all(parts);
            // Answers to what nobody wants any more may still be on their way.
            return lent.end();
        }
        if !lent.session.is_open() {
            drop(lent);
            lent = match inner.pool.connect().await {
                Ok(lent) => lent,
                Err(failure) => return tracing::debug!(%failure, "The session ended for good."),
            };
        }
    }
    inner.pool.give_back(lent);
}

fn next(parts: &Parts) -> Option<Vec<Wanted>> {
    let mut parts = parts.lock().unwrap_or_else(PoisonError::into_inner);
    parts.pop_front()
}

fn take_all(parts: &Parts) -> Vec<Wanted> {
    let mut parts = parts.lock().unwrap_or_else(PoisonError::into_inner);
    parts.drain(..).flatten().collect()
}

async fn fail(wanted: Vec<Wanted>, failure: &Failure, pieces: &mpsc::Sender<Piece>) {
    for file in wanted {
        let piece = Piece::Failed(file.arrival, failure.clone());
        if pieces.send(piece).await.is_err() {
            return;
        }
    }
}

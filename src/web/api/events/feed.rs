//! What all streams share: the log, and the one who reads the ledger for it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use bytes::Bytes;
use serde::Serialize;
use tokio::sync::watch;

use super::log::{Log, Since};
use crate::clock::{self, Moment};
use crate::failure::Failure;
use crate::limits;
use crate::web::api::view::{DeliveryView, FileView};
use crate::web::{Shared, Site};

/// What all streams share.
pub(in crate::web) struct Feed {
    log: Mutex<Log>,
    latest: watch::Sender<u64>,
    streams: Mutex<Streams>,
}

/// Who listens.
struct Streams {
    open: usize,
    /// When the last one left.
    left: Moment,
    /// Somebody reads the ledger for them.
    read: bool,
}

impl Default for Feed {
    fn default() -> Self {
        Self {
            log: Mutex::new(Log::new(life())),
            latest: watch::channel(0).0,
            streams: Mutex::new(Streams {
                open: 0,
                left: clock::moment(),
                read: false,
            }),
        }
    }
}

/// A word that no log before or after this one has.
fn life() -> String {
    format!("{:x}", clock::now().0)
}

/// A place among the streams, given back when it is dropped.
pub(super) struct Place(Shared);

impl Drop for Place {
    fn drop(&mut self) {
        let mut streams = self.0.feed.streams();
        streams.open = streams.open.saturating_sub(1);
        streams.left = clock::moment();
    }
}

impl Feed {
    /// A place among the streams, if there is one left. From here on everything is noted.
    pub(super) fn open(site: &Shared) -> Option<Place> {
        let mut streams = site.feed.streams();
        if streams.open >= limits::STREAMS {
            return None;
        }
        streams.open += 1;
        if !streams.read {
            streams.read = true;
            site.reads.news().watch(true);
            tokio::spawn(read(Arc::downgrade(site)));
        }
        drop(streams);
        Some(Place(Arc::clone(site)))
    }

    /// How many streams are open.
    pub(in crate::web) fn open_streams(&self) -> usize {
        self.streams().open
    }

    /// Where a stream begins, and its first words: from the piece of news on that was seen last, if
    /// that is known.
    pub(super) fn resume(&self, seen: Option<&str>) -> (u64, Bytes) {
        let log = self.log();
        let hello = "retry: 3000\n: listening\n";
        match seen.map(|seen| log.number(seen)) {
            Some(Some(number)) => (number, format!("{hello}\n").into()),
            Some(None) => {
                let gap = String::from_utf8_lossy(&log.gap()).into_owned();
                (log.latest(), format!("{hello}\n{gap}").into())
            }
            None => {
                let id = log.id(log.latest());
                (log.latest(), format!("{hello}id: {id}\n\n").into())
            }
        }
    }

    /// Tells when there is news.
    pub(super) fn latest(&self) -> watch::Receiver<u64> {
        self.latest.subscribe()
    }

    /// What happened after `cursor`.
    pub(super) fn since(&self, cursor: u64) -> Since {
        self.log().since(cursor)
    }

    /// Whether nobody listens and nobody is expected back: then reading ends, and with it this life.
    fn is_left(&self, site: &Site) -> bool {
        let mut streams = self.streams();
        let left = streams.open == 0 && streams.left.elapsed() > limits::STREAM_LINGER;
        if left {
            streams.read = false;
            site.reads.news().watch(false);
            *self.log() = Log::new(life());
        }
        left
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn streams(&self) -> MutexGuard<'_, Streams> {
        self.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads what was touched while anybody listens, or may come back.
async fn read(site: Weak<Site>) {
    loop {
        let Some(news) = site.upgrade().map(|site| site.reads.news()) else {
            return;
        };
        let touched = tokio::time::timeout(limits::STREAM_LINGER, news.woken()).await;
        // What happens together is told together.
        tokio::time::sleep(limits::STREAM_LOOK).await;
        let Some(site) = site.upgrade() else { return };
        if touched.is_ok()
            && let Err(failure) = once(&site).await
        {
            tracing::warn!(%failure, "The streams of events could not be fed.");
            site.feed.log().lose();
        }
        site.feed.latest.send_replace(site.feed.log().latest());
        if site.feed.is_left(&site) {
            return;
        }
    }
}

async fn once(site: &Site) -> Result<(), Failure> {
    let touched = site.reads.news().take(limits::STREAM_ROWS);
    if touched.lost {
        site.feed.log().lose();
        return Ok(());
    }
    let (files, deliveries) = site.reads.touched(&touched).await?;
    let mut log = site.feed.log();
    for view in files.into_iter().map(FileView::from) {
        log.add("file", view.id, &view.sender, &json(&view)?);
    }
    for view in deliveries.into_iter().map(DeliveryView::from) {
        log.add("delivery", view.id, &view.sender, &json(&view)?);
    }
    Ok(())
}

fn json(view: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string(view).map_err(|error| Failure::ours("writing news as JSON", error))
}

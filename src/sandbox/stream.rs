//! Server-sent events on the wire (WHATWG HTML, 9.2.6).

use std::collections::VecDeque;
use std::convert::Infallible;

use axum::body::Body;
use bytes::Bytes;
use futures_util::stream;
use tokio::sync::{broadcast, watch};

use super::call::{Frame, Live, Stream};
use crate::limits;

struct Reading {
    missed: VecDeque<Frame>,
    live: broadcast::Receiver<Live>,
    left: Option<usize>,
    retry: u64,
    stopping: watch::Receiver<bool>,
    greeted: bool,
}

/// The body that tells first what was missed and then what comes, until it is told to hang up.
pub(super) fn body(events: Stream, stopping: watch::Receiver<bool>) -> Body {
    let reading = Reading {
        missed: events.missed.into(),
        live: events.live,
        left: events.close_after,
        retry: events.retry,
        stopping,
        greeted: false,
    };
    Body::from_stream(stream::unfold(reading, |mut reading| async move {
        let chunk = reading.next().await?;
        Some((Ok::<_, Infallible>(Bytes::from(chunk)), reading))
    }))
}

impl Reading {
    async fn next(&mut self) -> Option<String> {
        if !self.greeted {
            self.greeted = true;
            return Some(format!(": connected\nretry: {}\n\n", self.retry));
        }
        if self.left == Some(0) {
            return None;
        }
        let frame = if let Some(frame) = self.missed.pop_front() {
            frame
        } else {
            tokio::select! {
                live = self.live.recv() => match live {
                    Ok(Live::Event(frame)) => frame,
                    // Hung up on, or too far behind: whoever comes back is told what it missed.
                    Ok(Live::HangUp) | Err(_) => return None,
                },
                _ = self.stopping.wait_for(|stopping| *stopping) => return None,
                () = tokio::time::sleep(limits::SANDBOX_STREAM_ALIVE) => {
                    return Some(": alive\n\n".to_owned());
                }
            }
        };
        self.left = self.left.map(|left| left.saturating_sub(1));
        Some(format!(
            "id: {}\nevent: {}\nretry: {}\ndata: {}\n\n",
            frame.id, frame.name, self.retry, frame.data
        ))
    }
}

//! A partner's stream: it says to which orders something has happened, and those are then asked for.
//!
//! Its cursor moves in the same transaction in which they become due. Whenever it is opened, all
//! orders become due once, each as soon as it may be asked for again: what happened while nobody
//! listened is found whether the partner tells it again or not.

use std::sync::Arc;
use std::time::Duration;

use super::patience::{Patience, tell};
use super::{Ear, Hearing};
use crate::clock;
use crate::failure::Failure;
use crate::flow::Shared;
use crate::ledger::tracking::{Cursor, Stirred, StirredOthers};
use crate::limits;
use crate::partners::Outcome;
use crate::partners::tracker::{Feed, Manner, Others, Stir};

/// Listens to the destination `name` until the end.
pub(in crate::flow) async fn run(shared: Arc<Shared>, name: String) {
    let hearing = shared.ports.lanes.get(&name);
    let hearing = hearing.and_then(|lane| lane.hearing.as_ref());
    let (Some(hearing), Some(ear)) = (hearing, shared.ears.get(&name)) else {
        return;
    };
    let mut listening = Listening {
        shared: &shared,
        name: &name,
        hearing,
        ear,
        patience: Patience::default(),
    };
    loop {
        let rest = tokio::select! {
            () = shared.stop.cancelled() => return,
            rest = listening.once() => rest,
        };
        tokio::select! {
            () = shared.stop.cancelled() => return,
            () = tokio::time::sleep(rest) => {}
        }
    }
}

struct Listening<'a> {
    shared: &'a Shared,
    name: &'a str,
    hearing: &'a Hearing,
    ear: &'a Ear,
    patience: Patience,
}

impl Listening<'_> {
    /// Opens the stream and follows it to its end; how long to rest before the next.
    async fn once(&mut self) -> Duration {
        let opened = match self.open().await {
            Ok(opened) => opened,
            Err(failure) => {
                tracing::error!(destination = self.name, %failure, "The stream's place could not be read.");
                return limits::PAUSE_AFTER_FAILURE;
            }
        };
        let mut feed = match opened {
            Ok(Some(feed)) => feed,
            // It has none after all: only its questions remain.
            Ok(None) => return limits::TRACKING_LASTS,
            Err(outcome) => return self.failed(&outcome).await,
        };
        tracing::info!(
            destination = self.name,
            "Listening to what becomes of its orders."
        );
        match self.follow(&mut *feed).await {
            Ok(outcome) => {
                tracing::debug!(destination = self.name, ?outcome, "A stream ended.");
                let asked = feed.rest().unwrap_or(limits::STREAM_REST_USUAL);
                asked.clamp(limits::STREAM_REST, limits::STREAM_REST_MOST)
            }
            Err(failure) => {
                tracing::error!(destination = self.name, %failure, "What a stream told could not be recorded.");
                limits::PAUSE_AFTER_FAILURE
            }
        }
    }

    async fn open(&self) -> Result<Result<Option<Box<dyn Feed>>, Outcome>, Failure> {
        let cursor = self.shared.ledger().cursor(&self.cursor()).await?;
        Ok(self.hearing.tracker.stream(cursor.as_deref()).await)
    }

    /// Takes down what the stream tells, until it ends.
    async fn follow(&mut self, feed: &mut dyn Feed) -> Result<Outcome, Failure> {
        // What happens from now on is told; what happened before is asked for.
        let gap = Stir {
            others: Others::All,
            ..Stir::default()
        };
        self.stir(gap).await?;
        loop {
            let told = match feed.next().await {
                Ok(told) => told,
                Err(outcome) => return Ok(outcome),
            };
            self.patience.good();
            self.stir(told).await?;
        }
    }

    /// Makes orders due and moves the cursor.
    async fn stir(&self, stir: Stir) -> Result<(), Failure> {
        let Manner::Streamed { every, rest } = self.hearing.tracker.manner() else {
            return Ok(());
        };
        let now = clock::now();
        let mut in_hand = self.ear.in_hand.lock().await;
        let stirred = Stirred {
            destination: self.name.to_owned(),
            due: now,
            // Its last look lies so far before the next that was set then.
            others: (stir.others != Others::None).then(|| StirredOthers {
                unnamed: stir.others == Others::Unmarked,
                earlier: every.saturating_sub(rest),
                rest,
            }),
            cursor: stir.cursor.map(|value| Cursor {
                name: self.cursor(),
                value,
            }),
            marks: stir.marks.clone(),
        };
        self.shared.ledger().stirred(stirred).await?;
        for one in in_hand.values_mut() {
            if stir.marks.contains(&one.mark) {
                one.stirred = Some(Duration::ZERO);
            } else if stir.others == Others::All
                || stir.others == Others::Unmarked && one.mark.is_empty()
            {
                one.stirred = one.stirred.or(Some(rest));
            }
        }
        drop(in_hand);
        self.ear.wake.notify_one();
        Ok(())
    }

    async fn failed(&mut self, outcome: &Outcome) -> Duration {
        self.patience.bad(outcome);
        tell(self.shared, self.name, outcome).await;
        let until = self.patience.until().unwrap_or_else(clock::now);
        clock::now().until(until)
    }

    fn cursor(&self) -> String {
        format!("{}/stream", self.name)
    }
}

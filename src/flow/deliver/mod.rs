//! attempt ▸ outcome: one lane a destination.
//!
//! A lane records attempts before their requests leave, sends them over a bounded number of
//! connections, and records what came back; recording and sending overlap. It owns the
//! destination's back-off: what the partner's state is (`gate`) decides when and how much to send.
//! A lane never waits for another.

mod ends;
mod gate;
mod judge;
mod send;

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt};
use futures_util::stream::{FuturesUnordered, StreamExt};

use super::{Lane, Shared};
use crate::arrival::DeliveryId;
use crate::clock::{self, Millis};
use crate::failure::Failure;
use crate::ledger::{AttemptEnd, AttemptResult, AttemptStart, DueDelivery};
use crate::limits;
use crate::order::Action;
use crate::partners::Body;
use ends::Ends;
use gate::Gate;
use judge::Judged;
use send::Ready;

/// Serves the destination `name` until the end.
pub(super) async fn run(shared: Arc<Shared>, name: String) {
    let Some(lane) = shared.ports.lanes.get(&name) else {
        return;
    };
    Running::new(&shared, lane).run().await;
}

/// Outcomes that are durable, or those that are not and why.
type Recorded = Result<(), (Vec<AttemptEnd>, Failure)>;

type Sending<'a> = FuturesUnordered<BoxFuture<'a, (Ready, Judged)>>;

/// A lane at work.
struct Running<'a> {
    shared: &'a Shared,
    lane: &'a Lane,
    gate: Gate,
    /// Recorded as attempts, not yet sent.
    ready: VecDeque<Ready>,
    sending: Sending<'a>,
    ends: Ends,
    preparing: Option<BoxFuture<'a, Result<Vec<Ready>, Failure>>>,
    recording: Option<BoxFuture<'a, Recorded>>,
    /// Nothing was due at the last look; a hint or a time changes that.
    dry: bool,
    /// A hint came while a look was under way: that look may have missed what the hint was for.
    hinted: bool,
    /// When that look was.
    looked: Millis,
    worked: bool,
    /// `--once`: what was tried in this run.
    tried: HashSet<DeliveryId>,
}

impl<'a> Running<'a> {
    fn new(shared: &'a Shared, lane: &'a Lane) -> Self {
        Self {
            shared,
            lane,
            gate: Gate::new(lane.rate),
            ready: VecDeque::new(),
            sending: FuturesUnordered::new(),
            ends: Ends::default(),
            preparing: None,
            recording: None,
            dry: false,
            hinted: false,
            looked: Millis::default(),
            worked: false,
            tried: HashSet::new(),
        }
    }

    async fn run(mut self) {
        self.shared.quiet.begin(&self.lane.name);
        while !(self.shared.stop.is_cancelled() && self.is_idle()) {
            self.start_what_can_start();
            if !self.is_idle() {
                self.step().await;
            } else if !self.rest().await {
                return;
            }
        }
    }

    fn is_idle(&self) -> bool {
        self.ready.is_empty()
            && self.sending.is_empty()
            && self.ends.is_empty()
            && self.preparing.is_none()
            && self.recording.is_none()
    }

    fn start_what_can_start(&mut self) {
        let stopping = self.shared.stop.is_cancelled();
        let now = clock::moment();
        if stopping || !self.gate.is_open(now) {
            self.take_back();
        } else if !self.dry && self.preparing.is_none() && self.room() > 0 {
            self.looked = clock::now();
            self.hinted = false;
            self.preparing = Some(self.prepare().boxed());
        }
        let places = self.gate.places(self.lane.concurrency);
        while !stopping && self.sending.len() < places && self.gate.is_open(now) {
            // After a crash all of these are sent again, under their keys.
            let behind = self.ends.behind() >= limits::OUTCOMES_BEHIND;
            if behind || self.ready.is_empty() || !self.gate.take(now) {
                break;
            }
            if let Some(ready) = self.ready.pop_front() {
                self.sending.push(send::send(self.lane, ready).boxed());
            }
        }
        if self.may_wait() == Some(Duration::ZERO) {
            let ends = self.ends.take();
            self.recording = Some(record(self.shared, ends).boxed());
        }
    }

    /// How long what has ended may wait for more that ends: not at all where a crash would park what is not
    /// on record. `None`: nothing has ended, or the answers before it are being recorded.
    fn may_wait(&self) -> Option<Duration> {
        let rest = self.ends.rest().filter(|_| self.recording.is_none())?;
        let last = self.sending.is_empty();
        let hurried = !self.lane.partner.recognises_repeats(Action::Create);
        Some(if last || hurried {
            Duration::ZERO
        } else {
            rest
        })
    }

    /// How many attempts may be recorded now. Where the partner recognises repeats, ahead of the
    /// requests; elsewhere only those that leave at once, so that a crash parks nothing that was
    /// never sent.
    fn room(&self) -> usize {
        let busy = self.ready.len() + self.sending.len();
        let places = self.gate.places(self.lane.concurrency);
        if self.lane.partner.recognises_repeats(Action::Create) && places == self.lane.concurrency {
            if self.ready.len() > limits::ATTEMPTS_AHEAD / 2 {
                0
            } else {
                limits::ATTEMPTS_AHEAD
            }
        } else {
            places.saturating_sub(busy)
        }
    }

    /// Asks what is due and records the attempts. Renders bodies for first attempts.
    fn prepare(&self) -> impl Future<Output = Result<Vec<Ready>, Failure>> + 'a + use<'a> {
        let (shared, lane, room) = (self.shared, self.lane, self.room());
        let tried = self.tried.clone();
        async move {
            shared.promote().await?;
            if shared.ledger().paused().await?.contains(&lane.name) {
                return Ok(Vec::new());
            }
            // What is in hand was taken by its attempt and is due no more.
            let mut due = shared
                .ledger()
                .due_deliveries(&lane.name, clock::now(), &[], room)
                .await?;
            due.retain(|delivery| !tried.contains(&delivery.delivery));
            attempt(shared, lane, due).await
        }
    }

    /// Waits for the next event and takes it in.
    async fn step(&mut self) {
        let hint = self.shared.wakes.lanes.get(&self.lane.name);
        let Some(hint) = hint else { return };
        let rate = self
            .gate
            .next_token(clock::moment())
            .filter(|_| !self.ready.is_empty());
        let gathering = self.may_wait();
        let stopping = self.shared.stop.is_cancelled();
        tokio::select! {
            prepared = of(&mut self.preparing) => {
                self.preparing = None;
                self.prepared(prepared);
            }
            Some((ready, judged)) = self.sending.next() => self.sent(ready, judged).await,
            recorded = of(&mut self.recording) => {
                self.recording = None;
                self.ends.settled();
                self.recorded(recorded).await;
            }
            () = tokio::time::sleep(rate.unwrap_or_default()), if rate.is_some() => {}
            () = tokio::time::sleep(gathering.unwrap_or_default()), if gathering.is_some() => {}
            () = hint.notified() => (self.dry, self.hinted) = (false, true),
            () = self.shared.stop.cancelled(), if !stopping => {}
        }
        self.shared.quiet.alive(&self.lane.name);
    }

    fn prepared(&mut self, prepared: Result<Vec<Ready>, Failure>) {
        match prepared {
            Ok(ready) => {
                self.dry = ready.is_empty() && !self.hinted;
                self.worked |= !ready.is_empty();
                if self.shared.ports.once {
                    self.tried.extend(ready.iter().map(Ready::delivery));
                }
                self.ready.extend(ready);
            }
            Err(failure) => {
                tracing::error!(destination = self.lane.name, %failure, "Deliveries could not be prepared.");
                self.dry = true;
                self.gate.pause_for_us();
            }
        }
    }

    async fn sent(&mut self, ready: Ready, judged: Judged) {
        let news = self.gate.learn(&judged.sign);
        if let Some(news) = news {
            self.tell(&news).await;
        }
        if let AttemptResult::Parked { why, .. } = &judged.result {
            let (name, reference) = (&self.lane.name, ready.reference());
            let subject = format!("Order {reference} for {name} waits for a person");
            let text = format!(
                "{why}\n\nTo send it again:\n\n    orderdock deliveries retry {}\n\nTo take it back:\n\n    \
                 orderdock deliveries cancel {0}\n",
                ready.delivery()
            );
            self.shared
                .alert(&format!("parked/{name}"), &subject, &text)
                .await;
        }
        let result = match judged.result {
            // Refused credentials are not the order's fault: it is due as soon as the lane is, which
            // a person, a reload or a restart may bring forward.
            AttemptResult::Later { until, unknown } if !judged.sign.is_about_us() => {
                AttemptResult::Later {
                    until: until.max(self.gate.opens_at()),
                    unknown,
                }
            }
            result => result,
        };
        self.ends.push(ready.end(result, judged.detail));
    }

    /// The lane's state changed for better or worse.
    async fn tell(&mut self, news: &gate::News) {
        let name = &self.lane.name;
        let trouble = news
            .failure
            .as_ref()
            .map(|failure| format!("{}: {failure}", news.words));
        let opens = self.gate.opens_at();
        self.shared.quiet.tell(name, |health| {
            health.next = trouble.is_some().then_some(opens);
            health.trouble = trouble;
        });
        if let Some(failure) = &news.failure {
            tracing::warn!(destination = name, %failure, "{}", news.words);
        } else {
            tracing::info!(destination = name, "{}", news.words);
        }
        if news.alert {
            let subject = format!("Destination {name}: {}", news.words);
            let reason = news
                .failure
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default();
            let text = format!(
                "{reason}\n\nOrders for {name} wait in orderdock; nothing is lost, no sender is told, and \
                 other destinations go on. It is tried again by itself, and at once after:\n\n    \
                 orderdock resume {name}\n"
            );
            self.shared
                .alert(&format!("lane/{name}"), &subject, &text)
                .await;
        }
    }

    async fn recorded(&mut self, recorded: Recorded) {
        match recorded {
            Ok(()) => {
                self.shared.wakes.settle.notify_one();
                self.shared.wakes.report.notify_one();
                if let Some(ear) = self.shared.ears.get(&self.lane.name) {
                    ear.wake.notify_one();
                }
                self.shared.wakes.answer.notify_one();
                // An order of the same identity may have waited for one of these.
                (self.dry, self.hinted) = (false, true);
            }
            Err((ends, failure)) => {
                // Kept in memory and tried again; after a crash the same bytes go under the same key.
                tracing::error!(destination = self.lane.name, %failure, "Outcomes could not be recorded.");
                self.ends.again(ends);
                tokio::time::sleep(limits::PAUSE_AFTER_FAILURE).await;
            }
        }
    }

    /// What was recorded and not sent is due again as if it had never been recorded.
    fn take_back(&mut self) {
        if self.ready.is_empty() || self.preparing.is_some() {
            return;
        }
        let ids: Vec<_> = self.ready.drain(..).map(|ready| ready.delivery()).collect();
        for id in &ids {
            self.tried.remove(id);
        }
        let shared = self.shared;
        let back = async move { shared.ledger().unattempt(ids).await.map(|()| Vec::new()) };
        self.preparing = Some(back.boxed());
    }

    /// Nothing to do: waits for a hint or the next time. False at the end.
    async fn rest(&mut self) -> bool {
        let next = self.next_due().await;
        self.shared
            .quiet
            .end(&self.lane.name, std::mem::take(&mut self.worked));
        let Some(hint) = self.shared.wakes.lanes.get(&self.lane.name) else {
            return false;
        };
        let goes_on = self.shared.wait(hint, next).await;
        self.shared.quiet.begin(&self.lane.name);
        if self.shared.was_resumed(&self.lane.name) {
            self.gate.open_now();
        }
        self.dry = false;
        goes_on
    }

    /// The time at which there may be work although nobody gives a hint.
    async fn next_due(&mut self) -> Option<Millis> {
        if !self.gate.is_open(clock::moment()) {
            return Some(self.gate.opens_at());
        }
        match self
            .shared
            .ledger()
            .next_delivery(&self.lane.name, self.looked)
            .await
        {
            Ok(next) => next,
            Err(_) => Some(clock::now().after(limits::PAUSE_AFTER_FAILURE)),
        }
    }
}

/// The result of a future that may not be there; never, if it is not.
async fn of<T>(future: &mut Option<BoxFuture<'_, T>>) -> T {
    match future {
        Some(future) => future.await,
        None => std::future::pending().await,
    }
}

/// Renders what is sent for the first time and records the attempts.
async fn attempt(
    shared: &Shared,
    lane: &Lane,
    due: Vec<DueDelivery>,
) -> Result<Vec<Ready>, Failure> {
    let mut starts = Vec::with_capacity(due.len());
    let mut ready = Vec::with_capacity(due.len());
    for delivery in due {
        let rendered = match &delivery.body {
            None if delivery.attempts == 0 => {
                match lane.partner.render(&delivery.content, &delivery.key)? {
                    Body::Canonical => None,
                    Body::Rendered(bytes) => Some(bytes),
                }
            }
            _ => None,
        };
        starts.push(AttemptStart {
            delivery: delivery.delivery,
            body: rendered.clone(),
        });
        ready.push(Ready::new(delivery, rendered));
    }
    if starts.is_empty() {
        return Ok(ready);
    }
    let may_send = shared.ledger().attempt(starts).await?;
    let kept = ready
        .into_iter()
        .zip(may_send)
        .filter_map(|(ready, may)| may.then_some(ready));
    Ok(kept.collect())
}

async fn record(shared: &Shared, ends: Vec<AttemptEnd>) -> Recorded {
    let recorded = shared.ledger().outcome(ends.clone()).await;
    // An event may have waited for a number that the partner has told now.
    shared.wakes.tracking.notify_one();
    recorded.map_err(|failure| (ends, failure))
}

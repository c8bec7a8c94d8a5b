//! Orders whose time has come are asked for, and subscriptions are renewed.
//!
//! Which those are the ledger knows by an index: a hundred thousand that are not due cost nothing.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{self, StreamExt};

use super::patience::{Patience, is_general, tell, words};
use super::{Hearing, InHand, loop_of, record};
use crate::backoff;
use crate::clock::{self, Millis};
use crate::failure::Failure;
use crate::flow::{Lane, Shared};
use crate::ledger::tracking::{DueSubscription, SubscriptionEnd, SubscriptionState};
use crate::limits;
use crate::partners::Outcome;
use crate::partners::tracker::{Followed, Manner, Sighting};
use crate::tracking::{About, Channel};

/// Asks the destination `name` until the end.
pub(in crate::flow) async fn run(shared: Arc<Shared>, name: String) {
    let lane = shared.ports.lanes.get(&name);
    let hearing = lane.and_then(|lane| Some((lane, lane.hearing.as_ref()?)));
    let (Some((lane, hearing)), Some(ear)) = (hearing, shared.ears.get(&name)) else {
        return;
    };
    let me = loop_of(&name);
    let mut asking = Asking {
        shared: &shared,
        lane,
        hearing,
        patience: Patience::default(),
    };
    loop {
        shared.quiet.begin(&me);
        let mut worked = false;
        let next = loop {
            let looked = clock::now();
            match asking.round().await {
                Ok(false) => break asking.next(looked).await,
                Ok(true) => worked = true,
                Err(failure) => {
                    tracing::error!(destination = name, %failure, "What became of orders could not be recorded.");
                    break Some(clock::now().after(limits::PAUSE_AFTER_FAILURE));
                }
            }
            if shared.stop.is_cancelled() {
                return;
            }
            shared.quiet.alive(&me);
        };
        shared.quiet.end(&me, worked);
        if !shared.wait(&ear.wake, next).await {
            return;
        }
    }
}

/// Again, by its own back-off.
fn later(tries: u32, outcome: &Outcome) -> SubscriptionEnd {
    let wait = backoff::default_wait(tries + 1, limits::MIDDLE_JITTER);
    SubscriptionEnd::Later {
        until: clock::now().after(wait),
        why: words(outcome),
    }
}

/// A destination being asked.
struct Asking<'a> {
    shared: &'a Shared,
    lane: &'a Lane,
    hearing: &'a Hearing,
    patience: Patience,
}

/// What one question came to: the row's next state, or what is wrong with the destination.
type Asked = Result<SubscriptionEnd, Outcome>;

impl Asking<'_> {
    /// When there may be something to ask although nobody gives a hint.
    async fn next(&self, looked: Millis) -> Option<Millis> {
        if let Some(until) = self.patience.until() {
            return Some(until);
        }
        let ledger = self.shared.ledger();
        match ledger.next_subscription(&self.lane.name, looked).await {
            Ok(next) => next,
            Err(_) => Some(clock::now().after(limits::PAUSE_AFTER_FAILURE)),
        }
    }

    /// One look; whether it found anything that could be asked.
    async fn round(&mut self) -> Result<bool, Failure> {
        let (shared, name) = (self.shared, &self.lane.name);
        if shared.was_resumed(&loop_of(name)) {
            self.patience.forget_wait();
        }
        if self.patience.until().is_some() || shared.ledger().paused().await?.contains(name) {
            return Ok(false);
        }
        let due = shared.ledger();
        let due = due.due_subscriptions(name, clock::now(), limits::TRACKING_BATCH);
        let due = due.await?;
        if due.is_empty() {
            return Ok(false);
        }
        self.take_in_hand(&due).await;
        let ids: Vec<i64> = due.iter().map(|one| one.id).collect();
        let done = self.ask_all(due).await;
        let recorded = self.recorded(done).await;
        let ear = shared.ears.get(name);
        if let Some(ear) = ear {
            let mut in_hand = ear.in_hand.lock().await;
            in_hand.retain(|id, _| !ids.contains(id));
        }
        recorded?;
        Ok(self.patience.until().is_none())
    }

    async fn take_in_hand(&self, due: &[DueSubscription]) {
        let Some(ear) = self.shared.ears.get(&self.lane.name) else {
            return;
        };
        let mut in_hand = ear.in_hand.lock().await;
        for one in due {
            let mark = one.remote_id.clone().unwrap_or_default();
            let stirred = None;
            in_hand.insert(one.id, InHand { mark, stirred });
        }
    }

    /// Asks some at a time, until as many in a row have failed or the end comes.
    ///
    /// One that fails alone waits by its own back-off and keeps no other from being asked; where none
    /// is answered, the destination is left alone for a while as well.
    async fn ask_all(&mut self, due: Vec<DueSubscription>) -> Vec<(i64, SubscriptionEnd)> {
        let at_once = self.lane.concurrency.min(limits::TRACKING_AT_ONCE);
        let mut done = Vec::with_capacity(due.len());
        let (mut answered, mut in_a_row, mut trouble) = (false, 0, None);
        {
            let this = &*self;
            let stop = this.shared.stop.cancelled();
            let asked = stream::iter(due)
                .take_until(stop)
                .map(|one| async move { (one.id, one.tries, this.ask(one).await) })
                .buffer_unordered(at_once);
            let mut asked = pin!(asked);
            while let Some((id, tries, asked)) = asked.next().await {
                this.shared.quiet.alive(&loop_of(&this.lane.name));
                match asked {
                    Ok(end) => {
                        (answered, in_a_row) = (true, 0);
                        done.push((id, end));
                    }
                    Err(outcome) => {
                        in_a_row += 1;
                        let all = matches!(outcome, Outcome::Denied(_) | Outcome::Unreachable(_));
                        if !all {
                            done.push((id, later(tries, &outcome)));
                        }
                        trouble = Some(outcome);
                        if all || in_a_row >= at_once {
                            break;
                        }
                    }
                }
            }
        }
        match trouble {
            Some(outcome) if !answered || in_a_row >= at_once => {
                self.patience.bad(&outcome);
                tell(self.shared, &self.lane.name, &outcome).await;
            }
            _ => self.patience.good(),
        }
        done
    }

    /// What comes of one that is due. What was told is durable when this returns.
    async fn ask(&self, due: DueSubscription) -> Asked {
        let over = self.is_over(&due);
        let order = Followed {
            key: due.key.clone(),
            reference: due.reference.clone(),
            remote_id: due.order_id.clone(),
            facts: due.facts.clone(),
            content: due.content.clone().unwrap_or_default(),
        };
        let tracker = &self.hearing.tracker;
        if let Some(why) = over {
            // It goes on there only where nothing but our own wish has ended it.
            let goes_on = due.content.is_some() && !due.last && !due.superseded;
            if goes_on
                && let Err(outcome) = tracker.unsubscribe(&order).await
                && is_general(&outcome)
            {
                return Err(outcome);
            }
            return Ok(SubscriptionEnd::Ended(why.to_owned()));
        }
        let Some(mark) = tracker.mark(&order) else {
            let why = "the partner has nothing to ask for it by";
            return Ok(SubscriptionEnd::Ended(why.to_owned()));
        };
        match tracker.manner() {
            Manner::Subscribed { renew, .. } => {
                let renewed = tracker.subscribe(&order).await.map(|()| Vec::new());
                self.open(&due, renewed, mark, renew).await
            }
            // Known by its mark before it is asked for: what happens after the answer wakes it.
            Manner::Streamed { .. } if due.state == SubscriptionState::Wanted => {
                Ok(SubscriptionEnd::Open {
                    remote_id: Some(mark),
                    expires: None,
                    due: Some(clock::now()),
                })
            }
            Manner::Asked { every, .. } | Manner::Streamed { every, .. } => {
                let told = tracker.poll(&order).await;
                self.open(&due, told, mark, every).await
            }
        }
    }

    /// Why one is followed no more.
    fn is_over(&self, due: &DueSubscription) -> Option<&'static str> {
        let lasts = self.hearing.lasts.unwrap_or(limits::TRACKING_LASTS);
        if due.content.is_none() {
            return Some("its content is past retention");
        }
        if due.last {
            return Some("its last event has come");
        }
        if due.superseded {
            return Some("a later order of the same number took its place");
        }
        let long = due.created.after(lasts) <= clock::now();
        long.then_some("it was followed for as long as is configured")
    }

    async fn open(
        &self,
        due: &DueSubscription,
        told: Result<Vec<Sighting>, Outcome>,
        mark: String,
        every: Duration,
    ) -> Asked {
        let told = match told {
            Ok(told) => told,
            Err(outcome) if is_general(&outcome) => return Err(outcome),
            Err(outcome) => {
                return Ok(later(due.tries, &outcome));
            }
        };
        let is_over = told.iter().any(|sighting| sighting.end.is_some());
        let about = About {
            delivery: Some(due.delivery),
            ..About::default()
        };
        let heard = record(self.shared, &self.lane.name, (Channel::Poll, &about), told);
        if let Err(failure) = heard.await {
            return Err(Outcome::Later {
                after: None,
                failure,
                destination: true,
            });
        }
        if is_over {
            return Ok(SubscriptionEnd::Ended("its last event has come".to_owned()));
        }
        Ok(SubscriptionEnd::Open {
            remote_id: Some(mark),
            expires: None,
            due: Some(clock::now().after(every)),
        })
    }

    /// Writes down what came of them. What a stream has told of meanwhile is due at once.
    async fn recorded(&self, mut done: Vec<(i64, SubscriptionEnd)>) -> Result<(), Failure> {
        if done.is_empty() {
            return Ok(());
        }
        let Some(ear) = self.shared.ears.get(&self.lane.name) else {
            return Ok(());
        };
        // Held until it is written: a stream's news come wholly before or wholly after.
        let in_hand = ear.in_hand.lock().await;
        for (id, end) in &mut done {
            if let SubscriptionEnd::Open { due, .. } = end
                && let Some(wait) = in_hand.get(id).and_then(|one| one.stirred)
            {
                *due = Some(clock::now().after(wait));
            }
        }
        self.shared.ledger().subscribed(done).await
    }
}

//! The port's arrows and questions about tracking.

use async_trait::async_trait;

use super::arrows::tracking::{self as arrows, follow, forward, subscribe, waiting};
use super::questions::tracking as questions;
use super::{Result, SqliteLedger};
use crate::arrival::{DeliveryId, OrderId};
use crate::clock::Millis;
use crate::ledger::tracking::{
    Cursor, DueNotice, DueSubscription, Followed, Follower, Heard, NewEvent, NewFollower, News,
    NoticeEnd, Overdue, Stirred, SubscriptionEnd, Tracking, Unforwarded,
};
use crate::limits;
use crate::problem::Problem;

#[async_trait]
impl Tracking for SqliteLedger {
    async fn heard(&self, events: Vec<NewEvent>, cursor: Option<Cursor>) -> Result<Heard> {
        // In bounded steps; the cursor moves with the last of them.
        let mut heard = Heard::default();
        let mut steps = events.chunks(limits::EVENTS_TOGETHER).peekable();
        if steps.peek().is_none() && cursor.is_some() {
            return self
                .write(move |tx| arrows::heard(tx, &[], cursor.as_ref()))
                .await;
        }
        while let Some(step) = steps.next() {
            let (step, cursor) = (step.to_vec(), cursor.clone());
            let cursor = cursor.filter(|_| steps.peek().is_none());
            let one = self
                .write(move |tx| arrows::heard(tx, &step, cursor.as_ref()))
                .await?;
            heard.new += one.new;
            heard.known += one.known;
            heard.waiting += one.waiting;
        }
        Ok(heard)
    }

    async fn cursor(&self, name: &str) -> Result<Option<String>> {
        let name = name.to_owned();
        self.ask(move |db| questions::cursor(db, &name)).await
    }

    async fn rematch(&self) -> Result<bool> {
        self.write(arrows::rematch).await
    }

    async fn overdue(&self, now: Millis, limit: usize) -> Result<Vec<Overdue>> {
        self.ask(move |db| questions::overdue(db, now, limit)).await
    }

    async fn given_up(&self, told: Vec<(i64, Problem)>) -> Result<()> {
        self.write(move |tx| waiting::given_up(tx, &told)).await
    }

    async fn due_subscriptions(
        &self,
        destination: &str,
        now: Millis,
        limit: usize,
    ) -> Result<Vec<DueSubscription>> {
        let destination = destination.to_owned();
        self.ask(move |db| questions::subscriptions(db, &destination, now, limit))
            .await
    }

    async fn next_subscription(&self, destination: &str, now: Millis) -> Result<Option<Millis>> {
        let destination = destination.to_owned();
        self.ask(move |db| questions::next_subscription(db, &destination, now))
            .await
    }

    async fn subscribed(&self, ends: Vec<(i64, SubscriptionEnd)>) -> Result<()> {
        self.write(move |tx| subscribe::subscribed(tx, &ends)).await
    }

    async fn stirred(&self, stirred: Stirred) -> Result<()> {
        self.write(move |tx| arrows::stirred(tx, &stirred)).await
    }

    async fn subscription(&self, destination: &str, remote_id: &str) -> Result<Option<DeliveryId>> {
        let (destination, remote_id) = (destination.to_owned(), remote_id.to_owned());
        self.ask(move |db| questions::subscription(db, &destination, &remote_id))
            .await
    }

    async fn follow(&self, new: NewFollower) -> Result<Followed> {
        self.write(move |tx| follow::follow(tx, &new)).await
    }

    async fn unfollow(&self, token: &str) -> Result<Option<Follower>> {
        let token = token.to_owned();
        self.write(move |tx| follow::unfollow(tx, &token)).await
    }

    async fn follower(&self, token: &str) -> Result<Option<Follower>> {
        let token = token.to_owned();
        self.search(move |db| questions::follower(db, &token)).await
    }

    async fn unforwarded(&self, limit: usize) -> Result<Vec<Unforwarded>> {
        self.ask(move |db| questions::unforwarded(db, limit)).await
    }

    async fn forwarded(&self, events: Vec<i64>, news: Vec<News>) -> Result<()> {
        self.write(move |tx| forward::forwarded(tx, &events, &news))
            .await
    }

    async fn due_notices(&self, now: Millis, limit: usize) -> Result<Vec<DueNotice>> {
        self.ask(move |db| questions::due_notices(db, now, limit))
            .await
    }

    async fn noticed(&self, notice: i64, end: NoticeEnd) -> Result<()> {
        self.write(move |tx| forward::noticed(tx, notice, &end))
            .await
    }

    async fn tracking_due(&self, now: Millis) -> Result<bool> {
        self.ask(move |db| questions::any_due(db, now)).await
    }

    async fn next_tracking(&self, now: Millis) -> Result<Option<Millis>> {
        self.ask(move |db| questions::next(db, now)).await
    }

    async fn by_number(&self, number: &str) -> Result<Vec<OrderId>> {
        let number = number.to_owned();
        self.search(move |db| questions::by_number(db, &number))
            .await
    }
}

//! Events: whose history, once, late, corrected, waiting; subscriptions and followers.

use super::*;
use crate::arrival::OrderId;
use crate::ledger::OrderStory;
use crate::ledger::tracking::{
    Cursor, Followed, NewEvent, NewFollower, SubscriptionEnd, SubscriptionState, Tracking,
};
use crate::tracking::{About, By, Channel, TrackingEvent};

fn about_order(reference: &str) -> About {
    About {
        order: Some(reference.into()),
        ..About::default()
    }
}

fn event(about: About, text: &str) -> NewEvent {
    let mut event = TrackingEvent::of_destination("erp", Channel::Stream, about);
    event.text = text.into();
    NewEvent {
        happened: None,
        event,
        until: far(),
    }
}

/// The same out of the mouth of a sender.
fn said(sender: &str, about: About, text: &str) -> NewEvent {
    let mut new = event(about, text);
    new.event.teller.by = By::Sender {
        name: sender.into(),
        carries: Vec::new(),
    };
    new
}

fn with_id(mut new: NewEvent, id: &str) -> NewEvent {
    new.event.id = Some(id.into());
    new
}

impl House {
    async fn hear(&self, events: Vec<NewEvent>) -> (u64, u64, u64) {
        let heard = self.ledger().heard(events, None).await.unwrap();
        (heard.new, heard.known, heard.waiting)
    }

    async fn newest(&self, reference: &str) -> OrderStory {
        let filter = Filter {
            reference: Some(reference.into()),
            ..Filter::default()
        };
        let rows = self.ledger().orders(&filter).await.unwrap();
        self.ledger().order(rows[0].id).await.unwrap().unwrap()
    }

    async fn history(&self, reference: &str) -> Vec<String> {
        let events = self.newest(reference).await.events.into_iter();
        events.map(|event| event.text).collect()
    }

    async fn rematch(&self) {
        while self.ledger().rematch().await.unwrap() {}
    }
}

fn tracked() -> AttemptResult {
    AttemptResult::Delivered {
        remote_id: Some("R-1".into()),
        facts: std::collections::BTreeMap::from([("tracking_number".to_owned(), "T-1".to_owned())]),
        track: Some(clock::now()),
    }
}

#[tokio::test]
async fn an_event_is_in_the_history_once_and_a_corrected_one_beside_the_earlier() {
    let house = House::new();
    house.drop_in("a.csv", vec![order("A", "1")]).await;
    house.send_all(&delivered()).await;
    let loaded = || with_id(event(about_order("A"), "loaded"), "e-1");
    assert_eq!(house.hear(vec![loaded(), loaded()]).await, (1, 1, 0));
    let mut polled = loaded();
    polled.event.teller.channel = Channel::Poll;
    polled.event.about = About {
        remote_id: Some("R-1".into()),
        ..About::default()
    };
    assert_eq!(house.hear(vec![polled]).await, (0, 1, 0));
    let corrected = with_id(event(about_order("a"), "unloaded"), "e-1");
    assert_eq!(house.hear(vec![corrected]).await, (1, 0, 0));
    let events = house.newest("A").await.events;
    let told: Vec<_> = events.iter().map(|e| (&*e.text, e.corrected)).collect();
    assert_eq!(told, [("loaded", true), ("unloaded", false)]);
}

#[tokio::test]
async fn a_destination_speaks_of_what_it_was_sent_and_a_sender_of_its_own() {
    let house = House::new();
    house.drop_in("a.csv", vec![order("A", "1")]).await;
    assert_eq!(
        house.hear(vec![event(about_order("A"), "early")]).await,
        (0, 0, 1),
        "nothing was sent yet"
    );
    assert_eq!(
        house
            .hear(vec![said("acme", about_order("A"), "own")])
            .await,
        (1, 0, 0)
    );
    assert_eq!(
        house
            .hear(vec![said("other", about_order("A"), "foreign")])
            .await,
        (0, 0, 1)
    );
    house.send_all(&delivered()).await;
    house.rematch().await;
    let mut history = house.history("A").await;
    history.sort();
    assert_eq!(history, ["early", "own"]);
}

#[tokio::test]
async fn the_numbers_that_a_partner_tells_find_the_order_also_for_what_waited() {
    let mut house = House::new();
    let about = |number: &str| About {
        tracking: Some(number.into()),
        ..About::default()
    };
    assert_eq!(
        house.hear(vec![event(about("t-1"), "on its way")]).await,
        (0, 0, 1)
    );
    house.crash();
    house.drop_in("a.csv", vec![order("A", "1")]).await;
    house.rematch().await;
    assert_eq!(house.history("A").await, [""; 0]);
    house.send_all(&delivered()).await;
    house.rematch().await;
    assert_eq!(house.history("A").await, ["on its way"]);
    assert_eq!(
        house.hear(vec![event(about("T-1"), "there")]).await,
        (1, 0, 0)
    );
    assert_eq!(house.sql::<i64>("SELECT count(*) FROM waiting"), 0);
    assert_eq!(house.sql::<i64>("SELECT count(*) FROM waits_for"), 0);
}

#[tokio::test]
async fn a_history_belongs_to_all_revisions_of_its_order() {
    let house = House::new();
    house.drop_in("a.csv", vec![order("A", "1")]).await;
    house.send_all(&delivered()).await;
    house.hear(vec![event(about_order("A"), "loaded")]).await;
    let mut second = order("A", "2");
    second.action = Action::Update;
    house.drop_in("b.csv", vec![second]).await;
    house.send_all(&delivered()).await;
    house.hear(vec![event(about_order("A"), "there")]).await;
    assert_eq!(house.history("A").await, ["loaded", "there"]);
    let first = house.ledger().order(OrderId(1)).await.unwrap().unwrap();
    assert_eq!(first.events.len(), 2);
}

#[tokio::test]
async fn a_number_of_two_orders_is_not_guessed() {
    let house = House::new();
    let with = |reference: &str| {
        let mut order = order(reference, "1");
        order.numbers = vec!["S-1".into()];
        order
    };
    house.drop_in("a.csv", vec![with("A"), with("B")]).await;
    let about = About {
        shipment: Some("S-1".into()),
        ..About::default()
    };
    assert_eq!(
        house
            .hear(vec![said("acme", about.clone(), "where?")])
            .await,
        (0, 0, 1)
    );
    let overdue = house.ledger().overdue(clock::now(), 10).await.unwrap();
    assert!(overdue[0].several, "a person is told at once");
    let narrowed = About {
        order: Some("B".into()),
        ..about
    };
    assert_eq!(
        house.hear(vec![said("acme", narrowed, "here")]).await,
        (1, 0, 0)
    );
    assert_eq!(house.history("B").await, ["here"]);
}

#[tokio::test]
async fn the_cursor_moves_with_its_events() {
    let mut house = House::new();
    let cursor = |value: &str| Cursor {
        name: "erp/stream".into(),
        value: value.into(),
    };
    let events = vec![event(about_order("A"), "loaded")];
    house
        .ledger()
        .heard(events, Some(cursor("7")))
        .await
        .unwrap();
    house
        .ledger()
        .heard(Vec::new(), Some(cursor("8")))
        .await
        .unwrap();
    house.crash();
    let kept = house.ledger().cursor("erp/stream").await.unwrap();
    assert_eq!(kept.as_deref(), Some("8"));
    assert_eq!(house.ledger().cursor("other").await.unwrap(), None);
}

#[tokio::test]
async fn a_subscription_is_wanted_with_its_delivery_and_looked_at_when_it_is_due() {
    let house = House::new();
    house.drop_in("a.csv", vec![order("A", "1")]).await;
    house.send_all(&tracked()).await;
    let due = || async {
        let due = house.ledger().due_subscriptions("erp", far(), 10);
        due.await.unwrap()
    };
    let wanted = due().await.remove(0);
    assert_eq!(wanted.state, SubscriptionState::Wanted);
    assert_eq!(wanted.order_id.as_deref(), Some("R-1"));
    assert_eq!(wanted.facts["tracking_number"], "T-1");
    let open = SubscriptionEnd::Open {
        remote_id: Some("sub-1".into()),
        expires: None,
        due: None,
    };
    house
        .ledger()
        .subscribed(vec![(wanted.id, open)])
        .await
        .unwrap();
    assert!(due().await.is_empty(), "the partner tells by itself");
    let known = house.ledger().subscription("erp", "sub-1").await.unwrap();
    assert_eq!(known, Some(wanted.delivery));

    let mut last = event(about_order("A"), "delivered");
    last.event.last = true;
    house.hear(vec![last]).await;
    assert!(due().await[0].last, "it is to be ended");
    let end = SubscriptionEnd::Ended("The order is there.".into());
    house
        .ledger()
        .subscribed(vec![(wanted.id, end)])
        .await
        .unwrap();
    assert!(due().await.is_empty());
}

#[tokio::test]
async fn five_mails_and_a_url_follow_an_order_and_who_left_stays_away() {
    let house = House::new();
    house.drop_in("a.csv", vec![order("A", "1")]).await;
    let follow = |target: String, again: bool| {
        let new = NewFollower {
            order: OrderId(1),
            token: format!("token of {target}"),
            target,
            until: far(),
            again,
        };
        let ledger = house.ledger();
        async move { ledger.follow(new).await.unwrap() }
    };
    for n in 0..5 {
        assert_eq!(
            follow(format!("p{n}@acme.example"), false).await,
            Followed::New
        );
    }
    assert_eq!(
        follow("p0@acme.example".into(), false).await,
        Followed::Known
    );
    assert_eq!(
        follow("p5@acme.example".into(), false).await,
        Followed::Full
    );
    assert_eq!(
        follow("https://acme.example/hook".into(), false).await,
        Followed::New
    );
    assert_eq!(
        follow("https://b.example/hook".into(), false).await,
        Followed::Full
    );

    let left = house
        .ledger()
        .unfollow("token of p0@acme.example")
        .await
        .unwrap();
    assert!(left.unwrap().ended.is_some());
    assert!(house.ledger().unfollow("guess").await.unwrap().is_none());
    assert_eq!(
        follow("p0@acme.example".into(), false).await,
        Followed::Known
    );
    assert_eq!(follow("p5@acme.example".into(), false).await, Followed::New);
    assert_eq!(follow("p0@acme.example".into(), true).await, Followed::Full);
}

/// A hundred thousand open rows must cost no look: what asks for due ones reads an index that holds
/// only those.
#[tokio::test]
async fn what_is_not_due_is_not_read() {
    let house = House::new();
    for (sql, index) in [
        (
            "SELECT id FROM subscription WHERE destination = 'erp' AND due <= 5 ORDER BY due, id",
            "subscription_due",
        ),
        // As the lanes ask: neither what is parked nor what is held has a time.
        (
            "SELECT d.id FROM delivery d JOIN orders o ON o.id = d.orders
             JOIN content c ON c.orders = o.id LEFT JOIN frozen z ON z.delivery = d.id
             WHERE d.destination = 'erp' AND d.due <= 5 AND d.state = 'due'
             ORDER BY d.due, d.id LIMIT 5",
            "delivery_due",
        ),
        (
            "SELECT min(due) FROM subscription WHERE destination = 'erp' AND due > 5",
            "subscription_due",
        ),
        ("SELECT min(due) FROM waiting WHERE due > 5", "waiting_due"),
        (
            "SELECT id FROM waiting WHERE look = 1 ORDER BY id LIMIT 5",
            "waiting_look",
        ),
        (
            "SELECT id FROM notice WHERE due <= 5 ORDER BY due, id",
            "notice_due",
        ),
        (
            "SELECT id FROM event WHERE forward IS NOT NULL ORDER BY forward, id",
            "event_forward",
        ),
    ] {
        let db = rusqlite::Connection::open(house.dir.path().join(super::super::FILE)).unwrap();
        let plan: String = db
            .query_row(&format!("EXPLAIN QUERY PLAN {sql}"), [], |row| row.get(3))
            .unwrap();
        assert!(plan.contains(index), "{sql}: {plan}");
    }
}

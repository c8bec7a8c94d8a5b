//! Repeats, updates, conflicts, and what waits for an earlier delivery of the same order.

use super::*;
use crate::arrival::Verdict;
use crate::ledger::Change;

fn with(mut order: StagedOrder, change: impl FnOnce(&mut StagedOrder)) -> StagedOrder {
    change(&mut order);
    order
}

fn update(reference: &str, content: &str) -> StagedOrder {
    with(order(reference, content), |order| {
        order.action = Action::Update;
    })
}

use DeliveryState::{Cancelled, Delivered, Due, Held, Parked, Refused, Repeat};

#[tokio::test]
async fn an_accepted_order_seen_again_is_a_success_that_is_not_sent() {
    let house = House::new();
    house.drop_in("a", vec![order("A", "1")]).await;
    house.send_all(&delivered()).await;
    let (_, file) = house.drop_in("b", vec![order("A", "1")]).await;
    assert!(house.due().await.is_empty());
    assert_eq!(house.row(file).await.verdict, Some(Verdict::Done));
    assert_eq!(house.states().await, [Delivered, Repeat]);
}

#[tokio::test]
async fn equal_source_records_are_a_repeat_although_the_profile_changed() {
    let house = House::new();
    house.drop_in("a", vec![order("A", "1")]).await;
    house.send_all(&delivered()).await;
    let source = order("A", "1").source_hash;
    let mapped = with(order("A", "2"), |order| order.source_hash = source);
    house.drop_in("b", vec![mapped]).await;
    assert_eq!(house.states().await, [Delivered, Repeat]);
}

#[tokio::test]
async fn a_taken_number_is_refused_in_words_for_the_sender() {
    let house = House::new();
    house.drop_in("a", vec![order("A", "1")]).await;
    house.send_all(&delivered()).await;
    let (_, file) = house.drop_in("b", vec![order("A", "2")]).await;
    let story = house.ledger().file(file).await.unwrap().unwrap();
    assert_eq!(story.file.verdict, Some(Verdict::Error));
    assert!(story.refusals[0].2.contains("number"));
    assert_eq!(house.states().await, [Delivered, Refused]);
}

#[tokio::test]
async fn a_refused_order_does_not_take_the_number() {
    let house = House::new();
    house.drop_in("a", vec![order("A", "1")]).await;
    house.send_all(&refused()).await;
    house.drop_in("b", vec![order("A", "2")]).await;
    assert_eq!(house.states().await, [Refused, Due]);
}

#[tokio::test]
async fn an_update_waits_for_the_order_before_it_and_covers_its_key() {
    let house = House::new();
    house.drop_in("a", vec![order("A", "1")]).await;
    house.drop_in("b", vec![update("A", "2")]).await;
    let due = house.due().await;
    assert_eq!(due.len(), 1);
    assert!(house.attempt(due[0].delivery).await);
    house.end(due[0].delivery, delivered()).await;
    let second = house.due().await;
    assert_eq!(
        (second[0].action, second[0].remote_id.as_deref()),
        (Action::Update, Some("R-1"))
    );
    let first_time = House::new();
    first_time.drop_in("b", vec![update("A", "2")]).await;
    assert_ne!(first_time.due().await[0].key, second[0].key);
}

#[tokio::test]
async fn an_order_behind_a_refused_one_is_decided_anew() {
    let house = House::new();
    let changed = |content| {
        with(order("A", content), |order| {
            order.on_change = OnChange::Update;
        })
    };
    house.drop_in("a", vec![order("A", "1")]).await;
    house.drop_in("b", vec![changed("2")]).await;
    let update_key = house.deliveries().await[1].key.clone();
    house.send_all(&refused()).await;
    let due = house.due().await;
    assert_eq!(due[0].action, Action::Create);
    assert_ne!(due[0].key, update_key);
    assert_eq!(house.states().await, [Refused, Due]);
}

#[tokio::test]
async fn a_repeat_of_an_open_order_succeeds_only_with_it() {
    let house = House::new();
    house.drop_in("a", vec![order("A", "1")]).await;
    let (_, file) = house.drop_in("b", vec![order("A", "1")]).await;
    let (_, third) = house.drop_in("c", vec![order("A", "1")]).await;
    assert_eq!(house.row(file).await.verdict, None);
    assert_eq!(house.due().await.len(), 1);
    house.send_all(&refused()).await;
    // The first of those that waited goes in its place, the other waits for that one.
    assert_eq!(house.due().await.len(), 1);
    house.send_all(&delivered()).await;
    assert_eq!(house.states().await, [Refused, Delivered, Repeat]);
    assert_eq!(house.row(file).await.verdict, Some(Verdict::Done));
    assert_eq!(house.row(third).await.verdict, Some(Verdict::Done));
}

#[tokio::test]
async fn a_chain_of_three_goes_one_by_one() {
    let house = House::new();
    house.drop_in("a", vec![order("A", "1")]).await;
    house.drop_in("b", vec![update("A", "2")]).await;
    house.drop_in("c", vec![update("A", "3")]).await;
    for _ in 0..3 {
        assert_eq!(house.due().await.len(), 1);
        house.send_all(&delivered()).await;
    }
    assert_eq!(house.states().await, [Delivered, Delivered, Delivered]);
}

#[tokio::test]
async fn going_back_to_older_content_is_a_question_for_a_person() {
    let house = House::new();
    house.drop_in("a", vec![order("A", "1")]).await;
    house.send_all(&delivered()).await;
    house.drop_in("b", vec![update("A", "2")]).await;
    house.send_all(&delivered()).await;
    house.drop_in("c", vec![order("A", "1")]).await;
    assert_eq!(house.states().await, [Delivered, Delivered, Parked]);
    let parked = house.deliveries().await.remove(2);
    let release = Change::Release(by_ids(&[parked.id.0]));
    house
        .ledger()
        .change(release, false, &maria())
        .await
        .unwrap();
    let due = house.due().await;
    assert_eq!(
        (due[0].delivery, due[0].action),
        (parked.id, Action::Update)
    );
    assert_ne!(due[0].key, house.deliveries().await[0].key);
}

#[tokio::test]
async fn a_revision_older_than_an_accepted_one_is_parked_and_a_release_makes_it_the_latest() {
    let house = House::new();
    let (_, old) = house.take("old").await;
    house.drop_in("new", vec![update("A", "2")]).await;
    house.send_all(&delivered()).await;
    house
        .ledger()
        .parsed(vec![accepted(old, vec![update("A", "1")])])
        .await
        .unwrap();
    assert_eq!(house.states().await, [Delivered, Parked]);
    let filter = Filter {
        state: Some("parked".into()),
        ..Filter::default()
    };
    house
        .ledger()
        .change(Change::Release(filter), false, &maria())
        .await
        .unwrap();
    house.send_all(&delivered()).await;
    house.drop_in("again", vec![order("A", "1")]).await;
    assert_eq!(house.states().await, [Delivered, Delivered, Repeat]);
}

#[tokio::test]
async fn after_an_accepted_cancel_the_number_starts_anew() {
    let house = House::new();
    let cancel = with(order("A", ""), |order| order.action = Action::Cancel);
    house.drop_in("a", vec![order("A", "1")]).await;
    house.send_all(&delivered()).await;
    let first = house.deliveries().await[0].key.clone();
    house.drop_in("b", vec![cancel.clone()]).await;
    house.send_all(&delivered()).await;
    house.drop_in("c", vec![cancel]).await;
    house.drop_in("d", vec![order("A", "1")]).await;
    assert_eq!(house.states().await, [Delivered, Delivered, Repeat, Due]);
    assert_ne!(house.due().await[0].key, first);
}

#[tokio::test]
async fn a_held_order_waits_for_its_release_and_holds_what_follows() {
    let house = House::new();
    let held = with(order("A", "1"), |order| order.hold = true);
    house.drop_in("a", vec![held]).await;
    house.drop_in("b", vec![update("A", "2")]).await;
    assert_eq!(house.states().await, [Held, Due]);
    assert!(house.due().await.is_empty());
    let status = house.ledger().status().await.unwrap();
    assert_eq!(status.destinations[0].held, 1);
    let filter = Filter {
        state: Some("held".into()),
        ..Filter::default()
    };
    house
        .ledger()
        .change(Change::Release(filter), false, &maria())
        .await
        .unwrap();
    house.send_all(&delivered()).await;
    house.send_all(&delivered()).await;
    assert_eq!(house.states().await, [Delivered, Delivered]);
}

#[tokio::test]
async fn cancelling_the_first_lets_the_second_go_as_a_first() {
    let house = House::new();
    let (_, file) = house.drop_in("a", vec![order("A", "1")]).await;
    house.drop_in("b", vec![order("A", "1")]).await;
    let first = house.deliveries().await[0].id;
    let cancel = Change::Cancel(by_ids(&[first.0]), "wrong day".into());
    house
        .ledger()
        .change(cancel, false, &maria())
        .await
        .unwrap();
    assert_eq!(house.states().await, [Cancelled, Due]);
    assert_eq!(house.due().await[0].action, Action::Create);
    let row = house.row(file).await;
    assert_eq!(row.verdict, Some(Verdict::Error));
    assert!(
        house
            .ledger()
            .due_reports(far(), 9)
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn an_ignored_change_is_a_success_that_is_not_sent() {
    let house = House::new();
    house.drop_in("a", vec![order("A", "1")]).await;
    house.send_all(&delivered()).await;
    let ignored = with(order("A", "2"), |order| order.on_change = OnChange::Ignore);
    house.drop_in("b", vec![ignored]).await;
    assert_eq!(house.states().await, [Delivered, Repeat]);
}

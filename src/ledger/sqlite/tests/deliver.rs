//! due ▸ attempting ▸ outcome ▸ concluded ▸ settled.

use bytes::Bytes;

use super::*;
use crate::arrival::Verdict;
use crate::ledger::Change;

#[tokio::test]
async fn a_file_is_done_when_its_last_order_is_accepted() {
    let house = House::new();
    let (arrival, file) = house
        .drop_in("a", vec![order("A", ""), order("B", "")])
        .await;
    let due = house.due().await;
    assert_eq!(due.len(), 2);
    assert!(due[0].key.starts_with("od1-"));
    assert!(house.attempt(due[0].delivery).await);
    house.end(due[0].delivery, delivered()).await;
    assert_eq!(house.row(file).await.open, 1);
    assert!(
        house
            .ledger()
            .due_settle(far(), &[], 9)
            .await
            .unwrap()
            .is_empty()
    );
    house.send_all(&delivered()).await;
    let settle = house.ledger().due_settle(far(), &[], 9).await.unwrap();
    assert_eq!(
        (settle[0].arrival, settle[0].verdict),
        (arrival, Verdict::Done)
    );
    house.settle_all().await;
    let row = house.row(file).await;
    assert_eq!(row.settled_to.as_deref(), Some("done/a"));
    assert!(
        house
            .ledger()
            .due_reports(far(), 9)
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(house.ledger().status().await.unwrap().sources[0].done, 1);
}

#[tokio::test]
async fn a_refused_order_makes_the_verdict_error_with_a_report_that_can_name_it() {
    let house = House::new();
    let (_, file) = house.drop_in("a", vec![order("A", "")]).await;
    house.send_all(&refused()).await;
    let story = house.ledger().file(file).await.unwrap().unwrap();
    assert_eq!(
        story.refusals,
        [("A".into(), "erp".into(), "No such item.".into())]
    );
    assert_eq!(story.file.verdict, Some(Verdict::Error));
    assert_eq!(house.ledger().due_reports(far(), 9).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_delivery_is_taken_once() {
    let house = House::new();
    house.drop_in("a", vec![order("A", "")]).await;
    let due = house.due().await[0].delivery;
    assert!(house.attempt(due).await);
    assert!(!house.attempt(due).await);
    assert!(house.due().await.is_empty());
}

#[tokio::test]
async fn what_the_lane_holds_is_not_told_again_and_the_rest_is() {
    let house = House::new();
    let orders = (0..6).map(|n| order(&format!("A{n}"), "")).collect();
    house.drop_in("a", orders).await;
    let ledger = house.ledger();
    let first = ledger.due_deliveries("erp", far(), &[], 4).await.unwrap();
    let holding: Vec<_> = first.iter().map(|due| due.delivery).collect();
    let rest = ledger
        .due_deliveries("erp", far(), &holding, 4)
        .await
        .unwrap();
    assert_eq!(rest.len(), 2);
    assert!(rest.iter().all(|due| !holding.contains(&due.delivery)));
}

#[tokio::test]
async fn a_retry_is_due_again_at_its_time_although_its_number_is_small() {
    let house = House::new();
    house
        .drop_in("a", vec![order("A", ""), order("B", "")])
        .await;
    let due = house.due().await;
    let later = clock::now().after(std::time::Duration::from_mins(1));
    assert!(house.attempt(due[0].delivery).await);
    house.end(due[0].delivery, again(later)).await;
    let now = clock::now();
    let early = house
        .ledger()
        .due_deliveries("erp", now, &[], 9)
        .await
        .unwrap();
    assert_eq!(early.len(), 1);
    assert_eq!(
        house.ledger().next_due(now).await.unwrap().deliver,
        Some(later)
    );
    let again = house.due().await;
    let first = again
        .iter()
        .find(|one| one.delivery == due[0].delivery)
        .unwrap();
    assert_eq!(
        (first.attempts, first.unknown, &first.key),
        (1, false, &due[0].key)
    );
    let order = house.ledger().order(first.order).await.unwrap().unwrap();
    assert_eq!(order.deliveries[0].1[0].result.as_deref(), Some("later"));
}

#[tokio::test]
async fn an_attempt_that_may_have_been_applied_is_remembered_until_the_end() {
    let house = House::new();
    house.drop_in("a", vec![order("A", "")]).await;
    let lost = AttemptResult::Later {
        until: clock::now(),
        unknown: true,
    };
    let stuck = AttemptResult::Parked {
        why: "?".into(),
        unknown: true,
    };
    let retry = || Change::RetryDeliveries(Filter::default());
    let known = async || {
        let due = house.due().await.remove(0);
        (due.unknown, due.insisted)
    };
    house.send_all(&again(clock::now())).await;
    assert_eq!(known().await, (false, false));
    house.send_all(&lost).await;
    house.send_all(&again(clock::now())).await;
    assert_eq!(known().await, (true, false));
    house.send_all(&parked("No answer.")).await;
    house
        .ledger()
        .change(retry(), false, &maria())
        .await
        .unwrap();
    house.send_all(&again(clock::now())).await;
    assert_eq!(
        known().await,
        (true, true),
        "a person's word holds until the next lost answer"
    );
    house.send_all(&stuck).await;
    house
        .ledger()
        .change(retry(), false, &maria())
        .await
        .unwrap();
    house.send_all(&refused()).await;
    house.settle_all().await;
    house
        .ledger()
        .change(retry(), false, &maria())
        .await
        .unwrap();
    assert_eq!(known().await, (false, false));
}

#[tokio::test]
async fn the_first_body_is_sent_again_unchanged() {
    let house = House::new();
    house.drop_in("a", vec![order("A", "")]).await;
    let delivery = house.due().await[0].delivery;
    for body in ["first", "second"] {
        let body = Some(Bytes::from_static(body.as_bytes()));
        let start = AttemptStart { delivery, body };
        assert_eq!(house.ledger().attempt(vec![start]).await.unwrap(), [true]);
        house.end(delivery, again(clock::now())).await;
    }
    assert_eq!(house.due().await[0].body.as_deref(), Some(&b"first"[..]));
}

#[tokio::test]
async fn an_attempt_whose_request_never_left_is_forgotten() {
    let house = House::new();
    house.drop_in("a", vec![order("A", "")]).await;
    let delivery = house.due().await[0].delivery;
    let body = Some(Bytes::from_static(b"body"));
    house
        .ledger()
        .attempt(vec![AttemptStart { delivery, body }])
        .await
        .unwrap();
    house.ledger().unattempt(vec![delivery]).await.unwrap();
    let due = &house.due().await[0];
    assert_eq!(
        (due.attempts, due.first_attempt, &due.body),
        (0, None, &None)
    );
}

#[tokio::test]
async fn a_paused_lane_takes_nothing() {
    let house = House::new();
    house.drop_in("a", vec![order("A", "")]).await;
    let due = house.due().await[0].delivery;
    house
        .ledger()
        .pause("erp", Some("by hand"), &maria())
        .await
        .unwrap();
    assert!(!house.attempt(due).await);
    assert_eq!(house.ledger().paused().await.unwrap(), ["erp"]);
    house.ledger().pause("erp", None, &maria()).await.unwrap();
    assert!(house.attempt(due).await);
}

#[tokio::test]
async fn a_move_that_fails_is_due_again_and_told_after_an_hour() {
    let house = House::new();
    let (arrival, _) = house.take("bad").await;
    let file = house.ledger().file_of(arrival).await.unwrap().unwrap();
    house.ledger().parsed(vec![rejected(file)]).await.unwrap();
    let later = clock::now().after(std::time::Duration::from_mins(1));
    house
        .ledger()
        .unsettled(arrival, later, "Read-only.")
        .await
        .unwrap();
    assert!(
        house
            .ledger()
            .due_settle(clock::now(), &[], 9)
            .await
            .unwrap()
            .is_empty()
    );
    let due = house.ledger().due_settle(later, &[], 9).await.unwrap();
    assert_eq!(due[0].tries, 1);
    assert_eq!(
        house.ledger().next_due(clock::now()).await.unwrap().settle,
        Some(later)
    );
    let db = rusqlite::Connection::open(house.dir.path().join(crate::ledger::sqlite::FILE));
    db.unwrap()
        .execute("UPDATE arrival SET concluded = 0", [])
        .unwrap();
    let attention = house.ledger().status().await.unwrap().attention;
    assert!(
        attention[0].to_string().contains("cannot be moved"),
        "{attention:?}"
    );
}

#[tokio::test]
async fn an_order_owed_to_two_lanes_waits_for_both() {
    let house = House::new();
    let mut both = order("A", "");
    both.destinations.push("crm".into());
    let (_, file) = house.drop_in("a", vec![both]).await;
    house.send_all(&delivered()).await;
    assert_eq!(house.row(file).await.open, 1);
    let crm = house
        .ledger()
        .due_deliveries("crm", far(), &[], 9)
        .await
        .unwrap();
    assert!(house.attempt(crm[0].delivery).await);
    house.end(crm[0].delivery, delivered()).await;
    assert_eq!(house.row(file).await.verdict, Some(Verdict::Done));
}

//! What people do: retry, release, cancel.

use super::*;
use crate::arrival::{Stage, Verdict};
use crate::ledger::Change;

async fn retry(house: &House, file: FileId, dry_run: bool) -> Vec<crate::ledger::Changed> {
    let change = Change::RetryFiles(by_ids(&[file.0]));
    house
        .ledger()
        .change(change, dry_run, &maria())
        .await
        .unwrap()
}

#[tokio::test]
async fn a_rejected_file_that_is_good_today_moves_from_where_it_lies() {
    let house = House::new();
    let (_, file) = house.take("a").await;
    house.ledger().parsed(vec![rejected(file)]).await.unwrap();
    house.settle_all().await;
    let changed = retry(&house, file, false).await;
    assert_eq!(
        (changed[0].from.as_str(), changed[0].to.as_str()),
        ("settled", "fetched")
    );
    assert_eq!(
        house
            .ledger()
            .due_parse(far(), FileId(0), 9)
            .await
            .unwrap()
            .len(),
        1
    );
    // The same name may come again meanwhile: it lies elsewhere.
    house.claim("a").await;
    house
        .ledger()
        .parsed(vec![accepted(file, vec![order("A", "")])])
        .await
        .unwrap();
    house.send_all(&delivered()).await;
    let due = house.ledger().due_settle(far(), &[], 9).await.unwrap();
    assert_eq!(due[0].verdict, Verdict::Done);
    assert_eq!(due[0].lies_at, Some(Locator(b"error/a".to_vec())));
    let story = house.ledger().file(file).await.unwrap().unwrap();
    assert!(story.problems.is_empty());
    assert_eq!(story.actions[0].1, "maria");
}

#[tokio::test]
async fn a_file_that_is_still_wrong_stays_where_it_lies_and_its_sender_hears_once() {
    let house = House::new();
    let (_, file) = house.take("a").await;
    house.ledger().parsed(vec![rejected(file)]).await.unwrap();
    house.settle_all().await;
    let report = house.ledger().due_reports(far(), 9).await.unwrap()[0].report;
    house
        .ledger()
        .reported(report, crate::ledger::ReportEnd::Sent)
        .await
        .unwrap();
    retry(&house, file, false).await;
    house.ledger().parsed(vec![rejected(file)]).await.unwrap();
    assert!(
        house
            .ledger()
            .due_settle(far(), &[], 9)
            .await
            .unwrap()
            .is_empty()
    );
    let row = house.row(file).await;
    assert_eq!(
        (row.stage, row.settled_to.as_deref()),
        (Stage::Settled, Some("error/a"))
    );
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
async fn a_retry_recognises_what_was_accepted_and_sends_only_the_rest() {
    let house = House::new();
    let orders = || vec![order("A", ""), order("B", "")];
    let (_, file) = house.drop_in("a", orders()).await;
    let due = house.due().await;
    for (due, result) in due.iter().zip([delivered(), refused()]) {
        house.attempt(due.delivery).await;
        house.end(due.delivery, result).await;
    }
    house.settle_all().await;
    retry(&house, file, false).await;
    house
        .ledger()
        .parsed(vec![accepted(file, orders())])
        .await
        .unwrap();
    let due = house.due().await;
    assert_eq!(
        due.iter()
            .map(|due| due.reference.as_str())
            .collect::<Vec<_>>(),
        ["B"]
    );
    house.send_all(&delivered()).await;
    assert_eq!(house.row(file).await.verdict, Some(Verdict::Done));
}

#[tokio::test]
async fn a_dry_run_tells_the_same_and_changes_nothing() {
    let house = House::new();
    let (_, file) = house.take("a").await;
    house.ledger().parsed(vec![rejected(file)]).await.unwrap();
    house.settle_all().await;
    let told = retry(&house, file, true).await;
    assert_eq!(house.row(file).await.stage, Stage::Settled);
    assert_eq!(told, retry(&house, file, false).await);
}

#[tokio::test]
async fn a_file_with_open_deliveries_is_not_read_again() {
    let house = House::new();
    let (_, file) = house.drop_in("a", vec![order("A", "")]).await;
    assert!(retry(&house, file, false).await.is_empty());
}

#[tokio::test]
async fn a_refused_delivery_is_sent_again_as_the_same_request() {
    let house = House::new();
    let (_, file) = house.drop_in("a", vec![order("A", "")]).await;
    let key = house.due().await[0].key.clone();
    house.send_all(&refused()).await;
    house.settle_all().await;
    let filter = Filter {
        state: Some("refused".into()),
        ..Filter::default()
    };
    let change = Change::RetryDeliveries(filter);
    let changed = house
        .ledger()
        .change(change, false, &maria())
        .await
        .unwrap();
    assert_eq!(
        (changed[0].name.as_str(), changed[0].to.as_str()),
        ("A", "due")
    );
    assert_eq!(house.due().await[0].key, key);
    house.send_all(&delivered()).await;
    let due = house.ledger().due_settle(far(), &[], 9).await.unwrap();
    assert_eq!(
        (due[0].verdict, due[0].lies_at.is_some()),
        (Verdict::Done, true)
    );
    assert_eq!(house.row(file).await.open, 0);
}

#[tokio::test]
async fn a_parked_delivery_waits_until_a_person_decides() {
    let house = House::new();
    let (_, file) = house.drop_in("a", vec![order("A", "")]).await;
    house.send_all(&parked("No answer.")).await;
    let status = house.ledger().status().await.unwrap();
    assert_eq!(status.destinations[0].parked, 1);
    assert!(status.attention[0].to_string().contains("parked"));
    assert_eq!(house.row(file).await.verdict, None);
    let all = Change::RetryDeliveries(Filter::default());
    house.ledger().change(all, false, &maria()).await.unwrap();
    let due = house.due().await;
    assert_eq!((due[0].attempts, due[0].unknown), (1, false));
    assert_eq!(
        house.ledger().status().await.unwrap().destinations[0].parked,
        0
    );
}

#[tokio::test]
async fn a_cancel_says_who_and_why_and_spares_what_is_under_way() {
    let house = House::new();
    house
        .drop_in("a", vec![order("A", ""), order("B", "")])
        .await;
    let first = house.due().await[0].delivery;
    house.attempt(first).await;
    let cancel = Change::Cancel(Filter::default(), "duplicate".into());
    let changed = house
        .ledger()
        .change(cancel, false, &maria())
        .await
        .unwrap();
    assert_eq!(changed.len(), 1);
    let rows = house.deliveries().await;
    assert_eq!(
        rows[1].detail.as_deref(),
        Some("Cancelled by maria (command line): duplicate")
    );
    assert_eq!(rows[0].state, DeliveryState::Attempting);
}

#[tokio::test]
async fn a_conflict_is_retried_into_a_first_order_once_the_number_is_free() {
    let house = House::new();
    house.drop_in("a", vec![order("A", "1")]).await;
    house.drop_in("b", vec![order("A", "2")]).await;
    let retry = || Change::RetryDeliveries(Filter::default());
    assert!(
        house
            .ledger()
            .change(retry(), false, &maria())
            .await
            .unwrap()
            .is_empty()
    );
    house.send_all(&refused()).await;
    let second = house.deliveries().await[1].id;
    let one = Change::RetryDeliveries(by_ids(&[second.0]));
    // Its arrival must be settled before it is opened again.
    house.settle_all().await;
    assert_eq!(
        house
            .ledger()
            .change(one, false, &maria())
            .await
            .unwrap()
            .len(),
        1
    );
    assert_eq!(house.due().await[0].delivery, second);
    // The first is overtaken now.
    let changed = house
        .ledger()
        .change(retry(), false, &maria())
        .await
        .unwrap();
    assert_eq!(changed.len(), 0, "{changed:?}");
}

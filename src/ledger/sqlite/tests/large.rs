//! Big files: staged in many calls, promoted in bounded steps.

use super::*;
use crate::arrival::Verdict;
use crate::limits;

fn batch(from: usize, count: usize) -> Vec<StagedOrder> {
    (from..from + count)
        .map(|n| order(&format!("N{n}"), ""))
        .collect()
}

async fn stage(house: &House, file: FileId, batches: usize) {
    for n in 0..batches {
        let orders = batch(n * limits::BATCH_ORDERS, limits::BATCH_ORDERS);
        house.ledger().stage(file, n == 0, orders).await.unwrap();
    }
}

fn summed(file: FileId, orders: usize, last: Vec<StagedOrder>) -> ParsedFile {
    ParsedFile {
        summary: summary(Outcome::Accepted, orders),
        ..accepted(file, last)
    }
}

#[tokio::test]
async fn five_thousand_orders_become_due_in_steps_that_a_crash_does_not_lose() {
    let mut house = House::new();
    let (_, file) = house.take("big").await;
    stage(&house, file, 5).await;
    assert!(
        house
            .ledger()
            .orders(&Filter::default())
            .await
            .unwrap()
            .is_empty()
    );
    let last = batch(5000, 10);
    house
        .ledger()
        .parsed(vec![summed(file, 5010, last)])
        .await
        .unwrap();
    assert!(house.due().await.is_empty());
    assert!(house.ledger().promote().await.unwrap());
    assert_eq!(house.row(file).await.open, 1000);
    house.crash();
    while house.ledger().promote().await.unwrap() {}
    let row = house.row(file).await;
    assert_eq!((row.open, row.orders), (5010, 5010));
    let references: String = house.sql(
        "SELECT group_concat(reference) FROM (SELECT o.reference FROM orders o
         JOIN delivery d ON d.orders = o.id ORDER BY d.id LIMIT 3)",
    );
    assert_eq!(references, "N0,N1,N2");
}

#[tokio::test]
async fn a_second_reading_discards_what_the_first_staged() {
    let house = House::new();
    let (_, file) = house.take("big").await;
    stage(&house, file, 2).await;
    stage(&house, file, 1).await;
    house
        .ledger()
        .parsed(vec![summed(file, 1000, Vec::new())])
        .await
        .unwrap();
    while house.ledger().promote().await.unwrap() {}
    assert_eq!(house.row(file).await.open, 1000);
    assert_eq!(house.sql::<i64>("SELECT count(*) FROM orders"), 1000);
    assert_eq!(
        house.sql::<i64>("SELECT count(*) FROM span WHERE plan IS NOT NULL"),
        0
    );
}

#[tokio::test]
async fn a_rejected_big_file_leaves_nothing_to_send() {
    let house = House::new();
    let (_, file) = house.take("big").await;
    stage(&house, file, 2).await;
    house.ledger().parsed(vec![rejected(file)]).await.unwrap();
    while house.ledger().promote().await.unwrap() {}
    assert_eq!(house.row(file).await.verdict, Some(Verdict::Error));
    assert_eq!(house.sql::<i64>("SELECT count(*) FROM orders"), 0);
    assert_eq!(house.sql::<i64>("SELECT count(*) FROM content"), 0);
}

#[tokio::test]
async fn a_small_reading_after_a_cut_off_big_one_does_not_take_its_staging_along() {
    let house = House::new();
    let (_, file) = house.take("big").await;
    stage(&house, file, 1).await;
    house
        .ledger()
        .parsed(vec![accepted(file, batch(0, 2))])
        .await
        .unwrap();
    assert_eq!(house.due().await.len(), 2);
    while house.ledger().promote().await.unwrap() {}
    assert_eq!(house.sql::<i64>("SELECT count(*) FROM orders"), 2);
}

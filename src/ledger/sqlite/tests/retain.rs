//! Retention.

use super::*;

async fn prune_all(house: &House) {
    while house.ledger().prune(far()).await.unwrap() {}
}

#[tokio::test]
async fn bytes_go_and_keys_stay() {
    let house = House::new();
    let (_, file) = house.drop_in("a", vec![order("A", "1")]).await;
    house.send_all(&delivered()).await;
    house.settle_all().await;
    let (_, open) = house.drop_in("open", vec![order("B", "")]).await;
    prune_all(&house).await;
    assert_eq!(house.ledger().bytes(file, 0, 9).await.unwrap(), None);
    assert!(house.ledger().bytes(open, 0, 9).await.unwrap().is_some());
    let id = house.ledger().orders(&Filter::default()).await.unwrap()[1].id;
    let story = house.ledger().order(id).await.unwrap().unwrap();
    assert_eq!((story.content, story.order.reference.as_str()), (None, "A"));
    house.drop_in("again", vec![order("A", "1")]).await;
    assert_eq!(house.states().await[2], DeliveryState::Repeat);
    let retry = crate::ledger::Change::RetryFiles(by_ids(&[file.0]));
    assert!(
        house
            .ledger()
            .change(retry, false, &maria())
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn nothing_newer_than_the_limit_goes() {
    let house = House::new();
    let (_, file) = house.drop_in("a", vec![order("A", "1")]).await;
    house.send_all(&delivered()).await;
    house.settle_all().await;
    let before = clock::now().before(std::time::Duration::from_mins(1));
    assert!(!house.ledger().prune(before).await.unwrap());
    assert!(house.ledger().bytes(file, 0, 9).await.unwrap().is_some());
}

#[tokio::test]
async fn large_files_go_in_steps_and_the_file_system_gets_its_room_back() {
    let house = House::new();
    let arrival = house.claim("big").await;
    let mut big = fetched(arrival, "big");
    big.file.body = Some(vec![1; 3 << 20].into());
    house.ledger().fetched(vec![big]).await.unwrap();
    let file = house.ledger().file_of(arrival).await.unwrap().unwrap();
    let orders: Vec<_> = (0..1500).map(|n| order(&format!("N{n}"), "")).collect();
    house
        .ledger()
        .parsed(vec![accepted(file, orders)])
        .await
        .unwrap();
    let cancel = crate::ledger::Change::Cancel(Filter::default(), "test".into());
    house
        .ledger()
        .change(cancel, false, &maria())
        .await
        .unwrap();
    house.settle_all().await;
    let pages: i64 = house.sql("PRAGMA page_count");
    prune_all(&house).await;
    assert_eq!(house.sql::<i64>("SELECT count(*) FROM content"), 0);
    assert_eq!(house.sql::<i64>("SELECT count(*) FROM chunk"), 0);
    assert!(house.sql::<i64>("PRAGMA page_count") < pages - 700);
}

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
    let size = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()";
    let before: i64 = house.sql(size);
    prune_all(&house).await;
    assert_eq!(house.sql::<i64>("SELECT count(*) FROM content"), 0);
    assert_eq!(house.sql::<i64>("SELECT count(*) FROM chunk"), 0);
    assert!(house.sql::<i64>(size) < before - (3 << 20));
}

#[tokio::test]
async fn counts_that_no_chart_shows_become_one_and_none_is_lost() {
    let house = House::new();
    let hour = clock::now().0 / 3_600_000;
    let mut db = rusqlite::Connection::open(house.dir.path().join(super::super::FILE)).unwrap();
    let tx = db.transaction().unwrap();
    for back in 0..500 {
        let sql = "INSERT INTO tally (hour, what, name, count) VALUES (?1, 'done', 'inbox', 2)";
        tx.execute(sql, [hour - back]).unwrap();
    }
    tx.commit().unwrap();
    let before = clock::now().before(std::time::Duration::from_hours(24 * 90));
    let mut steps = 1;
    while house.ledger().prune(before).await.unwrap() {
        steps += 1;
    }
    assert!(steps > 3, "in bounded steps, and not {steps}");
    assert_eq!(house.sql::<i64>("SELECT sum(count) FROM tally"), 1000);
    assert!(house.sql::<bool>("SELECT min(hour) = 0 FROM tally"));
    let kept: i64 = house.sql("SELECT count(*) FROM tally WHERE hour > 0");
    // The hour may have changed meanwhile.
    assert!(kept - crate::limits::TALLIED_HOURS <= 1, "{kept}");
    assert!(kept >= crate::limits::TALLIED_HOURS, "{kept}");
}

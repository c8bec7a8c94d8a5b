//! Filters, lists and stories.

use super::*;

async fn references(house: &House, filter: Filter) -> Vec<String> {
    let orders = house.ledger().orders(&filter).await.unwrap();
    orders.into_iter().map(|row| row.reference).collect()
}

fn by_reference(reference: &str) -> Filter {
    Filter {
        reference: Some(reference.into()),
        ..Filter::default()
    }
}

#[tokio::test]
async fn a_number_that_exists_is_meant_by_itself_then_a_beginning_then_any_part() {
    let house = House::new();
    let names = ["PO-12", "PO-123", "XPO-12", "a%b_c"];
    let orders = names.iter().map(|name| order(name, "")).collect();
    house.drop_in("a", orders).await;
    assert_eq!(references(&house, by_reference("po-12")).await, ["PO-12"]);
    assert_eq!(
        references(&house, by_reference("PO-1")).await,
        ["PO-123", "PO-12"]
    );
    assert_eq!(
        references(&house, by_reference("O-12")).await,
        ["XPO-12", "PO-123", "PO-12"]
    );
    assert_eq!(references(&house, by_reference("%b_")).await, ["a%b_c"]);
    assert!(references(&house, by_reference("'; --")).await.is_empty());
}

#[tokio::test]
async fn words_of_an_order_are_found_in_any_case() {
    let house = House::new();
    house.drop_in("a", vec![order("A", "")]).await;
    let text = |text: &str| Filter {
        text: Some(text.into()),
        ..Filter::default()
    };
    assert_eq!(references(&house, text("MÜLLER")).await, ["A"]);
    assert!(references(&house, text("hamburg")).await.is_empty());
}

/// (It ended the question to the index in the middle of a word: the API answered 503.)
#[tokio::test]
async fn a_nul_in_a_search_is_a_search_like_any_other() {
    let house = House::new();
    house.drop_in("orders.csv", vec![order("PO-12", "")]).await;
    let ledger = house.ledger();
    for search in ["x\0y-12", "\0", "x-1\0", "\0orders", "\"ab\0\""] {
        let given = || Some(search.to_owned());
        let set: [fn(&mut Filter, Option<String>); 5] = [
            |filter, search| filter.name = search,
            |filter, search| filter.text = search,
            |filter, search| filter.reference = search,
            |filter, search| filter.sender = search,
            |filter, search| filter.destination = search,
        ];
        for set in set {
            let mut filter = Filter::default();
            set(&mut filter, given());
            ledger.orders(&filter).await.unwrap();
            ledger.files(&filter).await.unwrap();
            ledger.deliveries(&filter).await.unwrap();
        }
    }
}

#[tokio::test]
async fn all_conditions_of_a_filter_hold_for_each_list() {
    let house = House::new();
    let (_, file) = house
        .drop_in("Orders-May.csv", vec![order("A", ""), order("B", "")])
        .await;
    house.send_all(&delivered()).await;
    house.drop_in("other.csv", vec![order("C", "")]).await;
    let filter = Filter {
        sender: Some("acme".into()),
        source: Some("inbox".into()),
        destination: Some("erp".into()),
        name: Some("orders-may".into()),
        reference: Some("a".into()),
        text: Some("rotterdam".into()),
        since: Some(Millis(1)),
        before: Some(1000),
        ..Filter::default()
    };
    let files = house.ledger().files(&filter).await.unwrap();
    assert_eq!(files.iter().map(|row| row.id).collect::<Vec<_>>(), [file]);
    assert_eq!(references(&house, filter.clone()).await, ["A"]);
    let state = Filter {
        state: Some("delivered".into()),
        ..filter.clone()
    };
    assert_eq!(house.ledger().deliveries(&state).await.unwrap().len(), 1);
    let none = Filter {
        source: Some("x".into()),
        ..filter
    };
    assert!(house.ledger().files(&none).await.unwrap().is_empty());
    let state = |word: &str| Filter {
        state: Some(word.into()),
        ..Filter::default()
    };
    assert_eq!(house.ledger().files(&state("done")).await.unwrap().len(), 1);
    assert_eq!(house.ledger().files(&state("due")).await.unwrap().len(), 1);
    assert_eq!(
        house.ledger().files(&state("pending")).await.unwrap().len(),
        2
    );
}

#[tokio::test]
async fn pages_go_on_where_the_last_one_ended() {
    let house = House::new();
    house
        .drop_in("a", (0..5).map(|n| order(&format!("A{n}"), "")).collect())
        .await;
    let page = |before| Filter {
        limit: 2,
        before,
        ..Filter::default()
    };
    let first = house.ledger().orders(&page(None)).await.unwrap();
    let next = house
        .ledger()
        .orders(&page(Some(first[1].id.0)))
        .await
        .unwrap();
    assert_eq!(
        next.iter()
            .map(|row| &row.reference[..])
            .collect::<Vec<_>>(),
        ["A2", "A1"]
    );
}

#[tokio::test]
async fn an_order_tells_its_content_and_every_attempt() {
    let house = House::new();
    house.drop_in("a", vec![order("A", "x")]).await;
    house.send_all(&again(clock::now())).await;
    let due = house.due().await.remove(0);
    house.attempt(due.delivery).await;
    let story = house.ledger().order(due.order).await.unwrap().unwrap();
    assert_eq!(story.content.unwrap()["remarks"], "x");
    let attempts = &story.deliveries[0].1;
    assert_eq!(
        attempts.iter().map(|one| one.number).collect::<Vec<_>>(),
        [1, 2]
    );
    assert_eq!(attempts[1].ended, None);
    assert_eq!(
        story.order.deliveries,
        [("erp".into(), DeliveryState::Attempting)]
    );
}

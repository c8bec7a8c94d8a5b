//! Cargamos: the same states by its webhook and when it is asked.

use serde_json::json;

use super::super::cargamos::{parcel, stand};
use super::{Door, STEP, codes};

#[test]
fn what_is_told_on_two_ways_is_one_event() {
    let door = Door::new();
    let hook = format!("hook = {{ path = \"{STEP}\" }}\ntrack = {{ every = \"1s\" }}");
    let stand = stand(&json!({}), &hook).with_section(&door.section());
    let daemon = stand.dock.start();
    door.open(&stand.dock);
    let url = format!("http://{}/hooks/{STEP}", door.at);
    stand.act("webhook", &json!({ "url": url }));
    stand.drop_order("a.json", &parcel("P-1", "06600"));
    let delivery = stand.wait_for_state("P-1", "delivered");
    let id = &delivery["facts"]["tracking_number"];
    // Its first state is told while we wait for the answer to the order.
    stand.wait_for_history("P-1", |events| codes(events) == ["CREATED"]);
    assert_eq!(stand.told("advance", &json!({"trackingId": id})), [200]);
    let asked = stand.count("GET v1/shipment-tracking") + stand.count("shipment-tracking/");
    stand.dock.until("it was asked for after that", || {
        (stand.count("shipment-tracking/") > asked).then_some(())
    });
    for _ in 0..2 {
        assert_eq!(stand.told("advance", &json!({"trackingId": id})), [200]);
    }
    let events = stand.history("P-1");
    let wanted = [
        "CREATED",
        "DELIVERED",
        "DELIVERY_ATTEMPTED",
        "OUT_FOR_DELIVERY",
    ];
    assert_eq!(codes(&events), wanted);
    drop(daemon);
}

#[test]
fn a_shipment_is_asked_for_until_it_is_delivered() {
    let stand = stand(&json!({}), "track = { every = \"1s\" }");
    let daemon = stand.dock.start();
    stand.drop_order("a.json", &parcel("P-1", "06600"));
    let delivery = stand.wait_for_state("P-1", "delivered");
    let id = &delivery["facts"]["tracking_number"];
    stand.wait_for_history("P-1", |events| events.len() == 1);
    // A server that cannot answer delays it and loses nothing.
    stand
        .sandbox
        .fault("GET /shipment-tracking/* = 503, times=2")
        .unwrap();
    for _ in 0..3 {
        stand.told("advance", &json!({"trackingId": id}));
    }
    let events = stand.wait_for_history("P-1", |events| events.len() == 4);
    assert_eq!(events.last().unwrap()["last"], true);
    assert_eq!(events.last().unwrap()["channel"], "poll");
    assert_eq!(stand.count(" 503"), 2);
    drop(daemon);
}

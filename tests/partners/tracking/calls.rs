//! Cargamos: the same states by its webhook and when it is asked.

use orderdock::sandbox::Kind;
use serde_json::{Value, json};

use super::super::Stand;
use super::{Door, STEP, codes};

fn parcel(reference: &str) -> Value {
    json!({
        "reference": reference, "kind": "delivery",
        "shipments": [{
            "pickup": {"date": "2026-03-02", "from": "09:00"},
            "delivery": {"date": "2026-03-03", "to": "20:00", "party": {
                "name": "Ana", "street": "Reforma", "house_no": "1", "postcode": "06600",
                "city": "Cuauhtemoc", "region": "CDMX", "country": "MX",
                "contact": {"phone": "5511112222"}}},
            "goods": [{"weight_kg": "1.2", "height_cm": "10", "width_cm": "20", "length_cm": "30"}]
        }]
    })
}

fn stand(more: &str) -> Stand {
    Stand::start(Kind::Cargamos, &json!({}), |_| {
        format!(
            "kind = \"cargamos\"\nuser = \"sandbox@example.com\"\npassword = \"cargamos-password\"\n\
             key = \"cargamos-key\"\n{more}\n"
        )
    })
}

#[test]
fn what_is_told_on_two_ways_is_one_event() {
    let door = Door::new();
    let hook = format!("hook = {{ path = \"{STEP}\" }}\ntrack = {{ every = \"1s\" }}");
    let stand = stand(&hook).with_section(&door.section());
    let daemon = stand.dock.start();
    door.open(&stand.dock);
    let url = format!("http://{}/hooks/{STEP}", door.at);
    stand.act("webhook", &json!({ "url": url }));
    stand.drop_order("a.json", &parcel("P-1"));
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
    let stand = stand("track = { every = \"1s\" }");
    let daemon = stand.dock.start();
    stand.drop_order("a.json", &parcel("P-1"));
    let delivery = stand.wait_for_state("P-1", "delivered");
    let id = &delivery["facts"]["tracking_number"];
    stand.wait_for_history("P-1", |events| events.len() == 1);
    // A server that cannot answer delays it and loses nothing.
    stand
        .sandbox
        .fault("GET /shipment-tracking = 503, times=2")
        .unwrap();
    for _ in 0..3 {
        stand.told("advance", &json!({"trackingId": id}));
    }
    let events = stand.wait_for_history("P-1", |events| events.len() == 4);
    assert_eq!(events.last().unwrap()["last"], true);
    assert_eq!(events.last().unwrap()["channel"], "poll");
    drop(daemon);
}

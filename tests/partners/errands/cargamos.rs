//! Cargamos: where a shipment is, what it holds, and whom its webhook calls.

use serde_json::json;

use super::super::cargamos::{parcel, stand};
use super::super::tracking::{Door, STEP, codes};
use super::{call, refused};
use crate::support::dock::Dock;
use crate::support::partner::{Answer, Partner};

#[test]
fn a_shipment_is_tracked_and_read_with_a_daemon_and_without_one() {
    for settings in [json!({}), json!({"errors_under_200": true})] {
        let stand = stand(&settings, "");
        let dock = &stand.dock;
        stand.drop_order("a.json", &parcel("P-1", "06600"));
        assert_eq!(stand.once(), 0);
        let delivery = stand.delivery("P-1");
        let code = delivery["facts"]["tracking_number"].as_str().unwrap();
        let id = delivery["remote_id"].as_str().unwrap();
        stand.act("advance", &json!({"trackingId": code}));
        let daemon = dock.start();
        let told = call(dock, &format!("shipment.track code={code}"));
        assert_eq!(told["state"], "OUT_FOR_DELIVERY", "{told}");
        assert_eq!(told["history"].as_array().unwrap().len(), 2);
        daemon.stop();
        for by in [code, id] {
            let read = call(dock, &format!("shipment.read id={by}"));
            assert_eq!(read["recipientLocation"]["postalCode"], "06600");
        }
        let calls = stand.calls().len();
        let before = [
            ("shipment.track".to_owned(), "“code” is missing"),
            (format!("shipment.track id={code}"), "no argument “id”"),
            (
                "shipment.track code=..".to_owned(),
                "cannot stand in an address",
            ),
            ("webhook.register".to_owned(), "tell “url”"),
        ];
        for (words, why) in before {
            let (code, told) = refused(dock, &words);
            assert!(code == Some(1) && told.contains(why), "{words}: {told}");
        }
        assert_eq!(stand.calls().len(), calls);
        let after = [
            // The only question that takes no other id.
            (format!("shipment.track code={id}"), "NOT_FOUND"),
            ("shipment.read id=0".to_owned(), "NOT_FOUND"),
            (
                "webhook.register url=nowhere".to_owned(),
                "INVALID_PARAMETER",
            ),
        ];
        for (words, why) in after {
            let (code, told) = refused(dock, &words);
            assert!(code == Some(1) && told.contains(why), "{words}: {told}");
        }
    }
}

#[test]
fn a_wrong_password_is_told_and_a_server_that_cannot_answer_is_asked_once() {
    let stand = stand(&json!({}), "");
    let dock = &stand.dock;
    stand
        .sandbox
        .fault("GET /shipment-tracking/* = 503, times=1")
        .unwrap();
    let (code, told) = refused(dock, "shipment.track code=1");
    assert!(code == Some(1) && told.contains("503"), "{told}");
    assert_eq!(stand.count("shipment-tracking/"), 1);
    stand
        .sandbox
        .change(&json!({"cargamos": {"password": "other"}}))
        .unwrap();
    let (code, told) = refused(dock, "shipment.track code=1");
    assert!(code == Some(1) && told.contains("401"), "{told}");
    assert!(!told.contains("cargamos-"), "{told}");
}

#[test]
fn the_webhook_is_registered_suspended_and_resumed_and_its_states_reach_the_order() {
    let door = Door::new();
    let stand = stand(&json!({}), &format!("hook = {{ path = \"{STEP}\" }}"));
    let stand = stand.with_section(&door.section());
    let dock = &stand.dock;
    let daemon = dock.start();
    door.open(dock);
    call(dock, "webhook.register state=CREATED state=DELIVERED");
    let url = format!("http://{}/hooks/{STEP}", door.at);
    assert_eq!(stand.state("/webhook/url"), url);
    // Who knows the address can call it: it is not shown.
    let read = call(dock, "webhook.read");
    assert_eq!(read["states"], json!(["CREATED", "DELIVERED"]));
    assert!(!read.to_string().contains(STEP), "{read}");
    stand.drop_order("a.json", &parcel("P-1", "06600"));
    stand.wait_for_history("P-1", |events| codes(events) == ["CREATED"]);
    let code = stand.delivery("P-1")["facts"]["tracking_number"].clone();
    let next = json!({ "trackingId": code });
    assert_eq!(
        stand.told("advance", &next),
        [0; 0],
        "not one of its states"
    );
    assert_eq!(call(dock, "webhook.suspend")["suspended"], true);
    let delivered = json!({ "trackingId": code, "state": "DELIVERED" });
    assert_eq!(stand.told("advance", &delivered), [0; 0]);
    assert_eq!(call(dock, "webhook.resume")["suspended"], false);
    assert_eq!(stand.told("advance", &delivered), [200]);
    stand.wait_for_history("P-1", |events| codes(events) == ["CREATED", "DELIVERED"]);
    assert_eq!(daemon.stop(), 0);
    // Another address takes its place, without a daemon as well.
    let other = "http://127.0.0.1:1/elsewhere";
    call(dock, &format!("webhook.register url={other}"));
    assert_eq!(call(dock, "webhook.read")["url"], other);
}

#[test]
fn an_answer_that_is_no_object_is_no_shipment() {
    let runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = { runtime }.worker_threads(1).enable_all().build().unwrap();
    let _inside = runtime.enter();
    let partner = runtime.block_on(Partner::start());
    let dock = Dock::new(&partner.url("/parcels"), "");
    let account = "kind = \"cargamos\"\nkey = \"k\"\nuser = \"u\"\npassword = \"p\"\n";
    dock.configure(&dock.config().replace("kind = \"http\"\n", account));
    let token = r#"{"data":{"token":"t","expiresIn":600},"errors":[]}"#;
    for shipment in ["[]", "\"a shipment\"", "7", "null"] {
        partner.script([Answer::json(200, token), Answer::json(200, shipment)]);
        let (code, told) = refused(&dock, "shipment.read id=1");
        assert_eq!(code, Some(1), "{shipment}: {told}");
        assert!(
            told.contains("200") && !told.contains("panicked"),
            "{shipment}: {told}"
        );
    }
    assert_eq!(partner.seen().len(), 8, "a log-in and a question each");
}

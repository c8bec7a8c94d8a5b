//! CargoCONNECT: others are told of an air waybill, or no longer.

use serde_json::json;

use super::super::tracking::air::{AWB, stand};
use super::{call, refused};

#[test]
fn an_air_waybill_is_subscribed_to_and_left_with_a_daemon_and_without_one() {
    let stand = stand(&json!({"limited_prefixes": ["999"]}), "");
    let dock = &stand.dock;
    let rows = dock.json(&["destinations", "errands", "erp", "--json"]);
    assert!(rows.iter().all(|row| row["changes"] == true), "{rows:?}");
    let targets = "url=https://acme.example/air email=a@acme.example email=b@acme.example";
    let told = call(
        dock,
        &format!("subscribe awb=00012345675 airline=KL {targets}"),
    );
    assert_eq!(told["message"], "successfully subscribed");
    let all = stand.state("/subscriptions");
    let all = all.as_array().unwrap();
    assert_eq!(all.len(), 3, "{all:?}");
    assert!(
        all.iter()
            .all(|one| one["awb"] == AWB && one["over"] == false)
    );
    let first = all[0]["from"].clone();
    // Again is the same as once, and begins the three weeks anew.
    stand.advance(3_600);
    let daemon = dock.start();
    call(dock, &format!("subscribe awb={AWB} {targets}"));
    assert_eq!(stand.state("/subscriptions").as_array().unwrap().len(), 3);
    assert_ne!(stand.state("/subscriptions/0/from"), first);
    let limited = call(dock, "subscribe awb=999-12345675 email=a@acme.example");
    assert!(limited.to_string().contains("limited"), "{limited}");

    let told = call(dock, &format!("unsubscribe awb={AWB} {targets}"));
    assert_eq!(told["message"], "successfully unsubscribed");
    daemon.stop();
    assert!((0..3).all(|n| stand.state(&format!("/subscriptions/{n}/over")) == true));
    // That there is nothing to end is as good, and told.
    let told = call(dock, &format!("unsubscribe awb={AWB} {targets}"));
    assert_eq!(told["error"], "not subscribed");
    let told = call(dock, &format!("unsubscribe awb=111-12345675 {targets}"));
    assert_eq!(told["status"], 404);
    let log = dock.json(&["orders", "list", "--json"]);
    assert_eq!(log.len(), 0, "no order was made of it");
}

#[test]
fn without_an_address_those_of_the_destination_are_told() {
    let stand = stand(&json!({}), "emails = [\"air@edi.example\"]");
    call(&stand.dock, &format!("subscribe awb={AWB}"));
    assert_eq!(stand.state("/subscriptions/0/target"), "air@edi.example");
    call(&stand.dock, &format!("unsubscribe awb={AWB}"));
    assert_eq!(stand.state("/subscriptions/0/over"), true);
}

#[test]
fn what_is_missing_or_wrong_is_said_before_any_call_and_what_is_refused_after_one() {
    let stand = stand(&json!({}), "");
    let dock = &stand.dock;
    let six: Vec<_> = (0..6).map(|n| format!("email={n}@acme.example")).collect();
    let six = format!("subscribe awb={AWB} {}", six.join(" "));
    let before = [
        ("subscribe email=a@acme.example", "“awb” is missing"),
        ("subscribe awb=12 email=a@acme.example", "eight digits"),
        ("subscribe awb=000-12345675", "tell “url” or “email”"),
        ("unsubscribe awb=000-12345675", "tell “url” or “email”"),
        ("subscribe awb=000-12345675 email=acme", "no e-mail address"),
        (
            "subscribe awb=000-12345675 url=https:://x",
            "“url” is an address",
        ),
        (
            "unsubscribe awb=000-12345675 airline=KL",
            "no argument “airline”",
        ),
        (six.as_str(), "5 times at most"),
    ];
    for (words, why) in before {
        let (code, told) = refused(dock, words);
        assert!(code == Some(1) && told.contains(why), "{words}: {told}");
    }
    assert_eq!(stand.calls(), [""; 0]);
    let good = format!("subscribe awb={AWB} email=a@acme.example");
    stand.sandbox.fault("/subscribe = 500, times=1").unwrap();
    let (code, told) = refused(dock, &good);
    assert!(code == Some(1) && told.contains("500"), "{told}");
    assert_eq!(stand.count("track/subscribe"), 1, "it was asked once");
    stand
        .sandbox
        .change(&json!({"cargoconnect": {"api_key": "other"}}))
        .unwrap();
    let (code, told) = refused(dock, &good);
    assert!(code == Some(1) && told.contains("403"), "{told}");
    assert!(!told.contains("cargoconnect-key"), "{told}");
}

//! Cargooffice: an order as it has it, its status, and what is added to that.

use serde_json::json;

use super::super::Stand;
use super::super::others::{office, transport};
use super::{call, refused};

const HERE: &str = "shipment=700753 postcode=1098XH";

/// An order that is there.
fn delivered() -> Stand {
    let stand = office(&json!({}), "");
    stand.drop_order("a.json", &transport("700753"));
    let (code, told) = stand.dock.once();
    assert_eq!(code, 0, "{told}");
    stand
}

#[test]
fn an_order_and_its_status_are_read_and_told_with_a_daemon_and_without_one() {
    let stand = delivered();
    let dock = &stand.dock;
    let order = call(dock, &format!("order.read {HERE}"))["order"].take();
    assert_eq!(order["orderName"], "A & B", "{order}");
    assert_eq!(order["deliveryCity"], "Amsterdam");
    assert_eq!(order["weight"], "120.5");
    let none = call(dock, &format!("status.read {HERE}"));
    assert_eq!(none, json!({"shipment": "700753", "events": []}));

    let daemon = dock.start();
    let report = |at: &str, text: &str| {
        let args = ["destinations", "call", "erp", "status.report"];
        let told = [
            "shipment=700753".to_owned(),
            format!("at={at}"),
            format!("text={text}"),
        ];
        let args: Vec<&str> = args
            .into_iter()
            .chain(told.iter().map(String::as_str))
            .collect();
        let output = dock.run(&args);
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let shown = report("2026-03-02T11:20", "loaded <at> the dock");
    assert!(
        shown.contains("shipmentID") && shown.contains("700753"),
        "{shown}"
    );
    daemon.stop();
    report("2026-03-02 14:05", "delivered");
    let told = call(dock, &format!("status.read {HERE}"));
    let events = json!([
        {"at": "2026-03-02T11:20", "text": "loaded <at> the dock"},
        {"at": "2026-03-02T14:05", "text": "delivered"},
    ]);
    assert_eq!(told["events"], events);
    assert_eq!(stand.count("PUT"), 2);

    call(dock, &format!("order.delete {HERE}"));
    assert_eq!(stand.state(""), json!([]));
    for errand in ["order.read", "status.read", "order.delete"] {
        let (code, told) = refused(dock, &format!("{errand} {HERE}"));
        assert!(
            code == Some(1) && told.contains("HTTP 404"),
            "{errand}: {told}"
        );
    }
}

#[test]
fn what_is_missing_or_wrong_is_said_before_any_call_and_what_is_refused_after_one() {
    let stand = delivered();
    let dock = &stand.dock;
    let calls = stand.calls().len();
    let before = [
        ("order.read shipment=700753", "“postcode” is missing"),
        ("status.report shipment=700753 text=x", "“at” is missing"),
        (
            "status.report shipment=700753 at=soon text=x",
            "“at” is a date",
        ),
        (
            "status.report shipment=700753 at=2026-03-02T11:20 text=a\nb",
            "one line",
        ),
        ("order.reed shipment=1 postcode=1", "no errand “order.reed”"),
    ];
    for (words, why) in before {
        let (code, told) = refused(dock, words);
        assert!(code == Some(1) && told.contains(why), "{words}: {told}");
    }
    assert_eq!(stand.calls().len(), calls);
    let after = [
        // The second of two factors.
        ("order.read shipment=700753 postcode=1098XX", "HTTP 404"),
        // It lacks what a new one needs: none is made.
        (
            "status.report shipment=1 at=2026-03-02T11:20 text=x",
            "HTTP 400",
        ),
    ];
    for (words, why) in after {
        let (code, told) = refused(dock, words);
        assert!(code == Some(1) && told.contains(why), "{words}: {told}");
    }
    assert_eq!(stand.state("").as_array().unwrap().len(), 1);
    stand
        .sandbox
        .change(&json!({"cargooffice": {"key": "other"}}))
        .unwrap();
    let (_, told) = refused(dock, &format!("status.read {HERE}"));
    assert!(
        told.contains("401") && !told.contains("cargooffice-key"),
        "{told}"
    );
}

#[test]
fn a_change_is_asked_for_once_whatever_becomes_of_its_answer() {
    let stand = delivered();
    let dock = &stand.dock;
    let report = "status.report shipment=700753 at=2026-03-02T11:20 text=x";
    stand
        .sandbox
        .fault("/order = commit-then-drop, times=2")
        .unwrap();
    let (_, told) = refused(dock, report);
    assert!(told.contains("look there first"), "{told}");
    let read = format!("status.read {HERE}");
    let (code, told) = refused(dock, &read);
    assert!(
        code == Some(1) && !told.contains("may have done it"),
        "{told}"
    );
    assert_eq!(stand.count("PUT"), 1);
    assert_eq!(call(dock, &read)["events"].as_array().unwrap().len(), 1);
}

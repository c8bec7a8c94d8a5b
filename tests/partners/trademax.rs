//! Trademax: dispatches and receipts, signed; drafts; duplicates; keys.

use orderdock::sandbox::Kind;
use serde_json::{Value, json};

use super::Stand;

pub(super) fn stand(settings: &Value, more: &str) -> Stand {
    Stand::start(Kind::Trademax, &json!({ "trademax": settings }), |_| {
        format!(
            "kind = \"trademax\"\napi_key = \"SANDBOX\"\nsecret = \"trademax-secret\"\n{more}\n"
        )
    })
}

pub(super) fn dispatch(reference: &str) -> Value {
    let package = |id: u32, line: &str, item: &str| {
        json!({"package_id": id.to_string(), "external_package_id": format!("{reference}-{id}"),
               "weight_kg": "55.0", "volume_m3": "2.10", "picking_zones": ["H"],
               "contents": [{"line": line, "item_id": item}]})
    };
    // Eleven packages: natural order and that of bytes differ.
    let goods: Vec<_> = (1..=11).map(|id| package(id, "10000", "998")).collect();
    json!({
        "reference": reference, "kind": "dispatch",
        "references": {"warehouse": "nw", "order_type": "SO", "customer": "Räksmörgås & Co"},
        "lines": [{"number": "10000", "item_id": "998", "quantity": "11"}],
        "shipments": [{"goods": goods}]
    })
}

#[test]
fn a_dispatch_is_made_once_and_its_labels_are_with_the_order() {
    for encoding in ["json", "form"] {
        let stand = stand(&json!({}), &format!("encoding = \"{encoding}\""));
        stand.drop_order("a.json", &dispatch("FO1"));
        let (code, told) = stand.dock.once();
        assert_eq!(code, 0, "{encoding}: {told} {:?}", stand.sandbox.log());
        assert_eq!(stand.dock.names("done"), ["a.json"]);
        assert_eq!(stand.calls(), ["POST api/dispatch 200"]);
        let delivery = stand.delivery("FO1");
        assert!(delivery["remote_id"].is_string(), "{delivery}");
        let facts = &delivery["facts"];
        assert!(facts["tracking_number"].is_string(), "{facts}");
        assert!(
            facts["labels_pdf"].as_str().unwrap().starts_with("http"),
            "{facts}"
        );
        assert!(facts["label_11"].is_string(), "{facts}");
        let shown = stand.dock.run(&["orders", "show", "1"]);
        let shown = String::from_utf8(shown.stdout).unwrap();
        let tracking = facts["tracking_number"].as_str().unwrap();
        assert!(
            shown.contains("tracking number") && shown.contains(tracking),
            "{shown}"
        );
    }
}

#[test]
fn a_draft_is_changed_published_and_another_taken_back() {
    let stand = stand(&json!({}), "");
    let draft = |reference: &str| {
        let mut order = dispatch(reference);
        order["draft"] = json!(true);
        order
    };
    stand.drop_order("a.json", &draft("FO1"));
    stand.drop_order("b.json", &draft("FO2"));
    assert_eq!(stand.once(), 0);
    let mut published = dispatch("FO1");
    published["action"] = json!("update");
    stand.drop_order("a2.json", &published);
    stand.drop_order(
        "b2.json",
        &json!({"reference": "FO2", "kind": "dispatch", "action": "cancel"}),
    );
    let (code, told) = stand.dock.once();
    assert_eq!(code, 0, "{told} {:?}", stand.calls());
    assert_eq!(stand.count("PATCH"), 1);
    assert_eq!(stand.count("DELETE"), 1);
    assert_eq!(
        stand
            .state("/dispatches")
            .as_array()
            .map(Vec::len)
            .unwrap_or(1),
        1
    );

    // Published: no change is taken any more, and that is the sender's matter.
    published["remarks"] = json!("later");
    published["shipments"][0]["goods"][0]["weight_kg"] = json!("56");
    stand.drop_order("a3.json", &published);
    assert_eq!(stand.once(), 1);
    assert_eq!(stand.dock.names("error")[0], "a3.json");
    assert_eq!(stand.delivery("FO1")["state"], "refused");
}

#[test]
fn a_receipt_is_announced() {
    let stand = stand(&json!({}), "");
    let receipt = json!({
        "reference": "PO9", "kind": "receipt", "received_date": "2026-03-01",
        "references": {"warehouse": "nw", "order_type": "PO", "vendor_shipment": "V-1"},
        "lines": [{"number": "10000", "item_id": "998", "quantity": "3"}]
    });
    stand.drop_order("r.json", &receipt);
    let (code, told) = stand.dock.once();
    assert_eq!(code, 0, "{told} {:?}", stand.sandbox.log());
    assert_eq!(stand.calls(), ["POST api/receipt 200"]);
    assert!(stand.delivery("PO9")["remote_id"].is_string());
}

#[test]
fn a_vendor_orders_labels() {
    let stand = stand(&json!({}), "dispatches = \"vendor\"");
    let order = json!({"reference": "IS1", "kind": "dispatch", "labels_quantity": 2,
                        "lines": [{"number": "1", "item_id": "9", "quantity": "1"}]});
    stand.drop_order("v.json", &order);
    let (code, told) = stand.dock.once();
    assert_eq!(code, 0, "{told} {:?}", stand.sandbox.log());
    assert_eq!(stand.count("POST vendor/dispatch 200"), 1);
}

#[test]
fn what_is_missing_goes_back_to_the_sender_before_anything_is_sent() {
    let stand = stand(&json!({}), "");
    let mut order = dispatch("FO1");
    order["references"] = json!({"warehouse": "nw"});
    order["shipments"][0]["goods"][1]["package_id"] = json!("1");
    order["shipments"][0]["goods"][2]["contents"][0]["line"] = json!("7");
    stand.drop_order("a.json", &order);
    assert_eq!(stand.once(), 1);
    assert_eq!(stand.calls(), [""; 0]);
    let sidecar = stand.sidecar("a.json");
    for words in ["an order type", "same package id", "does not have"] {
        assert!(sidecar.contains(words), "{sidecar}");
    }
}

#[test]
fn an_answer_that_is_lost_after_the_dispatch_was_made_makes_no_second_one() {
    let stand = stand(&json!({}), "");
    stand
        .sandbox
        .fault("POST /dispatch = commit-then-drop, times=1")
        .unwrap();
    let daemon = stand.dock.start();
    stand.drop_order("a.json", &dispatch("FO1"));
    stand.dock.wait_for("done", "a.json");
    daemon.stop();
    assert_eq!(
        stand.calls(),
        ["POST api/dispatch lost", "POST api/dispatch 400"]
    );
    let delivery = stand.delivery("FO1");
    assert_eq!(delivery["state"], "delivered", "{delivery}");
    assert!(
        delivery["detail"].as_str().unwrap().contains("our own"),
        "{delivery}"
    );
}

#[test]
fn a_transaction_id_that_somebody_else_has_used_is_the_senders_matter() {
    let stand = stand(&json!({}), "");
    for (name, reference) in [("a.json", "FO1"), ("b.json", "FO2")] {
        let mut order = dispatch(reference);
        order["references"]["transaction"] = json!("T-1");
        stand.drop_order(name, &order);
        stand.once();
    }
    assert_eq!(stand.dock.names("done"), ["a.json"]);
    assert_eq!(stand.delivery("FO2")["state"], "refused");
    assert!(stand.sidecar("b.json").contains("FO2"));
}

#[test]
fn a_wrong_secret_or_right_pauses_the_lane_and_no_sender_hears_of_it() {
    for changes in [
        json!({"secret": "other"}),
        json!({"denied_actions": ["POST dispatch"]}),
    ] {
        let stand = stand(&changes, "");
        stand.drop_order("a.json", &dispatch("FO1"));
        let (code, told) = stand.dock.once();
        assert_eq!(code, 1, "{told}");
        assert_eq!(stand.dock.names(""), ["a.json"], "it stays where it is");
        let delivery = stand.delivery("FO1");
        assert_eq!(delivery["state"], "due", "{delivery}");
        let status = stand.dock.json(&["status", "--json"]).remove(0);
        assert_eq!(status["mails"], 1, "the operators are told: {status}");
        // Once it is put right there, the same order goes through.
        stand
            .sandbox
            .change(&json!({"trademax": {"secret": "trademax-secret", "denied_actions": []}}))
            .unwrap();
        stand.dock.run(&["resume", "erp"]);
        assert_eq!(stand.once(), 0);
        assert_eq!(stand.dock.names("done"), ["a.json"]);
    }
}

#[test]
fn trouble_there_is_waited_out() {
    for fault in ["500", "503:1", "429:1"] {
        let stand = stand(&json!({}), "");
        stand
            .sandbox
            .fault(&format!("POST /dispatch = {fault}, times=1"))
            .unwrap();
        stand.drop_order("a.json", &dispatch("FO1"));
        assert_eq!(stand.once(), 1);
        assert_eq!(stand.delivery("FO1")["state"], "due", "{fault}");
        stand.dock.run(&["resume", "erp"]);
        let daemon = stand.dock.start();
        stand.dock.wait_for("done", "a.json");
        daemon.stop();
        assert_eq!(stand.count("200"), 1);
    }
}

//! A Trademax warehouse: stock, packages, what it holds, locks; and files that become such errands.

use serde_json::{Value, json};

use super::super::trademax;
use super::{call, refused};

#[test]
fn stock_and_packages_are_read_and_changed_with_a_daemon_and_without_one() {
    let stand = trademax::stand(&json!({}), "");
    let dock = &stand.dock;
    let nw = "article=998 warehouse=nw";
    assert_eq!(call(dock, &format!("stock.read {nw}"))["quantity"], 100);
    let daemon = dock.start();
    let adjusted = call(
        dock,
        &format!("stock.adjust {nw} quantity=-7 type=relative reason=3"),
    );
    assert_eq!(adjusted["new_quantity"], 93);
    drop(daemon);
    let set = call(
        dock,
        &format!("stock.adjust {nw} quantity=12 type=absolute"),
    );
    assert_eq!(
        (&set["old_quantity"], &set["new_quantity"]),
        (&json!(93), &json!(12))
    );
    let sized = "number=1,quantity=2,weight=12.50,height=10,width=20,length=30";
    call(
        dock,
        &format!(
            "packages.correct {nw} package={sized} package=number=2,quantity=1,weight=3,volume=0.1"
        ),
    );
    let packages = call(dock, &format!("packages.read {nw}"));
    assert_eq!(packages["packages"][0]["weight"], "12.5");
    assert_eq!(packages["packages"][1]["volume"], "0.1");
    let shown = dock.run(&[
        "destinations",
        "call",
        "erp",
        "packages.read",
        "article=998",
        "warehouse=nw",
    ]);
    let shown = String::from_utf8(shown.stdout).unwrap();
    assert!(
        shown.contains("packages 2") && shown.contains("0.1"),
        "{shown}"
    );
}

#[test]
fn lines_are_locked_and_released() {
    let stand = trademax::stand(&json!({}), "");
    let fo1 = "order=FO1 warehouse=nw";
    call(
        &stand.dock,
        &format!("lines.lock {fo1} line=10000 line=20000"),
    );
    call(&stand.dock, &format!("lines.release {fo1} line=20000"));
    let lines = call(&stand.dock, &format!("lines.read {fo1}"));
    let lines = lines["lines"].as_array().unwrap();
    let locks = lines.iter().map(|line| &line["processing"]);
    assert_eq!(locks.collect::<Vec<_>>(), [&json!(1), &json!(0)]);
}

#[test]
fn both_number_spaces_are_told_apart_and_what_is_missing_is_said_before_any_call() {
    let stand = trademax::stand(&json!({ "denied_actions": ["PATCH order"] }), "");
    let dock = &stand.dock;
    let before = [
        ("stock.read article=998", "“warehouse” is missing"),
        (
            "stock.red article=998 warehouse=nw",
            "no errand “stock.red”",
        ),
        (
            "stock.adjust article=998 warehouse=nw quantity=x type=absolute",
            "whole number",
        ),
        (
            "stock.adjust article=998 warehouse=nw quantity=1 type=relative",
            "needs a “reason”",
        ),
        (
            "packages.correct article=998 warehouse=nw package=number=1",
            "needs its quantity",
        ),
    ];
    for (words, why) in before {
        let (code, told) = refused(dock, words);
        assert!(code == Some(1) && told.contains(why), "{words}: {told}");
    }
    assert_eq!(stand.calls(), [""; 0]);
    let table = [
        // HTTP's 404, which is no wrong key.
        ("stock.read article=nothing warehouse=nw", "HTTP 404"),
        // The envelope's 406 and 407.
        ("stock.read article=998 warehouse=elsewhere", "code 406"),
        ("lines.lock order=FO1 warehouse=nw line=1", "code 407"),
        ("receipt.read id=404", "HTTP 404"),
    ];
    for (words, why) in table {
        let (code, told) = refused(dock, words);
        assert!(code == Some(1) && told.contains(why), "{words}: {told}");
    }
    // The envelope's 405, which is no wrong method.
    stand
        .sandbox
        .change(&json!({ "trademax": { "secret": "other" } }))
        .unwrap();
    let (_, told) = refused(dock, "stock.read article=998 warehouse=nw");
    assert!(
        told.contains("code 405") && told.contains("signature"),
        "{told}"
    );
    assert!(!told.contains("trademax-secret"), "{told}");
}

#[test]
fn what_was_delivered_is_read_as_the_warehouse_has_it() {
    let stand = trademax::stand(&json!({}), "");
    let receipt = json!({
        "reference": "PO9", "kind": "receipt", "received_date": "2026-03-01",
        "references": {"warehouse": "nw", "order_type": "PO"},
        "lines": [{"number": "10000", "item_id": "998", "quantity": "3"}]
    });
    stand.drop_order("r.json", &receipt);
    assert_eq!(stand.once(), 0);
    let id = stand.delivery("PO9")["remote_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let read = call(&stand.dock, &format!("receipt.read id={id}"));
    assert_eq!(read["order_no"], "PO9");
    let draft = json!({
        "reference": "FO1", "kind": "dispatch", "draft": true,
        "references": {"warehouse": "nw", "order_type": "SO"},
        "lines": [{"number": "10000", "item_id": "998", "quantity": "1"}],
        "shipments": [{"goods": [{"package_id": "1", "weight_kg": "5", "volume_m3": "1",
                                   "contents": [{"line": "10000", "item_id": "998"}]}]}]
    });
    stand.drop_order("d.json", &draft);
    assert_eq!(stand.once(), 0);
    let id = stand.delivery("FO1")["remote_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let read = call(&stand.dock, &format!("dispatch.read id={id}"));
    assert_eq!(read["order_no"], "FO1");
}

/// An order with one line, for a warehouse.
fn stock(reference: &str, quantity: &str) -> Value {
    let mut order = json!({
        "reference": reference, "kind": "purchase",
        "references": {"warehouse": "nw", "reason": "3"},
        "lines": [{"number": "10000", "item_id": "998", "quantity": quantity}]
    });
    if quantity.starts_with('-') {
        // No line says so.
        order["lines"][0]["quantity"] = json!("1");
        order["references"]["quantity"] = json!(quantity);
    }
    order
}

#[test]
fn a_file_sets_the_stock_corrects_packages_and_locks_lines_where_the_destination_says_so() {
    let table = [
        ("stock-level", "7", "/inventory/4", "7"),
        ("stock-change", "-7", "/inventory/4", "93"),
        ("lock", "1", "/lines/0", "\"processing\":1"),
        ("release", "1", "/lines/0", "\"processing\":0"),
    ];
    for (instead, quantity, place, words) in table {
        let stand = trademax::stand(&json!({}), &format!("instead = \"{instead}\""));
        stand.drop_order("a.json", &stock("S-1", quantity));
        let (code, told) = stand.dock.once();
        assert_eq!(code, 0, "{instead}: {told} {:?}", stand.sandbox.log());
        assert_eq!(stand.count("PATCH"), 1);
        let all = if place.starts_with("/inventory") {
            call(&stand.dock, "stock.read article=998 warehouse=nw")["quantity"].to_string()
        } else {
            stand.state(place).to_string()
        };
        assert!(all.contains(words), "{instead}: {all}");
    }
    let stand = trademax::stand(&json!({}), "instead = \"packages\"");
    let mut order = stock("P-1", "1");
    order["shipments"] = json!([{"goods": [
        {"package_id": "1", "quantity": "2", "weight_kg": "12.50", "volume_m3": "0.5"},
        {"package_id": "2", "weight_kg": "3", "height_cm": "1", "width_cm": "2", "length_cm": "3"}]}]);
    stand.drop_order("p.json", &order);
    let (code, told) = stand.dock.once();
    assert_eq!(code, 0, "{told} {:?}", stand.sandbox.log());
    let packages = call(&stand.dock, "packages.read article=998 warehouse=nw");
    assert_eq!(packages["packages"][0]["quantity"], "2");
    assert_eq!(packages["packages"][1]["length"], "3");
}

#[test]
fn an_article_that_is_not_known_or_several_at_once_are_the_senders_matter() {
    let stand = trademax::stand(&json!({}), "instead = \"stock-level\"");
    let mut nothing = stock("S-1", "7");
    nothing["lines"][0]["item_id"] = json!("nothing");
    stand.drop_order("a.json", &nothing);
    assert_eq!(stand.once(), 1);
    assert!(stand.sidecar("a.json").contains("not found"));
    let mut two = stock("S-2", "7");
    two["references"]["quantity"] = json!("7.5");
    let mut line = two["lines"][0].clone();
    line["number"] = json!("20000");
    two["lines"].as_array_mut().unwrap().push(line);
    stand.drop_order("b.json", &two);
    assert_eq!(stand.once(), 1);
    let sidecar = stand.sidecar("b.json");
    for words in ["one article", "whole pieces"] {
        assert!(sidecar.contains(words), "{sidecar}");
    }
    assert_eq!(stand.count("PATCH"), 1);
}

#[test]
fn a_change_of_stock_whose_answer_is_lost_waits_for_a_person_and_a_level_is_set_again() {
    let fault = "PATCH /stock-adjustment = commit-then-drop, times=1";
    let stand = trademax::stand(&json!({}), "instead = \"stock-change\"");
    stand.sandbox.fault(fault).unwrap();
    let daemon = stand.dock.start();
    stand.drop_order("a.json", &stock("S-1", "-7"));
    stand.wait_for_state("S-1", "parked");
    daemon.stop();
    let read = call(&stand.dock, "stock.read article=998 warehouse=nw");
    assert_eq!(read["quantity"], 93);

    let stand = trademax::stand(&json!({}), "instead = \"stock-level\"");
    stand.sandbox.fault(fault).unwrap();
    let daemon = stand.dock.start();
    stand.drop_order("a.json", &stock("S-1", "7"));
    stand.dock.wait_for("done", "a.json");
    daemon.stop();
    let read = call(&stand.dock, "stock.read article=998 warehouse=nw");
    assert_eq!(read["quantity"], 7);
}

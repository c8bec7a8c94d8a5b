//! What partners are asked beside orders: by command, with a daemon and without one, and by
//! configuration.

use orderdock::sandbox::Kind;
use serde_json::{Value, json};

use super::tracking::history;
use super::{Stand, contargo_stand};
use crate::support::dock::Dock;
use crate::support::partner::{Answer, Partner};

fn trademax(settings: &Value, more: &str) -> Stand {
    Stand::start(Kind::Trademax, &json!({ "trademax": settings }), |_| {
        format!(
            "kind = \"trademax\"\napi_key = \"SANDBOX\"\nsecret = \"trademax-secret\"\n{more}\n"
        )
    })
}

/// What the partner gave.
fn call(dock: &Dock, words: &str) -> Value {
    let mut args = vec!["destinations", "call", "erp", "--json"];
    args.extend(words.split(' '));
    dock.json(&args).remove(0)
}

/// Why it did not, with the exit code.
fn refused(dock: &Dock, words: &str) -> (Option<i32>, String) {
    let mut args = vec!["destinations", "call", "erp"];
    args.extend(words.split(' '));
    let output = dock.run(&args);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), told)
}

fn pickup(reference: &str) -> Value {
    json!({
        "reference": reference, "kind": "pickup",
        "parties": {"terminal": {"name": "Duisburg"}},
        "shipments": [{"equipment": [
            {"number": "ABCU0000012", "iso_size_type": "45G1", "loading_state": "full"}]}]
    })
}

#[test]
fn stock_and_packages_are_read_and_changed_with_a_daemon_and_without_one() {
    let stand = trademax(&json!({}), "");
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
    let stand = trademax(&json!({}), "");
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
    let stand = trademax(&json!({ "denied_actions": ["PATCH order"] }), "");
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
    let stand = trademax(&json!({}), "");
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
        let stand = trademax(&json!({}), &format!("instead = \"{instead}\""));
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
    let stand = trademax(&json!({}), "instead = \"packages\"");
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
    let stand = trademax(&json!({}), "instead = \"stock-level\"");
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
    let stand = trademax(&json!({}), "instead = \"stock-change\"");
    stand.sandbox.fault(fault).unwrap();
    let daemon = stand.dock.start();
    stand.drop_order("a.json", &stock("S-1", "-7"));
    stand.wait_for_state("S-1", "parked");
    daemon.stop();
    let read = call(&stand.dock, "stock.read article=998 warehouse=nw");
    assert_eq!(read["quantity"], 93);

    let stand = trademax(&json!({}), "instead = \"stock-level\"");
    stand.sandbox.fault(fault).unwrap();
    let daemon = stand.dock.start();
    stand.drop_order("a.json", &stock("S-1", "7"));
    stand.dock.wait_for("done", "a.json");
    daemon.stop();
    let read = call(&stand.dock, "stock.read article=998 warehouse=nw");
    assert_eq!(read["quantity"], 7);
}

#[test]
fn terminals_are_searched_and_an_order_is_read_changed_and_deleted() {
    let stand = contargo_stand(&json!({}), "");
    let dock = &stand.dock;
    let found = call(
        dock,
        "locations.search name=duisburg type=ADMINISTRATIVE_TERMINAL",
    );
    assert_eq!(found["total"], 1, "{found}");
    assert!(found["locations"][0]["id"].is_string());
    let all = call(dock, "locations.search");
    let count = all["locations"].as_array().unwrap().len();
    assert_eq!(all["total"], count, "all pages");

    stand.drop_order("a.json", &pickup("A-1"));
    assert_eq!(stand.once(), 0);
    let id = stand.delivery("A-1")["remote_id"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(
        call(dock, &format!("order.read id={id}"))["reference"],
        "A-1"
    );
    let changed = call(
        dock,
        &format!(
            "order.update id={id} unit.condition=damaged reference=REL-78 unit.number=MSKU1234567"
        ),
    );
    assert_eq!(changed["unit"]["condition"], "DAMAGED");
    assert_eq!(changed["unit"]["number"], "MSKU 123456-7");
    assert_eq!(
        changed["unit"]["isoCode"], "45G1",
        "what is not named stays"
    );
    assert_eq!(changed["reference"], "REL-78");
    call(dock, &format!("order.delete id={id}"));
    let (code, told) = refused(dock, &format!("order.read id={id}"));
    assert!(code == Some(1) && told.contains("HTTP 404"), "{told}");
}

#[test]
fn a_person_reports_an_event_and_reads_the_history() {
    let stand = contargo_stand(&json!({}), "");
    let dock = &stand.dock;
    stand.drop_order("a.json", &pickup("A-1"));
    assert_eq!(stand.once(), 0);
    let id = stand.delivery("A-1")["remote_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let report = format!(
        "event.report id={id} type=gate-in at=2026-03-02T09:58:00Z truck=DU-X-1 container=ABCU0000012"
    );
    call(dock, &report);
    for by in [format!("id={id}"), "reference=A-1".to_owned()] {
        let history = call(dock, &format!("tracking.read {by}"));
        let event = &history["events"][0];
        assert_eq!(event["type"], "GATE_IN", "{history}");
        let seen = &event["observation"];
        assert_eq!(
            seen["observedMeansOfTransport"]["truck"]["licensePlate"],
            "DU-X-1"
        );
        assert_eq!(
            seen["observedLoadingUnit"]["loadingUnit"]["number"],
            "ABCU 000001-2"
        );
    }
    let table = [
        (
            "event.report id=nothing type=GATE_IN".to_owned(),
            "HTTP 404",
        ),
        (
            format!("event.report id={id} type=GATE_IN at=soon"),
            "an instant",
        ),
        (format!("tracking.read id={id} reference=A-1"), "either"),
        (
            format!("order.update id={id} unit.condition=wet"),
            "HTTP 400",
        ),
    ];
    for (words, why) in table {
        let (code, told) = refused(dock, &words);
        assert!(code == Some(1) && told.contains(why), "{words}: {told}");
    }
    stand.act("book", &json!({ "id": id }));
    let (_, told) = refused(dock, &format!("order.delete id={id}"));
    assert!(told.contains("HTTP 409"), "{told}");
}

#[test]
fn what_others_tell_of_a_container_is_reported_once() {
    let stand = contargo_stand(
        &json!({}),
        "track = { stream_path = \"\", report = { \"on board\" = \"DEPARTED\" } }",
    );
    let dock = &stand.dock;
    let daemon = dock.start();
    stand.drop_order("a.json", &pickup("A-1"));
    dock.wait_for("done", "a.json");
    stand
        .sandbox
        .fault("POST /tracking/events = commit-then-drop, times=1")
        .unwrap();
    let told = |code: &str, at: &str| json!({ "order": "A-1", "code": code, "text": code, "at": at, "place": "Duisburg" });
    let updates = json!({ "status_updates": [
        told("GATE_OUT", "2026-03-02T09:58:00Z"),
        told("invoiced", "2026-03-02T10:58:00Z"),
        told("On board", "2026-03-02T11:58:00Z"),
    ]});
    stand.drop_order("status.json", &updates);
    let events = dock.until("both were reported", || {
        let notices = notices(dock);
        let sent = notices.iter().all(|notice| notice["state"] == "sent");
        let all = sent && notices.len() == 2;
        let position = stand.state("/tracking/positions/0/events");
        position.as_array().filter(|_| all).cloned()
    });
    let mut kinds: Vec<_> = events
        .iter()
        .map(|event| event["type"].as_str().unwrap())
        .collect();
    kinds.sort_unstable();
    assert_eq!(kinds, ["DEPARTED", "GATE_OUT"]);
    assert_eq!(history(dock, "A-1").len(), 3);
    daemon.stop();
}

fn notices(dock: &Dock) -> Vec<Value> {
    let story = dock.json(&["orders", "show", "1", "--json"]).remove(0);
    story["notices"].as_array().cloned().unwrap_or_default()
}

#[test]
fn a_check_looks_at_tracking_too() {
    let stand = contargo_stand(&json!({}), "track = {}");
    let check = |dock: &Dock| {
        let output = dock.run(&["check", "--connect"]);
        String::from_utf8_lossy(&output.stdout).into_owned()
            + &String::from_utf8_lossy(&output.stderr)
    };
    let told = check(&stand.dock);
    assert!(told.contains("can be asked what becomes"), "{told}");
    assert_eq!(stand.count("POST tracking/events"), 0);
    let good = std::fs::read_to_string(stand.dock.path("orderdock.toml")).unwrap();
    for (wrong, words) in [
        ("track = { path = \"nowhere\" }", "path of track"),
        ("track = { stream_path = \"locations\" }", "stream_path"),
    ] {
        stand.dock.configure(&good.replace("track = {}", wrong));
        let told = check(&stand.dock);
        assert!(told.contains(words), "{wrong}: {told}");
    }
}

/// Once it ended the process that asked: a list was indexed as if it were an order.
#[test]
fn an_order_that_contargo_tells_as_something_else_is_not_changed() {
    let runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = { runtime }.worker_threads(1).enable_all().build().unwrap();
    let _inside = runtime.enter();
    let partner = runtime.block_on(Partner::start());
    let dock = Dock::new(&partner.url("/cola"), "");
    let account = format!(
        "kind = \"contargo\"\nuser = \"u\"\npassword = \"p\"\ntoken_url = \"{}\"\n",
        partner.url("/token")
    );
    dock.configure(&dock.config().replace("kind = \"http\"\n", &account));
    let token = r#"{"access_token":"t","token_type":"bearer","expires_in":600}"#;
    for order in ["[]", "\"an order\"", "7", "null"] {
        partner.script([Answer::json(200, token), Answer::json(200, order)]);
        let (code, told) = refused(&dock, "order.update id=1 terminal=Duisburg action=PICK_UP");
        assert_eq!(code, Some(1), "{order}: {told}");
        assert!(told.contains("was not changed"), "{order}: {told}");
    }
    let asked = partner.seen();
    assert!(asked.iter().all(|one| one.method != "PUT"), "{asked:?}");
}

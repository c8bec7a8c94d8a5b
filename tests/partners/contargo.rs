//! Contargo: STAR orders, terminals, tokens, and answers that are lost.

use serde_json::{Value, json};

use super::{Stand, contargo_stand as stand};

pub(super) fn pickup(reference: &str) -> Value {
    json!({
        "reference": reference, "kind": "pickup",
        "references": {"customer": "REL-77"},
        "parties": {"terminal": {"name": "Duisburg"}},
        "shipments": [{
            "pickup": {"date": "2026-03-02", "from": "14:00"},
            "equipment": [{"number": "ABCU0000012", "iso_size_type": "45G1", "loading_state": "full",
                           "seals": [{"party": "customs", "number": "C1"}]}]
        }]
    })
}

/// What the first order at the partner looks like.
fn first(stand: &Stand) -> Value {
    let orders = stand.state("/orders");
    match &orders {
        Value::Array(list) => list[0].clone(),
        Value::Object(map) => map.values().next().unwrap().clone(),
        _ => panic!("{orders}"),
    }
}

fn held(stand: &Stand) -> usize {
    match stand.state("/orders") {
        Value::Array(list) => list.len(),
        Value::Object(map) => map.len(),
        _ => 0,
    }
}

#[test]
fn a_container_is_ordered_at_a_terminal_that_was_named_by_its_city() {
    let stand = stand(&json!({}), "");
    stand.drop_order("a.json", &pickup("A-1"));
    let (code, told) = stand.dock.once();
    assert_eq!(code, 0, "{told} {:?}", stand.sandbox.log());
    assert_eq!(stand.dock.names("done"), ["a.json"]);
    assert_eq!(stand.count("POST star/orders 201"), 1);
    let order = first(&stand).to_string();
    for words in ["PICK_UP", "REL-77", "ABCU 000001-2", "LATE", "OD-"] {
        assert!(order.contains(words), "{order}");
    }
    assert!(stand.delivery("A-1")["remote_id"].is_string());
}

#[test]
fn a_terminal_may_be_named_by_its_code_or_its_id_as_well() {
    let stand = stand(&json!({}), "");
    let args = [
        "destinations",
        "call",
        "erp",
        "--json",
        "locations.search",
        "name=duisburg",
    ];
    let found = stand.dock.json(&args).remove(0);
    let all = found["locations"].as_array().unwrap().iter();
    let is_terminal = |one: &&Value| one["type"] == "ADMINISTRATIVE_TERMINAL";
    let id = all.clone().find(is_terminal).unwrap()["id"].clone();
    for (n, ids) in [json!({"unlocode": "DEDUI"}), json!({"contargo": id})]
        .into_iter()
        .enumerate()
    {
        let reference = format!("A-{n}");
        let mut order = pickup(&reference);
        order["parties"]["terminal"] = json!({ "ids": ids });
        stand.drop_order(&format!("{n}.json"), &order);
        let (code, told) = stand.dock.once();
        assert_eq!(
            code,
            0,
            "{ids}: {told} {}",
            stand.sidecar(&format!("{n}.json"))
        );
    }
    let orders = stand.state("/orders");
    let orders = orders.as_array().unwrap().iter();
    assert!(
        orders.clone().all(|one| one["order"]["terminalId"] == id),
        "{orders:?}"
    );
    assert_eq!(orders.count(), 2);
}

#[test]
fn an_order_is_changed_and_deleted_until_it_has_its_slot() {
    let stand = stand(&json!({}), "");
    stand.drop_order("a.json", &pickup("A-1"));
    stand.drop_order("b.json", &pickup("A-2"));
    assert_eq!(stand.once(), 0);
    let mut changed = pickup("A-1");
    changed["action"] = json!("update");
    changed["shipments"][0]["equipment"][0]["condition"] = json!("damaged");
    stand.drop_order("a2.json", &changed);
    let cancel = json!({"reference": "A-2", "kind": "pickup", "action": "cancel"});
    stand.drop_order("b2.json", &cancel);
    let (code, told) = stand.dock.once();
    assert_eq!(code, 0, "{told} {:?}", stand.calls());
    assert_eq!(
        (stand.count("PUT"), stand.count("DELETE"), held(&stand)),
        (1, 1, 1)
    );
    assert!(first(&stand).to_string().contains("DAMAGED"));

    let args = ["deliveries", "list", "--reference", "A-1", "--json"];
    let rows = stand.dock.json(&args);
    let ids = rows.iter().map(|row| row["remote_id"].clone());
    let id = ids.into_iter().find(Value::is_string).unwrap();
    stand.act("book", &json!({ "id": id }));
    let cancel = json!({"reference": "A-1", "kind": "pickup", "action": "cancel"});
    stand.drop_order("a3.json", &cancel);
    assert_eq!(stand.once(), 1);
    assert_eq!(stand.dock.names("error")[0], "a3.json");
    assert_eq!(held(&stand), 1);
}

#[test]
fn what_is_missing_or_not_known_goes_back_to_the_sender() {
    let stand = stand(&json!({}), "");
    let mut missing = pickup("A-1");
    missing["shipments"][0]["equipment"][0] = json!({"loading_state": "full"});
    stand.drop_order("a.json", &missing);
    assert_eq!(stand.once(), 1);
    assert_eq!(stand.calls(), [""; 0], "nothing was sent");
    let sidecar = stand.sidecar("a.json");
    assert!(sidecar.contains("45G1"), "{sidecar}");

    let mut nowhere = pickup("A-2");
    nowhere["parties"]["terminal"]["name"] = json!("Atlantis");
    stand.drop_order("b.json", &nowhere);
    assert_eq!(stand.once(), 1);
    assert!(stand.sidecar("b.json").contains("Atlantis"));
    assert_eq!(stand.count("POST star/orders"), 0);
}

#[test]
fn where_the_answer_to_a_new_order_is_lost_it_waits_for_a_person() {
    let stand = stand(&json!({}), "");
    stand
        .sandbox
        .fault("POST /star/orders = commit-then-drop, times=1")
        .unwrap();
    let daemon = stand.dock.start();
    stand.drop_order("a.json", &pickup("A-1"));
    let parked = stand.wait_for_state("A-1", "parked");
    let why = parked["detail"].as_str().unwrap();
    let note = first(&stand)["order"]["clientContext"]["internalNote"].clone();
    assert!(why.contains(note.as_str().unwrap()), "{why} {note}");
    assert!(why.contains("the note “OD-"), "{why}");
    daemon.stop();
    assert_eq!(stand.count("POST star/orders"), 1, "it is not sent again");
    assert_eq!(held(&stand), 1);
    assert_eq!(stand.dock.names(""), ["a.json"]);
}

#[test]
fn a_token_that_ends_among_a_thousand_orders_is_renewed_once_and_none_fails() {
    let stand = stand(&json!({}), "rate = \"400/s\"");
    stand.drop_order("first.json", &pickup("A-0"));
    assert_eq!(stand.once(), 0);
    let daemon = stand.dock.start();
    let some: Vec<Value> = (1..=400).map(|n| pickup(&format!("A-{n}"))).collect();
    stand
        .dock
        .drop_file("some.json", Value::from(some).to_string());
    stand.dock.wait_for("done", "some.json");
    let before = stand.count("openid-connect/token 200");
    stand.advance(301);
    let more: Vec<Value> = (401..=999).map(|n| pickup(&format!("A-{n}"))).collect();
    stand
        .dock
        .drop_file("more.json", Value::from(more).to_string());
    stand.dock.wait_for("done", "more.json");
    daemon.stop();
    assert_eq!(stand.count("openid-connect/token 200"), before + 1);
    assert!(stand.count("star/orders 401") >= 1, "it had ended");
    assert!(
        stand.count("star/orders 401") <= 4,
        "no more than were under way"
    );
    assert_eq!(stand.count("POST star/orders 201"), 1_000);
    assert_eq!(held(&stand), 1_000);
}

#[test]
fn a_wrong_password_pauses_the_lane_and_no_sender_hears_of_it() {
    let stand = stand(&json!({"password": "other"}), "");
    stand.drop_order("a.json", &pickup("A-1"));
    assert_eq!(stand.once(), 1);
    assert_eq!(stand.dock.names(""), ["a.json"]);
    let delivery = stand.delivery("A-1");
    assert_eq!(delivery["state"], "due");
    let detail = delivery["detail"].as_str().unwrap();
    assert!(detail.contains("Invalid user credentials"), "{detail}");
    assert!(!detail.contains("contargo-password"));
    stand
        .sandbox
        .change(&json!({"contargo": {"password": "contargo-password"}}))
        .unwrap();
    stand.dock.run(&["resume", "erp"]);
    assert_eq!(stand.once(), 0);
}

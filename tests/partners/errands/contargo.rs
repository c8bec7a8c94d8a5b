//! Contargo: terminals, orders as they stand there, events.

use serde_json::{Value, json};

use super::super::tracking::history;
use super::super::{Stand, contargo_stand};
use super::{call, refused};
use crate::support::dock::Dock;
use crate::support::partner::{Answer, Partner};

fn pickup(reference: &str) -> Value {
    json!({
        "reference": reference, "kind": "pickup",
        "parties": {"terminal": {"name": "Duisburg"}},
        "shipments": [{"equipment": [
            {"number": "ABCU0000012", "iso_size_type": "45G1", "loading_state": "full"}]}]
    })
}

/// Contargo's id of an order that is there.
fn delivered(stand: &Stand) -> String {
    stand.drop_order("a.json", &pickup("A-1"));
    assert_eq!(stand.once(), 0);
    let delivery = stand.delivery("A-1");
    delivery["remote_id"].as_str().unwrap().to_owned()
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

    let id = delivered(&stand);
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
    let id = delivered(&stand);
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

//! Cargooffice and plain HTTP partners are asked what has become of an order.

use orderdock::sandbox::Kind;
use serde_json::{Value, json};

use super::super::{MAIL, Stand};
use super::{codes, wait_for_history};
use crate::support::dock::Dock;
use crate::support::partner::{Answer, Partner};

#[test]
fn the_status_of_a_transport_order_becomes_its_history() {
    let stand = Stand::start(Kind::Cargooffice, &json!({}), |_| {
        "kind = \"cargooffice\"\nkey = \"cargooffice-key\"\ncarrier = \"12021\"\n\
         track = { every = \"1s\" }\n"
            .to_owned()
    });
    let daemon = stand.dock.start();
    let order = json!({
        "reference": "700753", "kind": "transport",
        "parties": {"buyer": {"ids": {"customer": "1234"}, "name": "A & B"}},
        "shipments": [{
            "pickup": {"date": "2026-03-02", "party": {"name": "P", "city": "Gent", "country": "BE"}},
            "delivery": {"date": "2026-03-03", "party":
                {"name": "D", "postcode": "1098 XH", "city": "Amsterdam", "country": "NL"}},
            "goods": [{"quantity": "2", "package_type": "PX", "weight_kg": "120.50"}]
        }]
    });
    stand.drop_order("a.json", &order);
    stand.wait_for_state("700753", "delivered");
    for status in ["+2026-03-02 11:20 loaded", "+2026-03-02 14:05 Delivered"] {
        stand.act("status", &json!({"shipmentID": "700753", "status": status}));
    }
    let events = stand.wait_for_history("700753", |events| events.len() == 2);
    assert_eq!(events[0]["text"], "loaded");
    assert_eq!(events[1]["at"], "2026-03-02T14:05");
    assert_eq!(events[1]["last"], true);
    drop(daemon);
}

const ORDER: &str =
    "{\"reference\": \"A-1\", \"kind\": \"tracking\", \"references\": {\"awb\": \"000-12345675\"}}";

/// A house whose partner answers to GET with `state`.
struct Asked {
    runtime: tokio::runtime::Runtime,
    partner: Partner,
    dock: Dock,
}

impl Asked {
    fn start(poll: &str) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread();
        let runtime = { runtime }.worker_threads(1).enable_all().build().unwrap();
        let partner = runtime.block_on(Partner::start());
        partner.script([Answer::json(201, "{\"id\": \"R 7/1\"}")]);
        let poll = poll.replace("PARTNER", &partner.url(""));
        let dock = Dock::new(&partner.url("/orders"), MAIL)
            .with_destination(&format!("remote_id = \"/id\"\npoll = {poll}"));
        Self {
            runtime,
            partner,
            dock,
        }
    }

    fn says(&self, state: &Value) {
        self.partner.always(Answer::json(200, &state.to_string()));
    }

    fn gets(&self) -> Vec<String> {
        let seen = self.partner.seen().into_iter();
        let gets = seen.filter(|one| one.method == "GET");
        gets.map(|one| one.path).collect()
    }
}

#[test]
fn a_partner_is_asked_until_a_final_state_and_operators_hear_of_one_that_failed() {
    let asked = Asked::start(
        "{ url = \"PARTNER/orders/{remote_id}\", every = \"1s\", code = \"/state\", at = \"/at\", \
         done = [\"done\"], failed = [\"rejected\"] }",
    );
    asked.says(&json!({"state": "packing", "at": "2026-03-02T10:00:00Z"}));
    let daemon = asked.dock.start();
    asked.dock.drop_file("a.json", ORDER);
    asked.dock.wait_for("done", "a.json");
    wait_for_history(&asked.dock, "A-1", |events| events.len() == 1);
    assert_eq!(asked.gets()[0], "/orders/R%207%2F1");
    asked.says(&json!({"state": "rejected", "at": "2026-03-02T12:00:00Z"}));
    let events = wait_for_history(&asked.dock, "A-1", |events| events.len() == 2);
    assert_eq!(codes(&events), ["packing", "rejected"]);
    assert_eq!(events[1]["last"], true);
    asked.dock.wait_for_log("without success: rejected");
    assert_eq!(daemon.stop(), 0);
    // It is over: nobody asks again, however often one looks.
    let before = asked.gets().len();
    for _ in 0..2 {
        assert_eq!(asked.dock.once().0, 0);
    }
    assert_eq!(asked.gets().len(), before);
    drop(asked.runtime);
}

#[test]
fn a_list_of_events_is_read_with_its_ids_and_corrections_stay() {
    let asked = Asked::start(
        "{ url = \"PARTNER/orders/{reference}/events\", every = \"1s\", events = \"/data/events\", \
         code = \"/c\", text = \"/t\", place = \"/p\", at = \"/at\", id = \"/id\", done = [\"done\"] }",
    );
    let event =
        |id: u32, code: &str, place: &str| json!({"id": id, "c": code, "t": "x", "p": place});
    asked.says(&json!({"data": {"events": [event(1, "in", "AMS"), 7, {"c": {}}]}}));
    let daemon = asked.dock.start();
    asked.dock.drop_file("a.json", ORDER);
    wait_for_history(&asked.dock, "A-1", |events| events.len() == 1);
    asked.says(&json!({"data": {"events": [event(1, "in", "RTM"), event(2, "done", "RTM")]}}));
    let events = wait_for_history(&asked.dock, "A-1", |events| events.len() == 3);
    assert_eq!(codes(&events), ["done", "in", "in"]);
    let corrected = events.iter().filter(|event| event["corrected"] == true);
    assert_eq!(
        corrected.map(|event| &event["place"]).collect::<Vec<_>>(),
        ["AMS"]
    );
    drop(daemon);
}

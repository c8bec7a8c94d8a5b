//! Cargooffice's REST interface, SOAP endpoints, folders.

use std::fs;

use orderdock::sandbox::Kind;
use serde_json::{Value, json};

use super::{MAIL, Stand};
use crate::support::dock::{Dock, read};

pub(super) fn transport(reference: &str) -> Value {
    json!({
        "reference": reference, "kind": "transport",
        "parties": {"buyer": {"ids": {"customer": "1234"}, "name": "A & B"}},
        "shipments": [{
            "pickup": {"date": "2026-03-02", "party": {"name": "P", "city": "Gent", "country": "BE"}},
            "delivery": {"date": "2026-03-03", "party":
                {"name": "D", "postcode": "1098 XH", "city": "Amsterdam", "country": "NL"}},
            "goods": [{"quantity": "2", "package_type": "PX", "weight_kg": "120.50"}]
        }]
    })
}

pub(super) fn office(settings: &Value, more: &str) -> Stand {
    Stand::start(
        Kind::Cargooffice,
        &json!({ "cargooffice": settings }),
        |_| {
            format!(
                "kind = \"cargooffice\"\nkey = \"cargooffice-key\"\ncarrier = \"12021\"\n{more}\n"
            )
        },
    )
}

#[test]
fn a_transport_order_reaches_cargooffice_is_changed_and_taken_back() {
    let stand = office(&json!({}), "");
    stand.drop_order("a.json", &transport("700753"));
    let (code, told) = stand.dock.once();
    assert_eq!(code, 0, "{told} {:?}", stand.sandbox.log());
    assert!(stand.state("").to_string().contains("A & B"));
    let mut changed = transport("700753");
    changed["action"] = json!("update");
    changed["remarks"] = json!("call first");
    stand.drop_order("b.json", &changed);
    let (code, told) = stand.dock.once();
    assert_eq!(code, 0, "{told} {:?}", stand.sandbox.log());
    assert!(stand.state("").to_string().contains("call first"));
    let mut cancelled = transport("700753");
    cancelled["action"] = json!("cancel");
    stand.drop_order("c.json", &cancelled);
    let (code, told) = stand.dock.once();
    assert_eq!(code, 0, "{told} {:?}", stand.sandbox.log());
    assert_eq!(stand.state(""), json!([]));
    let calls = [
        "POST api/order 201",
        "PUT api/order 200",
        "DELETE api/order 204",
    ];
    assert_eq!(stand.calls(), calls);
}

#[test]
fn cargooffice_is_asked_before_an_order_whose_answer_was_lost_is_sent_again() {
    let stand = office(&json!({}), "");
    for (fault, posts) in [("commit-then-drop", 1), ("reset", 2)] {
        let before = stand.count("POST");
        let rule = format!("POST /order = {fault}, times=1");
        stand.sandbox.fault(&rule).unwrap();
        let daemon = stand.dock.start();
        let name = format!("{posts}.json");
        stand.drop_order(&name, &transport(&name));
        stand.dock.wait_for("done", &name);
        daemon.stop();
        assert_eq!(stand.count("POST") - before, posts, "{:?}", stand.calls());
    }
}

#[test]
fn a_message_reaches_a_soap_endpoint_in_both_versions() {
    for version in ["1.1", "1.2"] {
        let stand = Stand::start(
            Kind::Soap,
            &json!({"soap": {"action": "urn:order"}}),
            |_| {
                format!(
                    "kind = \"soap\"\nversion = \"{version}\"\naction = \"urn:order\"\nremote_id = \"id\"\n\
                 body = \"<order><number>{{{{ order.reference }}}}</number></order>\"\n"
                )
            },
        );
        stand.drop_order("a.json", &transport("4711"));
        let (code, told) = stand.dock.once();
        assert_eq!(code, 0, "{version}: {told} {:?}", stand.sandbox.log());
        assert!(stand.delivery("4711")["remote_id"].is_string());
    }
}

#[test]
fn orders_are_put_into_a_folder_whole_and_once() {
    for (format, words) in [
        ("json", "\"reference\":\"4711\""),
        ("csv", "4711,transport"),
        ("ubl", "<cbc:ID>4711</cbc:ID>"),
    ] {
        let dock = Dock::new("http://127.0.0.1:1/", MAIL);
        let out = dock.path("out");
        let text = dock.config().replace(
            "kind = \"http\"\nurl = \"http://127.0.0.1:1/\"\n",
            &format!(
                "kind = \"folder\"\npath = \"{}\"\nformat = \"{format}\"\n",
                out.display()
            ),
        );
        dock.configure(&text);
        dock.drop_file("a.json", transport("4711").to_string());
        assert_eq!(dock.once().0, 1, "there is no such folder yet");
        assert_eq!(dock.names(""), ["a.json"]);
        fs::create_dir(&out).unwrap();
        dock.run(&["resume", "erp"]);
        let (code, told) = dock.once();
        assert_eq!(code, 0, "{told}");
        let files: Vec<_> = fs::read_dir(&out)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        assert_eq!(files.len(), 1, "{files:?}");
        assert!(read(&files[0]).contains(words), "{}", read(&files[0]));
    }
}

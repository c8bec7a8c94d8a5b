//! Cargamos: shipments, errors under any status, tokens, and answers that are lost.

use orderdock::sandbox::Kind;
use serde_json::{Value, json};

use super::Stand;

pub(super) fn stand(settings: &Value, more: &str) -> Stand {
    Stand::start(Kind::Cargamos, &json!({ "cargamos": settings }), |_| {
        format!(
            "kind = \"cargamos\"\nuser = \"sandbox@example.com\"\npassword = \"cargamos-password\"\n\
             key = \"cargamos-key\"\n{more}\n"
        )
    })
}

pub(super) fn parcel(reference: &str, postcode: &str) -> Value {
    json!({
        "reference": reference, "kind": "delivery", "references": {"lot": "L1"},
        "shipments": [{
            "pickup": {"date": "2026-03-02", "from": "09:00"},
            "delivery": {"date": "2026-03-03", "to": "20:00", "party": {
                "name": "Ana", "street": "Reforma", "house_no": "1", "postcode": postcode,
                "city": "Cuauhtemoc", "region": "CDMX", "country": "MX",
                "contact": {"phone": "5511112222"}}},
            "goods": [{"weight_kg": "1.2", "height_cm": "10", "width_cm": "20", "length_cm": "30"}]
        }]
    })
}

fn held(stand: &Stand) -> usize {
    match stand.state("/shipments") {
        Value::Array(list) => list.len(),
        Value::Object(map) => map.len(),
        _ => 0,
    }
}

#[test]
fn a_parcel_becomes_a_shipment_whose_tracking_number_is_with_the_order() {
    for name in ["shipperTrackingId", "shipmentTrackingId"] {
        let settings = json!({"tracking_id_name": name});
        let stand = stand(&settings, &format!("tracking_id_name = \"{name}\""));
        stand.drop_order("a.json", &parcel("P-1", "06600"));
        let (code, told) = stand.dock.once();
        assert_eq!(code, 0, "{told} {:?}", stand.sandbox.log());
        assert_eq!(stand.dock.names("done"), ["a.json"]);
        let delivery = stand.delivery("P-1");
        assert!(delivery["remote_id"].is_string(), "{delivery}");
        let tracking = delivery["facts"]["tracking_number"].as_str().unwrap();
        assert!(tracking.starts_with("OD"), "{tracking}");
    }
}

#[test]
fn what_there_is_no_coverage_for_goes_back_to_the_sender_under_any_status() {
    for errors_under_200 in [false, true] {
        let stand = stand(&json!({"errors_under_200": errors_under_200}), "");
        stand.drop_order("a.json", &parcel("P-1", "033002"));
        assert_eq!(stand.once(), 1);
        assert_eq!(stand.dock.names("error")[0], "a.json");
        let sidecar = stand.sidecar("a.json");
        assert!(sidecar.contains("coverage"), "{sidecar}");
        assert_eq!(held(&stand), 0);
    }
}

#[test]
fn an_answer_that_is_lost_after_the_shipment_was_made_makes_no_second_one() {
    let stand = stand(&json!({}), "");
    stand
        .sandbox
        .fault("POST /shipments = commit-then-drop, times=1")
        .unwrap();
    let daemon = stand.dock.start();
    stand.drop_order("a.json", &parcel("P-1", "06600"));
    stand.dock.wait_for("done", "a.json");
    daemon.stop();
    assert_eq!(held(&stand), 1);
    assert_eq!(stand.count("POST v1/shipments"), 2);
    let delivery = stand.delivery("P-1");
    assert!(
        delivery["facts"]["tracking_number"].is_string(),
        "{delivery}"
    );
}

#[test]
fn a_tracking_id_that_is_there_already_is_the_senders_matter() {
    let stand = stand(&json!({}), "");
    for reference in ["P-1", "P-2"] {
        let mut order = parcel(reference, "06600");
        order["references"]["tracking"] = json!("OURS-1");
        stand.drop_order(&format!("{reference}.json"), &order);
        stand.once();
    }
    assert_eq!(stand.dock.names("done"), ["P-1.json"]);
    assert_eq!(stand.delivery("P-2")["state"], "refused");
    assert_eq!(held(&stand), 1);
}

#[test]
fn a_token_is_used_as_long_as_it_lasts_and_then_got_anew() {
    let stand = stand(&json!({}), "");
    let daemon = stand.dock.start();
    for n in 0..3 {
        let name = format!("{n}.json");
        stand.drop_order(&name, &parcel(&name, "06600"));
        stand.dock.wait_for("done", &name);
        if n == 1 {
            stand.advance(3_601);
        }
    }
    daemon.stop();
    assert_eq!(stand.count("GET v1/login 200"), 2);
    assert_eq!(held(&stand), 3);
}

#[test]
fn a_wrong_password_pauses_the_lane_and_no_sender_hears_of_it() {
    let stand = stand(&json!({"password": "other"}), "");
    stand.drop_order("a.json", &parcel("P-1", "06600"));
    assert_eq!(stand.once(), 1);
    assert_eq!(stand.dock.names(""), ["a.json"]);
    let detail = stand.delivery("P-1")["detail"].to_string();
    assert!(
        !detail.contains("cargamos-password") && !detail.contains("cargamos-key"),
        "{detail}"
    );
    stand
        .sandbox
        .change(&json!({"cargamos": {"password": "cargamos-password"}}))
        .unwrap();
    stand.dock.run(&["resume", "erp"]);
    assert_eq!(stand.once(), 0);
}

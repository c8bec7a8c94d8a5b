//! What shipments look like, and what is missing in them.

use serde_json::{Value, json};

use super::orders::{Rules, fill};
use crate::order::Order;
use crate::partners::form::Fields;

fn rules() -> Rules {
    Rules {
        tracking_id_name: "shipperTrackingId".to_owned(),
    }
}

fn order() -> Value {
    json!({
        "reference": "P-1", "kind": "delivery", "references": {"lot": "L1"},
        "shipments": [{
            "pickup": {"date": "2026-03-02", "from": "09:00"},
            "delivery": {"date": "2026-03-03", "to": "20:00", "party": {
                "name": "Ana", "street": "Reforma", "house_no": "1", "postcode": "06600",
                "city": "Cuauhtemoc", "region": "CDMX", "country": "MX",
                "contact": {"phone": "5511112222", "email": "ana@example.com"}}},
            "goods": [{"weight_kg": "1.20", "height_cm": "10", "width_cm": "20", "length_cm": "30"}]
        }]
    })
}

fn filled(order: &Value) -> (Value, Vec<String>) {
    let order: Order = serde_json::from_value(order.clone()).unwrap();
    let (body, problems) = fill(&order, "od1-abc", &rules(), &Fields::default());
    (body, problems.iter().map(ToString::to_string).collect())
}

#[test]
fn a_shipment_is_written_as_the_documents_show_it() {
    let (body, problems) = filled(&order());
    assert!(problems.is_empty(), "{problems:?}");
    let tracking = body["shipperTrackingId"].clone();
    assert_eq!(tracking.as_str().unwrap().len(), 16);
    assert_eq!(
        body,
        json!({
            "recipientLocation": {"country": "mx", "postalCode": "06600", "street": "Reforma",
                "exteriorNumber": "1", "city": "Cuauhtemoc", "state": "CDMX"},
            "recipientInformation": {"fullName": "Ana", "phone": "5511112222", "email": "ana@example.com"},
            "package": {"weight": 1.2, "height": 10, "width": 20, "length": 30},
            "shipperDropoffDate": "2026-03-02T09:00:00", "expectedDeliveryDate": "2026-03-03T20:00:00",
            "lotId": "L1", "shipperTrackingId": tracking
        })
    );
}

#[test]
fn what_is_missing_is_said_before_anything_is_sent() {
    let table = [
        ("/shipments/0/delivery/party/country", json!("SE"), "“SE”"),
        (
            "/shipments/0/delivery/party/postcode",
            json!(""),
            "postcode",
        ),
        (
            "/shipments/0/delivery/party/contact",
            json!({}),
            "phone number",
        ),
        ("/shipments/0/goods", json!([]), "weight"),
        ("/shipments/0/goods/0/quantity", json!("2"), "several"),
        (
            "/shipments/0/pickup/date",
            json!("2026-03-04"),
            "after the day of delivery",
        ),
        ("/action", json!("cancel"), "no cancels"),
    ];
    for (at, value, words) in table {
        let mut changed = order();
        let (parent, name) = at.rsplit_once('/').unwrap();
        match changed.pointer_mut(parent).unwrap() {
            Value::Array(list) => list[name.parse::<usize>().unwrap()] = value,
            object => object[name] = value,
        }
        let (_, problems) = filled(&changed);
        assert!(
            problems.iter().any(|p| p.contains(words)),
            "{at}: {problems:?}"
        );
    }
}

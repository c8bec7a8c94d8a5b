//! What STAR orders look like, and which terminal is meant.

use serde_json::json;

use super::locations::{Found, Location, Named, pick};
use super::orders::{fill, spaced};
use crate::order::Order;
use crate::partners::form::Fields;

fn order(changes: &serde_json::Value) -> Order {
    let mut order = json!({
        "reference": "A-1", "kind": "pickup",
        "references": {"customer": "REL-77"},
        "parties": {"terminal": {"name": "Duisburg"}},
        "shipments": [{
            "pickup": {"date": "2026-03-02", "from": "14:00"},
            "equipment": [{"number": "ABCU0000012", "iso_size_type": "45G1", "loading_state": "full",
                           "seals": [{"party": "customs", "number": "C1"}]}]
        }]
    });
    for (name, value) in changes.as_object().unwrap() {
        order[name] = value.clone();
    }
    serde_json::from_value(order).unwrap()
}

#[test]
fn an_order_is_written_as_the_documents_show_it() {
    let (frozen, problems) = fill(&order(&json!({})), "od1-abc", &Fields::default());
    assert_eq!(problems, []);
    let note = frozen.note();
    assert!(note.starts_with("OD-") && note.len() == 20, "{note}");
    assert_eq!(
        frozen.order,
        json!({
            "action": "PICK_UP", "reference": "REL-77",
            "unit": {"loadingState": "FULL", "isoCode": "45G1", "number": "ABCU 000001-2",
                     "seals": [{"type": "CUSTOMS", "number": "C1"}]},
            "clientContext": {"plannedDate": {"date": "2026-03-02", "timeOfDay": "LATE"},
                              "internalNote": note}
        })
    );
}

#[test]
fn what_is_missing_is_said_before_anything_is_sent() {
    let table = [
        (json!({"kind": "purchase"}), "picked up or dropped off"),
        (json!({"parties": {}}), "a terminal"),
        (json!({"shipments": []}), "full or empty"),
        (
            json!({"shipments": [{"equipment": [{"loading_state": "full"}]}]}),
            "type, such as 45G1",
        ),
        (
            json!({"shipments": [{"equipment": [{"loading_state": "half", "iso_size_type": "45G1"}]}]}),
            "“half”",
        ),
        (
            json!({"shipments": [{"equipment": [
            {"loading_state": "full", "iso_size_type": "45G1"}, {"loading_state": "full"}]}]}),
            "several",
        ),
    ];
    for (changes, words) in table {
        let (_, problems) = fill(&order(&changes), "", &Fields::default());
        let told: Vec<_> = problems.iter().map(ToString::to_string).collect();
        assert!(
            told.iter().any(|problem| problem.contains(words)),
            "{words}: {told:?}"
        );
    }
    let cancel = order(&json!({"action": "cancel", "shipments": []}));
    assert_eq!(fill(&cancel, "", &Fields::default()).1, []);
}

#[test]
fn container_numbers_are_written_with_their_blank_and_dash() {
    let table = [
        ("MSKU1234567", "MSKU 123456-7"),
        ("msku 123456-7", "MSKU 123456-7"),
        ("TRAILER 9", "TRAILER 9"),
    ];
    for (number, expected) in table {
        assert_eq!(spaced(number), expected);
    }
}

#[test]
fn a_terminal_is_found_by_id_code_or_name_and_never_guessed() {
    let at = |id: &str, name: &str, code: &str| Location {
        id: id.to_owned(),
        designation: name.to_owned(),
        unlocode: Some(code.to_owned()),
        ..Location::default()
    };
    let list = [
        at("at_1", "Duisburg Intermodal Terminal", "DEDUI"),
        at("at_2", "Duisburg Gateway", "DEDUI"),
        at("at_3", "Emmerich", "DEEME"),
        at("at_4", "Emmerich Nord", "DEEMN"),
    ];
    let table = [
        (Some("at_2"), None, None, "at_2"),
        (Some("deeme"), None, None, "at_3"),
        (None, Some("DEEMN"), None, "at_4"),
        (None, Some("DEDUI"), None, "several"),
        (None, Some("DEDUI"), Some("gateway"), "at_2"),
        (None, None, Some("emmerich"), "at_3"),
        (None, None, Some("intermodal"), "at_1"),
        (None, None, Some("duisburg"), "several"),
        (None, None, Some("Basel"), "none"),
        (Some("at_9"), None, None, "none"),
    ];
    for (id, code, name, expected) in table {
        let named = Named {
            id: id.map(str::to_owned),
            code: code.map(str::to_owned),
            name: name.map(str::to_owned),
        };
        let found = match pick(&list, &named) {
            Found::None => "none".to_owned(),
            Found::Several(_) => "several".to_owned(),
            Found::One(id) => id,
        };
        assert_eq!(found, expected, "{named:?}");
    }
}

//! Every rule, on an order that breaks just that one.

use serde_json::Value;

use super::*;

const GOOD: &str = include_str!("../../../fixtures/values/order.json");

fn findings(order: &Order) -> String {
    let shown: Vec<String> = validate(order)
        .iter()
        .map(|problem| {
            assert!(problem.message.ends_with('.'), "{problem:?}");
            let warning = if problem.is_error() { "" } else { "~" };
            let path = problem.place.path.as_deref().unwrap();
            format!("{warning}{}@{path}", problem.code)
        })
        .collect();
    shown.join(" ")
}

/// Puts `value` where `pointer` leads, or takes away what is there.
fn change(order: &mut Value, pointer: &str, value: &str) {
    let (above, name) = pointer.rsplit_once('/').unwrap();
    let parent = order.pointer_mut(above).unwrap().as_object_mut().unwrap();
    if value.is_empty() {
        parent.remove(name);
    } else {
        parent.insert(name.to_owned(), serde_json::from_str(value).unwrap());
    }
}

#[test]
fn a_good_order_has_no_findings() {
    let order: Order = serde_json::from_str(GOOD).unwrap();
    assert_eq!(findings(&order), "");
}

#[test]
fn each_mistake_is_found_at_its_place_and_nothing_else_is() {
    for line in include_str!("../../../fixtures/values/findings.tsv").lines() {
        if line.starts_with('#') {
            continue;
        }
        let columns: Vec<&str> = line.split('\t').collect();
        let mut json: Value = serde_json::from_str(GOOD).unwrap();
        change(&mut json, columns[0], columns[1]);
        let order: Order = serde_json::from_value(json).unwrap();
        assert_eq!(findings(&order), columns[2], "{line}");
    }
}

#[test]
fn an_order_that_asks_for_nothing_is_refused_unless_it_is_no_new_order() {
    let order = |action, kind| Order {
        reference: "1".to_owned(),
        action,
        kind,
        ..Order::default()
    };
    let empty = "order.empty@lines";
    assert_eq!(findings(&order(Action::Create, Kind::Purchase)), empty);
    assert_eq!(findings(&order(Action::Create, Kind::Transport)), empty);
    assert_eq!(findings(&order(Action::Create, Kind::Tracking)), "");
    assert_eq!(findings(&order(Action::Update, Kind::Purchase)), "");
    assert_eq!(findings(&order(Action::Cancel, Kind::Purchase)), "");
}

#[test]
fn line_numbers_may_descend_but_not_repeat() {
    let lines = |numbers: &[&str]| {
        let lines = numbers
            .iter()
            .map(|number| crate::order::Line {
                number: Some((*number).to_owned()),
                item_id: Some("A".to_owned()),
                quantity: Some(Decimal::ONE),
                ..crate::order::Line::default()
            })
            .collect();
        findings(&Order {
            reference: "1".to_owned(),
            lines,
            ..Order::default()
        })
    };
    assert_eq!(lines(&["1", "2", "9", "10", "100"]), "");
    assert_eq!(lines(&["3", "2", "1"]), "");
    let twice = "line.number.duplicate@lines[2].number";
    assert_eq!(lines(&["10", "9", "10"]), twice);
    assert_eq!(lines(&["1", "2", "2"]), twice);
}

#[test]
fn check_digits_are_those_of_the_standards() {
    use check_digits::{is_container, is_gtin, is_sscc};
    for gtin in [
        "96385074",
        "036000291452",
        "4006381333931",
        "00012345600012",
    ] {
        assert!(is_gtin(gtin), "{gtin}");
    }
    for other in ["", "4006381333932", "400638133393X", "123"] {
        assert!(!is_gtin(other), "{other}");
    }
    assert!(is_sscc("(00)106141411234567897") && !is_sscc("106141411234567896"));
    assert_eq!(is_container("CSQU3054383"), Some(true));
    assert_eq!(is_container("MSKU 123456-7"), Some(false));
    assert_eq!(is_container("B-XY 123"), None);
}

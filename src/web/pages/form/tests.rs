//! The form has every field of the order, and gives back what it shows.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::model::{Field, ORDER, Shape};
use super::{Node, differences, form, order};
use crate::order::Order;

/// A value of every field, `deep` in the groups.
fn full(fields: &[Field]) -> Value {
    let value = |shape: Shape| match shape {
        Shape::Text | Shape::Long => json!("a text"),
        Shape::Decimal => json!("12.50"),
        Shape::Whole => json!(3),
        Shape::Date => json!("2026-11-22"),
        Shape::Time => json!("08:30"),
        Shape::Yes => json!(true),
        Shape::Word(words) => json!(words[words.len() - 1]),
        Shape::Pairs => json!({ "one": "1", "two": "2" }),
        Shape::Texts => json!(["a", "b"]),
        Shape::One(fields) => full(fields),
        Shape::Each(names, fields) => Value::Object(
            names
                .iter()
                .map(|n| ((*n).to_owned(), full(fields)))
                .collect(),
        ),
        Shape::Many(fields) => json!([full(fields), full(fields)]),
    };
    let fields = fields.iter();
    Value::Object(
        fields
            .map(|(key, shape)| ((*key).to_owned(), value(*shape)))
            .collect(),
    )
}

/// What a browser sends back.
fn sent(nodes: &[Node], into: &mut BTreeMap<String, String>) {
    for node in nodes {
        match node.kind {
            "group" => {}
            "pair" => {
                into.insert(format!("{}.key", node.path), node.key.clone());
                into.insert(format!("{}.value", node.path), node.value.clone());
            }
            "yes" if node.value != "true" => {}
            _ => {
                into.insert(node.path.clone(), node.value.clone());
            }
        }
        sent(&node.children, into);
    }
}

#[test]
fn a_form_that_is_sent_back_untouched_is_the_same_order() {
    let before = full(ORDER);
    let typed: Order = serde_json::from_value(before.clone()).unwrap();
    let mut fields = BTreeMap::new();
    sent(&form(&before, &before, &[]), &mut fields);
    let after = order(&fields);
    assert_eq!(after, before);
    assert_eq!(serde_json::from_value::<Order>(after).unwrap(), typed);
}

/// The keys that an order knows at a path, by what it says to one that it does not know.
fn known(mut value: Value, pointer: &str) -> BTreeSet<String> {
    let at = value.pointer_mut(pointer).unwrap();
    at["no such field"] = json!(1);
    let said = serde_json::from_value::<Order>(value)
        .unwrap_err()
        .to_string();
    let words: Vec<&str> = said.split('`').skip(3).step_by(2).collect();
    words.into_iter().map(str::to_owned).collect()
}

fn compare(fields: &[Field], pointer: &str) {
    let mut ours: BTreeSet<String> = fields.iter().map(|(key, _)| (*key).to_owned()).collect();
    if pointer.is_empty() {
        ours.insert("origin".to_owned());
    }
    assert_eq!(ours, known(full(ORDER), pointer), "at “{pointer}”");
    for (key, shape) in fields {
        match shape {
            Shape::One(inner) => compare(inner, &format!("{pointer}/{key}")),
            Shape::Many(inner) => compare(inner, &format!("{pointer}/{key}/0")),
            Shape::Each(names, inner) => compare(inner, &format!("{pointer}/{key}/{}", names[0])),
            _ => {}
        }
    }
}

#[test]
fn the_form_knows_every_field_of_an_order_and_no_other() {
    compare(ORDER, "");
}

#[test]
fn differences_are_told_by_path() {
    let old = json!({ "reference": "A", "lines": [{ "quantity": "1" }, { "quantity": "2" }] });
    let new = json!({ "reference": "A", "currency": "EUR", "lines": [{ "quantity": "3" }] });
    let told = differences(&old, &new);
    let told: Vec<_> = told
        .iter()
        .map(|(p, o, n)| format!("{p}:{o}:{n}"))
        .collect();
    assert_eq!(
        told,
        [
            "currency::EUR",
            "lines.0.quantity:1:3",
            "lines.1.quantity:2:"
        ]
    );
}

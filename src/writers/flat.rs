//! What an order says, field by field: its canonical paths with their values.
//!
//! The tables write it, and every other format is held against it: a field that no writer asked for
//! is lost, and said to be.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::failure::Failure;
use crate::order::Order;

/// Paths and values of one part, list indexes left out.
pub(super) type Fields = BTreeMap<String, String>;

/// One order as fields.
#[derive(Debug, Default)]
pub(super) struct Flat {
    /// What stands once.
    pub(super) order: Fields,
    /// What each line says.
    pub(super) lines: Vec<Fields>,
    /// What each shipment says once, and each of its goods and pieces of equipment.
    pub(super) shipments: Vec<Shipment>,
}

/// One shipment as fields.
#[derive(Debug, Default)]
pub(super) struct Shipment {
    pub(super) own: Fields,
    pub(super) goods: Vec<Fields>,
    pub(super) equipment: Vec<Fields>,
}

impl Flat {
    pub(super) fn of(order: &Order) -> Result<Self, Failure> {
        let value = serde_json::to_value(order);
        let value = value.map_err(|error| Failure::ours("writing an order", error))?;
        let mut flat = Self::default();
        let Value::Object(fields) = value else {
            return Ok(flat);
        };
        for (name, value) in fields {
            match (name.as_str(), value) {
                ("origin", _) => {}
                ("lines", Value::Array(lines)) => {
                    flat.lines = lines.iter().map(|line| leaves("lines", line)).collect();
                }
                ("shipments", Value::Array(shipments)) => {
                    flat.shipments = shipments.iter().map(shipment).collect();
                }
                (name, value) => walk(name, &value, &mut flat.order),
            }
        }
        Ok(flat)
    }

    /// Every path that has a value.
    pub(super) fn paths(&self) -> BTreeSet<&str> {
        let shipments = self.shipments.iter();
        let parts = shipments.flat_map(|shipment| {
            let rest = shipment.goods.iter().chain(&shipment.equipment);
            std::iter::once(&shipment.own).chain(rest)
        });
        let all = std::iter::once(&self.order).chain(&self.lines).chain(parts);
        all.flat_map(|fields| fields.keys().map(String::as_str))
            .collect()
    }
}

fn shipment(value: &Value) -> Shipment {
    let part = |name: &str| -> Vec<Fields> {
        let path = format!("shipments.{name}");
        let list = value.get(name).and_then(Value::as_array);
        list.into_iter()
            .flatten()
            .map(|one| leaves(&path, one))
            .collect()
    };
    let mut own = Fields::new();
    for (name, value) in value.as_object().into_iter().flatten() {
        if !matches!(name.as_str(), "goods" | "equipment") {
            walk(&format!("shipments.{name}"), value, &mut own);
        }
    }
    Shipment {
        own,
        goods: part("goods"),
        equipment: part("equipment"),
    }
}

fn leaves(path: &str, value: &Value) -> Fields {
    let mut fields = Fields::new();
    walk(path, value, &mut fields);
    fields
}

/// Lists of texts stand in one cell; lists of more stand there as JSON.
fn walk(path: &str, value: &Value, into: &mut Fields) {
    match value {
        Value::Null => {}
        Value::Object(fields) => {
            for (name, value) in fields {
                walk(&format!("{path}.{name}"), value, into);
            }
        }
        Value::Array(list) if list.iter().all(Value::is_string) => {
            let words: Vec<&str> = list.iter().filter_map(Value::as_str).collect();
            into.insert(path.to_owned(), words.join(", "));
        }
        Value::String(text) => {
            into.insert(path.to_owned(), text.clone());
        }
        other => {
            into.insert(path.to_owned(), other.to_string());
        }
    }
}

/// What of `order` has no place among `carried`: paths, or beginnings of paths that end with a dot.
pub(super) fn not_carried(order: &Order, carried: &[&str], more: &[String]) -> Vec<String> {
    let Ok(flat) = Flat::of(order) else {
        return Vec::new();
    };
    let has_place = |path: &str| {
        let mut known = carried
            .iter()
            .copied()
            .chain(more.iter().map(String::as_str));
        known.any(|known| path == known || (known.ends_with('.') && path.starts_with(known)))
    };
    let paths = flat.paths().into_iter();
    let mut lost: Vec<String> = paths
        .filter(|path| !has_place(path))
        .map(str::to_owned)
        .collect();
    if order.shipments.len() > 1 {
        lost.push("shipments[1]".to_owned());
    }
    lost
}

//! Transport orders, flat as they are read: the fields of order and shipment, and the goods lines.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::limits;
use crate::sandbox::xml::{self, Element};

/// Longest id of an order or shipment.
const ID_CHARS: usize = 17;
/// Longest customer number.
const CUSTOMER_CHARS: usize = 20;

/// One shipment with the fields of its order.
#[derive(Debug, Clone, Default)]
pub(super) struct Order {
    id: String,
    fields: Vec<(String, String)>,
    goods: Vec<Vec<(String, String)>>,
}

/// All shipments by id.
#[derive(Debug, Default)]
pub(super) struct Orders {
    orders: BTreeMap<String, Order>,
}

impl Orders {
    pub(super) fn find(&self, id: &str) -> Option<&Order> {
        self.orders.get(id)
    }

    pub(super) fn remove(&mut self, id: &str) -> bool {
        self.orders.remove(id).is_some()
    }

    /// Whether it is a new one; a known one takes the new fields. `None` where there is no room.
    pub(super) fn put(&mut self, order: Order) -> Option<bool> {
        if let Some(known) = self.orders.get_mut(&order.id) {
            for (name, value) in order.fields {
                known.set(&name, &value);
            }
            if !order.goods.is_empty() {
                known.goods = order.goods;
            }
            return Some(false);
        }
        if self.orders.len() >= limits::SANDBOX_THINGS {
            return None;
        }
        self.orders.insert(order.id.clone(), order);
        Some(true)
    }

    /// Adds a line to the history of a shipment.
    pub(super) fn note(&mut self, id: &str, status: &str) -> Result<(), String> {
        let order = self.orders.get_mut(id);
        let order = order.ok_or_else(|| format!("there is no shipment {id}"))?;
        order.set("status", status);
        Ok(())
    }

    pub(super) fn state(&self) -> Value {
        let all = self.orders.values();
        let shown = all.map(|order| {
            let fields: BTreeMap<_, _> = order.fields.iter().cloned().collect();
            json!({ "shipmentID": order.id, "fields": fields, "goods": order.goods })
        });
        Value::Array(shown.collect())
    }
}

impl Order {
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn postcode(&self) -> Option<&str> {
        self.get("deliveryPostcode")
    }

    fn get(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(key, _)| key == name);
        found
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    /// A `+` before a status adds to the history; everything else replaces.
    fn set(&mut self, name: &str, value: &str) {
        match self.fields.iter_mut().find(|(key, _)| key == name) {
            Some((_, old)) if name == "status" && value.starts_with('+') => {
                let room = old.len() + value.len() < limits::SANDBOX_EXCERPT;
                *old = if room {
                    format!("{old}\n{value}")
                } else {
                    value.to_owned()
                };
            }
            Some((_, old)) => value.clone_into(old),
            None => self.fields.push((name.to_owned(), value.to_owned())),
        }
    }

    /// The shipments of a message, or what is wrong with the first that is wrong. One whose id is
    /// known is an update and needs nothing else.
    pub(super) fn all(
        root: &Element,
        known: &Orders,
        carrier: Option<&str>,
    ) -> Result<Vec<Self>, String> {
        let orders: Vec<&Element> = match (root.name.as_str(), root.child("orders")) {
            ("order", _) => vec![root],
            (_, Some(orders)) => orders.children.iter().collect(),
            _ => return Err("The element orders is missing.".to_owned()),
        };
        let mut out = Vec::new();
        for order in orders {
            let shipments = order.child("shipments").map(|all| &all.children);
            match shipments.filter(|all| !all.is_empty()) {
                Some(all) => {
                    for shipment in all {
                        out.push(Self::read(&[order, shipment]));
                    }
                }
                None => out.push(Self::read(&[order])),
            }
        }
        if out.is_empty() {
            return Err("There is no order in it.".to_owned());
        }
        for order in &mut out {
            order.check(known, carrier)?;
        }
        Ok(out)
    }

    /// From an order's element and a shipment's: the inner one wins.
    fn read(elements: &[&Element]) -> Self {
        let mut order = Self::default();
        for element in elements {
            for child in &element.children {
                match child.name.as_str() {
                    "shipments" => {}
                    "goods" => order.goods.extend(goods(child)),
                    name if child.children.is_empty() => order.set(name, child.text()),
                    _ => {}
                }
            }
        }
        order
    }

    fn check(&mut self, known: &Orders, carrier: Option<&str>) -> Result<(), String> {
        let id = self.get("shipmentID").or_else(|| self.get("orderID"));
        let id = id
            .ok_or("Either orderID or shipmentID is mandatory.")?
            .to_owned();
        if id.chars().count() > ID_CHARS {
            return Err(format!("The id {id} is longer than {ID_CHARS} characters."));
        }
        if known.find(&id).is_none() {
            for name in ["CN", "customerID"] {
                if self.get(name).is_none() {
                    return Err(format!("The field {name} is mandatory."));
                }
            }
        }
        if let Some(given) = self.get("CN")
            && carrier.is_some_and(|carrier| carrier != given)
        {
            return Err(format!("The carrier {given} is not known."));
        }
        if let Some(customer) = self.get("customerID")
            && (customer.chars().count() > CUSTOMER_CHARS || customer.contains(char::is_whitespace))
        {
            return Err(format!(
                "The field customerID must have {CUSTOMER_CHARS} characters at most and no blanks."
            ));
        }
        self.id = id;
        Ok(())
    }

    /// As it is read: the fields as elements, without the levels of the message.
    pub(super) fn shown(&self) -> String {
        let mut text = String::from("<?xml version=\"1.0\"?>\n<order>\n");
        let mut element = |indent: &str, name: &str, value: &str| {
            // Names were element names when they came.
            for part in [
                indent,
                "<",
                name,
                ">",
                &xml::escape(value),
                "</",
                name,
                ">\n",
            ] {
                text.push_str(part);
            }
        };
        if self.get("shipmentID").is_none() {
            element("  ", "shipmentID", &self.id);
        }
        for (name, value) in &self.fields {
            element("  ", name, value);
        }
        for line in &self.goods {
            for (name, value) in line {
                element("    ", name, value);
            }
        }
        text.push_str("</order>\n");
        text
    }
}

/// The goods lines below `goods`: one for each child that has children, else the element itself is
/// one.
fn goods(goods: &Element) -> Vec<Vec<(String, String)>> {
    let fields = |element: &Element| {
        let leaves = element
            .children
            .iter()
            .filter(|child| child.children.is_empty());
        leaves
            .map(|child| (child.name.clone(), child.text().to_owned()))
            .collect::<Vec<_>>()
    };
    let lines: Vec<_> = goods
        .children
        .iter()
        .filter(|child| !child.children.is_empty())
        .map(fields)
        .collect();
    match fields(goods) {
        own if lines.is_empty() && !own.is_empty() => vec![own],
        _ => lines,
    }
}

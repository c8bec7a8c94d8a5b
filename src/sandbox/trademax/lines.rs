//! Lines of outgoing orders: locked while they are worked on, then released. An order is known from
//! its first lock on.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::check::{Check, Shape};
use super::params::Params;
use super::words::Refusal;
use crate::limits;

/// Orders by number, their lines by number.
#[derive(Debug, Default)]
pub(super) struct Lines {
    orders: BTreeMap<String, BTreeMap<i64, bool>>,
}

impl Lines {
    pub(super) fn lock(&mut self, order: &str, params: &Params) -> Result<Value, Refusal> {
        let mut check = Check::default();
        check.value(&params.0, "", ("warehouse_id", Shape::Text, true));
        let lines = check.list(&params.0, "", "lines", true);
        for (index, line) in lines.iter().enumerate() {
            let prefix = format!("lines[{index}]");
            check.value(line, &prefix, ("line_no", Shape::Int, true));
            let flag = Shape::OneOf(&["0", "1"]);
            check.value(line, &prefix, ("processing", flag, true));
        }
        check.end()?;
        if self.orders.len() >= limits::SANDBOX_THINGS {
            return Err(Refusal::one(500, "The sandbox is full."));
        }
        let known = self.orders.entry(order.to_owned()).or_default();
        for line in lines {
            let number = line["line_no"].as_str().and_then(|text| text.parse().ok());
            if let Some(number) = number {
                known.insert(number, line["processing"] == "1");
            }
        }
        Ok(self.shown(order))
    }

    pub(super) fn read(&self, order: &str, params: &Params) -> Result<Value, Refusal> {
        let mut check = Check::default();
        check.value(&params.0, "", ("warehouse_id", Shape::Text, true));
        check.end()?;
        if !self.orders.contains_key(order) {
            return Err(Refusal::not_found(&format!("The order {order}")));
        }
        Ok(self.shown(order))
    }

    fn shown(&self, order: &str) -> Value {
        let lines =
            self.orders.get(order).into_iter().flatten().map(
                |(number, locked)| json!({ "line_no": number, "processing": u8::from(*locked) }),
            );
        json!({ "order_no": order, "lines": lines.collect::<Vec<_>>() })
    }

    pub(super) fn state(&self) -> Value {
        Value::Array(self.orders.keys().map(|order| self.shown(order)).collect())
    }
}

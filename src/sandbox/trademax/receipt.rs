//! Receipts: what a warehouse took in.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::check::{Check, Shape};
use super::params::Params;
use super::words::Refusal;
use super::{Transactions, echo};
use crate::limits;

/// All receipts by number.
#[derive(Debug, Default)]
pub(super) struct Receipts {
    receipts: BTreeMap<u64, Map<String, Value>>,
    transactions: Transactions,
}

impl Receipts {
    pub(super) fn create(&mut self, params: &Params) -> Result<Value, Refusal> {
        let mut check = Check::default();
        let types = Shape::OneOf(&["PO", "SRO", "TO"]);
        for (key, shape) in [
            ("warehouse_id", Shape::Text),
            ("order_no", Shape::Text),
            ("transaction_id", Shape::Text),
            ("order_type", types),
            ("received_date", Shape::Date),
        ] {
            check.value(&params.0, "", (key, shape, true));
        }
        let products = check.list(&params.0, "", "products", true);
        for (index, product) in products.iter().enumerate() {
            let prefix = format!("products[{index}]");
            for (key, shape, required) in [
                ("line_no", Shape::Int, true),
                ("artno", Shape::Text, true),
                ("quantity", Shape::Int, true),
                ("vendor_shipment_no", Shape::Text, false),
            ] {
                check.value(product, &prefix, (key, shape, required));
            }
        }
        check.end()?;
        self.transactions.check(params)?;
        if self.receipts.len() >= limits::SANDBOX_THINGS {
            return Err(Refusal::one(500, "The sandbox is full."));
        }
        self.transactions.take(params);
        let number = self.receipts.len() as u64 + 1;
        let mut content = echo(params);
        content.insert("receipt_id".to_owned(), json!(number));
        self.receipts.insert(number, content.clone());
        Ok(Value::Object(content))
    }

    pub(super) fn read(&self, id: &str) -> Result<Value, Refusal> {
        let number: Option<u64> = id.parse().ok();
        let known = number.and_then(|number| self.receipts.get(&number));
        let known = known.cloned().map(Value::Object);
        known.ok_or_else(|| Refusal::not_found(&format!("The receipt {id}")))
    }

    pub(super) fn state(&self) -> Value {
        let all = self.receipts.values();
        Value::Array(all.cloned().map(Value::Object).collect())
    }
}

//! Trademax: warehouse stock, dispatches with labels, receipts, locks on order lines.
//!
//! Order of checks: parameters of authentication (401, 402), key (404), signature (405), rights
//! (406, 407), existence and state, what is required (450), how it is written (451), duplicate (452).

mod check;
mod dispatch;
mod inventory;
mod labels;
mod lines;
pub mod natural;
mod params;
mod receipt;
mod signature;
#[cfg(test)]
mod tests;
mod words;

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::call::{Call, Reply};
use super::stand::{Acted, House, Stand, unknown_action, wanted};
use params::Params;
use words::{Refusal, fine};

/// The partner.
#[derive(Debug)]
pub(super) struct Trademax {
    inventory: inventory::Inventory,
    dispatches: dispatch::Dispatches,
    receipts: receipt::Receipts,
    lines: lines::Lines,
}

/// Transaction ids that were taken, for one sort of resource.
#[derive(Debug, Default)]
struct Transactions(BTreeSet<String>);

impl Transactions {
    /// Refuses one that was taken before.
    fn check(&self, params: &Params) -> Result<(), Refusal> {
        match params.text("transaction_id") {
            Some(id) if self.0.contains(id) => {
                let words = format!("The transaction_id {id} has been used before.");
                Err(Refusal::one(452, words))
            }
            _ => Ok(()),
        }
    }

    /// When there are too many, those that sort first are forgotten.
    fn take(&mut self, params: &Params) {
        if self.0.len() >= crate::limits::SANDBOX_THINGS {
            self.0.pop_first();
        }
        if let Some(id) = params.text("transaction_id") {
            self.0.insert(id.to_owned());
        }
    }
}

/// The parameters without those of authentication: what a resource gives back.
fn echo(params: &Params) -> Map<String, Value> {
    let mut object = params.0.as_object().cloned().unwrap_or_default();
    for name in ["api_key", "timestamp", "method", "url", "signature"] {
        object.remove(name);
    }
    object
}

impl Trademax {
    pub(super) fn new() -> Self {
        Self {
            inventory: inventory::Inventory::new(),
            dispatches: dispatch::Dispatches::default(),
            receipts: receipt::Receipts::default(),
            lines: lines::Lines::default(),
        }
    }

    fn served(&mut self, call: &Call, path: &[&str], house: &House) -> Result<Reply, Refusal> {
        let params =
            Params::of(call).map_err(|why| Refusal::one(1, format!("Bad request: {why}.")))?;
        signature::check(call, &params, house)?;
        rights(call, path, &params, house)?;
        let data = match (call.method.as_str(), path) {
            ("GET", ["inventory", artno, "stock-adjustment"]) => {
                self.inventory.stock(artno, &params)?
            }
            ("PATCH", ["inventory", artno, "stock-adjustment"]) => {
                self.inventory.adjust(artno, &params)?
            }
            ("GET", ["inventory", artno]) => self.inventory.product(artno, &params)?,
            ("PATCH", ["inventory", artno]) => self.inventory.correct(artno, &params)?,
            ("POST", ["dispatch"]) => self.dispatches.create(&params, house)?,
            ("PATCH", ["dispatch", id]) => self.dispatches.update(id, &params, house)?,
            ("GET", ["dispatch", id]) => self.dispatches.read(id)?,
            ("DELETE", ["dispatch", id]) => self.dispatches.delete(id)?,
            ("POST", ["vendor", "dispatch"]) => {
                let data = self.dispatches.vendor(&params, house)?;
                if house.settings.trademax.quirks {
                    let error = json!({ "code": 0, "error_messages": [] });
                    return Ok(Reply::json(200, json!({ "error": error, "data": data })));
                }
                data
            }
            ("POST", ["receipt"]) => self.receipts.create(&params)?,
            ("GET", ["receipt", id]) => self.receipts.read(id)?,
            ("PATCH" | "GET", ["order", "outgoing", order]) => {
                let data = if call.method == "GET" {
                    self.lines.read(order, &params)?
                } else {
                    self.lines.lock(order, &params)?
                };
                if house.settings.trademax.quirks {
                    return Ok(Reply::json(200, data));
                }
                data
            }
            _ => return Err(Refusal::not_found("This resource")),
        };
        Ok(fine(&data))
    }
}

/// Whether the key may use this warehouse, and may do this.
fn rights(call: &Call, path: &[&str], params: &Params, house: &House) -> Result<(), Refusal> {
    let settings = &house.settings.trademax;
    if let Some(warehouse) = params.text("warehouse_id") {
        let warehouse = warehouse.to_lowercase();
        let denied = settings.denied_warehouses.contains(&warehouse);
        if denied || !settings.warehouses.contains(&warehouse) {
            let words = format!("There is no access to the warehouse {warehouse}.");
            return Err(Refusal::one(406, words));
        }
    }
    let action = format!("{} {}", call.method, path.first().unwrap_or(&""));
    if settings.denied_actions.contains(&action) {
        return Err(Refusal::one(
            407,
            format!("There is no access to {action}."),
        ));
    }
    Ok(())
}

impl Stand for Trademax {
    fn answer(&mut self, call: &Call, house: &House) -> Reply {
        let (method, path) = call.route();
        let path = path.strip_prefix(&["api"]).unwrap_or(&path);
        if let ("GET", ["labels", name]) = (method, path) {
            return labels::page(name);
        }
        self.served(call, path, house)
            .unwrap_or_else(Refusal::reply)
    }

    fn failure(&self, status: u16, _: &House) -> Reply {
        let code = if status >= 500 { 500 } else { 1 };
        Refusal::one(code, "An unexpected error occurred.")
            .with_status(status)
            .reply()
    }

    fn act(&mut self, action: &str, input: &Value, _: &House) -> Result<Acted, String> {
        match action {
            "stock" => {
                let artno = wanted(input, "artno")?;
                let quantity = input.get("quantity").and_then(Value::as_i64).unwrap_or(0);
                self.inventory.put(artno, quantity)?;
                Ok(json!({ "artno": artno, "quantity": quantity }).into())
            }
            _ => Err(unknown_action(action, &["stock"])),
        }
    }

    fn state(&self) -> Value {
        json!({
            "inventory": self.inventory.state(),
            "dispatches": self.dispatches.state(),
            "receipts": self.receipts.state(),
            "lines": self.lines.state(),
        })
    }
}

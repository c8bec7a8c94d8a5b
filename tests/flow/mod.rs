//! The promises, told by whole files on their whole way: the built program, a folder, a partner.

mod answers;
mod faults;
mod files;
mod people;
mod readers;
mod service;

use serde_json::Value;

use crate::support::dock::Dock;

/// A table of one-line orders with these numbers.
fn table(references: &[impl AsRef<str>]) -> String {
    rows(references.iter().map(|reference| (reference.as_ref(), "1")))
}

/// A table of one-line orders: number and quantity.
fn rows<'a>(orders: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut text = String::from("order_id,order_date,sku,quantity,unit,unit_price,currency\n");
    for (reference, quantity) in orders {
        text.extend([reference, ",2026-02-01,SKU-1,", quantity, ",PCE,1.00,EUR\n"]);
    }
    text
}

/// A file that every reading refuses.
fn bad() -> String {
    rows([("B-1", "1"), ("B-2", "ten")])
}

/// How many deliveries are in each state that has any, as `state=count` words.
fn states(dock: &Dock) -> String {
    let mut counts = std::collections::BTreeMap::new();
    for delivery in dock.json(&["deliveries", "list", "-n", "10000", "--json"]) {
        *counts
            .entry(delivery["state"].as_str().unwrap().to_owned())
            .or_insert(0) += 1;
    }
    let words: Vec<_> = counts
        .iter()
        .map(|(state, count)| format!("{state}={count}"))
        .collect();
    words.join(" ")
}

/// Waits until the deliveries are in these states, in the words of [`states`].
fn wait_for_states(dock: &Dock, wanted: &str) {
    dock.until(wanted, || (states(dock) == wanted).then_some(()));
}

/// All about the newest file of this name.
fn story(dock: &Dock, name: &str) -> Value {
    let files = dock.json(&["files", "list", "--name", name, "--json"]);
    let id = files[0]["id"].to_string();
    dock.json(&["files", "show", &id, "--json"]).remove(0)
}

/// Mails to the operators: how many of them are about this.
fn alerts(log: &str, subject: &str) -> usize {
    log.lines().filter(|line| line.contains(subject)).count()
}

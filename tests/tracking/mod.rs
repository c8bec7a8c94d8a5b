//! What is told of orders after they were sent: whose history it joins, who hears of it, who may see.

use serde_json::{Value, json};

use crate::support::dock::{Dock, move_file};

mod files;
mod forward;
mod page;

/// What signs links and callbacks in these tests.
const SECRET: &str = "a secret of more than twenty-four letters";

/// A small order with this number, and what else it says.
fn order(reference: &str, more: &Value) -> Value {
    let mut order = json!({
        "reference": reference,
        "lines": [{ "number": "1", "item_id": "SKU-1", "quantity": "1" }],
    });
    if let (Some(order), Some(more)) = (order.as_object_mut(), more.as_object()) {
        order.extend(more.clone());
    }
    order
}

/// A file of canonical orders.
fn orders(list: &[Value]) -> String {
    Value::from(list.to_vec()).to_string()
}

/// A file of status updates in our own words.
fn statuses(list: &[Value]) -> String {
    json!({ "status_updates": list }).to_string()
}

/// One such update.
fn status(order: &str, text: &str) -> Value {
    json!({ "order": order, "at": "2026-11-22T10:15", "text": text, "place": "Rotterdam" })
}

/// All about the newest order with this number.
fn show(dock: &Dock, reference: &str) -> Value {
    let list = ["orders", "list", "--reference", reference, "--json"];
    let rows = dock.json(&list);
    let id = rows
        .first()
        .unwrap_or_else(|| panic!("no order {reference}\n{}", dock.log()))["id"]
        .to_string();
    dock.json(&["orders", "show", &id, "--json"]).remove(0)
}

/// The texts of its history.
fn history(dock: &Dock, reference: &str) -> Vec<String> {
    let story = show(dock, reference);
    let events = story["events"].as_array().unwrap();
    events
        .iter()
        .map(|event| event["text"].as_str().unwrap().to_owned())
        .collect()
}

/// Waits until the history of an order is this.
fn wait_for_history(dock: &Dock, reference: &str, texts: &[&str]) {
    dock.until(&format!("the history of {reference} is {texts:?}"), || {
        (history(dock, reference) == texts).then_some(())
    });
}

/// Drops a whole status file for the folder of another source.
fn drop_in(dock: &Dock, folder: &str, list: &[Value]) {
    let part = dock.path(folder).join(".status.json.part");
    std::fs::write(&part, statuses(list)).unwrap();
    move_file(&part, &dock.path(folder).join("status.json"));
}

/// Lays the secret where the configuration names it.
fn keep_secret(dock: &Dock) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::write(dock.path("secret"), SECRET).unwrap();
    let mode = std::fs::Permissions::from_mode(0o600);
    std::fs::set_permissions(dock.path("secret"), mode).unwrap();
}

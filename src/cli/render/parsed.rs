//! What `orderdock parse` made of a file, for people.

use std::fmt::Write;

use serde_json::Value;

use super::super::table::{Cell, Column, Look, Table, Tone, some};
use super::{findings, heading};
use crate::problem::{Problem, excerpt};

/// One file's object of `parse --json` as text.
#[must_use]
pub fn parsed(value: &Value, look: &Look) -> String {
    let text_of = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
    let orders = value["orders"].as_array().map_or(&[][..], Vec::as_slice);
    let problems: Vec<Problem> =
        serde_json::from_value(value["problems"].clone()).unwrap_or_default();
    let outcome = text_of("outcome");
    let tone = if outcome == "accepted" {
        Tone::Good
    } else {
        Tone::Bad
    };
    let mut text = format!(
        "{}: {}",
        excerpt(&text_of("file")),
        look.paint(tone, &outcome)
    );
    match orders.len() {
        0 => {}
        1 => text += ", 1 order",
        count => write!(text, ", {count} orders").unwrap_or_default(),
    }
    for (key, words) in [("format", "read as"), ("profile", "by profile")] {
        if let Some(word) = value[key].as_str() {
            write!(text, ", {words} {word}").unwrap_or_default();
        }
    }
    text.push('\n');
    if !orders.is_empty() {
        text += &heading("Orders", look);
        text += &orders_table(orders).without_empty().render(look);
    }
    let left_out = value["problems_left_out"].as_u64().unwrap_or(0);
    text += &findings(&problems, left_out, look);
    text.push('\n');
    text
}

fn orders_table(orders: &[Value]) -> Table {
    let mut table = Table::new(&[
        ("REFERENCE", Column::Left),
        ("KIND", Column::Left),
        ("ACTION", Column::Left),
        ("BUYER", Column::Flex),
        ("TO", Column::Flex),
        ("LINES", Column::Right),
        ("GOODS", Column::Right),
        ("ROWS", Column::Left),
    ]);
    let text = |value: &Value| Cell::from(value.as_str().unwrap_or_default());
    let count = |value: &Value| {
        let count = value.as_array().map_or(0, Vec::len);
        some(count as u64, Tone::Plain)
    };
    for order in orders {
        let delivery = &order["shipments"][0]["delivery"]["party"]["name"];
        let to = if delivery.is_null() {
            &order["parties"]["consignee"]["name"]
        } else {
            delivery
        };
        let origin = &order["origin"];
        let place = if origin["rows"].is_null() {
            &origin["path"]
        } else {
            &origin["rows"]
        };
        table.row(vec![
            text(&order["reference"]),
            text(&order["kind"]),
            Cell::from(order["action"].as_str().unwrap_or("create")),
            text(&order["parties"]["buyer"]["name"]),
            text(to),
            count(&order["lines"]),
            count(&order["shipments"][0]["goods"]),
            text(place),
        ]);
    }
    table
}

//! A receipt for partners without a format of their own for this: csv or JSON.

use serde_json::{Map, Value, json};

use super::Fate;
use crate::failure::Failure;
use crate::writers::table::quoted;

const TITLES: [&str; 10] = [
    "file", "sha256", "order", "result", "told", "code", "message", "place", "value", "hint",
];

fn result(fate: &Fate) -> &'static str {
    match (fate.clean, fate.nothing) {
        (true, _) => "accepted",
        (false, true) => "rejected",
        (false, false) => "partial",
    }
}

/// A row for the file, one for each order, one for each finding.
pub(super) fn csv(fate: &Fate) -> Vec<u8> {
    let mut rows = vec![TITLES.map(str::to_owned)];
    let row = |order: &str, result: &str, told: &str| {
        let mut row: [String; 10] = Default::default();
        row[0].clone_from(&fate.file);
        row[1].clone_from(&fate.sha256);
        order.clone_into(&mut row[2]);
        result.clone_into(&mut row[3]);
        told.clone_into(&mut row[4]);
        row
    };
    rows.push(row("", result(fate), ""));
    for order in &fate.orders {
        let told: Vec<String> = order
            .told
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let word = if order.accepted {
            "accepted"
        } else {
            "rejected"
        };
        let mut one = row(&order.reference, word, &told.join("; "));
        one[6] = order.words.join("; ");
        rows.push(one);
    }
    for problem in &fate.problems {
        let word = if problem.is_error() {
            "error"
        } else {
            "warning"
        };
        let mut one = row("", word, "");
        one[5] = problem.code.to_string();
        one[6] = problem.message.to_string();
        one[7] = problem.place.to_string();
        one[8] = problem.value.clone().unwrap_or_default();
        one[9] = problem.hint.clone().unwrap_or_default().into_owned();
        rows.push(one);
    }
    let line = |row: &[String; 10]| {
        row.iter()
            .map(|cell| quoted(cell))
            .collect::<Vec<_>>()
            .join(",")
    };
    let lines: Vec<String> = rows.iter().map(line).collect();
    format!("{}\r\n", lines.join("\r\n")).into_bytes()
}

pub(super) fn json(fate: &Fate) -> Result<Vec<u8>, Failure> {
    let orders = fate.orders.iter().map(|order| {
        let told: Map<String, Value> = order
            .told
            .iter()
            .map(|(name, value)| (name.clone(), value.clone().into()))
            .collect();
        json!({
            "reference": order.reference,
            "accepted": order.accepted,
            "words": order.words,
            "told": told,
        })
    });
    let whole = json!({
        "file": fate.file,
        "sha256": fate.sha256,
        "came": fate.came.timestamp().to_string(),
        "result": result(fate),
        "orders": orders.collect::<Vec<_>>(),
        "problems": fate.problems,
    });
    let bytes = serde_json::to_vec_pretty(&whole);
    bytes.map_err(|error| Failure::ours("writing a receipt", error))
}

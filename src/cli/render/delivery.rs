//! Deliveries for people.

use super::super::table::{Cell, Column, Look, Table, Tone, number, pairs, span};
use super::{heading, nothing, state, when};
use crate::ledger::{AttemptRow, DeliveryRow};

/// A list of deliveries.
#[must_use]
pub fn deliveries_table(rows: &[DeliveryRow], look: &Look) -> String {
    if rows.is_empty() {
        return nothing("deliveries");
    }
    let mut table = Table::new(&[
        ("ID", Column::Right),
        ("REFERENCE", Column::Flex),
        ("SENDER", Column::Left),
        ("DESTINATION", Column::Left),
        ("ACTION", Column::Left),
        ("STATE", Column::Left),
        ("TRIES", Column::Right),
        ("DUE", Column::Left),
        ("MADE", Column::Left),
        ("LAST ANSWER", Column::Flex),
    ]);
    for row in rows {
        table.row(vec![
            Cell::from(row.id),
            Cell::from(&row.reference),
            Cell::from(&row.sender),
            Cell::from(&row.destination),
            Cell::from(&row.action),
            state(row.state),
            number(u64::from(row.attempts), Tone::Plain),
            Cell::from(row.due.map(|at| look.age(at)).unwrap_or_default()),
            Cell::toned(&look.age(row.created), Tone::Faint),
            Cell::from(row.detail.as_deref().unwrap_or_default()),
        ]);
    }
    table.without_empty().render(look)
}

/// One delivery with its attempts.
#[must_use]
pub fn delivery(row: &DeliveryRow, tries: &[AttemptRow], look: &Look) -> String {
    let mut text = pairs(
        &[
            ("delivery", row.id.to_string()),
            ("order", format!("{} {}", row.order, row.reference)),
            ("sender", row.sender.clone()),
            ("to", row.destination.clone()),
        ],
        look,
    );
    text += &head(row, look);
    if !tries.is_empty() {
        text += &heading("Attempts", look);
    }
    text + &attempts(tries, look)
}

/// What is known of a delivery itself.
pub(super) fn head(row: &DeliveryRow, look: &Look) -> String {
    let mut lines = vec![
        ("state", row.state.as_str().to_owned()),
        ("action", row.action.clone()),
        ("key", row.key.clone()),
        ("made", when(row.created, look)),
    ];
    let mut optional = |key, value: Option<String>| lines.extend(value.map(|value| (key, value)));
    optional("due", row.due.map(|at| when(at, look)));
    optional("ended", row.ended.map(|at| when(at, look)));
    optional("their id", row.remote_id.clone());
    optional("last answer", row.detail.clone());
    let told: Vec<_> = row
        .facts
        .iter()
        .map(|(name, value)| (name.replace('_', " "), value))
        .collect();
    lines.extend(
        told.iter()
            .map(|(name, value)| (name.as_str(), (*value).clone())),
    );
    pairs(&lines, look)
}

/// The attempts of one delivery.
pub(super) fn attempts(rows: &[AttemptRow], look: &Look) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let mut table = Table::new(&[
        ("TRY", Column::Right),
        ("LEFT", Column::Left),
        ("TOOK", Column::Right),
        ("RESULT", Column::Left),
        ("ANSWER", Column::Flex),
    ]);
    for row in rows {
        let took = row.ended.map(|ended| {
            let took = row.started.until(ended);
            match took.as_millis() {
                millis @ 0..2000 => format!("{millis} ms"),
                _ => span(took),
            }
        });
        let result = row.result.as_deref().unwrap_or("no answer yet");
        let tone = match result {
            "delivered" => Tone::Good,
            "refused" | "parked" => Tone::Bad,
            _ => Tone::Open,
        };
        table.row(vec![
            Cell::from(row.number),
            Cell::from(when(row.started, look)),
            Cell::from(took.unwrap_or_default()),
            Cell::toned(result, tone),
            Cell::from(&row.detail),
        ]);
    }
    table.render(look)
}

//! Orders for people.

use super::super::table::{Cell, Column, Look, Table, Tone, pairs};
use super::delivery::attempts;
use super::{heading, nothing, tone, when};
use crate::arrival::DeliveryState;
use crate::clock::Millis;
use crate::ledger::tracking::EventRow;
use crate::ledger::{OrderRow, OrderStory};

/// A list of orders.
#[must_use]
pub fn orders_table(rows: &[OrderRow], look: &Look) -> String {
    if rows.is_empty() {
        return nothing("orders");
    }
    let mut table = Table::new(&[
        ("ID", Column::Right),
        ("REFERENCE", Column::Flex),
        ("SENDER", Column::Left),
        ("KIND", Column::Left),
        ("ACTION", Column::Left),
        ("DELIVERIES", Column::Flex),
        ("FILE", Column::Flex),
        ("STAGED", Column::Left),
    ]);
    for row in rows {
        table.row(vec![
            Cell::from(row.id),
            Cell::from(&row.reference),
            Cell::from(&row.sender),
            Cell::from(&row.kind),
            Cell::from(&row.action),
            Cell::toned(&deliveries(row), worst(row)),
            Cell::from(&row.file_name),
            Cell::toned(&look.age(row.created), Tone::Faint),
        ]);
    }
    table.render(look)
}

fn deliveries(row: &OrderRow) -> String {
    let told: Vec<String> = row
        .deliveries
        .iter()
        .map(|(destination, state)| format!("{destination} {}", state.as_str()))
        .collect();
    told.join(", ")
}

/// The colour of the delivery that most needs a look.
fn worst(row: &OrderRow) -> Tone {
    let has = |wanted: fn(DeliveryState) -> bool| row.deliveries.iter().any(|(_, s)| wanted(*s));
    if has(|state| tone(state) == Tone::Bad) {
        return Tone::Bad;
    }
    if has(|state| !state.is_final()) {
        return Tone::Open;
    }
    row.deliveries
        .first()
        .map_or(Tone::Plain, |(_, state)| tone(*state))
}

/// One order with its deliveries and their attempts.
#[must_use]
pub fn order(story: &OrderStory, look: &Look) -> String {
    let row = &story.order;
    let mut text = pairs(
        &[
            ("order", format!("{} {}", row.id, row.reference)),
            ("sender", row.sender.clone()),
            ("kind", format!("{}, {}", row.kind, row.action)),
            ("file", format!("{} {}", row.file, row.file_name)),
            ("origin", story.origin.to_string()),
            ("staged", when(row.created, look)),
        ],
        look,
    );
    for (delivery, tries) in &story.deliveries {
        let title = format!("Delivery {} to {}", delivery.id, delivery.destination);
        text += &heading(&title, look);
        text += &super::delivery::head(delivery, look);
        text += &attempts(tries, look);
    }
    if !story.events.is_empty() {
        text += &heading("Tracking", look);
        text += &history(&story.events, look);
    }
    if !story.followers.is_empty() || !story.notices.is_empty() {
        text += &heading("Who hears of it", look);
        text += &audience(story, look);
    }
    text += &heading("Content", look);
    match &story.content {
        // JSON escapes what could move the cursor, save for characters that turn text around.
        Some(content) => {
            let pretty = serde_json::to_string_pretty(content).unwrap_or_default();
            for line in pretty.lines() {
                text += &crate::logging::one_line(line);
                text.push('\n');
            }
        }
        None => text += "no longer kept; its keys and states are\n",
    }
    text
}

/// What was told of it, as it happened.
fn history(events: &[EventRow], look: &Look) -> String {
    let mut table = Table::new(&[
        ("WHEN", Column::Left),
        ("CODE", Column::Left),
        ("WHAT", Column::Flex),
        ("WHERE", Column::Flex),
        ("TOLD BY", Column::Left),
    ]);
    for event in events {
        let tone = match (event.corrected, event.last) {
            (true, _) => Tone::Faint,
            (false, true) => Tone::Good,
            (false, false) => Tone::Plain,
        };
        let what = if event.corrected {
            format!("{} (corrected later)", event.text)
        } else {
            event.text.clone()
        };
        table.row(vec![
            Cell::from(happened(event, look)),
            Cell::from(event.code.clone().unwrap_or_default()),
            Cell::toned(&what, tone),
            Cell::from(event.place.clone().unwrap_or_default()),
            Cell::toned(
                &format!("{}, {}", event.by, event.channel.as_str()),
                Tone::Faint,
            ),
        ]);
    }
    table.render(look)
}

/// The time as told, since it may be local to a place that we do not know; else when it came.
fn happened(event: &EventRow, look: &Look) -> String {
    match &event.at {
        Some(at) => at.replacen('T', " ", 1),
        None => when(event.received, look),
    }
}

/// Who follows it, and what was sent to whom beside mails.
fn audience(story: &OrderStory, look: &Look) -> String {
    let mut table = Table::new(&[
        ("TO", Column::Flex),
        ("SINCE", Column::Left),
        ("STATE", Column::Flex),
    ]);
    let mut row = |to: &str, since: Millis, state: String| {
        table.row(vec![
            Cell::from(to.to_owned()),
            Cell::from(when(since, look)),
            Cell::from(state),
        ]);
    };
    for follower in &story.followers {
        let state = match (&follower.ended, &follower.why) {
            (None, _) => format!("follows until {}", when(follower.until, look)),
            (Some(_), why) => format!("ended: {}", why.as_deref().unwrap_or("its time was over")),
        };
        row(&follower.target, follower.since, state);
    }
    for notice in &story.notices {
        let why = notice.detail.as_ref().map(|why| format!(": {why}"));
        let state = format!(
            "{}{}",
            notice.state.replace('_', " "),
            why.unwrap_or_default()
        );
        row(&notice.to, notice.created, state);
    }
    table.render(look)
}

//! Rows of the ledger as JSON with stable keys, one object a line. Pure.
//!
//! Instants are RFC 3339 and pairs are objects; everything else is as the ledger's rows have it.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::clock::Millis;
use crate::control::Screen;
use crate::ledger::{AttemptRow, Changed, DeliveryRow, FileRow, FileStory, OrderRow, OrderStory};

/// Keys of rows that hold an instant.
const INSTANTS: [&str; 17] = [
    "claimed", "settled", "created", "ended", "due", "started", "sent", "oldest", "next", "since",
    "looked", "at", "when", "seen", "happened", "received", "until",
];

/// A row as an object, its instants in RFC 3339. Counts under one of those keys (`due` of a
/// destination) are left alone: see [`screen`].
fn row(row: &impl Serialize) -> Map<String, Value> {
    let Ok(Value::Object(mut object)) = serde_json::to_value(row) else {
        return Map::new();
    };
    for key in INSTANTS {
        if let Some(value) = object.get_mut(key)
            && let Some(millis) = value.as_i64()
        {
            *value = instant(Millis(millis));
        }
    }
    object
}

fn instant(at: Millis) -> Value {
    Value::String(at.to_string())
}

fn line(object: Map<String, Value>) -> String {
    format!("{}\n", Value::Object(object))
}

/// Rows that need no other form than their own, one a line.
pub(super) fn plain<T: Serialize>(list: &[T]) -> String {
    list.iter().map(|item| line(row(item))).collect()
}

fn rows<T: Serialize>(list: &[T]) -> Vec<Value> {
    list.iter().map(|item| Value::Object(row(item))).collect()
}

pub(super) fn files(list: &[FileRow]) -> String {
    list.iter().map(|file| line(row(file))).collect()
}

pub(super) fn deliveries(list: &[DeliveryRow]) -> String {
    list.iter().map(|delivery| line(row(delivery))).collect()
}

pub(super) fn orders(list: &[OrderRow]) -> String {
    list.iter().map(|order| line(order_row(order))).collect()
}

fn order_row(order: &OrderRow) -> Map<String, Value> {
    let mut object = row(order);
    let deliveries: Map<String, Value> = order
        .deliveries
        .iter()
        .map(|(destination, state)| (destination.clone(), state.as_str().into()))
        .collect();
    object.insert("deliveries".to_owned(), deliveries.into());
    object
}

pub(super) fn file(story: &FileStory) -> String {
    let mut object = row(&story.file);
    let mut put = |key: &str, value: Value| object.insert(key.to_owned(), value);
    put("problems", json!(story.problems));
    put("summary", json!(story.summary));
    put("reports", rows(&story.reports).into());
    if !story.answers.is_empty() {
        put("answers", json!(story.answers));
    }
    let refusals = story.refusals.iter().map(|(reference, destination, words)| {
        json!({ "reference": reference, "destination": destination, "words": words })
    });
    put("refusals", refusals.collect());
    let actions = story
        .actions
        .iter()
        .map(|(at, who, what)| json!({ "at": instant(*at), "who": who, "what": what }));
    put("actions", actions.collect());
    if !story.members.is_empty() {
        put("members", rows(&story.members).into());
    }
    if let Some(letter) = &story.letter {
        put("letter", json!(letter));
    }
    line(object)
}

pub(super) fn order(story: &OrderStory) -> String {
    let mut object = order_row(&story.order);
    let mut put = |key: &str, value: Value| object.insert(key.to_owned(), value);
    put("content", json!(story.content));
    put("origin", story.origin.clone());
    let deliveries = story.deliveries.iter();
    let deliveries = deliveries.map(|(row, tries)| Value::Object(with_attempts(row, tries)));
    put("deliveries", deliveries.collect());
    put("events", rows(&story.events).into());
    put("followers", rows(&story.followers).into());
    put("notices", rows(&story.notices).into());
    line(object)
}

pub(super) fn delivery(row: &DeliveryRow, attempts: &[AttemptRow]) -> String {
    line(with_attempts(row, attempts))
}

/// A delivery where its attempts are told one by one instead of counted.
fn with_attempts(delivery: &DeliveryRow, attempts: &[AttemptRow]) -> Map<String, Value> {
    let mut object = row(delivery);
    object.insert("attempts".to_owned(), rows(attempts).into());
    object
}

pub(super) fn changes(list: &[Changed], dry_run: bool) -> String {
    let told = list.iter().map(|changed| {
        let mut object = row(changed);
        object.insert("dry_run".to_owned(), dry_run.into());
        line(object)
    });
    told.collect()
}

pub(super) fn screen(screen: &Screen) -> String {
    let status = &screen.ledger;
    let destinations = status.destinations.iter().map(|destination| {
        let mut object = row(destination);
        // A count here, an instant elsewhere.
        object.insert("due".to_owned(), destination.due.into());
        Value::Object(object)
    });
    let paused = status.paused.iter();
    let paused = paused
        .map(|(name, since, who)| json!({ "name": name, "since": instant(*since), "who": who }));
    let daemon = screen.daemon.as_ref().map(|daemon| {
        let mut object = row(daemon);
        object.insert("sources".to_owned(), rows(&daemon.sources).into());
        object.insert("lanes".to_owned(), rows(&daemon.lanes).into());
        object
    });
    let attention: Vec<String> = status.attention.iter().map(ToString::to_string).collect();
    let object = json!({
        "daemon": daemon,
        "sources": rows(&status.sources),
        "destinations": destinations.collect::<Vec<_>>(),
        "paused": paused.collect::<Vec<_>>(),
        "mails": status.mails,
        "attention": attention,
    });
    format!("{object}\n")
}

//! News as each way carries it: a mail, a call, a file. Pure but for our own address.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::super::Shared;
use super::TrackingRules;
use crate::clock::Millis;
use crate::failure::Failure;
use crate::ledger::tracking::{EventRow, News, Unforwarded};
use crate::mail::report::{Head, News as Written, compose_news};
use crate::partners::tracker::Sighting;
use crate::tracking::By;

/// A mail about some events of one order.
pub(super) fn mail(
    shared: &Shared,
    group: &[Unforwarded],
    target: &str,
    token: Option<&str>,
) -> Result<News, Failure> {
    let rules = &shared.ports.tracking;
    let (reference, first, order) = group.first().map_or(("", 0, None), |one| {
        (one.reference.as_str(), one.id, Some(one.order))
    });
    let message_id = format!(
        "<news-{first}-{}@{}>",
        short(target),
        shared.ports.desk.host()
    );
    let mut events: Vec<&EventRow> = group.iter().map(|one| &one.event).collect();
    events.sort_by_key(|event| event.happened);
    let events: Vec<_> = events
        .into_iter()
        .map(|event| {
            (
                when(event),
                what(event),
                event.place.clone().unwrap_or_default(),
            )
        })
        .collect();
    let links = rules.links.as_ref();
    let head = Head {
        from: &shared.ports.desk.from,
        to: target,
        message_id: &message_id,
        date: group.last().map_or(Millis(0), |one| one.event.received),
        in_reply_to: None,
        references: &[],
        answered_subject: None,
    };
    let message = compose_news(
        &head,
        &Written {
            reference,
            events: &events,
            link: links
                .zip(order)
                .and_then(|(links, order)| links.order(order))
                .as_deref(),
            leave: links
                .zip(token)
                .and_then(|(links, token)| links.leave(token))
                .as_deref(),
        },
    )?;
    Ok(News::Mail {
        recipient: target.to_owned(),
        message: message.into(),
        message_id,
    })
}

/// As people read it: the time as told, since it may be local to a place that we do not know.
fn when(event: &EventRow) -> String {
    match &event.at {
        Some(at) => at.replacen('T', " ", 1),
        None => event
            .received
            .timestamp()
            .strftime("%Y-%m-%d %H:%M UTC")
            .to_string(),
    }
}

fn what(event: &EventRow) -> String {
    if event.text.is_empty() {
        event.code.clone().unwrap_or_default()
    } else {
        event.text.clone()
    }
}

/// Enough of a hash to tell targets apart.
fn short(target: &str) -> String {
    hex::encode(Sha256::digest(target).get(..6).unwrap_or_default())
}

/// An event as programs read it; the keys are part of the outward contract.
#[derive(Serialize)]
struct Told<'a> {
    reference: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    shipment: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tracking: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<&'a str>,
    received: String,
    by: &'a str,
    last: bool,
}

fn told(one: &Unforwarded) -> Told<'_> {
    let event = &one.event;
    Told {
        reference: &one.reference,
        shipment: event.shipment.as_deref(),
        tracking: event.tracking.as_deref(),
        code: event.code.as_deref(),
        text: &event.text,
        place: event.place.as_deref(),
        at: event.at.as_deref(),
        received: event.received.to_string(),
        by: &event.by,
        last: event.last,
    }
}

/// A call about one event. `None` cannot happen: all of it is text.
pub(super) fn call(rules: &TrackingRules, one: &Unforwarded, url: &str) -> Option<News> {
    let link = rules
        .links
        .as_ref()
        .and_then(|links| links.order(one.order));
    let body = serde_json::json!({
        "type": "order.event",
        "id": format!("event-{}", one.id),
        "event": told(one),
        "track": link,
    });
    Some(News::Url {
        once: format!("event-{}-{}", one.id, short(url)),
        order: one.order,
        url: url.to_owned(),
        body: serde_json::to_vec(&body).ok()?.into(),
    })
}

/// A file for the folder of the order's source, with what others told: the sender need not be told
/// what they said themselves.
pub(super) fn file(rules: &TrackingRules, group: &[Unforwarded]) -> Option<News> {
    let others: Vec<&Unforwarded> = group.iter().filter(|one| is_news(one)).collect();
    let (first, last) = (others.first()?, others.last()?);
    let events: Vec<Told<'_>> = others.iter().map(|one| told(one)).collect();
    let is_csv = rules.folders.get(&first.source)?.csv;
    let body = if is_csv {
        csv(&events)
    } else {
        serde_json::to_string_pretty(&serde_json::json!({ "events": events })).ok()?
    };
    Some(News::File {
        once: format!("status-{}-{}-{}", first.source, first.id, last.id),
        order: first.order,
        source: first.source.clone(),
        name: format!("status-{}", first.reference),
        body: body.into_bytes().into(),
    })
}

/// What a partner is told of an order, frozen.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Reported {
    pub(super) reference: String,
    pub(super) remote_id: String,
    pub(super) code: String,
    pub(super) text: String,
    pub(super) place: Option<String>,
    /// An instant.
    pub(super) at: String,
}

/// An event for a destination that wants to hear what others tell; its own it knows.
pub(super) fn report(shared: &Shared, one: &Unforwarded, destination: &str) -> Option<News> {
    let lane = shared.ports.lanes.get(destination)?;
    let tracker = &lane.hearing.as_ref()?.tracker;
    let remote_id = one.known_as.get(destination)?;
    let event = &one.event;
    let sighting = Sighting {
        code: event.code.clone().unwrap_or_default(),
        text: event.text.clone(),
        ..Sighting::default()
    };
    if event.by == destination || event.at.is_none() || !tracker.wants(&sighting) {
        return None;
    }
    let body = Reported {
        reference: one.reference.clone(),
        remote_id: remote_id.clone(),
        code: sighting.code,
        text: sighting.text,
        place: event.place.clone(),
        at: event.happened.to_string(),
    };
    Some(News::Partner {
        once: format!("event-{}-{}", one.id, short(destination)),
        order: one.order,
        destination: destination.to_owned(),
        body: serde_json::to_vec(&body).ok()?.into(),
    })
}

/// Whether somebody else than the order's own sender told it.
fn is_news(one: &Unforwarded) -> bool {
    let own = By::Sender {
        name: one.sender.clone(),
        carries: Vec::new(),
    };
    one.event.file.is_none() || one.event.by != own.name()
}

/// A table (RFC 4180) with cells that no spreadsheet runs.
fn csv(events: &[Told<'_>]) -> String {
    let mut text = String::from("order,shipment,tracking,code,text,place,at,received,by\r\n");
    for event in events {
        let cells = [
            event.reference,
            event.shipment.unwrap_or_default(),
            event.tracking.unwrap_or_default(),
            event.code.unwrap_or_default(),
            event.text,
            event.place.unwrap_or_default(),
            event.at.unwrap_or_default(),
            &event.received,
            event.by,
        ]
        .map(cell);
        text.push_str(&cells.join(","));
        text.push_str("\r\n");
    }
    text
}

fn cell(text: &str) -> String {
    let formula = text.starts_with(['=', '@', '+', '-', '\t', '\r']);
    let number = text.parse::<rust_decimal::Decimal>().is_ok();
    let guard = if formula && !number { "'" } else { "" };
    if text.contains([',', '"', '\r', '\n']) || text.starts_with(' ') {
        return format!("\"{guard}{}\"", text.replace('"', "\"\""));
    }
    format!("{guard}{text}")
}

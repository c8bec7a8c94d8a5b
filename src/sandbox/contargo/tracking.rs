//! Tracking: the history of an order's position, reports of others, and the stream of events.
//!
//! Whoever creates a STAR order can follow it: its id is the tracking order, its position is "1",
//! its reference the client's. Further ones are made by the action `event`.

use std::collections::VecDeque;

use serde_json::{Value, json};
use tokio::sync::broadcast;

use super::{missing, refuse};
use crate::limits;
use crate::sandbox::call::{Call, Frame, Live, Reply, Stream};
use crate::sandbox::stand::{Acted, House, wanted};
use crate::sandbox::time;

/// Events in one answer at most.
const MOST: usize = 100;

#[derive(Debug)]
struct Position {
    order: String,
    number: String,
    client_order: String,
    client_number: String,
    unit: Value,
    events: Vec<Value>,
}

/// All positions, and all events in the order in which they became known.
#[derive(Debug)]
pub(super) struct Tracking {
    positions: VecDeque<Position>,
    frames: VecDeque<Frame>,
    made: u64,
    live: broadcast::Sender<Live>,
}

impl Tracking {
    pub(super) fn new() -> Self {
        Self {
            positions: VecDeque::new(),
            frames: VecDeque::new(),
            made: 0,
            live: broadcast::Sender::new(limits::SANDBOX_STREAM),
        }
    }

    /// A STAR order that was created can be tracked from now on.
    pub(super) fn follow(&mut self, order: &Value) {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let unit = json!({
            "containerClass": "CONTAINER",
            "identification": "BIC",
            "number": order["unit"]["number"],
            "sizeType": order["unit"]["isoCode"],
        });
        if self.positions.len() >= limits::SANDBOX_THINGS {
            self.positions.pop_front();
        }
        self.positions.push_back(Position {
            order: text(&order["id"]),
            number: "1".to_owned(),
            client_order: text(&order["reference"]),
            client_number: "1".to_owned(),
            unit,
            events: Vec::new(),
        });
    }

    /// `GET /tracking`.
    pub(super) fn read(&self, call: &Call, house: &House) -> Reply {
        let [order, position, client_order, client_position] = [
            "orderId",
            "positionId",
            "clientOrderReference",
            "clientPositionReference",
        ]
        .map(|name| call.param(name));
        let found =
            match (order, position, client_order, client_position) {
                (Some(order), Some(position), None, None) => self
                    .positions
                    .iter()
                    .find(|known| known.order == order && known.number == position),
                (None, None, Some(order), Some(position)) => self
                    .positions
                    .iter()
                    .find(|known| known.client_order == order && known.client_number == position),
                _ => {
                    return refuse(400, &[
                        "Either \"orderId\" and \"positionId\" or \"clientOrderReference\" and \
                     \"clientPositionReference\" must be given!"
                            .to_owned(),
                    ],
                );
                }
            };
        match found {
            Some(position) => Reply::json(200, position.shown(house)),
            None => refuse(404, &["There is no such order position!".to_owned()]),
        }
    }

    /// `POST /tracking/events`.
    pub(super) fn report(&mut self, call: &Call, house: &House) -> Reply {
        let body = match call.object() {
            Ok(body) => Value::Object(body),
            Err(why) => return refuse(400, &[why]),
        };
        let mut messages = Vec::new();
        for (part, key) in [("order", "orderId"), ("order", "positionId")] {
            if body[part][key].as_str().is_none_or(str::is_empty) {
                messages.push(missing(&format!("{part}.{key}")));
            }
        }
        if body["event"].is_object() {
            messages.extend(event_faults(&body["event"]));
        } else {
            messages.push(missing("event"));
        }
        if !messages.is_empty() {
            return refuse(400, &messages);
        }
        let order = &body["order"];
        let known = self.positions.iter().position(|position| {
            order["orderId"] == *position.order && order["positionId"] == *position.number
        });
        let Some(index) = known else {
            return refuse(404, &["There is no such order position!".to_owned()]);
        };
        self.add(index, body["event"].clone(), house);
        Reply::empty(202)
    }

    /// `GET /tracking/events`.
    pub(super) fn stream(&self, call: &Call, house: &House) -> Reply {
        let accepts = call.header("accept").unwrap_or_default();
        if !accepts.contains("text/event-stream") {
            let words = "Events come as text/event-stream only!";
            return refuse(406, &[words.to_owned()]);
        }
        let settings = &house.settings.contargo;
        let seen = call.header("last-event-id").filter(|_| settings.replay);
        let at = seen.and_then(|id| self.frames.iter().rposition(|frame| frame.id == id));
        let missed = at.map(|at| self.frames.range(at + 1..).cloned().collect());
        Reply::events(Stream {
            missed: missed.unwrap_or_default(),
            live: self.live.subscribe(),
            close_after: settings.close_stream_after,
            retry: settings.retry_ms,
        })
        .with("cache-control", "no-store")
    }

    /// Something happens to a position; one that is not known yet begins to be tracked.
    pub(super) fn happen(&mut self, input: &Value, house: &House) -> Result<Acted, String> {
        let order = wanted(input, "orderId")?;
        let text = |key: &str, default: &str| {
            let given = input.get(key).and_then(Value::as_str);
            given.unwrap_or(default).to_owned()
        };
        let position = text("positionId", "1");
        let mut event = input.get("event").cloned().unwrap_or_else(|| json!({}));
        if !event.is_object() {
            return Err("the event must be an object".to_owned());
        }
        if self.positions.len() >= limits::SANDBOX_THINGS {
            return Err("the sandbox is full".to_owned());
        }
        if event["timestamp"].is_null() {
            event["timestamp"] = json!(time::utc(house.now));
        }
        let faults = event_faults(&event);
        if !faults.is_empty() {
            return Err(faults.join(" "));
        }
        let known = self
            .positions
            .iter()
            .position(|known| known.order == order && known.number == position);
        let index = known.unwrap_or_else(|| {
            self.positions.push_back(Position {
                order: order.to_owned(),
                number: position,
                client_order: text("clientOrderReference", order),
                client_number: text("clientPositionReference", "1"),
                unit: json!({ "containerClass": "CONTAINER", "identification": null, "number": null, "sizeType": null }),
                events: Vec::new(),
            });
            self.positions.len() - 1
        });
        Ok(self.add(index, event, house).into())
    }

    fn add(&mut self, index: usize, mut event: Value, house: &House) -> Value {
        self.made += 1;
        let id = house.uuid("tracking event", self.made);
        event["id"] = json!(id);
        if event["type"].is_null() {
            event["type"] = json!("UNKNOWN");
        }
        if event["observation"].is_null() {
            event["observation"] = json!({});
        }
        let kind = event["type"].as_str().unwrap_or_default();
        let name = if house.settings.contargo.misleading_names {
            "gate-out".to_owned()
        } else {
            kind.to_lowercase().replace('_', "-")
        };
        let frame = Frame {
            id,
            name,
            data: event.clone(),
        };
        if self.frames.len() >= limits::SANDBOX_THINGS {
            self.frames.pop_front();
        }
        self.frames.push_back(frame.clone());
        // Nobody listening is no failure.
        self.live.send(Live::Event(frame)).unwrap_or_default();
        if let Some(position) = self.positions.get_mut(index) {
            if position.events.len() >= limits::SANDBOX_LOG {
                position.events.remove(0);
            }
            position.events.push(event.clone());
        }
        event
    }

    /// Closes every open stream.
    pub(super) fn hang_up(&self) -> Acted {
        let streams = self.live.send(Live::HangUp).unwrap_or_default();
        json!({ "streams": streams }).into()
    }

    pub(super) fn state(&self) -> Value {
        let positions = self.positions.iter().map(|position| {
            json!({
                "orderId": position.order,
                "positionId": position.number,
                "events": position.events,
            })
        });
        json!({
            "positions": positions.collect::<Vec<_>>(),
            "streams": self.live.receiver_count(),
        })
    }
}

impl Position {
    fn shown(&self, house: &House) -> Value {
        let from = self.events.len().saturating_sub(MOST);
        json!({
            "observedUntil": time::utc(house.now),
            "order": {
                "orderId": self.order,
                "positionId": self.number,
                "clientOrderReference": self.client_order,
                "clientPositionReference": self.client_number,
                "additionalClientOrderReferences": [],
                "additionalClientPositionReferences": [],
                "client": { "id": format!("pa_{}", crate::sandbox::ids::long(&house.settings.seed, "operator", 1)), "name": "Sandbox Logistics GmbH", "address": null },
            },
            "loadingUnit": self.unit,
            "events": self.events.get(from..).unwrap_or_default(),
        })
    }
}

/// What is wrong with an event. Its type is an open list: new ones are fine.
fn event_faults(event: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    match event["timestamp"].as_str() {
        None => faults.push(missing("event.timestamp")),
        Some(at) if !at.ends_with('Z') || time::instant(at).is_err() => faults.push(format!(
            "The property \"event.timestamp\" has the value \"{at}\" but must be an instant in UTC!"
        )),
        Some(_) => {}
    }
    if !event["type"].is_null() && !event["type"].is_string() {
        faults.push("The property \"event.type\" must be a text!".to_owned());
    }
    faults
}

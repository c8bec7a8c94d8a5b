//! CargoCONNECT: air freight is followed by subscription; updates are pushed.
//!
//! Order of checks: key, body, air waybill, targets, form of the url.

mod events;
mod subscriptions;

use serde_json::{Value, json};

use super::call::{Call, Reply};
use super::stand::{Acted, House, Stand, unknown_action};
use events::Events;
use subscriptions::{Subscriptions, Wish};

/// The partner.
#[derive(Debug, Default)]
pub(super) struct CargoConnect {
    subscriptions: Subscriptions,
    events: Events,
}

fn fine(message: &str) -> Reply {
    Reply::json(200, json!({ "status": 200, "message": message }))
}

fn refuse(status: u16, error: &str) -> Reply {
    Reply::json(status, json!({ "status": status, "error": error })).because(error)
}

impl CargoConnect {
    fn subscribe(&mut self, call: &Call, house: &House) -> Reply {
        let wish = match Wish::of(call, false) {
            Ok(wish) => wish,
            Err(reply) => return reply,
        };
        if !self.subscriptions.add(&wish, house) {
            return refuse(500, "internal server error");
        }
        let prefix = wish.awb.get(..3).unwrap_or_default();
        let limited = &house.settings.cargoconnect.limited_prefixes;
        if limited.iter().any(|other| other == prefix) {
            return fine(
                "successfully subscribed - This airline is not fully supported, so updates may be \
                 limited.",
            );
        }
        fine("successfully subscribed")
    }

    fn unsubscribe(&mut self, call: &Call, house: &House) -> Reply {
        let wish = match Wish::of(call, true) {
            Ok(wish) => wish,
            Err(reply) => return reply,
        };
        if !self.subscriptions.knows(&wish.awb) {
            return refuse(404, "No active subscription found for the given AWB/target");
        }
        if self.subscriptions.remove(&wish, house) {
            fine("successfully unsubscribed")
        } else {
            refuse(400, "not subscribed")
        }
    }
}

impl Stand for CargoConnect {
    fn answer(&mut self, call: &Call, house: &House) -> Reply {
        let key = &house.settings.cargoconnect.api_key;
        if call.header("x-api-key") != Some(key) {
            let body = json!({ "message": "Forbidden" });
            return Reply::json(403, body).because("The x-api-key is missing or wrong.");
        }
        let (method, path) = call.route();
        let path = path.strip_prefix(&["solutions"]).unwrap_or(&path);
        match (method, path) {
            ("POST", ["track", "subscribe"]) => self.subscribe(call, house),
            ("POST", ["track", "unsubscribe"]) => self.unsubscribe(call, house),
            _ => refuse(404, "not found"),
        }
    }

    fn failure(&self, status: u16, _: &House) -> Reply {
        refuse(status, "internal server error")
    }

    fn act(&mut self, action: &str, input: &Value, house: &House) -> Result<Acted, String> {
        let awb = input.get("awb").and_then(Value::as_str).unwrap_or_default();
        if !subscriptions::is_awb(awb) {
            return Err("name the awb, as {\"awb\": \"000-12345675\"}".to_owned());
        }
        let new = match action {
            "script" => {
                let script = input.get("events").and_then(Value::as_array);
                let script = script.ok_or("give the events, as {\"events\": [{…}]}")?;
                self.events.script(awb, script)?;
                return Ok(json!({ "awb": awb, "events": script.len() }).into());
            }
            "next" => {
                let count = input.get("count").and_then(Value::as_u64).unwrap_or(1);
                self.events.next(awb, count, house)?
            }
            "event" => {
                let event = input
                    .get("event")
                    .ok_or("give the event, as {\"event\": {…}}")?;
                self.events.add(awb, event)?
            }
            _ => return Err(unknown_action(action, &["next", "event", "script"])),
        };
        let update = self.events.update(awb, &new);
        let after = self.subscriptions.tell(awb, &update, house);
        Ok(Acted {
            answer: json!({ "awb": awb, "newEvents": new }),
            after,
        })
    }

    fn state(&self) -> Value {
        json!({
            "subscriptions": self.subscriptions.state(),
            "events": self.events.state(),
        })
    }
}

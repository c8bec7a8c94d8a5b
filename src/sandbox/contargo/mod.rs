//! Contargo COLA: tokens, locations, STAR orders (slots at a terminal), tracking of containers.
//!
//! Every check of a request is told at once in `messages`, as the partner does. Order of checks:
//! token, body, existence, state.

mod locations;
mod star;
mod tokens;
mod tracking;

use serde_json::{Value, json};

use super::call::{Call, Reply};
use super::stand::{Acted, House, Stand, unknown_action};
use locations::Locations;
use tokens::Tokens;

/// The path of the token endpoint, below the partner's root.
pub(super) const TOKEN_PATH: &str = "auth/realms/cola/protocol/openid-connect/token";

/// The partner.
#[derive(Debug)]
pub(super) struct Contargo {
    tokens: Tokens,
    locations: Locations,
    orders: star::Orders,
    tracking: tracking::Tracking,
}

impl Contargo {
    pub(super) fn new() -> Self {
        Self {
            tokens: Tokens::default(),
            locations: Locations::default(),
            orders: star::Orders::default(),
            tracking: tracking::Tracking::new(),
        }
    }

    fn served(&mut self, call: &Call, path: &[&str], house: &House) -> Reply {
        let places = self.locations.of(&house.settings.seed);
        match (call.method.as_str(), path) {
            ("GET", ["locations"]) => locations::search(call, places),
            ("POST", ["star", "orders"]) => {
                let reply = self.orders.create(call, house, places);
                if reply.status == 201
                    && let Some(order) = self.orders.latest()
                {
                    self.tracking.follow(order);
                }
                reply
            }
            ("GET", ["star", "orders", id]) => self.orders.read(id),
            ("PUT", ["star", "orders", id]) => self.orders.update(id, call, house, places),
            ("DELETE", ["star", "orders", id]) => self.orders.delete(id),
            ("GET", ["tracking"]) => self.tracking.read(call, house),
            ("POST", ["tracking", "events"]) => self.tracking.report(call, house),
            ("GET", ["tracking", "events"]) => self.tracking.stream(call, house),
            (_, ["locations" | "tracking"] | ["star", "orders", ..] | ["tracking", "events"]) => {
                refuse(
                    405,
                    &[format!("The method {} is not supported here!", call.method)],
                )
            }
            _ => refuse(404, &["There is no such resource!".to_owned()]),
        }
    }
}

/// The partner's form of an error.
fn refuse(status: u16, messages: &[String]) -> Reply {
    let note = messages.join(" ");
    Reply::json(status, json!({ "messages": messages })).because(note)
}

/// The code of a location type or other enum, or a sentence.
fn one_of(name: &str, value: &Value, allowed: &[&str]) -> Result<(), String> {
    match value.as_str() {
        Some(text) if allowed.contains(&text) => Ok(()),
        _ => Err(format!(
            "The property \"{name}\" has the value {value} but must be one of {}!",
            allowed.join(", ")
        )),
    }
}

fn missing(name: &str) -> String {
    format!("The mandatory property \"{name}\" was missing!")
}

impl Stand for Contargo {
    fn answer(&mut self, call: &Call, house: &House) -> Reply {
        let (method, path) = call.route();
        if path.join("/") == TOKEN_PATH {
            return match method {
                "POST" => self.tokens.issue(call, house),
                _ => refuse(405, &["Tokens are asked for by POST!".to_owned()]),
            };
        }
        if let Err(reply) = self.tokens.check(call, house) {
            return reply;
        }
        match path.as_slice() {
            ["cola", "1.0", rest @ ..] | rest => self.served(call, rest, house),
        }
    }

    fn failure(&self, status: u16, _: &House) -> Reply {
        refuse(status, &["An unexpected error occurred!".to_owned()])
    }

    fn act(&mut self, action: &str, input: &Value, house: &House) -> Result<Acted, String> {
        match action {
            "book" => self.orders.book(input),
            "event" => self.tracking.happen(input, house),
            "hang-up" => Ok(self.tracking.hang_up()),
            "revoke" => Ok(self.tokens.revoke()),
            _ => Err(unknown_action(
                action,
                &["book", "event", "hang-up", "revoke"],
            )),
        }
    }

    fn state(&self) -> Value {
        json!({
            "tokens_issued": self.tokens.issued(),
            "orders": self.orders.state(),
            "tracking": self.tracking.state(),
        })
    }
}

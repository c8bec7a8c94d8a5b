//! Cargamos: last-mile deliveries in Mexico, Colombia, the United States and Brazil.
//!
//! Order of checks: token, body, what is missing, what is not valid, duplicate, coverage. The
//! envelope's `status` says the same for a duplicate and for no coverage; only `errors[].code`
//! tells them apart.

mod shipments;
mod webhooks;
mod words;

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::call::{Call, Reply};
use super::stand::{Acted, House, Stand, unknown_action};
use crate::clock::Millis;
use crate::limits;
use words::{Fault, fine};

/// The partner.
#[derive(Debug, Default)]
pub(super) struct Cargamos {
    tokens: BTreeMap<String, Millis>,
    logins: u64,
    shipments: shipments::Shipments,
    webhook: webhooks::Webhook,
    answers: u64,
}

impl Cargamos {
    fn login(&mut self, call: &Call, house: &House) -> Result<Value, Fault> {
        let settings = &house.settings.cargamos;
        key(call, house)?;
        let expected = format!("{}:{}", settings.user, settings.password);
        let given = call.header("authorization").and_then(|value| {
            let (scheme, token) = value.split_once(' ')?;
            let decoded = BASE64_STANDARD.decode(token.trim()).ok()?;
            scheme.eq_ignore_ascii_case("basic").then_some(decoded)
        });
        if given.as_deref() != Some(expected.as_bytes()) {
            return Err(Fault::unauthorized("The user or the password is wrong."));
        }
        self.logins += 1;
        let token = super::ids::long(&house.settings.seed, "cargamos token", self.logins);
        if self.tokens.len() >= limits::SANDBOX_THINGS {
            self.tokens.retain(|_, end| *end > house.now);
        }
        if self.tokens.len() >= limits::SANDBOX_THINGS {
            self.tokens.pop_first();
        }
        let end = house.in_seconds(settings.token_seconds);
        self.tokens.insert(token.clone(), end);
        // A text, although it is a number.
        let seconds = settings.token_seconds.to_string();
        Ok(json!({ "token": token, "expiresIn": seconds }))
    }

    fn check(&self, call: &Call, house: &House) -> Result<(), Fault> {
        let given = call.header("authorization").and_then(|value| {
            let (scheme, token) = value.split_once(' ')?;
            scheme
                .eq_ignore_ascii_case("bearer")
                .then_some(token.trim())
        });
        let end = given.and_then(|token| self.tokens.get(token));
        match (given, end) {
            (None, _) => Err(Fault::unauthorized("There is no bearer token.")),
            (_, None) => Err(Fault::unauthorized("The token is not known.")),
            (_, Some(end)) if *end <= house.now => {
                Err(Fault::unauthorized("The token has expired."))
            }
            _ => Ok(()),
        }
    }

    fn served(
        &mut self,
        call: &Call,
        house: &House,
        after: &mut Vec<Value>,
    ) -> Result<Value, Fault> {
        let (method, path) = call.route();
        match (method, path.as_slice()) {
            ("GET", ["v1", "login"]) => return self.login(call, house),
            ("POST", ["v1", "password", "recovery"]) => {
                key(call, house)?;
                return Ok(json!({}));
            }
            _ => self.check(call, house)?,
        }
        match (method, path.as_slice()) {
            ("POST", ["v1", "shipments"]) => {
                let (data, event) = self.shipments.create(call, house)?;
                after.push(event);
                Ok(data)
            }
            ("GET", ["v1", "shipments", id]) => self.shipments.read(id),
            ("GET", ["v1", "shipment-tracking", id]) => self.shipments.track(id),
            ("POST" | "PUT", ["v1", "webhooks"]) => self.webhook.register(call),
            ("GET", ["v1", "webhooks"]) => Ok(self.webhook.shown()),
            ("DELETE", ["v1", "webhooks"]) => Ok(self.webhook.remove()),
            _ => Err(Fault::not_found("request.url.path", &path.join("/"))),
        }
    }
}

/// The shipper's key in the query.
fn key(call: &Call, house: &House) -> Result<(), Fault> {
    match call.param("key") {
        None => Err(Fault::missing("key").at("request.url.query_params")),
        Some(key) if key != house.settings.cargamos.key => {
            Err(Fault::unauthorized("The key is not known."))
        }
        Some(_) => Ok(()),
    }
}

impl Stand for Cargamos {
    fn answer(&mut self, call: &Call, house: &House) -> Reply {
        self.answers += 1;
        let process = house.uuid("cargamos process", self.answers);
        let mut events = Vec::new();
        let reply = match self.served(call, house, &mut events) {
            Ok(data) => fine(&data, &process, house),
            Err(fault) => {
                let reply = fault.reply(&process, house);
                if house.settings.cargamos.errors_under_200 {
                    Reply {
                        status: 200,
                        ..reply
                    }
                } else {
                    reply
                }
            }
        };
        let after = events.iter().filter_map(|event| self.webhook.notice(event));
        reply.then(after.collect())
    }

    fn failure(&self, status: u16, house: &House) -> Reply {
        let process = house.uuid("cargamos failure", self.answers);
        Fault::unexpected(status).reply(&process, house)
    }

    fn act(&mut self, action: &str, input: &Value, house: &House) -> Result<Acted, String> {
        match action {
            "advance" => {
                let event = self.shipments.advance(input, house)?;
                let after = self.webhook.notice(&event);
                Ok(Acted {
                    answer: event,
                    after: after.into_iter().collect(),
                })
            }
            "webhook" => {
                self.webhook.set(input)?;
                Ok(self.webhook.shown().into())
            }
            _ => Err(unknown_action(action, &["advance", "webhook"])),
        }
    }

    fn state(&self) -> Value {
        json!({
            "logins": self.logins,
            "shipments": self.shipments.state(),
            "webhook": self.webhook.shown(),
        })
    }
}

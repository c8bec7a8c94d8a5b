//! What Cargooffice is asked beside orders: an order as it has it, its status, another line of that,
//! and that a shipment be taken away.

use async_trait::async_trait;
use hyper::Method;
use serde_json::{Map, Value, json};

use super::orders::{self, Frozen};
use super::{Cargooffice, tracking};
use crate::limits;
use crate::order::Action;
use crate::partners::errands::{Argument, Arguments, Errand, Errands, wrong};
use crate::partners::wire::answer::Answer;
use crate::partners::wire::link::{Call, question};
use crate::partners::wire::words;
use crate::partners::{Outcome, Request};

const SHIPMENT: Argument =
    Argument::needed("shipment", "its number; the order's where it has no other");
const POSTCODE: Argument = Argument::needed("postcode", "that of its delivery");

const ERRANDS: &[Errand] = &[
    Errand {
        name: "order.read",
        about: "A shipment with its order, as the carrier has it.",
        takes: &[SHIPMENT, POSTCODE],
        changes: false,
    },
    Errand {
        name: "status.read",
        about: "What has happened to a shipment.",
        takes: &[SHIPMENT, POSTCODE],
        changes: false,
    },
    Errand {
        name: "status.report",
        about: "Adds a line to the status of a shipment.",
        takes: &[
            SHIPMENT,
            Argument::needed(
                "at",
                "when, at the carrier's local time, such as 2026-03-02T14:20",
            ),
            Argument::needed("text", "what has happened, in words"),
        ],
        changes: true,
    },
    Errand {
        name: "order.delete",
        about: "Deletes a shipment.",
        takes: &[SHIPMENT, POSTCODE],
        changes: true,
    },
];

#[async_trait]
impl Errands for Cargooffice {
    fn errands(&self) -> &'static [Errand] {
        ERRANDS
    }

    async fn run(&self, errand: &str, told: &Arguments) -> Result<Value, Outcome> {
        let about = Frozen::about(told.text("shipment"), told.text("postcode"));
        match errand {
            "order.read" => {
                let answer = self.ask(&about).await?;
                let text = self.given(&answer, Action::Update)?;
                Ok(Value::Object(fields(&text)))
            }
            "status.read" => {
                let answer = self.ask(&about).await?;
                let events = tracking::told(&self.given(&answer, Action::Update)?).into_iter();
                let events = events.map(|one| json!({ "at": one.at, "text": one.text }));
                Ok(json!({ "shipment": about.shipment, "events": events.collect::<Vec<_>>() }))
            }
            "status.report" => {
                let line = line(told).map_err(wrong)?;
                let message = orders::status(&about.shipment, &line);
                let call = self.call(Method::PUT, None);
                let call = call.body("text/xml; charset=utf-8", message);
                self.asked(call, Action::Update).await
            }
            "order.delete" => {
                let call = self.call(Method::DELETE, Some(&about));
                self.asked(call, Action::Cancel).await
            }
            _ => Err(wrong(format!("there is no errand “{errand}”"))),
        }
    }
}

impl Cargooffice {
    /// One request that changes something; the fields of its answer.
    async fn asked(&self, call: Call, action: Action) -> Result<Value, Outcome> {
        let answer = self.link.exchange(call).await?;
        let fields = fields(&self.given(&answer, action)?);
        Ok(if fields.is_empty() {
            Value::Null
        } else {
            Value::Object(fields)
        })
    }

    /// The text of an answer that says yes. A shipment that is not there is what was told wrong, as
    /// it is with a change of an order.
    fn given(&self, answer: &Answer, action: Action) -> Result<String, Outcome> {
        let asked = Request {
            action,
            ..question()
        };
        match self.outcome(answer, &asked) {
            Outcome::Accepted(_) if answer.whole => {
                Ok(String::from_utf8_lossy(&answer.body).into_owned())
            }
            Outcome::Accepted(_) => {
                let most = limits::ANSWER_BYTES >> 10;
                let why = format!("the answer is longer than {most} KB");
                Err(Outcome::Unknown(self.link.failure(why)))
            }
            outcome => Err(outcome),
        }
    }
}

/// The line that is added: `+2026-03-02 14:20 delivered`.
fn line(told: &Arguments) -> Result<String, String> {
    let at: Result<jiff::civil::DateTime, _> = told.text("at").parse();
    let at = at.map_err(|_| {
        "“at” is a date and time at the carrier's place, such as 2026-03-02T14:20".to_owned()
    })?;
    let text = told.text("text");
    if text.contains(char::is_control) || text.chars().count() > limits::SIGHTING_TEXT {
        let most = limits::SIGHTING_TEXT;
        return Err(format!("“text” is one line of at most {most} characters"));
    }
    Ok(format!("+{} {text}", at.strftime("%Y-%m-%d %H:%M")))
}

/// The elements that hold a text, by name; a list where a name stands again, as in lines of goods.
pub(super) fn fields(text: &str) -> Map<String, Value> {
    let mut found = Map::new();
    let mut parts = text.split('<').skip(1).peekable();
    while let Some(part) = parts.next() {
        let Some((tag, inner)) = part.split_once('>') else {
            continue;
        };
        let is_leaf = parts.peek().is_some_and(|next| next.starts_with('/'));
        let inner = words::without_tags(inner);
        let inner = inner.trim();
        let name = tag.split(char::is_whitespace).next().unwrap_or_default();
        let name = name.rsplit(':').next().unwrap_or_default();
        if !is_leaf || inner.is_empty() || tag.starts_with(['/', '?', '!']) || tag.ends_with('/') {
            continue;
        }
        match found.get_mut(name) {
            None => {
                found.insert(name.to_owned(), inner.into());
            }
            Some(Value::Array(all)) => all.push(inner.into()),
            Some(one) => *one = json!([one.take(), inner]),
        }
    }
    found
}

//! What Cargooffice is asked beside orders: an order as it has it, its status, another line of that,
//! and that a shipment be taken away.

use async_trait::async_trait;
use hyper::Method;
use serde_json::{Value, json};

use super::orders::{self, Frozen};
use super::{Cargooffice, tracking};
use crate::limits;
use crate::order::Action;
use crate::partners::errands::{Argument, Arguments, Errand, Errands, wrong};
use crate::partners::wire::answer::Answer;
use crate::partners::wire::link::{Call, question};
use crate::partners::wire::xml;
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
                xml::tree(&text).ok_or_else(|| {
                    Outcome::Unknown(self.link.failure("the answer is no XML that can be read"))
                })
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
    /// One request that changes something; its answer, if it says more than yes.
    async fn asked(&self, call: Call, action: Action) -> Result<Value, Outcome> {
        let answer = self.link.exchange(call).await?;
        let text = self.given(&answer, action)?;
        Ok(xml::tree(&text).unwrap_or_default())
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

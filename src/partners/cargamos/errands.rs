//! What Cargamos is asked beside orders: where a shipment is, what it holds, and whom the one webhook
//! of a shipper calls.

use async_trait::async_trait;
use hyper::Method;
use secrecy::ExposeSecret;
use serde_json::{Map, Value, json};

use super::{Cargamos, answer};
use crate::partners::Outcome;
use crate::partners::errands::{Argument, Arguments, Errand, Errands, wrong};
use crate::partners::wire::answer::Answer;
use crate::partners::wire::link::{Call, step};

const ERRANDS: &[Errand] = &[
    Errand {
        name: "shipment.track",
        about: "Where a shipment is, and what has happened to it.",
        // The one question that takes no other id.
        takes: &[Argument::needed(
            "code",
            "its tracking number, which is on the label",
        )],
        changes: false,
    },
    Errand {
        name: "shipment.read",
        about: "A shipment as Cargamos has it.",
        takes: &[Argument::needed(
            "id",
            "its tracking number, or Cargamos' id of it",
        )],
        changes: false,
    },
    Errand {
        name: "webhook.read",
        about: "Which address hears of changes of state, and of which.",
        takes: &[],
        changes: false,
    },
    Errand {
        name: "webhook.register",
        about: "Has an address told of changes of state, in place of the one before.",
        takes: &[
            Argument::open("url", "the address; that of the destination's hook without"),
            Argument::open("state", "a state that it is told of, such as DELIVERED").many(),
        ],
        changes: true,
    },
    Errand {
        name: "webhook.suspend",
        about: "Has nobody told until it is resumed.",
        takes: &[],
        changes: true,
    },
    Errand {
        name: "webhook.resume",
        about: "Has the address told again.",
        takes: &[],
        changes: true,
    },
];

#[async_trait]
impl Errands for Cargamos {
    fn errands(&self) -> &'static [Errand] {
        ERRANDS
    }

    async fn run(&self, errand: &str, told: &Arguments) -> Result<Value, Outcome> {
        let answer = match errand {
            "shipment.track" => self.ask(&at(&self.tracking.path, told, "code")?).await?,
            "shipment.read" => self.ask(&at(&self.shipments_path, told, "id")?).await?,
            "webhook.read" => self.ask(&self.webhooks_path).await?,
            "webhook.register" => {
                let body = self.webhook(told).map_err(wrong)?;
                self.tell(&Method::POST, &body).await?
            }
            "webhook.suspend" | "webhook.resume" => {
                let body = json!({ "suspended": errand == "webhook.suspend" });
                self.tell(&Method::PUT, &body).await?
            }
            _ => return Err(wrong(format!("there is no errand “{errand}”"))),
        };
        answer::given(&self.link, &answer)
    }
}

/// The address of the thing whose id is told.
fn at(path: &str, told: &Arguments, name: &str) -> Result<String, Outcome> {
    let id = step(&told.text(name));
    let id = id.ok_or_else(|| wrong(format!("“{name}” cannot stand in an address")))?;
    Ok(format!("{path}/{id}"))
}

impl Cargamos {
    async fn tell(&self, method: &Method, body: &Value) -> Result<Answer, Outcome> {
        let make = || Call::new(method.clone(), &self.webhooks_path).json(body);
        self.bearer.exchange(&self.link, make).await
    }

    fn webhook(&self, told: &Arguments) -> Result<Value, String> {
        let own = self.callback.as_ref().map(ExposeSecret::expose_secret);
        let url = told.get("url").or(own);
        let url = url.ok_or("tell “url”: the destination has no hook of its own")?;
        let mut body = Map::from_iter([("url".to_owned(), url.into())]);
        let states: Vec<&str> = told.all("state").map(str::trim).collect();
        if !states.is_empty() {
            body.insert("states".to_owned(), states.into());
        }
        Ok(Value::Object(body))
    }
}

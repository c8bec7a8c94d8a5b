//! What Contargo is asked beside orders: where it is, how an order stands there, and that something
//! has happened to a container.

use async_trait::async_trait;
use hyper::{Method, StatusCode};
use serde_json::{Map, Value, json};

use super::orders::spaced;
use super::report::{self, Report};
use super::{Contargo, PAGE, locations};
use crate::clock;
use crate::limits;
use crate::partners::Outcome;
use crate::partners::errands::{Argument, Arguments, Errand, Errands, wrong};
use crate::partners::wire::address;
use crate::partners::wire::answer::Answer;
use crate::partners::wire::link::{Call, question, step};
use crate::partners::wire::words;

const ID: Argument = Argument::needed("id", "Contargo's id of the order");
const POSITION: Argument = Argument::open("position", "its position; track.position without");

const ERRANDS: &[Errand] = &[
    Errand {
        name: "locations.search",
        about: "Terminals, ports and other places, with their ids.",
        takes: &[
            Argument::open("name", "a part of its name"),
            Argument::open(
                "type",
                "such as ADMINISTRATIVE_TERMINAL, SEAPORT or LOADINGPLACE",
            ),
        ],
        changes: false,
    },
    Errand {
        name: "order.read",
        about: "A STAR order as Contargo has it.",
        takes: &[ID],
        changes: false,
    },
    Errand {
        name: "order.update",
        about: "Changes fields of a STAR order that has no slot yet; what is not named stays.",
        takes: CHANGES,
        changes: true,
    },
    Errand {
        name: "order.delete",
        about: "Deletes a STAR order that has no slot yet.",
        takes: &[ID],
        changes: true,
    },
    Errand {
        name: "tracking.read",
        about: "What has happened to an order's container, by id or by reference.",
        takes: &[
            Argument::open("id", "Contargo's id of the order"),
            Argument::open("reference", "our reference of it"),
            POSITION,
        ],
        changes: false,
    },
    Errand {
        name: "event.report",
        about: "Tells Contargo that something has happened to an order's container.",
        takes: &[
            ID,
            Argument::needed("type", "such as GATE_OUT, GATE_IN, ARRIVED, DEPARTED"),
            Argument::open("at", "when, such as 2026-03-02T09:58:00Z; now without"),
            Argument::open("place", "where, in words"),
            Argument::open("container", "its number"),
            Argument::open("loading_state", "FULL, EMPTY or UNKNOWN"),
            Argument::open("condition", "OK, DAMAGED or UNKNOWN"),
            Argument::open("truck", "its licence plate"),
            Argument::open("barge", "its name"),
            Argument::open("train", "its number"),
            POSITION,
        ],
        changes: true,
    },
];

/// The fields of a STAR order that can be changed, by their own names.
const CHANGES: &[Argument] = &[
    ID,
    Argument::open("terminal", "by id, UN/LOCODE or name"),
    Argument::open("action", "PICK_UP or DROP_OFF"),
    Argument::open("reference", "the reference known at the terminal"),
    Argument::open("unit.loadingState", "FULL, EMPTY or UNKNOWN"),
    Argument::open("unit.handlingCode", "Contargo's own type"),
    Argument::open("unit.isoCode", "ISO 6346, such as 45G1"),
    Argument::open("unit.number", "the container's number"),
    Argument::open(
        "unit.dangerousGoodsIndication",
        "DANGEROUS, NOT_DANGEROUS or UNKNOWN",
    ),
    Argument::open("unit.condition", "OK, DAMAGED or UNKNOWN"),
    Argument::open("clientContext.plannedDate.date", "such as 2026-03-02"),
    Argument::open(
        "clientContext.plannedDate.timeOfDay",
        "EARLY, MIDDAY, LATE or UNKNOWN",
    ),
    Argument::open(
        "clientContext.internalNote",
        "at most 20 letters, digits, - / # \\",
    ),
];

#[async_trait]
impl Errands for Contargo {
    fn errands(&self) -> &'static [Errand] {
        ERRANDS
    }

    async fn run(&self, errand: &str, told: &Arguments) -> Result<Value, Outcome> {
        match errand {
            "locations.search" => self.search(told).await,
            "order.read" => self.ask(&Method::GET, &self.at(told)?, None).await,
            "order.update" => self.change(told).await,
            "order.delete" => self.ask(&Method::DELETE, &self.at(told)?, None).await,
            "tracking.read" => self.history(told).await,
            "event.report" => {
                let report = self.told(told)?;
                self.ask(
                    &Method::POST,
                    &self.tracking.events_path,
                    Some(&report.body()),
                )
                .await
            }
            _ => Err(wrong(format!("there is no errand “{errand}”"))),
        }
    }
}

impl Contargo {
    /// One request; what its answer holds.
    pub(super) async fn ask(
        &self,
        method: &Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, Outcome> {
        let make = || {
            let call = Call::new(method.clone(), path).up_to(limits::TRACKING_BYTES);
            match body {
                Some(body) => call.json(body),
                None => call,
            }
        };
        let answer = self.bearer.exchange(&self.link, make).await?;
        self.given(&answer)
    }

    fn given(&self, answer: &Answer) -> Result<Value, Outcome> {
        let said = words::reason(answer.content_type(), &answer.body);
        match answer.status {
            status if status.is_success() && answer.body.is_empty() => Ok(Value::Null),
            status if status.is_success() && answer.whole => serde_json::from_slice(&answer.body)
                .map_err(|_| {
                    let line = self.link.line(answer);
                    Outcome::Unknown(self.link.passing(format!("the answer is no JSON: {line}")))
                }),
            // The thing that was asked for, or what was said of it.
            StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND | StatusCode::CONFLICT => {
                Err(super::refused(answer, said))
            }
            _ => Err(self.link.plain(answer, &question())),
        }
    }

    /// The address of the order that is told.
    fn at(&self, told: &Arguments) -> Result<String, Outcome> {
        let id = step(&told.text("id"));
        let id = id.ok_or_else(|| wrong("“id” cannot stand in an address".to_owned()))?;
        Ok(format!("{}/{id}", self.orders_path))
    }

    /// All pages.
    async fn search(&self, told: &Arguments) -> Result<Value, Outcome> {
        let (mut found, mut total) = (Vec::new(), 0);
        let size = PAGE.to_string();
        for number in 1..=limits::LOCATIONS_PAGES {
            let number = number.to_string();
            let mut query = vec![("page", number.as_str()), ("pageSize", &size)];
            let conditions = ["name", "type"].into_iter();
            query.extend(conditions.filter_map(|name| Some((name, told.get(name)?))));
            let path = format!("{}?{}", self.locations.path(), address::pairs(query));
            let mut page = self.ask(&Method::GET, &path, None).await?;
            total = page["pagination"]["total"].as_u64().unwrap_or_default();
            let Some(Value::Array(data)) = page.get_mut("data").map(Value::take) else {
                break;
            };
            let is_last = data.is_empty();
            found.extend(data);
            if is_last || found.len() as u64 >= total {
                break;
            }
        }
        Ok(json!({ "total": total, "locations": found }))
    }

    /// Reads an order, changes what is named, and sends the whole.
    async fn change(&self, told: &Arguments) -> Result<Value, Outcome> {
        let address = self.at(told)?;
        let mut order = self.ask(&Method::GET, &address, None).await?;
        if !order.is_object() {
            let what = "the order as Contargo has it cannot be read, so it was not changed";
            return Err(wrong(what.to_owned()));
        }
        for (name, values) in &told.0 {
            let value = values.first().map(|value| value.trim()).unwrap_or_default();
            match name.as_str() {
                "id" => {}
                "terminal" => {
                    let named = locations::Named {
                        id: Some(value.to_owned()),
                        code: None,
                        name: Some(value.to_owned()),
                    };
                    let found = self.locations.find(&self.link, &self.bearer, &named);
                    order["terminalId"] = found.await?.into();
                }
                name => put(&mut order, name, value),
            }
        }
        if let Some(order) = order.as_object_mut() {
            order.remove("id");
        }
        self.ask(&Method::PUT, &address, Some(&order)).await?;
        self.ask(&Method::GET, &address, None).await
    }

    async fn history(&self, told: &Arguments) -> Result<Value, Outcome> {
        let position = told.get("position").unwrap_or(&self.tracking.position);
        let pair = match (told.get("id"), told.get("reference")) {
            (Some(id), None) => [("orderId", id), ("positionId", position)],
            (None, Some(reference)) => [
                ("clientOrderReference", reference),
                ("clientPositionReference", position),
            ],
            _ => return Err(wrong("tell either “id” or “reference”".to_owned())),
        };
        let path = format!("{}?{}", self.tracking.path, address::pairs(pair));
        self.ask(&Method::GET, &path, None).await
    }

    fn told(&self, told: &Arguments) -> Result<Report, Outcome> {
        let at = match told.get("at") {
            None => clock::now().timestamp(),
            Some(at) => at
                .parse()
                .map_err(|_| wrong("“at” is an instant such as 2026-03-02T09:58:00Z".to_owned()))?,
        };
        let owned = |name: &str| told.get(name).map(str::to_owned);
        Ok(Report {
            order: told.text("id"),
            position: owned("position").unwrap_or_else(|| self.tracking.position.clone()),
            kind: report::kind(&told.text("type")),
            at,
            place: owned("place"),
            container: owned("container").map(|number| spaced(&number)),
            loading_state: owned("loading_state").map(|word| word.to_uppercase()),
            condition: owned("condition").map(|word| word.to_uppercase()),
            truck: owned("truck"),
            barge: owned("barge"),
            train: owned("train"),
        })
    }
}

/// Puts a value at a dotted place; an empty one takes away what was there.
fn put(order: &mut Value, place: &str, value: &str) {
    let mut at = order;
    for step in place.split('.') {
        if !at.is_object() {
            *at = Value::Object(Map::new());
        }
        at = &mut at[step];
    }
    *at = match (value, place) {
        ("", _) => Value::Null,
        (number, "unit.number") => spaced(number).into(),
        (word, "reference" | "clientContext.internalNote" | "clientContext.plannedDate.date") => {
            word.into()
        }
        (word, _) => word.to_uppercase().into(),
    };
}

//! STAR orders: create, read, update, delete; every field, enum and limit.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::locations::Locations;
use super::{missing, one_of, refuse};
use crate::limits;
use crate::sandbox::call::{Call, Reply};
use crate::sandbox::stand::{Acted, House, wanted};

const STATES: [&str; 3] = ["FULL", "EMPTY", "UNKNOWN"];
const DANGERS: [&str; 3] = ["DANGEROUS", "NOT_DANGEROUS", "UNKNOWN"];
const CONDITIONS: [&str; 3] = ["OK", "DAMAGED", "UNKNOWN"];
const SEALERS: [&str; 3] = ["OPERATOR", "CUSTOMS", "UNKNOWN"];
const DAY_TIMES: [&str; 4] = ["UNKNOWN", "EARLY", "MIDDAY", "LATE"];
const SEALS: usize = 100;
const NOTE_CHARS: usize = 20;

#[derive(Debug)]
struct Order {
    content: Value,
    /// Booked orders can be neither changed nor deleted.
    booked: bool,
}

/// All orders by id.
#[derive(Debug, Default)]
pub(super) struct Orders {
    by_id: BTreeMap<String, Order>,
    latest: Option<String>,
    made: u64,
}

impl Orders {
    /// The order that was created last, as it is read.
    pub(super) fn latest(&self) -> Option<&Value> {
        let order = self.by_id.get(self.latest.as_ref()?)?;
        Some(&order.content)
    }

    pub(super) fn create(&mut self, call: &Call, house: &House, places: &Locations) -> Reply {
        let content = match body(call, house, places) {
            Ok(content) => content,
            Err(messages) => return refuse(400, &messages),
        };
        if self.by_id.len() >= limits::SANDBOX_THINGS {
            return refuse(500, &["The sandbox is full!".to_owned()]);
        }
        self.made += 1;
        let id = house.uuid("star order", self.made);
        self.put(&id, content);
        self.latest = Some(id.clone());
        Reply::json(201, json!({ "id": id }))
    }

    fn put(&mut self, id: &str, mut content: Map<String, Value>) {
        content.insert("id".to_owned(), json!(id));
        let order = Order {
            content: Value::Object(content),
            booked: false,
        };
        self.by_id.insert(id.to_owned(), order);
    }

    pub(super) fn read(&self, id: &str) -> Reply {
        match self.by_id.get(id) {
            Some(order) => Reply::json(200, order.content.clone()),
            None => unknown(id),
        }
    }

    pub(super) fn update(
        &mut self,
        id: &str,
        call: &Call,
        house: &House,
        places: &Locations,
    ) -> Reply {
        match (body(call, house, places), self.by_id.get(id)) {
            (Err(messages), _) => refuse(400, &messages),
            (_, None) => unknown(id),
            (_, Some(order)) if order.booked => {
                refuse(409, &[format!("The order {id} is no longer updatable!")])
            }
            (Ok(content), Some(_)) => {
                self.put(id, content);
                Reply::empty(204)
            }
        }
    }

    pub(super) fn delete(&mut self, id: &str) -> Reply {
        match self.by_id.get(id) {
            None => unknown(id),
            Some(order) if order.booked => {
                refuse(409, &[format!("The order {id} is no longer deletable!")])
            }
            Some(_) => {
                self.by_id.remove(id);
                Reply::empty(204)
            }
        }
    }

    /// A dispatcher gives the order a slot.
    pub(super) fn book(&mut self, input: &Value) -> Result<Acted, String> {
        let id = wanted(input, "id")?;
        let order = self.by_id.get_mut(id);
        order
            .ok_or_else(|| format!("there is no order {id}"))?
            .booked = true;
        Ok(json!({ "id": id, "state": "BOOKED" }).into())
    }

    pub(super) fn state(&self) -> Value {
        let shown = self.by_id.values().map(|order| {
            let state = if order.booked { "BOOKED" } else { "OPEN" };
            json!({ "state": state, "order": order.content })
        });
        Value::Array(shown.collect())
    }
}

fn unknown(id: &str) -> Reply {
    refuse(404, &[format!("There is no order with the id {id}!")])
}

/// The order in a request, or everything that is wrong with it.
fn body(call: &Call, house: &House, places: &Locations) -> Result<Map<String, Value>, Vec<String>> {
    let mut order = call.object().map_err(|why| vec![why])?;
    // It is the partner's to give: one that is sent means nothing.
    order.remove("id");
    let mut check = Check::default();
    let top = Value::Object(order.clone());
    if let Some(terminal) = check.text(&top, "terminalId", "terminalId", true) {
        match places.type_of(terminal) {
            None => check.say(format!("There is no location with the id \"{terminal}\"!")),
            Some("ADMINISTRATIVE_TERMINAL") => {}
            Some(kind) => check.say(format!(
                "The location \"{terminal}\" is of type {kind} but must be an \
                 ADMINISTRATIVE_TERMINAL!"
            )),
        }
    }
    check.choice(&top, "action", "action", &["PICK_UP", "DROP_OFF"], true);
    check.text(&top, "reference", "reference", true);
    match &top["unit"] {
        Value::Null => check.say(missing("unit")),
        unit => check.unit(unit, house.settings.contargo.strict_numbers),
    }
    check.context(&top["clientContext"]);
    if check.messages.is_empty() {
        Ok(order)
    } else {
        Err(check.messages)
    }
}

/// Collects what is wrong.
#[derive(Default)]
struct Check {
    messages: Vec<String>,
}

impl Check {
    fn say(&mut self, message: String) {
        self.messages.push(message);
    }

    /// A text; blank counts as missing.
    fn text<'a>(
        &mut self,
        object: &'a Value,
        key: &str,
        name: &str,
        required: bool,
    ) -> Option<&'a str> {
        match &object[key] {
            Value::String(text) if !text.trim().is_empty() => return Some(text),
            Value::Null | Value::String(_) if required => self.say(missing(name)),
            Value::Null | Value::String(_) => {}
            other => self.say(format!(
                "The property \"{name}\" must be a text and not {other}!"
            )),
        }
        None
    }

    fn choice(&mut self, object: &Value, key: &str, name: &str, allowed: &[&str], required: bool) {
        match &object[key] {
            Value::Null if required => self.say(missing(name)),
            Value::Null => {}
            value => {
                if let Err(message) = one_of(name, value, allowed) {
                    self.say(message);
                }
            }
        }
    }

    fn unit(&mut self, unit: &Value, strict: bool) {
        self.choice(unit, "loadingState", "unit.loadingState", &STATES, true);
        let before = self.messages.len();
        let handling = self.text(unit, "handlingCode", "unit.handlingCode", false);
        let iso = self.text(unit, "isoCode", "unit.isoCode", false);
        if handling.is_none() && iso.is_none() && self.messages.len() == before {
            self.say(
                "One of the properties \"unit.handlingCode\" and \"unit.isoCode\" must be given!"
                    .to_owned(),
            );
        }
        if let Some(number) = self.text(unit, "number", "unit.number", false)
            && strict
            && !is_number(number)
        {
            self.say(format!(
                "The property \"unit.number\" has the value \"{number}\" but must be written like \
                 \"MSKU 123456-7\"!"
            ));
        }
        let name = "unit.dangerousGoodsIndication";
        self.choice(unit, "dangerousGoodsIndication", name, &DANGERS, false);
        self.choice(unit, "condition", "unit.condition", &CONDITIONS, false);
        match &unit["seals"] {
            Value::Null => {}
            Value::Array(seals) => {
                if seals.len() > SEALS {
                    self.say(format!(
                        "The property \"unit.seals\" must not have more than {SEALS} items!"
                    ));
                }
                for (index, seal) in seals.iter().enumerate() {
                    let name = |key| format!("unit.seals[{index}].{key}");
                    self.choice(seal, "type", &name("type"), &SEALERS, true);
                    self.text(seal, "number", &name("number"), true);
                }
            }
            _ => self.say("The property \"unit.seals\" must be a list!".to_owned()),
        }
    }

    fn context(&mut self, context: &Value) {
        let planned = &context["plannedDate"];
        if !planned.is_null() {
            let name = "clientContext.plannedDate.date";
            if let Some(date) = self.text(planned, "date", name, true)
                && !is_date(date)
            {
                self.say(format!("The property \"{name}\" has the value \"{date}\" but must be a date like 2026-03-02!"));
            }
            let name = "clientContext.plannedDate.timeOfDay";
            self.choice(planned, "timeOfDay", name, &DAY_TIMES, false);
        }
        let name = "clientContext.internalNote";
        if let Some(note) = self.text(context, "internalNote", name, false) {
            if note.chars().count() > NOTE_CHARS {
                self.say(format!(
                    "The property \"{name}\" must not be longer than {NOTE_CHARS} characters!"
                ));
            }
            let fine = |c: char| c.is_ascii_alphanumeric() || "-/#\\".contains(c);
            if !note.chars().all(fine) {
                self.say(format!(
                    "The property \"{name}\" must match [a-zA-Z0-9\\-/#\\\\]*!"
                ));
            }
        }
    }
}

/// `MSKU 123456-7`. Its check digit may be wrong: that of the partner's own example is.
fn is_number(text: &str) -> bool {
    let shape = "AAAA 000000-0";
    text.len() == shape.len()
        && text
            .bytes()
            .zip(shape.bytes())
            .all(|(c, wanted)| match wanted {
                b'A' => c.is_ascii_uppercase(),
                b'0' => c.is_ascii_digit(),
                other => c == other,
            })
}

/// `YYYY-MM-DD` and nothing else.
fn is_date(text: &str) -> bool {
    text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok()
}

//! Orders in the form of STAR.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::locations::Named;
use crate::limits;
use crate::order::{Action, Equipment, Kind, Order, Role, Stop};
use crate::partners::form::{Field, Fields, Form, derived};
use crate::problem::Problem;

/// What is frozen: the order but for its terminal's id, and how the sender names the terminal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Frozen {
    pub(super) terminal: Named,
    pub(super) order: Value,
}

impl Frozen {
    /// What tells the order apart from all others there.
    pub(super) fn note(&self) -> String {
        let note = self.order.pointer("/clientContext/internalNote");
        note.and_then(Value::as_str).unwrap_or_default().to_owned()
    }
}

/// The fields that stand once.
pub(super) const FIELDS: &[&str] = &[
    "terminalId",
    "action",
    "reference",
    "unit.loadingState",
    "unit.handlingCode",
    "unit.isoCode",
    "unit.number",
    "unit.dangerousGoodsIndication",
    "unit.condition",
    "clientContext.plannedDate.timeOfDay",
    "clientContext.internalNote",
];

/// Longest note, and what it may be made of besides letters and digits.
const NOTE_CHARS: usize = 20;
const NOTE_MARKS: &str = "-/#\\";

const UNIT: &str = "shipments[0].equipment[0]";

const fn field(name: &'static str, from: &'static str, what: &'static str) -> Field {
    Field { name, from, what }
}

/// `order` in the partner's form, and what is wrong with it.
pub(super) fn fill(order: &Order, key: &str, fields: &Fields) -> (Frozen, Vec<Problem>) {
    let mut form = Form::new("Contargo STAR", order, fields);
    if order.action == Action::Cancel {
        let nothing = Frozen {
            terminal: Named::default(),
            order: json!({}),
        };
        return (nothing, Vec::new());
    }
    let terminal = terminal(&mut form);
    let action = match order.kind {
        Kind::Pickup => Some("PICK_UP"),
        Kind::Dropoff => Some("DROP_OFF"),
        _ => None,
    };
    let what = field(
        "action",
        "kind",
        "whether a container is picked up or dropped off",
    );
    let action = form.need(what, action);
    let action = form.known(what.from, what.what, &action, &["PICK_UP", "DROP_OFF"]);
    // The number by which the terminal knows the booking.
    let booking = ["terminal", "booking", "release", "customer"];
    let booking = booking.iter().find_map(|name| order.references.get(*name));
    let booking = booking.unwrap_or(&order.reference);
    let reference = field(
        "reference",
        "reference",
        "the reference known at the terminal",
    );
    let reference = form.need(reference, Some(booking));
    let unit = unit(&mut form);
    let context = context(&mut form, key);
    let order = json!({
        "action": action,
        "reference": reference,
        "unit": unit,
        "clientContext": context,
    });
    (Frozen { terminal, order }, form.problems())
}

fn terminal(form: &mut Form<'_>) -> Named {
    let party = form.order().parties.get(&Role::Terminal);
    let id = |scheme: &str| party.and_then(|party| party.ids.get(scheme)).cloned();
    let told = field("terminalId", "parties.terminal", "a terminal");
    let own = id("contargo").or_else(|| id("terminal"));
    let named = Named {
        id: form.may(told, own.as_deref()),
        code: id("unlocode"),
        name: party.and_then(|party| party.name.clone()),
    };
    if named == Named::default() {
        form.missing(told.from, told.what);
    }
    named
}

fn unit(form: &mut Form<'_>) -> Value {
    let order = form.order();
    let mut units = order
        .shipments
        .iter()
        .flat_map(|shipment| &shipment.equipment);
    let none = Equipment::default();
    let unit = units.next().unwrap_or(&none);
    if units.next().is_some() {
        let what = "takes one container an order, and this one has several.";
        form.refuse("shipments[0].equipment", "destination.several", what);
    }
    let mut out = Map::new();
    let mut put = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            out.insert(name.to_owned(), value.into());
        }
    };
    put("loadingState", loading(form, unit));
    let handling = field("unit.handlingCode", UNIT, "a container type");
    let handling = form.may(handling, unit.handling_code.as_deref());
    let iso = field(
        "unit.isoCode",
        "shipments[0].equipment[0].iso_size_type",
        "a container type",
    );
    let code = form.may(iso, unit.iso_size_type.as_deref());
    if handling.is_none() && code.is_none() {
        form.missing(iso.from, "the container's type, such as 45G1");
    }
    put("handlingCode", handling);
    put("isoCode", code);
    let number = field(
        "unit.number",
        "shipments[0].equipment[0].number",
        "a container number",
    );
    let number = form.may(number, unit.number.as_deref());
    put("number", number.map(|number| spaced(&number)));
    let dangerous = unit.dangerous.as_ref().map(|_| "DANGEROUS");
    let indication = field("unit.dangerousGoodsIndication", UNIT, "dangerous goods");
    let words = ["DANGEROUS", "NOT_DANGEROUS", "UNKNOWN"];
    put(
        "dangerousGoodsIndication",
        form.word(indication, dangerous, &words),
    );
    let condition = field(
        "unit.condition",
        "shipments[0].equipment[0].condition",
        "the container's condition",
    );
    let words = ["OK", "DAMAGED", "UNKNOWN"];
    put(
        "condition",
        form.word(condition, unit.condition.as_deref(), &words),
    );
    let seals = seals(form, unit);
    if !seals.is_empty() {
        out.insert("seals".to_owned(), seals.into());
    }
    Value::Object(out)
}

/// Whether it is full or empty, which must be said.
fn loading(form: &mut Form<'_>, unit: &Equipment) -> Option<String> {
    let state = field(
        "unit.loadingState",
        "shipments[0].equipment[0].loading_state",
        "whether the container is full or empty",
    );
    let Some(word) = form.may(state, unit.loading_state.as_deref()) else {
        form.missing(state.from, state.what);
        return None;
    };
    form.known(state.from, state.what, &word, &["FULL", "EMPTY", "UNKNOWN"])
}

fn seals(form: &mut Form<'_>, unit: &Equipment) -> Vec<Value> {
    if unit.seals.len() > limits::CONTARGO_SEALS {
        let what = format!("takes at most {} seals.", limits::CONTARGO_SEALS);
        form.refuse(&format!("{UNIT}.seals"), "destination.too-many", &what);
    }
    let mut seals = Vec::new();
    for (n, seal) in unit.seals.iter().enumerate().take(limits::CONTARGO_SEALS) {
        let at = format!("{UNIT}.seals[{n}].party");
        let party = seal.party.as_deref().unwrap_or("UNKNOWN");
        let words = ["OPERATOR", "CUSTOMS", "UNKNOWN"];
        let party = form.known(&at, "who put a seal on", party, &words);
        seals.push(json!({ "type": party, "number": seal.number }));
    }
    seals
}

/// `MSKU1234567` as Contargo writes it. What has another shape is left as it is.
pub(super) fn spaced(number: &str) -> String {
    let plain: String = number.chars().filter(char::is_ascii_alphanumeric).collect();
    let parts = (plain.get(..4), plain.get(4..10), plain.get(10..));
    if let (Some(owner), Some(serial), Some(check)) = parts
        && plain.len() == 11
        && owner.bytes().all(|byte| byte.is_ascii_alphabetic())
        && serial
            .bytes()
            .chain(check.bytes())
            .all(|byte| byte.is_ascii_digit())
    {
        return format!("{} {serial}-{check}", owner.to_uppercase());
    }
    number.to_owned()
}

fn context(form: &mut Form<'_>, key: &str) -> Value {
    let order = form.order();
    let shipment = order.shipments.first();
    let stop = match order.kind {
        Kind::Dropoff => shipment.and_then(|s| s.delivery.as_ref().or(s.pickup.as_ref())),
        _ => shipment.and_then(|s| s.pickup.as_ref().or(s.delivery.as_ref())),
    };
    let mut context = Map::new();
    let day = field(
        "clientContext.plannedDate.timeOfDay",
        "shipments[0].pickup.from",
        "a time of day",
    );
    let words = ["UNKNOWN", "EARLY", "MIDDAY", "LATE"];
    let time = form.word(day, stop.map(time_of_day), &words);
    if let Some(date) = stop.and_then(|stop| stop.date) {
        let planned = json!({ "date": date.to_string(), "timeOfDay": time });
        context.insert("plannedDate".to_owned(), planned);
    }
    let note = field("clientContext.internalNote", "reference", "a note");
    let own = format!("OD-{}", derived(key, NOTE_CHARS - 3));
    let note_text = form.need(note, Some(&own));
    let allowed = |c: char| c.is_ascii_alphanumeric() || NOTE_MARKS.contains(c);
    if note_text.chars().count() > NOTE_CHARS || !note_text.chars().all(allowed) {
        let problem = Problem::error("destination.value", "Contargo STAR cannot take this note.")
            .with_value(&note_text)
            .expecting("at most 20 letters, digits, and - / # \\");
        form.wrong(note.from, problem);
    }
    context.insert("internalNote".to_owned(), note_text.into());
    Value::Object(context)
}

/// Before ten, before two, or after.
fn time_of_day(stop: &Stop) -> &'static str {
    let Some(from) = stop.from.or(stop.to) else {
        return "UNKNOWN";
    };
    match from
        .to_string()
        .get(..2)
        .and_then(|hour| hour.parse::<u8>().ok())
    {
        Some(0..=9) => "EARLY",
        Some(10..=13) => "MIDDAY",
        Some(_) => "LATE",
        None => "UNKNOWN",
    }
}

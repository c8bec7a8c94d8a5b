//! Delivery orders that became shipments, and the states they walk through.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::words::Fault;
use crate::limits;
use crate::sandbox::call::Call;
use crate::sandbox::stand::{House, wanted};
use crate::sandbox::time;

const COUNTRIES: [&str; 4] = ["mx", "co", "us", "br"];
/// The usual way; `MISHAP` may come at any time.
const WAY: [&str; 4] = [
    "CREATED",
    "OUT_FOR_DELIVERY",
    "DELIVERY_ATTEMPTED",
    "DELIVERED",
];

#[derive(Debug)]
struct Shipment {
    content: Map<String, Value>,
    history: Vec<Value>,
}

/// All shipments by tracking id.
#[derive(Debug, Default)]
pub(super) struct Shipments {
    by_tracking_id: BTreeMap<String, Shipment>,
    by_shipment_id: BTreeMap<String, String>,
    made: u64,
}

impl Shipments {
    /// The shipment's data, and what the webhook says.
    pub(super) fn create(&mut self, call: &Call, house: &House) -> Result<(Value, Value), Fault> {
        let settings = &house.settings.cargamos;
        let body = call.object().map_err(|why| Fault::invalid("body", &why))?;
        let own = settings.tracking_id_name.as_str();
        let order = Value::Object(body.clone());
        check(&order)?;
        let tracking = order[own].as_str().filter(|id| !id.is_empty());
        if let Some(known) = tracking.and_then(|id| self.by_tracking_id.get(id)) {
            let lot = known.content.get("lotId").and_then(Value::as_str);
            let details = format!(
                "Lot {}, integrated at {}.",
                lot.unwrap_or("(none)"),
                known.history[0]["timestamp"].as_str().unwrap_or_default()
            );
            return Err(Fault::exists(own, &details));
        }
        let postcode = order["recipientLocation"]["postalCode"].as_str();
        let postcode = postcode.unwrap_or_default();
        if settings.uncovered.iter().any(|other| other == postcode) {
            return Err(Fault::uncovered(postcode));
        }
        if self.by_tracking_id.len() >= limits::SANDBOX_THINGS {
            return Err(Fault::unexpected(500));
        }
        self.made += 1;
        let tracking = match tracking {
            Some(id) => id.to_owned(),
            None => format!("CH{:011}", self.made),
        };
        let shipment_id = house.uuid("shipment", self.made);
        let mut content = body;
        content.insert("trackingId".to_owned(), json!(tracking));
        content.insert("shipmentId".to_owned(), json!(shipment_id));
        let event = event(&tracking, WAY[0], house);
        let shipment = Shipment {
            content: content.clone(),
            history: vec![event.clone()],
        };
        self.by_shipment_id.insert(shipment_id, tracking.clone());
        self.by_tracking_id.insert(tracking, shipment);
        Ok((Value::Object(content), event))
    }

    fn find(&self, id: &str) -> Option<&Shipment> {
        let tracking = self.by_shipment_id.get(id).map_or(id, String::as_str);
        self.by_tracking_id.get(tracking)
    }

    /// By either id.
    pub(super) fn read(&self, id: &str) -> Result<Value, Fault> {
        let found = self
            .find(id)
            .map(|found| Value::Object(found.content.clone()));
        found.ok_or_else(|| Fault::not_found("request.url.path", "such shipment"))
    }

    /// By the tracking id only.
    pub(super) fn track(&self, id: &str) -> Result<Value, Fault> {
        let missing = || Fault::not_found("request.url.path", "shipment with this trackingId");
        let found = self.by_tracking_id.get(id).ok_or_else(missing)?;
        let last = found.history.last().map(|event| event["state"].clone());
        Ok(json!({
            "trackingId": id,
            "shipmentId": found.content.get("shipmentId"),
            "state": last,
            "history": found.history,
        }))
    }

    /// A step further, or to a state that is named; what the webhook says about it.
    pub(super) fn advance(&mut self, input: &Value, house: &House) -> Result<Value, String> {
        let id = wanted(input, "trackingId")?;
        let found = self.by_tracking_id.get_mut(id);
        let found = found.ok_or_else(|| format!("there is no shipment {id}"))?;
        let last = found
            .history
            .last()
            .and_then(|event| event["state"].as_str());
        let next = || {
            let at = WAY.iter().position(|state| Some(*state) == last)?;
            WAY.get(at + 1).copied()
        };
        let named = input.get("state").and_then(Value::as_str);
        let ended = || format!("the shipment {id} has no next state; name one");
        let state = named.or_else(next).ok_or_else(ended)?.to_owned();
        if found.history.len() >= limits::SANDBOX_LOG {
            return Err(format!("the shipment {id} has had too many states"));
        }
        let mut event = event(id, &state, house);
        if let Some(anomalies) = input.get("anomalies") {
            event["anomalies"] = anomalies.clone();
        }
        found.history.push(event.clone());
        Ok(event)
    }

    pub(super) fn state(&self) -> Value {
        let shown = self
            .by_tracking_id
            .values()
            .map(|shipment| json!({ "shipment": shipment.content, "history": shipment.history }));
        Value::Array(shown.collect())
    }
}

/// A change of state as the webhook tells it.
fn event(tracking: &str, state: &str, house: &House) -> Value {
    json!({
        "state": state,
        "label_id": tracking,
        "anomalies": {},
        "timestamp": time::utc(house.now),
    })
}

/// What is missing, then what is not valid.
fn check(order: &Value) -> Result<(), Fault> {
    let required = [
        ("recipientLocation", "country"),
        ("recipientLocation", "postalCode"),
        ("recipientInformation", "fullName"),
        ("recipientInformation", "phone"),
        ("package", "weight"),
        ("package", "height"),
        ("package", "width"),
        ("package", "length"),
        ("", "shipperDropoffDate"),
        ("", "expectedDeliveryDate"),
    ];
    let value = |block: &str, key: &str| match block {
        "" => order[key].clone(),
        block => order[block][key].clone(),
    };
    // Errors about a value that is not valid write a path with arrows, the others with dots.
    let name = |block: &str, key: &str, between: &str| match block {
        "" => key.to_owned(),
        block => format!("{block}{between}{key}"),
    };
    let mut missing = Vec::new();
    let mut invalid = Vec::new();
    for (block, key) in required {
        let value = value(block, key);
        if value.is_null() || value == "" {
            missing.push(Fault::missing(&name(block, key, ".")));
            continue;
        }
        let expected = match (block, key) {
            ("package", _) if value.as_f64().is_none_or(|number| number <= 0.0) => {
                "It must be a number greater than 0."
            }
            ("package", _) => continue,
            _ if !value.is_string() => "It must be a text.",
            ("", _) if value.as_str().and_then(day).is_none() => {
                "It must be a date and time as in ISO 8601."
            }
            (_, "country") if !value.as_str().is_some_and(|text| COUNTRIES.contains(&text)) => {
                "Permitted values: mx, co, us, br."
            }
            _ => continue,
        };
        invalid.push(Fault::invalid(&name(block, key, "->"), expected));
    }
    Fault::all(missing)?;
    let drop_off = order["shipperDropoffDate"].as_str().and_then(day);
    let delivery = order["expectedDeliveryDate"].as_str().and_then(day);
    if drop_off.zip(delivery).is_some_and(|(from, to)| from > to) {
        let details = "It must not be before shipperDropoffDate.";
        invalid.push(Fault::invalid("expectedDeliveryDate", details));
    }
    Fault::all(invalid)
}

/// A date, a date and time, or an instant.
fn day(text: &str) -> Option<jiff::civil::DateTime> {
    let date: Option<jiff::civil::Date> = (text.len() == 10).then(|| text.parse().ok()).flatten();
    if let Some(date) = date {
        return Some(date.at(0, 0, 0, 0));
    }
    if let Ok(at) = text.parse::<jiff::Timestamp>() {
        return Some(at.to_zoned(jiff::tz::TimeZone::UTC).datetime());
    }
    text.parse().ok()
}

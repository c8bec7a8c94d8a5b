//! What happens to a freight: a script for each air waybill, and what was told of it.
//!
//! Numbers are texts, a booking has no date, and a correction (a second departure) stays beside what
//! it corrects: the list is a history and not the present.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::limits;
use crate::sandbox::stand::House;

const ORIGIN: (&str, &str) = ("AMS", "4.763889,52.308056");
const DESTINATION: (&str, &str) = ("SIN", "103.994433,1.350189");

/// Code, at the destination, hours after the start, planned.
const SCRIPT: [(&str, bool, i64, bool); 9] = [
    ("BKD", false, 0, false),
    ("FOH", false, 2, false),
    ("RCS", false, 3, false),
    ("DEP", false, 10, false),
    ("DEP", false, 12, false),
    ("ARR", true, 25, false),
    ("RCF", true, 27, false),
    ("NFD", true, 28, false),
    ("DLV", true, 40, false),
];

#[derive(Debug, Default)]
struct Freight {
    script: Option<Vec<Value>>,
    at: usize,
    told: Vec<Value>,
}

/// All freights by air waybill.
#[derive(Debug, Default)]
pub(super) struct Events {
    freights: BTreeMap<String, Freight>,
}

impl Events {
    fn freight(&mut self, awb: &str) -> Result<&mut Freight, String> {
        if self.freights.len() >= limits::SANDBOX_THINGS {
            return Err("the sandbox is full".to_owned());
        }
        Ok(self.freights.entry(awb.to_owned()).or_default())
    }

    /// Replaces the script of an air waybill.
    pub(super) fn script(&mut self, awb: &str, events: &[Value]) -> Result<(), String> {
        let freight = self.freight(awb)?;
        freight.script = Some(events.to_vec());
        freight.at = 0;
        Ok(())
    }

    /// The next events of the script.
    pub(super) fn next(
        &mut self,
        awb: &str,
        count: u64,
        house: &House,
    ) -> Result<Vec<Value>, String> {
        let freight = self.freight(awb)?;
        let script = freight.script.get_or_insert_with(|| script(house));
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        let new: Vec<_> = script
            .iter()
            .skip(freight.at)
            .take(count)
            .cloned()
            .collect();
        if new.is_empty() {
            return Err(format!("the script of {awb} is at its end"));
        }
        freight.at += new.len();
        Ok(new)
    }

    /// An event of one's own.
    pub(super) fn add(&mut self, awb: &str, event: &Value) -> Result<Vec<Value>, String> {
        self.freight(awb)?;
        if event["code"].as_str().is_none_or(str::is_empty) {
            return Err("an event has a code".to_owned());
        }
        Ok(vec![event.clone()])
    }

    /// The message about new events, which count as told from now on.
    pub(super) fn update(&mut self, awb: &str, new: &[Value]) -> Value {
        let Some(freight) = self.freights.get_mut(awb) else {
            return Value::Null;
        };
        let old = freight.told.clone();
        freight.told.extend_from_slice(new);
        // A history longer than any real one: what is oldest is forgotten.
        let excess = freight.told.len().saturating_sub(limits::SANDBOX_LOG);
        freight.told.drain(..excess);
        json!({
            "awb": awb,
            "origin": ORIGIN.0,
            "destination": DESTINATION.0,
            "oldEvents": old,
            "newEvents": new,
            "events": freight.told,
        })
    }

    pub(super) fn state(&self) -> Value {
        let shown = self.freights.iter();
        let shown = shown.map(|(awb, freight)| json!({ "awb": awb, "events": freight.told }));
        Value::Array(shown.collect())
    }
}

fn script(house: &House) -> Vec<Value> {
    let events = SCRIPT.iter().map(|(code, arrived, hours, planned)| {
        let place = if *arrived { DESTINATION } else { ORIGIN };
        let at = house.now.0 + hours * 3_600_000;
        let at = crate::clock::Millis(at).timestamp();
        let date = at.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string();
        let mut event = json!({
            "code": code,
            "eventDate": date,
            "eventLocation": place.0,
            "eventLocationCoord": place.1,
            "weight": "220.0",
            "pieces": "20",
            "isPlanned": planned,
            "origin": ORIGIN.0,
            "originCoord": ORIGIN.1,
        });
        if *code == "BKD"
            && let Some(event) = event.as_object_mut()
        {
            event.remove("eventDate");
        }
        if ["DEP", "ARR", "RCF"].contains(code) {
            for (key, value) in [
                ("destination", DESTINATION.0),
                ("destinationCoord", DESTINATION.1),
                ("flightNumber", "OD0815"),
                ("distance", "10509.32"),
                ("time", "12h 35m 0s"),
                ("carbonEmission", "703.91 kg"),
            ] {
                event[key] = json!(value);
            }
            event["flight"] = json!({
                "number": "OD0815",
                "origin": ORIGIN.0,
                "destination": DESTINATION.0,
                "originCoord": ORIGIN.1,
                "destinationCoord": DESTINATION.1,
                "carbonEmission": "703.91 kg",
                "distance": "10509.32",
                "duration": "12h 35m 0s",
            });
        }
        event
    });
    events.collect()
}

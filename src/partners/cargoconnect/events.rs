//! What CargoCONNECT tells of an air waybill.
//!
//! Each call carries all that it knows, in three lists that repeat each other. It is a history and
//! not the present: superseded events stay in it, and a second booking or departure is normal. The
//! partner has no ids of events, so what an event says is what it is.

use serde_json::Value;

use super::orders::awb_of;
use crate::partners::tracker::{End, Heard, NotTaken, Sighting};
use crate::partners::wire::sighted::{self, word};

/// The goods are with the consignee: nothing comes any more.
const DELIVERED: &str = "DLV";

/// Reads a call.
pub(super) fn heard(body: &[u8]) -> Result<Heard, NotTaken> {
    let unreadable = |why: &str| NotTaken::Unreadable(why.to_owned());
    let body: Value = serde_json::from_slice(body).map_err(|_| unreadable("it is no JSON"))?;
    let awb = body.get("awb").and_then(Value::as_str).and_then(awb_of);
    let mark = awb.ok_or_else(|| unreadable("it names no air waybill"))?;
    // New ones are read first: of a history beyond any bound the oldest are left out.
    let lists = ["newEvents", "events", "oldEvents"].into_iter();
    let all = lists.filter_map(|name| body.get(name)?.as_array());
    let mut sightings: Vec<Sighting> = Vec::new();
    for event in all.flatten() {
        let Some(sighting) = sighting(event) else {
            continue;
        };
        if !sightings.contains(&sighting) && sightings.len() < crate::limits::SIGHTINGS {
            sightings.push(sighting);
        }
    }
    Ok(Heard { mark, sightings })
}

/// One event. What is only planned has not happened.
fn sighting(event: &Value) -> Option<Sighting> {
    if event.get("isPlanned").and_then(Value::as_bool) == Some(true) {
        return None;
    }
    let text = |name: &str| word(event.get(name)?);
    let flight = text("flightNumber").or_else(|| word(event.pointer("/flight/number")?));
    let said = [
        ("flight", flight),
        ("pieces", text("pieces")),
        ("weight", text("weight")),
    ];
    let said = said.into_iter();
    let said = said.filter_map(|(what, value)| Some(format!("{what} {}", value?)));
    let code = text("code")?;
    sighted::bounded(Sighting {
        id: None,
        end: (code == DELIVERED).then_some(End::Done),
        code,
        text: said.collect::<Vec<_>>().join(", "),
        place: text("eventLocation"),
        // Absent for a booking.
        at: text("eventDate"),
    })
}

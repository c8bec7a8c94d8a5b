//! The list of locations: terminals of the hinterland, seaports, and enough loading places for more
//! than one page.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{one_of, refuse};
use crate::sandbox::call::{Call, Reply};
use crate::sandbox::ids;

const TYPES: [&str; 8] = [
    "ORGANISATION",
    "ADMINISTRATIVE_TERMINAL",
    "OPERATIONAL_TERMINAL",
    "HINTERLAND_TERMINAL",
    "LOADINGPLACE",
    "SEAPORT",
    "SEAPORT_TERMINAL",
    "UNKNOWN",
];
/// The reply's list holds at most so many.
const MOST: u32 = 1_000;
/// Loading places, so that the list has several pages.
const LOADING_PLACES: u64 = 90;

/// Inland places that have an administrative, an operational and a hinterland terminal each.
const INLAND: [(&str, &str, &str, &str, &str); 10] = [
    ("Duisburg", "DEDUI", "47119", "DE", "Germany"),
    ("Emmerich", "DEEMM", "46446", "DE", "Germany"),
    ("Neuss", "DENSS", "41460", "DE", "Germany"),
    ("Koblenz", "DEKOB", "56070", "DE", "Germany"),
    ("Frankfurt am Main", "DEFRA", "65929", "DE", "Germany"),
    ("Mannheim", "DEMHG", "68159", "DE", "Germany"),
    ("Wörth am Rhein", "DEWOR", "76744", "DE", "Germany"),
    ("Karlsruhe", "DEKAE", "76189", "DE", "Germany"),
    ("Strasbourg", "FRSXB", "67100", "FR", "France"),
    ("Basel", "CHBSL", "4057", "CH", "Switzerland"),
];
const PORTS: [(&str, &str, &str, &str, &str); 4] = [
    ("Rotterdam", "NLRTM", "3199", "NL", "Netherlands"),
    ("Antwerpen", "BEANR", "2030", "BE", "Belgium"),
    ("Hamburg", "DEHAM", "21129", "DE", "Germany"),
    ("Bremerhaven", "DEBRV", "27568", "DE", "Germany"),
];

/// One location as the partner shows it.
fn location(
    seed: &str,
    (prefix, number): (&str, u64),
    (designation, kind): (String, &str),
    (city, code, postcode, country, country_name): (&str, &str, &str, &str, &str),
) -> Value {
    let port = kind.starts_with("SEAPORT").then_some(code);
    json!({
        "id": format!("{prefix}_{}", ids::long(seed, kind, number)),
        "designation": designation,
        "type": kind,
        "locationCode": code,
        "internationalPortCode": port,
        "edifactLocationCode": port.map(|_| format!("{number:04}A")),
        "address": {
            "street": format!("Hafenstraße {}", number + 1),
            "postalCode": postcode,
            "city": city,
            "country": { "name": country_name, "code": country },
        },
        "geoLocation": { "coordinates": null },
    })
}

/// The list of one seed; it is the same until the seed changes.
#[derive(Debug, Default)]
pub(super) struct Locations {
    seed: String,
    list: Vec<Value>,
    types: BTreeMap<String, String>,
}

impl Locations {
    /// Made for this seed.
    pub(super) fn of(&mut self, seed: &str) -> &Self {
        if self.list.is_empty() || self.seed != seed {
            seed.clone_into(&mut self.seed);
            self.list = all(seed);
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let types = self.list.iter();
            self.types = types
                .map(|location| (text(&location["id"]), text(&location["type"])))
                .collect();
        }
        self
    }

    /// The type of a location; `None` for an id that is none.
    pub(super) fn type_of(&self, id: &str) -> Option<&str> {
        self.types.get(id).map(String::as_str)
    }
}

/// All of them, in a fixed order.
fn all(seed: &str) -> Vec<Value> {
    let mut list = Vec::new();
    for (number, place) in (0..).zip(INLAND) {
        for (prefix, kind, words) in [
            ("at", "ADMINISTRATIVE_TERMINAL", "Contargo"),
            ("ot", "OPERATIONAL_TERMINAL", "Terminal"),
            ("ht", "HINTERLAND_TERMINAL", "Hinterland"),
        ] {
            let name = format!("{words} {}", place.0);
            list.push(location(seed, (prefix, number), (name, kind), place));
        }
    }
    for (number, place) in (0..).zip(PORTS) {
        let name = place.0.to_owned();
        list.push(location(seed, ("sp", number), (name, "SEAPORT"), place));
        let name = format!("{} Gateway", place.0);
        list.push(location(
            seed,
            ("st", number),
            (name, "SEAPORT_TERMINAL"),
            place,
        ));
    }
    for (number, place) in (0..LOADING_PLACES).zip(INLAND.into_iter().cycle()) {
        let name = format!("Loading place {} {}", place.0, number + 1);
        list.push(location(
            seed,
            ("lp", number),
            (name, "LOADINGPLACE"),
            place,
        ));
    }
    let place = INLAND[0];
    let name = "Sandbox Logistics GmbH".to_owned();
    list.push(location(seed, ("or", 0), (name, "ORGANISATION"), place));
    list
}

/// `GET /locations`.
pub(super) fn search(call: &Call, locations: &Locations) -> Reply {
    let mut messages = Vec::new();
    let mut number = |name: &str, default: u32| match call.param(name).map(str::parse::<i32>) {
        None => default,
        Some(Ok(number)) if number >= 1 => number.unsigned_abs(),
        Some(_) => {
            messages.push(format!("The parameter \"{name}\" must be a number from 1!"));
            default
        }
    };
    let page = number("page", 1);
    let size = number("pageSize", 50).min(MOST);
    let kind = call.param("type");
    if let Some(kind) = kind
        && let Err(message) = one_of("type", &json!(kind), &TYPES)
    {
        messages.push(message);
    }
    if !messages.is_empty() {
        return refuse(400, &messages);
    }
    let name = call.param("name").unwrap_or_default().to_lowercase();
    let fits = |location: &&Value| {
        let designation = location["designation"].as_str().unwrap_or_default();
        kind.is_none_or(|kind| location["type"] == kind)
            && designation.to_lowercase().contains(&name)
    };
    let found: Vec<_> = locations.list.iter().filter(fits).collect();
    let total = found.len();
    let skip = usize::try_from(u64::from(page - 1) * u64::from(size)).unwrap_or(usize::MAX);
    let take = usize::try_from(size).unwrap_or(usize::MAX);
    let data: Vec<_> = found.into_iter().skip(skip).take(take).collect();
    Reply::json(
        200,
        json!({
            "pagination": { "currentPage": page, "pageSize": size, "total": total },
            "data": data,
        }),
    )
}

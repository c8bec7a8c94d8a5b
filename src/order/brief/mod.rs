//! What an order's way asks of it, read from its canonical JSON without taking the rest apart.
//!
//! Every order passes here once between its child and the ledger, and most need no more than this:
//! who it is, and by which words and numbers it is found. Texts are borrowed from the JSON where it
//! writes them plainly. The JSON is read to its end, so that what is not JSON is refused here.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Visitor};

use super::{Action, Identity, Kind, Role};
use crate::limits;

/// An order as far as its way asks.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub struct Brief<'a> {
    #[serde(borrow)]
    reference: Text<'a>,
    /// What it asks for.
    pub kind: Kind,
    /// What is to be done with it.
    pub action: Action,
    #[serde(borrow)]
    references: BTreeMap<Text<'a>, Text<'a>>,
    #[serde(borrow)]
    parties: BTreeMap<Role, Party<'a>>,
    #[serde(borrow)]
    shipments: Vec<Shipment<'a>>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct Party<'a> {
    #[serde(borrow)]
    ids: BTreeMap<Text<'a>, Text<'a>>,
    #[serde(borrow)]
    name: Option<Text<'a>>,
    #[serde(borrow)]
    postcode: Option<Text<'a>>,
    #[serde(borrow)]
    city: Option<Text<'a>>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct Shipment<'a> {
    #[serde(borrow)]
    id: Option<Text<'a>>,
    #[serde(borrow)]
    pickup: Option<Stop<'a>>,
    #[serde(borrow)]
    delivery: Option<Stop<'a>>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct Stop<'a> {
    #[serde(borrow)]
    party: Option<Party<'a>>,
}

impl<'a> Brief<'a> {
    /// Reads the canonical JSON of an order.
    ///
    /// # Errors
    /// It is not JSON, or a field that is asked for has another shape.
    pub fn read(content: &'a [u8]) -> serde_json::Result<Self> {
        serde_json::from_slice(content)
    }

    /// The sender's number.
    #[must_use]
    pub fn reference(&self) -> &str {
        &self.reference.0
    }

    /// Who the order is as sent by `sender`: what [`Identity::of`] says of the whole order.
    #[must_use]
    pub fn identity(&self, sender: &str) -> Identity {
        let buyer = self.parties.get(&Role::Buyer).and_then(|party| {
            let id = party.ids.iter().next();
            id.map(|(scheme, id)| Cow::Owned(format!("{}:{}", scheme.0, id.0)))
                .or_else(|| party.name.as_ref().map(|name| Cow::Borrowed(&*name.0)))
        });
        Identity::new(
            sender,
            &buyer.unwrap_or_default(),
            self.kind,
            &self.reference.0,
        )
    }

    /// The numbers by which events find the order, beside its reference.
    #[must_use]
    pub fn numbers(&self) -> Vec<String> {
        let referenced = ["shipment", "tracking", "awb"]
            .into_iter()
            .filter_map(|kind| self.references.get(&Text(Cow::Borrowed(kind))));
        let shipments = self.shipments.iter().filter_map(|one| one.id.as_ref());
        let mut numbers: Vec<String> = Vec::new();
        for number in referenced.chain(shipments) {
            let fits = *number != self.reference && numbers.iter().all(|had| *had != number.0);
            if fits && numbers.len() < limits::NUMBERS_PER_ORDER {
                numbers.push(number.0.clone().into_owned());
            }
        }
        numbers
    }

    /// The words by which people look for it: references, names, postcodes, cities, shipments' ids.
    /// In lower case, a space before each.
    #[must_use]
    pub fn search_words(&self) -> String {
        let mut words = String::new();
        let mut add = |word: &Text<'_>| {
            if word.0.is_ascii() && !word.0.is_empty() {
                words.push(' ');
                let from = words.len();
                words.push_str(&word.0);
                if let Some(added) = words.get_mut(from..) {
                    added.make_ascii_lowercase();
                }
            } else if !word.0.is_empty() {
                words.push(' ');
                words.extend(word.0.chars().flat_map(char::to_lowercase));
            }
        };
        self.references.values().for_each(&mut add);
        let stops = self.shipments.iter().flat_map(|shipment| {
            let stops = shipment.pickup.iter().chain(&shipment.delivery);
            stops.filter_map(|stop| stop.party.as_ref())
        });
        for party in self.parties.values().chain(stops) {
            let named = [&party.name, &party.postcode, &party.city];
            named.into_iter().flatten().for_each(&mut add);
        }
        let ids = self.shipments.iter().filter_map(|one| one.id.as_ref());
        ids.for_each(add);
        words
    }
}

/// A text that is borrowed where the JSON writes it without escapes. (A plain `Cow` is borrowed as
/// a field only, not in maps and options.)
#[derive(Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Text<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_str(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Text<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Text<'de>, E> {
        Ok(Text(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Text<'de>, E> {
        Ok(Text(Cow::Owned(text.to_owned())))
    }
}

#[cfg(test)]
mod tests;

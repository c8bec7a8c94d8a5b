//! The parts of an order: parties, lines, shipments, goods, equipment, totals, origin.

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::{Date, Time};
use rust_decimal::Decimal;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::decimal;

/// An amount with its currency.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Money {
    /// The amount, exact.
    #[serde(with = "rust_decimal::serde::str")]
    pub amount: Decimal,
    /// ISO 4217.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
}

/// The part a party plays (EDIFACT NAD 3035, UBL party elements).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// NAD+BY.
    Buyer,
    /// NAD+SE.
    Seller,
    /// NAD+IV or FP.
    Payer,
    /// NAD+CZ.
    Consignor,
    /// NAD+CN.
    Consignee,
    /// NAD+CA.
    Carrier,
    /// NAD+TR, LOC.
    Terminal,
}

/// A company or person with its address.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Party {
    /// Identifiers by scheme: `gln`, `customer`, `carrier`, `unlocode`, …
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub ids: BTreeMap<String, String>,
    /// First name line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Second name line or department.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name2: Option<String>,
    /// Street, with the number where the sender writes both in one field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub street: Option<String>,
    /// Second street line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub street2: Option<String>,
    /// House number where the sender has a field of its own for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub house_no: Option<String>,
    /// Postcode: text, leading zeros kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postcode: Option<String>,
    /// City.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// State or province.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// ISO 3166-1 alpha-2, upper case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Whom to call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<Contact>,
}

/// Whom to call. Numbers are text.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Contact {
    /// The person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Fixed line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Mobile.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mobile: Option<String>,
    /// Fax.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fax: Option<String>,
    /// Mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

/// One ordered item.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Line {
    /// The sender's line number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// The seller's article number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item_id: Option<String>,
    /// The buyer's article number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub buyer_item_id: Option<String>,
    /// GTIN (EAN, UPC): text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gtin: Option<String>,
    /// What it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// How many.
    #[serde(with = "decimal", skip_serializing_if = "Option::is_none")]
    pub quantity: Option<Decimal>,
    /// UN/ECE Recommendation 20.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Price of one unit; may have more decimals than the currency.
    #[serde(with = "decimal", skip_serializing_if = "Option::is_none")]
    pub unit_price: Option<Decimal>,
    /// Line amount as stated.
    #[serde(with = "decimal", skip_serializing_if = "Option::is_none")]
    pub amount: Option<Decimal>,
    /// Wanted on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivery_date: Option<Date>,
}

/// What is moved from one place to another.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Shipment {
    /// The sender's shipment id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Where and when it is fetched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pickup: Option<Stop>,
    /// Where and when it is brought.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivery: Option<Stop>,
    /// The goods.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub goods: Vec<Goods>,
    /// Containers and the like.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub equipment: Vec<Equipment>,
    /// Sums as stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub totals: Option<ShipmentTotals>,
}

/// One end of a shipment.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Stop {
    /// Who is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub party: Option<Party>,
    /// The day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<Date>,
    /// Not before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<TimeOfDay>,
    /// Not after.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<TimeOfDay>,
}

/// One goods line of a shipment.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Goods {
    /// The sender's number of the goods line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// Pieces. -1 deletes the line where the profile says so.
    #[serde(with = "decimal", skip_serializing_if = "Option::is_none")]
    pub quantity: Option<Decimal>,
    /// UN/ECE Recommendation 21.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package_type: Option<String>,
    /// What it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Gross weight, kilograms.
    #[serde(with = "decimal", skip_serializing_if = "Option::is_none")]
    pub weight_kg: Option<Decimal>,
    /// Volume, cubic metres.
    #[serde(with = "decimal", skip_serializing_if = "Option::is_none")]
    pub volume_m3: Option<Decimal>,
    /// Length, centimetres.
    #[serde(with = "decimal", skip_serializing_if = "Option::is_none")]
    pub length_cm: Option<Decimal>,
    /// Width, centimetres.
    #[serde(with = "decimal", skip_serializing_if = "Option::is_none")]
    pub width_cm: Option<Decimal>,
    /// Height, centimetres.
    #[serde(with = "decimal", skip_serializing_if = "Option::is_none")]
    pub height_cm: Option<Decimal>,
    /// Loading metres.
    #[serde(with = "decimal", skip_serializing_if = "Option::is_none")]
    pub loading_metres: Option<Decimal>,
    /// Dangerous goods.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dangerous: Option<Dangerous>,
    /// Serial shipping container code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sscc: Option<String>,
    /// The warehouse's package number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package_id: Option<String>,
    /// The sender's package number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_package_id: Option<String>,
    /// Warehouse zones.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub picking_zones: Vec<String>,
    /// Which ordered items are inside.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub contents: Vec<Content>,
}

/// What of an order line is inside a package.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Content {
    /// The order line's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
    /// The article.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item_id: Option<String>,
    /// How many of it.
    #[serde(with = "decimal", skip_serializing_if = "Option::is_none")]
    pub quantity: Option<Decimal>,
}

/// Dangerous goods data (ADR, IMDG).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Dangerous {
    /// UN number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub un_no: Option<String>,
    /// Class.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// The sender's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// A container, trailer or swap body.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Equipment {
    /// ISO 6346 number without blanks or dash.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// ISO 6346 size and type, such as `42G0`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iso_size_type: Option<String>,
    /// Terminal's handling code, such as `40DV`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handling_code: Option<String>,
    /// `full`, `empty`, `unknown`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub loading_state: Option<String>,
    /// `ok`, `damaged`, `unknown`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
    /// Dangerous goods inside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dangerous: Option<Dangerous>,
    /// Seals.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub seals: Vec<Seal>,
}

/// A seal and who set it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Seal {
    /// `operator`, `customs`, `unknown`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub party: Option<String>,
    /// Its number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
}

/// Sums of a shipment as the sender stated them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ShipmentTotals {
    /// Pieces.
    #[serde(with = "decimal", skip_serializing_if = "Option::is_none")]
    pub pieces: Option<Decimal>,
    /// Kilograms.
    #[serde(with = "decimal", skip_serializing_if = "Option::is_none")]
    pub weight_kg: Option<Decimal>,
    /// Cubic metres.
    #[serde(with = "decimal", skip_serializing_if = "Option::is_none")]
    pub volume_m3: Option<Decimal>,
    /// Pallets.
    #[serde(with = "decimal", skip_serializing_if = "Option::is_none")]
    pub pallets: Option<Decimal>,
}

/// Sums of an order as the sender stated them; a difference to the lines is a warning.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Totals {
    /// Number of lines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line_count: Option<u32>,
    /// Sum of quantities.
    #[serde(with = "decimal", skip_serializing_if = "Option::is_none")]
    pub quantity: Option<Decimal>,
    /// Sum of amounts.
    #[serde(with = "decimal", skip_serializing_if = "Option::is_none")]
    pub amount: Option<Decimal>,
    /// Sum of weights, kilograms.
    #[serde(with = "decimal", skip_serializing_if = "Option::is_none")]
    pub weight_kg: Option<Decimal>,
}

/// Where in its file an order stands, in the sender's own terms.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Origin {
    /// The file's name (and member, for archives and mails).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The sheet's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// First and last row, as a spreadsheet numbers them: `2` or `2-7`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<String>,
    /// Path of the order's element, such as `/orders/order[3]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}

impl Origin {
    /// Whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A time of day to the minute, `HH:MM`, in the sender's time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimeOfDay(Time);

impl TimeOfDay {
    /// A time from hour and minute; `None` outside 00:00 to 23:59.
    #[must_use]
    pub fn new(hour: i8, minute: i8) -> Option<Self> {
        Time::new(hour, minute, 0, 0).ok().map(Self)
    }

    /// Reads `HH:MM`; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (hour, minute) = text.split_once(':')?;
        let two = |part: &str| part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
        if !two(hour) || !two(minute) {
            return None;
        }
        Self::new(hour.parse().ok()?, minute.parse().ok()?)
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0.hour(), self.0.minute())
    }
}

impl Serialize for TimeOfDay {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TimeOfDay {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom("a time is written HH:MM"))
    }
}

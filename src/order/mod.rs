//! The canonical order: one model for purchase, transport, warehouse and last-mile orders.
//!
//! Every format and profile ends here and every partner starts here. The JSON form is part of the
//! outward contract: snake_case keys in the order of the fields below, decimals as exact strings,
//! dates `YYYY-MM-DD`, times `HH:MM`. Empty fields are left out. Unknown keys are refused on the
//! way in, so that a typing error in a dropped JSON order is a problem and not a silent loss.
//!
//! Never here: where an order came from on the wire, how it is delivered, or any partner's names.

mod brief;
mod codes;
mod identity;
mod parts;
mod validate;

use std::collections::BTreeMap;

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

pub use brief::Brief;
pub(crate) use codes::{Folded, fold};
pub use codes::{country_code, is_country, is_currency, is_unit, package_code, unit_code};
pub use identity::{ContentHash, Identity, content_hash, delivery_key};
pub use parts::{
    Contact, Content, Dangerous, Equipment, Goods, Line, Money, Origin, Party, Role, Seal,
    Shipment, ShipmentTotals, Stop, TimeOfDay, Totals,
};
pub use validate::{Warned, validate, validate_next};

/// What an order asks for. Decides which connector fields apply and is part of the identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Goods bought: UBL Order, EDIFACT ORDERS.
    #[default]
    Purchase,
    /// Carriage from A to B: UBL `ForwardingInstructions`, EDIFACT IFTMIN, Cargooffice.
    Transport,
    /// A unit fetched at a terminal.
    Pickup,
    /// A unit brought to a terminal.
    Dropoff,
    /// Goods sent out of a warehouse.
    Dispatch,
    /// Goods expected by a warehouse.
    Receipt,
    /// Last-mile delivery to a recipient.
    Delivery,
    /// A wish to be told where a consignment is.
    Tracking,
}

/// What is to be done with the order at the partner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// A new order.
    #[default]
    Create,
    /// New content for an order that the partner has.
    Update,
    /// Take the order back.
    Cancel,
}

impl Action {
    /// The word used in JSON, SQL and templates.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Cancel => "cancel",
        }
    }

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "the signature serde asks for"
    )]
    fn is_create(&self) -> bool {
        matches!(self, Self::Create)
    }
}

impl Kind {
    /// The word used in JSON, SQL and templates.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Purchase => "purchase",
            Self::Transport => "transport",
            Self::Pickup => "pickup",
            Self::Dropoff => "dropoff",
            Self::Dispatch => "dispatch",
            Self::Receipt => "receipt",
            Self::Delivery => "delivery",
            Self::Tracking => "tracking",
        }
    }
}

/// One canonical order. See the module page for the JSON rules.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Order {
    /// The sender's order number (UBL `cbc:ID`, EDIFACT BGM 1004). Required; text, zeros kept.
    pub reference: String,
    /// What the order asks for.
    pub kind: Kind,
    /// Create, update or cancel.
    #[serde(skip_serializing_if = "Action::is_create")]
    pub action: Action,
    /// The day the sender issued the order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issued: Option<Date>,
    /// The day goods were received (receipts).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub received_date: Option<Date>,
    /// ISO 4217.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// The sender's words for speed and service ("express", "09:00 hr").
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_level: Option<String>,
    /// Free text for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remarks: Option<String>,
    /// The partner shall store it without acting on it.
    #[serde(skip_serializing_if = "is_false")]
    pub draft: bool,
    /// How many labels the sender wants.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels_quantity: Option<u32>,
    /// Cash to be collected on delivery.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cod: Option<Money>,
    /// The agreed freight price.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub freight: Option<Money>,
    /// Further references by kind: customer, contract, transaction, awb, tracking, lot, … (RFF).
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub references: BTreeMap<String, String>,
    /// Who takes part, by role.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub parties: BTreeMap<Role, Party>,
    /// What is ordered.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<Line>,
    /// What is moved.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub shipments: Vec<Shipment>,
    /// Sums as the sender stated them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub totals: Option<Totals>,
    /// URLs or mail addresses that want tracking updates.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notify: Vec<String>,
    /// Columns and elements that no profile named: kept, never dropped.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub extra: BTreeMap<String, String>,
    /// Where in its file the order stands. Not part of the content hash.
    #[serde(skip_serializing_if = "Origin::is_empty")]
    pub origin: Origin,
}

/// A statement about an order that exists: a milestone, never pushed as an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatusUpdate {
    /// The order's reference, where the file names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<String>,
    /// The shipment's id, where the file names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shipment: Option<String>,
    /// The tracking number, where the file names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracking: Option<String>,
    /// When it happened, local to the sender: `YYYY-MM-DDTHH:MM`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// The sender's code for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The sender's words for it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// Where it happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature serde asks for"
)]
fn is_false(value: &bool) -> bool {
    !*value
}

/// A decimal written exactly; `None` is left out. For `#[serde(with)]` on optional decimals.
pub(crate) mod decimal {
    pub(crate) use rust_decimal::serde::str_option::{deserialize, serialize};
}

/// Reads the canonical decimal form: optional minus, digits, at most one point.
///
/// Stricter than the decimal library, which takes `1e5` and `1_000`: a number that would have to be
/// guessed is refused.
#[must_use]
pub fn parse_decimal(text: &str) -> Option<Decimal> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !plain(whole) || !plain(fraction) {
        return None;
    }
    text.parse().ok()
}

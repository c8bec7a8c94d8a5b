//! The canonical order as a form sees it: every field with its kind. A test compares it with the order
//! itself, so that neither has a field that the other lacks.

/// What a field holds.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Shape {
    /// One line of text.
    Text,
    /// Text of several lines.
    Long,
    /// An exact decimal.
    Decimal,
    /// A count.
    Whole,
    /// `YYYY-MM-DD`.
    Date,
    /// `HH:MM`.
    Time,
    /// Yes or no.
    Yes,
    /// One of these words.
    Word(&'static [&'static str]),
    /// Names and texts.
    Pairs,
    /// Texts.
    Texts,
    /// A group of fields.
    One(&'static [Field]),
    /// A group for each of these names.
    Each(&'static [&'static str], &'static [Field]),
    /// Groups in a row.
    Many(&'static [Field]),
}

/// A field's key and what it holds.
pub(crate) type Field = (&'static str, Shape);

use Shape::{Date, Decimal, Each, Long, Many, One, Pairs, Text, Texts, Time, Whole, Word, Yes};

const CONTACT: &[Field] = &[
    ("name", Text),
    ("phone", Text),
    ("mobile", Text),
    ("fax", Text),
    ("email", Text),
];
const PARTY: &[Field] = &[
    ("name", Text),
    ("name2", Text),
    ("street", Text),
    ("street2", Text),
    ("house_no", Text),
    ("postcode", Text),
    ("city", Text),
    ("region", Text),
    ("country", Text),
    ("ids", Pairs),
    ("contact", One(CONTACT)),
];
const MONEY: &[Field] = &[("amount", Decimal), ("currency", Text)];
const LINE: &[Field] = &[
    ("number", Text),
    ("item_id", Text),
    ("buyer_item_id", Text),
    ("gtin", Text),
    ("description", Text),
    ("quantity", Decimal),
    ("unit", Text),
    ("unit_price", Decimal),
    ("amount", Decimal),
    ("delivery_date", Date),
];
const STOP: &[Field] = &[
    ("date", Date),
    ("from", Time),
    ("to", Time),
    ("party", One(PARTY)),
];
const DANGEROUS: &[Field] = &[("un_no", Text), ("class", Text), ("text", Text)];
const CONTENT: &[Field] = &[("line", Text), ("item_id", Text), ("quantity", Decimal)];
const GOODS: &[Field] = &[
    ("number", Text),
    ("quantity", Decimal),
    ("package_type", Text),
    ("description", Text),
    ("weight_kg", Decimal),
    ("volume_m3", Decimal),
    ("length_cm", Decimal),
    ("width_cm", Decimal),
    ("height_cm", Decimal),
    ("loading_metres", Decimal),
    ("sscc", Text),
    ("package_id", Text),
    ("external_package_id", Text),
    ("picking_zones", Texts),
    ("dangerous", One(DANGEROUS)),
    ("contents", Many(CONTENT)),
];
const SEAL: &[Field] = &[("party", Text), ("number", Text)];
const EQUIPMENT: &[Field] = &[
    ("number", Text),
    ("iso_size_type", Text),
    ("handling_code", Text),
    ("loading_state", Text),
    ("condition", Text),
    ("dangerous", One(DANGEROUS)),
    ("seals", Many(SEAL)),
];
const SHIPMENT: &[Field] = &[
    ("id", Text),
    ("pickup", One(STOP)),
    ("delivery", One(STOP)),
    ("goods", Many(GOODS)),
    ("equipment", Many(EQUIPMENT)),
    (
        "totals",
        One(&[
            ("pieces", Decimal),
            ("weight_kg", Decimal),
            ("volume_m3", Decimal),
            ("pallets", Decimal),
        ]),
    ),
];
const KINDS: &[&str] = &[
    "purchase",
    "transport",
    "pickup",
    "dropoff",
    "dispatch",
    "receipt",
    "delivery",
    "tracking",
];
const ROLES: &[&str] = &[
    "buyer",
    "seller",
    "payer",
    "consignor",
    "consignee",
    "carrier",
    "terminal",
];

/// An order; its origin is not anybody's to change.
pub(crate) const ORDER: &[Field] = &[
    ("reference", Text),
    ("kind", Word(KINDS)),
    ("action", Word(&["create", "update", "cancel"])),
    ("issued", Date),
    ("received_date", Date),
    ("currency", Text),
    ("service_level", Text),
    ("labels_quantity", Whole),
    ("draft", Yes),
    ("remarks", Long),
    ("references", Pairs),
    ("parties", Each(ROLES, PARTY)),
    ("lines", Many(LINE)),
    ("shipments", Many(SHIPMENT)),
    (
        "totals",
        One(&[
            ("line_count", Whole),
            ("quantity", Decimal),
            ("amount", Decimal),
            ("weight_kg", Decimal),
        ]),
    ),
    ("cod", One(MONEY)),
    ("freight", One(MONEY)),
    ("notify", Texts),
    ("extra", Pairs),
];

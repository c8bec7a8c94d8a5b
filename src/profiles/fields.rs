//! The tables of fields: path, type, setter. See [`super::target`].

use super::target::{FieldOf, FieldType, Set};
use crate::order::{
    Contact, Dangerous, Equipment, Goods, Line, Money, Order, Party, Shipment, ShipmentTotals,
    StatusUpdate, Stop, Totals,
};

/// The head of an order.
pub(crate) static ORDER: &[FieldOf<Order>] = &[
    FieldOf {
        name: "reference",
        ty: FieldType::Id,
        set: Set::Text(|part, value| part.reference = value),
    },
    FieldOf {
        name: "kind",
        ty: FieldType::Kind,
        set: Set::Kind(|part, value| part.kind = value),
    },
    FieldOf {
        name: "action",
        ty: FieldType::Action,
        set: Set::Action(|part, value| part.action = value),
    },
    FieldOf {
        name: "issued",
        ty: FieldType::Date,
        set: Set::Date(|part, value| part.issued = Some(value)),
    },
    FieldOf {
        name: "received_date",
        ty: FieldType::Date,
        set: Set::Date(|part, value| part.received_date = Some(value)),
    },
    FieldOf {
        name: "currency",
        ty: FieldType::Currency,
        set: Set::Text(|part, value| part.currency = Some(value)),
    },
    FieldOf {
        name: "service_level",
        ty: FieldType::Text,
        set: Set::Text(|part, value| part.service_level = Some(value)),
    },
    FieldOf {
        name: "remarks",
        ty: FieldType::Text,
        set: Set::Text(|part, value| part.remarks = Some(value)),
    },
    FieldOf {
        name: "draft",
        ty: FieldType::Flag,
        set: Set::Flag(|part, value| part.draft = value),
    },
    FieldOf {
        name: "labels_quantity",
        ty: FieldType::Count,
        set: Set::Count(|part, value| part.labels_quantity = Some(value)),
    },
    FieldOf {
        name: "cod.amount",
        ty: FieldType::Number,
        set: Set::Number(|part, value| cod(part).amount = value),
    },
    FieldOf {
        name: "cod.currency",
        ty: FieldType::Currency,
        set: Set::Text(|part, value| cod(part).currency = Some(value)),
    },
    FieldOf {
        name: "freight.amount",
        ty: FieldType::Number,
        set: Set::Number(|part, value| freight(part).amount = value),
    },
    FieldOf {
        name: "freight.currency",
        ty: FieldType::Currency,
        set: Set::Text(|part, value| freight(part).currency = Some(value)),
    },
    FieldOf {
        name: "totals.line_count",
        ty: FieldType::Count,
        set: Set::Count(|part, value| totals(part).line_count = Some(value)),
    },
    FieldOf {
        name: "totals.quantity",
        ty: FieldType::Number,
        set: Set::Number(|part, value| totals(part).quantity = Some(value)),
    },
    FieldOf {
        name: "totals.amount",
        ty: FieldType::Number,
        set: Set::Number(|part, value| totals(part).amount = Some(value)),
    },
    FieldOf {
        name: "totals.weight_kg",
        ty: FieldType::Number,
        set: Set::Number(|part, value| totals(part).weight_kg = Some(value)),
    },
    FieldOf {
        name: "notify",
        ty: FieldType::Text,
        set: Set::Text(|part, value| part.notify.push(value)),
    },
];

/// A company or person.
pub(crate) static PARTY: &[FieldOf<Party>] = &[
    FieldOf {
        name: "name",
        ty: FieldType::Text,
        set: Set::Text(|part, value| part.name = Some(value)),
    },
    FieldOf {
        name: "name2",
        ty: FieldType::Text,
        set: Set::Text(|part, value| part.name2 = Some(value)),
    },
    FieldOf {
        name: "street",
        ty: FieldType::Text,
        set: Set::Text(|part, value| part.street = Some(value)),
    },
    FieldOf {
        name: "street2",
        ty: FieldType::Text,
        set: Set::Text(|part, value| part.street2 = Some(value)),
    },
    FieldOf {
        name: "house_no",
        ty: FieldType::Id,
        set: Set::Text(|part, value| part.house_no = Some(value)),
    },
    FieldOf {
        name: "postcode",
        ty: FieldType::Id,
        set: Set::Text(|part, value| part.postcode = Some(value)),
    },
    FieldOf {
        name: "city",
        ty: FieldType::Text,
        set: Set::Text(|part, value| part.city = Some(value)),
    },
    FieldOf {
        name: "region",
        ty: FieldType::Text,
        set: Set::Text(|part, value| part.region = Some(value)),
    },
    FieldOf {
        name: "country",
        ty: FieldType::Country,
        set: Set::Text(|part, value| part.country = Some(value)),
    },
    FieldOf {
        name: "contact.name",
        ty: FieldType::Text,
        set: Set::Text(|part, value| contact(part).name = Some(value)),
    },
    FieldOf {
        name: "contact.phone",
        ty: FieldType::Id,
        set: Set::Text(|part, value| contact(part).phone = Some(value)),
    },
    FieldOf {
        name: "contact.mobile",
        ty: FieldType::Id,
        set: Set::Text(|part, value| contact(part).mobile = Some(value)),
    },
    FieldOf {
        name: "contact.fax",
        ty: FieldType::Id,
        set: Set::Text(|part, value| contact(part).fax = Some(value)),
    },
    FieldOf {
        name: "contact.email",
        ty: FieldType::Id,
        set: Set::Text(|part, value| contact(part).email = Some(value)),
    },
];

/// An order line.
pub(crate) static LINE: &[FieldOf<Line>] = &[
    FieldOf {
        name: "number",
        ty: FieldType::Id,
        set: Set::Text(|part, value| part.number = Some(value)),
    },
    FieldOf {
        name: "item_id",
        ty: FieldType::Id,
        set: Set::Text(|part, value| part.item_id = Some(value)),
    },
    FieldOf {
        name: "buyer_item_id",
        ty: FieldType::Id,
        set: Set::Text(|part, value| part.buyer_item_id = Some(value)),
    },
    FieldOf {
        name: "gtin",
        ty: FieldType::Id,
        set: Set::Text(|part, value| part.gtin = Some(value)),
    },
    FieldOf {
        name: "description",
        ty: FieldType::Text,
        set: Set::Text(|part, value| part.description = Some(value)),
    },
    FieldOf {
        name: "quantity",
        ty: FieldType::Number,
        set: Set::Number(|part, value| part.quantity = Some(value)),
    },
    FieldOf {
        name: "unit",
        ty: FieldType::Unit,
        set: Set::Text(|part, value| part.unit = Some(value)),
    },
    FieldOf {
        name: "unit_price",
        ty: FieldType::Number,
        set: Set::Number(|part, value| part.unit_price = Some(value)),
    },
    FieldOf {
        name: "amount",
        ty: FieldType::Number,
        set: Set::Number(|part, value| part.amount = Some(value)),
    },
    FieldOf {
        name: "delivery_date",
        ty: FieldType::Date,
        set: Set::Date(|part, value| part.delivery_date = Some(value)),
    },
];

/// A shipment.
pub(crate) static SHIPMENT: &[FieldOf<Shipment>] = &[
    FieldOf {
        name: "id",
        ty: FieldType::Id,
        set: Set::Text(|part, value| part.id = Some(value)),
    },
    FieldOf {
        name: "totals.pieces",
        ty: FieldType::Number,
        set: Set::Number(|part, value| shipment_totals(part).pieces = Some(value)),
    },
    FieldOf {
        name: "totals.weight_kg",
        ty: FieldType::Number,
        set: Set::Number(|part, value| shipment_totals(part).weight_kg = Some(value)),
    },
    FieldOf {
        name: "totals.volume_m3",
        ty: FieldType::Number,
        set: Set::Number(|part, value| shipment_totals(part).volume_m3 = Some(value)),
    },
    FieldOf {
        name: "totals.pallets",
        ty: FieldType::Number,
        set: Set::Number(|part, value| shipment_totals(part).pallets = Some(value)),
    },
];

/// One end of a shipment.
pub(crate) static STOP: &[FieldOf<Stop>] = &[
    FieldOf {
        name: "date",
        ty: FieldType::Date,
        set: Set::Date(|part, value| part.date = Some(value)),
    },
    FieldOf {
        name: "from",
        ty: FieldType::Time,
        set: Set::Time(|part, value| part.from = Some(value)),
    },
    FieldOf {
        name: "to",
        ty: FieldType::Time,
        set: Set::Time(|part, value| part.to = Some(value)),
    },
];

/// A goods line.
pub(crate) static GOODS: &[FieldOf<Goods>] = &[
    FieldOf {
        name: "number",
        ty: FieldType::Id,
        set: Set::Text(|part, value| part.number = Some(value)),
    },
    FieldOf {
        name: "quantity",
        ty: FieldType::Number,
        set: Set::Number(|part, value| part.quantity = Some(value)),
    },
    FieldOf {
        name: "package_type",
        ty: FieldType::Package,
        set: Set::Text(|part, value| part.package_type = Some(value)),
    },
    FieldOf {
        name: "description",
        ty: FieldType::Text,
        set: Set::Text(|part, value| part.description = Some(value)),
    },
    FieldOf {
        name: "weight_kg",
        ty: FieldType::Number,
        set: Set::Number(|part, value| part.weight_kg = Some(value)),
    },
    FieldOf {
        name: "volume_m3",
        ty: FieldType::Number,
        set: Set::Number(|part, value| part.volume_m3 = Some(value)),
    },
    FieldOf {
        name: "length_cm",
        ty: FieldType::Number,
        set: Set::Number(|part, value| part.length_cm = Some(value)),
    },
    FieldOf {
        name: "width_cm",
        ty: FieldType::Number,
        set: Set::Number(|part, value| part.width_cm = Some(value)),
    },
    FieldOf {
        name: "height_cm",
        ty: FieldType::Number,
        set: Set::Number(|part, value| part.height_cm = Some(value)),
    },
    FieldOf {
        name: "loading_metres",
        ty: FieldType::Number,
        set: Set::Number(|part, value| part.loading_metres = Some(value)),
    },
    FieldOf {
        name: "dangerous.un_no",
        ty: FieldType::Id,
        set: Set::Text(|part, value| dangerous(&mut part.dangerous).un_no = Some(value)),
    },
    FieldOf {
        name: "dangerous.class",
        ty: FieldType::Id,
        set: Set::Text(|part, value| dangerous(&mut part.dangerous).class = Some(value)),
    },
    FieldOf {
        name: "dangerous.text",
        ty: FieldType::Text,
        set: Set::Text(|part, value| dangerous(&mut part.dangerous).text = Some(value)),
    },
    FieldOf {
        name: "sscc",
        ty: FieldType::Id,
        set: Set::Text(|part, value| part.sscc = Some(value)),
    },
    FieldOf {
        name: "package_id",
        ty: FieldType::Id,
        set: Set::Text(|part, value| part.package_id = Some(value)),
    },
    FieldOf {
        name: "external_package_id",
        ty: FieldType::Id,
        set: Set::Text(|part, value| part.external_package_id = Some(value)),
    },
    FieldOf {
        name: "picking_zones",
        ty: FieldType::Id,
        set: Set::Text(|part, value| part.picking_zones.push(value)),
    },
];

/// A container and the like.
pub(crate) static EQUIPMENT: &[FieldOf<Equipment>] = &[
    FieldOf {
        name: "number",
        ty: FieldType::Id,
        set: Set::Text(|part, value| part.number = Some(value)),
    },
    FieldOf {
        name: "iso_size_type",
        ty: FieldType::Id,
        set: Set::Text(|part, value| part.iso_size_type = Some(value)),
    },
    FieldOf {
        name: "handling_code",
        ty: FieldType::Id,
        set: Set::Text(|part, value| part.handling_code = Some(value)),
    },
    FieldOf {
        name: "loading_state",
        ty: FieldType::Id,
        set: Set::Text(|part, value| part.loading_state = Some(value)),
    },
    FieldOf {
        name: "condition",
        ty: FieldType::Id,
        set: Set::Text(|part, value| part.condition = Some(value)),
    },
    FieldOf {
        name: "dangerous.un_no",
        ty: FieldType::Id,
        set: Set::Text(|part, value| dangerous(&mut part.dangerous).un_no = Some(value)),
    },
    FieldOf {
        name: "dangerous.class",
        ty: FieldType::Id,
        set: Set::Text(|part, value| dangerous(&mut part.dangerous).class = Some(value)),
    },
    FieldOf {
        name: "dangerous.text",
        ty: FieldType::Text,
        set: Set::Text(|part, value| dangerous(&mut part.dangerous).text = Some(value)),
    },
];

/// A status update.
pub(crate) static STATUS: &[FieldOf<StatusUpdate>] = &[
    FieldOf {
        name: "order",
        ty: FieldType::Id,
        set: Set::Text(|part, value| part.order = Some(value)),
    },
    FieldOf {
        name: "shipment",
        ty: FieldType::Id,
        set: Set::Text(|part, value| part.shipment = Some(value)),
    },
    FieldOf {
        name: "tracking",
        ty: FieldType::Id,
        set: Set::Text(|part, value| part.tracking = Some(value)),
    },
    FieldOf {
        name: "at",
        ty: FieldType::Text,
        set: Set::Text(|part, value| part.at = Some(value)),
    },
    FieldOf {
        name: "code",
        ty: FieldType::Id,
        set: Set::Text(|part, value| part.code = Some(value)),
    },
    FieldOf {
        name: "text",
        ty: FieldType::Text,
        set: Set::Text(|part, value| part.text = value),
    },
    FieldOf {
        name: "place",
        ty: FieldType::Text,
        set: Set::Text(|part, value| part.place = Some(value)),
    },
    FieldOf {
        name: "status",
        ty: FieldType::Milestone,
        set: Set::Text(|part, value| milestone(part, &value)),
    },
];

fn cod(order: &mut Order) -> &mut Money {
    order.cod.get_or_insert_default()
}

fn freight(order: &mut Order) -> &mut Money {
    order.freight.get_or_insert_default()
}

fn totals(order: &mut Order) -> &mut Totals {
    order.totals.get_or_insert_default()
}

fn contact(party: &mut Party) -> &mut Contact {
    party.contact.get_or_insert_default()
}

fn shipment_totals(shipment: &mut Shipment) -> &mut ShipmentTotals {
    shipment.totals.get_or_insert_default()
}

fn dangerous(slot: &mut Option<Dangerous>) -> &mut Dangerous {
    slot.get_or_insert_default()
}

/// `+2009-10-21 14:20 delivered` in one text: when, and what. Without a time all of it is text.
fn milestone(update: &mut StatusUpdate, value: &str) {
    let value = value.strip_prefix('+').unwrap_or(value).trim();
    let stamp = value.get(..16).filter(|stamp| is_stamp(stamp));
    if let Some(stamp) = stamp {
        update.at = Some(stamp.replacen(' ', "T", 1));
        value
            .get(16..)
            .unwrap_or("")
            .trim()
            .clone_into(&mut update.text);
    } else {
        value.clone_into(&mut update.text);
    }
}

/// Whether `text` is `YYYY-MM-DD HH:MM`.
fn is_stamp(text: &str) -> bool {
    text.len() == 16
        && text
            .get(..10)
            .is_some_and(|date| date.parse::<jiff::civil::Date>().is_ok())
        && text
            .get(11..)
            .is_some_and(|time| crate::order::TimeOfDay::parse(time).is_some())
}

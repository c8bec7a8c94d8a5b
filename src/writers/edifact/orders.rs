//! The purchase order (ORDERS), as the profile `edifact-orders` reads it.

use super::super::flat;
use super::super::{Directory, Made, Marks, shortest};
use super::parts::Letter;
use super::{Interchange, function};
use crate::order::{Line, Order, Role};

const PARTIES: [(Role, &str, &str); 5] = [
    (Role::Buyer, "BY", "parties.buyer"),
    (Role::Seller, "SE", "parties.seller"),
    (Role::Payer, "IV", "parties.payer"),
    (Role::Consignee, "CN", "parties.consignee"),
    (Role::Carrier, "CA", "parties.carrier"),
];

/// References and their qualifiers (1153).
const REFERENCES: [(&str, &str); 6] = [
    ("customer", "CR"),
    ("contract", "CT"),
    ("blanket", "BO"),
    ("quotation", "AAG"),
    ("sales_order", "VN"),
    ("project", "AEP"),
];

/// Canonical paths that have a place, beside those of the parties and references.
const CARRIED: [&str; 23] = [
    "reference",
    "kind",
    "action",
    "issued",
    "currency",
    "remarks",
    "draft",
    "references.order_type",
    "totals.",
    "lines.number",
    "lines.item_id",
    "lines.buyer_item_id",
    "lines.gtin",
    "lines.description",
    "lines.quantity",
    "lines.unit",
    "lines.unit_price",
    "lines.amount",
    "lines.delivery_date",
    "shipments.delivery.",
    "shipments.pickup.date",
    "shipments.pickup.from",
    "shipments.pickup.party.",
];

pub(in crate::writers) fn write(order: &Order, directory: Directory, marks: &Marks) -> Made {
    let mut letter = Letter {
        out: Interchange::open("ORDERS", directory, marks, order.draft),
        lost: not_carried(order),
        directory,
    };
    head(&mut letter, order);
    for (at, line) in order.lines.iter().enumerate() {
        put_line(&mut letter, at, line);
    }
    letter.out.put("UNS", &[&["S"]]);
    if let Some(totals) = &order.totals {
        if let Some(amount) = totals.amount {
            letter.out.put("MOA", &[&["86", &shortest(amount)]]);
        }
        if let Some(count) = totals.line_count {
            letter.out.put("CNT", &[&["2", &count.to_string()]]);
        }
        if let Some(quantity) = totals.quantity {
            letter.out.put("CNT", &[&["1", &shortest(quantity)]]);
        }
        if let Some(weight) = totals.weight_kg {
            letter.out.put("CNT", &[&["7", &shortest(weight), "KGM"]]);
        }
    }
    Made::new(letter.out.close(), letter.lost)
}

fn head(letter: &mut Letter, order: &Order) {
    let kind = order.references.get("order_type");
    let kind = letter.fit("references.order_type", kind, 3);
    let kind = if kind.is_empty() { "220" } else { kind };
    let reference = letter.fit("reference", Some(&order.reference), 35);
    letter
        .out
        .put("BGM", &[&[kind], &[reference], &[function(order.action)]]);
    letter.day("137", order.issued);
    let shipment = order.shipments.first();
    let delivery = shipment.and_then(|shipment| shipment.delivery.as_ref());
    let pickup = shipment.and_then(|shipment| shipment.pickup.as_ref());
    if let Some(stop) = delivery {
        letter.when(stop, "shipments.delivery", ["2", "64", "63"]);
    }
    if let Some(stop) = pickup {
        letter.when(stop, "shipments.pickup", ["200", "200", ""]);
    }
    letter.text("AAI", order.remarks.as_ref());
    for (name, code) in REFERENCES {
        letter.reference(
            code,
            &format!("references.{name}"),
            order.references.get(name),
        );
    }
    for (role, code, path) in PARTIES {
        if let Some(party) = order.parties.get(&role) {
            letter.party(code, path, party);
        }
    }
    for (code, path, stop) in [
        ("DP", "shipments.delivery.party", delivery),
        ("SF", "shipments.pickup.party", pickup),
    ] {
        if let Some(party) = stop.and_then(|stop| stop.party.as_ref()) {
            letter.party(code, path, party);
        }
    }
    if let Some(currency) = &order.currency {
        letter.out.put("CUX", &[&["2", currency, "9"]]);
    }
}

fn put_line(letter: &mut Letter, at: usize, line: &Line) {
    let place = (at + 1).to_string();
    let number = letter.fit("lines.number", line.number.as_ref(), 6);
    let number = if number.is_empty() { &place } else { number };
    let gtin = letter.fit("lines.gtin", line.gtin.as_ref(), 35);
    let code = if gtin.is_empty() { "" } else { "EN" };
    letter.out.put("LIN", &[&[number], &[], &[gtin, code]]);
    let item = letter.fit("lines.item_id", line.item_id.as_ref(), 35);
    let buyers = letter.fit("lines.buyer_item_id", line.buyer_item_id.as_ref(), 35);
    // One number an element: some partners read only the first.
    for (id, code) in [(item, "SA"), (buyers, "IN")] {
        if !id.is_empty() {
            letter.out.put("PIA", &[&["5"], &[id, code]]);
        }
    }
    let short = line
        .description
        .as_ref()
        .filter(|text| text.chars().count() <= 35);
    if let Some(text) = short {
        letter.out.put("IMD", &[&["F"], &[], &["", "", "", text]]);
    }
    if let Some(quantity) = line.quantity {
        let unit = line.unit.as_deref().unwrap_or_default();
        letter.out.put("QTY", &[&["21", &shortest(quantity), unit]]);
    } else if line.unit.is_some() {
        letter.lost.push("lines.unit".to_owned());
    }
    letter.day("2", line.delivery_date);
    if let Some(amount) = line.amount {
        letter.out.put("MOA", &[&["203", &shortest(amount)]]);
    }
    if short.is_none() {
        letter.text("AAA", line.description.as_ref());
    }
    if let Some(price) = line.unit_price {
        letter.out.put("PRI", &[&["AAA", &shortest(price)]]);
    }
}

fn not_carried(order: &Order) -> Vec<String> {
    let references = REFERENCES
        .iter()
        .map(|(name, _)| format!("references.{name}"));
    let parties = PARTIES.iter().map(|(_, _, path)| format!("{path}."));
    let more: Vec<String> = references.chain(parties).collect();
    flat::not_carried(order, &CARRIED, &more)
}

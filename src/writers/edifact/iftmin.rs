//! The forwarding instruction (IFTMIN), as the profile `edifact-iftmin` reads it.

use super::super::flat;
use super::super::{Directory, Made, Marks, shortest};
use super::parts::Letter;
use super::{Interchange, function};
use crate::order::{Dangerous, Equipment, Goods, Order, Role, Shipment};

const PARTIES: [(Role, &str, &str); 6] = [
    (Role::Buyer, "OB", "parties.buyer"),
    (Role::Payer, "FP", "parties.payer"),
    (Role::Consignor, "CZ", "parties.consignor"),
    (Role::Consignee, "CN", "parties.consignee"),
    (Role::Carrier, "CA", "parties.carrier"),
    (Role::Terminal, "TR", "parties.terminal"),
];

/// References and their qualifiers (1153).
const REFERENCES: [(&str, &str); 7] = [
    ("customer", "CR"),
    ("contract", "CT"),
    ("tracking", "CN"),
    ("awb", "AWB"),
    ("booking", "BN"),
    ("bill_of_lading", "BM"),
    ("purchase_order", "ON"),
];

/// Canonical paths that have a place, beside those of the parties and references.
const CARRIED: [&str; 31] = [
    "reference",
    "kind",
    "action",
    "issued",
    "remarks",
    "draft",
    "service_level",
    "references.order_type",
    "cod.",
    "shipments.id",
    "shipments.delivery.",
    "shipments.pickup.",
    "shipments.totals.pieces",
    "shipments.totals.weight_kg",
    "shipments.totals.volume_m3",
    "shipments.goods.number",
    "shipments.goods.quantity",
    "shipments.goods.package_type",
    "shipments.goods.description",
    "shipments.goods.weight_kg",
    "shipments.goods.volume_m3",
    "shipments.goods.length_cm",
    "shipments.goods.width_cm",
    "shipments.goods.height_cm",
    "shipments.goods.sscc",
    "shipments.goods.dangerous.",
    "shipments.equipment.number",
    "shipments.equipment.iso_size_type",
    "shipments.equipment.loading_state",
    "shipments.equipment.dangerous.",
    "shipments.equipment.seals",
];

pub(in crate::writers) fn write(order: &Order, directory: Directory, marks: &Marks) -> Made {
    let mut letter = Letter {
        out: Interchange::open("IFTMIN", directory, marks, order.draft),
        lost: not_carried(order),
        directory,
    };
    let none = Shipment::default();
    let shipment = order.shipments.first().unwrap_or(&none);
    head(&mut letter, order, shipment);
    for (at, goods) in shipment.goods.iter().enumerate() {
        put_goods(&mut letter, at, goods);
    }
    for equipment in &shipment.equipment {
        put_equipment(&mut letter, equipment);
    }
    Made::new(letter.out.close(), letter.lost)
}

fn head(letter: &mut Letter, order: &Order, shipment: &Shipment) {
    let kind = order.references.get("order_type");
    let kind = letter.fit("references.order_type", kind, 3);
    let kind = if kind.is_empty() { "610" } else { kind };
    let reference = letter.fit("reference", Some(&order.reference), 35);
    letter
        .out
        .put("BGM", &[&[kind], &[reference], &[function(order.action)]]);
    letter.day("137", order.issued);
    if let Some(stop) = &shipment.pickup {
        letter.when(stop, "shipments.pickup", ["200", "234", "235"]);
    }
    if let Some(stop) = &shipment.delivery {
        letter.when(stop, "shipments.delivery", ["2", "64", "63"]);
    }
    if let Some(level) = &order.service_level {
        letter.out.put("TSR", &[&[], &["", "", "", level]]);
    }
    if let Some(cod) = &order.cod {
        let currency = cod.currency.as_deref().unwrap_or_default();
        letter
            .out
            .put("MOA", &[&["22", &shortest(cod.amount), currency]]);
    }
    letter.text("AAI", order.remarks.as_ref());
    counts(letter, shipment);
    for (name, code) in REFERENCES {
        letter.reference(
            code,
            &format!("references.{name}"),
            order.references.get(name),
        );
    }
    letter.reference("SI", "shipments.id", shipment.id.as_ref());
    for (role, code, path) in PARTIES {
        if let Some(party) = order.parties.get(&role) {
            letter.party(code, path, party);
        }
    }
    for (code, path, stop) in [
        ("SF", "shipments.pickup.party", &shipment.pickup),
        ("DP", "shipments.delivery.party", &shipment.delivery),
    ] {
        if let Some(party) = stop.as_ref().and_then(|stop| stop.party.as_ref()) {
            letter.party(code, path, party);
        }
    }
}

fn counts(letter: &mut Letter, shipment: &Shipment) {
    let Some(totals) = &shipment.totals else {
        return;
    };
    for (code, number, unit) in [
        ("11", totals.pieces, ""),
        ("7", totals.weight_kg, "KGM"),
        ("15", totals.volume_m3, "MTQ"),
    ] {
        if let Some(number) = number {
            letter.out.put("CNT", &[&[code, &shortest(number), unit]]);
        }
    }
}

fn put_goods(letter: &mut Letter, at: usize, goods: &Goods) {
    let place = (at + 1).to_string();
    let number = letter.fit("shipments.goods.number", goods.number.as_ref(), 5);
    let number = if number.is_empty() { &place } else { number };
    let quantity = goods.quantity.map(shortest).unwrap_or_default();
    let package = letter.fit(
        "shipments.goods.package_type",
        goods.package_type.as_ref(),
        17,
    );
    letter.out.put("GID", &[&[number], &[&quantity, package]]);
    letter.text("AAA", goods.description.as_ref());
    if let Some(weight) = goods.weight_kg {
        letter
            .out
            .put("MEA", &[&["WT"], &["G"], &["KGM", &shortest(weight)]]);
    }
    if let Some(volume) = goods.volume_m3 {
        letter
            .out
            .put("MEA", &[&["VOL"], &["AAW"], &["MTQ", &shortest(volume)]]);
    }
    let sides = [goods.length_cm, goods.width_cm, goods.height_cm];
    if sides.iter().any(Option::is_some) {
        let [length, width, height] = sides.map(|side| side.map(shortest).unwrap_or_default());
        letter
            .out
            .put("DIM", &[&["2"], &["CMT", &length, &width, &height]]);
    }
    if let Some(sscc) = &goods.sscc {
        letter.out.put("PCI", &[&["33E"]]);
        letter.out.put("GIN", &[&["BJ"], &[sscc]]);
    }
    if let Some(dangerous) = &goods.dangerous {
        put_dangerous(letter, dangerous);
    }
}

fn put_dangerous(letter: &mut Letter, dangerous: &Dangerous) {
    let class = dangerous.class.as_deref().unwrap_or_default();
    let number = dangerous.un_no.as_deref().unwrap_or_default();
    letter.out.put("DGS", &[&["ADR"], &[class], &[number]]);
    letter.text("AAD", dangerous.text.as_ref());
}

fn put_equipment(letter: &mut Letter, equipment: &Equipment) {
    let number = equipment.number.as_deref().unwrap_or_default();
    let size = equipment.iso_size_type.as_deref().unwrap_or_default();
    let list = if size.is_empty() { "" } else { "102" };
    let full = match equipment.loading_state.as_deref() {
        Some("full") => "5",
        Some("empty") => "4",
        Some(_) => {
            letter
                .lost
                .push("shipments.equipment.loading_state".to_owned());
            ""
        }
        None => "",
    };
    letter.out.put(
        "EQD",
        &[&["CN"], &[number], &[size, list], &[], &[], &[full]],
    );
    for seal in &equipment.seals {
        let party = match seal.party.as_deref() {
            Some("customs") => "CU",
            Some("operator") => "CA",
            _ => "",
        };
        let number = seal.number.as_deref().unwrap_or_default();
        letter.out.put("SEL", &[&[number], &[party]]);
    }
    if let Some(dangerous) = &equipment.dangerous {
        put_dangerous(letter, dangerous);
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

//! Texts: no control characters, and the shapes of addresses.
//!
//! Text for people may have line breaks and tabs. Nothing may have a NUL, an escape or any other
//! control character: they come from broken encodings and break what reads the order next.

use super::{Findings, Path, role_word};
use crate::order::{Contact, Equipment, Goods, Order, Party, Stop};
use crate::problem::Problem;

/// Which control characters a text may have.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Line breaks and tabs.
    ForPeople,
    /// None: references, ids, codes.
    Name,
}

pub(super) fn check(order: &Order, findings: &mut Findings<'_>) {
    one(
        Path::root("reference"),
        &order.reference,
        Kind::Name,
        findings,
    );
    option(
        Path::root("service_level"),
        order.service_level.as_ref(),
        findings,
    );
    option(Path::root("remarks"), order.remarks.as_ref(), findings);
    map(
        Path::root("references"),
        &order.references,
        Kind::Name,
        findings,
    );
    map(Path::root("extra"), &order.extra, Kind::ForPeople, findings);
    let parties = Path::root("parties");
    for (role, who) in &order.parties {
        party(parties.field(role_word(*role)), who, findings);
    }
    let lines = Path::root("lines");
    for (i, line) in order.lines.iter().enumerate() {
        let path = lines.index(i);
        option(
            path.field("description"),
            line.description.as_ref(),
            findings,
        );
        for (field, id) in [
            ("number", &line.number),
            ("item_id", &line.item_id),
            ("buyer_item_id", &line.buyer_item_id),
            ("gtin", &line.gtin),
        ] {
            name(path.field(field), id.as_ref(), findings);
        }
    }
    let shipments = Path::root("shipments");
    for (i, shipment) in order.shipments.iter().enumerate() {
        let path = shipments.index(i);
        name(path.field("id"), shipment.id.as_ref(), findings);
        stop(path.field("pickup"), shipment.pickup.as_ref(), findings);
        stop(path.field("delivery"), shipment.delivery.as_ref(), findings);
        let list = path.field("goods");
        for (k, goods) in shipment.goods.iter().enumerate() {
            self::goods(list.index(k), goods, findings);
        }
        let list = path.field("equipment");
        for (k, unit) in shipment.equipment.iter().enumerate() {
            equipment(list.index(k), unit, findings);
        }
    }
}

type Texts = std::collections::BTreeMap<String, String>;

fn map(path: Path<'_>, texts: &Texts, kind: Kind, findings: &mut Findings<'_>) {
    for (key, text) in texts {
        one(path.field(key), key, Kind::ForPeople, findings);
        one(path.field(key), text, kind, findings);
    }
}

fn stop(path: Path<'_>, stop: Option<&Stop>, findings: &mut Findings<'_>) {
    if let Some(who) = stop.and_then(|stop| stop.party.as_ref()) {
        party(path.field("party"), who, findings);
    }
}

fn party(path: Path<'_>, party: &Party, findings: &mut Findings<'_>) {
    map(path.field("ids"), &party.ids, Kind::Name, findings);
    for (field, text) in [
        ("name", &party.name),
        ("name2", &party.name2),
        ("street", &party.street),
        ("street2", &party.street2),
        ("house_no", &party.house_no),
        ("postcode", &party.postcode),
        ("city", &party.city),
        ("region", &party.region),
    ] {
        option(path.field(field), text.as_ref(), findings);
    }
    if let Some(contact) = &party.contact {
        self::contact(path.field("contact"), contact, findings);
    }
}

fn contact(path: Path<'_>, contact: &Contact, findings: &mut Findings<'_>) {
    for (field, text) in [
        ("name", &contact.name),
        ("phone", &contact.phone),
        ("mobile", &contact.mobile),
        ("fax", &contact.fax),
    ] {
        option(path.field(field), text.as_ref(), findings);
    }
    name(path.field("email"), contact.email.as_ref(), findings);
}

fn goods(path: Path<'_>, goods: &Goods, findings: &mut Findings<'_>) {
    option(
        path.field("description"),
        goods.description.as_ref(),
        findings,
    );
    for (field, id) in [
        ("number", &goods.number),
        ("sscc", &goods.sscc),
        ("package_id", &goods.package_id),
        ("external_package_id", &goods.external_package_id),
    ] {
        name(path.field(field), id.as_ref(), findings);
    }
    if let Some(dangerous) = &goods.dangerous {
        let path = path.field("dangerous");
        option(path.field("text"), dangerous.text.as_ref(), findings);
        name(path.field("un_no"), dangerous.un_no.as_ref(), findings);
        name(path.field("class"), dangerous.class.as_ref(), findings);
    }
    let list = path.field("picking_zones");
    for (i, zone) in goods.picking_zones.iter().enumerate() {
        one(list.index(i), zone, Kind::Name, findings);
    }
    let list = path.field("contents");
    for (i, content) in goods.contents.iter().enumerate() {
        name(list.index(i).field("line"), content.line.as_ref(), findings);
        name(
            list.index(i).field("item_id"),
            content.item_id.as_ref(),
            findings,
        );
    }
}

fn equipment(path: Path<'_>, unit: &Equipment, findings: &mut Findings<'_>) {
    name(path.field("number"), unit.number.as_ref(), findings);
    name(
        path.field("iso_size_type"),
        unit.iso_size_type.as_ref(),
        findings,
    );
    name(
        path.field("handling_code"),
        unit.handling_code.as_ref(),
        findings,
    );
    let list = path.field("seals");
    for (i, seal) in unit.seals.iter().enumerate() {
        name(
            list.index(i).field("number"),
            seal.number.as_ref(),
            findings,
        );
    }
}

fn option(path: Path<'_>, text: Option<&String>, findings: &mut Findings<'_>) {
    if let Some(text) = text {
        one(path, text, Kind::ForPeople, findings);
    }
}

fn name(path: Path<'_>, text: Option<&String>, findings: &mut Findings<'_>) {
    if let Some(text) = text {
        one(path, text, Kind::Name, findings);
    }
}

fn one(path: Path<'_>, text: &str, kind: Kind, findings: &mut Findings<'_>) {
    // All control characters begin so in UTF-8. Counted to the end, because a loop without a way
    // out runs in wide steps.
    let suspects = text
        .bytes()
        .filter(|byte| matches!(byte, 0..=0x1f | 0x7f | 0xc2))
        .count();
    if suspects > 0 {
        look_closely(path, text, kind, findings);
    }
}

#[cold]
fn look_closely(path: Path<'_>, text: &str, kind: Kind, findings: &mut Findings<'_>) {
    let is_fine = |c: char| kind == Kind::ForPeople && matches!(c, '\n' | '\r' | '\t');
    if text.chars().any(|c| c.is_control() && !is_fine(c)) {
        let problem = Problem::error("text.control", "The text contains control characters.")
            .with_value(text)
            .expecting("text without control characters")
            .with_hint("Type the value again; it may have been saved in a wrong encoding.");
        findings.add(path, problem);
    }
}

/// Whether `text` looks like one mail address: something at a host with a dot in its name.
pub(super) fn is_email(text: &str) -> bool {
    let Some((local, host)) = text.rsplit_once('@') else {
        return false;
    };
    let is_plain = |c: char| !c.is_whitespace() && !c.is_control() && !"<>()[],;:\"\\@".contains(c);
    (1..=64).contains(&local.len())
        && text.len() <= 254
        && local.chars().all(is_plain)
        && host
            .chars()
            .all(|c| c.is_alphanumeric() || c == '-' || c == '.')
        && host.contains('.')
        && host
            .split('.')
            .all(|label| !label.is_empty() && !label.starts_with('-'))
}

/// Whether `text` looks like a URL that can be called back.
pub(super) fn is_url(text: &str) -> bool {
    let Some(rest) = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"))
    else {
        return false;
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    !host.is_empty()
        && text.len() <= 2048
        && !text.chars().any(|c| c.is_whitespace() || c.is_control())
}

//! The fields of Cargooffice and where they go in a canonical order.

/// A section of a mapping.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Section {
    /// The order's head.
    Order,
    /// One shipment.
    Shipment,
    /// One goods line.
    Goods,
    /// Extra tags, which speak of any section.
    Extra,
}

/// Fields of the head.
const ORDER: &[(&str, &str)] = &[
    ("cn", "parties.carrier.ids.carrier"),
    ("customerid", "parties.buyer.ids.customer"),
    ("refcustomerid", "references.original_customer"),
    ("orderdate", "issued"),
    ("ordertype", "references.order_type"),
    ("division", "references.division"),
    ("storelocation", "references.warehouse"),
    ("crossdocklocation", "references.cross_dock"),
    ("trackingnbr", "references.tracking"),
    ("deliverytype", "service_level"),
    ("remarks", "remarks"),
    ("codamount", "cod.amount"),
    ("codcurrency", "cod.currency"),
    ("freightcost", "freight.amount"),
    ("freightcostcurrency", "freight.currency"),
    ("chargetocustid", "parties.payer.ids.customer"),
];

/// Fields of a shipment.
const SHIPMENT: &[(&str, &str)] = &[
    ("shipmentid", "id"),
    ("pickupdate", "pickup.date"),
    ("pickuptime", "pickup.from"),
    ("pickuptime2", "pickup.to"),
    ("deliverydate", "delivery.date"),
    ("deliverytime", "delivery.from"),
    ("deliverytime2", "delivery.to"),
    ("quantity", "totals.pieces"),
    ("weight", "totals.weight_kg"),
    ("volume", "totals.volume_m3"),
    ("pallets", "totals.pallets"),
];

/// Fields of a goods line.
const GOODS: &[(&str, &str)] = &[
    ("goodsnumber", "number"),
    ("quantity", "quantity"),
    ("packing", "package_type"),
    ("goodsid", "description"),
    ("goodsdescription", "description"),
    ("weight", "weight_kg"),
    ("volume", "volume_m3"),
    ("length", "length_cm"),
    ("width", "width_cm"),
    ("height", "height_cm"),
    ("loadingmeters", "loading_metres"),
    ("adr", "dangerous.text"),
    ("sscc", "sscc"),
];

/// What stands behind `order`, `chargeto`, `pickup` or `delivery`.
const PARTY: &[(&str, &str)] = &[
    ("name", "name"),
    ("name2", "name2"),
    ("address", "street"),
    ("address2", "street2"),
    ("housenbr", "house_no"),
    ("city", "city"),
    ("postcode", "postcode"),
    ("state", "region"),
    ("country", "country"),
    ("contact", "contact.name"),
    ("tel", "contact.phone"),
    ("fax", "contact.fax"),
    ("mobile", "contact.mobile"),
    ("email", "contact.email"),
];

/// The parties with the prefix of their fields.
const PARTIES: &[(&str, &str, &str)] = &[
    ("order", "order", "parties.buyer"),
    ("chargeto", "order", "parties.payer"),
    ("pickup", "shipment", "pickup.party"),
    ("delivery", "shipment", "delivery.party"),
];

/// The level and canonical field of a field of Cargooffice; an unknown one is an extra.
pub(super) fn target(section: Section, field: &str, has_order_id: bool) -> (&'static str, String) {
    let lower = field.to_ascii_lowercase();
    let find = |table: &[(&str, &'static str)]| {
        table
            .iter()
            .find(|(name, _)| *name == lower)
            .map(|(_, to)| *to)
    };
    match lower.as_str() {
        "orderid" => return ("order", "reference".to_owned()),
        // The two are synonyms: what lacks an order number has the shipment's.
        "shipmentid" if !has_order_id => return ("order", "reference".to_owned()),
        "orderreference" => return ("order", "references.customer".to_owned()),
        "status" => return ("status", "status".to_owned()),
        _ => {}
    }
    for (prefix, level, party) in PARTIES {
        let part = lower.strip_prefix(prefix);
        let part = part.and_then(|rest| PARTY.iter().find(|(name, _)| *name == rest));
        if let Some((_, to)) = part {
            return (level, format!("{party}.{to}"));
        }
    }
    if section == Section::Goods
        && let Some(to) = find(GOODS)
    {
        return ("goods", to.to_owned());
    }
    if let Some(to) = find(ORDER) {
        return ("order", to.to_owned());
    }
    if let Some(to) = find(SHIPMENT) {
        return ("shipment", to.to_owned());
    }
    if let Some(to) = find(GOODS) {
        return ("goods", to.to_owned());
    }
    ("order", format!("extra.{field}"))
}

/// Which section a field belongs to by its name.
pub(super) fn section_of(field: &str) -> Section {
    match target(Section::Order, field, true).0 {
        "shipment" => Section::Shipment,
        "goods" => Section::Goods,
        _ => Section::Order,
    }
}

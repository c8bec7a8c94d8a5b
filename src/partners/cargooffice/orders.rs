//! Orders in Cargooffice's standard XML: an order, its shipments, their goods.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::order::{Action, Order, Party, Role, Shipment, Stop};
use crate::partners::form::{Field, Fields, Form, shortest};
use crate::problem::Problem;
use crate::writers::xml::Xml;

/// What is frozen: the document, and by what its shipment is found there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Frozen {
    pub(super) shipment: String,
    pub(super) postcode: String,
    pub(super) xml: String,
}

impl Frozen {
    /// A question about one shipment.
    pub(super) fn about(shipment: impl Into<String>, postcode: impl Into<String>) -> Self {
        Self {
            shipment: shipment.into(),
            postcode: postcode.into(),
            xml: String::new(),
        }
    }
}

/// Numbers that stand in for those an order does not name.
#[derive(Debug)]
pub(super) struct Rules {
    pub(super) carrier: Option<String>,
    pub(super) customer: Option<String>,
}

/// Longest id of an order or shipment, and of a customer.
const ID_CHARS: usize = 17;
const CUSTOMER_CHARS: usize = 20;

const fn field(name: &'static str, from: &'static str, what: &'static str) -> Field {
    Field { name, from, what }
}

/// `order` in the partner's form, and what is wrong with it.
pub(super) fn fill(order: &Order, rules: &Rules, fields: &Fields) -> (Frozen, Vec<Problem>) {
    let mut form = Form::new("Cargooffice", order, fields);
    let id = |role: Role, scheme: &str| {
        let party = order.parties.get(&role);
        party
            .and_then(|party| party.ids.get(scheme))
            .map(String::as_str)
    };
    let carrier = id(Role::Carrier, "carrier").or(rules.carrier.as_deref());
    let customer = id(Role::Buyer, "customer").or(rules.customer.as_deref());
    let number = field("orderID", "reference", "an order number");
    let number = form.need(number, Some(&order.reference));
    short(&mut form, "reference", "order numbers", &number, ID_CHARS);
    let shipment = order
        .shipments
        .first()
        .and_then(|shipment| shipment.id.as_deref());
    let shipment = shipment.unwrap_or(&number).to_owned();
    short(
        &mut form,
        "shipments[0].id",
        "shipment numbers",
        &shipment,
        ID_CHARS,
    );
    let delivery = order.shipments.first().and_then(|s| s.delivery.as_ref());
    let postcode = delivery.and_then(|stop| stop.party.as_ref());
    let postcode = postcode
        .and_then(|party| party.postcode.clone())
        .unwrap_or_default();
    let mut frozen = Frozen::about(shipment, postcode);
    if order.action == Action::Cancel {
        return (frozen, form.problems());
    }
    let carrier = form.need(field("CN", "parties.carrier", "a carrier number"), carrier);
    let customer = form.need(
        field("customerID", "parties.buyer", "a customer number"),
        customer,
    );
    short(
        &mut form,
        "parties.buyer",
        "customer numbers",
        &customer,
        CUSTOMER_CHARS,
    );
    frozen.xml = document(|xml| {
        xml.text("CN", Some(&carrier));
        xml.text("customerID", Some(&customer));
        xml.text("orderID", Some(&number));
        head(xml, order);
        xml.within("shipments", |xml| shipments(xml, order, &number));
    });
    (frozen, form.problems())
}

/// A message of one order with what `inside` writes.
fn document(inside: impl FnOnce(&mut Xml)) -> String {
    let mut xml = Xml::document();
    xml.within("orderData", |xml| {
        xml.within("head", |xml| {
            xml.text("type", Some("transportOrderXML"));
            xml.text("version", Some("2.1"));
        });
        xml.within("orders", |xml| xml.within("order", inside));
    });
    xml.finish()
}

/// A message that adds a line to the status of a shipment and says nothing else: one that is not
/// known lacks what a new one needs, so that none is made by it.
pub(super) fn status(shipment: &str, line: &str) -> String {
    document(|xml| {
        xml.within("shipments", |xml| {
            xml.within("shipment", |xml| {
                xml.text("shipmentID", Some(shipment));
                xml.text("status", Some(line));
            });
        });
    })
}

/// Says where a number is too long or has blanks.
fn short(form: &mut Form<'_>, from: &str, what: &str, text: &str, longest: usize) {
    if text.chars().count() > longest || text.contains(char::is_whitespace) {
        let message =
            format!("Cargooffice takes {what} of at most {longest} characters without blanks.");
        form.wrong(
            from,
            Problem::error("destination.value", message).with_value(text),
        );
    }
}

fn head(xml: &mut Xml, order: &Order) {
    xml.text("orderReference", order.references.get("customer"));
    xml.text("orderDate", order.issued.map(|date| date.to_string()));
    if let Some(buyer) = order.parties.get(&Role::Buyer) {
        party(xml, "order", buyer);
    }
    if let Some(payer) = order.parties.get(&Role::Payer) {
        party(xml, "chargeto", payer);
    }
    if let Some(freight) = &order.freight {
        xml.text("freightCost", Some(shortest(freight.amount)));
        xml.text("freightCostCurrency", freight.currency.as_ref());
    }
    xml.text("remarks", order.remarks.as_ref());
}

fn party(xml: &mut Xml, prefix: &str, party: &Party) {
    let contact = party.contact.clone().unwrap_or_default();
    let fields = [
        ("Name", &party.name),
        ("Name2", &party.name2),
        ("Address", &party.street),
        ("Address2", &party.street2),
        ("HouseNbr", &party.house_no),
        ("Postcode", &party.postcode),
        ("City", &party.city),
        ("State", &party.region),
        ("Country", &party.country),
        ("Contact", &contact.name),
        ("Tel", &contact.phone),
        ("Mobile", &contact.mobile),
        ("Fax", &contact.fax),
        ("Email", &contact.email),
    ];
    for (name, text) in fields {
        xml.text(&format!("{prefix}{name}"), text.as_ref());
    }
}

fn shipments(xml: &mut Xml, order: &Order, number: &str) {
    let none = [Shipment::default()];
    let all = if order.shipments.is_empty() {
        &none[..]
    } else {
        &order.shipments
    };
    for shipment in all {
        xml.within("shipment", |xml| {
            let id = shipment.id.as_deref().unwrap_or(number);
            xml.text("shipmentID", Some(id));
            xml.text("deliveryType", order.service_level.as_ref());
            if let Some(cod) = &order.cod {
                xml.text("CODcurrency", cod.currency.as_ref());
                xml.text("CODamount", Some(shortest(cod.amount)));
            }
            let consignor = order.parties.get(&Role::Consignor);
            let consignee = order.parties.get(&Role::Consignee);
            stop(xml, "pickup", shipment.pickup.as_ref(), consignor);
            stop(xml, "delivery", shipment.delivery.as_ref(), consignee);
            let totals = shipment.totals.clone().unwrap_or_default();
            let number = |value: Option<Decimal>| value.map(shortest);
            xml.text("quantity", number(totals.pieces));
            xml.text("weight", number(totals.weight_kg));
            xml.text("pallets", number(totals.pallets));
            xml.within("goods", |xml| goods(xml, shipment));
        });
    }
}

fn stop(xml: &mut Xml, prefix: &str, stop: Option<&Stop>, usual: Option<&Party>) {
    let place = stop.and_then(|stop| stop.party.as_ref()).or(usual);
    if let Some(place) = place {
        party(xml, prefix, place);
    }
    let Some(stop) = stop else { return };
    xml.text(
        &format!("{prefix}Date"),
        stop.date.map(|date| date.to_string()),
    );
    xml.text(
        &format!("{prefix}Time"),
        stop.from.map(|time| time.to_string()),
    );
    xml.text(
        &format!("{prefix}Time2"),
        stop.to.map(|time| time.to_string()),
    );
}

fn goods(xml: &mut Xml, shipment: &Shipment) {
    for goods in &shipment.goods {
        xml.within("good", |xml| {
            let number = |value: Option<Decimal>| value.map(shortest);
            xml.text("quantity", number(goods.quantity));
            xml.text("packing", goods.package_type.as_ref());
            xml.text("goodsDescription", goods.description.as_ref());
            xml.text("weight", number(goods.weight_kg));
            xml.text("volume", number(goods.volume_m3));
            xml.text("length", number(goods.length_cm));
            xml.text("width", number(goods.width_cm));
            xml.text("height", number(goods.height_cm));
            xml.text("loadingMeters", number(goods.loading_metres));
            let dangerous = goods.dangerous.as_ref();
            xml.text(
                "adr",
                dangerous.and_then(|d| d.un_no.as_ref().or(d.text.as_ref())),
            );
        });
    }
}

//! A purchase order in UBL 2.1 (OASIS, section 3.2 and its schemas, whose order of elements it
//! keeps), as the profile `ubl-order` reads it.

use super::xml::Xml;
use super::{Made, flat, shortest};
use crate::order::{Action, Contact, Line, Order, Party, Role};

const AGGREGATE: &str = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2";
const BASIC: &str = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2";

/// Canonical paths that have a place; a cancel has only the first of them.
const CARRIED: [&str; 16] = [
    "reference",
    "kind",
    "action",
    "issued",
    "remarks",
    "parties.buyer.",
    "parties.seller.",
    "currency",
    "references.",
    "totals.amount",
    "totals.line_count",
    "parties.payer.",
    "shipments.delivery.date",
    "shipments.delivery.party.",
    "lines.",
    "shipments.id",
];
const OF_A_CANCEL: usize = 7;

/// References that are elements of their own.
const REFERENCES: [&str; 6] = [
    "customer",
    "sales_order",
    "contract",
    "quotation",
    "order_type",
    "accounting_cost",
];

/// The root of a document of this kind with its namespaces.
pub(super) fn root(document: &str) -> String {
    format!(
        "{document} xmlns=\"urn:oasis:names:specification:ubl:schema:xsd:{document}-2\" \
         xmlns:cac=\"{AGGREGATE}\" xmlns:cbc=\"{BASIC}\""
    )
}

pub(super) fn write(order: &Order) -> Made {
    let document = match order.action {
        Action::Create => "Order",
        Action::Update => "OrderChange",
        Action::Cancel => "OrderCancellation",
    };
    let mut xml = Xml::document();
    xml.within(&root(document), |xml| {
        xml.text("cbc:UBLVersionID", Some("2.1"));
        head(xml, order);
        parties(xml, order);
        if order.action != Action::Cancel {
            delivery(xml, order);
            totals(xml, order);
            for (n, line) in order.lines.iter().enumerate() {
                xml.within("cac:OrderLine", |xml| {
                    xml.within("cac:LineItem", |xml| item(xml, n, line, order));
                });
            }
        }
    });
    Made::new(xml.finish().into_bytes(), lost(order))
}

fn lost(order: &Order) -> Vec<String> {
    let carried = match order.action {
        Action::Cancel => &CARRIED[..OF_A_CANCEL],
        _ => &CARRIED[..],
    };
    let mut lost = flat::not_carried(order, carried, &[]);
    lost.retain(|path| path != "shipments.id");
    let known = |name: &str| order.action != Action::Cancel && REFERENCES.contains(&name);
    let others = order.references.keys().filter(|name| !known(name));
    lost.extend(others.map(|name| format!("references.{name}")));
    lost
}

fn head(xml: &mut Xml, order: &Order) {
    let reference = |name: &str| order.references.get(name);
    xml.text("cbc:ID", Some(&order.reference));
    if order.action == Action::Create {
        xml.text("cbc:SalesOrderID", reference("sales_order"));
    }
    xml.text("cbc:IssueDate", order.issued.map(|date| date.to_string()));
    if order.action == Action::Create {
        xml.text("cbc:OrderTypeCode", reference("order_type"));
    }
    xml.text("cbc:Note", order.remarks.as_ref());
    if order.action == Action::Cancel {
        xml.text("cbc:CancellationNote", Some("cancelled by the sender"));
        return itself(xml, order);
    }
    xml.text("cbc:DocumentCurrencyCode", order.currency.as_ref());
    xml.text("cbc:CustomerReference", reference("customer"));
    xml.text("cbc:AccountingCostCode", reference("accounting_cost"));
    let count = order.totals.as_ref().and_then(|totals| totals.line_count);
    xml.text("cbc:LineCountNumeric", count.map(|count| count.to_string()));
    if order.action == Action::Update {
        itself(xml, order);
    }
    for (name, element) in [
        ("quotation", "cac:QuotationDocumentReference"),
        ("contract", "cac:Contract"),
    ] {
        if let Some(id) = reference(name) {
            xml.within(element, |xml| xml.text("cbc:ID", Some(id)));
        }
    }
}

/// The order that is changed or taken back.
fn itself(xml: &mut Xml, order: &Order) {
    xml.within("cac:OrderReference", |xml| {
        xml.text("cbc:ID", Some(&order.reference));
    });
}

fn parties(xml: &mut Xml, order: &Order) {
    let roles = [
        (
            Role::Buyer,
            "cac:BuyerCustomerParty",
            "customer",
            "cbc:SupplierAssignedAccountID",
        ),
        (
            Role::Seller,
            "cac:SellerSupplierParty",
            "supplier",
            "cbc:CustomerAssignedAccountID",
        ),
        (
            Role::Payer,
            "cac:AccountingCustomerParty",
            "customer",
            "cbc:SupplierAssignedAccountID",
        ),
    ];
    for (role, element, scheme, account) in roles {
        let of_a_cancel = role != Role::Payer || order.action != Action::Cancel;
        if let Some(party) = order.parties.get(&role).filter(|_| of_a_cancel) {
            xml.within(element, |xml| {
                xml.text(account, party.ids.get(scheme));
                xml.within("cac:Party", |xml| whole(xml, party));
            });
        }
    }
}

fn whole(xml: &mut Xml, party: &Party) {
    xml.text("cbc:EndpointID", party.ids.get("endpoint"));
    for (scheme, start) in [("party", "cbc:ID"), ("gln", "cbc:ID schemeID=\"0088\"")] {
        if let Some(id) = party.ids.get(scheme) {
            xml.within("cac:PartyIdentification", |xml| xml.text(start, Some(id)));
        }
    }
    if let Some(name) = &party.name {
        xml.within("cac:PartyName", |xml| xml.text("cbc:Name", Some(name)));
    }
    if has_address(party) {
        xml.within("cac:PostalAddress", |xml| address(xml, party));
    }
    contact(xml, party.contact.as_ref());
}

fn has_address(party: &Party) -> bool {
    let lines = [
        &party.street,
        &party.street2,
        &party.house_no,
        &party.city,
        &party.postcode,
        &party.region,
        &party.country,
    ];
    lines.into_iter().any(Option::is_some)
}

fn contact(xml: &mut Xml, contact: Option<&Contact>) {
    if let Some(contact) = contact {
        xml.within("cac:Contact", |xml| {
            xml.text("cbc:Name", contact.name.as_ref());
            let phone = contact.phone.as_ref().or(contact.mobile.as_ref());
            xml.text("cbc:Telephone", phone);
            xml.text("cbc:Telefax", contact.fax.as_ref());
            xml.text("cbc:ElectronicMail", contact.email.as_ref());
        });
    }
}

fn address(xml: &mut Xml, party: &Party) {
    xml.text("cbc:StreetName", party.street.as_ref());
    xml.text("cbc:AdditionalStreetName", party.street2.as_ref());
    xml.text("cbc:BuildingNumber", party.house_no.as_ref());
    xml.text("cbc:CityName", party.city.as_ref());
    xml.text("cbc:PostalZone", party.postcode.as_ref());
    xml.text("cbc:CountrySubentity", party.region.as_ref());
    if party.country.is_some() {
        xml.within("cac:Country", |xml| {
            xml.text("cbc:IdentificationCode", party.country.as_ref());
        });
    }
}

/// One day as a period: partners look at its begin or at its end.
fn day(xml: &mut Xml, date: Option<jiff::civil::Date>) {
    if let Some(date) = date.map(|date| date.to_string()) {
        xml.within("cac:RequestedDeliveryPeriod", |xml| {
            xml.text("cbc:StartDate", Some(&date));
            xml.text("cbc:EndDate", Some(&date));
        });
    }
}

fn delivery(xml: &mut Xml, order: &Order) {
    let stop = order.shipments.first().and_then(|s| s.delivery.as_ref());
    let to = stop.and_then(|stop| stop.party.as_ref());
    let date = stop.and_then(|stop| stop.date);
    if to.is_none() && date.is_none() {
        return;
    }
    xml.within("cac:Delivery", |xml| {
        if let Some(to) = to {
            xml.within("cac:DeliveryLocation", |xml| {
                xml.text("cbc:ID schemeID=\"GLN\"", to.ids.get("gln"));
                xml.within("cac:Address", |xml| address(xml, to));
            });
        }
        day(xml, date);
        if let Some(to) = to.filter(|to| to.name.is_some() || to.contact.is_some()) {
            xml.within("cac:DeliveryParty", |xml| {
                if let Some(name) = &to.name {
                    xml.within("cac:PartyName", |xml| xml.text("cbc:Name", Some(name)));
                }
                contact(xml, to.contact.as_ref());
            });
        }
    });
}

fn totals(xml: &mut Xml, order: &Order) {
    if let Some(amount) = order.totals.as_ref().and_then(|totals| totals.amount) {
        xml.within("cac:AnticipatedMonetaryTotal", |xml| {
            xml.text(&money("cbc:PayableAmount", order), Some(shortest(amount)));
        });
    }
}

/// An element of an amount in the order's currency.
fn money(name: &str, order: &Order) -> String {
    let letters = |code: &&String| code.bytes().all(|byte| byte.is_ascii_alphabetic());
    match order.currency.as_ref().filter(letters) {
        Some(code) => format!("{name} currencyID=\"{code}\""),
        None => name.to_owned(),
    }
}

fn item(xml: &mut Xml, n: usize, line: &Line, order: &Order) {
    let number = line.number.clone().unwrap_or_else(|| (n + 1).to_string());
    xml.text("cbc:ID", Some(number));
    let plain = |unit: &&String| unit.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let quantity = match line.unit.as_ref().filter(plain) {
        Some(unit) => format!("cbc:Quantity unitCode=\"{unit}\""),
        None => "cbc:Quantity".to_owned(),
    };
    xml.text(&quantity, line.quantity.map(shortest));
    let amount = money("cbc:LineExtensionAmount", order);
    xml.text(&amount, line.amount.map(shortest));
    if let Some(date) = line.delivery_date {
        xml.within("cac:Delivery", |xml| {
            xml.within("cac:RequestedDeliveryPeriod", |xml| {
                xml.text("cbc:StartDate", Some(date.to_string()));
            });
        });
    }
    if let Some(price) = line.unit_price {
        let amount = money("cbc:PriceAmount", order);
        xml.within("cac:Price", |xml| xml.text(&amount, Some(shortest(price))));
    }
    xml.within("cac:Item", |xml| {
        xml.text("cbc:Name", line.description.as_ref());
        for (element, id, text) in [
            (
                "cac:BuyersItemIdentification",
                "cbc:ID",
                &line.buyer_item_id,
            ),
            ("cac:SellersItemIdentification", "cbc:ID", &line.item_id),
            (
                "cac:StandardItemIdentification",
                "cbc:ID schemeID=\"0160\"",
                &line.gtin,
            ),
        ] {
            if text.is_some() {
                xml.within(element, |xml| xml.text(id, text.as_ref()));
            }
        }
    });
}

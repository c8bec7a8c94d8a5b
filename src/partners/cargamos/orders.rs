//! Orders in the form of Cargamos.

use rust_decimal::Decimal;
use serde_json::{Map, Number, Value};

use crate::order::{Action, Order, Party, Role, Stop};
use crate::partners::form::{Field, Fields, Form, derived, shortest};
use crate::problem::Problem;

/// What this destination calls things.
#[derive(Debug)]
pub(super) struct Rules {
    pub(super) tracking_id_name: String,
}

/// The fields that stand once; a tracking id by whatever name.
pub(super) const FIELDS: &[&str] = &[
    "recipientLocation.country",
    "recipientLocation.postalCode",
    "recipientLocation.street",
    "recipientLocation.exteriorNumber",
    "recipientLocation.interiorNumber",
    "recipientLocation.neighborhood",
    "recipientLocation.city",
    "recipientLocation.state",
    "recipientLocation.reference",
    "recipientInformation.fullName",
    "recipientInformation.phone",
    "recipientInformation.email",
    "shipperDropoffDate",
    "expectedDeliveryDate",
    "lotId",
    "shipperTrackingId",
];

/// Characters of the tracking ids that we make; they are printed as barcodes.
const TRACKING_CHARS: usize = 14;

const fn field(name: &'static str, from: &'static str, what: &'static str) -> Field {
    Field { name, from, what }
}

/// `order` in the partner's form, and what is wrong with it.
pub(super) fn fill(
    order: &Order,
    key: &str,
    rules: &Rules,
    fields: &Fields,
) -> (Value, Vec<Problem>) {
    let mut form = Form::new("Cargamos", order, fields);
    if order.action != Action::Create {
        let what = "takes no changes and no cancels of shipments.";
        form.refuse("action", "destination.action", what);
    }
    let nobody = Party::default();
    let delivery = order.shipments.first().and_then(|s| s.delivery.as_ref());
    let recipient = delivery.and_then(|stop| stop.party.as_ref());
    let recipient = recipient.or_else(|| order.parties.get(&Role::Consignee));
    let recipient = recipient.unwrap_or(&nobody);
    let mut body = Map::new();
    body.insert(
        "recipientLocation".to_owned(),
        location(&mut form, recipient),
    );
    body.insert(
        "recipientInformation".to_owned(),
        person(&mut form, recipient),
    );
    body.insert("package".to_owned(), package(&mut form));
    dates(&mut form, &mut body, delivery);
    let lot = field("lotId", "references.lot", "a lot");
    let lot = form.may(lot, order.references.get("lot").map(String::as_str));
    if let Some(lot) = lot {
        body.insert("lotId".to_owned(), lot.into());
    }
    let own = format!("OD{}", derived(key, TRACKING_CHARS));
    let tracking = field("shipperTrackingId", "references.tracking", "a tracking id");
    let given = order.references.get("tracking").unwrap_or(&own);
    let tracking = form.need(tracking, Some(given));
    body.insert(rules.tracking_id_name.clone(), tracking.into());
    (Value::Object(body), form.problems())
}

fn location(form: &mut Form<'_>, to: &Party) -> Value {
    const AT: &str = "shipments[0].delivery.party.";
    let mut out = Map::new();
    let country = field(
        "recipientLocation.country",
        "shipments[0].delivery.party.country",
        "the recipient's country",
    );
    let country_text = form.need(country, to.country.as_deref());
    if !country_text.is_empty() {
        let known = ["MX", "CO", "US", "BR"];
        let known = form.known(country.from, country.what, &country_text, &known);
        let known = known.unwrap_or_default().to_lowercase();
        out.insert("country".to_owned(), known.into());
    }
    let postcode = field(
        "recipientLocation.postalCode",
        "shipments[0].delivery.party.postcode",
        "the recipient's postcode",
    );
    let postcode = form.need(postcode, to.postcode.as_deref());
    out.insert("postalCode".to_owned(), postcode.into());
    let remarks = form.order().remarks.as_deref();
    let parts = [
        ("recipientLocation.street", "street", to.street.as_deref()),
        (
            "recipientLocation.exteriorNumber",
            "exteriorNumber",
            to.house_no.as_deref(),
        ),
        ("recipientLocation.interiorNumber", "interiorNumber", None),
        (
            "recipientLocation.neighborhood",
            "neighborhood",
            to.street2.as_deref(),
        ),
        ("recipientLocation.city", "city", to.city.as_deref()),
        ("recipientLocation.state", "state", to.region.as_deref()),
        ("recipientLocation.reference", "reference", remarks),
    ];
    for (name, short, usual) in parts {
        let part = field(name, AT, "a part of the address");
        if let Some(text) = form.may(part, usual) {
            out.insert(short.to_owned(), text.into());
        }
    }
    Value::Object(out)
}

fn person(form: &mut Form<'_>, to: &Party) -> Value {
    let contact = to.contact.as_ref();
    let name = contact.and_then(|contact| contact.name.as_deref());
    let name = name.or(to.name.as_deref());
    let phone = contact.and_then(|contact| contact.mobile.as_deref().or(contact.phone.as_deref()));
    let email = contact.and_then(|contact| contact.email.as_deref());
    let full = field(
        "recipientInformation.fullName",
        "shipments[0].delivery.party.name",
        "the recipient's name",
    );
    let call = field(
        "recipientInformation.phone",
        "shipments[0].delivery.party.contact.phone",
        "the recipient's phone number",
    );
    let mail = field(
        "recipientInformation.email",
        "shipments[0].delivery.party.contact.email",
        "the recipient's mail address",
    );
    let mut out = Map::new();
    out.insert("fullName".to_owned(), form.need(full, name).into());
    out.insert("phone".to_owned(), form.need(call, phone).into());
    if let Some(email) = form.may(mail, email) {
        out.insert("email".to_owned(), email.into());
    }
    Value::Object(out)
}

fn package(form: &mut Form<'_>) -> Value {
    let order = form.order();
    let mut goods = order.shipments.iter().flat_map(|shipment| &shipment.goods);
    let first = goods.next().cloned().unwrap_or_default();
    let pieces = first.quantity.unwrap_or(Decimal::ONE);
    if goods.next().is_some() || pieces > Decimal::ONE {
        let what = "takes one package an order, and this one has several.";
        form.refuse("shipments[0].goods", "destination.several", what);
    }
    let parts = [
        (
            "weight",
            "weight_kg",
            "the package's weight",
            first.weight_kg,
        ),
        (
            "height",
            "height_cm",
            "the package's height",
            first.height_cm,
        ),
        ("width", "width_cm", "the package's width", first.width_cm),
        (
            "length",
            "length_cm",
            "the package's length",
            first.length_cm,
        ),
    ];
    let mut out = Map::new();
    for (name, from, what, value) in parts {
        let at = format!("shipments[0].goods[0].{from}");
        let number = value.and_then(number);
        match number {
            Some(number) => drop(out.insert(name.to_owned(), number.into())),
            None => form.missing(&at, what),
        }
    }
    Value::Object(out)
}

fn number(value: Decimal) -> Option<Number> {
    shortest(value).parse().ok()
}

/// When the parcel is handed over and when it shall be there.
fn dates(form: &mut Form<'_>, body: &mut Map<String, Value>, delivery: Option<&Stop>) {
    let pickup = form
        .order()
        .shipments
        .first()
        .and_then(|s| s.pickup.as_ref());
    let handed = pickup.and_then(|stop| instant(stop, stop.from.or(stop.to)));
    let wanted = delivery.and_then(|stop| instant(stop, stop.to.or(stop.from)));
    let drop_off = field(
        "shipperDropoffDate",
        "shipments[0].pickup.date",
        "the day when the package is handed over",
    );
    let expected = field(
        "expectedDeliveryDate",
        "shipments[0].delivery.date",
        "the day of delivery",
    );
    let handed = form.need(drop_off, handed.as_deref());
    let wanted = form.need(expected, wanted.as_deref());
    // Written largest part first: the shorter of both decides how much is compared.
    let length = handed.len().min(wanted.len());
    if let (Some(first), Some(last)) = (handed.get(..length), wanted.get(..length))
        && first > last
    {
        let problem = Problem::error(
            "destination.value",
            "The package is handed over after the day of delivery.",
        );
        form.wrong(drop_off.from, problem.with_value(&handed));
    }
    body.insert("shipperDropoffDate".to_owned(), handed.into());
    body.insert("expectedDeliveryDate".to_owned(), wanted.into());
}

/// A day, with its time where there is one (ISO 8601).
fn instant(stop: &Stop, time: Option<crate::order::TimeOfDay>) -> Option<String> {
    let date = stop.date?;
    Some(match time {
        Some(time) => format!("{date}T{time}:00"),
        None => date.to_string(),
    })
}

//! Orders in Trademax's form: dispatches, vendor dispatches, receipts.
//!
//! Every value is a text, as the signature wants it.

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::VENDOR;
use super::instead::{self, Instead};
use crate::order::{Action, Goods, Kind, Order};
use crate::partners::form::{Field, Fields, Form, derived, shortest};
use crate::problem::Problem;

/// What is frozen: where it goes and with which parameters, all but those of the signature.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Frozen {
    pub(super) to: String,
    pub(super) params: Map<String, Value>,
    /// It changes what lies there, whatever the order asks for.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) patch: bool,
}

/// The fields that stand once.
pub(super) const FIELDS: &[&str] = &[
    "warehouse_id",
    "order_no",
    "order_type",
    "transaction_id",
    "external_reference",
    "labels_quantity",
    "received_date",
    "reason",
    "quantity",
];

pub(super) const WAREHOUSE: Field = field("warehouse_id", "references.warehouse", "a warehouse");
pub(super) const NUMBER: Field = field("order_no", "reference", "an order number");
const TYPE: Field = field("order_type", "references.order_type", "an order type");
const TRANSACTION: Field = field(
    "transaction_id",
    "references.transaction",
    "a transaction id",
);
const EXTERNAL: Field = field("external_reference", "references.customer", "a reference");
const LABELS: Field = field("labels_quantity", "labels_quantity", "a number of labels");
const RECEIVED: Field = field("received_date", "received_date", "the day of receipt");

pub(super) const fn field(name: &'static str, from: &'static str, what: &'static str) -> Field {
    Field { name, from, what }
}

/// Where an order belongs, and in which words it is refused.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules {
    /// Dispatches go to the vendors' interface.
    pub(super) vendor: bool,
    /// Length of the transaction ids that we make.
    pub(super) transaction_chars: usize,
    /// What orders become in place of dispatches and receipts.
    pub(super) instead: Option<Instead>,
}

/// `order` in the partner's form, and what is wrong with it.
pub(super) fn fill(
    order: &Order,
    key: &str,
    rules: Rules,
    fields: &Fields,
) -> (Frozen, Vec<Problem>) {
    let mut form = Form::new("Trademax", order, fields);
    if let Some(instead) = rules.instead {
        let frozen = instead::fill(&mut form, instead);
        return (frozen, form.problems());
    }
    let frozen = match order.kind {
        _ if order.action == Action::Cancel => Frozen {
            to: if order.kind == Kind::Receipt {
                "receipt"
            } else {
                "dispatch"
            }
            .to_owned(),
            params: Map::new(),
            patch: false,
        },
        Kind::Receipt => receipt(&mut form, key, rules),
        _ if rules.vendor => vendor(&mut form),
        _ => dispatch(&mut form, key, rules),
    };
    if order.action != Action::Create && frozen.to != "dispatch" {
        let what = "takes no changes of receipts and vendor dispatches.";
        form.refuse("action", "destination.action", what);
    }
    (frozen, form.problems())
}

/// What all but vendor dispatches begin with.
fn head(form: &mut Form<'_>, types: &[&str], key: &str, rules: Rules) -> Map<String, Value> {
    let order = form.order();
    let refer = |name: &str| order.references.get(name).map(String::as_str);
    let mut params = Map::new();
    let warehouse = form.need(WAREHOUSE, refer("warehouse"));
    params.insert("warehouse_id".to_owned(), warehouse.into());
    let number = form.need(NUMBER, Some(&order.reference));
    params.insert("order_no".to_owned(), number.into());
    if let Some(word) = form.may(TYPE, refer("order_type")) {
        let known = form.known(TYPE.from, TYPE.what, &word, types);
        params.insert("order_type".to_owned(), known.unwrap_or_default().into());
    } else {
        let message = "Trademax needs an order type, and this order has none.";
        let problem = Problem::error("destination.missing", message);
        form.wrong(TYPE.from, problem.expecting(types.join(", ")));
    }
    let own = derived(key, rules.transaction_chars);
    let transaction = form.may(TRANSACTION, refer("transaction"));
    let transaction = transaction.unwrap_or(own);
    params.insert("transaction_id".to_owned(), transaction.into());
    params
}

fn dispatch(form: &mut Form<'_>, key: &str, rules: Rules) -> Frozen {
    let order = form.order();
    let mut params = head(form, &["SO", "PRO", "TO"], key, rules);
    let draft = u8::from(order.draft).to_string();
    params.insert("draft".to_owned(), draft.into());
    let external = order.references.get("customer").map(String::as_str);
    if let Some(external) = form.may(EXTERNAL, external) {
        params.insert("external_reference".to_owned(), external.into());
    }
    params.insert("packages".to_owned(), packages(form).into());
    let products = products(form);
    params.insert("products".to_owned(), products.into());
    Frozen {
        to: "dispatch".to_owned(),
        params,
        patch: false,
    }
}

fn packages(form: &mut Form<'_>) -> Vec<Value> {
    let order = form.order();
    let lines: BTreeSet<&str> = order
        .lines
        .iter()
        .filter_map(|l| l.number.as_deref())
        .collect();
    let mut ids = BTreeSet::new();
    let mut packages = Vec::new();
    for (s, shipment) in order.shipments.iter().enumerate() {
        for (g, goods) in shipment.goods.iter().enumerate() {
            let at = format!("shipments[{s}].goods[{g}]");
            packages.push(package(form, goods, &at, &lines, &mut ids));
        }
    }
    if packages.is_empty() && !order.draft {
        form.missing("shipments[0].goods", "at least one package");
    }
    packages
}

fn package<'a>(
    form: &mut Form<'_>,
    goods: &'a Goods,
    at: &str,
    lines: &BTreeSet<&str>,
    ids: &mut BTreeSet<&'a str>,
) -> Value {
    let place = |name: &str| format!("{at}.{name}");
    let mut package = Map::new();
    let mut put = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            package.insert(name.to_owned(), value.into());
        }
    };
    let id = form.part(
        &place("package_id"),
        "a package id",
        goods.package_id.clone(),
    );
    if !id.is_empty() && id.parse::<u64>().is_err() {
        let problem = Problem::error(
            "destination.value",
            "Trademax wants whole numbers as package ids.",
        );
        form.wrong(&place("package_id"), problem.with_value(&id));
    }
    if let Some(id) = goods.package_id.as_deref()
        && !ids.insert(id)
    {
        let problem = Problem::error(
            "destination.duplicate",
            "Two packages of this order have the same package id.",
        );
        form.wrong(&place("package_id"), problem.with_value(id));
    }
    put("package_id", Some(id));
    put("external_package_id", goods.external_package_id.clone());
    let mut measure = |form: &mut Form<'_>, name, from: &str, what, value: Option<Decimal>| {
        put(
            name,
            Some(form.part(&place(from), what, value.map(shortest))),
        );
    };
    measure(
        form,
        "weight",
        "weight_kg",
        "the weight of each package",
        goods.weight_kg,
    );
    measure(
        form,
        "volume",
        "volume_m3",
        "the volume of each package",
        goods.volume_m3,
    );
    if !goods.picking_zones.is_empty() {
        package.insert("picking_zones".to_owned(), json!(goods.picking_zones));
    }
    package.insert(
        "products".to_owned(),
        contents(form, goods, at, lines).into(),
    );
    Value::Object(package)
}

/// What is in a package: each a line of the order.
fn contents(form: &mut Form<'_>, goods: &Goods, at: &str, lines: &BTreeSet<&str>) -> Vec<Value> {
    let mut products = Vec::new();
    for (c, content) in goods.contents.iter().enumerate() {
        let at = format!("{at}.contents[{c}]");
        let line = form.part(
            &format!("{at}.line"),
            "the line of each product in a package",
            content.line.clone(),
        );
        let item = form.part(
            &format!("{at}.item_id"),
            "the article of each product in a package",
            content.item_id.clone(),
        );
        if !line.is_empty() && !lines.contains(line.as_str()) {
            let problem = Problem::error(
                "destination.value",
                "A package holds a product of a line that the order does not have.",
            );
            form.wrong(&format!("{at}.line"), problem.with_value(&line));
        }
        products.push(json!({ "line_no": line, "artno": item }));
    }
    if products.is_empty() {
        form.missing(&format!("{at}.contents"), "what is in each package");
    }
    products
}

fn products(form: &mut Form<'_>) -> Vec<Value> {
    let order = form.order();
    let mut products = Vec::new();
    for (n, line) in order.lines.iter().enumerate() {
        let at = |name: &str| format!("lines[{n}].{name}");
        let number = form.part(&at("number"), "a number of each line", line.number.clone());
        let item = form.part(
            &at("item_id"),
            "the article of each line",
            line.item_id.clone(),
        );
        let quantity = form.part(
            &at("quantity"),
            "the quantity of each line",
            line.quantity.map(shortest),
        );
        if line
            .quantity
            .is_some_and(|quantity| !quantity.fract().is_zero())
        {
            let problem = Problem::error("destination.value", "Trademax takes whole pieces only.");
            form.wrong(&at("quantity"), problem.with_value(&quantity));
        }
        products.push(json!({ "line_no": number, "artno": item, "quantity": quantity }));
    }
    if products.is_empty() && !order.draft {
        form.missing("lines", "at least one line");
    }
    products
}

fn vendor(form: &mut Form<'_>) -> Frozen {
    let order = form.order();
    let number = form.need(NUMBER, Some(&order.reference));
    let labels = order.labels_quantity.map(|labels| labels.to_string());
    let labels = form.need(LABELS, labels.as_deref());
    if labels == "0" {
        form.missing(LABELS.from, "at least one label");
    }
    let mut params = Map::new();
    params.insert("order_no".to_owned(), number.into());
    params.insert("labels_quantity".to_owned(), labels.into());
    Frozen {
        to: VENDOR.to_owned(),
        params,
        patch: false,
    }
}

fn receipt(form: &mut Form<'_>, key: &str, rules: Rules) -> Frozen {
    let order = form.order();
    let mut params = head(form, &["PO", "SRO", "TO"], key, rules);
    let received = order.received_date.map(|date| date.to_string());
    let received = form.need(RECEIVED, received.as_deref());
    params.insert("received_date".to_owned(), received.into());
    let mut products = products(form);
    let shipment = order.references.get("vendor_shipment");
    if let Some(shipment) = shipment {
        for product in &mut products {
            product["vendor_shipment_no"] = json!(shipment);
        }
    }
    params.insert("products".to_owned(), products.into());
    Frozen {
        to: "receipt".to_owned(),
        params,
        patch: false,
    }
}

//! Dispatches: draft, published, gone; and those of vendors.
//!
//! ```text
//! POST draft=1 ▸ DRAFT ▸ PATCH … ▸ PATCH draft=0, complete ▸ PUBLISHED   (neither PATCH nor DELETE)
//! POST, complete ─────────────────────────────────────────▸ PUBLISHED
//! ```

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::check::{Check, Shape, decimal, flag, number};
use super::params::Params;
use super::words::Refusal;
use super::{Transactions, echo, labels};
use crate::limits;
use crate::sandbox::stand::House;

const TYPES: Shape = Shape::OneOf(&["SO", "PRO", "TO"]);

#[derive(Debug)]
struct Dispatch {
    content: Map<String, Value>,
    draft: bool,
}

/// All dispatches by number.
#[derive(Debug, Default)]
pub(super) struct Dispatches {
    by_number: BTreeMap<u64, Dispatch>,
    transactions: Transactions,
    /// Which dispatch an external package id belongs to.
    external: BTreeMap<String, u64>,
    made: u64,
    vendors: u64,
}

impl Dispatches {
    pub(super) fn create(&mut self, params: &Params, house: &House) -> Result<Value, Refusal> {
        let draft = flag(&params.0, "draft") == Some(true);
        let mut check = Check::default();
        header(&mut check, &params.0, true);
        goods(&mut check, &params.0, !draft);
        self.unique(&mut check, &params.0, None);
        check.end()?;
        self.transactions.check(params)?;
        if self.by_number.len() >= limits::SANDBOX_THINGS {
            return Err(Refusal::one(500, "The sandbox is full."));
        }
        self.transactions.take(params);
        self.made += 1;
        let content = echo(params);
        self.by_number
            .insert(self.made, Dispatch { content, draft });
        self.finish(self.made, house);
        self.read(&self.made.to_string())
    }

    pub(super) fn update(
        &mut self,
        id: &str,
        params: &Params,
        house: &House,
    ) -> Result<Value, Refusal> {
        let (number, known) = self.find(id)?;
        if !known.draft {
            let words = "The dispatch is published and can be neither changed nor drafted again.";
            return Err(Refusal::one(1, words));
        }
        // Absent, the flag says nothing; only an explicit 0 publishes.
        let draft = flag(&params.0, "draft") != Some(false);
        let mut merged = known.content.clone();
        merge(&mut merged, echo(params));
        let merged = Value::Object(merged);
        let mut check = Check::default();
        header(&mut check, &merged, true);
        goods(&mut check, &merged, !draft);
        self.unique(&mut check, &merged, Some(number));
        check.end()?;
        if let (Some(dispatch), Value::Object(content)) = (self.by_number.get_mut(&number), merged)
        {
            *dispatch = Dispatch { content, draft };
        }
        self.finish(number, house);
        self.read(id)
    }

    pub(super) fn read(&self, id: &str) -> Result<Value, Refusal> {
        self.find(id)
            .map(|(_, dispatch)| Value::Object(dispatch.content.clone()))
    }

    pub(super) fn delete(&mut self, id: &str) -> Result<Value, Refusal> {
        let (number, dispatch) = self.find(id)?;
        if !dispatch.draft {
            return Err(Refusal::one(
                1,
                "The dispatch is published and cannot be deleted.",
            ));
        }
        self.by_number.remove(&number);
        self.external.retain(|_, owner| *owner != number);
        Ok(json!([]))
    }

    /// `POST vendor/dispatch`.
    pub(super) fn vendor(&mut self, params: &Params, house: &House) -> Result<Value, Refusal> {
        let mut check = Check::default();
        check.value(&params.0, "", ("order_no", Shape::Text, true));
        check.value(&params.0, "", ("labels_quantity", Shape::Int, true));
        let count: Option<u64> = params
            .text("labels_quantity")
            .and_then(|text| text.parse().ok());
        if params.text("labels_quantity").is_some()
            && !count.is_some_and(|count| (1..=1_000).contains(&count))
        {
            check.wrong("The parameter labels_quantity must be from 1 to 1000.".to_owned());
        }
        check.end()?;
        self.vendors += 1;
        let id = 900_000 + self.vendors;
        let mut content = echo(params);
        content.insert("vendor_id".to_owned(), json!("999999999"));
        content.entry("external_reference").or_insert(Value::Null);
        let packages = (1..=count.unwrap_or(1)).map(|package| {
            let sscc = labels::sscc(id * 1_000 + package);
            let url = format!("{}/labels/{id}-{package}.pdf", house.root);
            json!({ "package_id": package, "label_sscc": sscc, "label_url": url })
        });
        content.insert("packages".to_owned(), Value::Array(packages.collect()));
        computed(&mut content, id, house);
        Ok(Value::Object(content))
    }

    fn find(&self, id: &str) -> Result<(u64, &Dispatch), Refusal> {
        let number: Option<u64> = id.parse().ok();
        let known = number.and_then(|number| Some((number, self.by_number.get(&number)?)));
        known.ok_or_else(|| Refusal::not_found(&format!("The dispatch {id}")))
    }

    /// External package ids are unique in the whole world.
    fn unique(&self, check: &mut Check, content: &Value, except: Option<u64>) {
        for package in packages(content.get("packages")) {
            let id = package["external_package_id"].as_str().unwrap_or_default();
            let owner = self.external.get(id).copied();
            if owner.is_some() && owner != except {
                check.wrong(format!(
                    "The external_package_id {id} belongs to another dispatch."
                ));
            }
        }
    }

    /// What the partner adds: numbers, sums and labels.
    fn finish(&mut self, number: u64, house: &House) {
        let Some(dispatch) = self.by_number.get_mut(&number) else {
            return;
        };
        let draft = dispatch.draft;
        let content = &mut dispatch.content;
        if let Some(Value::Array(list)) = content.get_mut("packages") {
            for package in list {
                let id = package["package_id"]
                    .as_str()
                    .unwrap_or_default()
                    .to_owned();
                if let Some(external) = package["external_package_id"].as_str()
                    && !external.is_empty()
                {
                    self.external.insert(external.to_owned(), number);
                }
                if let Value::Object(package) = package {
                    let url = format!("{}/labels/{number}-{id}.pdf", house.root);
                    package.insert("label_url".to_owned(), json!(url));
                }
            }
        }
        computed(content, number, house);
        content.insert("draft".to_owned(), json!(draft));
    }

    pub(super) fn state(&self) -> Value {
        let all = self.by_number.values();
        Value::Array(
            all.map(|dispatch| Value::Object(dispatch.content.clone()))
                .collect(),
        )
    }
}

/// The list under `packages` or `products`.
fn packages(list: Option<&Value>) -> &[Value] {
    list.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn computed(content: &mut Map<String, Value>, id: u64, house: &House) {
    let sum = |key: &str| {
        let all = packages(content.get("packages")).iter();
        number(all.map(|package| decimal(package.get(key))).sum())
    };
    let (weight, volume) = (sum("weight"), sum("volume"));
    let date = house.now.timestamp().strftime("%Y-%m-%d").to_string();
    let url = |end: &str| format!("{}/labels/{id}.{end}", house.root);
    for (key, value) in [
        ("dispatch_id", json!(id)),
        ("shipping_agent_code", json!("DHL")),
        (
            "tracking_code",
            json!(format!("{:010}", 1_234_500_000 + id)),
        ),
        ("dispatch_date", json!(date)),
        ("total_weight", weight),
        ("total_volume", volume),
        (
            "logtrade_consignment_id",
            json!(format!("{:05}", 10_000 + id)),
        ),
        ("labels_url_pdf", json!(url("pdf"))),
        ("labels_url_web", json!(url("html"))),
        ("haulier_id", json!(3)),
    ] {
        content.insert(key.to_owned(), value);
    }
}

/// Header values replace, packages are added or updated by their id, lines by their number.
fn merge(known: &mut Map<String, Value>, changes: Map<String, Value>) {
    for (key, value) in changes {
        let by = match key.as_str() {
            "packages" => "package_id",
            "products" => "line_no",
            _ => {
                known.insert(key, value);
                continue;
            }
        };
        let mut list = packages(known.get(&key)).to_vec();
        for item in packages(Some(&value)) {
            match list.iter_mut().find(|old| old[by] == item[by]) {
                Some(old) => *old = item.clone(),
                None => list.push(item.clone()),
            }
        }
        known.insert(key, Value::Array(list));
    }
}

fn header(check: &mut Check, content: &Value, required: bool) {
    check.value(content, "", ("warehouse_id", Shape::Text, required));
    check.value(content, "", ("order_no", Shape::Text, required));
    check.value(content, "", ("order_type", TYPES, required));
    check.value(content, "", ("transaction_id", Shape::Text, required));
    check.value(content, "", ("external_reference", Shape::Text, false));
    if content.get("draft").is_some_and(Value::is_string) {
        check.value(content, "", ("draft", Shape::Bool, false));
    }
}

fn goods(check: &mut Check, content: &Value, complete: bool) {
    let products = check.list(content, "", "products", complete);
    let mut lines = BTreeSet::new();
    for (index, product) in products.iter().enumerate() {
        let prefix = format!("products[{index}]");
        for (key, shape) in [
            ("line_no", Shape::Text),
            ("artno", Shape::Text),
            ("quantity", Shape::Int),
        ] {
            check.value(product, &prefix, (key, shape, true));
        }
        lines.insert((product["line_no"].as_str(), product["artno"].as_str()));
    }
    let list = check.list(content, "", "packages", complete);
    let mut seen = BTreeSet::new();
    for (index, package) in list.iter().enumerate() {
        let prefix = format!("packages[{index}]");
        for (key, shape, required) in [
            ("package_id", Shape::Int, true),
            ("external_package_id", Shape::Text, false),
            ("weight", Shape::Decimal, true),
            ("volume", Shape::Decimal, true),
        ] {
            check.value(package, &prefix, (key, shape, required));
        }
        if let Some(id) = package["package_id"].as_str()
            && !seen.insert(id)
        {
            check.wrong(format!("The package_id {id} is there twice."));
        }
        check.list(package, &prefix, "picking_zones", false);
        let inside = check.list(package, &prefix, "products", true);
        for (number, product) in inside.iter().enumerate() {
            let prefix = format!("{prefix}[products][{number}]");
            check.value(product, &prefix, ("line_no", Shape::Text, true));
            check.value(product, &prefix, ("artno", Shape::Text, true));
            let line = (product["line_no"].as_str(), product["artno"].as_str());
            if complete && !lines.contains(&line) {
                check.wrong(format!("The parameter {prefix} is no line of products."));
            }
        }
    }
}

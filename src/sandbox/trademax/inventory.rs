//! Stock and product packages.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::check::{Check, Shape};
use super::params::Params;
use super::words::Refusal;
use crate::limits;

#[derive(Debug, Clone)]
struct Article {
    quantity: i64,
    packages: Vec<Value>,
}

/// Articles by number. The numbers of the documents' examples are there from the start.
#[derive(Debug)]
pub(super) struct Inventory {
    articles: BTreeMap<String, Article>,
}

fn article(quantity: i64) -> Article {
    let package = json!({ "number": 1, "quantity": 1, "volume": 0.5, "weight": 12.5 });
    Article {
        quantity,
        packages: vec![package],
    }
}

fn warehouse(params: &Params) -> Check {
    let mut check = Check::default();
    check.value(&params.0, "", ("warehouse_id", Shape::Text, true));
    check
}

impl Inventory {
    pub(super) fn new() -> Self {
        let numbers = ["123", "123-45", "998", "999", "2145"];
        Self {
            articles: numbers.map(|artno| (artno.to_owned(), article(100))).into(),
        }
    }

    /// Makes an article known, with so many pieces.
    pub(super) fn put(&mut self, artno: &str, quantity: i64) -> Result<(), String> {
        if self.articles.len() >= limits::SANDBOX_THINGS {
            return Err("the sandbox is full".to_owned());
        }
        let known = self.articles.entry(artno.to_owned());
        known.or_insert_with(|| article(0)).quantity = quantity;
        Ok(())
    }

    fn find(&mut self, artno: &str) -> Result<&mut Article, Refusal> {
        let missing = || Refusal::not_found(&format!("The article {artno}"));
        self.articles.get_mut(artno).ok_or_else(missing)
    }

    pub(super) fn stock(&mut self, artno: &str, params: &Params) -> Result<Value, Refusal> {
        let article = self.find(artno)?;
        warehouse(params).end()?;
        Ok(json!({ "artno": artno, "quantity": article.quantity }))
    }

    pub(super) fn adjust(&mut self, artno: &str, params: &Params) -> Result<Value, Refusal> {
        let article = self.find(artno)?;
        let mut check = warehouse(params);
        let relative = params.text("type") == Some("relative");
        check.value(&params.0, "", ("quantity", Shape::Int, true));
        let types = Shape::OneOf(&["absolute", "relative"]);
        check.value(&params.0, "", ("type", types, true));
        check.value(&params.0, "", ("reason", Shape::Int, relative));
        check.end()?;
        let old = article.quantity;
        let given: i64 = params
            .text("quantity")
            .and_then(|text| text.parse().ok())
            .unwrap_or_default();
        article.quantity = if relative {
            old.saturating_add(given)
        } else {
            given
        };
        Ok(json!({ "artno": artno, "old_quantity": old, "new_quantity": article.quantity }))
    }

    pub(super) fn product(&mut self, artno: &str, params: &Params) -> Result<Value, Refusal> {
        let article = self.find(artno)?;
        warehouse(params).end()?;
        Ok(json!({ "artno": artno, "packages": article.packages }))
    }

    pub(super) fn correct(&mut self, artno: &str, params: &Params) -> Result<Value, Refusal> {
        let article = self.find(artno)?;
        let mut check = warehouse(params);
        let packages = check.list(&params.0, "", "packages", true);
        for (index, package) in packages.iter().enumerate() {
            let prefix = format!("packages[{index}]");
            let given = |key: &str| package.get(key).is_some_and(|value| value != "");
            let sized = ["height", "width", "length"].iter().all(|key| given(key));
            let volume = given("volume");
            check.value(package, &prefix, ("number", Shape::Int, true));
            check.value(package, &prefix, ("quantity", Shape::Int, true));
            check.value(package, &prefix, ("weight", Shape::Decimal, true));
            check.value(package, &prefix, ("volume", Shape::Decimal, !sized));
            for key in ["height", "width", "length"] {
                check.value(package, &prefix, (key, Shape::Decimal, !volume));
            }
        }
        check.end()?;
        article.packages = packages.to_vec();
        Ok(json!({ "artno": artno, "packages": article.packages }))
    }

    pub(super) fn state(&self) -> Value {
        let shown = self.articles.iter().map(|(artno, article)| {
            json!({ "artno": artno, "quantity": article.quantity, "packages": article.packages })
        });
        Value::Array(shown.collect())
    }
}

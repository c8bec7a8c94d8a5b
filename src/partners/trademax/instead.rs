//! What an order becomes at a destination that does something else with it than dispatch it: a new
//! stock, other packages of an article, a lock on its lines.
//!
//! An order stands for one request, so that its answer is the order's own.

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::errands::{article_path, lines_path, locks, stock_path};
use super::orders::{Frozen, NUMBER, WAREHOUSE, field};
use crate::order::{Action, Goods};
use crate::partners::form::{Field, Form, shortest};
use crate::partners::wire::link::step;
use crate::problem::Problem;

/// What an order becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Instead {
    /// Its one line says how many pieces there are.
    StockLevel,
    /// Its one line says how many pieces more or fewer there are.
    StockChange,
    /// Its goods are the packages of its one line's article.
    Packages,
    /// Its lines are locked.
    Lock,
    /// Its lines are released.
    Release,
}

const REASON: Field = field(
    "reason",
    "references.reason",
    "a reason, one of Trademax's numbers,",
);

const QUANTITY: Field = field("quantity", "lines[0].quantity", "a quantity of the article");

/// The order in the partner's form; what is wrong is said in the form.
pub(super) fn fill(form: &mut Form<'_>, instead: Instead) -> Frozen {
    let order = form.order();
    let mut params = Map::new();
    if order.action == Action::Cancel {
        form.refuse(
            "action",
            "destination.action",
            "takes nothing of this back.",
        );
    }
    let warehouse = order.references.get("warehouse").map(String::as_str);
    let warehouse = form.need(WAREHOUSE, warehouse);
    params.insert("warehouse_id".to_owned(), warehouse.into());
    let to = match instead {
        Instead::StockLevel | Instead::StockChange => stock(form, instead, &mut params),
        Instead::Packages => {
            let article = article(form);
            params.insert("packages".to_owned(), packages(form).into());
            article_path(&article)
        }
        Instead::Lock | Instead::Release => {
            let lines = locks(numbers(form), instead == Instead::Lock);
            params.insert("lines".to_owned(), lines);
            let number = form.need(NUMBER, Some(&order.reference));
            lines_path(&stepped(form, NUMBER.from, &number))
        }
    };
    Frozen {
        to,
        params,
        patch: true,
    }
}

fn stock(form: &mut Form<'_>, instead: Instead, params: &mut Map<String, Value>) -> String {
    let article = article(form);
    let order = form.order();
    // A line's quantity is more than nothing; a stock need not be, and a change may be fewer.
    let line = order.lines.first().and_then(|line| line.quantity);
    let told = order.references.get("quantity").cloned();
    let told = told.or_else(|| line.map(shortest));
    let quantity = form.need(QUANTITY, told.as_deref());
    if !quantity.is_empty() && quantity.parse::<i64>().is_err() {
        let problem = Problem::error("destination.value", "Trademax takes whole pieces only.");
        form.wrong(QUANTITY.from, problem.with_value(&quantity));
    }
    params.insert("quantity".to_owned(), quantity.into());
    let reason = form.order().references.get("reason").map(String::as_str);
    let relative = instead == Instead::StockChange;
    let reason = if relative {
        Some(form.need(REASON, reason))
    } else {
        form.may(REASON, reason)
    };
    if let Some(reason) = reason {
        if !reason.is_empty() && reason.parse::<i64>().is_err() {
            let problem = Problem::error("destination.value", "A reason is a whole number.");
            form.wrong(REASON.from, problem.with_value(&reason));
        }
        params.insert("reason".to_owned(), reason.into());
    }
    let kind = if relative { "relative" } else { "absolute" };
    params.insert("type".to_owned(), kind.into());
    stock_path(&article)
}

/// The numbers of the order's lines.
fn numbers(form: &mut Form<'_>) -> Vec<String> {
    let order = form.order();
    if order.lines.is_empty() {
        form.missing("lines", "at least one line");
    }
    let lines = order.lines.iter().enumerate();
    lines
        .map(|(n, line)| {
            let at = format!("lines[{n}].number");
            let number = form.part(&at, "a number of each line", line.number.clone());
            if !number.is_empty() && number.parse::<i64>().is_err() {
                let problem = Problem::error(
                    "destination.value",
                    "Trademax wants whole numbers as line numbers here.",
                );
                form.wrong(&at, problem.with_value(&number));
            }
            number
        })
        .collect()
}

/// The article of the order's one line, as a step of an address.
fn article(form: &mut Form<'_>) -> String {
    let order = form.order();
    if order.lines.len() > 1 {
        let what = "takes one article an order here, and this one has several.";
        form.refuse("lines", "destination.several", what);
    }
    let article = order.lines.first().and_then(|line| line.item_id.clone());
    let at = "lines[0].item_id";
    let article = form.part(at, "an article", article);
    stepped(form, at, &article)
}

/// A number as one step of an address.
fn stepped(form: &mut Form<'_>, from: &str, number: &str) -> String {
    if number.is_empty() {
        return String::new();
    }
    step(number).unwrap_or_else(|| {
        let problem = Problem::error("destination.value", "Trademax has no such number.");
        form.wrong(from, problem.with_value(number));
        String::new()
    })
}

fn packages(form: &mut Form<'_>) -> Vec<Value> {
    let order = form.order();
    let goods: Vec<&Goods> = order.shipments.iter().flat_map(|one| &one.goods).collect();
    if goods.is_empty() {
        form.missing("shipments[0].goods", "at least one package");
    }
    let all = goods.iter().enumerate();
    all.map(|(n, goods)| package(form, n, goods)).collect()
}

fn package(form: &mut Form<'_>, n: usize, goods: &Goods) -> Value {
    let at = |name: &str| format!("shipments[0].goods[{n}].{name}");
    let number = goods.package_id.clone().or_else(|| goods.number.clone());
    let quantity = goods.quantity.unwrap_or(Decimal::ONE);
    let mut package = json!({
        "number": form.part(&at("package_id"), "a number of each package", number),
        "quantity": shortest(quantity),
        "weight": form.part(
            &at("weight_kg"),
            "the weight of each package",
            goods.weight_kg.map(shortest),
        ),
    });
    let sizes = [
        ("height", goods.height_cm),
        ("width", goods.width_cm),
        ("length", goods.length_cm),
    ];
    if goods.volume_m3.is_some() || sizes.iter().any(|(_, size)| size.is_none()) {
        let volume = goods.volume_m3.map(shortest);
        let what = "the volume of each package, or its height, width and length,";
        package["volume"] = form.part(&at("volume_m3"), what, volume).into();
    }
    for (name, size) in sizes {
        if let Some(size) = size {
            package[name] = shortest(size).into();
        }
    }
    package
}

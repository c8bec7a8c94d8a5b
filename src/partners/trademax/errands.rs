//! What a Trademax warehouse is asked beside orders: stock, packages of articles, what it holds, and
//! locks on the lines of outgoing orders.

use async_trait::async_trait;
use hyper::Method;
use serde_json::{Map, Value, json};

use super::{Trademax, answer};
use crate::order::parse_decimal;
use crate::partners::Outcome;
use crate::partners::errands::{Argument, Arguments, Errand, Errands, wrong};
use crate::partners::form::shortest;
use crate::partners::wire::link::step;

const ARTICLE: Argument = Argument::needed("article", "the article's number");
const WAREHOUSE: Argument = Argument::needed("warehouse", "the warehouse's alias, such as nw");
const ORDER: Argument = Argument::needed("order", "the number of the outgoing order");
const LINE: Argument = Argument::needed("line", "the number of a line").many();
const ID: Argument = Argument::needed("id", "its id there");

const ERRANDS: &[Errand] = &[
    Errand {
        name: "stock.read",
        about: "How many pieces of an article there are.",
        takes: &[ARTICLE, WAREHOUSE],
        changes: false,
    },
    Errand {
        name: "stock.adjust",
        about: "Sets the stock of an article (type=absolute) or changes it by so many (relative).",
        takes: &[
            ARTICLE,
            WAREHOUSE,
            Argument::needed("quantity", "pieces, a whole number"),
            Argument::needed("type", "absolute or relative"),
            Argument::open(
                "reason",
                "Trademax's number of the reason; relative needs one",
            ),
        ],
        changes: true,
    },
    Errand {
        name: "packages.read",
        about: "The packages that an article comes in.",
        takes: &[ARTICLE, WAREHOUSE],
        changes: false,
    },
    Errand {
        name: "packages.correct",
        about: "Corrects the packages that an article comes in.",
        takes: &[
            ARTICLE,
            WAREHOUSE,
            Argument::needed(
                "package",
                "such as number=1,quantity=1,weight=12.5,volume=0.5 (or height, width, length)",
            )
            .many(),
        ],
        changes: true,
    },
    Errand {
        name: "dispatch.read",
        about: "A dispatch as the warehouse has it.",
        takes: &[ID],
        changes: false,
    },
    Errand {
        name: "receipt.read",
        about: "A receipt as the warehouse has it.",
        takes: &[ID],
        changes: false,
    },
    Errand {
        name: "lines.read",
        about: "Which lines of an outgoing order are locked.",
        takes: &[ORDER, WAREHOUSE],
        changes: false,
    },
    Errand {
        name: "lines.lock",
        about: "Locks lines of an outgoing order.",
        takes: &[ORDER, WAREHOUSE, LINE],
        changes: true,
    },
    Errand {
        name: "lines.release",
        about: "Releases lines of an outgoing order.",
        takes: &[ORDER, WAREHOUSE, LINE],
        changes: true,
    },
];

/// One request.
type Asked = (Method, String, Map<String, Value>);

#[async_trait]
impl Errands for Trademax {
    fn errands(&self) -> &'static [Errand] {
        ERRANDS
    }

    async fn run(&self, errand: &str, told: &Arguments) -> Result<Value, Outcome> {
        let (method, path, params) = asked(errand, told).map_err(wrong)?;
        let answer = self.exchange(&method, &path, params).await?;
        answer::given(&self.link, &answer).map(|envelope| envelope.data)
    }
}

/// The request of an errand, or what is wrong with what was told.
fn asked(errand: &str, told: &Arguments) -> Result<Asked, String> {
    let at = |name: &str| {
        step(&told.text(name)).ok_or_else(|| format!("“{name}” cannot stand in an address"))
    };
    let mut params = Map::new();
    if let Some(warehouse) = told.get("warehouse") {
        params.insert("warehouse_id".to_owned(), warehouse.into());
    }
    let (method, path) = match errand {
        "stock.read" => (Method::GET, stock_path(&at("article")?)),
        "stock.adjust" => {
            adjust(told, &mut params)?;
            (Method::PATCH, stock_path(&at("article")?))
        }
        "packages.read" => (Method::GET, article_path(&at("article")?)),
        "packages.correct" => {
            let packages: Result<Vec<_>, _> = told.all("package").map(package).collect();
            params.insert("packages".to_owned(), packages?.into());
            (Method::PATCH, article_path(&at("article")?))
        }
        "dispatch.read" => (Method::GET, format!("dispatch/{}", at("id")?)),
        "receipt.read" => (Method::GET, format!("receipt/{}", at("id")?)),
        "lines.read" => (Method::GET, lines_path(&at("order")?)),
        "lines.lock" | "lines.release" => {
            let lines = told.all("line").map(|line| whole("line", line));
            let lines: Result<Vec<_>, _> = lines.collect();
            let lines = locks(lines?, errand == "lines.lock");
            params.insert("lines".to_owned(), lines);
            (Method::PATCH, lines_path(&at("order")?))
        }
        _ => return Err(format!("there is no errand “{errand}”")),
    };
    Ok((method, path, params))
}

/// The address of an article's stock.
pub(super) fn stock_path(article: &str) -> String {
    format!("inventory/{article}/stock-adjustment")
}

/// The address of an article's packages.
pub(super) fn article_path(article: &str) -> String {
    format!("inventory/{article}")
}

/// The address of an outgoing order's lines.
pub(super) fn lines_path(order: &str) -> String {
    format!("order/outgoing/{order}")
}

/// Lines with their locks: 1 locks, 0 releases.
pub(super) fn locks(lines: impl IntoIterator<Item = String>, lock: bool) -> Value {
    let processing = u8::from(lock).to_string();
    let lines = lines.into_iter();
    lines
        .map(|line| json!({ "line_no": line, "processing": processing }))
        .collect()
}

fn adjust(told: &Arguments, params: &mut Map<String, Value>) -> Result<(), String> {
    let kind = told.text("type");
    if !["absolute", "relative"].contains(&kind.as_str()) {
        return Err("“type” is absolute or relative".to_owned());
    }
    let quantity = whole("quantity", &told.text("quantity"))?;
    params.insert("quantity".to_owned(), quantity.into());
    if kind == "relative" && told.get("reason").is_none() {
        return Err("a relative adjustment needs a “reason”, a number of Trademax's".to_owned());
    }
    if let Some(reason) = told.get("reason") {
        params.insert("reason".to_owned(), whole("reason", reason)?.into());
    }
    params.insert("type".to_owned(), kind.into());
    Ok(())
}

fn whole(name: &str, text: &str) -> Result<String, String> {
    let number = text.trim().parse::<i64>();
    let number = number.map_err(|_| format!("“{name}” is a whole number"))?;
    Ok(number.to_string())
}

/// `number=1,quantity=1,weight=12.5,volume=0.5` as Trademax has it.
fn package(text: &str) -> Result<Value, String> {
    let mut package = Map::new();
    for part in text.split(',') {
        let (name, value) = part
            .split_once('=')
            .map(|(name, value)| (name.trim(), value.trim()))
            .ok_or_else(|| format!("“package” is name=value,…; “{part}” is not"))?;
        let value = match name {
            "number" | "quantity" => whole(name, value)?,
            "weight" | "volume" | "height" | "width" | "length" => {
                let number = parse_decimal(value);
                let number = number.ok_or_else(|| format!("“{name}” of a package is a number"))?;
                shortest(number)
            }
            _ => return Err(format!("a package has no “{name}”")),
        };
        package.insert(name.to_owned(), value.into());
    }
    let has = |name: &str| package.contains_key(name);
    for name in ["number", "quantity", "weight"] {
        if !has(name) {
            return Err(format!("each “package” needs its {name}"));
        }
    }
    if !has("volume") && !["height", "width", "length"].iter().all(|name| has(name)) {
        return Err("each “package” needs its volume, or height, width and length".to_owned());
    }
    Ok(Value::Object(package))
}

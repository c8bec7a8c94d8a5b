//! The parameters of a request, however they came: query, form with PHP's brackets, or JSON. Every
//! value becomes the text that PHP would make of it, so that a form and a JSON body sign alike.

use serde_json::{Map, Value};

use crate::sandbox::call::Call;

/// Deepest nesting of brackets; packages with products need four.
const DEPTH: usize = 16;

/// The parameters as a tree of objects, lists and texts.
#[derive(Debug)]
pub(super) struct Params(pub(super) Value);

impl Params {
    /// Those of a request, or why they cannot be read.
    pub(super) fn of(call: &Call) -> Result<Self, String> {
        let in_query = matches!(call.method.as_str(), "GET" | "DELETE");
        if in_query {
            return tree(&call.query).map(Self);
        }
        match call.media_type().as_str() {
            "application/json" => {
                let object = call.object()?;
                Ok(Self(texts(Value::Object(object)).unwrap_or_default()))
            }
            "application/x-www-form-urlencoded" => tree(&call.form()).map(Self),
            other => Err(format!(
                "the body is {other:?} and neither application/json nor a form"
            )),
        }
    }

    /// The text of a parameter of the top level; `None` where it is absent or empty.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str().filter(|text| !text.is_empty())
    }

    /// Every leaf under its bracketed name.
    pub(super) fn flat(&self) -> Vec<(String, &str)> {
        let mut out = Vec::new();
        if let Value::Object(object) = &self.0 {
            for (key, value) in object {
                flatten(key.clone(), value, &mut out);
            }
        }
        out
    }
}

fn flatten<'a>(name: String, value: &'a Value, out: &mut Vec<(String, &'a str)>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                flatten(format!("{name}[{key}]"), value, out);
            }
        }
        Value::Array(list) => {
            for (index, value) in list.iter().enumerate() {
                flatten(format!("{name}[{index}]"), value, out);
            }
        }
        leaf => out.push((name, leaf.as_str().unwrap_or_default())),
    }
}

/// JSON with texts for leaves: a list without items has none and so does not exist in PHP's query.
fn texts(value: Value) -> Option<Value> {
    Some(match value {
        Value::Null => Value::from(""),
        Value::Bool(yes) => Value::from(if yes { "1" } else { "0" }),
        Value::Number(number) => Value::from(number_text(&number)),
        Value::String(text) => Value::String(text),
        Value::Array(list) => {
            let list: Vec<_> = list.into_iter().filter_map(texts).collect();
            return (!list.is_empty()).then_some(Value::Array(list));
        }
        Value::Object(object) => {
            let object = object.into_iter();
            let object: Map<_, _> = object
                .filter_map(|(key, value)| Some((key, texts(value)?)))
                .collect();
            return (!object.is_empty()).then_some(Value::Object(object));
        }
    })
}

/// `55` for 55.0 and `2.1` for 2.1: the shortest form without trailing zeros.
fn number_text(number: &serde_json::Number) -> String {
    match number.as_f64() {
        Some(float) if number.is_f64() => float.to_string(),
        _ => number.to_string(),
    }
}

/// `a[b][0]=c` pairs as a tree. Keys 0, 1, 2 … become a list; `a[]` counts on.
fn tree(pairs: &[(String, String)]) -> Result<Value, String> {
    let mut root = Map::new();
    for (name, value) in pairs {
        let keys = keys(name);
        if keys.len() > DEPTH {
            return Err(format!("the parameter {name:?} is nested too deeply"));
        }
        put(&mut root, &keys, value)
            .ok_or_else(|| format!("the parameter {name:?} is both a value and a list"))?;
    }
    Ok(Value::Object(
        root.into_iter()
            .map(|(key, value)| (key, listed(value)))
            .collect(),
    ))
}

fn keys(name: &str) -> Vec<String> {
    let Some((first, rest)) = name.split_once('[') else {
        return vec![name.to_owned()];
    };
    let rest = rest.strip_suffix(']').unwrap_or(rest);
    let inner = rest.split("][").map(str::to_owned);
    std::iter::once(first.to_owned()).chain(inner).collect()
}

fn put(object: &mut Map<String, Value>, keys: &[String], value: &str) -> Option<()> {
    let (first, rest) = keys.split_first()?;
    let key = if first.is_empty() {
        object.len().to_string()
    } else {
        first.clone()
    };
    if rest.is_empty() {
        object.insert(key, Value::from(value));
        return Some(());
    }
    let inner = object
        .entry(key)
        .or_insert_with(|| Value::Object(Map::new()));
    put(inner.as_object_mut()?, rest, value)
}

/// Objects whose keys are 0, 1, 2 … as lists.
fn listed(value: Value) -> Value {
    let Value::Object(mut object) = value else {
        return value;
    };
    let count = object.len();
    if count > 0 && (0..count).all(|index| object.contains_key(&index.to_string())) {
        let items = (0..count).filter_map(|index| object.remove(&index.to_string()));
        return Value::Array(items.map(listed).collect());
    }
    Value::Object(
        object
            .into_iter()
            .map(|(key, value)| (key, listed(value)))
            .collect(),
    )
}

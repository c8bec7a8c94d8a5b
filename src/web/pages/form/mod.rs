//! An order as a form, and a form as an order.
//!
//! Every input is named by the path of its field (`lines.0.quantity`); what is left empty is left out.
//! The last of a row of groups is an empty one, by which another is added: no script is needed.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::problem::Problem;
use crate::web::view::label;

pub(crate) mod model;
#[cfg(test)]
mod tests;

use model::{Field, ORDER, Shape};

/// A piece of a form.
#[derive(Debug, Serialize)]
pub(super) struct Node {
    /// `input`, `long`, `word`, `yes`, `pair` or `group`.
    kind: &'static str,
    path: String,
    label: String,
    /// The `type` of an input.
    input: &'static str,
    value: String,
    /// The key of a pair.
    key: String,
    /// The words of a choice.
    words: &'static [&'static str],
    /// What stood there originally, where it differs.
    was: Option<String>,
    /// What is wrong with it.
    wrong: Option<String>,
    /// Whether a group has anything in it.
    open: bool,
    children: Vec<Node>,
}

/// What a form is made from.
struct Maker<'a> {
    problems: BTreeMap<String, String>,
    original: &'a Value,
}

/// The form of an order, with what is wrong at each field.
pub(super) fn form(order: &Value, original: &Value, problems: &[Problem]) -> Vec<Node> {
    let mut at = BTreeMap::new();
    for problem in problems {
        let path = problem.place.path.as_deref().unwrap_or_default();
        let words = at.entry(plain(path)).or_insert_with(String::new);
        if !words.is_empty() {
            words.push(' ');
        }
        words.push_str(&problem.message);
        if let Some(expected) = &problem.expected {
            words.push_str(" Expected ");
            words.push_str(expected);
            words.push('.');
        }
    }
    let maker = Maker {
        problems: at,
        original,
    };
    maker.group("", ORDER, order)
}

/// `lines[2].quantity` as inputs are named: `lines.2.quantity`.
fn plain(path: &str) -> String {
    path.replace('[', ".").replace(']', "")
}

/// A value of a field as text.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

impl Maker<'_> {
    fn group(&self, at: &str, fields: &[Field], value: &Value) -> Vec<Node> {
        let fields = fields.iter();
        fields
            .map(|(key, shape)| {
                let path = if at.is_empty() {
                    (*key).to_owned()
                } else {
                    format!("{at}.{key}")
                };
                self.field(path, label(key), *shape, &value[*key])
            })
            .collect()
    }

    fn field(&self, path: String, label: String, shape: Shape, value: &Value) -> Node {
        let (kind, input, words): (_, _, &'static [&'static str]) = match shape {
            Shape::Text | Shape::Decimal | Shape::Whole => ("input", "text", &[]),
            Shape::Date => ("input", "date", &[]),
            Shape::Time => ("input", "time", &[]),
            Shape::Long => ("long", "text", &[]),
            Shape::Yes => ("yes", "checkbox", &[]),
            Shape::Word(words) => ("word", "text", words),
            _ => ("group", "", &[]),
        };
        let mut node = self.node(kind, path, label, shown(value));
        (node.input, node.words) = (input, words);
        match shape {
            Shape::Pairs => node.children = self.pairs(&node.path, value),
            Shape::Texts => node.children = self.texts(&node.path, value),
            Shape::One(fields) => node.children = self.group(&node.path, fields, value),
            Shape::Each(names, fields) => {
                let each = names.iter();
                let each = each.map(|name| {
                    let shape = Shape::One(fields);
                    let path = format!("{}.{name}", node.path);
                    self.field(path, self::label(name), shape, &value[*name])
                });
                node.children = each.collect();
            }
            Shape::Many(fields) => node.children = self.many(&node.path, fields, value),
            _ => return node,
        }
        node.value = String::new();
        node.was = None;
        let filled = matches!(value, Value::Object(map) if !map.is_empty())
            || matches!(value, Value::Array(items) if !items.is_empty());
        node.open = filled || node.children.iter().any(Node::has_wrong);
        node
    }

    fn node(&self, kind: &'static str, path: String, label: String, value: String) -> Node {
        let pointer = format!("/{}", path.replace('.', "/"));
        let original = self.original.pointer(&pointer).map(shown);
        let original = original.unwrap_or_default();
        Node {
            kind,
            wrong: self.problems.get(&path).cloned(),
            was: (original != value && kind != "pair" && !self.original.is_null())
                .then_some(original),
            path,
            label,
            input: "text",
            value,
            key: String::new(),
            words: &[],
            open: false,
            children: Vec::new(),
        }
    }

    fn pairs(&self, at: &str, value: &Value) -> Vec<Node> {
        let filled = value.as_object().into_iter().flatten();
        let filled = filled.map(|(key, value)| (key.as_str(), shown(value)));
        let all = filled.chain([("", String::new())]).enumerate();
        all.map(|(n, (key, value))| {
            let mut node = self.node("pair", format!("{at}.{n}"), String::new(), value);
            node.wrong = self.problems.get(&format!("{at}.{key}")).cloned();
            key.clone_into(&mut node.key);
            node
        })
        .collect()
    }

    fn texts(&self, at: &str, value: &Value) -> Vec<Node> {
        let filled = value.as_array().into_iter().flatten().map(shown);
        let all = filled.chain([String::new()]).enumerate();
        all.map(|(n, value)| self.node("input", format!("{at}.{n}"), (n + 1).to_string(), value))
            .collect()
    }

    fn many(&self, at: &str, fields: &'static [Field], value: &Value) -> Vec<Node> {
        let empty = Value::Null;
        let filled = value.as_array().into_iter().flatten();
        let count = value.as_array().map_or(0, Vec::len);
        let all = filled.chain([&empty]).enumerate();
        all.map(|(n, value)| {
            let name = if n == count {
                "Add another".to_owned()
            } else {
                (n + 1).to_string()
            };
            self.field(format!("{at}.{n}"), name, Shape::One(fields), value)
        })
        .collect()
    }
}

impl Node {
    fn has_wrong(&self) -> bool {
        self.wrong.is_some() || self.children.iter().any(Self::has_wrong)
    }
}

/// The order that a form's fields say. Kinds are not looked at here: what is no date is told by who
/// reads the order.
pub(super) fn order(fields: &BTreeMap<String, String>) -> Value {
    group("", ORDER, fields).map_or_else(|| Value::Object(Map::new()), Value::Object)
}

fn group(
    at: &str,
    model: &[Field],
    fields: &BTreeMap<String, String>,
) -> Option<Map<String, Value>> {
    let mut map = Map::new();
    for (key, shape) in model {
        let path = if at.is_empty() {
            (*key).to_owned()
        } else {
            format!("{at}.{key}")
        };
        if let Some(value) = value(&path, *shape, fields) {
            map.insert((*key).to_owned(), value);
        }
    }
    (!map.is_empty()).then_some(map)
}

fn value(path: &str, shape: Shape, fields: &BTreeMap<String, String>) -> Option<Value> {
    let text = || {
        let text = fields.get(path)?.trim();
        (!text.is_empty()).then(|| text.replace("\r\n", "\n"))
    };
    match shape {
        Shape::Text | Shape::Long | Shape::Decimal | Shape::Date | Shape::Word(_) => {
            text().map(Value::String)
        }
        // Browsers may add seconds.
        Shape::Time => text().map(|time| Value::String(time.chars().take(5).collect())),
        Shape::Whole => text().map(|text| {
            text.parse::<u64>()
                .map_or(Value::String(text), |number| Value::Number(number.into()))
        }),
        Shape::Yes => fields.contains_key(path).then_some(Value::Bool(true)),
        Shape::Pairs => pairs(path, fields).map(Value::Object),
        Shape::Texts => {
            let below = numbered(path, fields).into_iter();
            let texts = below.filter_map(|n| value(&format!("{path}.{n}"), Shape::Text, fields));
            let texts: Vec<Value> = texts.collect();
            (!texts.is_empty()).then_some(Value::Array(texts))
        }
        Shape::One(model) => group(path, model, fields).map(Value::Object),
        Shape::Each(names, model) => {
            let each = names.iter();
            let each = each.filter_map(|name| {
                let of = group(&format!("{path}.{name}"), model, fields)?;
                Some(((*name).to_owned(), Value::Object(of)))
            });
            let map: Map<String, Value> = each.collect();
            (!map.is_empty()).then_some(Value::Object(map))
        }
        Shape::Many(model) => {
            let below = numbered(path, fields).into_iter();
            let items = below.filter_map(|n| group(&format!("{path}.{n}"), model, fields));
            let items: Vec<Value> = items.map(Value::Object).collect();
            (!items.is_empty()).then_some(Value::Array(items))
        }
    }
}

fn pairs(path: &str, fields: &BTreeMap<String, String>) -> Option<Map<String, Value>> {
    let mut map = Map::new();
    for n in numbered(path, fields) {
        let key = fields.get(&format!("{path}.{n}.key"))?.trim();
        let value = fields.get(&format!("{path}.{n}.value"))?.trim();
        if !key.is_empty() && !value.is_empty() {
            map.insert(key.to_owned(), Value::String(value.to_owned()));
        }
    }
    (!map.is_empty()).then_some(map)
}

/// The numbers that stand behind a path in the names of fields, in their order.
fn numbered(path: &str, fields: &BTreeMap<String, String>) -> Vec<u32> {
    let begin = format!("{path}.");
    let mut numbers: Vec<u32> = fields
        .range(begin.clone()..)
        .take_while(|(name, _)| name.starts_with(&begin))
        .filter_map(|(name, _)| name.get(begin.len()..)?.split('.').next()?.parse().ok())
        .collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

/// Each field that differs between two orders: its path, and both values as text.
pub(super) fn differences(old: &Value, new: &Value) -> Vec<(String, String, String)> {
    let mut found = Vec::new();
    compare("", old, new, &mut found);
    found
}

fn compare(path: &str, old: &Value, new: &Value, found: &mut Vec<(String, String, String)>) {
    let below = |key: &str| match path {
        "" => key.to_owned(),
        path => format!("{path}.{key}"),
    };
    let part = |value: &Value| matches!(value, Value::Object(_) | Value::Null);
    let items = |value: &Value| matches!(value, Value::Array(_) | Value::Null);
    match (old, new) {
        (old, new) if old == new => {}
        (Value::Array(_), other) | (other, Value::Array(_)) if items(other) => {
            let count = |value: &Value| value.as_array().map_or(0, Vec::len);
            for n in 0..count(old).max(count(new)) {
                compare(&below(&n.to_string()), &old[n], &new[n], found);
            }
        }
        (Value::Object(_), other) | (other, Value::Object(_)) if part(other) => {
            let keys = |value: &Value| -> Vec<String> {
                value
                    .as_object()
                    .map(|map| map.keys().cloned().collect())
                    .unwrap_or_default()
            };
            let mut all = keys(old);
            all.extend(keys(new));
            all.sort_unstable();
            all.dedup();
            for key in all {
                compare(&below(&key), &old[&key], &new[&key], found);
            }
        }
        (old, new) => found.push((path.to_owned(), shown(old), shown(new))),
    }
}

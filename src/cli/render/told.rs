//! What a partner was asked beside orders, and what it gave.

use serde_json::Value;

use super::super::table::{Cell, Column, Look, Table, Tone, pairs};
use super::heading;
use crate::control::ErrandRow;
use crate::partners::errands::shown;

/// What can be asked of whom.
#[must_use]
pub fn errands_table(rows: &[ErrandRow], look: &Look) -> String {
    let mut table = Table::new(&[
        ("DESTINATION", Column::Left),
        ("ERRAND", Column::Left),
        ("TAKES", Column::Left),
        ("WHAT IT DOES", Column::Flex),
    ]);
    for row in rows {
        let takes = row.takes.iter();
        let takes = takes.map(|one| shown(&one.name, one.needed, one.many));
        let tone = if row.changes { Tone::Open } else { Tone::Plain };
        table.row(vec![
            Cell::from(&row.destination),
            Cell::toned(&row.errand, tone),
            Cell::from(takes.collect::<Vec<_>>().join(" ")),
            Cell::from(&row.about),
        ]);
    }
    table.render(look)
}

/// A partner's answer: names and values, and a part for each list in it.
#[must_use]
pub fn told(value: &Value, look: &Look) -> String {
    let mut text = String::new();
    part("", value, look, &mut text);
    if text.is_empty() {
        return "done\n".to_owned();
    }
    text
}

fn part(title: &str, value: &Value, look: &Look, text: &mut String) {
    let (mut plain, mut lists) = (Vec::new(), Vec::new());
    split("", value, &mut plain, &mut lists);
    if !plain.is_empty() {
        if !title.is_empty() {
            *text += &heading(title, look);
        }
        let lines: Vec<(&str, String)> = plain
            .iter()
            .map(|(name, value)| (name.as_str(), value.clone()))
            .collect();
        *text += &pairs(&lines, look);
    }
    for (name, list) in lists {
        for (index, one) in list.iter().enumerate() {
            let name = format!("{name} {}", index + 1);
            let name = if title.is_empty() {
                name
            } else {
                format!("{title}, {name}")
            };
            part(&name, one, look, text);
        }
    }
}

/// What stands once with its dotted name, and the lists of further parts.
fn split<'a>(
    name: &str,
    value: &'a Value,
    plain: &mut Vec<(String, String)>,
    lists: &mut Vec<(String, &'a Vec<Value>)>,
) {
    match value {
        Value::Null => {}
        Value::Object(members) => {
            for (key, member) in members {
                let below = if name.is_empty() {
                    key.clone()
                } else {
                    format!("{name}.{key}")
                };
                split(&below, member, plain, lists);
            }
        }
        Value::Array(items) if items.iter().any(|item| item.is_object() || item.is_array()) => {
            lists.push((name.to_owned(), items));
        }
        Value::Array(items) => {
            let all: Vec<String> = items.iter().map(word).collect();
            plain.push((name.to_owned(), all.join(", ")));
        }
        value => plain.push((name.to_owned(), word(value))),
    }
}

fn word(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}

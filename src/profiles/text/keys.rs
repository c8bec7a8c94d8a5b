//! The keys at the top of a profile.

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use serde::de::DeserializeOwned;
use toml::de::{DeTable, DeValue};

use super::super::MaxBadOrders;
use super::super::fixed::{Column, Fixed};
use super::super::model::{Header, Reads, Recognise, Sheets};
use super::super::path::{Namespaces, Path, Step};
use super::super::segments::tree::Groups;
use super::super::synonyms::normalise;
use super::fields::Built;
use super::reader::{Reader, scalar, sorted};
use super::value::Paths;

/// The two keys that every profile has.
pub(super) fn name_and_format<'a>(
    reader: &mut Reader<'a>,
    top: &'a DeTable<'a>,
) -> Option<(&'a str, Reads)> {
    let reads = reader.word(
        top,
        "format",
        "csv, sheet, table, xml, json, ttm, edifact, x12 or fixed",
        reads_of,
    );
    let name = reader.text(top, "name");
    if reads.is_none() && !top.contains_key("format") {
        reader.error(
            0,
            "“format” is missing: csv, sheet, table, xml, json, ttm, edifact, x12 or fixed",
        );
    }
    let (Some((name, _)), Some(reads)) = (name, reads) else {
        if name.is_none() {
            reader.error(0, "“name” is missing");
        }
        return None;
    };
    Some((name, reads))
}

fn reads_of(word: &str) -> Option<Reads> {
    Some(match word {
        "csv" => Reads::Csv,
        "sheet" => Reads::Sheet,
        "table" => Reads::Table,
        "xml" => Reads::Xml,
        "json" => Reads::Json,
        "ttm" => Reads::Ttm,
        "edifact" => Reads::Edifact,
        "x12" => Reads::X12,
        "fixed" => Reads::Fixed,
        _ => return None,
    })
}

/// A key whose words are those of a serde enum of the product.
pub(super) fn word<'a, T: DeserializeOwned>(
    reader: &mut Reader<'a>,
    top: &'a DeTable<'a>,
    key: &str,
) -> Option<T> {
    let (text, at) = reader.text(top, key)?;
    match serde_json::from_value(serde_json::Value::String(text.to_owned())) {
        Ok(value) => Some(value),
        Err(error) => {
            reader.error(at, format!("“{key}”: {error}"));
            None
        }
    }
}

pub(super) fn group_by<'a>(
    reader: &mut Reader<'a>,
    top: &'a DeTable<'a>,
    built: &Built,
    synonyms: bool,
) -> Vec<usize> {
    if !top.contains_key("group_by") {
        return built.order_field("reference").into_iter().collect();
    }
    let mut fields = Vec::new();
    for (text, at) in reader.texts(top, "group_by") {
        match built.order_field(text) {
            Some(index) => fields.push(index),
            None if synonyms => {}
            None => reader.error(at, format!("“{text}” is no field of [order]")),
        }
    }
    fields
}

pub(super) fn record<'a>(
    reader: &mut Reader<'a>,
    top: &'a DeTable<'a>,
    paths: Option<Paths<'_>>,
) -> Option<Path> {
    let Some((text, at)) = reader.text(top, "record") else {
        if paths.is_some() {
            reader.error(
                0,
                "“record” is missing: the path of an order's element from the root",
            );
        }
        return None;
    };
    let plain = |path: &Path| {
        path.absolute
            && path.attribute.is_none()
            && !path.steps.is_empty()
            && !path.steps.iter().any(Step::is_deep)
    };
    match paths?.parse(text) {
        Ok(path) if plain(&path) => Some(path),
        Ok(_) => {
            let what = "“record” is a path from the root, such as /orders/order or $.orders[*]";
            reader.error(at, what);
            None
        }
        Err(why) => {
            reader.error(at, why);
            None
        }
    }
}

pub(super) fn namespaces<'a>(reader: &mut Reader<'a>, top: &'a DeTable<'a>) -> Namespaces {
    let mut all = Namespaces::default();
    if let Some(table) = reader.table(top, "namespaces") {
        for (prefix, item) in sorted(table) {
            let uris = reader.texts_of(item, prefix.get_ref());
            let uris = uris.into_iter().map(|(uri, _)| uri.to_owned()).collect();
            all.insert(prefix.get_ref(), uris);
        }
    }
    all
}

pub(super) fn recognise<'a>(reader: &mut Reader<'a>, top: &'a DeTable<'a>) -> Recognise {
    let Some(table) = reader.table(top, "recognise") else {
        return Recognise::default();
    };
    reader.only(
        table,
        &[
            "required",
            "any",
            "root",
            "namespace",
            "envelope",
            "keys",
            "message",
        ],
        "[recognise]",
    );
    let headers = |texts: Vec<(&str, usize)>| -> Vec<(String, String)> {
        let texts = texts.into_iter();
        texts
            .map(|(text, _)| (normalise(text), text.to_owned()))
            .collect()
    };
    let plain = |texts: Vec<(&str, usize)>| -> Vec<String> {
        texts.into_iter().map(|(text, _)| text.to_owned()).collect()
    };
    Recognise {
        declared: true,
        required: headers(reader.texts(table, "required")),
        any: headers(reader.texts(table, "any")),
        root: plain(reader.texts(table, "root")),
        keys: plain(reader.texts(table, "keys")),
        namespace: plain(reader.texts(table, "namespace")),
        envelope: plain(reader.texts(table, "envelope")),
        message: plain(reader.texts(table, "message")),
    }
}

pub(super) fn max_bad_orders<'a>(
    reader: &mut Reader<'a>,
    top: &'a DeTable<'a>,
) -> Option<MaxBadOrders> {
    let item = top.get("max_bad_orders")?;
    let text = scalar(item).unwrap_or_default();
    let parsed = match text.strip_suffix('%') {
        Some(percent) => percent
            .trim()
            .parse()
            .ok()
            .filter(|percent| *percent <= 100)
            .map(MaxBadOrders::Percent),
        None => text.parse().ok().map(MaxBadOrders::Count),
    };
    if parsed.is_none() {
        reader.error(
            item.span().start,
            "“max_bad_orders” is a number or a share such as \"5%\"",
        );
    }
    parsed
}

pub(super) fn delete_on<'a>(reader: &mut Reader<'a>, top: &'a DeTable<'a>) -> Option<Decimal> {
    let item = top.get("delete_on")?;
    let number = scalar(item).and_then(|text| crate::order::parse_decimal(&text));
    if number.is_none() {
        reader.error(item.span().start, "“delete_on” is a number such as -1");
    }
    number
}

pub(super) fn time_zone<'a>(reader: &mut Reader<'a>, top: &'a DeTable<'a>) -> Option<String> {
    reader.word(
        top,
        "time_zone",
        "an IANA zone such as Europe/Amsterdam",
        |word| {
            jiff::tz::TimeZone::get(word)
                .is_ok()
                .then(|| word.to_owned())
        },
    )
}

pub(super) fn sheets<'a>(reader: &mut Reader<'a>, top: &'a DeTable<'a>) -> Sheets {
    let Some(item) = top.get("sheet") else {
        return Sheets::First;
    };
    match item.get_ref() {
        DeValue::String(name) => match name.as_ref() {
            "first" => Sheets::First,
            "all" => Sheets::All,
            name => Sheets::Named(name.to_owned()),
        },
        DeValue::Integer(number) => match number.as_str().parse() {
            Ok(nth) if nth > 0 => Sheets::Nth(nth),
            _ => {
                reader.error(item.span().start, "sheets count from 1");
                Sheets::First
            }
        },
        _ => {
            reader.error(
                item.span().start,
                "“sheet” is a name, a number, \"first\" or \"all\"",
            );
            Sheets::First
        }
    }
}

/// Which segments belong to the group that a segment opens.
pub(super) fn groups<'a>(reader: &mut Reader<'a>, top: &'a DeTable<'a>) -> Groups {
    let mut groups = Groups::new();
    if let Some(table) = reader.table(top, "groups") {
        for (tag, item) in sorted(table) {
            let tags = reader.texts_of(item, tag.get_ref());
            let tags = tags.into_iter().map(|(tag, _)| tag.to_owned()).collect();
            groups.insert(tag.get_ref().to_string(), tags);
        }
    }
    groups
}

/// Where the columns of fixed width text stand.
pub(super) fn fixed<'a>(reader: &mut Reader<'a>, top: &'a DeTable<'a>, reads: Reads) -> Fixed {
    let mut fixed = Fixed::default();
    let Some(table) = reader.table(top, "fixed") else {
        if reads == Reads::Fixed {
            reader.error(
                0,
                "“[fixed]” is missing: where the columns stand, such as Order = \"1-10\"",
            );
        }
        return fixed;
    };
    let mut plain = Vec::new();
    for (key, item) in sorted(table) {
        let (name, at) = (key.get_ref(), item.span().start);
        if let Some(columns) = item.get_ref().as_table() {
            let columns = sorted(columns).into_iter().filter_map(|(key, item)| {
                let text = item.get_ref().as_str().unwrap_or_default();
                let column = Column::parse(key.get_ref(), text);
                if column.is_none() {
                    reader.error(
                        item.span().start,
                        "columns stand at places such as \"1-10\"",
                    );
                }
                column
            });
            fixed.kinds.push((name.to_string(), columns.collect()));
            continue;
        }
        let column = Column::parse(name, item.get_ref().as_str().unwrap_or_default());
        match (name.as_ref(), column) {
            ("kind_at", Some(column)) => fixed.kind_at = Some(column),
            (_, Some(column)) => plain.push(column),
            (_, None) => reader.error(at, "columns stand at places such as \"1-10\""),
        }
    }
    if fixed.kind_at.is_none() != fixed.kinds.is_empty()
        || !plain.is_empty() && !fixed.kinds.is_empty()
    {
        reader.error(
            0,
            "[fixed] has either columns, or “kind_at” and one table of columns a kind",
        );
    }
    if !plain.is_empty() {
        fixed.kinds.push((String::new(), plain));
    }
    fixed
}

pub(super) fn header<'a>(reader: &mut Reader<'a>, top: &'a DeTable<'a>) -> Header {
    let Some(item) = top.get("header") else {
        return Header::First;
    };
    let text = scalar(item).unwrap_or_default();
    match (text.as_str(), text.parse()) {
        ("first", _) => Header::First,
        ("find", _) => Header::Find,
        ("none", _) => Header::None,
        ("keys", _) => Header::Keys,
        (_, Ok(row)) if row > 0 => Header::Row(row),
        _ => {
            let what = "“header” is \"first\", \"find\", \"none\", \"keys\" or a row number";
            reader.error(item.span().start, what);
            Header::First
        }
    }
}

pub(super) fn ignore<'a>(
    reader: &mut Reader<'a>,
    top: &'a DeTable<'a>,
    reads: Reads,
) -> BTreeSet<String> {
    let texts = reader.texts(top, "ignore").into_iter();
    texts
        .map(|(text, _)| match reads {
            Reads::Xml | Reads::Ttm => unprefixed(text),
            Reads::Edifact | Reads::X12 => text.to_owned(),
            Reads::Json => text.trim_start_matches("$.").replace('.', "/"),
            _ => normalise(text),
        })
        .collect()
}

/// A path without the prefixes of its names, as the paths of leaves are told.
fn unprefixed(path: &str) -> String {
    let local = |name: &str| name.rsplit(':').next().unwrap_or(name).to_owned();
    let at = |name: &str| match name.strip_prefix('@') {
        Some(name) => format!("@{}", local(name)),
        None => local(name),
    };
    let names: Vec<String> = path.split('/').map(at).collect();
    names.join("/")
}

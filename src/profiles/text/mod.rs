//! The text of a profile → [`Profile`], or all that is wrong with it, each with its line.
//!
//! ```toml
//! name = "acme"                     # what routes call it
//! title = "ACME's order export"
//! version = "1"
//! format = "table"                  # csv | sheet | table (both) | xml
//! kind = "purchase"                 # of all its orders; action = "create" | "update" | "cancel"
//! decimal = "comma"                 # "point" unless declared
//! dates = ["DD.MM.YYYY"]            # the order of day and month is declared, never guessed
//! group_by = ["reference"]          # rows that agree in these fields, one after another, are one order
//! on_bad_row = "reject-file"        # or "skip-orders" with max_bad_orders = 10 or "5%"
//! on_change = "refuse"              # or "update", "ignore"
//! delete_on = -1                    # a quantity that takes its line out
//! sheet = "Orders"                  # name or number; "first" (that fits) unless declared; or "all"
//! header = "first"                  # row number, "find", or "none"
//! header_end = "gap"                # sheets: columns behind an empty header cell are no data
//! ignore = ["internal note"]        # columns, or xml paths, that are left out without a word
//!
//! [recognise]                       # without it the profile is used only where a route names it
//! required = ["Order no", "Article"]
//! any = ["Qty", "Quantity"]         # xml: root = "orders", namespace = "urn:…" (* for any run)
//!
//! [order]                           # see `value` for what stands on the right
//! reference = "@Order no"
//! currency = { value = "@Cur", default = "EUR" }
//! parties.buyer.name = "@Customer"
//!
//! [line]
//! item_id = "@Article"
//! quantity = { value = "@Qty", required = true, decimal = "point" }
//! unit = { value = "@Unit", lookup = "units" }
//!
//! [table.units]
//! "Stück" = "C62"
//! ```
//!
//! In xml `record = "/orders/order"` names an order's element, `[line] each = "lines/line"` those of
//! its lines, and `[namespaces]` what prefixes stand for.

mod fields;
mod nearest;
mod reader;
mod value;

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use toml::de::{DeTable, DeValue};

pub(crate) use self::fields::{Built, Shared, empty as empty_field};
pub(crate) use self::nearest::nearest;
use self::reader::{Reader, scalar};
use super::model::{Header, Profile, Reads, Recognise, Sheets, Value};
use super::path::{Namespaces, Path};
use super::synonyms::normalise;
use super::target::{Level, Target, level_of};
use super::{MaxBadOrders, ProfileError, ProfileUse};

/// The keys at the top of a profile.
const TOP: [&str; 29] = [
    "name",
    "title",
    "version",
    "language",
    "format",
    "kind",
    "action",
    "decimal",
    "dates",
    "group_by",
    "on_bad_row",
    "max_bad_orders",
    "on_change",
    "delete_on",
    "time_zone",
    "sheet",
    "header",
    "ignore",
    "columns",
    "record",
    "namespaces",
    "recognise",
    "defaults",
    "table",
    "order",
    "shipment",
    "goods",
    "equipment",
    "line",
];

/// Compiles `text`, called `label` in errors.
///
/// # Errors
/// All that is wrong with it.
pub(crate) fn profile(
    label: &str,
    text: &str,
    built_in: bool,
) -> Result<Profile, Vec<ProfileError>> {
    let mut reader = Reader::new(label, text);
    let parsed = match DeTable::parse(text) {
        Ok(parsed) => parsed,
        Err(error) => {
            let at = error.span().map_or(0, |span| span.start);
            reader.error(at, error.message().to_owned());
            return Err(reader.errors);
        }
    };
    let profile = read(&mut reader, parsed.get_ref(), text, built_in);
    match profile {
        Some(profile) if reader.errors.is_empty() => Ok(profile),
        _ => Err(reader.errors),
    }
}

fn read<'a>(
    reader: &mut Reader<'a>,
    top: &'a DeTable<'a>,
    text: &str,
    built_in: bool,
) -> Option<Profile> {
    let mut known = TOP.to_vec();
    known.extend(["status", "header_end"]);
    reader.only(top, &known, "the profile");
    reader.word(top, "language", "“1”", |word| {
        (word == "1").then_some(())
    });
    let (name, reads) = name_and_format(reader, top)?;
    let xml = reads == Reads::Xml;
    let namespaces = namespaces(reader, top);
    let tables = tables(reader, top);
    let shared = Shared {
        numbers: fields::decimal(reader, top).unwrap_or_default(),
        dates: fields::dates(reader, top),
        namespaces: xml.then(|| namespaces.clone()),
        tables: tables.keys().cloned().collect(),
    };
    let built = levels(reader, top, &shared);
    let synonyms = reader
        .word(top, "columns", "“synonyms”", |word| {
            (word == "synonyms").then_some(())
        })
        .is_some();
    let group_by = group_by(reader, top, &built, synonyms);
    let record = record(reader, top, xml, &namespaces);
    let version = reader
        .text(top, "version")
        .map_or("1", |(version, _)| version);
    Some(Profile {
        known_as: ProfileUse {
            name: name.to_owned(),
            version: version.to_owned(),
            hash: hex::encode(Sha256::digest(text.as_bytes())),
        },
        title: reader
            .text(top, "title")
            .map_or(name, |(title, _)| title)
            .to_owned(),
        built_in,
        reads,
        recognise: recognise(reader, top),
        kind: word(reader, top, "kind").unwrap_or_default(),
        action: word(reader, top, "action").unwrap_or_default(),
        on_bad_row: word(reader, top, "on_bad_row"),
        max_bad_orders: max_bad_orders(reader, top),
        on_change: word(reader, top, "on_change"),
        time_zone: time_zone(reader, top),
        delete_on: delete_on(reader, top),
        synonyms,
        sheets: sheets(reader, top),
        header: header(reader, top),
        ends_at_gap: reader
            .word(top, "header_end", "“gap”", |word| {
                (word == "gap").then_some(())
            })
            .is_some(),
        group_by,
        record,
        ignore: ignore(reader, top, xml),
        numbers: shared.numbers,
        dates: shared.dates,
        levels: built.levels,
        references: built.references,
        memos: built.memos,
        tables,
    })
}

/// The two keys that every profile has.
fn name_and_format<'a>(reader: &mut Reader<'a>, top: &'a DeTable<'a>) -> Option<(&'a str, Reads)> {
    let reads = reader.word(top, "format", "csv, sheet, table or xml", reads_of);
    let name = reader.text(top, "name");
    if reads.is_none() && !top.contains_key("format") {
        reader.error(0, "“format” is missing: csv, sheet, table or xml");
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
        _ => return None,
    })
}

/// A key whose words are those of a serde enum of the product.
fn word<'a, T: DeserializeOwned>(
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

fn levels<'a>(reader: &mut Reader<'a>, top: &'a DeTable<'a>, shared: &Shared) -> Built {
    let mut built = Built::default();
    for level in Level::ALL {
        if let Some(table) = reader.table(top, level.section()) {
            fields::section(reader, table, level, shared, &mut built);
        }
    }
    if let Some(defaults) = reader.table(top, "defaults") {
        for (key, item) in reader::sorted(defaults) {
            let at = key.span().start;
            default(reader, key.get_ref(), at, scalar(item), shared, &mut built);
        }
    }
    built
}

/// One entry of `[defaults]`: for a field that is read, what an empty value becomes; else a constant.
fn default(
    reader: &mut Reader<'_>,
    path: &str,
    at: usize,
    text: Option<String>,
    shared: &Shared,
    built: &mut Built,
) {
    let (level, name) = level_of(path);
    let (Some(text), Some(target)) = (text, Target::find(level, name)) else {
        reader.error(
            at,
            format!("there is no field “{path}”, or its default is no text"),
        );
        return;
    };
    if let Some(index) = built.field(level, name) {
        if let Some(field) = built.levels.get_mut(level).fields.get_mut(index) {
            field.default = Some(text);
        }
        return;
    }
    let mut field = fields::empty(name, target, shared);
    field.value = Value::Literal(text);
    built.push(level, field);
}

fn group_by<'a>(
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

fn record<'a>(
    reader: &mut Reader<'a>,
    top: &'a DeTable<'a>,
    xml: bool,
    namespaces: &Namespaces,
) -> Option<Path> {
    let Some((text, at)) = reader.text(top, "record") else {
        if xml {
            reader.error(
                0,
                "“record” is missing: the path of an order's element from the root",
            );
        }
        return None;
    };
    match Path::parse(text, namespaces) {
        Ok(path) if path.absolute && path.attribute.is_none() && !path.steps.is_empty() => {
            Some(path)
        }
        Ok(_) => {
            reader.error(
                at,
                "“record” is a path from the root, such as /orders/order",
            );
            None
        }
        Err(why) => {
            reader.error(at, why);
            None
        }
    }
}

fn namespaces<'a>(reader: &mut Reader<'a>, top: &'a DeTable<'a>) -> Namespaces {
    let mut all = BTreeMap::new();
    if let Some(table) = reader.table(top, "namespaces") {
        for (prefix, item) in reader::sorted(table) {
            let uris = reader.texts_of(item, prefix.get_ref());
            let uris = uris.into_iter().map(|(uri, _)| uri.to_owned()).collect();
            all.insert(prefix.get_ref().to_string(), uris);
        }
    }
    Namespaces(all)
}

fn tables<'a>(
    reader: &mut Reader<'a>,
    top: &'a DeTable<'a>,
) -> BTreeMap<String, BTreeMap<String, String>> {
    let mut all = BTreeMap::new();
    let Some(table) = reader.table(top, "table") else {
        return all;
    };
    for (name, item) in reader::sorted(table) {
        let Some(rows) = reader.table(table, name.get_ref()) else {
            continue;
        };
        let mut entries = BTreeMap::new();
        for (key, item) in reader::sorted(rows) {
            match scalar(item) {
                Some(text) => {
                    entries.insert(key.get_ref().trim().to_lowercase(), text);
                }
                None => reader.error(item.span().start, "a look-up table maps texts to texts"),
            }
        }
        let _ = item;
        all.insert(name.get_ref().to_string(), entries);
    }
    all
}

fn recognise<'a>(reader: &mut Reader<'a>, top: &'a DeTable<'a>) -> Recognise {
    let Some(table) = reader.table(top, "recognise") else {
        return Recognise::default();
    };
    reader.only(
        table,
        &["required", "any", "root", "namespace"],
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
        namespace: plain(reader.texts(table, "namespace")),
    }
}

fn max_bad_orders<'a>(reader: &mut Reader<'a>, top: &'a DeTable<'a>) -> Option<MaxBadOrders> {
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

fn delete_on<'a>(reader: &mut Reader<'a>, top: &'a DeTable<'a>) -> Option<Decimal> {
    let item = top.get("delete_on")?;
    let number = scalar(item).and_then(|text| crate::order::parse_decimal(&text));
    if number.is_none() {
        reader.error(item.span().start, "“delete_on” is a number such as -1");
    }
    number
}

fn time_zone<'a>(reader: &mut Reader<'a>, top: &'a DeTable<'a>) -> Option<String> {
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

fn sheets<'a>(reader: &mut Reader<'a>, top: &'a DeTable<'a>) -> Sheets {
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

fn header<'a>(reader: &mut Reader<'a>, top: &'a DeTable<'a>) -> Header {
    let Some(item) = top.get("header") else {
        return Header::First;
    };
    let text = scalar(item).unwrap_or_default();
    match (text.as_str(), text.parse()) {
        ("first", _) => Header::First,
        ("find", _) => Header::Find,
        ("none", _) => Header::None,
        (_, Ok(row)) if row > 0 => Header::Row(row),
        _ => {
            let what = "“header” is \"first\", \"find\", \"none\" or a row number";
            reader.error(item.span().start, what);
            Header::First
        }
    }
}

fn ignore<'a>(reader: &mut Reader<'a>, top: &'a DeTable<'a>, xml: bool) -> BTreeSet<String> {
    let texts = reader.texts(top, "ignore").into_iter();
    texts
        .map(|(text, _)| {
            if xml {
                unprefixed(text)
            } else {
                normalise(text)
            }
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

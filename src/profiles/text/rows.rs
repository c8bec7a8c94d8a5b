//! The keys about rows, joined tables, code tables and rules.

use std::sync::Arc;

use toml::de::{DeTable, DeValue};

use super::super::codes::{CodeTable, CodeTables};
use super::super::model::{Join, Rows, Rule};
use super::super::synonyms::normalise;
use super::super::target::{Level, Target};
use super::fields::{Built, Shared, value_of};
use super::nearest::nearest;
use super::reader::{Item, Reader, scalar, sorted};
use crate::expression::Expression;
use crate::limits;

/// The keys `skip`, `end`, `blocks`, `only` and `row_kind`.
pub(super) fn rows<'a>(
    reader: &mut Reader<'a>,
    top: &'a DeTable<'a>,
    shared: &Shared,
    built: &mut Built,
) -> Rows {
    let patterns = |texts: Vec<(&str, usize)>| -> Vec<String> {
        texts
            .into_iter()
            .map(|(text, _)| text.to_lowercase())
            .collect()
    };
    let end = patterns(reader.texts(top, "end"));
    let mut value = |reader: &mut Reader<'a>, key: &str| {
        let item = top.get(key)?;
        Some(value_of(reader, item, Level::Order, shared, built, None))
    };
    Rows {
        only: value(reader, "only"),
        kind: value(reader, "row_kind"),
        skip: patterns(reader.texts(top, "skip")),
        end_at_gap: end.iter().any(|pattern| pattern == "gap"),
        end: end.into_iter().filter(|pattern| pattern != "gap").collect(),
        blocks: flag(reader, top, "blocks"),
    }
}

fn flag<'a>(reader: &mut Reader<'a>, table: &'a DeTable<'a>, key: &str) -> bool {
    let Some(item) = table.get(key) else {
        return false;
    };
    let flag = item.get_ref().as_bool();
    if flag.is_none() {
        reader.error(item.span().start, format!("“{key}” is true or false"));
    }
    flag.unwrap_or_default()
}

/// How many rows make the header.
pub(super) fn header_rows<'a>(reader: &mut Reader<'a>, top: &'a DeTable<'a>) -> usize {
    let Some(item) = top.get("header_rows") else {
        return 1;
    };
    let count = scalar(item).and_then(|text| text.parse().ok());
    count
        .filter(|count| (1..=limits::HEADER_LINES).contains(count))
        .unwrap_or_else(|| {
            let most = limits::HEADER_LINES;
            reader.error(
                item.span().start,
                format!("“header_rows” is a number from 1 to {most}"),
            );
            1
        })
}

/// The names of `[join.NAME]`, before any value is read.
pub(super) fn join_names(top: &DeTable<'_>) -> Vec<String> {
    let table = top.get("join").and_then(|item| item.get_ref().as_table());
    let entries = table.map(sorted).unwrap_or_default();
    entries
        .iter()
        .map(|(key, _)| key.get_ref().to_string())
        .collect()
}

/// `[join.NAME]`: another sheet whose rows are found by a key.
pub(super) fn joins<'a>(
    reader: &mut Reader<'a>,
    top: &'a DeTable<'a>,
    shared: &Shared,
    built: &mut Built,
) -> Vec<Join> {
    let Some(table) = reader.table(top, "join") else {
        return Vec::new();
    };
    let mut joins = Vec::new();
    for (name, item) in sorted(table) {
        let Some(own) = reader.table(table, name.get_ref()) else {
            continue;
        };
        reader.only(
            own,
            &["sheet", "key", "by"],
            &format!("[join.{}]", name.get_ref()),
        );
        let sheet = reader.text(own, "sheet");
        let key = reader.text(own, "key");
        let by = own.get("by");
        let (Some((sheet, _)), Some((key, _)), Some(by)) = (sheet, key, by) else {
            let what = "a join names its `sheet`, the header of its `key`, and the value `by` which it is found";
            reader.error(item.span().start, what);
            continue;
        };
        joins.push(Join {
            sheet: normalise(sheet),
            key: normalise(key),
            by: value_of(reader, by, Level::Order, shared, built, None),
        });
    }
    joins
}

/// `[table.NAME]`: pairs, or `file = "units.csv"` beside the profile.
pub(super) fn tables<'a>(
    reader: &mut Reader<'a>,
    top: &'a DeTable<'a>,
    beside: &[(String, String)],
) -> CodeTables {
    let mut all = CodeTables::default();
    let Some(table) = reader.table(top, "table") else {
        return all;
    };
    for (name, item) in sorted(table) {
        let Some(rows) = reader.table(table, name.get_ref()) else {
            continue;
        };
        let entries = match rows.get("file").and_then(|file| file.get_ref().as_str()) {
            Some(file) => file_table(reader, rows, file, item, beside),
            None => pairs(reader, rows),
        };
        all.0.insert(name.get_ref().to_string(), entries);
    }
    all
}

fn pairs<'a>(reader: &mut Reader<'a>, rows: &'a DeTable<'a>) -> CodeTable {
    let mut entries = CodeTable::default();
    for (key, item) in sorted(rows) {
        match scalar(item) {
            Some(text) => entries.add(key.get_ref(), &text),
            None => reader.error(item.span().start, "a look-up table maps texts to texts"),
        }
    }
    entries
}

fn file_table<'a>(
    reader: &mut Reader<'a>,
    rows: &'a DeTable<'a>,
    file: &str,
    item: Item<'a>,
    beside: &[(String, String)],
) -> CodeTable {
    reader.only(rows, &["file", "key", "value"], "a look-up table in a file");
    let at = item.span().start;
    let names = beside.iter().map(|(label, _)| file_name(label));
    let Some((_, text)) = beside.iter().find(|(label, _)| file_name(label) == file) else {
        let near = nearest(file, names);
        let hint = near.map_or_else(String::new, |near| format!("; did you mean “{near}”?"));
        reader.error(
            at,
            format!("there is no file “{file}” beside the profile{hint}"),
        );
        return CodeTable::default();
    };
    let key = reader.text(rows, "key").map(|(key, _)| key);
    let value = reader.text(rows, "value").map(|(value, _)| value);
    CodeTable::read(text, key, value).unwrap_or_else(|why| {
        reader.error(at, format!("{file}: {why}"));
        CodeTable::default()
    })
}

fn file_name(label: &str) -> &str {
    label.rsplit('/').next().unwrap_or(label)
}

/// `[[rule]]`: what an order must satisfy, in the sender's words.
pub(super) fn rules<'a>(reader: &mut Reader<'a>, top: &'a DeTable<'a>) -> Vec<Rule> {
    let Some(item) = top.get("rule") else {
        return Vec::new();
    };
    let DeValue::Array(items) = item.get_ref() else {
        reader.error(item.span().start, "rules are written as [[rule]]");
        return Vec::new();
    };
    let mut rules = Vec::new();
    for item in items {
        match item.get_ref().as_table() {
            Some(table) => rules.extend(rule(reader, table, item)),
            None => reader.error(item.span().start, "rules are written as [[rule]]"),
        }
    }
    rules
}

fn rule<'a>(reader: &mut Reader<'a>, table: &'a DeTable<'a>, item: Item<'a>) -> Option<Rule> {
    reader.only(
        table,
        &["check", "say", "each", "field", "severity"],
        "[[rule]]",
    );
    let at = item.span().start;
    let (Some((check, check_at)), Some((say, _))) =
        (reader.text(table, "check"), reader.text(table, "say"))
    else {
        reader.error(
            at,
            "a rule has a `check` and what to `say` where it does not hold",
        );
        return None;
    };
    let each = reader.word(table, "each", "line, goods or shipment", |word| {
        [Level::Line, Level::Goods, Level::Shipment]
            .into_iter()
            .find(|level| level.section() == word)
    });
    let severity = reader.word(table, "severity", "“error” or “warning”", |word| {
        ["error", "warning"]
            .contains(&word)
            .then(|| word == "warning")
    });
    let level = each.unwrap_or(Level::Order);
    let field = reader.text(table, "field");
    if let Some((name, at)) = field
        && Target::find(level, name).is_none()
    {
        reader.error(
            at,
            format!("there is no field “{name}” in [{}]", level.section()),
        );
    }
    match compiled(check, level) {
        Ok(check) => Some(Rule {
            check,
            each,
            say: say.to_owned(),
            field: field
                .map_or(default_field(level), |(name, _)| name)
                .to_owned(),
            warning: severity.unwrap_or_default(),
        }),
        Err(why) => {
            reader.error(check_at, format!("the check “{check}” is wrong: {why}"));
            None
        }
    }
}

fn default_field(level: Level) -> &'static str {
    match level {
        Level::Line | Level::Goods => "quantity",
        Level::Shipment => "id",
        _ => "reference",
    }
}

fn compiled(check: &str, level: Level) -> Result<Expression, String> {
    let check = check.strip_prefix('=').unwrap_or(check).trim();
    let language = super::super::functions::language();
    let expression = Expression::compile_in(language, check).map_err(|error| error.to_string())?;
    for name in expression.variables() {
        let seen = name == "order" || (level != Level::Order && name == level.section());
        if !seen && !super::super::functions::is_known(&name) {
            return Err(format!("“{name}” is not known in rules; they see `order`"));
        }
    }
    Ok(expression)
}

/// The tables as the model holds them.
pub(super) fn shared_tables(tables: CodeTables) -> Arc<CodeTables> {
    Arc::new(tables)
}

//! The sections of a profile that fill the order: `[order]`, `[shipment]`, `[goods]`, `[line]`, …

use std::collections::BTreeMap;

use toml::de::{DeTable, DeValue};

use super::super::model::{Field, Levels, Reference, Value};
use super::super::path::Namespaces;
use super::super::segments::selector;
use super::super::target::{FieldType, Level, Target, names};
use super::super::values::{DatePattern, Dates, DecimalSign, Numbers};
use super::nearest::nearest;
use super::reader::{Item, Reader, scalar, sorted};
use super::value::{self, Names, Paths};

/// The keys of a field that is written as a table.
const FIELD_KEYS: [&str; 8] = [
    "value", "text", "required", "decimal", "dates", "lookup", "default", "rows",
];

/// What a piece of a packed cell is called.
const PIECE: &str = "part";

/// What all fields share while they are read.
pub(crate) struct Shared {
    /// How numbers are written unless a field says.
    pub(crate) numbers: Numbers,
    /// How dates are written unless a field says.
    pub(crate) dates: Dates,
    /// xml: the prefixes; `None` for others.
    pub(crate) namespaces: Option<Namespaces>,
    /// Whether paths are those of JSON.
    pub(crate) json: bool,
    /// Whether references are places in a message.
    pub(crate) segments: bool,
    /// The look-up tables that there are.
    pub(crate) tables: Vec<String>,
    /// The joined tables that there are.
    pub(crate) joins: Vec<String>,
}

impl Shared {
    /// How paths are written; `None` for tables.
    pub(crate) fn paths(&self) -> Option<Paths<'_>> {
        match &self.namespaces {
            Some(namespaces) => Some(Paths::Xml(namespaces)),
            None => self.json.then_some(Paths::Json),
        }
    }
}

/// What was read so far.
#[derive(Default)]
pub(crate) struct Built {
    /// The fields.
    pub(crate) levels: Levels,
    /// What they read.
    pub(crate) references: Vec<Reference>,
    /// How many earlier fields are remembered.
    pub(crate) memos: usize,
    /// Where each field stands.
    places: BTreeMap<String, (Level, usize)>,
}

impl Built {
    /// The index of a field of the head.
    pub(crate) fn order_field(&self, name: &str) -> Option<usize> {
        self.field(Level::Order, name)
    }

    /// The index of a field of a level.
    pub(crate) fn field(&self, level: Level, name: &str) -> Option<usize> {
        let (found, index) = *self.places.get(&format!("{}{name}", level.prefix()))?;
        (found == level).then_some(index)
    }

    /// What number fields read may be written with a decimal comma, in messages.
    pub(crate) fn mark_numbers(&mut self) {
        for level in Level::ALL {
            let fields = self.levels.get(level).fields.iter();
            for field in fields.filter(|f| matches!(f.ty, FieldType::Number | FieldType::Count)) {
                field.value.references(&mut |reference| {
                    if let Some(Reference::Segment(selector)) = self.references.get_mut(reference) {
                        selector.numeric = true;
                    }
                });
            }
        }
    }

    /// Adds a field that is a constant or default.
    pub(crate) fn push(&mut self, level: Level, field: Field) {
        let path = format!("{}{}", level.prefix(), field.name);
        let fields = &mut self.levels.get_mut(level).fields;
        self.places.insert(path, (level, fields.len()));
        fields.push(field);
    }
}

/// The names that a value of one level may use.
struct Seen<'b> {
    built: &'b mut Built,
    level: Level,
    shared: &'b Shared,
}

impl Names for Seen<'_> {
    fn reference(&mut self, reference: Reference) -> usize {
        let known = &mut self.built.references;
        if let Some(index) = known.iter().position(|known| *known == reference) {
            return index;
        }
        known.push(reference);
        known.len() - 1
    }

    fn earlier(&mut self, field: &str) -> Result<usize, String> {
        let slots = self.built.memos;
        if let Some(slot) = &mut self.built.levels.get_mut(self.level).piece
            && field == PIECE
        {
            // Taken only by what names it.
            if *slot == usize::MAX {
                *slot = slots;
                self.built.memos += 1;
            }
            return Ok(*slot);
        }
        let own = format!("{}{field}", self.level.prefix());
        let place = self
            .built
            .places
            .get(&own)
            .or_else(|| self.built.places.get(field));
        let Some(&(level, index)) = place else {
            return Err(format!(
                "“{{{field}}}” is no field filled earlier in this profile"
            ));
        };
        let above = matches!(
            (level, self.level),
            (Level::Order, _) | (Level::Shipment, Level::Goods | Level::Equipment)
        );
        if level != self.level && !above {
            return Err(format!(
                "“{{{field}}}” cannot be seen from [{}]",
                self.level.section()
            ));
        }
        let slot = self.built.memos;
        let Some(found) = self.built.levels.get_mut(level).fields.get_mut(index) else {
            return Err(format!("“{{{field}}}” is not known"));
        };
        let slot = *found.memo.get_or_insert(slot);
        self.built.memos = self.built.memos.max(slot + 1);
        Ok(slot)
    }

    fn paths(&self) -> Option<Paths<'_>> {
        self.shared.paths()
    }

    fn join(&self, name: &str) -> Option<usize> {
        self.shared.joins.iter().position(|join| join == name)
    }

    fn segments(&self) -> bool {
        self.shared.segments
    }
}

/// Reads the section of `level`.
pub(crate) fn section<'a>(
    reader: &mut Reader<'a>,
    table: &'a DeTable<'a>,
    level: Level,
    shared: &Shared,
    built: &mut Built,
) {
    let mut entries = Vec::new();
    flatten(table, "", level, &mut entries);
    let tables = shared.paths().is_none() && !shared.segments;
    if tables && let Some(split) = split(reader, table, level, shared, built) {
        let own = built.levels.get_mut(level);
        own.split = Some(split);
        own.piece = Some(usize::MAX);
    }
    let repeat = repeat(reader, table).filter(|_| tables && is_part(level));
    let rows = reader.texts(table, "rows");
    built.levels.get_mut(level).rows = rows.into_iter().map(|(kind, _)| kind.to_owned()).collect();
    let reserved = |name: &str| match name {
        "each" => !tables,
        "by" => tables && level == Level::Shipment,
        "split" | "split_by" | "repeat" | "rows" => tables,
        _ => false,
    };
    if let Some(paths) = shared.paths() {
        for (text, at) in reader.texts(table, "each") {
            match paths.parse(text.trim_start_matches('@')) {
                Ok(path) => built.levels.get_mut(level).each.push(path),
                Err(why) => reader.error(at, why),
            }
        }
    }
    if shared.segments {
        for (text, at) in reader.texts(table, "each") {
            match selector::steps(text.trim_start_matches('@')) {
                Ok(way) => built.levels.get_mut(level).each_segment.push(way),
                Err(why) => reader.error(at, why),
            }
        }
    }
    for (name, item) in &entries {
        if !reserved(name) {
            field(reader, item, name, level, shared, built, repeat.map(|_| 1));
        }
    }
    for nth in 2..=repeat.unwrap_or(1) {
        let first = std::mem::take(&mut built.levels.get_mut(level).fields);
        for (name, item) in &entries {
            if !reserved(name) {
                field(reader, item, name, level, shared, built, Some(nth));
            }
        }
        let own = built.levels.get_mut(level);
        let again = std::mem::replace(&mut own.fields, first);
        own.again.push(again);
    }
    if tables && level == Level::Shipment {
        for (text, at) in reader.texts(table, "by") {
            match built.field(level, text) {
                Some(index) => built.levels.get_mut(level).by.push(index),
                None => reader.error(at, format!("“{text}” is no field of [shipment]")),
            }
        }
    }
}

/// Whether a row can hold several of it.
fn is_part(level: Level) -> bool {
    matches!(level, Level::Line | Level::Goods | Level::Equipment)
}

/// The keys `split` and `split_by`: one cell that holds several parts.
fn split<'a>(
    reader: &mut Reader<'a>,
    table: &'a DeTable<'a>,
    level: Level,
    shared: &Shared,
    built: &mut Built,
) -> Option<(Value, String)> {
    let item = table.get("split")?;
    if !is_part(level) {
        reader.error(
            item.span().start,
            "only lines, goods and equipment stand packed in one cell",
        );
        return None;
    }
    let value = value_of(reader, item, level, shared, built, None);
    let by = reader.text(table, "split_by").map_or(";", |(by, _)| by);
    if by.is_empty() {
        reader.error(
            item.span().start,
            "“split_by” is the sign between the parts",
        );
        return None;
    }
    Some((value, by.to_owned()))
}

/// The key `repeat`: so many groups of columns side by side; `#` in a header is the group's number.
fn repeat<'a>(reader: &mut Reader<'a>, table: &'a DeTable<'a>) -> Option<usize> {
    let item = table.get("repeat")?;
    let count = scalar(item).and_then(|text| text.parse().ok());
    let count = count.filter(|count| (1..=crate::limits::REPEATS).contains(count));
    if count.is_none() {
        let most = crate::limits::REPEATS;
        reader.error(
            item.span().start,
            format!("“repeat” is a number from 1 to {most}"),
        );
    }
    count
}

/// Dotted keys and nested tables come down to one list of paths.
fn flatten<'a>(
    table: &'a DeTable<'a>,
    before: &str,
    level: Level,
    into: &mut Vec<(String, Item<'a>)>,
) {
    for (key, item) in sorted(table) {
        let name = match before {
            "" => key.get_ref().to_string(),
            _ => format!("{before}.{}", key.get_ref()),
        };
        match item.get_ref().as_table() {
            // `dangerous.text` is a field of its own, `unit = { text = "C62" }` a constant.
            Some(inner) if !inner.contains_key("value") && Target::find(level, &name).is_none() => {
                flatten(inner, &name, level, into);
            }
            _ => into.push((name, item)),
        }
    }
}

#[expect(
    clippy::too_many_arguments,
    reason = "a field belongs to its section, and what is shared while reading is passed along"
)]
fn field<'a>(
    reader: &mut Reader<'a>,
    item: Item<'a>,
    name: &str,
    level: Level,
    shared: &Shared,
    built: &mut Built,
    nth: Option<usize>,
) {
    let at = item.span().start;
    let Some(target) = Target::find(level, name) else {
        let known = names(level);
        let hint = nearest(name, known.iter().map(String::as_str))
            .map_or_else(String::new, |near| format!("; did you mean “{near}”?"));
        reader.error(
            at,
            format!("there is no field “{name}” in [{}]{hint}", level.section()),
        );
        return;
    };
    let mut field = empty(name, target, shared);
    field.written = written(item);
    match item.get_ref() {
        DeValue::Table(options) => {
            options_of(reader, options, &mut field, shared);
            if let Some(text) = options.get("text").and_then(scalar) {
                field.value = Value::Literal(text);
            } else if let Some(item) = options.get("value") {
                field.value = value_of(reader, item, level, shared, built, nth);
            }
        }
        _ => field.value = value_of(reader, item, level, shared, built, nth),
    }
    if !matches!(level, Level::Order | Level::Shipment) && field.value.is_late() {
        reader.error(
            at,
            "only fields of [order] and [shipment] can be made from all lines or goods",
        );
    }
    built.push(level, field);
}

/// A field's value as the profile writes it, for explanations.
fn written(item: Item<'_>) -> String {
    match item.get_ref() {
        DeValue::Table(options) => {
            let value = options.get("value").or_else(|| options.get("text"));
            value.map(written).unwrap_or_default()
        }
        DeValue::Array(items) => {
            let all: Vec<String> = items.iter().map(written).collect();
            all.join(", ")
        }
        _ => scalar(item).unwrap_or_default(),
    }
}

/// A field that is filled with nothing yet.
pub(crate) fn empty(name: &str, target: Target, shared: &Shared) -> Field {
    Field {
        name: name.to_owned(),
        ty: target.ty(),
        required: name == "reference",
        target,
        value: Value::Literal(String::new()),
        written: String::new(),
        numbers: shared.numbers,
        dates: shared.dates.clone(),
        lookup: None,
        default: None,
        memo: None,
        rows: Vec::new(),
    }
}

/// The value of an item; `nth` stands where a header has a `#`.
pub(super) fn value_of<'a>(
    reader: &mut Reader<'a>,
    item: Item<'a>,
    level: Level,
    shared: &Shared,
    built: &mut Built,
    nth: Option<usize>,
) -> Value {
    if let DeValue::Array(items) = item.get_ref() {
        let all = items
            .iter()
            .map(|item| value_of(reader, item, level, shared, built, nth));
        return Value::First(all.collect());
    }
    let at = item.span().start;
    let Some(text) = scalar(item) else {
        reader.error(
            at,
            "a field is filled with a text, a number or a list of them",
        );
        return Value::Literal(String::new());
    };
    if item.get_ref().as_str().is_none() {
        return Value::Literal(text);
    }
    let mut seen = Seen {
        built,
        level,
        shared,
    };
    let text = match nth {
        Some(nth) => text.replace('#', &nth.to_string()),
        None => text,
    };
    value::value(&text, &mut seen).unwrap_or_else(|why| {
        reader.error(at, why);
        Value::Literal(String::new())
    })
}

fn options_of<'a>(
    reader: &mut Reader<'a>,
    options: &'a DeTable<'a>,
    field: &mut Field,
    shared: &Shared,
) {
    reader.only(options, &FIELD_KEYS, &format!("the field “{}”", field.name));
    if let Some(item) = options.get("required") {
        match item.get_ref().as_bool() {
            Some(required) => field.required = required,
            None => reader.error(item.span().start, "“required” is true or false"),
        }
    }
    if let Some(numbers) = decimal(reader, options) {
        field.numbers = numbers;
    }
    if options.contains_key("dates") {
        field.dates = dates(reader, options);
    }
    let rows = reader.texts(options, "rows");
    field.rows = rows.into_iter().map(|(kind, _)| kind.to_owned()).collect();
    field.default = options.get("default").and_then(scalar);
    if let Some((table, at)) = reader.text(options, "lookup") {
        if shared.tables.iter().any(|known| known == table) {
            field.lookup = Some(table.to_owned());
        } else {
            let hint = nearest(table, shared.tables.iter().map(String::as_str))
                .map_or_else(String::new, |near| format!("; did you mean “{near}”?"));
            reader.error(at, format!("there is no [table.{table}]{hint}"));
        }
    }
}

/// The key `decimal`.
pub(crate) fn decimal<'a>(reader: &mut Reader<'a>, table: &'a DeTable<'a>) -> Option<Numbers> {
    reader.word(table, "decimal", "“point” or “comma”", |word| {
        let decimal = match word {
            "point" => DecimalSign::Point,
            "comma" => DecimalSign::Comma,
            _ => return None,
        };
        Some(Numbers { decimal })
    })
}

/// The key `dates`.
pub(crate) fn dates<'a>(reader: &mut Reader<'a>, table: &'a DeTable<'a>) -> Dates {
    let mut patterns = Vec::new();
    for (text, at) in reader.texts(table, "dates") {
        match DatePattern::parse(text) {
            Some(pattern) => patterns.push(pattern),
            None => reader.error(
                at,
                format!("“{text}” is no date pattern; write DD-MM-YYYY, YYYYMMDD, D/M/YY, …"),
            ),
        }
    }
    Dates { patterns }
}

//! The text of a profile → [`Profile`], or all that is wrong with it, each with its line.
//!
//! ```toml
//! name = "acme"                     # what routes call it
//! title = "ACME's order export"
//! version = "1"
//! format = "table"                  # csv | sheet | table (both) | xml | ttm | edifact | x12 | fixed
//! kind = "purchase"                 # of all its orders; action = "create" | "update" | "cancel"
//! decimal = "comma"                 # "point" unless declared
//! dates = ["DD.MM.YYYY"]            # the order of day and month is declared, never guessed
//! group_by = ["reference"]          # rows that agree in these fields, one after another, are one order
//! on_bad_row = "reject-file"        # or "skip-orders" with max_bad_orders = 10 or "5%"
//! on_change = "refuse"              # or "update", "ignore"
//! delete_on = -1                    # a quantity that takes its line out
//! sheet = "Orders"                  # name or number; "first" (that fits) unless declared; or "all"
//! header = "first"                  # row number, "find", "none", or "keys": labels and values alone
//! header_rows = 2                   # titles above each other are joined: "@Delivery date"
//! skip = ["Total*"]                 # rows whose first filled cell is like this are left out
//! end = ["Terms*", "gap"]           # the table ends at such a row, or at an empty one
//! blocks = true                     # behind its end the next header is looked for
//! only = "= @Status != 'void'"      # rows for which this is empty or false are left out
//! row_kind = "@A"                   # rows of several kinds: [order] rows = "H", [line] rows = "L"
//! header_end = "gap"                # sheets: columns behind an empty header cell are no data
//! ignore = ["internal note"]        # columns, or xml paths, that are left out without a word
//!
//! [recognise]                       # without it the profile is used only where a route names it
//! required = ["Order no", "Article"]
//! any = ["Qty", "Quantity"]         # xml: root = "orders", namespace = "urn:…" (* for any run)
//!                                   # envelope = ["Request"]: its children are whole documents
//!                                   # json: keys = ["orders.no", "orders.lines"]
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
//! [table.units]                     # or file = "units.csv", key = "theirs", value = "ours"
//! "Stück" = "C62"
//!
//! [join.heads]                      # a sheet before this one: "@heads!Due date"
//! sheet = "Orders"
//! key = "No"
//! by = "@Order no"
//!
//! [[rule]]                          # what every order must satisfy, in the sender's words
//! check = "order.lines | length <= 50"
//! say = "We take at most 50 lines an order."
//! ```
//!
//! Lines, goods and equipment may stand several in a row: `repeat = 5` with `"@Article #"`, or packed
//! in one cell: `split = "@Items"`, `split_by = ";"`, and `{part}` is the piece.
//!
//! In messages (edifact, x12) a segment is read as `"@NAD+BY/2.1"`, `[groups]` says which segments
//! belong to the group that another opens, `[line] each = "LIN"` which segment starts a line, and
//! `[recognise] message = "ORDERS"` what is read. In fixed width text `[fixed]` names the columns:
//! `"Order" = "1-10"`, or one table a kind of line with `kind_at = "1-1"`.
//!
//! In xml `record = "/orders/order"` names an order's element, `[line] each = "lines/line"` those of
//! its lines, and `[namespaces]` what prefixes stand for.

mod fields;
mod keys;
mod nearest;
mod reader;
mod rows;
mod value;

use sha2::{Digest, Sha256};
use toml::de::DeTable;

pub(crate) use self::fields::{Built, Shared, empty as empty_field};
use self::keys::{
    delete_on, fixed, group_by, groups, header, ignore, max_bad_orders, name_and_format,
    namespaces, recognise, record, sheets, time_zone, word,
};
pub(crate) use self::nearest::{distance, nearest};
use self::reader::{Reader, scalar};
use super::model::{Heading, Profile, Reads, Value};
use super::target::{Level, Target, level_of};
use super::{ProfileError, ProfileUse};

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

/// Further keys at the top, which came later.
const MORE: [&str; 12] = [
    "status",
    "header_end",
    "header_rows",
    "skip",
    "end",
    "blocks",
    "only",
    "row_kind",
    "join",
    "rule",
    "groups",
    "fixed",
];

/// Compiles `text`, called `label` in errors.
///
/// # Errors
/// All that is wrong with it.
pub(crate) fn profile(
    label: &str,
    text: &str,
    built_in: bool,
    beside: &[(String, String)],
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
    let profile = read(&mut reader, parsed.get_ref(), text, built_in, beside);
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
    beside: &[(String, String)],
) -> Option<Profile> {
    let known = [&TOP[..], &MORE].concat();
    reader.only(top, &known, "the profile");
    is_word(reader, top, "language", "1");
    let heading = heading_of(reader, top, text, built_in)?;
    let reads = heading.reads;
    let xml = matches!(reads, Reads::Xml | Reads::Ttm);
    let namespaces = namespaces(reader, top);
    let tables = rows::tables(reader, top, beside);
    let shared = Shared {
        numbers: fields::decimal(reader, top).unwrap_or_default(),
        dates: fields::dates(reader, top),
        namespaces: xml.then(|| namespaces.clone()),
        json: reads == Reads::Json,
        segments: reads.is_message(),
        tables: tables.0.keys().cloned().collect(),
        joins: rows::join_names(top),
    };
    let mut built = levels(reader, top, &shared);
    let joins = rows::joins(reader, top, &shared, &mut built);
    let of_rows = rows::rows(reader, top, &shared, &mut built);
    // ISO 9735 has decimal commas; X12 has none, and a comma there is somebody's mistake.
    if reads == Reads::Edifact {
        built.mark_numbers();
    }
    let group_by = group_by(reader, top, &built, heading.synonyms);
    let record = record(reader, top, shared.paths());
    Some(Profile {
        heading,
        kind: word(reader, top, "kind").unwrap_or_default(),
        action: word(reader, top, "action").unwrap_or_default(),
        on_bad_row: word(reader, top, "on_bad_row"),
        max_bad_orders: max_bad_orders(reader, top),
        on_change: word(reader, top, "on_change"),
        delete_on: delete_on(reader, top),
        ends_at_gap: is_word(reader, top, "header_end", "gap"),
        group_by,
        record,
        groups: groups(reader, top),
        fixed: fixed(reader, top, reads),
        ignore: ignore(reader, top, reads),
        numbers: shared.numbers,
        dates: shared.dates,
        levels: built.levels,
        references: built.references,
        memos: built.memos,
        tables: rows::shared_tables(tables),
        rows: of_rows,
        joins,
        rules: rows::rules(reader, top),
    })
}

/// The heading of a built-in profile's `text`, from the part of it that stands before the second of
/// its sections: the first is `[recognise]`.
pub(crate) fn heading(text: &str) -> Option<Heading> {
    let sections = memchr::memmem::find_iter(text.as_bytes(), "\n[");
    let end = sections.map(|at| at + 1).nth(1).unwrap_or(text.len());
    let head = text.get(..end)?;
    let parsed = DeTable::parse(head).ok()?;
    let mut reader = Reader::new("", head);
    heading_of(&mut reader, parsed.get_ref(), text, true)
}

/// What `top`, the whole of `text` or its head, says of names and layouts.
fn heading_of<'a>(
    reader: &mut Reader<'a>,
    top: &'a DeTable<'a>,
    text: &str,
    built_in: bool,
) -> Option<Heading> {
    let (name, reads) = name_and_format(reader, top)?;
    let version = reader.text(top, "version");
    let title = reader.text(top, "title");
    Some(Heading {
        known_as: ProfileUse {
            name: name.to_owned(),
            version: version.map_or("1", |(version, _)| version).to_owned(),
            hash: hash(text),
        },
        title: title.map_or(name, |(title, _)| title).to_owned(),
        built_in,
        reads,
        recognise: recognise(reader, top),
        time_zone: time_zone(reader, top),
        synonyms: is_word(reader, top, "columns", "synonyms"),
        sheets: sheets(reader, top),
        header: header(reader, top),
        header_rows: rows::header_rows(reader, top),
    })
}

/// What a profile's text is known by.
pub(crate) fn hash(text: &str) -> String {
    hex::encode(Sha256::digest(text.as_bytes()))
}

/// Whether `key` is there; the only thing it may be is `wanted`.
fn is_word<'a>(reader: &mut Reader<'a>, top: &'a DeTable<'a>, key: &str, wanted: &str) -> bool {
    let expected = format!("“{wanted}”");
    let found = reader.word(top, key, &expected, |word| (word == wanted).then_some(()));
    found.is_some()
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

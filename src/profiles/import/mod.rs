//! Mappings of the Cargooffice EDI configurator → the text of a profile.
//!
//! Two forms are read: lines `field = value` in sections order, shipment and goods, where a value is a
//! text, `@A`, `{field}` or `FUNCTION(…)`; and the parameters `RShipmentTags`, `RGoodsTags`,
//! `RExtraTags` for documents with the root R, where a value is a path. What is not understood stays
//! in the profile as a comment, with its line: nothing is left out silently.

mod fields;
mod functions;

use std::fmt::Write;

use self::fields::{Section, target};
use self::functions::Translated;

/// One line that maps.
struct Entry<'t> {
    line: usize,
    section: Section,
    field: &'t str,
    value: &'t str,
}

/// What was read before it is written.
#[derive(Default)]
struct Import<'t> {
    entries: Vec<Entry<'t>>,
    /// The root of the documents; none for tables.
    root: Option<String>,
    order_node: Option<String>,
    goods_node: Option<String>,
    lost: Vec<(usize, String)>,
}

/// The profile for `text`, called `name`, and how many lines it could not take over.
///
/// # Errors
/// There is nothing in it that is a mapping.
pub fn import(name: &str, text: &str) -> Result<(String, usize), String> {
    let import = read(text);
    if import.entries.is_empty() {
        return Err("there is no line of the form “field = value”; nothing to import".to_owned());
    }
    let lost = import.lost.len();
    Ok(write(name, &import, lost))
}

fn read(text: &str) -> Import<'_> {
    let mut import = Import::default();
    let mut section = Section::Order;
    for (number, line) in text.lines().enumerate() {
        let (number, line) = (number + 1, line.trim().trim_start_matches('\u{feff}'));
        if line.is_empty() || line.starts_with(['#', ';']) || line.starts_with("//") {
            continue;
        }
        if let Some(found) = heading(line, &mut import) {
            section = found;
            continue;
        }
        let Some((field, value)) = line.split_once('=') else {
            import.lost.push((number, line.to_owned()));
            continue;
        };
        let (field, value) = (field.trim(), value.trim());
        match field.to_ascii_uppercase().as_str() {
            // The vendor's own page spells it both ways.
            "ORDERNODE" | "ORNERNODE" => import.order_node = Some(value.to_owned()),
            "GOODSNODE" => import.goods_node = Some(value.to_owned()),
            _ if field.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') => {
                import.entries.push(Entry {
                    line: number,
                    section,
                    field,
                    value,
                });
            }
            _ => import.lost.push((number, line.to_owned())),
        }
    }
    import
}

/// `[order]`, `goods:`, or the name of a parameter such as `invoiceGoodsTags`.
fn heading(line: &str, import: &mut Import<'_>) -> Option<Section> {
    let bare = line.trim_matches(['[', ']', ':', '=', ' ']);
    let endings = [
        ("ShipmentTags", Section::Shipment),
        ("GoodsTags", Section::Goods),
        ("ExtraTags", Section::Extra),
    ];
    for (ending, section) in endings {
        if let Some(root) = bare.strip_suffix(ending)
            && !line.contains("= ")
        {
            import.root = Some(root.to_owned());
            return Some(section);
        }
    }
    let named = line.starts_with('[') || line.ends_with(':') || !line.contains('=');
    match bare.to_ascii_lowercase().as_str() {
        "order" | "orders" if named => Some(Section::Order),
        "shipment" | "shipments" if named => Some(Section::Shipment),
        "goods" if named => Some(Section::Goods),
        _ => None,
    }
}

/// A field of the profile: its level, its name, its value as TOML.
type Wanted = (&'static str, String, String);

fn write(name: &str, import: &Import<'_>, lost: usize) -> (String, usize) {
    let mut text = head(name, import);
    let (wanted, more) = wanted(import);
    let has_reference = wanted
        .iter()
        .any(|(level, field, _)| *level == "order" && field == "reference");
    for level in ["order", "shipment", "goods", "status"] {
        let mut own = wanted.iter().filter(|(l, ..)| *l == level).peekable();
        if own.peek().is_none() && level != "order" {
            continue;
        }
        writeln!(text, "\n[{level}]").unwrap_or_default();
        if let (Some(node), "goods") = (&import.goods_node, level) {
            writeln!(text, "each = {:?}", node.trim_matches('/')).unwrap_or_default();
        }
        if level == "order" && !has_reference {
            text.push_str(
                "reference = \"= unique()\"  # the mapping names no order or shipment number\n",
            );
        }
        for (_, field, value) in own {
            writeln!(text, "{field} = {value}").unwrap_or_default();
        }
    }
    for (line, lost) in &import.lost {
        let lost = crate::problem::excerpt(lost);
        writeln!(text, "# line {line} is not understood: {lost}").unwrap_or_default();
    }
    (text, lost + more)
}

/// The keys at the top.
fn head(name: &str, import: &Import<'_>) -> String {
    let format = import.root.as_ref().map_or("table", |_| "xml");
    let mut text = format!(
        "# Imported from a mapping of the Cargooffice EDI configurator.\nname = {name:?}\ntitle = {name:?}\nversion = \"1\"\nformat = \"{format}\"\n\
         kind = \"transport\"\ndates = [\"YYYY-MM-DD\", \"DD-MM-YYYY\", \"DD-MM-YY\", \"YYYYMMDD\"]\ndelete_on = -1\n",
    );
    let mut entries = import.entries.iter();
    if let Some(root) = &import.root {
        let node = import.order_node.as_deref().unwrap_or("").trim_matches('/');
        let record = match node {
            "" => format!("/{root}"),
            node if node.split('/').next() == Some(root) => format!("/{node}"),
            node => format!("/{root}/{node}"),
        };
        writeln!(text, "record = {record:?}\n\n[recognise]\nroot = {root:?}").unwrap_or_default();
    } else if entries.any(|entry| functions::is_letter(entry.value)) {
        text.push_str("header = \"first\"  # row 1 names the columns; \"none\" if the first row is an order already\n");
    }
    text
}

/// The fields, and how many lines are not understood.
fn wanted(import: &Import<'_>) -> (Vec<Wanted>, usize) {
    let mut wanted: Vec<Wanted> = Vec::new();
    let mut lost = 0;
    let entries = &import.entries;
    let has_order_id = entries
        .iter()
        .any(|entry| entry.field.eq_ignore_ascii_case("orderID"));
    for entry in entries {
        let section = match entry.section {
            // Extra tags may speak of any section.
            Section::Extra => fields::section_of(entry.field),
            section => section,
        };
        let earlier = |field: &str| {
            let before = |other: &&Entry<'_>| {
                other.field.eq_ignore_ascii_case(field) && other.line < entry.line
            };
            let found = entries.iter().find(before);
            found.map(|other| (other.section, other.value))
        };
        let xml = import.root.is_some();
        let translated = functions::translate(entry.value, section, xml, earlier);
        let (level, field) = target(section, entry.field, has_order_id);
        let old = wanted
            .iter_mut()
            .find(|(l, f, _)| *l == level && *f == field);
        match (translated, old) {
            (Translated::Value(value), None) => wanted.push((level, field, value)),
            // A field that is mapped twice: the later value fills what the first leaves empty.
            (Translated::Value(value), Some((_, _, old))) => {
                let first = old.trim_start_matches('[').trim_end_matches(']');
                *old = format!("[{first}, {value}]");
            }
            (Translated::Nothing, _) => {}
            (Translated::Lost, _) => {
                lost += 1;
                let comment = format!("# line {}: {}", entry.line, entry.field);
                wanted.push((level, comment, entry.value.to_owned()));
            }
        }
    }
    (wanted, lost)
}

#[cfg(test)]
mod tests;

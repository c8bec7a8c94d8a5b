//! An order as a table: a row for each line, and for each of the goods.
//!
//! The first columns are always the same, so that a program may count on them; behind them stands,
//! under its canonical name, whatever else the order says. The plain table profile reads all of it
//! back. What stands once is repeated in every row.

use super::flat::{Fields, Flat};
use super::{Made, workbook};
use crate::failure::Failure;
use crate::order::Order;

/// The columns that are always there, and what stands in them.
const FIRST: [(&str, &str); 21] = [
    ("order_id", "reference"),
    ("kind", "kind"),
    ("action", "action"),
    ("order_date", "issued"),
    ("currency", "currency"),
    ("customer_reference", "references.customer"),
    ("buyer_name", "parties.buyer.name"),
    ("delivery_name", "shipments.delivery.party.name"),
    ("delivery_street", "shipments.delivery.party.street"),
    ("delivery_postcode", "shipments.delivery.party.postcode"),
    ("delivery_city", "shipments.delivery.party.city"),
    ("delivery_country", "shipments.delivery.party.country"),
    ("delivery_date", "lines.delivery_date"),
    ("line_no", "lines.number"),
    ("item_id", "lines.item_id"),
    ("gtin", "lines.gtin"),
    ("description", "lines.description"),
    ("quantity", "lines.quantity"),
    ("unit", "lines.unit"),
    ("unit_price", "lines.unit_price"),
    ("remarks", "remarks"),
];

/// Rows of cells, the first of them the titles.
struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    fn of(order: &Order) -> Result<Self, Failure> {
        let mut flat = Flat::of(order)?;
        flat.order
            .entry("action".to_owned())
            .or_insert_with(|| order.action.as_str().to_owned());
        let known = |path: &str| FIRST.iter().any(|(_, first)| *first == path);
        let more: Vec<&str> = flat
            .paths()
            .into_iter()
            .filter(|path| !known(path))
            .collect();
        let titles = FIRST
            .iter()
            .map(|(title, _)| *title)
            .chain(more.iter().copied());
        let columns: Vec<&str> = FIRST
            .iter()
            .map(|(_, path)| *path)
            .chain(more.iter().copied())
            .collect();
        let mut rows = vec![titles.map(str::to_owned).collect()];
        for parts in records(&flat) {
            let cell = |path: &&str| {
                let found = parts.iter().find_map(|fields| fields.get(*path));
                found.cloned().unwrap_or_default()
            };
            rows.push(columns.iter().map(cell).collect());
        }
        Ok(Self { rows })
    }
}

/// What each row says: the order, a shipment, a line, goods, equipment.
///
/// Lines and goods are counted apart and stand side by side, so that none is written twice.
fn records(flat: &Flat) -> Vec<Vec<&Fields>> {
    let mut rows = Vec::new();
    let mut lines = flat.lines.iter();
    for shipment in &flat.shipments {
        let count = shipment.goods.len().max(shipment.equipment.len()).max(1);
        for at in 0..count {
            let mut row = vec![&flat.order, &shipment.own];
            row.extend(lines.next());
            row.extend(shipment.goods.get(at));
            row.extend(shipment.equipment.get(at));
            rows.push(row);
        }
    }
    let last = flat.shipments.last().map(|shipment| &shipment.own);
    for line in lines {
        let mut row = vec![&flat.order, line];
        row.extend(last);
        rows.push(row);
    }
    if rows.is_empty() {
        rows.push(vec![&flat.order]);
    }
    rows
}

/// Comma separated, in UTF-8 (RFC 4180).
pub(super) fn csv(order: &Order) -> Result<Made, Failure> {
    let mut text = String::new();
    for row in &Table::of(order)?.rows {
        let cells: Vec<String> = row.iter().map(|cell| quoted(cell)).collect();
        text.push_str(&cells.join(","));
        text.push_str("\r\n");
    }
    Ok(Made::new(text.into_bytes(), Vec::new()))
}

/// A workbook with one sheet.
pub(super) fn xlsx(order: &Order) -> Result<Made, Failure> {
    let bytes = workbook::write("Orders", &Table::of(order)?.rows)?;
    Ok(Made::new(bytes, Vec::new()))
}

/// A cell: in quotes where it must be, and guarded where a spreadsheet would take it for a formula.
pub(super) fn quoted(cell: &str) -> String {
    let formula = cell.starts_with(['=', '@', '+', '-', '\t', '\r']);
    let number = cell.parse::<rust_decimal::Decimal>().is_ok();
    let guarded = if formula && !number {
        format!("'{cell}")
    } else {
        cell.to_owned()
    };
    let blank = guarded.starts_with(' ') || guarded.ends_with(' ');
    if guarded.contains([',', ';', '"', '\r', '\n', '\t']) || blank {
        return format!("\"{}\"", guarded.replace('"', "\"\""));
    }
    guarded
}

//! Files of a folder destination: how orders stand in them, and how they get there.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;

use rustix::fs::{CWD, RenameFlags, renameat_with};

use crate::order::{Action, Line, Order, Party, Role};
use crate::partners::form::shortest;
use crate::partners::form::xml::Xml;

/// Puts a whole file there, durably and under its own name only.
pub(super) fn put(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let path = folder.join(name);
    if is_there(&path, bytes)? {
        return Ok(());
    }
    // One delivery is under way once: what lies here is what a crash left.
    let temporary = folder.join(format!(".{name}.part"));
    let mut file = File::create(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    match renameat_with(CWD, &temporary, CWD, &path, RenameFlags::NOREPLACE) {
        Ok(()) => {}
        Err(rustix::io::Errno::EXIST) => {
            fs::remove_file(&temporary)?;
            let other = format!("there is another file with the name {name}");
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, other));
        }
        Err(error) => return Err(error.into()),
    }
    File::open(folder)?.sync_all()
}

/// Whether this very file lies there.
fn is_there(path: &Path, bytes: &[u8]) -> io::Result<bool> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    let mut there = Vec::with_capacity(bytes.len());
    file.take(bytes.len() as u64 + 1).read_to_end(&mut there)?;
    Ok(there == bytes)
}

/// Whether files can be written there.
pub(super) fn probe(folder: &Path) -> io::Result<()> {
    let path = folder.join(format!(".orderdock-{}.part", std::process::id()));
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .open(&path)?;
    fs::remove_file(path)
}

/// The columns of a table.
const COLUMNS: [&str; 21] = [
    "order_id",
    "kind",
    "action",
    "order_date",
    "currency",
    "customer_reference",
    "buyer_name",
    "delivery_name",
    "delivery_street",
    "delivery_postcode",
    "delivery_city",
    "delivery_country",
    "delivery_date",
    "line_no",
    "item_id",
    "gtin",
    "description",
    "quantity",
    "unit",
    "unit_price",
    "remarks",
];

/// A table with a row for each line (RFC 4180).
pub(super) fn csv(order: &Order) -> String {
    let mut text = COLUMNS.join(",");
    text.push_str("\r\n");
    let none = [Line::default()];
    let lines = if order.lines.is_empty() {
        &none[..]
    } else {
        &order.lines
    };
    let buyer = order.parties.get(&Role::Buyer);
    let stop = order.shipments.first().and_then(|s| s.delivery.as_ref());
    let to = stop.and_then(|stop| stop.party.as_ref());
    let to = to.or_else(|| order.parties.get(&Role::Consignee));
    let of = |party: Option<&Party>, field: fn(&Party) -> &Option<String>| {
        party
            .and_then(|party| field(party).clone())
            .unwrap_or_default()
    };
    for line in lines {
        let wanted = line
            .delivery_date
            .or_else(|| stop.and_then(|stop| stop.date));
        let day = |date: Option<jiff::civil::Date>| date.map(|d| d.to_string()).unwrap_or_default();
        let row: [String; 21] = [
            order.reference.clone(),
            order.kind.as_str().to_owned(),
            order.action.as_str().to_owned(),
            day(order.issued),
            order.currency.clone().unwrap_or_default(),
            order
                .references
                .get("customer")
                .cloned()
                .unwrap_or_default(),
            of(buyer, |party| &party.name),
            of(to, |party| &party.name),
            street(to).unwrap_or_default(),
            of(to, |party| &party.postcode),
            of(to, |party| &party.city),
            of(to, |party| &party.country),
            day(wanted),
            line.number.clone().unwrap_or_default(),
            line.item_id.clone().unwrap_or_default(),
            line.gtin.clone().unwrap_or_default(),
            line.description.clone().unwrap_or_default(),
            line.quantity.map(shortest).unwrap_or_default(),
            line.unit.clone().unwrap_or_default(),
            line.unit_price.map(shortest).unwrap_or_default(),
            order.remarks.clone().unwrap_or_default(),
        ];
        let cells: Vec<String> = row.iter().map(|cell| quoted(cell)).collect();
        text.push_str(&cells.join(","));
        text.push_str("\r\n");
    }
    text
}

/// A cell: in quotes where it must be, and guarded where a spreadsheet would take it for a formula.
fn quoted(cell: &str) -> String {
    let formula = cell.starts_with(['=', '@', '+', '-', '\t', '\r']);
    let number = cell.parse::<rust_decimal::Decimal>().is_ok();
    let guarded = if formula && !number {
        format!("'{cell}")
    } else {
        cell.to_owned()
    };
    if guarded.contains([',', '"', '\r', '\n']) || guarded.starts_with(' ') {
        return format!("\"{}\"", guarded.replace('"', "\"\""));
    }
    guarded
}

fn street(party: Option<&Party>) -> Option<String> {
    let party = party?;
    let words = [party.street.as_deref(), party.house_no.as_deref()];
    let whole: Vec<&str> = words.into_iter().flatten().collect();
    (!whole.is_empty()).then(|| whole.join(" "))
}

const AGGREGATE: &str = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2";
const BASIC: &str = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2";

/// A document of UBL 2.1 (OASIS, section 3.2 and its schemas, whose order of elements it keeps).
pub(super) fn ubl(order: &Order) -> String {
    let document = match order.action {
        Action::Create => "Order",
        Action::Update => "OrderChange",
        Action::Cancel => "OrderCancellation",
    };
    let root = format!(
        "{document} xmlns=\"urn:oasis:names:specification:ubl:schema:xsd:{document}-2\" \
         xmlns:cac=\"{AGGREGATE}\" xmlns:cbc=\"{BASIC}\""
    );
    let mut xml = Xml::document();
    xml.within(&root, |xml| {
        xml.text("cbc:UBLVersionID", Some("2.1"));
        xml.text("cbc:ID", Some(&order.reference));
        xml.text("cbc:IssueDate", order.issued.map(|date| date.to_string()));
        xml.text("cbc:Note", order.remarks.as_ref());
        if order.action == Action::Cancel {
            xml.text("cbc:CancellationNote", Some("cancelled by the sender"));
            xml.within("cac:OrderReference", |xml| {
                xml.text("cbc:ID", Some(&order.reference));
            });
        } else {
            xml.text("cbc:DocumentCurrencyCode", order.currency.as_ref());
            xml.text("cbc:CustomerReference", order.references.get("customer"));
            if order.action == Action::Update {
                xml.within("cac:OrderReference", |xml| {
                    xml.text("cbc:ID", Some(&order.reference));
                });
            }
        }
        let roles = [
            (Role::Buyer, "cac:BuyerCustomerParty"),
            (Role::Seller, "cac:SellerSupplierParty"),
        ];
        for (role, element) in roles {
            if let Some(party) = order.parties.get(&role) {
                xml.within(element, |xml| {
                    xml.within("cac:Party", |xml| whole(xml, party));
                });
            }
        }
        if order.action != Action::Cancel {
            delivery(xml, order);
            for (n, line) in order.lines.iter().enumerate() {
                xml.within("cac:OrderLine", |xml| {
                    xml.within("cac:LineItem", |xml| item(xml, n, line, order));
                });
            }
        }
    });
    xml.finish()
}

fn whole(xml: &mut Xml, party: &Party) {
    for (scheme, id) in &party.ids {
        if scheme == "gln" {
            xml.within("cac:PartyIdentification", |xml| {
                xml.text("cbc:ID schemeID=\"0088\"", Some(id));
            });
        }
    }
    if let Some(name) = &party.name {
        xml.within("cac:PartyName", |xml| xml.text("cbc:Name", Some(name)));
    }
    if party.city.is_some() || party.postcode.is_some() || party.country.is_some() {
        xml.within("cac:PostalAddress", |xml| address(xml, party));
    }
}

fn address(xml: &mut Xml, party: &Party) {
    xml.text("cbc:StreetName", street(Some(party)));
    xml.text("cbc:AdditionalStreetName", party.street2.as_ref());
    xml.text("cbc:CityName", party.city.as_ref());
    xml.text("cbc:PostalZone", party.postcode.as_ref());
    xml.text("cbc:CountrySubentity", party.region.as_ref());
    if party.country.is_some() {
        xml.within("cac:Country", |xml| {
            xml.text("cbc:IdentificationCode", party.country.as_ref());
        });
    }
}

fn delivery(xml: &mut Xml, order: &Order) {
    let stop = order.shipments.first().and_then(|s| s.delivery.as_ref());
    let to = stop.and_then(|stop| stop.party.as_ref());
    let to = to.or_else(|| order.parties.get(&Role::Consignee));
    let date = stop.and_then(|stop| stop.date);
    if to.is_none() && date.is_none() {
        return;
    }
    xml.within("cac:Delivery", |xml| {
        if let Some(to) = to {
            xml.within("cac:DeliveryAddress", |xml| address(xml, to));
        }
        if let Some(date) = date {
            xml.within("cac:RequestedDeliveryPeriod", |xml| {
                xml.text("cbc:EndDate", Some(date.to_string()));
            });
        }
        if let Some(name) = to.and_then(|to| to.name.as_ref()) {
            xml.within("cac:DeliveryParty", |xml| {
                xml.within("cac:PartyName", |xml| xml.text("cbc:Name", Some(name)));
            });
        }
    });
}

fn item(xml: &mut Xml, n: usize, line: &Line, order: &Order) {
    let number = line.number.clone().unwrap_or_else(|| (n + 1).to_string());
    xml.text("cbc:ID", Some(number));
    let unit = line.unit.as_deref().unwrap_or("C62");
    let plain = unit.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let unit = if plain { unit } else { "C62" };
    let quantity = format!("cbc:Quantity unitCode=\"{unit}\"");
    xml.text(&quantity, line.quantity.map(shortest));
    let currency = order.currency.as_deref();
    let currency = currency.filter(|code| code.bytes().all(|byte| byte.is_ascii_alphabetic()));
    let money = |name: &str| match currency {
        Some(code) => format!("{name} currencyID=\"{code}\""),
        None => name.to_owned(),
    };
    xml.text(&money("cbc:LineExtensionAmount"), line.amount.map(shortest));
    if let Some(date) = line.delivery_date {
        xml.within("cac:Delivery", |xml| {
            xml.within("cac:RequestedDeliveryPeriod", |xml| {
                xml.text("cbc:EndDate", Some(date.to_string()));
            });
        });
    }
    if line.unit_price.is_some() {
        xml.within("cac:Price", |xml| {
            xml.text(&money("cbc:PriceAmount"), line.unit_price.map(shortest));
        });
    }
    xml.within("cac:Item", |xml| {
        xml.text(
            "cbc:Name",
            line.description.as_ref().or(line.item_id.as_ref()),
        );
        let ids = [
            (
                "cac:BuyersItemIdentification",
                "cbc:ID",
                line.buyer_item_id.as_ref(),
            ),
            (
                "cac:SellersItemIdentification",
                "cbc:ID",
                line.item_id.as_ref(),
            ),
            (
                "cac:StandardItemIdentification",
                "cbc:ID schemeID=\"0160\"",
                line.gtin.as_ref(),
            ),
        ];
        for (element, id, text) in ids {
            if text.is_some() {
                xml.within(element, |xml| xml.text(id, text));
            }
        }
    });
}

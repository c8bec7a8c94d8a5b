//! Answers in XML, flat, with the names of Cargooffice's field list.

use std::fmt::Write;

use serde_json::Value;

use super::text;
use crate::arrival::DeliveryState;
use crate::ledger::OrderStory;

/// A postcode as it is compared: letters and digits alone, in upper case.
pub(super) fn postcode(text: &str) -> String {
    let letters = text.chars().filter(|c| c.is_alphanumeric());
    letters.flat_map(char::to_uppercase).collect()
}

/// Which shipment of an order has this id and is delivered there. An order without ids of shipments
/// goes by its own number.
pub(super) fn fits(story: &OrderStory, id: &str, postcode: &str) -> Option<usize> {
    let content = story.content.as_ref()?;
    let shipments = content.get("shipments")?.as_array()?;
    shipments.iter().position(|shipment| {
        let named = text(shipment, "/id").unwrap_or(&story.order.reference);
        let there = text(shipment, "/delivery/party/postcode").unwrap_or_default();
        (named == id || story.order.reference == id) && self::postcode(there) == postcode
    })
}

/// A shipment.
pub(super) fn order(story: &OrderStory, shipment: usize) -> String {
    let empty = Value::Null;
    let content = story.content.as_ref().unwrap_or(&empty);
    let shipment = content
        .get("shipments")
        .and_then(|shipments| shipments.get(shipment))
        .unwrap_or(&empty);
    let mut xml = Xml::new("order");
    xml.field("orderID", Some(&story.order.reference));
    let id = text(shipment, "/id").unwrap_or(&story.order.reference);
    xml.field("shipmentID", Some(id));
    xml.field("orderReference", text(content, "/references/customer"));
    xml.field("trackingNbr", text(content, "/references/tracking"));
    xml.field("deliveryType", text(content, "/service_level"));
    for end in ["pickup", "delivery"] {
        for (name, path) in STOP {
            xml.field(
                &format!("{end}{name}"),
                text(shipment, &format!("/{end}{path}")),
            );
        }
    }
    let goods = shipment.get("goods").and_then(Value::as_array);
    for (place, line) in goods.into_iter().flatten().enumerate() {
        for (name, path) in GOODS {
            xml.field(&format!("{name}{}", place + 1), text(line, path));
        }
    }
    xml.field("remarks", text(content, "/remarks"));
    xml.field("status", Some(status(story)));
    xml.end()
}

const STOP: [(&str, &str); 10] = [
    ("Name", "/party/name"),
    ("Name2", "/party/name2"),
    ("Address", "/party/street"),
    ("HouseNbr", "/party/house_no"),
    ("Postcode", "/party/postcode"),
    ("City", "/party/city"),
    ("Country", "/party/country"),
    ("Date", "/date"),
    ("Time", "/from"),
    ("Time2", "/to"),
];

const GOODS: [(&str, &str); 4] = [
    ("quantity", "/quantity"),
    ("packing", "/package_type"),
    ("goodsID", "/description"),
    ("weight", "/weight_kg"),
];

/// How far it is: `batchentry` while a person has not released it.
fn status(story: &OrderStory) -> &'static str {
    let has = |state| {
        let mut deliveries = story.deliveries.iter();
        deliveries.any(|(row, _)| row.state == state)
    };
    match () {
        () if has(DeliveryState::Held) => "batchentry",
        () if has(DeliveryState::Refused) => "refused",
        () if has(DeliveryState::Due) || has(DeliveryState::Attempting) => "open",
        () if has(DeliveryState::Parked) => "open",
        () if has(DeliveryState::Cancelled) => "cancelled",
        () => "accepted",
    }
}

/// A new order was taken.
pub(super) fn result(id: &str, file: i64) -> String {
    let mut xml = Xml::new("result");
    xml.field("shipmentID", Some(id));
    xml.field("file", Some(&file.to_string()));
    xml.end()
}

/// It was not.
pub(super) fn error(words: &str) -> String {
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<error>");
    escape(&mut text, words);
    text.push_str("</error>\n");
    text
}

/// An element with fields in it.
struct Xml {
    text: String,
    root: &'static str,
}

impl Xml {
    fn new(root: &'static str) -> Self {
        let text = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{root}>\n");
        Self { text, root }
    }

    fn field(&mut self, name: &str, value: Option<&str>) {
        let Some(value) = value.filter(|value| !value.is_empty()) else {
            return;
        };
        // Writing to a String does not fail.
        write!(self.text, "  <{name}>").unwrap_or_default();
        escape(&mut self.text, value);
        writeln!(self.text, "</{name}>").unwrap_or_default();
    }

    fn end(mut self) -> String {
        writeln!(self.text, "</{}>", self.root).unwrap_or_default();
        self.text
    }
}

/// Text within an element. Letters that XML 1.0 cannot carry (2.2) are left out.
fn escape(into: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => into.push_str("&amp;"),
            '<' => into.push_str("&lt;"),
            '>' => into.push_str("&gt;"),
            '\u{0}'..='\u{8}'
            | '\u{b}'
            | '\u{c}'
            | '\u{e}'..='\u{1f}'
            | '\u{fffe}'
            | '\u{ffff}' => {}
            c => into.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn postcodes_are_compared_without_their_spaces() {
        assert_eq!(postcode("1098 xh"), "1098XH");
        assert_eq!(postcode(" - "), "");
    }

    #[test]
    fn what_xml_cannot_carry_is_left_out() {
        assert!(error("a<b>&\u{1}c").contains("<error>a&lt;b&gt;&amp;c</error>"));
    }
}

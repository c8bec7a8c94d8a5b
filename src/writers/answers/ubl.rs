//! `ApplicationResponse` and `OrderResponse` of UBL 2.1.

use super::{Fate, OrderFate};
use crate::writers::Marks;
use crate::writers::edifact::{split, stamp};
use crate::writers::ubl::root;
use crate::writers::xml::Xml;

/// Codes as Peppol has them (UNCL 4343, subset): accepted, rejected.
const ACCEPTED: &str = "AP";
const REJECTED: &str = "RE";

/// Each document of the file with whether it was accepted, and why not.
pub(super) fn application(fate: &Fate, marks: &Marks) -> Vec<u8> {
    let mut xml = Xml::document();
    xml.within(&root("ApplicationResponse"), |xml| {
        xml.text("cbc:UBLVersionID", Some("2.1"));
        xml.text("cbc:ID", Some(&marks.control));
        xml.text("cbc:IssueDate", Some(stamp(marks, "%Y-%m-%d")));
        xml.text("cbc:IssueTime", Some(stamp(marks, "%H:%M:%SZ")));
        party(xml, "cac:SenderParty", &marks.ours, "us");
        party(xml, "cac:ReceiverParty", &marks.theirs, "the sender");
        let numbers = fate.numbers();
        for number in &numbers {
            let order = fate.of(number);
            document(xml, fate, number, order);
        }
        if numbers.is_empty() {
            document(xml, fate, &fate.file, None);
        }
    });
    xml.finish().into_bytes()
}

fn document(xml: &mut Xml, fate: &Fate, number: &str, order: Option<&OrderFate>) {
    let accepted = order.is_some_and(|order| order.accepted);
    xml.within("cac:DocumentResponse", |xml| {
        xml.within("cac:Response", |xml| {
            xml.text("cbc:ResponseCode", Some(code(accepted)));
            for words in words(fate, order) {
                xml.text("cbc:Description", Some(words));
            }
        });
        xml.within("cac:DocumentReference", |xml| {
            xml.text("cbc:ID", Some(number));
        });
    });
}

fn code(accepted: bool) -> &'static str {
    if accepted { ACCEPTED } else { REJECTED }
}

fn words(fate: &Fate, order: Option<&OrderFate>) -> Vec<String> {
    match order {
        Some(order) if order.accepted => Vec::new(),
        Some(order) if !order.words.is_empty() => order.words.clone(),
        _ => fate.errors().map(ToString::to_string).collect(),
    }
}

/// The one order of the file, accepted or rejected. A file of several orders has no `OrderResponse`
/// of its own: they are answered by an `ApplicationResponse`.
pub(super) fn order(fate: &Fate, marks: &Marks) -> Vec<u8> {
    let numbers = fate.numbers();
    let number = match numbers.as_slice() {
        [one] => one.as_ref(),
        [] => fate.file.as_str(),
        _ => return application(fate, marks),
    };
    let order = fate.of(number);
    let accepted = order.is_some_and(|order| order.accepted);
    let mut xml = Xml::document();
    xml.within(&root("OrderResponse"), |xml| {
        xml.text("cbc:UBLVersionID", Some("2.1"));
        xml.text("cbc:ID", Some(&marks.control));
        xml.text("cbc:IssueDate", Some(stamp(marks, "%Y-%m-%d")));
        xml.text("cbc:IssueTime", Some(stamp(marks, "%H:%M:%SZ")));
        xml.text("cbc:OrderResponseCode", Some(code(accepted)));
        for words in words(fate, order) {
            xml.text("cbc:Note", Some(words));
        }
        xml.within("cac:OrderReference", |xml| xml.text("cbc:ID", Some(number)));
        xml.within("cac:SellerSupplierParty", |xml| {
            party(xml, "cac:Party", &marks.ours, "us");
        });
        xml.within("cac:BuyerCustomerParty", |xml| {
            party(xml, "cac:Party", &marks.theirs, "the sender");
        });
    });
    xml.finish().into_bytes()
}

fn party(xml: &mut Xml, element: &str, id: &str, otherwise: &str) {
    let (id, _) = split(id);
    xml.within(element, |xml| {
        if id.is_empty() {
            xml.within("cac:PartyName", |xml| xml.text("cbc:Name", Some(otherwise)));
        } else {
            xml.within("cac:PartyIdentification", |xml| {
                xml.text("cbc:ID", Some(id));
            });
        }
    });
}

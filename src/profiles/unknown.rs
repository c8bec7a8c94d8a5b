//! What to tell the sender of a file that no profile reads: what it is, what it lacks, what to do.

use super::ProfileSet;
use super::columns::Headers;
use super::model::{Heading, Profile};
use super::recognise::{has_number, says_what};
use super::set::Entry;
use super::synonyms::normalise;
use super::text::nearest;
use crate::formats::XmlName;
use crate::problem::{Place, Problem};

/// What to tell the sender of a table that nothing fits.
pub(crate) fn unknown_table(set: &ProfileSet, headers: &Headers, place: Place) -> Problem {
    if let Some(what) = list_of(headers) {
        return not_order(what, place);
    }
    let (what, hint) = lack(set, headers);
    Problem::error("profile.unknown", what)
        .at(place)
        .expecting(
            "a header row with an order number and the ordered items or the delivery address",
        )
        .with_hint(hint)
}

/// Numbers that other lists have where orders have theirs: English, German, Dutch, French, Swedish.
const OTHER_LISTS: [(&str, &[&str]); 3] = [
    (
        "a list of invoices",
        &[
            "invoice number",
            "invoice no",
            "invoice nr",
            "invoice id",
            "Rechnungsnummer",
            "Rechnungsnr",
            "Rechnung Nr",
            "Factuurnummer",
            "Factuurnr",
            "Numéro de facture",
            "N° facture",
            "N° de facture",
            "Fakturanummer",
            "Fakturanr",
        ],
    ),
    (
        "a list of quotations",
        &[
            "quotation number",
            "quotation no",
            "quote number",
            "quote no",
            "quote id",
            "Angebotsnummer",
            "Angebotsnr",
            "Offertenummer",
            "Offertenr",
            "Numéro de devis",
            "N° devis",
            "N° de devis",
            "Offertnummer",
        ],
    ),
    (
        "a list of credit notes",
        &[
            "credit note number",
            "credit note no",
            "Gutschriftsnummer",
            "Gutschriftnummer",
            "Creditnotanummer",
            "Numéro d'avoir",
            "Kreditnotanummer",
        ],
    ),
];

/// What a table is by its own words, where it has no order number.
fn list_of(headers: &Headers) -> Option<&'static str> {
    if has_number(headers) {
        return None;
    }
    let is_there = |word: &&str| headers.find(&normalise(word)).is_some();
    let mut lists = OTHER_LISTS.iter();
    lists
        .find(|(_, words)| words.iter().any(&is_there))
        .map(|(what, _)| *what)
}

/// What a table lacks to be taken for an order, and what to do about it.
fn lack(set: &ProfileSet, headers: &Headers) -> (String, &'static str) {
    let listed = headers.listed(|_| true);
    // A table of another world knows a word or two as well; what it lacks helps nobody.
    let near = has_number(headers) || says_most(set, headers);
    match best(set, headers) {
        Some((_, profile)) if profile.heading.synonyms && near => {
            if !has_number(headers) {
                let what =
                    format!("No column is known as the one with the order number: {listed}.");
                return (
                    what,
                    "Call that column “order number” and send the file again.",
                );
            }
            if !says_what(headers) {
                let what = format!(
                    "No column is known to hold ordered items, goods or a delivery address: {listed}."
                );
                return (
                    what,
                    "Call them for example “sku”, “quantity” or “ship to city”.",
                );
            }
            let unknown = headers.listed(|header| !profile.knows(header));
            if unknown.is_empty() {
                return (
                    format!("The header row is not where it is expected: {listed}."),
                    "Make the row with the column names the first row of the file.",
                );
            }
            (
                format!("More than half of the columns are not known: {unknown}."),
                "Leave out the columns that an order does not need, or ask for a profile of your own.",
            )
        }
        near => (
            format!(
                "The columns are not those of any order layout that is known here: {listed}.{}",
                near.map_or_else(String::new, |(known, profile)| format!(
                    " The nearest known layout is “{}”: it knows {known} of them.",
                    profile.heading.title
                ))
            ),
            "Check that the first row holds the column names.",
        ),
    }
}

/// Whether some profile knows at least half of the headers.
fn says_most(set: &ProfileSet, headers: &Headers) -> bool {
    best(set, headers).is_some_and(|(_, profile)| {
        let (known, total) = headers.score(profile);
        known * 2 >= total && known > 1
    })
}

/// The profile for tables that knows most of the headers, and how many.
pub(crate) fn best<'a>(set: &'a ProfileSet, headers: &Headers) -> Option<(usize, &'a Profile)> {
    let declared = set.all().iter().filter(|entry| {
        let heading = entry.heading();
        heading.recognise.declared && heading.reads.is_table()
    });
    declared
        .filter_map(Entry::profile)
        .map(|profile| (headers.score(profile).0, profile))
        .max_by_key(|(known, _)| *known)
        .filter(|(known, _)| *known > 0)
}

/// What to tell the sender of JSON that nothing fits.
pub(crate) fn unknown_json(set: &ProfileSet, paths: &[String]) -> Problem {
    let most = crate::limits::NAMES_IN_MESSAGE;
    let mut keys: Vec<String> = paths
        .iter()
        .take(most)
        .map(|path| crate::problem::excerpt(path))
        .collect();
    if paths.len() > most {
        keys.push("…".to_owned());
    }
    let known = |heading: &Heading| {
        let keys = &heading.recognise.keys;
        keys.iter().filter(|key| paths.contains(key)).count()
    };
    let all = set.all().iter().map(Entry::heading);
    let near = all.max_by_key(|heading| known(heading));
    let near = near
        .filter(|heading| known(heading) > 0)
        .map_or_else(String::new, |heading| {
            format!(" The nearest known layout is “{}”.", heading.title)
        });
    Problem::error(
        "profile.unknown",
        format!(
            "The keys are not those of any order layout that is known here: {}.{near}",
            keys.join(", ")
        ),
    )
    .at(Place::path("$"))
    .expecting("an order in JSON, as our own or in a layout that was agreed")
}

/// What to tell the sender of a document that nothing fits.
pub(crate) fn unknown_root(set: &ProfileSet, root: &XmlName) -> Problem {
    let place = Place::path(format!("/{}", root.local));
    if let Some(what) = not_an_order(root) {
        return not_order(&what, place);
    }
    if is_ubl(root) && ORDERS.contains(&root.local.as_str()) {
        return no_profile(&ubl(root), place);
    }
    if let Some(what) = other_order(root) {
        return no_profile(what, place);
    }
    let space = match &*root.namespace {
        "" => "no namespace".to_owned(),
        space => format!("the namespace {}", crate::problem::excerpt(space)),
    };
    let known: Vec<&str> = set
        .all()
        .iter()
        .flat_map(|entry| entry.heading().recognise.root.iter())
        .map(String::as_str)
        .collect();
    let near = nearest(&root.local, known).map_or_else(String::new, |near| {
        format!(" The nearest that is known is “{near}”.")
    });
    let name = crate::problem::excerpt(&root.local);
    Problem::error(
        "profile.unknown",
        format!("The document element “{name}” in {space} is not one of an order layout that is known here.{near}"),
    )
    .at(place)
    .expecting("an order document")
}

/// An order in a form that is known by name, and that no profile reads.
pub(crate) fn no_profile(what: &str, place: Place) -> Problem {
    Problem::error(
        "profile.unknown",
        format!("This is {what}, a kind of order that is not set up here."),
    )
    .at(place)
    .expecting("an order in a form that was agreed")
    .with_hint("Ask the operators to set it up, or send the order as a table or as a UBL Order.")
}

/// A document in an envelope whose profile reads other documents.
pub(crate) fn unknown_content(path: &[XmlName], place: Place) -> Problem {
    let [root, .., content] = path else {
        return not_order("an envelope without a document", place);
    };
    let name = crate::problem::excerpt(&content.local);
    let what = match root.local.as_str() {
        "cXML" => format!("a cXML {} ({name})", spaced(&name)),
        "StandardBusinessDocument" => {
            format!("a business document of another kind ({name}) in an envelope (SBDH)")
        }
        envelope => format!("{name} in {envelope}"),
    };
    if ORDERS.contains(&content.local.as_str()) {
        return no_profile(&what, place);
    }
    not_order(&what, place)
}

/// A document that is something else by its own words.
pub(crate) fn not_order(what: &str, place: Place) -> Problem {
    Problem::error(
        "file.not-an-order",
        format!("This is {what}, not an order."),
    )
    .at(place)
    .expecting("an order")
    .with_hint("Send the order itself.")
}

/// UBL documents that order something, although no built-in profile reads all of them.
const ORDERS: [&str; 6] = [
    "ForwardingInstructions",
    "TransportExecutionPlanRequest",
    "TransportServiceDescriptionRequest",
    "Waybill",
    "BillOfLading",
    "Order",
];

/// `a UBL order response (OrderResponse)`.
fn ubl(root: &XmlName) -> String {
    let article = if root.local.ends_with('s') { "" } else { "a " };
    format!("{article}UBL {} ({})", spaced(&root.local), root.local)
}

fn is_ubl(root: &XmlName) -> bool {
    root.namespace.contains(":ubl:")
}

/// Orders of standards that no built-in profile reads.
fn other_order(root: &XmlName) -> Option<&'static str> {
    let what = match root.local.as_str() {
        "SCRDMCCBDACIOMessageStructure" => "an Order-X order",
        "ORDERCHANGE" => "an openTRANS order change",
        "Pip3A4PurchaseOrderRequest" => "a RosettaNet purchase order (PIP 3A4)",
        "Pip3A8PurchaseOrderChangeRequest" => "a RosettaNet order change (PIP 3A8)",
        "Envelope" if root.namespace.ends_with("soap/envelope/") => "a SOAP message",
        "Envelope" if root.namespace.ends_with("soap-envelope") => "a SOAP message",
        _ => return None,
    };
    Some(what)
}

/// Documents that look like orders but are none, by their true names.
fn not_an_order(root: &XmlName) -> Option<String> {
    if is_ubl(root) && !ORDERS.contains(&root.local.as_str()) {
        return Some(ubl(root));
    }
    if let Some(what) = of_a_standard(root) {
        return Some(what);
    }
    let what = match root.local.as_str() {
        "HL7Message" => "an HL7 message",
        "Invoice" | "CreditNote" => "an invoice",
        "Quotation" => "a quotation",
        "OrderResponse" | "OrderResponseSimple" => "an order response",
        "DespatchAdvice" => "a despatch advice",
        "CrossIndustryInvoice" | "CrossIndustryDocument" => "a Factur-X (ZUGFeRD) invoice",
        "FatturaElettronica" => "an Italian electronic invoice (FatturaPA)",
        "Facturae" => "a Spanish electronic invoice (Facturae)",
        "BMECAT" => "a product catalogue (BMEcat)",
        "html" => "an HTML page",
        "rss" | "feed" => "a news feed",
        "svg" => "a drawing",
        _ => return None,
    };
    Some(what.to_owned())
}

/// Documents of the standards whose orders are read, by the standard's own name for them.
fn of_a_standard(root: &XmlName) -> Option<String> {
    let (name, space) = (root.local.as_str(), &*root.namespace);
    let idoc = |kind: &str| name.starts_with(kind) && name.len() == kind.len() + 2;
    let what = match name {
        "QUOTATION" => "quotation",
        "RFQ" => "request for quotation",
        "ORDERRESPONSE" => "order response",
        "INVOICE" | "INVOICELIST" => "invoice",
        "DISPATCHNOTIFICATION" => "dispatch notification",
        "RECEIPTACKNOWLEDGEMENT" => "receipt acknowledgement",
        "REMITTANCEADVICE" => "remittance advice",
        _ if idoc("INVOIC") => return Some(format!("an SAP IDoc invoice ({name})")),
        _ if idoc("DELVRY") => return Some(format!("an SAP IDoc delivery ({name})")),
        _ if idoc("MATMAS") => return Some(format!("an SAP IDoc material master ({name})")),
        _ if space.starts_with("http://www.openapplications.org/oagis") => {
            return Some(format!("an OAGIS {} ({name})", spaced(name)));
        }
        _ if space.starts_with("urn:gs1:ecom:") => {
            return Some(format!("a GS1 {} ({name})", spaced(name)));
        }
        _ if space.starts_with("rrn:org.xcbl:") && name != "Order" && name != "ChangeOrder" => {
            return Some(format!("an xCBL {} ({name})", spaced(name)));
        }
        _ => return None,
    };
    Some(format!("an openTRANS {what} ({name})"))
}

/// `OrderResponseSimple` → `order response simple`.
fn spaced(name: &str) -> String {
    let mut words = String::new();
    for c in name.chars() {
        if c.is_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.extend(c.to_lowercase());
    }
    words
}

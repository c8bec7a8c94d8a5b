//! Which profile fits a layout.
//!
//! The configuration's candidates are tried in their order. Where one lets the layout be
//! recognised, every profile that says what its layouts look like is held against it, the
//! operator's own before the built-in ones, and the one that knows most of the columns wins.

use super::columns::Headers;
use super::model::{Header, Profile, Recognise, Sheets};
use super::path::glob;
use super::synonyms;
use super::text::nearest;
use super::{Candidate, MapOptions, ProfileSet};
use crate::formats::{FormatKind, Table, XmlName};
use crate::problem::{Place, Problem};

/// A profile that fits, and the candidate that let it.
#[derive(Clone, Copy)]
pub(crate) struct Choice<'a> {
    /// The profile.
    pub(crate) profile: &'a Profile,
    /// Which candidate; `None` where there are none.
    pub(crate) candidate: Option<usize>,
}

/// A row that may be a header.
pub(crate) struct Seen<'s> {
    /// Its table.
    pub(crate) table: &'s Table,
    /// Its cells.
    pub(crate) headers: &'s Headers,
    /// Whether it is the first row that is not empty.
    pub(crate) first: bool,
    /// What the file is.
    pub(crate) format: FormatKind,
}

/// The profile for a table whose header row may be this one.
pub(crate) fn table<'a>(
    set: &'a ProfileSet,
    options: &MapOptions,
    seen: &Seen<'_>,
) -> Option<Choice<'a>> {
    let recognised = |candidate| {
        let fits = set.all().iter().filter(|profile| {
            profile.recognise.declared && stands(profile, seen) && looks_like(profile, seen.headers)
        });
        let best = fits.max_by_key(|profile| {
            // The first of equals wins: `max_by_key` would take the last.
            let (known, _) = seen.headers.score(profile);
            let place = set
                .all()
                .iter()
                .position(|other| std::ptr::eq(other, *profile));
            (
                !profile.built_in,
                known,
                !profile.synonyms,
                std::cmp::Reverse(place),
            )
        });
        best.map(|profile| Choice { profile, candidate })
    };
    let mut fallback = None;
    for (index, candidate) in open_to(options, seen.format) {
        let Some(name) = candidate.and_then(|candidate| candidate.profile.as_deref()) else {
            match recognised(index) {
                Some(choice) => return Some(choice),
                None => continue,
            }
        };
        let Some(profile) = set.find(name).filter(|profile| stands(profile, seen)) else {
            continue;
        };
        let choice = Choice {
            profile,
            candidate: index,
        };
        if !profile.recognise.declared || looks_like(profile, seen.headers) {
            return Some(choice);
        }
        if profile.header != Header::Find {
            fallback = fallback.or(Some(choice));
        }
    }
    fallback
}

/// The profile for a document with this root.
pub(crate) fn root<'a>(
    set: &'a ProfileSet,
    options: &MapOptions,
    root: &XmlName,
) -> Option<Choice<'a>> {
    let reads = |profile: &&Profile| profile.reads.fits(FormatKind::Xml);
    for (index, candidate) in open_to(options, FormatKind::Xml) {
        let named = candidate.and_then(|candidate| candidate.profile.as_deref());
        let fitting =
            match named {
                Some(name) => set.find(name).filter(reads).filter(|profile| {
                    !profile.recognise.declared || has_root(&profile.recognise, root)
                }),
                None => set.all().iter().filter(reads).find(|profile| {
                    profile.recognise.declared && has_root(&profile.recognise, root)
                }),
            };
        if let Some(profile) = fitting {
            return Some(Choice {
                profile,
                candidate: index,
            });
        }
    }
    None
}

/// The candidates for a format; without any, one that lets the layout be recognised.
pub(crate) fn open_to(
    options: &MapOptions,
    format: FormatKind,
) -> Vec<(Option<usize>, Option<&Candidate>)> {
    if options.candidates.is_empty() {
        return vec![(None, None)];
    }
    let fits = |wanted: FormatKind| wanted == format || (wanted.is_sheet() && format.is_sheet());
    let all = options.candidates.iter().enumerate();
    all.filter(|(_, candidate)| candidate.format.is_none_or(fits))
        .map(|(index, candidate)| (Some(index), Some(candidate)))
        .collect()
}

/// Whether the profile would look for its header here.
fn stands(profile: &Profile, seen: &Seen<'_>) -> bool {
    let here = match profile.header {
        Header::First | Header::None => seen.first,
        Header::Find => true,
        Header::Row(row) => row == seen.headers.row,
    };
    let sheet = match &profile.sheets {
        Sheets::Named(name) if seen.format.is_sheet() => {
            name.trim().to_lowercase() == seen.table.name.trim().to_lowercase()
        }
        Sheets::Nth(nth) if seen.format.is_sheet() => seen.table.index + 1 == *nth,
        _ => true,
    };
    profile.reads.fits(seen.format) && here && sheet
}

/// Whether the headers are those of the profile's layouts: all required, one of any, and at least
/// half of them known.
pub(crate) fn looks_like(profile: &Profile, headers: &Headers) -> bool {
    let there = |(normal, _): &(String, String)| headers.find(normal).is_some();
    let wanted = &profile.recognise;
    let named = wanted.required.iter().all(there)
        && (wanted.any.is_empty() || wanted.any.iter().any(there));
    let (known, total) = headers.score(profile);
    named && known > 0 && known * 2 >= total && (!profile.synonyms || is_order(headers))
}

/// A plain table is an order if it has a number and says what is wanted or where it goes.
fn is_order(headers: &Headers) -> bool {
    let fields: Vec<&str> = headers
        .columns
        .iter()
        .filter_map(|column| synonyms::field(&column.header))
        .collect();
    let wanted = |field: &&&str| {
        field.starts_with("lines.")
            || field.starts_with("shipments.delivery.party.")
            || field.starts_with("shipments.goods.")
            || field.starts_with("shipments.equipment.")
            || field.starts_with("parties.consignee.")
            || field.starts_with("references.awb")
    };
    fields.contains(&"reference") && fields.iter().any(|field| wanted(&field))
}

fn has_root(wanted: &Recognise, root: &XmlName) -> bool {
    let named = wanted.root.contains(&root.local);
    let spaced = wanted.namespace.is_empty()
        || wanted
            .namespace
            .iter()
            .any(|pattern| glob(pattern, &root.namespace));
    named && spaced
}

/// What to tell the sender of a table that nothing fits.
pub(crate) fn unknown_table(set: &ProfileSet, headers: &Headers, place: Place) -> Problem {
    let listed = headers.listed();
    let nearest = set
        .all()
        .iter()
        .filter(|profile| profile.recognise.declared)
        .map(|profile| (headers.score(profile).0, profile))
        .max_by_key(|(known, _)| *known)
        .filter(|(known, _)| *known > 0);
    let near = nearest.map_or_else(String::new, |(known, profile)| {
        format!(
            " The nearest known layout is “{}”: it knows {known} of them.",
            profile.title
        )
    });
    Problem::error(
        "profile.unknown",
        format!(
            "The columns are not those of any order layout that is known here: {listed}.{near}"
        ),
    )
    .at(place)
    .expecting("a header row with an order number and the ordered items or the delivery address")
    .with_hint("Check that the first row holds the column names.")
}

/// What to tell the sender of a document that nothing fits.
pub(crate) fn unknown_root(set: &ProfileSet, root: &XmlName) -> Problem {
    let place = Place::path(format!("/{}", root.local));
    if let Some(what) = not_an_order(root) {
        return not_order(&what, place);
    }
    if is_ubl(root) && ORDERS.contains(&root.local.as_str()) {
        let what = format!("a UBL {} ({})", spaced(&root.local), root.local);
        return no_profile(&what, place);
    }
    let space = match &*root.namespace {
        "" => "no namespace".to_owned(),
        space => format!("the namespace {}", crate::problem::excerpt(space)),
    };
    let known: Vec<&str> = set
        .all()
        .iter()
        .flat_map(|profile| profile.recognise.root.iter().map(String::as_str))
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

fn is_ubl(root: &XmlName) -> bool {
    root.namespace.contains(":ubl:")
}

/// Documents that look like orders but are none, by their true names.
fn not_an_order(root: &XmlName) -> Option<String> {
    if is_ubl(root) && !ORDERS.contains(&root.local.as_str()) {
        return Some(format!("a UBL {} ({})", spaced(&root.local), root.local));
    }
    let what = match root.local.as_str() {
        "HL7Message" => "an HL7 message",
        "Invoice" | "CreditNote" => "an invoice",
        "Quotation" => "a quotation",
        "OrderResponse" | "OrderResponseSimple" => "an order response",
        "DespatchAdvice" => "a despatch advice",
        "html" => "an HTML page",
        "rss" | "feed" => "a news feed",
        "svg" => "a drawing",
        _ => return None,
    };
    Some(what.to_owned())
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

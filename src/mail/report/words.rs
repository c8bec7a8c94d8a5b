//! What happened and what to do, in sentences.

use super::clean::{count, label, size};
use super::findings::wrong_rows;
use super::{Attached, Original, Outcome, Report};

/// `acme.csv: 3 rows need your attention, nothing was ordered`
pub(super) fn subject(report: &Report<'_>) -> String {
    let file = label(report.file);
    let what = match report.outcome {
        Outcome::NoFile => return "No order file was attached, nothing was ordered".to_owned(),
        Outcome::GaveUp => "could not be read, we are looking into it".to_owned(),
        Outcome::Untold => "it tells of orders that we do not know".to_owned(),
        Outcome::Rejected => match attention(report) {
            Some(attention) => format!("{attention}, nothing was ordered"),
            None => "could not be used, nothing was ordered".to_owned(),
        },
        Outcome::Partial | Outcome::Refused => {
            let mut parts = Vec::new();
            if let Some(attention) = attention(report) {
                parts.push(attention);
            }
            parts.extend(pieces(report));
            parts.join(", ")
        }
    };
    format!("{file}: {what}")
}

/// `3 rows need your attention`, where findings name rows.
fn attention(report: &Report<'_>) -> Option<String> {
    let rows = wrong_rows(report.findings);
    let more = if report.findings_left_out > 0 {
        " or more"
    } else {
        ""
    };
    match rows {
        0 => None,
        1 if more.is_empty() => Some("1 row needs your attention".to_owned()),
        _ => Some(format!("{rows}{more} rows need your attention")),
    }
}

/// `2 orders refused`, `1 order held back`, `12 placed`.
fn pieces(report: &Report<'_>) -> Vec<String> {
    let mut parts = Vec::new();
    let refused = refused_orders(report);
    if refused > 0 {
        parts.push(format!("{} refused", count(refused, "order", "orders")));
    }
    if report.withheld > 0 {
        let held = count(report.withheld, "order", "orders");
        parts.push(format!("{held} held back"));
    }
    parts.push(match report.accepted {
        0 => "none placed".to_owned(),
        placed => format!("{placed} placed"),
    });
    parts
}

/// Orders refused by at least one partner.
fn refused_orders(report: &Report<'_>) -> u64 {
    let orders: std::collections::BTreeSet<&str> = report
        .refusals
        .iter()
        .map(|refusal| refusal.reference.as_str())
        .collect();
    orders.len() as u64
}

/// The one sentence.
pub(super) fn happened(report: &Report<'_>) -> String {
    let file = label(report.file);
    match report.outcome {
        Outcome::GaveUp => format!(
            "We could not read your file “{file}”, and nothing was ordered from it. The reason may be on our side; our operators have been told."
        ),
        Outcome::NoFile => {
            "We received your mail, but no order file is attached to it. Nothing was ordered."
                .to_owned()
        }
        Outcome::Rejected => match attention(report) {
            Some(attention) => {
                format!("Nothing was ordered from your file “{file}”: {attention}.")
            }
            None => format!(
                "Nothing was ordered from your file “{file}”, because it could not be used as it is."
            ),
        },
        Outcome::Untold => format!(
            "Your file “{file}” tells of orders that we do not know, or not surely. What it tells of others was taken."
        ),
        Outcome::Partial | Outcome::Refused => orders_happened(report, &file),
    }
}

/// `12 orders of your file “x” were placed, but 2 were held back because 3 rows need your
/// attention, and 1 was refused by the company that receives it.`
fn orders_happened(report: &Report<'_>, file: &str) -> String {
    let placed = match report.accepted {
        0 => format!("No order of your file “{file}” was placed"),
        1 => format!("1 order of your file “{file}” was placed"),
        many => format!("{many} orders of your file “{file}” were placed"),
    };
    let mut but = Vec::new();
    if report.withheld > 0 {
        let because = attention(report)
            .map(|attention| format!(" because {attention}"))
            .unwrap_or_default();
        but.push(format!(
            "{} held back{because}",
            count(report.withheld, "was", "were")
        ));
    }
    let refused = refused_orders(report);
    if refused > 0 {
        but.push(format!(
            "{} refused by the company that receives {}",
            count(refused, "was", "were"),
            if refused == 1 { "it" } else { "them" }
        ));
    }
    let join = if report.accepted == 0 { ": " } else { ", but " };
    if but.is_empty() {
        format!("{placed}.")
    } else {
        format!("{placed}{join}{}.", but.join(" and "))
    }
}

/// What to do, a paragraph each. `reply`: the file came by mail, and the answer can.
pub(super) fn to_do(report: &Report<'_>, attached: Attached, reply: bool) -> Vec<String> {
    if report.outcome == Outcome::GaveUp {
        return vec![
            "You need not do anything now. If the order is urgent, please call, or send it again in another format."
                .to_owned(),
        ];
    }
    if report.outcome == Outcome::NoFile {
        return vec![
            "Please attach your orders as a file (csv, xml, xls, xlsx or json) and send the mail again. We do not read the text of a mail, nor pictures."
                .to_owned(),
        ];
    }
    if report.outcome == Outcome::Untold {
        return vec![
            "Please correct what is listed below and send these status updates again. The others need not be sent again; if they are, they count once."
                .to_owned(),
        ];
    }
    let way = if reply {
        "reply to this mail with it attached"
    } else {
        "drop it where you dropped the first one"
    };
    let rejected = report.outcome == Outcome::Rejected;
    let mut paragraphs = Vec::new();
    match report.correction.filter(|_| attached.correction) {
        Some((name, _)) => {
            paragraphs.push(fix_attached(rejected, &label(name), way));
            if !rejected && !report.refusals.is_empty() {
                paragraphs.push(
                    "The refused orders are not in that file: please correct them in your own and send them again as well."
                        .to_owned(),
                );
            }
        }
        None if rejected => paragraphs.push(format!(
            "Please correct your file as listed below and {way}."
        )),
        None => paragraphs.push(format!(
            "Please correct what is listed below, save these orders as a file of their own and {way}."
        )),
    }
    if report.accepted > 0 {
        paragraphs.push(
            "The other orders are on their way: you need not send them again. If you do, they are recognised and not ordered twice."
                .to_owned(),
        );
    }
    paragraphs
}

fn fix_attached(rejected: bool, name: &str, way: &str) -> String {
    let holds = if rejected {
        "all your rows"
    } else {
        "the rows of the orders that were held back"
    };
    format!(
        "The quickest way: open the attached file “{name}”. It holds {holds}, and its last column, orderdock_error, says what is wrong. Correct the rows, save the file and {way}. That column may stay in."
    )
}

/// Whether the original is there, and if not, why.
pub(super) fn about_original(report: &Report<'_>, attached: Attached) -> String {
    let bytes = match report.original {
        Original::Bytes(bytes) => bytes.len() as u64,
        Original::NotAttached { bytes } => bytes,
        Original::Mail => {
            return "Orders that you sent in other mails are not touched by this.".to_owned();
        }
        Original::Several => return "Your original files are attached unchanged.".to_owned(),
    };
    if attached.original {
        "Your original file is attached unchanged.".to_owned()
    } else {
        format!(
            "Your original file ({}) is too large to attach.",
            size(bytes)
        )
    }
}

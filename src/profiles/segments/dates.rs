//! Dates of messages: a value and beside it the format it is written in.
//!
//! EDIFACT DTM: code list 2379. X12: DTM, G62 and AT7 have a date and a time element each. A value
//! that its format does not fit is handed on as it stands, so that the field's problem shows it.

use super::selector::DatePart;
use super::tree::{Node, Tree};

/// Formats of 2379 that are no day: years, months, weeks, spans. They are kept as they stand.
const NO_DAY: [&str; 14] = [
    "600", "602", "604", "608", "609", "610", "615", "616", "801", "802", "803", "804", "805",
    "806",
];

/// Whether `node` holds a day or a time, and not a week or a span of days.
pub(super) fn is_day(tree: &Tree, node: Node) -> bool {
    tree.tag(node) != "DTM" || !NO_DAY.contains(&tree.get(node, 1, 3))
}

/// A part of the date that `node` holds; empty where there is none.
pub(super) fn part(tree: &Tree, node: Node, part: DatePart) -> String {
    let tag = tree.tag(node);
    let composite = tree.held(node).iter().any(|held| held.component > 1);
    if tag == "DTM" && (composite || tree.separator == '+') {
        let (value, format) = (tree.get(node, 1, 2), tree.get(node, 1, 3));
        if !is_day(tree, node) {
            return String::new();
        }
        return edifact(value, format, part);
    }
    let (date, time) = match tag {
        "G62" => (2, 4),
        "AT7" => (5, 6),
        _ => (2, 3),
    };
    from(tree.get(node, date, 1), tree.get(node, time, 1), part)
}

/// By the code of the format (2379). A period has two values, with or without a hyphen between.
fn edifact(value: &str, format: &str, part: DatePart) -> String {
    let value = value.trim();
    let (first, second) = match format {
        "718" | "719" | "711" | "713" => match value.split_once('-') {
            Some((first, second)) => (first, second),
            None => value
                .split_at_checked(value.len() / 2)
                .unwrap_or((value, "")),
        },
        _ => (value, ""),
    };
    let half = match (part, second) {
        (DatePart::End | DatePart::EndTime, "") => return String::new(),
        (DatePart::End | DatePart::EndTime, second) => second,
        _ => first,
    };
    let day = match format {
        "2" => reordered(half, [4, 2, 0]),
        "3" => reordered(half, [4, 0, 2]),
        // A time alone.
        "401" | "402" | "404" | "501" => {
            let time = clock(half).unwrap_or_else(|| half.to_owned());
            return if part == DatePart::Time {
                time
            } else {
                String::new()
            };
        }
        "101" | "201" | "202" | "301" | "713" => half.get(..6).map(str::to_owned),
        "" | "102" | "203" | "204" | "205" | "303" | "304" | "718" | "719" | "711" => {
            half.get(..8).map(str::to_owned)
        }
        _ => None,
    };
    let Some(day) = day else {
        return if part == DatePart::Time {
            String::new()
        } else {
            value.to_owned()
        };
    };
    let time = half.get(day.len().min(half.len())..).unwrap_or_default();
    let time = if matches!(format, "2" | "3") {
        ""
    } else {
        time
    };
    from(
        &day,
        time.get(..4.min(time.len())).unwrap_or_default(),
        part,
    )
}

/// `DDMMYY` and `MMDDYY` as `YYMMDD`.
fn reordered(value: &str, starts: [usize; 3]) -> Option<String> {
    let parts = starts.map(|start| value.get(start..start + 2));
    let [Some(year), Some(month), Some(day)] = parts else {
        return None;
    };
    (value.len() == 6).then(|| format!("{year}{month}{day}"))
}

/// A part of `YYYYMMDD` or `YYMMDD` and `HHMM`.
fn from(date: &str, time: &str, part: DatePart) -> String {
    let day = day(date);
    match part {
        DatePart::Date | DatePart::End => day.unwrap_or_else(|| date.to_owned()),
        DatePart::Time | DatePart::EndTime => match clock(time) {
            Some(time) => time,
            None => time.to_owned(),
        },
        DatePart::At => match (day, clock(time)) {
            (Some(day), Some(time)) => format!("{day}T{time}"),
            (Some(day), None) => day,
            (None, _) => date.to_owned(),
        },
    }
}

fn day(text: &str) -> Option<String> {
    let text = text.trim();
    if !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let (century, rest) = match text.len() {
        8 => text.split_at(2),
        // Two digits of a year, as everywhere in order files: 69 and later are of the last century.
        6 if text >= "69" => ("19", text),
        6 => ("20", text),
        _ => return None,
    };
    let [year, month, day] = [0, 2, 4].map(|at| rest.get(at..at + 2).unwrap_or_default());
    Some(format!("{century}{year}-{month}-{day}"))
}

fn clock(text: &str) -> Option<String> {
    let text = text.trim();
    if text.len() < 4 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Some(format!("{}:{}", text.get(..2)?, text.get(2..4)?))
}

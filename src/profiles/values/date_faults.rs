//! What to tell the sender of a text that is no date.

use std::fmt::Write as _;

use jiff::civil::Date;

use super::{DatePattern, Dates, ValueFault};

#[cold]
pub(super) fn impossible(text: &str, dates: &Dates) -> ValueFault {
    let shown = crate::problem::excerpt(text);
    ValueFault::new(
        "date.impossible",
        format!("The calendar has no such date as {shown}."),
        expected(dates),
    )
    .hint("Correct the day, the month or the year.")
}

#[cold]
pub(super) fn ambiguous(first: Date, others: &[Date]) -> ValueFault {
    let mut message = format!("The date can be read as {first}");
    for (i, other) in others.iter().enumerate() {
        let link = if i + 1 == others.len() {
            " or as"
        } else {
            ", as"
        };
        if write!(message, "{link} {other}").is_err() {
            break;
        }
    }
    message.push('.');
    ValueFault::new("date.ambiguous", message, "a date such as 2026-12-31")
        .hint("Write YYYY-MM-DD, or have your order of day, month and year declared.")
}

#[cold]
pub(super) fn refusal(text: &str, dates: &Dates) -> ValueFault {
    if text.is_empty() {
        return ValueFault::new("date.missing", "The date is missing.", expected(dates));
    }
    let (days, fraction) = text.split_once(['.', ',']).unwrap_or((text, "0"));
    if days.len() == 5 && super::is_digits(days) && super::is_digits(fraction) {
        return ValueFault::new(
            "date.serial",
            "This is the number by which a spreadsheet counts days, not a date.",
            expected(dates),
        )
        .hint("Format the column as a date before saving.");
    }
    if matches!(text.len(), 6 | 8) && super::is_digits(text) {
        return ValueFault::new(
            "date.ambiguous",
            "Digits alone do not tell which of them are the day, the month and the year.",
            expected(dates),
        )
        .hint("Write YYYY-MM-DD, or have your layout of dates declared.");
    }
    ValueFault::new("date.unreadable", "This is not a date.", expected(dates))
        .hint("Write the date as YYYY-MM-DD.")
}

pub(super) fn expected(dates: &Dates) -> String {
    match dates.patterns.as_slice() {
        [] => "a date such as 2026-12-31".to_owned(),
        patterns => {
            let known: Vec<&str> = patterns.iter().map(DatePattern::as_str).collect();
            format!("a date written {} or YYYY-MM-DD", known.join(", "))
        }
    }
}

//! What a header or path probably means: by its words first, by its values second.

use super::super::convert;
use super::super::synonyms;
use super::super::target::{FieldType, Target, level_of};
use super::super::values::{self, DatePattern, Dates, DecimalSign, Numbers};
use crate::order::{country_code, is_currency};

/// A field with how sure it is, of a hundred.
pub(super) type Scored = (&'static str, u8);

/// Below this nothing is suggested.
pub(super) const ENOUGH: u8 = 50;

/// The field that `header` names, judged by its words alone.
pub(super) fn by_name(header: &str) -> Option<Scored> {
    if let Some(field) = synonyms::field(header) {
        return Some((field, 95));
    }
    let bare = without_unit(header);
    if bare.is_empty() {
        return None;
    }
    if let Some(field) = synonyms::field(&bare) {
        return Some((field, 85));
    }
    if let Some(field) = synonyms::like(&bare) {
        return Some((field, 75));
    }
    // A place alone is who is there.
    if let Some(field) = synonyms::field(&format!("{bare} name")) {
        return Some((field, 75));
    }
    let words = words(&bare);
    // Fewer and fewer neighbouring words, from the left first: "Unsere Bestellnummer".
    for length in (1..words.len()).rev() {
        for run in words.windows(length).rev() {
            let text = run.concat();
            let whole: usize = words.iter().map(String::len).sum();
            if text.len() >= 3
                && let Some(field) = synonyms::field(&text)
            {
                let share = u8::try_from(text.len() * 30 / whole.max(1)).unwrap_or(30);
                return Some((field, 50 + share));
            }
        }
    }
    None
}

/// What stands in brackets or behind a slash is often a unit or a currency, which the values say too.
fn without_unit(header: &str) -> String {
    let cut = header.find(['(', '[']).unwrap_or(header.len());
    let head = header.get(..cut).unwrap_or(header).trim();
    let tokens: Vec<&str> = head
        .split_whitespace()
        .filter(|token| !is_currency(&token.to_uppercase()) && !["€", "in", "*"].contains(token))
        .collect();
    tokens
        .join(" ")
        .trim_end_matches([':', '*', '.'])
        .to_owned()
}

/// `shipToCity`, `Ship-to city` → ship, to, city.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut lower = false;
    let mut open = false;
    for c in text.chars() {
        if !c.is_alphanumeric() {
            open = false;
            continue;
        }
        let begins = !open || (lower && c.is_uppercase());
        lower = c.is_lowercase();
        open = true;
        match words.last_mut() {
            Some(word) if !begins => word.extend(c.to_lowercase()),
            _ => words.push(c.to_lowercase().collect()),
        }
    }
    words
}

/// How far the values agree with a field, of a hundred.
pub(super) fn agree(field: &str, samples: &[String]) -> u8 {
    let (level, name) = level_of(field);
    let Some(target) = Target::find(level, name) else {
        return 0;
    };
    if samples.is_empty() {
        return 70;
    }
    let good = samples.iter().filter(|text| is_of(target.ty(), name, text));
    let share = good.count() * 100 / samples.len();
    u8::try_from(share).unwrap_or(100)
}

fn is_of(ty: FieldType, name: &str, text: &str) -> bool {
    match ty {
        FieldType::Number | FieldType::Count => decimal_of(text).is_some(),
        FieldType::Date => is_date(text),
        FieldType::Time => values::parse_time(text).is_ok(),
        FieldType::Country => convert::country(text).is_ok(),
        FieldType::Currency => convert::currency(text).is_ok() || text == "€",
        FieldType::Unit | FieldType::Package => text.len() <= 20 && !is_date(text),
        FieldType::Flag | FieldType::Kind | FieldType::Action => true,
        FieldType::Id | FieldType::Text | FieldType::Milestone => match name {
            "gtin" => {
                text.len() >= 8 && text.len() <= 14 && text.bytes().all(|b| b.is_ascii_digit())
            }
            name if name.ends_with("email") => text.contains('@'),
            "reference" => text.chars().count() <= 40,
            _ => true,
        },
    }
}

/// How a number is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    /// In either way.
    Whole,
    /// With a decimal point.
    Point,
    /// With a decimal comma.
    Comma,
}

/// How a number is written; `None` if it is none.
pub(super) fn decimal_of(text: &str) -> Option<Written> {
    let text = text.trim();
    let number = |decimal| values::parse_number(text, &Numbers { decimal }).is_ok();
    match (number(DecimalSign::Point), number(DecimalSign::Comma)) {
        (true, true) => Some(Written::Whole),
        (true, false) => Some(Written::Point),
        (false, true) => Some(Written::Comma),
        (false, false) => None,
    }
}

fn is_date(text: &str) -> bool {
    PATTERNS.iter().any(|pattern| reads(pattern, text)) || reads("", text)
}

/// Layouts of dates that are tried, the likelier first.
const PATTERNS: [&str; 10] = [
    "YYYY-MM-DD",
    "DD.MM.YYYY",
    "DD.MM.YY",
    "DD/MM/YYYY",
    "DD-MM-YYYY",
    "DD-MM-YY",
    "MM/DD/YYYY",
    "DD/MM/YY",
    "DDMMYYYY",
    "YYMMDD",
];

fn reads(pattern: &str, text: &str) -> bool {
    let patterns = DatePattern::parse(pattern).into_iter().collect();
    values::parse_date(text, &Dates { patterns }).is_ok()
}

/// The patterns by which all dates of the sample can be read; those that read without are left out.
pub(super) fn patterns(samples: &[&String]) -> Vec<&'static str> {
    let mut open: Vec<&String> = samples
        .iter()
        .copied()
        .filter(|text| !reads("", text))
        .collect();
    let mut found = Vec::new();
    for pattern in PATTERNS {
        let read: Vec<bool> = open.iter().map(|text| reads(pattern, text)).collect();
        // A day above 12 under a month-first pattern, or the reverse, rules a pattern out.
        let alike = open
            .iter()
            .filter(|text| shape(text) == shape_of(pattern))
            .count();
        let good = open
            .iter()
            .zip(&read)
            .filter(|(text, read)| **read && shape(text) == shape_of(pattern))
            .count();
        if good > 0 && good == alike {
            found.push(pattern);
            open.retain(|text| shape(text) != shape_of(pattern));
        }
    }
    found
}

/// Digits as `9`, so that a pattern and its dates compare.
fn shape(text: &str) -> String {
    let date = text.split([' ', 'T']).next().unwrap_or(text);
    date.chars()
        .map(|c| if c.is_ascii_digit() { '9' } else { c })
        .collect()
}

fn shape_of(pattern: &str) -> String {
    pattern
        .chars()
        .map(|c| if c.is_alphabetic() { '9' } else { c })
        .collect()
}

/// A field that the values alone give away, where the words say nothing.
pub(super) fn by_values(samples: &[String]) -> Option<Scored> {
    let all = |test: &dyn Fn(&str) -> bool| {
        samples.len() > 1 && samples.iter().all(|text| test(text.trim()))
    };
    if all(&|text| text.len() == 13 && is_gtin(text)) {
        return Some(("lines.gtin", 75));
    }
    if all(&|text| text.len() == 3 && is_currency(text)) {
        return Some(("currency", 60));
    }
    if all(&|text| text.contains('@') && text.contains('.') && !text.contains(' ')) {
        return Some(("parties.buyer.contact.email", 55));
    }
    if all(&|text| text.len() == 2 && country_code(text).is_some()) {
        return Some(("shipments.delivery.party.country", 55));
    }
    None
}

/// GS1's check digit: every second digit counts three times.
fn is_gtin(text: &str) -> bool {
    let digits = text.bytes().rev().map(|b| u32::from(b.wrapping_sub(b'0')));
    let sum: u32 = digits
        .enumerate()
        .map(|(at, digit)| {
            if at % 2 == 1 {
                digit.min(9) * 3
            } else {
                digit.min(9)
            }
        })
        .sum();
    text.bytes().all(|b| b.is_ascii_digit()) && sum.is_multiple_of(10)
}

/// The words' score, taken down where the values speak against them.
pub(super) fn scored(name: Option<Scored>, samples: &[String]) -> Option<Scored> {
    let named = name.map(|(field, score)| {
        let agreed = u32::from(agree(field, samples));
        let factor = if agreed >= 60 { 100 } else { 30 + agreed };
        let score = u32::from(score) * factor.min(100) / 100;
        (field, u8::try_from(score).unwrap_or(100))
    });
    named
        .filter(|(_, score)| *score >= ENOUGH)
        .or_else(|| by_values(samples))
}

/// An “address” of one line is a street only if there is a number in it.
pub(super) fn name_or_street(field: &'static str, value: &str) -> &'static str {
    let is_street = value.bytes().any(|b| b.is_ascii_digit());
    match field.strip_suffix(".street") {
        Some(party) if !is_street => synonyms::known(&format!("{party}.name")).unwrap_or(field),
        _ => field,
    }
}

/// What stands above a table or once in a document: dates of lines are those of the delivery.
pub(super) fn of_head(field: &'static str) -> &'static str {
    match field {
        "lines.delivery_date" => "shipments.delivery.date",
        "lines.number" => "reference",
        "lines.amount" => "totals.amount",
        "lines.quantity" => "totals.quantity",
        field => field,
    }
}

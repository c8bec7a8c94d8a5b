//! One order or status update, from its own text.

use serde::de::DeserializeOwned;

use super::frame::Value;
use super::structure;
use crate::formats::Records;
use crate::formats::encoding::Position;
use crate::order::{Order, StatusUpdate};
use crate::problem::{Place, Problem};

/// Tells what `value` is: an order, a status update or a problem. Answers whether the sink wants
/// more.
pub(super) fn tell(value: &Value, path: &str, records: &mut dyn Records) -> Result<bool, Problem> {
    let told = match read(value, path) {
        Ok(Item::Order(order)) => records.order(*order, path),
        Ok(Item::Update(update)) => records.status(update),
        Err(Bad::Item(problem)) => records.problem(problem),
        Err(Bad::File(problem)) => return Err(problem),
    };
    Ok(told.is_continue())
}

enum Item {
    Order(Box<Order>),
    Update(StatusUpdate),
}

enum Bad {
    /// Only this one is withheld.
    Item(Problem),
    /// The text is no JSON, so nothing of it can be trusted.
    File(Problem),
}

fn read(value: &Value, path: &str) -> Result<Item, Bad> {
    if !value.text.starts_with('{') {
        let problem = Problem::error("json.not-an-order", "An order is a JSON object.")
            .at(place(value, 0, path))
            .with_value(&value.text);
        return Err(Bad::Item(problem));
    }
    let found = structure::look(&value.text);
    if let Some((key, offset)) = found.duplicate {
        let place = place(value, offset, path);
        return Err(Bad::Item(structure::duplicate(&key, place)));
    }
    if is_update(&found.keys) {
        decode(value, path).map(Item::Update)
    } else {
        decode(value, path).map(|order| Item::Order(Box::new(order)))
    }
}

/// An object that speaks about an order instead of being one.
fn is_update(keys: &[String]) -> bool {
    let has = |wanted: &[&str]| keys.iter().any(|key| wanted.contains(&key.as_str()));
    !has(&["reference"]) && has(&["order", "shipment", "tracking", "at", "code", "text"])
}

fn decode<T: DeserializeOwned>(value: &Value, path: &str) -> Result<T, Bad> {
    let mut reader = serde_json::Deserializer::from_str(&value.text);
    let mut track = serde_path_to_error::Track::new();
    let tracked = serde_path_to_error::Deserializer::new(&mut reader, &mut track);
    let error = match T::deserialize(tracked) {
        Ok(decoded) => match reader.end() {
            Ok(()) => return Ok(decoded),
            Err(error) => error,
        },
        Err(error) => error,
    };
    let inner = track.path().to_string();
    // `?` stands for a part that the reader did not get to.
    let inner = inner.trim_end_matches('?').trim_end_matches('.');
    let path = match (path, inner) {
        (path, "") => path.to_owned(),
        ("", inner) => inner.to_owned(),
        (path, inner) => format!("{path}.{inner}"),
    };
    let place = place(value, offset(&value.text, &error), &path);
    Err(if error.is_data() {
        Bad::Item(explain(&error).at(place))
    } else {
        Bad::File(
            Problem::error(
                "json.malformed",
                format!("The file is not proper JSON: {}.", words(&error)),
            )
            .at(place),
        )
    })
}

/// What a value that is proper JSON but no order gets wrong.
fn explain(error: &serde_json::Error) -> Problem {
    let words = words(error);
    let named = || quoted(&words).next().unwrap_or_default();
    if words.starts_with("unknown field") {
        let known: Vec<String> = quoted(&words).skip(1).collect();
        return unknown_key(&named(), &known);
    }
    if words.starts_with("missing field") {
        return Problem::error("json.missing-key", "A key is missing.").with_value(&named());
    }
    if words.starts_with("duplicate field") {
        return Problem::error("json.duplicate-key", "A key stands twice in one object.")
            .with_value(&named());
    }
    if words.starts_with("unknown variant") {
        let known: Vec<String> = quoted(&words).skip(1).collect();
        return Problem::error(
            "json.unknown-word",
            "The word is not one of those known here.",
        )
        .with_value(&named())
        .expecting(known.join(", "));
    }
    if let Some((found, expected)) = words
        .strip_prefix("invalid type: ")
        .and_then(|rest| rest.rsplit_once(", expected "))
    {
        let problem = Problem::error("json.wrong-type", "The value is of the wrong kind.")
            .with_value(&bare(found))
            .expecting(wanted(expected).to_owned());
        return if found.starts_with("integer") || found.starts_with("floating") {
            problem.with_hint("Decimals and numbers of things are written as text: \"12.50\".")
        } else {
            problem
        };
    }
    // What the decimals' own reader says of a text that is no number.
    if words.contains("Failed to parse") || words.contains("nvalid decimal") {
        return Problem::error("json.value", "This is not a number.")
            .expecting("a number written as text, such as \"12.50\"");
    }
    Problem::error("json.value", format!("The value cannot be read: {words}."))
}

/// The value alone, of what the reader says it found: ``integer `2` `` is `2`.
fn bare(found: &str) -> String {
    let inner = quoted(found).next();
    inner.unwrap_or_else(|| match found {
        "map" => "an object".to_owned(),
        "sequence" => "an array".to_owned(),
        other => other
            .strip_prefix("string ")
            .unwrap_or(other)
            .trim_matches('"')
            .to_owned(),
    })
}

/// What was expected, in words of people who write JSON rather than Rust.
fn wanted(expected: &str) -> &str {
    match expected {
        _ if expected.starts_with("a Decimal") => "a number written as text, such as \"12.50\"",
        "a string" | "a borrowed string" => "a text",
        "a sequence" => "an array",
        "a map" => "an object",
        "a boolean" => "true or false",
        "i8" | "i16" | "i32" | "i64" | "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number",
        _ if expected.starts_with("struct ") => "an object",
        _ => expected,
    }
}

/// A key that nobody knows, with the nearest one that exists.
pub(super) fn unknown_key(key: &str, known: &[String]) -> Problem {
    let problem = Problem::error("json.unknown-key", "The key is not known here.").with_value(key);
    let nearest = known
        .iter()
        .map(|candidate| (distance(key, candidate), candidate))
        .min();
    match nearest {
        Some((far, candidate)) if far <= 1 + key.chars().count() / 3 => {
            problem.with_hint(format!("Did you mean \"{candidate}\"?"))
        }
        _ => problem.expecting(format!("one of {}", known.join(", "))),
    }
}

/// Levenshtein's distance, a row at a time. Keys longer than any known one are cut.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (above, c) in one.chars().take(64).enumerate() {
        let mut diagonal = above;
        let mut left = above + 1;
        for (cell, d) in row.iter_mut().skip(1).zip(&other) {
            let best = (diagonal + usize::from(c != *d))
                .min(left + 1)
                .min(*cell + 1);
            diagonal = *cell;
            *cell = best;
            left = best;
        }
        if let Some(first) = row.first_mut() {
            *first = above + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

/// The words of `error` without its place, which is told as a place.
fn words(error: &serde_json::Error) -> String {
    let all = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    all.strip_suffix(&place).unwrap_or(&all).to_owned()
}

/// What stands in backquotes.
fn quoted(words: &str) -> impl Iterator<Item = String> {
    words.split('`').skip(1).step_by(2).map(str::to_owned)
}

/// The offset in `text` that `error` names by line and byte.
fn offset(text: &str, error: &serde_json::Error) -> usize {
    let start: usize = text
        .split_inclusive('\n')
        .take(error.line().saturating_sub(1))
        .map(str::len)
        .sum();
    start + error.column().saturating_sub(1)
}

/// The place of `offset` in `value`.
fn place(value: &Value, offset: usize, path: &str) -> Place {
    let mut position: Position = value.start;
    let end = value.text.floor_char_boundary(offset.min(value.text.len()));
    position.advance(value.text.get(..end).unwrap_or_default());
    Place {
        path: (!path.is_empty()).then(|| path.to_owned()),
        ..Place::line(position.line, Some(position.character))
    }
}

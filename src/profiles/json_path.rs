//! Paths into JSON: a small part of JSONPath (RFC 9535), compiled to the paths that XML has.
//!
//! `customer.name`, `lines[0].sku`, `['odd key'].x`, `taxes[?(@.type=='VAT')].amount`, `refs[-1]` (the
//! last), `..sku` (anywhere below), `^.currency` (one object up), `$.meta.sender` (from the root,
//! told before the record). A list is its items: `lines.sku` is the first item's.

use super::path::{Path, Step};

/// Compiles `text`.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn parse(text: &str) -> Result<Path, String> {
    let mut path = Path {
        text: text.to_owned(),
        absolute: false,
        up: 0,
        steps: Vec::new(),
        attribute: None,
    };
    let mut rest = text.trim();
    if let Some(below) = rest.strip_prefix('$') {
        path.absolute = true;
        path.steps.push(Step::key("$", None));
        rest = below;
    }
    while let Some(above) = rest.strip_prefix('^') {
        path.up += 1;
        rest = above.strip_prefix('.').unwrap_or(above);
    }
    while !rest.is_empty() {
        rest = step(rest, &mut path, text)?;
    }
    Ok(path)
}

/// Takes one step off the front of `rest`.
fn step<'t>(rest: &'t str, path: &mut Path, all: &str) -> Result<&'t str, String> {
    if let Some(inside) = rest.strip_prefix('[') {
        let end = closing(inside).ok_or_else(|| format!("“{all}” lacks a closing bracket"))?;
        let (inside, after) = inside.split_at(end);
        bracket(inside.trim(), path)?;
        return Ok(after.get(1..).unwrap_or(""));
    }
    let deep = rest.starts_with("..");
    let rest = rest.trim_start_matches('.');
    let end = rest.find(['.', '[']).unwrap_or(rest.len());
    let (key, after) = rest.split_at(end);
    if key.is_empty() {
        // `.` alone is the value itself.
        return Ok(after);
    }
    let mut step = Step::key(key, None);
    if deep {
        step = step.anywhere();
    }
    path.steps.push(step);
    Ok(after)
}

/// Where the bracket that is open ends, quotes respected.
fn closing(text: &str) -> Option<usize> {
    let mut quote = None;
    text.char_indices().find_map(|(at, c)| {
        match (quote, c) {
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            (None, ']') => return Some(at),
            _ => {}
        }
        None
    })
}

fn bracket(inside: &str, path: &mut Path) -> Result<(), String> {
    let wrong = || {
        format!("“[{inside}]” is not understood; write [0], [*], ['key'] or [?(@.key=='value')]")
    };
    if inside == "*" {
        return Ok(());
    }
    if let Some(key) = quoted(inside) {
        path.steps.push(Step::key(key, None));
        return Ok(());
    }
    let last = path.steps.last_mut().ok_or_else(wrong)?;
    if let Ok(number) = inside.parse::<i64>() {
        match usize::try_from(number) {
            Ok(index) => last.nth(Some(index + 1)),
            Err(_) if number == -1 => last.nth(None),
            Err(_) => return Err(wrong()),
        }
        return Ok(());
    }
    let condition = inside
        .strip_prefix("?(")
        .and_then(|rest| rest.strip_suffix(')'))
        .or_else(|| inside.strip_prefix('?'))
        .ok_or_else(wrong)?;
    let (left, right) = condition.split_once("==").ok_or_else(wrong)?;
    let keys = left.trim().strip_prefix("@.").ok_or_else(wrong)?;
    let right = right.trim();
    let value = quoted(right).unwrap_or(right);
    let keys: Vec<&str> = keys.split('.').collect();
    last.with(&keys, value);
    Ok(())
}

fn quoted(text: &str) -> Option<&str> {
    let inner = |quote: char| text.strip_prefix(quote)?.strip_suffix(quote);
    inner('\'').or_else(|| inner('"'))
}

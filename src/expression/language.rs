//! The words of the language: those whose result is no larger than what they are given.
//!
//! Fuel counts instructions, and a filter is one however much it does. So the list says what there
//! is, and what multiplies is not on it: no `range`, `indent`, `format`, `batch`, `slice`, `*` on
//! texts or lists. `join` and `replace` end at the size of a cell.

use std::fmt::Write as _;

use minijinja::value::ValueKind;
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior, Value, filters, tests};

use super::ExpressionError;
use crate::limits;

/// The environment that every room starts from: strict and bounded. A room may add functions and
/// keep it in a static of its own.
#[must_use]
pub fn environment() -> Environment<'static> {
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(limits::EXPRESSION_FUEL));
    environment.set_recursion_limit(limits::EXPRESSION_DEPTH);
    add_text_filters(&mut environment);
    add_list_filters(&mut environment);
    add_tests(&mut environment);
    environment
}

fn add_text_filters(to: &mut Environment<'static>) {
    to.add_filter("upper", filters::upper);
    to.add_filter("lower", filters::lower);
    to.add_filter("title", filters::title);
    to.add_filter("capitalize", filters::capitalize);
    to.add_filter("trim", filters::trim);
    to.add_filter("replace", |text: &str, from: &str, with: &str| {
        replaced(text, from, with)
    });
    to.add_filter("split", filters::split);
    to.add_filter("lines", filters::lines);
    to.add_filter("string", filters::string);
    to.add_filter("int", filters::int);
    to.add_filter("float", filters::float);
    to.add_filter("bool", filters::bool);
    to.add_filter("abs", filters::abs);
    to.add_filter("round", filters::round);
}

fn add_list_filters(to: &mut Environment<'static>) {
    to.add_filter("length", filters::length);
    to.add_filter("count", filters::length);
    to.add_filter("default", filters::default);
    to.add_filter("d", filters::default);
    to.add_filter("attr", filters::attr);
    to.add_filter("first", filters::first);
    to.add_filter("last", filters::last);
    to.add_filter("min", filters::min);
    to.add_filter("max", filters::max);
    to.add_filter("sum", filters::sum);
    to.add_filter("sort", filters::sort);
    to.add_filter("unique", filters::unique);
    to.add_filter("reverse", filters::reverse);
    to.add_filter("list", filters::list);
    to.add_filter("items", filters::items);
    to.add_filter("dictsort", filters::dictsort);
    to.add_filter("groupby", filters::groupby);
    to.add_filter("map", filters::map);
    to.add_filter("select", filters::select);
    to.add_filter("reject", filters::reject);
    to.add_filter("selectattr", filters::selectattr);
    to.add_filter("rejectattr", filters::rejectattr);
    to.add_filter("join", |parts: &Value, between: Option<&str>| {
        joined(parts, between.unwrap_or(""))
    });
}

/// All but `in`: asked of every line about every line, it would multiply. The operator stays.
fn add_tests(to: &mut Environment<'static>) {
    to.add_test("defined", tests::is_defined);
    to.add_test("undefined", tests::is_undefined);
    to.add_test("none", tests::is_none);
    to.add_test("true", tests::is_true);
    to.add_test("false", tests::is_false);
    to.add_test("boolean", tests::is_boolean);
    to.add_test("number", tests::is_number);
    to.add_test("integer", tests::is_integer);
    to.add_test("float", tests::is_float);
    to.add_test("string", tests::is_string);
    to.add_test("sequence", tests::is_sequence);
    to.add_test("mapping", tests::is_mapping);
    to.add_test("odd", tests::is_odd);
    to.add_test("even", tests::is_even);
    to.add_test("divisibleby", tests::is_divisibleby);
    to.add_test("startingwith", tests::is_startingwith);
    to.add_test("endingwith", tests::is_endingwith);
    to.add_test("lower", tests::is_lower);
    to.add_test("upper", tests::is_upper);
    to.add_test("eq", tests::is_eq);
    to.add_test("equalto", tests::is_eq);
    to.add_test("ne", tests::is_ne);
    to.add_test("lt", tests::is_lt);
    to.add_test("le", tests::is_le);
    to.add_test("gt", tests::is_gt);
    to.add_test("ge", tests::is_ge);
}

/// The parts as texts with `between` between them.
///
/// # Errors
/// Where the text becomes longer than a cell may be, or there is no list.
pub fn joined(parts: &Value, between: &str) -> Result<String, Error> {
    let mut text = String::new();
    for (index, part) in parts.try_iter()?.enumerate() {
        if index > 0 {
            text.push_str(between);
        }
        match part.as_str() {
            Some(part) => text.push_str(part),
            // A list in a list may hold anything: only plain values become text here.
            None if matches!(
                part.kind(),
                ValueKind::Seq | ValueKind::Map | ValueKind::Iterable
            ) =>
            {
                return Err(Error::new(
                    ErrorKind::InvalidOperation,
                    "lists in a list are not joined",
                ));
            }
            None => write!(text, "{part}").map_err(|_| too_long())?,
        }
        if text.len() > limits::CELL_BYTES {
            return Err(too_long());
        }
    }
    Ok(text)
}

/// `text` with `with` in place of every `from`.
///
/// # Errors
/// Where the text becomes longer than a cell may be.
pub fn replaced(text: &str, from: &str, with: &str) -> Result<String, Error> {
    let grows = with.len().saturating_sub(from.len());
    let longest = text
        .matches(from)
        .count()
        .saturating_mul(grows)
        .saturating_add(text.len());
    if longest > limits::CELL_BYTES {
        return Err(too_long());
    }
    Ok(text.replace(from, with))
}

fn too_long() -> Error {
    Error::new(
        ErrorKind::InvalidOperation,
        "the result is longer than a cell may be",
    )
}

/// Refuses a text that is too long, and `*` and `**` outside of texts. Amounts are exact decimals, which the language sees as
/// texts, and `'1.50' * 2` repeats a text: `1.501.50`.
pub(super) fn check(text: &str) -> Result<(), ExpressionError> {
    if text.len() > limits::EXPRESSION_BYTES {
        let most = limits::EXPRESSION_BYTES;
        return Err(ExpressionError(format!(
            "an expression has at most {most} bytes"
        )));
    }
    let mut quote = None;
    let mut signs = text.chars();
    while let Some(sign) = signs.next() {
        match (quote, sign) {
            (Some(_), '\\') => drop(signs.next()),
            (Some(open), sign) if sign == open => quote = None,
            (None, '\'' | '"') => quote = Some(sign),
            (None, '*') => {
                let words = "“*” would repeat a text; where exact numbers are multiplied, mul(a, b) does it";
                return Err(ExpressionError(words.to_owned()));
            }
            _ => {}
        }
    }
    Ok(())
}

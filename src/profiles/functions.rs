//! What expressions of profiles can do beside the plain language.
//!
//! Numbers are exact decimals written as text, as everywhere in the order; dates are
//! `YYYY-MM-DD`. Functions are pure: two runs over the same bytes give the same orders.

use std::sync::LazyLock;

use minijinja::{Environment, Error, ErrorKind, State, Value};
use rust_decimal::Decimal;

use super::values::{self, DatePattern, Dates, DecimalSign, Numbers};
use crate::expression;
use crate::limits;
use crate::order::parse_decimal;

static LANGUAGE: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut language = expression::environment();
    language.add_function("date", date);
    language.add_function("format_date", format_date);
    language.add_function("number", number);
    language.add_function("concat", concat);
    language.add_function("first", first);
    language.add_function("upper", |text: String| text.to_uppercase());
    language.add_function("lower", |text: String| text.to_lowercase());
    language.add_function("trim", |text: String| text.trim().to_owned());
    language.add_function("replace", |text: &str, from: &str, to: &str| {
        expression::replaced(text, from, to)
    });
    language.add_function("substr", substr);
    language.add_filter("substr", substr);
    language.add_function("pad", pad);
    language.add_filter("pad", pad);
    language.add_function("lookup", lookup);
    language.add_function("sum", sum);
    language.add_function("add", |a: Value, b: Value| {
        calc(&a, &b, Decimal::checked_add)
    });
    language.add_function("sub", |a: Value, b: Value| {
        calc(&a, &b, Decimal::checked_sub)
    });
    language.add_function("mul", |a: Value, b: Value| {
        calc(&a, &b, Decimal::checked_mul)
    });
    language.add_function("div", |a: Value, b: Value| {
        calc(&a, &b, Decimal::checked_div)
    });
    language.add_function("round", round);
    language
});

/// The environment in which profiles' expressions are compiled.
pub(crate) fn language() -> &'static Environment<'static> {
    &LANGUAGE
}

/// Whether `name` is a function or other global of the language.
pub(crate) fn is_known(name: &str) -> bool {
    LANGUAGE.globals().any(|(known, _)| known == name)
}

/// The name under which the look-up tables stand in the context.
pub(crate) const TABLES: &str = "__tables";

fn wrong(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidOperation, message.into())
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the signature map_err asks for"
)]
fn fault(fault: values::ValueFault) -> Error {
    wrong(format!("{} Expected {}.", fault.message, fault.expected))
}

/// `date("03.04.2026", "DD.MM.YYYY", …)`: the day in canonical form; nothing stays nothing.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the signature minijinja asks for"
)]
fn date(text: String, patterns: minijinja::value::Rest<String>) -> Result<String, Error> {
    if text.trim().is_empty() {
        return Ok(String::new());
    }
    let patterns = patterns
        .iter()
        .map(|pattern| {
            DatePattern::parse(pattern)
                .ok_or_else(|| wrong(format!("“{pattern}” is no date pattern")))
        })
        .collect::<Result<Vec<_>, _>>()?;
    let day = values::parse_date(&text, &Dates { patterns }).map_err(fault)?;
    Ok(day.to_string())
}

/// `format_date("2026-04-03", "DD.MM.YY")`.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the signature minijinja asks for"
)]
fn format_date(text: String, pattern: String) -> Result<String, Error> {
    if text.is_empty() {
        return Ok(text);
    }
    let day: jiff::civil::Date = text
        .parse()
        .map_err(|_| wrong(format!("“{text}” is no date in canonical form")))?;
    let (year, month, date) = (day.year(), day.month(), day.day());
    Ok(pattern
        .replace("YYYY", &format!("{year:04}"))
        .replace("YY", &format!("{:02}", year.rem_euclid(100)))
        .replace("MM", &format!("{month:02}"))
        .replace("DD", &format!("{date:02}")))
}

/// `number("1.234,50", "comma")`: the number in canonical form.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the signature minijinja asks for"
)]
fn number(text: String, sign: Option<String>) -> Result<String, Error> {
    if text.trim().is_empty() {
        return Ok(String::new());
    }
    let decimal = match sign.as_deref() {
        None | Some("point") => DecimalSign::Point,
        Some("comma") => DecimalSign::Comma,
        Some(other) => return Err(wrong(format!("“{other}” is neither point nor comma"))),
    };
    let number = values::parse_number(&text, &Numbers { decimal }).map_err(fault)?;
    Ok(number.to_string())
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the signature minijinja asks for"
)]
fn concat(parts: minijinja::value::Rest<Value>) -> String {
    parts.iter().map(ToString::to_string).collect()
}

/// The first that is not empty.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the signature minijinja asks for"
)]
fn first(parts: minijinja::value::Rest<Value>) -> String {
    let mut texts = parts.iter().map(ToString::to_string);
    texts
        .find(|text| !text.trim().is_empty())
        .unwrap_or_default()
}

/// `substr(text, 2, 4)`: four characters from the third on.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the signature minijinja asks for"
)]
fn substr(text: String, from: usize, count: Option<usize>) -> String {
    text.chars()
        .skip(from)
        .take(count.unwrap_or(usize::MAX))
        .collect()
}

/// `pad("7", 3)` is `007`; another sign may be given.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the signature minijinja asks for"
)]
fn pad(text: String, width: usize, sign: Option<char>) -> Result<String, Error> {
    if width > limits::EXCERPT_CHARS * 10 {
        return Err(wrong("a text is padded to 400 signs at most"));
    }
    let missing = width.saturating_sub(text.chars().count());
    let mut padded: String = std::iter::repeat_n(sign.unwrap_or('0'), missing).collect();
    padded.push_str(&text);
    Ok(padded)
}

/// `lookup("units", text, default)`; without a default an unknown text is a problem.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the signature minijinja asks for"
)]
fn lookup(
    state: &State<'_, '_>,
    table: String,
    key: String,
    default: Option<String>,
) -> Result<String, Error> {
    let tables = state.lookup(TABLES).unwrap_or_default();
    let rows = tables.get_attr(&table)?;
    if rows.is_undefined() {
        return Err(wrong(format!("there is no table “{table}”")));
    }
    let found = rows.get_attr(key.trim().to_lowercase().as_str())?;
    match (found.as_str(), default) {
        (Some(text), _) => Ok(text.to_owned()),
        (None, Some(default)) => Ok(default),
        (None, None) => Err(wrong(format!("“{key}” is not in the table “{table}”"))),
    }
}

fn decimal(value: &Value) -> Result<Decimal, Error> {
    let text = value.to_string();
    match text.trim() {
        "" => Ok(Decimal::ZERO),
        text => parse_decimal(text).ok_or_else(|| wrong(format!("“{text}” is no number"))),
    }
}

/// `sum(lines, "quantity")`: exact; what is not there counts nothing.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the signature minijinja asks for"
)]
fn sum(list: Value, attribute: String) -> Result<String, Error> {
    let mut total = Decimal::ZERO;
    for item in list.try_iter()? {
        let value = item.get_attr(&attribute)?;
        if !value.is_undefined() && !value.is_none() {
            total = total
                .checked_add(decimal(&value)?)
                .ok_or_else(|| wrong("the sum is too large"))?;
        }
    }
    Ok(total.normalize().to_string())
}

fn calc(
    a: &Value,
    b: &Value,
    operation: fn(Decimal, Decimal) -> Option<Decimal>,
) -> Result<String, Error> {
    let result = operation(decimal(a)?, decimal(b)?);
    let result = result.ok_or_else(|| wrong("the result is no number that can be held"))?;
    Ok(result.normalize().to_string())
}

/// `round(number, 2)`, half away from zero as invoices do.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the signature minijinja asks for"
)]
fn round(value: Value, digits: Option<u32>) -> Result<String, Error> {
    let strategy = rust_decimal::RoundingStrategy::MidpointAwayFromZero;
    let rounded = decimal(&value)?.round_dp_with_strategy(digits.unwrap_or(0), strategy);
    Ok(rounded.to_string())
}

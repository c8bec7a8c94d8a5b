//! From a text to a value of a field's type, or the reason why not.

use super::eval::Raw;
use super::model::Field;
use super::target::{FieldType, Typed};
use super::values::{self, DecimalSign, Numbers, ValueFault};
use crate::formats::{Cell, CellKind};
use crate::order::{country_code, is_country, is_currency, is_unit, package_code, unit_code};

/// The value of `raw` for `field`.
///
/// # Errors
/// What is wrong with it, for the sender.
pub(crate) fn convert(raw: &Raw<'_>, field: &Field) -> Result<Typed, ValueFault> {
    usable(raw, field.ty)?;
    let text = values::trimmed(&raw.text);
    Ok(match field.ty {
        FieldType::Text | FieldType::Milestone => Typed::Text(text.to_owned()),
        FieldType::Id => {
            let cell = Cell {
                text: &raw.text,
                kind: raw.kind,
            };
            Typed::Text(values::id_text(&cell)?.into_owned())
        }
        FieldType::Number => Typed::Number(values::parse_number(text, &numbers(raw, field))?),
        FieldType::Count => count(text, numbers(raw, field))?,
        FieldType::Date if raw.canonical || raw.kind == CellKind::Date => {
            Typed::Date(values::parse_date(text, &values::Dates::default())?)
        }
        FieldType::Date => Typed::Date(values::parse_date(text, &field.dates)?),
        FieldType::Time => Typed::Time(values::parse_time(text)?),
        FieldType::Flag => Typed::Flag(flag(text)?),
        FieldType::Country => Typed::Text(country(text)?),
        FieldType::Currency => Typed::Text(currency(text)?),
        FieldType::Unit => Typed::Text(unit(text)?),
        FieldType::Package => Typed::Text(package(text)?),
        FieldType::Kind => Typed::Kind(word(
            text,
            "value.kind",
            "a kind of order such as purchase",
        )?),
        FieldType::Action => Typed::Action(word(text, "value.action", "create, update or cancel")?),
    })
}

/// Cells whose value the file does not really hold.
fn usable(raw: &Raw<'_>, ty: FieldType) -> Result<(), ValueFault> {
    match raw.kind {
        CellKind::Error => Err(fault(
            "cell.error",
            "The cell shows an error instead of a value.",
            "a value",
            "Correct the formula, or replace it by its value.",
        )),
        CellKind::Uncached => Err(fault(
            "cell.uncached",
            "The cell holds a formula whose result is not in the file.",
            "a value",
            "Open the file in the spreadsheet program and save it again, or replace formulas by values.",
        )),
        CellKind::Imprecise if ty != FieldType::Number => Err(fault(
            "cell.imprecise",
            "The number is so long that the spreadsheet has already lost digits of it.",
            "text",
            "Format the column as text, then enter the number again.",
        )),
        _ => Ok(()),
    }
}

fn fault(code: &'static str, message: &str, expected: &str, hint: &str) -> ValueFault {
    ValueFault {
        code,
        message: message.to_owned(),
        expected: expected.to_owned(),
        hint: (!hint.is_empty()).then(|| hint.to_owned()),
    }
}

/// A sheet's own numbers, constants and expressions have a point, whatever the texts have.
fn numbers(raw: &Raw<'_>, field: &Field) -> Numbers {
    match raw.kind {
        CellKind::Number | CellKind::Imprecise => Numbers {
            decimal: DecimalSign::Point,
        },
        _ if raw.canonical => Numbers {
            decimal: DecimalSign::Point,
        },
        _ => field.numbers,
    }
}

fn count(text: &str, numbers: Numbers) -> Result<Typed, ValueFault> {
    let number = values::parse_number(text, &numbers)?;
    let whole = number.normalize().to_string().parse().map_err(|_| {
        fault(
            "value.count",
            "This is no whole number.",
            "a whole number that is not negative",
            "",
        )
    })?;
    Ok(Typed::Count(whole))
}

fn flag(text: &str) -> Result<bool, ValueFault> {
    match text.to_lowercase().as_str() {
        "true" | "yes" | "y" | "1" | "x" | "ja" | "j" | "oui" | "o" => Ok(true),
        "false" | "no" | "n" | "0" | "nein" | "nee" | "non" | "nej" => Ok(false),
        _ => Err(fault(
            "value.flag",
            "This is neither yes nor no.",
            "yes or no",
            "",
        )),
    }
}

pub(super) fn country(text: &str) -> Result<String, ValueFault> {
    if let Some(code) = country_code(text) {
        return Ok(code.to_owned());
    }
    let upper = text.to_uppercase();
    if is_country(&upper) {
        return Ok(upper);
    }
    Err(fault(
        "value.country",
        "This country is not known.",
        "an ISO 3166 code such as NL, or the country's name",
        "",
    ))
}

pub(super) fn currency(text: &str) -> Result<String, ValueFault> {
    let upper = text.to_uppercase();
    if is_currency(&upper) {
        return Ok(upper);
    }
    let expected = "an ISO 4217 code such as EUR";
    Err(fault(
        "value.currency",
        "This currency is not known.",
        expected,
        "",
    ))
}

fn unit(text: &str) -> Result<String, ValueFault> {
    if let Some(code) = unit_code(text) {
        return Ok(code.to_owned());
    }
    if is_unit(text) {
        return Ok(text.to_owned());
    }
    let expected = "a UN/ECE Rec 20 code such as C62, or a common name";
    let hint = "Write one of these, or have your own units translated for your files.";
    Err(fault(
        "value.unit",
        "This unit is not known.",
        expected,
        hint,
    ))
}

fn package(text: &str) -> Result<String, ValueFault> {
    if let Some(code) = package_code(text) {
        return Ok(code.to_owned());
    }
    let code = |c: u8| c.is_ascii_uppercase() || c.is_ascii_digit();
    if text.len() == 2 && text.bytes().all(code) {
        return Ok(text.to_owned());
    }
    let expected = "a UN/ECE Rec 21 code such as CT, or a common name";
    Err(fault(
        "value.package",
        "This kind of package is not known.",
        expected,
        "",
    ))
}

fn word<T: serde::de::DeserializeOwned>(
    text: &str,
    code: &'static str,
    expected: &str,
) -> Result<T, ValueFault> {
    serde_json::from_value(serde_json::Value::String(text.to_lowercase()))
        .map_err(|_| fault(code, "This word is not known here.", expected, ""))
}

//! Functions on numbers: exact decimals, never floating point.

use rust_decimal::Decimal;

use super::super::values::{self, DecimalSign, Numbers};
use super::{Args, Tools, decimal};

type Text = Result<String, String>;

/// `number("1.234,50", "comma")`: the number in canonical form; nothing stays nothing.
pub(super) fn number(args: &Args<'_, '_>, _: &Tools<'_>) -> Text {
    if args.get(0).trim().is_empty() {
        return Ok(String::new());
    }
    let decimal = match args.get(1) {
        "" | "point" => DecimalSign::Point,
        "comma" => DecimalSign::Comma,
        other => return Err(format!("“{other}” is neither point nor comma")),
    };
    values::parse_number(args.get(0), &Numbers { decimal })
        .map(|number| number.to_string())
        .map_err(|fault| format!("{} Expected {}.", fault.message, fault.expected))
}

pub(super) fn add(args: &Args<'_, '_>, _: &Tools<'_>) -> Text {
    calc(args, Decimal::checked_add)
}

pub(super) fn sub(args: &Args<'_, '_>, _: &Tools<'_>) -> Text {
    calc(args, Decimal::checked_sub)
}

pub(super) fn mul(args: &Args<'_, '_>, _: &Tools<'_>) -> Text {
    calc(args, Decimal::checked_mul)
}

pub(super) fn div(args: &Args<'_, '_>, _: &Tools<'_>) -> Text {
    calc(args, Decimal::checked_div)
}

fn calc(args: &Args<'_, '_>, operation: fn(Decimal, Decimal) -> Option<Decimal>) -> Text {
    let result = operation(decimal(args.get(0))?, decimal(args.get(1))?);
    let result = result.ok_or("the result is no number that can be held")?;
    Ok(result.normalize().to_string())
}

/// `round(number, 2)`, half away from zero as invoices do.
pub(super) fn round(args: &Args<'_, '_>, _: &Tools<'_>) -> Text {
    let strategy = rust_decimal::RoundingStrategy::MidpointAwayFromZero;
    let digits = if args.has(1) { args.count(1)? } else { 0 };
    let digits = u32::try_from(digits).unwrap_or(u32::MAX);
    let rounded = decimal(args.get(0))?.round_dp_with_strategy(digits, strategy);
    Ok(rounded.to_string())
}

//! Functions on days and times.

use super::super::values::{self, DatePattern, Dates};
use super::{Args, Tools};

type Text = Result<String, String>;

/// `date("03.04.2026", "DD.MM.YYYY", …)`: the day in canonical form, by the first pattern that
/// fits; nothing stays nothing.
pub(super) fn date(args: &Args<'_, '_>, _: &Tools<'_>) -> Text {
    if args.get(0).trim().is_empty() {
        return Ok(String::new());
    }
    let patterns = args.0.iter().skip(1);
    let patterns = patterns
        .map(|pattern| {
            DatePattern::parse(pattern).ok_or_else(|| format!("“{pattern}” is no date pattern"))
        })
        .collect::<Result<Vec<_>, _>>()?;
    values::parse_date(args.get(0), &Dates { patterns })
        .map(|day| day.to_string())
        .map_err(|fault| format!("{} Expected {}.", fault.message, fault.expected))
}

/// `format_date("2026-04-03", "DD.MM.YY")`.
pub(super) fn format_date(args: &Args<'_, '_>, _: &Tools<'_>) -> Text {
    if args.get(0).is_empty() {
        return Ok(String::new());
    }
    let day = day(args)?;
    let (year, month, date) = (day.year(), day.month(), day.day());
    let pattern = args.get(1);
    Ok(pattern
        .replace("YYYY", &format!("{year:04}"))
        .replace("YY", &format!("{:02}", year.rem_euclid(100)))
        .replace("MM", &format!("{month:02}"))
        .replace("DD", &format!("{date:02}")))
}

/// `add_days("2026-12-31", 1)`; fewer with a negative number.
pub(super) fn add_days(args: &Args<'_, '_>, _: &Tools<'_>) -> Text {
    if args.get(0).is_empty() {
        return Ok(String::new());
    }
    let days: i32 = args
        .get(1)
        .parse()
        .map_err(|_| format!("“{}” is no number of days", args.get(1)))?;
    day(args)?
        .checked_add(
            jiff::Span::new()
                .try_days(days)
                .map_err(|error| error.to_string())?,
        )
        .map(|day| day.to_string())
        .map_err(|_| "there is no such day".to_owned())
}

/// `time("9.30 Uhr")` is `09:30`.
pub(super) fn time(args: &Args<'_, '_>, _: &Tools<'_>) -> Text {
    if args.get(0).trim().is_empty() {
        return Ok(String::new());
    }
    values::parse_time(args.get(0))
        .map(|time| time.to_string())
        .map_err(|fault| format!("{} Expected {}.", fault.message, fault.expected))
}

fn day(args: &Args<'_, '_>) -> Result<jiff::civil::Date, String> {
    let text = args.get(0);
    text.parse()
        .map_err(|_| format!("“{text}” is no date in canonical form"))
}

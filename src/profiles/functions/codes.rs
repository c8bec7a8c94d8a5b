//! Functions on codes: the profile's own tables, and the lists that everybody shares.

use super::super::codes::CodeTable;
use super::{Args, Tools};
use crate::order::{country_code, is_country, is_currency, is_unit, package_code, unit_code};

type Text = Result<String, String>;

/// `lookup("units", text, default)`; without a default an unknown text is a problem.
pub(super) fn lookup(args: &Args<'_, '_>, tools: &Tools<'_>) -> Text {
    found(args, table(args, tools)?.there(args.get(1)))
}

/// `lookup_back("units", code)`: the other way round, our word for theirs.
pub(super) fn lookup_back(args: &Args<'_, '_>, tools: &Tools<'_>) -> Text {
    found(args, table(args, tools)?.back(args.get(1)))
}

fn table<'t>(args: &Args<'_, '_>, tools: &Tools<'t>) -> Result<&'t CodeTable, String> {
    let name = args.get(0);
    let table = tools.tables.get(name);
    table.ok_or_else(|| format!("there is no table “{name}”"))
}

fn found(args: &Args<'_, '_>, found: Option<&str>) -> Text {
    match found {
        Some(text) => Ok(text.to_owned()),
        None if args.has(2) => Ok(args.get(2).to_owned()),
        None if args.get(1).trim().is_empty() => Ok(String::new()),
        None => Err(format!(
            "“{}” is not in the table “{}”",
            args.get(1),
            args.get(0)
        )),
    }
}

/// `country("Pays-Bas")` is `NL`.
pub(super) fn country(args: &Args<'_, '_>, _: &Tools<'_>) -> Text {
    let upper = args.get(0).trim().to_uppercase();
    let code = country_code(args.get(0)).or_else(|| is_country(&upper).then_some(upper.as_str()));
    code_of(args, code, "country")
}

/// `currency("eur")` is `EUR`, and so is `currency("€")`.
pub(super) fn currency(args: &Args<'_, '_>, _: &Tools<'_>) -> Text {
    let upper = match args.get(0).trim() {
        "€" | "Euro" | "euro" => "EUR".to_owned(),
        "£" => "GBP".to_owned(),
        other => other.to_uppercase(),
    };
    code_of(
        args,
        is_currency(&upper).then_some(upper.as_str()),
        "currency",
    )
}

/// `unit("Stück")` is `H87`, by UN/ECE Recommendation 20.
pub(super) fn unit(args: &Args<'_, '_>, _: &Tools<'_>) -> Text {
    let text = args.get(0).trim();
    let code = unit_code(text).or_else(|| is_unit(text).then_some(text));
    code_of(args, code, "unit")
}

/// `package("Karton")` is `CT`, by UN/ECE Recommendation 21.
pub(super) fn package(args: &Args<'_, '_>, _: &Tools<'_>) -> Text {
    code_of(args, package_code(args.get(0)), "kind of package")
}

fn code_of(args: &Args<'_, '_>, code: Option<&str>, what: &str) -> Text {
    match code {
        Some(code) => Ok(code.to_owned()),
        None if args.has(1) => Ok(args.get(1).to_owned()),
        None if args.get(0).trim().is_empty() => Ok(String::new()),
        None => Err(format!("“{}” is no {what} that is known", args.get(0))),
    }
}

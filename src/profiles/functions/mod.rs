//! What expressions of profiles can do beside the plain language.
//!
//! Every function takes texts and gives a text. Numbers are exact decimals written as text, as
//! everywhere in the order; dates are `YYYY-MM-DD`; “yes” is `true` and “no” is nothing. Functions
//! are pure: two runs over the same bytes give the same orders. Each is written once and called by
//! both evaluators: the expression engine, and [`super::calls`] for what needs no engine.

mod codes;
mod dates;
mod numbers;
mod texts;

use std::borrow::Cow;
use std::sync::LazyLock;

use minijinja::value::Rest;
use minijinja::{Environment, Error, ErrorKind, State, Value};
use rust_decimal::Decimal;

use super::codes::CodeTables;
use crate::expression;
use crate::order::parse_decimal;

/// What a function gives.
pub(crate) type Given<'a> = Result<Cow<'a, str>, String>;

/// The arguments of a call.
pub(crate) struct Args<'a, 'c>(pub(crate) &'c [Cow<'a, str>]);

impl Args<'_, '_> {
    /// One of them; empty where it was left out.
    fn get(&self, index: usize) -> &str {
        self.0.get(index).map_or("", |text| text)
    }

    fn has(&self, index: usize) -> bool {
        self.0.len() > index
    }

    /// A whole number that is not negative.
    fn count(&self, index: usize) -> Result<usize, String> {
        let text = self.get(index);
        text.parse()
            .map_err(|_| format!("“{text}” is no whole number"))
    }
}

/// What functions can see beside their arguments.
pub(crate) struct Tools<'t> {
    /// The look-up tables of the profile.
    pub(crate) tables: &'t CodeTables,
}

/// One function.
pub(crate) struct Function {
    /// What expressions call it.
    pub(crate) name: &'static str,
    /// Fewest and most arguments.
    takes: (usize, usize),
    run: for<'a, 'c> fn(Args<'a, 'c>, &Tools<'_>) -> Result<String, String>,
}

impl Function {
    /// Calls it.
    ///
    /// # Errors
    /// What is wrong with the arguments.
    pub(crate) fn call<'a>(&self, args: &[Cow<'_, str>], tools: &Tools<'_>) -> Given<'a> {
        self.fits(args.len())?;
        (self.run)(Args(args), tools).map(Cow::Owned)
    }

    /// Whether it takes so many arguments.
    pub(crate) fn fits(&self, count: usize) -> Result<(), String> {
        let (least, most) = self.takes;
        if (least..=most).contains(&count) {
            return Ok(());
        }
        let wanted = match (least, most) {
            (least, most) if least == most => least.to_string(),
            (least, usize::MAX) => format!("at least {least}"),
            (least, most) => format!("{least} to {most}"),
        };
        Err(format!(
            "{}() takes {wanted} values, not {count}",
            self.name
        ))
    }
}

macro_rules! functions {
    ($($name:literal $least:literal..$most:expr => $run:path;)*) => {
        &[$(Function { name: $name, takes: ($least, $most), run: |args, tools| $run(&args, tools) }),*]
    };
}

const MANY: usize = usize::MAX;

/// All functions, by name.
pub(crate) static FUNCTIONS: &[Function] = functions! {
    "add" 2..2 => numbers::add;
    "add_days" 2..2 => dates::add_days;
    "after" 2..2 => texts::after;
    "before" 2..2 => texts::before;
    "choose" 2..3 => texts::choose;
    "concat" 1..MANY => texts::concat;
    "contains" 2..2 => texts::contains;
    "country" 1..2 => codes::country;
    "currency" 1..2 => codes::currency;
    "date" 1..MANY => dates::date;
    "default" 2..2 => texts::first;
    "digits" 1..1 => texts::digits;
    "div" 2..2 => numbers::div;
    "first" 1..MANY => texts::first;
    "format_date" 2..2 => dates::format_date;
    "join" 2..MANY => texts::join;
    "lookup" 2..3 => codes::lookup;
    "lookup_back" 2..3 => codes::lookup_back;
    "lower" 1..1 => texts::lower;
    "matches" 2..2 => texts::matches;
    "mul" 2..2 => numbers::mul;
    "number" 1..2 => numbers::number;
    "package" 1..2 => codes::package;
    "pad" 2..3 => texts::pad;
    "pad_right" 2..3 => texts::pad_right;
    "regex" 2..3 => texts::regex;
    "regex_replace" 3..3 => texts::regex_replace;
    "replace" 3..3 => texts::replace;
    "round" 1..2 => numbers::round;
    "split" 3..3 => texts::split;
    "sub" 2..2 => numbers::sub;
    "substr" 2..3 => texts::substr;
    "time" 1..1 => dates::time;
    "title" 1..1 => texts::title;
    "trim" 1..2 => texts::trim;
    "unit" 1..2 => codes::unit;
    "upper" 1..1 => texts::upper;
};

/// The function of this name.
pub(crate) fn find(name: &str) -> Option<&'static Function> {
    FUNCTIONS
        .binary_search_by(|function| function.name.cmp(name))
        .ok()
        .and_then(|index| FUNCTIONS.get(index))
}

static LANGUAGE: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut language = expression::environment();
    for function in FUNCTIONS {
        language.add_function(
            function.name,
            move |state: &State<'_, '_>, args: Rest<Value>| call(function, state, &args),
        );
        // What the plain language calls a filter already, stays what it is: `lines | first`.
        let plain = ["default", "first", "join", "round", "split"].contains(&function.name);
        if !plain {
            language.add_filter(
                function.name,
                move |state: &State<'_, '_>, args: Rest<Value>| call(function, state, &args),
            );
        }
    }
    language.add_function("sum", sum);
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

fn call(function: &Function, state: &State<'_, '_>, args: &[Value]) -> Result<String, Error> {
    let texts: Vec<Cow<'_, str>> = args.iter().map(text).collect();
    let tables = state.lookup(TABLES).unwrap_or_default();
    let none = CodeTables::default();
    let tools = Tools {
        tables: tables.downcast_object_ref().unwrap_or(&none),
    };
    function
        .call(&texts, &tools)
        .map(Cow::into_owned)
        .map_err(wrong)
}

/// A value as functions see it: no value is an empty text, and so is “no”.
fn text(value: &Value) -> Cow<'_, str> {
    if value.is_none() || value.is_undefined() {
        return Cow::Borrowed("");
    }
    match value.as_str() {
        Some(text) => Cow::Borrowed(text),
        None if value.kind() == minijinja::value::ValueKind::Bool && !value.is_true() => {
            Cow::Borrowed("")
        }
        None => Cow::Owned(value.to_string()),
    }
}

fn wrong(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidOperation, message.into())
}

/// “Yes” or “no” as a text.
fn yes(is: bool) -> String {
    if is { "true".to_owned() } else { String::new() }
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
            let number = decimal(&text(&value)).map_err(wrong)?;
            total = total
                .checked_add(number)
                .ok_or_else(|| wrong("the sum is too large"))?;
        }
    }
    Ok(total.normalize().to_string())
}

fn decimal(text: &str) -> Result<Decimal, String> {
    match text.trim() {
        "" => Ok(Decimal::ZERO),
        text => parse_decimal(text).ok_or_else(|| format!("“{text}” is no number")),
    }
}

#[cfg(test)]
mod tests {
    use super::FUNCTIONS;

    #[test]
    fn functions_stand_in_order() {
        assert!(FUNCTIONS.is_sorted_by(|a, b| a.name < b.name));
    }
}

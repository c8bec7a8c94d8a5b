//! What is required (450) and how it is written (451), over a tree of texts. All that is missing is
//! told before anything that is badly written.

use serde_json::Value;

use super::words::Refusal;

/// What a value must look like.
#[derive(Debug, Clone, Copy)]
pub(super) enum Shape {
    Text,
    Int,
    Decimal,
    Bool,
    Date,
    OneOf(&'static [&'static str]),
}

/// Collects findings.
#[derive(Debug, Default)]
pub(super) struct Check {
    missing: Vec<String>,
    wrong: Vec<String>,
}

impl Check {
    /// A value under `key` of `object`, shown as `name`; absent, it is only missed if required.
    pub(super) fn value(
        &mut self,
        object: &Value,
        prefix: &str,
        (key, shape, required): (&str, Shape, bool),
    ) {
        let name = name(prefix, key);
        match object.get(key) {
            Some(Value::String(text)) if !text.is_empty() => {
                if let Err(expected) = shape.fits(text) {
                    self.wrong(format!("The parameter {name} must be {expected}."));
                }
            }
            None | Some(Value::String(_)) if required => self.missing(&name),
            None | Some(Value::String(_)) => {}
            Some(_) => self.wrong(format!("The parameter {name} must be a single value.")),
        }
    }

    /// A list under `key`; required ones must not be empty.
    pub(super) fn list<'a>(
        &mut self,
        object: &'a Value,
        prefix: &str,
        key: &str,
        required: bool,
    ) -> &'a [Value] {
        let name = name(prefix, key);
        match object.get(key) {
            Some(Value::Array(list)) => return list,
            None if required => self.missing(&name),
            Some(Value::String(text)) if text.is_empty() && required => self.missing(&name),
            None => {}
            Some(Value::String(text)) if text.is_empty() => {}
            Some(_) => self.wrong(format!("The parameter {name} must be a list.")),
        }
        &[]
    }

    pub(super) fn missing(&mut self, name: &str) {
        self.missing
            .push(format!("The parameter {name} is required."));
    }

    pub(super) fn wrong(&mut self, message: String) {
        self.wrong.push(message);
    }

    /// 450 before 451.
    pub(super) fn end(self) -> Result<(), Refusal> {
        if !self.missing.is_empty() {
            Err(Refusal::new(450, self.missing))
        } else if !self.wrong.is_empty() {
            Err(Refusal::new(451, self.wrong))
        } else {
            Ok(())
        }
    }
}

fn name(prefix: &str, key: &str) -> String {
    if prefix.is_empty() {
        key.to_owned()
    } else {
        format!("{prefix}[{key}]")
    }
}

impl Shape {
    fn fits(self, text: &str) -> Result<(), String> {
        let (fine, expected) = match self {
            Self::Text => (true, String::new()),
            Self::Int => (text.parse::<i64>().is_ok(), "a whole number".to_owned()),
            Self::Decimal => (is_decimal(text), "a number like 2.1".to_owned()),
            Self::Bool => {
                let fine = ["0", "1", "true", "false"].contains(&text);
                (fine, "0 or 1".to_owned())
            }
            Self::Date => {
                let date: Result<jiff::civil::Date, _> = text.parse();
                (
                    date.is_ok() && text.len() == 10,
                    "a date like 2026-03-02".to_owned(),
                )
            }
            Self::OneOf(allowed) => (
                allowed.contains(&text),
                format!("one of {}", allowed.join(", ")),
            ),
        };
        if fine { Ok(()) } else { Err(expected) }
    }
}

fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, rest) = digits.split_once('.').unwrap_or((digits, "0"));
    let number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    number(whole) && number(rest)
}

/// A number of a tree that was checked.
pub(super) fn decimal(value: Option<&Value>) -> rust_decimal::Decimal {
    let text = value.and_then(Value::as_str);
    text.and_then(|text| text.parse().ok()).unwrap_or_default()
}

/// As a JSON number, for sums that the partner gives back.
pub(super) fn number(value: rust_decimal::Decimal) -> Value {
    let text = value.normalize().to_string();
    serde_json::from_str(&text).unwrap_or_default()
}

/// Whether a flag is set; `None` where it is not given.
pub(super) fn flag(object: &Value, key: &str) -> Option<bool> {
    match object.get(key)?.as_str()? {
        "" => None,
        text => Some(text == "1" || text == "true"),
    }
}

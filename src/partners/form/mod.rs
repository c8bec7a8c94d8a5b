//! An order written as a partner's own form: each field with where it comes from, and what is
//! wrong with it.
//!
//! One pass does both, filling in and checking, so that what is checked before the first call is
//! what is sent. Pure. A [`Problem`] stands at the canonical path of its field, as those of the
//! order's own validation do; the flow knows the row. A destination may take a field from
//! elsewhere by an expression over the order ([`Fields`]): the checks see what it yields.

use std::collections::BTreeMap;

use minijinja::Value;
use minijinja::value::Serde;

use crate::expression::Expression;
use crate::order::Order;
use crate::problem::{Place, Problem};

pub(super) mod template;
#[cfg(test)]
mod tests;

pub(super) use crate::writers::shortest;
pub use template::{BodyForm, Escape};

/// The fields that a destination takes from elsewhere: the partner's name of the field, and an
/// expression over `order`. Only fields that stand once in an order.
#[derive(Debug, Default)]
pub(super) struct Fields(BTreeMap<String, Expression>);

impl Fields {
    /// Compiles the expressions of the fields in `texts`; `known` are those the form has.
    ///
    /// # Errors
    /// The first that is wrong, in words for the operator.
    pub(super) fn compile(
        texts: &BTreeMap<String, String>,
        known: &[&[&str]],
    ) -> Result<Self, String> {
        let mut fields = BTreeMap::new();
        for (name, text) in texts {
            if !known.iter().any(|fields| fields.contains(&name.as_str())) {
                return Err(format!(
                    "fields: “{name}” is no field of it that stands once; there are {}",
                    known.concat().join(", ")
                ));
            }
            let compiled = Expression::compile(text);
            let compiled = compiled.map_err(|error| format!("fields: {name}: {error}"))?;
            fields.insert(name.clone(), compiled);
        }
        Ok(Self(fields))
    }
}

/// A field of the form: what the partner calls it, where the order has it, and what it is in words
/// ("the container's loading state").
#[derive(Debug, Clone, Copy)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) from: &'static str,
    pub(super) what: &'static str,
}

/// A form being filled in.
pub(super) struct Form<'a> {
    /// How messages call the partner.
    partner: &'static str,
    order: &'a Order,
    fields: &'a Fields,
    problems: Vec<Problem>,
}

impl<'a> Form<'a> {
    pub(super) fn new(partner: &'static str, order: &'a Order, fields: &'a Fields) -> Self {
        Self {
            partner,
            order,
            fields,
            problems: Vec::new(),
        }
    }

    pub(super) fn order(&self) -> &'a Order {
        self.order
    }

    /// What was found wrong.
    pub(super) fn problems(self) -> Vec<Problem> {
        self.problems
    }

    /// The field's text: from the destination's expression, else `usual`.
    pub(super) fn may(&mut self, field: Field, usual: Option<&str>) -> Option<String> {
        let text = match self.fields.0.get(field.name) {
            None => usual.map(str::to_owned),
            Some(expression) => {
                let order = Value::from_pairs([("order", Value::from(Serde(self.order)))]);
                match expression.text(order) {
                    Ok(text) => Some(text),
                    Err(error) => {
                        self.wrong(
                            field.from,
                            Problem::error(
                                "destination.expression",
                                format!(
                                    "{} cannot be told {} from this order: {error}.",
                                    self.partner, field.what
                                ),
                            ),
                        );
                        // Said once: what it lacks is the expression's matter.
                        Some(String::from("?"))
                    }
                }
            }
        };
        text.map(|text| text.trim().to_owned())
            .filter(|text| !text.is_empty())
    }

    /// The same of a field that must be there.
    pub(super) fn need(&mut self, field: Field, usual: Option<&str>) -> String {
        self.may(field, usual).unwrap_or_else(|| {
            self.missing(field.from, field.what);
            String::new()
        })
    }

    /// A field that is one of some words, in upper case.
    pub(super) fn word(
        &mut self,
        field: Field,
        usual: Option<&str>,
        words: &[&str],
    ) -> Option<String> {
        let word = self.may(field, usual)?;
        self.known(field.from, field.what, &word, words)
    }

    /// `word` in upper case, if it is one of `words`.
    pub(super) fn known(
        &mut self,
        from: &str,
        what: &str,
        word: &str,
        words: &[&str],
    ) -> Option<String> {
        let upper = word.to_uppercase().replace([' ', '-'], "_");
        if words.contains(&upper.as_str()) {
            return Some(upper);
        }
        let problem = Problem::error(
            "destination.value",
            format!("{} does not know this value for {what}.", self.partner),
        );
        self.wrong(from, problem.with_value(word).expecting(words.join(", ")));
        None
    }

    /// Says that something is not there.
    pub(super) fn missing(&mut self, from: &str, what: &str) {
        let partner = self.partner;
        let problem = Problem::error(
            "destination.missing",
            format!("{partner} needs {what}, and this order has none."),
        );
        self.wrong(
            from,
            problem.with_hint("Fill it in and send the order again."),
        );
    }

    /// A value of a part of the order that must be there, such as of one of its packages.
    pub(super) fn part(&mut self, from: &str, what: &str, value: Option<String>) -> String {
        let value = value.filter(|value| !value.trim().is_empty());
        value.unwrap_or_else(|| {
            self.missing(from, what);
            String::new()
        })
    }

    /// Something else that is wrong, at the canonical path of its field.
    pub(super) fn wrong(&mut self, from: &str, problem: Problem) {
        if self.problems.len() < crate::limits::FORM_PROBLEMS {
            self.problems.push(problem.at(Place::path(from)));
        }
    }

    /// Something wrong in words of the connector's own.
    pub(super) fn refuse(&mut self, from: &str, code: &'static str, what: &str) {
        let message = format!("{} {what}", self.partner);
        self.wrong(from, Problem::error(code, message));
    }
}

/// A text that `key` alone determines, of `length` characters that every partner takes: capital
/// letters of base 32 without those that are mistaken for digits (RFC 4648, 6).
pub(super) fn derived(key: &str, length: usize) -> String {
    use sha2::{Digest, Sha256};
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let hash = Sha256::digest(key.as_bytes());
    let bit = |at: usize| -> usize {
        let byte = hash.get(at / 8).copied().unwrap_or_default();
        usize::from((byte >> (7 - at % 8)) & 1)
    };
    let letter = |n: usize| {
        let value = (0..5).fold(0, |value, i| value << 1 | bit(n * 5 + i));
        char::from(LETTERS.get(value).copied().unwrap_or(b'A'))
    };
    (0..length.min(51)).map(letter).collect()
}

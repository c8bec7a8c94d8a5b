//! What can be asked of a partner beside orders: how much is in stock, which terminals there are,
//! that an order's lines be locked. The third port of this family.
//!
//! An errand is run once, for a person or program that waits for its answer; it is never repeated by
//! itself and leaves no delivery. Whoever runs one that changes something records it first.

use std::collections::BTreeMap;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Outcome, Refusal};

/// The code of a refusal by ourselves: what was told cannot be asked.
const ARGUMENT: &str = "argument";

/// Something that a partner does when it is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Errand {
    /// Its name: `stock.read`.
    pub name: &'static str,
    /// What it does, in a sentence.
    pub about: &'static str,
    /// What it has to be told.
    pub takes: &'static [Argument],
    /// Whether something is another way afterwards.
    pub changes: bool,
}

/// Something that an errand is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Argument {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub about: &'static str,
    /// It must be told.
    pub needed: bool,
    /// It may be told more than once.
    pub many: bool,
}

impl Argument {
    /// One that must be told.
    #[must_use]
    pub const fn needed(name: &'static str, about: &'static str) -> Self {
        Self {
            name,
            about,
            needed: true,
            many: false,
        }
    }

    /// One that may be left out.
    #[must_use]
    pub const fn open(name: &'static str, about: &'static str) -> Self {
        Self {
            needed: false,
            ..Self::needed(name, about)
        }
    }

    /// The same, told as often as there are some.
    #[must_use]
    pub const fn many(self) -> Self {
        Self { many: true, ..self }
    }
}

/// What an errand is told: texts by name, in the order in which they were given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Arguments(pub BTreeMap<String, Vec<String>>);

impl Arguments {
    /// The one value of `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let first = self.0.get(name)?.first()?.trim();
        (!first.is_empty()).then_some(first)
    }

    /// All values of `name`.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.get(name).into_iter().flatten().map(String::as_str)
    }

    /// The value of one that [`Errand::objection`] has found to be there.
    #[must_use]
    pub fn text(&self, name: &str) -> String {
        self.get(name).unwrap_or_default().to_owned()
    }
}

impl Errand {
    /// What is wrong with what it is told, for the person who told it. Pure.
    #[must_use]
    pub fn objection(&self, told: &Arguments) -> Option<String> {
        let usage = || {
            let takes = self.takes.iter();
            let takes = takes.map(|one| shown(one.name, one.needed, one.many));
            format!(
                "{} takes {}",
                self.name,
                takes.collect::<Vec<_>>().join(" ")
            )
        };
        for (name, values) in &told.0 {
            let Some(known) = self.takes.iter().find(|one| one.name == name) else {
                let name = crate::problem::excerpt(name);
                return Some(format!("there is no argument “{name}”: {}", usage()));
            };
            if values.len() > 1 && !known.many {
                return Some(format!("“{name}” can be told once only: {}", usage()));
            }
        }
        let missing = |one: &&Argument| one.needed && told.get(one.name).is_none();
        let missing = self.takes.iter().find(missing)?;
        Some(format!(
            "“{}” is missing, {}: {}",
            missing.name,
            missing.about,
            usage()
        ))
    }
}

/// An argument as a command line has it: `[name=…]`, the brackets where it may be left out, the dots
/// where it may be told more than once.
#[must_use]
pub fn shown(name: &str, needed: bool, many: bool) -> String {
    let dots = if many { "…" } else { "" };
    if needed {
        format!("{name}={dots}")
    } else {
        format!("[{name}={dots}]")
    }
}

/// What was told cannot be asked: nothing was sent.
pub(in crate::partners) fn wrong(words: String) -> Outcome {
    Outcome::Refused(Refusal {
        code: ARGUMENT.to_owned(),
        words,
    })
}

/// Why there is no answer, in a sentence; `changes` as the errand says.
#[must_use]
pub fn words(outcome: Outcome, changes: bool) -> String {
    match outcome {
        Outcome::Refused(refusal) if refusal.code == ARGUMENT => refusal.words,
        Outcome::Refused(refusal) => format!("it refuses ({}): {}", refusal.code, refusal.words),
        Outcome::Unknown(failure) if changes => {
            format!("it may have done it or not, look there first: {failure}")
        }
        outcome => outcome.into_failure().to_string(),
    }
}

/// A partner that runs errands.
#[async_trait]
pub trait Errands: Send + Sync {
    /// What it can be asked. Pure.
    fn errands(&self) -> &'static [Errand];

    /// Asks once. `told` has passed [`Errand::objection`]; what it gives is the partner's own words,
    /// as JSON.
    ///
    /// # Errors
    /// What came instead, never [`Outcome::Accepted`].
    async fn run(&self, errand: &str, told: &Arguments) -> Result<Value, Outcome>;
}

#[cfg(test)]
mod tests;

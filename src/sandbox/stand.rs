//! The port behind which each partner stands: a state, and what a request does to it.

use std::sync::Arc;

use serde_json::Value;

use super::call::{Call, Outgoing, Reply};
use super::ids;
use super::settings::Settings;
use crate::clock::Millis;

/// What a stand knows of its surroundings while it answers one request.
#[derive(Debug, Clone)]
pub(super) struct House {
    /// The sandbox's own time.
    pub(super) now: Millis,
    pub(super) settings: Arc<Settings>,
    /// Scheme, host and path under which the partner is reached, without its base.
    pub(super) root: String,
}

impl House {
    /// The `number`-th id under `name`.
    pub(super) fn uuid(&self, name: &str, number: u64) -> String {
        ids::uuid(&self.settings.seed, name, number)
    }

    /// Whole seconds since 1970.
    pub(super) fn seconds(&self) -> i64 {
        self.now.0.div_euclid(1_000)
    }

    /// Milliseconds since 1970, `seconds` from now.
    pub(super) fn in_seconds(&self, seconds: u64) -> Millis {
        self.now.after(std::time::Duration::from_secs(seconds))
    }
}

/// What came of an action of the control path.
#[derive(Debug, Default)]
pub(super) struct Acted {
    pub(super) answer: Value,
    /// Sent before the control path answers, so that whoever asked knows that it was.
    pub(super) after: Vec<Outgoing>,
}

impl From<Value> for Acted {
    fn from(answer: Value) -> Self {
        Self {
            answer,
            after: Vec::new(),
        }
    }
}

/// A partner. Every method is quick and does no input or output.
pub(super) trait Stand: Send {
    /// Answers a request as the partner would.
    fn answer(&mut self, call: &Call, house: &House) -> Reply;

    /// A failure of the partner's own, in its own words.
    fn failure(&self, status: u16, house: &House) -> Reply;

    /// Does what a person (or a test) wants to happen on the partner's side.
    fn act(&mut self, action: &str, input: &Value, house: &House) -> Result<Acted, String>;

    /// Everything it holds.
    fn state(&self) -> Value;
}

/// The text under a key, or a sentence that asks for it.
pub(super) fn wanted<'a>(input: &'a Value, key: &str) -> Result<&'a str, String> {
    let found = input.get(key).and_then(Value::as_str);
    found.ok_or_else(|| format!("name the {key}, as {{\"{key}\": \"…\"}}"))
}

/// For an action that a stand does not know.
pub(super) fn unknown_action(action: &str, known: &[&str]) -> String {
    match known {
        [] => format!("there is nothing to do by {action:?} here"),
        _ => format!("{action:?} is none of {}", known.join(", ")),
    }
}

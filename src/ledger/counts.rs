//! Counts for charts: what happened in each hour, by whom.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Millis;

/// One count of one span of hours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// When the span begins.
    pub at: Millis,
    /// What is counted.
    pub what: Counted,
    /// Whose it is: a source for orders, a destination for times, a sender for findings.
    pub name: String,
    /// How many.
    pub count: u64,
}

/// What is counted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counted {
    /// Orders with this outcome: delivered, repeat, refused or withheld.
    Orders(String),
    /// Deliveries that took no longer than [`Count::STEPS`] says, and longer than the step before.
    Took(usize),
    /// Findings with this code.
    Found(String),
}

impl Count {
    /// The steps in which times are counted, in milliseconds; what took longer is one step more.
    pub const STEPS: [u64; 10] = [
        100, 300, 1_000, 3_000, 10_000, 30_000, 60_000, 600_000, 3_600_000, 86_400_000,
    ];

    /// The word under which a time is counted.
    #[must_use]
    pub fn took(time: Duration) -> &'static str {
        const WORDS: [&str; 11] = [
            "took.0", "took.1", "took.2", "took.3", "took.4", "took.5", "took.6", "took.7",
            "took.8", "took.9", "took.10",
        ];
        let millis = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let step = Self::STEPS.partition_point(|most| *most < millis);
        WORDS.get(step).copied().unwrap_or("took.10")
    }
}

impl Counted {
    /// What a word of the ledger counts; `None` for what is not for charts.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        let (kind, rest) = word.split_once('.')?;
        match kind {
            "orders" => Some(Self::Orders(rest.to_owned())),
            "took" => rest.parse().ok().map(Self::Took),
            "found" => Some(Self::Found(rest.to_owned())),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_counted_at_the_first_step_that_holds_it() {
        let word = |millis| Count::took(Duration::from_millis(millis));
        assert_eq!(word(0), "took.0");
        assert_eq!(word(100), "took.0");
        assert_eq!(word(101), "took.1");
        assert_eq!(word(86_400_001), "took.10");
        assert_eq!(Counted::parse("took.10"), Some(Counted::Took(10)));
        assert_eq!(
            Counted::parse("found.number.invalid"),
            Some(Counted::Found("number.invalid".into()))
        );
        assert_eq!(Counted::parse("done"), None);
    }
}

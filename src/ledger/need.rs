//! What needs a person: said as a sentence with its command, or shown by a page in its own way.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One thing that does not go on by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    /// Deliveries that gave up, or whose outcome is not known.
    Parked {
        /// Where they are owed.
        destination: String,
        /// How many.
        count: u64,
    },
    /// Files that the configuration has no place for.
    Waiting {
        /// What it lacks.
        why: String,
        /// How many.
        count: u64,
        /// The name of one of them.
        name: String,
    },
    /// Arrivals that cannot be moved to where they belong.
    Stuck {
        /// Their source.
        source: String,
        /// How many.
        count: u64,
        /// What was said.
        why: String,
    },
    /// Deliveries that wait for a review.
    Held {
        /// Where they are owed.
        destination: String,
        /// How many.
        count: u64,
    },
    /// Mails that were not sent in the last day.
    Unmailed {
        /// How many.
        count: u64,
    },
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Parked { destination, count } => write!(
                f,
                "{} for {destination} parked: see `deliveries list --state parked`, then retry, \
                 release or cancel.",
                many(*count, "delivery is", "deliveries are")
            ),
            Self::Waiting { why, count, name } => {
                if *count == 1 {
                    write!(f, "{name} waits: {why} Then `files retry`.")
                } else {
                    write!(f, "{count} files wait: {why} Then `files retry`.")
                }
            }
            Self::Stuck { source, count, why } => write!(
                f,
                "{} of {source} delivered or judged, but cannot be moved for over an hour: {why}",
                many(*count, "file is", "files are")
            ),
            Self::Held { destination, count } => write!(
                f,
                "{} for {destination} held for review: `deliveries release` or `cancel`.",
                many(*count, "delivery is", "deliveries are")
            ),
            Self::Unmailed { count } => write!(
                f,
                "{} not sent in the last 24 hours: `files show` says why.",
                many(*count, "mail was", "mails were")
            ),
        }
    }
}

fn many(count: u64, one: &str, more: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { more })
}

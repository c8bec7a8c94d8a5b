//! How a conversation with a child ends other than well, and whose turn that is.

use super::super::Ended;
use crate::failure::Failure;
use crate::problem::Problem;

/// What ended a conversation, before it is known how the child fared.
pub(super) enum Trouble {
    /// The socket broke, or the child spoke rubbish.
    Broken(String),
    /// It was silent, or used too much CPU.
    Limit(Box<Problem>),
    /// Our side: bytes not supplied, findings not stored.
    Ours(Failure),
}

impl From<std::io::Error> for Trouble {
    fn from(error: std::io::Error) -> Self {
        Self::Broken(error.to_string())
    }
}

impl From<serde_json::Error> for Trouble {
    fn from(error: serde_json::Error) -> Self {
        Self::Broken(format!("an unreadable frame: {error}"))
    }
}

pub(super) fn too_large() -> Problem {
    Problem::error(
        "file.too-large",
        "Reading this file needs more memory than a file may use.",
    )
    .with_hint("Remove formatting far away from the data, or split it into smaller files.")
}

pub(super) fn failed(during: &str, error: &dyn std::fmt::Display) -> Ended {
    Ended::Failed(Failure::ours(during, error))
}

pub(super) fn died(alone: bool, how: &str) -> Ended {
    Ended::Died {
        alone,
        how: how.to_owned(),
    }
}

pub(super) fn lost() -> Ended {
    died(false, "the answer is missing")
}

impl Ended {
    /// The same end for another file of the same child.
    pub(super) fn copy(&self) -> Self {
        match self {
            Self::Limit(problem) => Self::Limit(problem.clone()),
            Self::Died { alone, how } => Self::Died {
                alone: *alone,
                how: how.clone(),
            },
            Self::Failed(failure) => Self::Failed(failure.clone()),
        }
    }

    /// Names the file in the log; the answer stays the same.
    pub(super) fn for_file(self, name: &str) -> Self {
        if let Self::Died { how, .. } = &self {
            tracing::warn!(
                file = name,
                how,
                "A child process died while it read a file."
            );
        }
        self
    }
}

//! What went wrong *around* a file: network, disk, credentials, a partner that is down.
//!
//! A failure is never the sender's fault and never mailed to one. It is temporary unless known
//! otherwise, and it says whose turn it is, so that a log line or an alert can say what to do.

use std::fmt;

/// Whether waiting helps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lasting {
    /// Trying again later may help. The default when nothing better is known.
    Temporary,
    /// Nothing changes until somebody acts.
    Permanent,
}

/// Who has to act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// The operator: configuration, credentials, rights, disk.
    Operator,
    /// The partner's system.
    Partner,
    /// A defect of ours.
    Ours,
}

/// One failure. `during` names the action ("moving the file to done/").
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Failure {
    /// Does waiting help?
    pub lasting: Lasting,
    /// Who acts?
    pub turn: Turn,
    /// What was being done, as a phrase.
    pub during: String,
    /// What happened, without secrets.
    pub message: String,
}

impl Failure {
    /// A failure that may pass by itself.
    #[must_use]
    pub fn temporary(during: impl Into<String>, message: impl fmt::Display) -> Self {
        Self {
            lasting: Lasting::Temporary,
            turn: Turn::Partner,
            during: during.into(),
            message: message.to_string(),
        }
    }

    /// A failure that lasts until the operator acts.
    #[must_use]
    pub fn operator(during: impl Into<String>, message: impl fmt::Display) -> Self {
        Self {
            lasting: Lasting::Permanent,
            turn: Turn::Operator,
            during: during.into(),
            message: message.to_string(),
        }
    }

    /// A defect of ours; temporary, because a newer version may cope.
    #[must_use]
    pub fn ours(during: impl Into<String>, message: impl fmt::Display) -> Self {
        Self {
            lasting: Lasting::Temporary,
            turn: Turn::Ours,
            during: during.into(),
            message: message.to_string(),
        }
    }

    /// Whether waiting may help.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        self.lasting == Lasting::Temporary
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} failed: {}", self.during, self.message)
    }
}

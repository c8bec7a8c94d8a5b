//! What the headers of one mail say: who wrote it and to whom, whether a machine did, whether it
//! tells of an undelivered mail of ours.
//!
//! Plain data, made in the jail and kept with the arrival, so that a report can be composed after a
//! restart without reading the mail again. Addresses are bare (`jan@acme.example`); header values
//! are unfolded and without their names.

use serde::{Deserialize, Serialize};

/// The headers that decide whether a mail may be answered, and where the answer goes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// The addresses of `From`.
    pub from: Vec<String>,
    /// The addresses of `Reply-To`.
    pub reply_to: Vec<String>,
    /// `Return-Path` as the last server wrote it: `None` without the header, empty for `<>`.
    pub return_path: Option<String>,
    /// `Auto-Submitted`.
    pub auto_submitted: Option<String>,
    /// `Precedence`.
    pub precedence: Option<String>,
    /// `X-Auto-Response-Suppress`.
    pub x_auto_response_suppress: Option<String>,
    /// `Content-Type` with its parameters.
    pub content_type: Option<String>,
    /// `Subject`, decoded.
    pub subject: Option<String>,
    /// `Message-ID` with its brackets.
    pub message_id: Option<String>,
    /// All `Authentication-Results`, topmost first.
    pub authentication_results: Vec<String>,
    /// The names of all headers, in any case: some tell by being there (`List-Id`).
    pub header_names: Vec<String>,
}

/// One mail, without its files.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Letter {
    /// What decides about an answer.
    pub facts: Facts,
    /// `From` as people see it, with its name.
    pub from: String,
    /// `In-Reply-To` and `References`, oldest first, with their brackets.
    pub references: Vec<String>,
    /// The addresses of `To`, then of `Cc`.
    pub to: Vec<String>,
    /// The addresses that servers on the way wrote down: `Delivered-To`, `X-Original-To`,
    /// `Envelope-To`.
    pub delivered_to: Vec<String>,
    /// What a delivery report says.
    pub bounce: Option<Bounce>,
}

/// What became of a mail of ours, by a delivery report (RFC 3464) or the words of a server that
/// writes none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Bounce {
    /// Whom it did not reach, as far as told.
    pub recipient: Option<String>,
    /// Whether it was given up; else it only waits.
    pub failed: bool,
    /// The server's words.
    pub words: String,
}

impl Letter {
    /// Every address the mail went to, as far as its headers tell: what servers wrote down first,
    /// since a mailbox may have rewritten `To`.
    pub fn recipients(&self) -> impl Iterator<Item = &str> {
        self.delivered_to.iter().chain(&self.to).map(String::as_str)
    }

    /// The address of who wrote it: `From`, else where bounces go.
    #[must_use]
    pub fn author(&self) -> Option<&str> {
        let path = self.facts.return_path.as_deref();
        let path = path.filter(|path| path.contains('@'));
        self.facts.from.first().map(String::as_str).or(path)
    }
}

//! The words: reports to senders, alerts and summaries to operators, as complete messages.
//!
//! Pure: the same input gives the same bytes, so that a mail can be frozen before its first try and
//! sent again unchanged. Written for somebody who never saw orderdock: one sentence about what
//! happened and what to do, then what is wrong and where, in the words of their own file.
//!
//! Never here: whether a mail may be sent at all ([`super::may_reply`]) or how ([`super::smtp`]).
//! Everything from outside is cut, cleaned of control and direction characters, and escaped.

mod clean;
mod findings;
mod message;
mod news;
mod notice;
mod page;
mod table;
mod words;

#[cfg(test)]
mod tests;

use jiff::tz::TimeZone;

use crate::clock::Millis;
use crate::failure::Failure;
use crate::limits;
use crate::problem::Problem;

pub use message::{Head, check_address, check_mailbox};
pub use news::{News, compose_news};
pub use notice::{compose_alert, compose_summary};
pub use page::Listed;

/// How a file ended, as its sender is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing of it was sent on.
    Rejected,
    /// Some orders were sent on, others held back.
    Partial,
    /// The partner refused some or all.
    Refused,
    /// We could not read it, and it may be our fault: the operators know.
    GaveUp,
    /// A mail without any order file.
    NoFile,
    /// It tells of orders that are not known; nothing else is wrong with it.
    Untold,
}

/// One order that a partner refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The sender's order number.
    pub reference: String,
    /// The destination's name.
    pub destination: String,
    /// The partner's own words.
    pub words: String,
}

/// The sender's file as it may go back to them.
#[derive(Debug, Clone, Copy)]
pub enum Original<'a> {
    /// Its bytes.
    Bytes(&'a [u8]),
    /// Larger than [`limits::ATTACHMENT_BYTES`], or no longer kept: named, not attached.
    NotAttached {
        /// Its size.
        bytes: u64,
    },
    /// It is the mail itself: its sender has it.
    Mail,
    /// Several files, which go along among [`Report::others`].
    Several,
}

/// Everything a report tells.
#[derive(Debug, Clone)]
pub struct Report<'a> {
    /// The file's name as a label.
    pub file: &'a str,
    /// Who it is from, as configured.
    pub sender: &'a str,
    /// The source it arrived at.
    pub source: &'a str,
    /// When it arrived.
    pub received: Millis,
    /// The sender's clock, for that time.
    pub zone: TimeZone,
    /// How it ended.
    pub outcome: Outcome,
    /// All findings kept, in the order of the file.
    pub findings: &'a [Problem],
    /// Findings beyond those kept.
    pub findings_left_out: u64,
    /// What partners refused.
    pub refusals: &'a [Refusal],
    /// Orders sent on and accepted, or recognised as accepted before.
    pub accepted: u64,
    /// Orders held back because of findings.
    pub withheld: u64,
    /// The file.
    pub original: Original<'a>,
    /// The file to fix and send back: name and bytes.
    pub correction: Option<(&'a str, &'a [u8])>,
    /// Further files that go along, where a mail held several: name and bytes.
    pub others: &'a [(String, Vec<u8>)],
    /// Further sentences about what came with it.
    pub also: &'a [String],
}

/// The subject alone, for logs and `files show`.
#[must_use]
pub fn subject(report: &Report<'_>) -> String {
    words::subject(report)
}

/// The whole mail to a sender.
///
/// # Errors
/// A failure of the operator where `head` has an address that is none; of ours where a template
/// does not render.
pub fn compose(head: &Head<'_>, report: &Report<'_>) -> Result<Vec<u8>, Failure> {
    let attached = Attached::choose(report);
    let page = page::Page::of(report, attached, head.in_reply_to.is_some());
    let mut parts: Vec<message::Attachment<'_>> = Vec::new();
    if let (true, Original::Bytes(bytes)) = (attached.original, report.original) {
        parts.push(message::Attachment {
            name: report.file.into(),
            bytes: bytes.into(),
        });
    }
    if let (true, Some((name, bytes))) = (attached.correction, report.correction) {
        parts.push(message::Attachment {
            name: name.into(),
            bytes: bytes.into(),
        });
    }
    if page.unlisted > 0 {
        let list = text(report, Listed::All)?;
        parts.push(message::Attachment {
            name: "all-findings.txt".into(),
            bytes: list.into_bytes().into(),
        });
    }
    let mut room = limits::REPORT_BYTES.saturating_sub(attached.bytes(report));
    for (name, bytes) in report.others {
        let fits = bytes.len() <= room;
        if fits {
            room -= bytes.len();
            parts.push(message::Attachment {
                name: name.into(),
                bytes: bytes.into(),
            });
        }
    }
    let body = message::Body {
        text: page.text()?,
        html: page.html()?,
    };
    message::compose(
        head,
        message::Kind::Report,
        &head.subject(words::subject(report)),
        &body,
        &parts,
    )
}

/// The plain words without a mail around them: what lies beside a file in the error folder.
///
/// # Errors
/// A failure of ours where a template does not render.
pub fn text(report: &Report<'_>, listed: Listed) -> Result<String, Failure> {
    page::Page::beside(report, listed).text()
}

/// What goes along. The file to fix comes first: the sender has the original already.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Attached {
    correction: bool,
    original: bool,
}

impl Attached {
    /// What is taken already.
    fn bytes(self, report: &Report<'_>) -> usize {
        let original = match report.original {
            Original::Bytes(bytes) if self.original => bytes.len(),
            _ => 0,
        };
        let correction = report.correction.filter(|_| self.correction);
        original + correction.map_or(0, |(_, bytes)| bytes.len())
    }

    fn choose(report: &Report<'_>) -> Self {
        let mut room = limits::REPORT_BYTES;
        let mut take = |bytes: &[u8]| {
            let fits = bytes.len() <= room;
            if fits {
                room -= bytes.len();
            }
            fits
        };
        let correction = report.correction.is_some_and(|(_, bytes)| take(bytes));
        let original = match report.original {
            Original::Bytes(bytes) => bytes.len() as u64 <= limits::ATTACHMENT_BYTES && take(bytes),
            Original::NotAttached { .. } | Original::Mail | Original::Several => false,
        };
        Self {
            correction,
            original,
        }
    }
}

//! Who hears about a mail: its sender, through the gates, or the contact and the operators instead.
//!
//! The gates stop only the answer, never the orders. On top of what one mail's headers tell
//! ([`crate::mail::may_reply`]) stands here what only the ledger knows: that the same has been said
//! already, and that somebody who sends no file heard from us a moment ago. So an answering machine
//! that wears no mark, and even one that sends our attachments back, hears from us once.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

use super::Shared;
use super::intake::UNKNOWN_SENDER;
use super::whole::Whole;
use crate::clock;
use crate::failure::Failure;
use crate::ledger::FileStory;
use crate::letter::Letter;
use crate::limits;
use crate::mail::may_reply::{self, Counters, Gate, Rules};

/// What is said, so that it is not said again: the bytes it is about, and the findings.
pub(super) struct Fold {
    bytes: String,
    findings: String,
}

impl Fold {
    /// Of the files that are told of.
    pub(super) fn of(bad: &[&FileStory]) -> Self {
        let short = |parts: BTreeSet<String>| {
            let mut hash = Sha256::new();
            for part in &parts {
                hash.update(part.as_bytes());
                hash.update([0]);
            }
            hex::encode(hash.finalize().get(..8).unwrap_or_default())
        };
        let findings = bad.iter().flat_map(|story| &story.problems).map(|problem| {
            let value = problem.value.as_deref().unwrap_or_default();
            format!("{} {} {value}", problem.code, problem.message)
        });
        let refusals = bad.iter().flat_map(|story| &story.refusals);
        let refusals = refusals.map(|(number, to, words)| format!("{number} {to} {words}"));
        Self {
            bytes: short(bad.iter().map(|story| story.file.sha256.clone()).collect()),
            findings: short(findings.chain(refusals).collect()),
        }
    }

    /// As the ledger keeps it with the recipient.
    pub(super) fn key(&self, to: &str) -> [String; 2] {
        let to = to.to_ascii_lowercase();
        [
            format!("bytes/{}/{to}", self.bytes),
            format!("findings/{}/{to}", self.findings),
        ]
    }
}

/// The rules of one source.
fn rules(shared: &Shared, trusted_authserv: &[String]) -> Rules {
    let desk = &shared.ports.desk;
    Rules {
        trusted_authserv: trusted_authserv.to_vec(),
        ..Rules::new(desk.own.clone(), desk.host())
    }
}

/// Whether a mail looks as if a machine wrote it, or may not be answered for another reason.
pub(super) fn is_machine(shared: &Shared, letter: &Letter) -> bool {
    let gate = may_reply::recipient(&letter.facts, &rules(shared, &[]));
    matches!(gate, Gate::Withhold { .. })
}

/// Whether the mail behind `whole` may be answered, and where to.
pub(super) async fn gate(shared: &Shared, letter: &Letter, whole: &Whole) -> Result<Gate, Failure> {
    let file = &whole.story.file;
    let inlet = shared.ports.inlets.get(&file.source);
    let Some(mailbox) = inlet.and_then(|inlet| inlet.mailbox.as_ref()) else {
        return Ok(withhold("The source no longer takes mails."));
    };
    if !mailbox.reply || inlet.is_some_and(|inlet| !inlet.reports) {
        return Ok(withhold("Answers are switched off for this source."));
    }
    if whole.has(UNKNOWN_SENDER) {
        return Ok(withhold(
            "The sender is not known, and strangers are not answered.",
        ));
    }
    let rules = rules(shared, &mailbox.trusted_authserv);
    let to = match may_reply::recipient(&letter.facts, &rules) {
        Gate::Reply { to } => to,
        withheld @ Gate::Withhold { .. } => return Ok(withheld),
    };
    let since = clock::now().before(limits::REPORTS_WINDOW);
    let counters = Counters {
        reports_last_hour: shared.ledger().reports_to(&to, since).await?,
        reported: false,
    };
    if let withheld @ Gate::Withhold { .. } = may_reply::may_report(&to, &rules, counters) {
        return Ok(withheld);
    }
    Ok(match repeated(shared, letter, whole, &to).await? {
        Some(why) => withhold(why),
        None => Gate::Reply { to },
    })
}

/// Why it need not be said once more.
async fn repeated(
    shared: &Shared,
    letter: &Letter,
    whole: &Whole,
    to: &str,
) -> Result<Option<&'static str>, Failure> {
    let since = clock::now().before(limits::REPORT_REPEATED);
    let thread = letter
        .references
        .iter()
        .any(|id| shared.ports.desk.is_own_id(id));
    if whole.is_without_file() {
        if thread {
            return Ok(Some("It answers a mail of ours and holds no order file."));
        }
        let lately = shared.ledger().reports_to(to, since).await? > 0;
        return Ok(lately
            .then_some("The mail holds no order file, and its sender has heard from us today."));
    }
    let [bytes, findings] = whole.fold().key(to);
    if shared.ledger().told(&bytes, since).await? {
        return Ok(Some(
            "The same file was reported to the same address today.",
        ));
    }
    // Our own attachments come back with other bytes and the same findings.
    if thread && shared.ledger().told(&findings, since).await? {
        return Ok(Some(
            "It answers a mail of ours, and the same findings were reported there.",
        ));
    }
    Ok(None)
}

fn withhold(why: &'static str) -> Gate {
    Gate::Withhold { why }
}

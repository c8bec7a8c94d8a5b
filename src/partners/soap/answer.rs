//! What a SOAP endpoint says: a fault with the code of its version, or that it has the message.

use std::collections::BTreeMap;

use crate::limits;
use crate::partners::wire::answer::{Answer, is_id};
use crate::partners::wire::link::Link;
use crate::partners::wire::words;
use crate::partners::{Facts, Outcome, Receipt, Refusal, Request};

/// Which elements of an answer are kept.
#[derive(Debug)]
pub(super) struct Names {
    pub(super) remote_id: Option<String>,
    pub(super) facts: BTreeMap<String, String>,
}

/// Whose turn a fault is (SOAP 1.1, 4.4.1; SOAP 1.2 part 1, 5.4.6).
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Blame {
    Sender,
    Receiver,
    /// Version, header or encoding: nothing that an order could mend.
    Form,
    Other,
}

/// A fault of an answer.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) blame: Blame,
    pub(super) code: String,
    pub(super) words: String,
}

impl Fault {
    pub(super) fn read(text: &str) -> Option<Self> {
        let at = text.find("Fault")?;
        let before = text.get(..at)?;
        let opens = before.rfind('<')?;
        // The element itself, with or without a prefix; never its end or a word in a text.
        let prefix = before.get(opens + 1..)?;
        if !(prefix.is_empty() || prefix.ends_with(':')) || prefix.contains(['/', '>', ' ']) {
            return None;
        }
        let fault = text.get(opens..)?;
        let code = words::element(fault, "faultcode").or_else(|| {
            let code = fault.find("Code").and_then(|at| fault.get(at..));
            words::element(code?, "Value")
        });
        let code = code.unwrap_or_default().trim();
        let name = code.rsplit(':').next().unwrap_or_default();
        let told = words::element(fault, "faultstring").or_else(|| words::element(fault, "Text"));
        let told = words::without_tags(told.unwrap_or_default());
        let class = name.split('.').next().unwrap_or_default();
        Some(Self {
            blame: match class {
                "Client" | "Sender" => Blame::Sender,
                "Server" | "Receiver" => Blame::Receiver,
                "VersionMismatch" | "MustUnderstand" | "DataEncodingUnknown" => Blame::Form,
                _ => Blame::Other,
            },
            code: words::start(code.as_bytes(), limits::ANSWER_CHARS),
            words: words::start(told.as_bytes(), limits::WORDS_CHARS),
        })
    }
}

/// What an answer comes to.
pub(super) fn outcome(link: &Link, answer: &Answer, request: &Request, names: &Names) -> Outcome {
    let text = String::from_utf8_lossy(&answer.body);
    let Some(fault) = Fault::read(&text) else {
        return match link.plain(answer, request) {
            Outcome::Accepted(receipt) => Outcome::Accepted(names.receipt(receipt, &text)),
            outcome => outcome,
        };
    };
    let said = format!("{}: {}", fault.code, fault.words);
    match fault.blame {
        Blame::Sender => Outcome::Refused(Refusal {
            code: fault.code,
            words: fault.words,
        }),
        Blame::Form => Outcome::Denied(link.failure(format!(
            "The endpoint does not take our messages ({said}): check version, action and body."
        ))),
        Blame::Other if answer.status.is_success() => Outcome::Parked(link.failure(format!(
            "The endpoint answered with a fault that no rule covers ({said})."
        ))),
        Blame::Receiver | Blame::Other => link.later(answer, &said),
    }
}

impl Names {
    fn receipt(&self, receipt: Receipt, text: &str) -> Receipt {
        let element = |name: &str| {
            let found = words::without_tags(words::element(text, name)?);
            Some(found.trim().to_owned()).filter(|found| is_id(found))
        };
        let facts = self.facts.iter().take(limits::FACTS);
        let facts: Facts = facts
            .filter_map(|(name, tag)| Some((name.clone(), element(tag)?)))
            .collect();
        Receipt {
            remote_id: self.remote_id.as_deref().and_then(element),
            facts,
            ..receipt
        }
    }
}

//! Whose a mail is, and what its address asks for: pure functions over its headers and the plan.
//!
//! ```text
//! edi "+" carrier [ "." customer ] [ "+" format ] "@" domain
//! ```
//!
//! The sub-address' customer number beats the author's address beats the source. What servers wrote
//! down about the delivery beats `To` and `Cc`, which a mailbox may have rewritten.

#[cfg(test)]
mod tests;

use super::plan::{Plan, Sender};
use crate::formats::FormatKind;
use crate::letter::Letter;
use crate::problem::Problem;

/// How the mails of a source are taken.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mailbox {
    /// Every arrival is a mail, whatever it looks like.
    pub surely: bool,
    /// Our address there; its sub-addresses route. Without one: `edi` at any domain.
    pub address: Option<String>,
    /// Whether mails are answered.
    pub reply: bool,
    /// The servers whose verdicts on forged senders are believed (RFC 8601).
    pub trusted_authserv: Vec<String>,
    /// Whether mails of senders that the configuration does not name are refused.
    pub known_only: bool,
}

/// A sub-address of ours.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct SubAddress {
    pub(super) carrier: String,
    pub(super) customer: Option<String>,
    pub(super) format: Option<String>,
}

impl SubAddress {
    /// The sub-address in `address`, if it is one of `ours`. Letters compare without case.
    pub(super) fn of(address: &str, ours: Option<&str>) -> Option<Self> {
        let (local, domain) = address.rsplit_once('@')?;
        let (base, rest) = local.split_once('+')?;
        let (our_local, our_domain) = match ours {
            Some(ours) => ours.rsplit_once('@')?,
            None => ("edi", domain),
        };
        if !base.eq_ignore_ascii_case(our_local) || !domain.eq_ignore_ascii_case(our_domain) {
            return None;
        }
        let rest = rest.to_ascii_lowercase();
        let (who, format) = match rest.split_once('+') {
            Some((who, format)) if !format.is_empty() && !format.contains('+') => {
                (who, Some(format.to_owned()))
            }
            Some(_) => return None,
            None => (rest.as_str(), None),
        };
        let (carrier, customer) = match who.split_once('.') {
            Some((_, "")) => return None,
            Some((carrier, customer)) => (carrier, Some(customer.to_owned())),
            None => (who, None),
        };
        (!carrier.is_empty()).then(|| Self {
            carrier: carrier.to_owned(),
            customer,
            format,
        })
    }

    /// The numbers by which a sender may be named, the most exact first.
    fn numbers(&self) -> Vec<String> {
        match &self.customer {
            Some(customer) => vec![format!("{}.{customer}", self.carrier), customer.clone()],
            None => vec![self.carrier.clone()],
        }
    }
}

/// Whose a mail is.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Resolved {
    /// The sender's name.
    pub(super) sender: String,
    /// Whether the configuration names them.
    pub(super) known: bool,
    /// The format that the address asks for.
    pub(super) forced: Option<FormatKind>,
    /// What is wrong with the address.
    pub(super) problems: Vec<Problem>,
}

/// Whose `letter` is, that arrived at `source`.
pub(super) fn resolve(plan: &Plan, source: &str, mailbox: &Mailbox, letter: &Letter) -> Resolved {
    let mut resolved = Resolved {
        sender: plan.sender(source),
        known: plan
            .senders
            .iter()
            .any(|sender| sender.sources.iter().any(|s| s == source)),
        ..Resolved::default()
    };
    let sub = match sub_address(mailbox, letter) {
        Ok(sub) => sub,
        Err(problem) => {
            resolved.problems.push(problem);
            None
        }
    };
    let by_number = sub.as_ref().and_then(|sub| {
        let numbers = sub.numbers();
        numbers
            .iter()
            .find_map(|number| plan.senders.iter().find(|sender| has(sender, number)))
    });
    let named = by_number.or_else(|| by_address(plan, letter.author()?));
    if let Some(sender) = named {
        resolved.sender.clone_from(&sender.name);
        resolved.known = true;
    }
    if let Some(word) = sub.and_then(|sub| sub.format) {
        resolved.forced = FormatKind::parse(&word);
        if resolved.forced.is_none() {
            resolved.problems.push(unknown_format(&word));
        }
    }
    resolved
}

fn has(sender: &Sender, number: &str) -> bool {
    sender
        .customers
        .iter()
        .any(|customer| customer.eq_ignore_ascii_case(number))
}

/// A whole address beats `*@domain`.
fn by_address<'p>(plan: &'p Plan, author: &str) -> Option<&'p Sender> {
    let (_, domain) = author.rsplit_once('@')?;
    let listed = |wanted: &str| {
        let equal = |address: &String| address.eq_ignore_ascii_case(wanted);
        plan.senders
            .iter()
            .find(|sender| sender.addresses.iter().any(equal))
    };
    listed(author).or_else(|| listed(&format!("*@{domain}")))
}

/// The one sub-address of ours that the mail went to.
fn sub_address(mailbox: &Mailbox, letter: &Letter) -> Result<Option<SubAddress>, Problem> {
    for addresses in [&letter.delivered_to, &letter.to] {
        let mut found: Vec<SubAddress> = Vec::new();
        for address in addresses {
            let sub = SubAddress::of(address, mailbox.address.as_deref());
            found.extend(sub.filter(|sub| !found.contains(sub)));
        }
        if found.len() > 1 {
            return Err(Problem::error(
                "mail.address.several",
                "The mail went to several of our order addresses, so it is not clear whose orders these are.",
            )
            .with_value(&addresses.join(", "))
            .with_hint("Send it to one of them only."));
        }
        if let Some(sub) = found.pop() {
            return Ok(Some(sub));
        }
    }
    Ok(None)
}

fn unknown_format(word: &str) -> Problem {
    Problem::warning(
        "mail.address.format",
        "The address asks for a format that is not known; the files were read as what they are.",
    )
    .with_value(word)
    .expecting("csv, xml, xls, xlsx, xlsb, ods or json")
}

/// The check in an address that a delivery report came back to: `bounces+17.0f3a…@example.com`.
pub(super) fn bounce_token<'l>(letter: &'l Letter, bounces: &str) -> Option<&'l str> {
    let (our_local, our_domain) = bounces.rsplit_once('@')?;
    letter.recipients().find_map(|address| {
        let (local, domain) = address.rsplit_once('@')?;
        let (base, token) = local.split_once('+')?;
        let ours = base.eq_ignore_ascii_case(our_local) && domain.eq_ignore_ascii_case(our_domain);
        (ours && token.contains('.')).then_some(token)
    })
}

/// The envelope sender of a mail of ours, so that what comes back is found again (VERP).
pub(super) fn return_path(bounces: &str, token: &str) -> Option<String> {
    let (local, domain) = bounces.rsplit_once('@')?;
    Some(format!("{local}+{token}@{domain}"))
}

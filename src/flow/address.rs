//! Whose a mail is, and what its address asks for: pure functions over its headers and the plan.
//!
//! ```text
//! edi "+" carrier [ "." customer ] [ "+" format ] "@" domain
//! ```
//!
//! The sub-address' customer number beats the author's address beats the source. What servers wrote
//! down about the delivery beats `To` and `Cc`, which a mailbox may have rewritten.

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

#[cfg(test)]
mod tests {
    use super::*;

    fn sub(carrier: &str, customer: Option<&str>, format: Option<&str>) -> Option<SubAddress> {
        Some(SubAddress {
            carrier: carrier.into(),
            customer: customer.map(Into::into),
            format: format.map(Into::into),
        })
    }

    #[test]
    fn sub_addresses_are_read_without_case_and_by_their_grammar() {
        let of = |address| SubAddress::of(address, None);
        assert_eq!(
            of("edi+logisticplanet@x.example"),
            sub("logisticplanet", None, None)
        );
        assert_eq!(
            of("edi+1122.1234@x.example"),
            sub("1122", Some("1234"), None)
        );
        assert_eq!(of("EDI+1122+XML@x.example"), sub("1122", None, Some("xml")));
        assert_eq!(
            of("edi+logisticplanet.1234+xml@x.example"),
            sub("logisticplanet", Some("1234"), Some("xml"))
        );
        assert_eq!(of("edi+1.2.3@x.example"), sub("1", Some("2.3"), None));
        for none in [
            "edi@x",
            "edi+@x",
            "edi+1.@x",
            "edi+1+@x",
            "edi+1+a+b@x",
            "jan+1@x",
            "edi+1",
        ] {
            assert_eq!(of(none), None, "{none}");
        }
        let ours = Some("orders@acme.example");
        assert!(SubAddress::of("orders+7@ACME.example", ours).is_some());
        assert!(SubAddress::of("orders+7@evil.example", ours).is_none());
        assert!(SubAddress::of("edi+7@acme.example", ours).is_none());
    }

    fn plan() -> Plan {
        let sender =
            |name: &str, customers: &[&str], addresses: &[&str], sources: &[&str]| Sender {
                name: name.into(),
                customers: customers.iter().map(|&c| c.into()).collect(),
                addresses: addresses.iter().map(|&a| a.into()).collect(),
                sources: sources.iter().map(|&s| s.into()).collect(),
                ..Sender::default()
            };
        Plan {
            senders: vec![
                sender("all", &[], &[], &["box"]),
                sender("domain", &[], &["*@acme.example"], &[]),
                sender("jan", &[], &["jan@acme.example"], &[]),
                sender("number", &["1234"], &[], &[]),
                sender("exact", &["77.1234"], &[], &[]),
                sender("carrier", &["1122"], &[], &[]),
            ],
            routes: Vec::new(),
        }
    }

    fn letter(from: &str, to: &[&str], delivered: &[&str]) -> Letter {
        let mut letter = Letter::default();
        letter.facts.from = vec![from.into()];
        letter.to = to.iter().map(|&a| a.into()).collect();
        letter.delivered_to = delivered.iter().map(|&a| a.into()).collect();
        letter
    }

    #[test]
    fn the_customer_beats_the_address_beats_the_source() {
        let who = |from: &str, to: &[&str], delivered: &[&str]| {
            let letter = letter(from, to, delivered);
            resolve(&plan(), "box", &Mailbox::default(), &letter).sender
        };
        assert_eq!(who("jan@acme.example", &["edi+1122.1234@x"], &[]), "number");
        assert_eq!(who("jan@acme.example", &["edi+77.1234@x"], &[]), "exact");
        assert_eq!(who("jan@acme.example", &["edi+1122@x"], &[]), "carrier");
        assert_eq!(who("JAN@acme.example", &["edi@x"], &[]), "jan");
        assert_eq!(who("eva@acme.example", &["edi+unknown@x"], &[]), "domain");
        assert_eq!(who("eva@other.example", &["edi@x"], &[]), "all");
        assert_eq!(
            who("eva@other.example", &["desk@x"], &["edi+1122@x"]),
            "carrier"
        );
        assert_eq!(
            who("a@b", &["edi+1122@x", "edi+5.1234@x"], &["edi+5.1234@x"]),
            "number"
        );
    }

    #[test]
    fn two_of_our_addresses_and_strange_formats_are_told() {
        let resolved = |to: &[&str]| {
            resolve(
                &plan(),
                "other",
                &Mailbox::default(),
                &letter("a@b.example", to, &[]),
            )
        };
        let twice = resolved(&["edi+1122@x", "EDI+1122@x", "desk@x"]);
        assert!(twice.problems.is_empty() && twice.known);
        let several = resolved(&["edi+1122@x", "edi+1234@x"]);
        assert!(several.problems.first().is_some_and(Problem::is_error));
        assert_eq!(resolved(&["edi+1122+XLS@x"]).forced, Some(FormatKind::Xls));
        let odd = resolved(&["edi+1122+pdf@x"]);
        assert!(odd.forced.is_none() && odd.problems.first().is_some_and(|p| !p.is_error()));
        assert!(!resolved(&["edi@x"]).known);
    }

    #[test]
    fn a_return_path_leads_back_to_its_mail() {
        let path = return_path("edi-bounces@example.com", "17.0f3a").unwrap_or_default();
        assert_eq!(path, "edi-bounces+17.0f3a@example.com");
        let back = letter("mailer-daemon@mx", &[&path], &[]);
        assert_eq!(
            bounce_token(&back, "EDI-bounces@example.com"),
            Some("17.0f3a")
        );
        assert_eq!(bounce_token(&back, "other@example.com"), None);
    }
}

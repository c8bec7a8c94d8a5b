//! The gates between a report and its recipient: who may be answered at all.
//!
//! An answer to a machine can loop, an answer to a forged sender hits a stranger, and a thousand
//! bad files must not become a thousand mails. So everything that looks automatic stays unanswered
//! (RFC 3834 section 2 and beyond: this is stricter), and a trusted verdict of forgery is believed.
//!
//! Pure: facts in, gate out. Gates stop only the *answer*, never the orders in the mail; a withheld
//! report goes to the source's contact or the operators.

mod authentication;
mod machine;

#[cfg(test)]
mod tests;

use crate::limits;

pub use crate::letter::Facts;

/// What the operator configured.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules {
    /// Addresses that orderdock writes from and reads at.
    pub own_addresses: Vec<String>,
    /// The right side of our Message-IDs. A host name of its own, not the company's mail domain:
    /// colleagues' mail programs use that.
    pub own_message_id_domain: String,
    /// The authserv-ids (RFC 8601 section 2.5) whose verdicts are believed. Empty: none are.
    pub trusted_authserv: Vec<String>,
    /// Reports an hour to one address; the default is
    /// [`limits::REPORTS_PER_ADDRESS_AND_HOUR`].
    pub reports_an_hour: u32,
}

impl Rules {
    /// The rules with the default cap.
    #[must_use]
    pub fn new(own_addresses: Vec<String>, own_message_id_domain: String) -> Self {
        Self {
            own_addresses,
            own_message_id_domain,
            trusted_authserv: Vec::new(),
            reports_an_hour: limits::REPORTS_PER_ADDRESS_AND_HOUR,
        }
    }
}

/// What was sent before, from the ledger.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// Reports to the address in the last hour.
    pub reports_last_hour: u32,
    /// Whether this arrival's report was made already.
    pub reported: bool,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Gate {
    /// Write to this address.
    Reply {
        /// The only recipient.
        to: String,
    },
    /// Do not write to the sender.
    Withhold {
        /// Why, as a sentence for the operator.
        why: &'static str,
    },
}

/// Whom an answer to a mail would go to, or why to nobody: everything but the counters, which are
/// asked for with the address.
#[must_use]
pub fn recipient(facts: &Facts, rules: &Rules) -> Gate {
    if let Some(why) = machine::why(facts, rules) {
        return Gate::Withhold { why };
    }
    let [from] = facts.from.as_slice() else {
        return Gate::Withhold {
            why: if facts.from.is_empty() {
                "The mail names no sender."
            } else {
                "The mail names several senders."
            },
        };
    };
    if let Some(why) = authentication::why(&facts.authentication_results, from, rules) {
        return Gate::Withhold { why };
    }
    let to = answer_address(from, &facts.reply_to);
    match address_why(to, rules) {
        Some(why) => Gate::Withhold { why },
        None => Gate::Reply { to: to.to_owned() },
    }
}

/// Whether a mail may be answered now, and where to.
#[must_use]
pub fn may_reply(facts: &Facts, rules: &Rules, counters: Counters) -> Gate {
    match recipient(facts, rules) {
        Gate::Reply { to } => may_report(&to, rules, counters),
        withheld @ Gate::Withhold { .. } => withheld,
    }
}

/// Whether a report may go to a configured contact now: there is no mail to look at, but an own
/// address would loop and a flood is a flood.
#[must_use]
pub fn may_report(to: &str, rules: &Rules, counters: Counters) -> Gate {
    if let Some(why) = address_why(to, rules) {
        return Gate::Withhold { why };
    }
    if counters.reported {
        return Gate::Withhold {
            why: "This arrival has been reported already.",
        };
    }
    if counters.reports_last_hour >= rules.reports_an_hour {
        return Gate::Withhold {
            why: "The address has had as many reports in the last hour as are allowed.",
        };
    }
    Gate::Reply { to: to.to_owned() }
}

/// Why nothing is ever sent to an address.
fn address_why(address: &str, rules: &Rules) -> Option<&'static str> {
    if is_own(address, rules) {
        return Some("The answer would go to an address of orderdock itself.");
    }
    if machine::is_robot(address) {
        return Some("The answer would go to an address that nobody reads.");
    }
    None
}

fn is_own(address: &str, rules: &Rules) -> bool {
    rules
        .own_addresses
        .iter()
        .any(|own| without_detail(own).eq_ignore_ascii_case(&without_detail(address)))
}

/// `edi+1122.1234@example.com` ▸ `edi@example.com`: every sub-address of ours is ours.
fn without_detail(address: &str) -> String {
    match address.rsplit_once('@') {
        Some((local, domain)) => {
            let local = local.split_once('+').map_or(local, |(local, _)| local);
            format!("{local}@{domain}")
        }
        None => address.to_owned(),
    }
}

/// `Reply-To` where it is one address in the same domain as `From`, else `From`: what was checked is
/// the domain of `From`, and an address elsewhere may be a stranger's.
fn answer_address<'a>(from: &'a str, reply_to: &'a [String]) -> &'a str {
    match reply_to {
        [only] if same_domain(from, only) => only,
        _ => from,
    }
}

/// Equal, or one below the other.
fn same_domain(one: &str, other: &str) -> bool {
    let (Some((_, one)), Some((_, other))) = (one.rsplit_once('@'), other.rsplit_once('@')) else {
        return false;
    };
    let (one, other) = (one.to_ascii_lowercase(), other.to_ascii_lowercase());
    is_below(&one, &other) || is_below(&other, &one)
}

fn is_below(below: &str, above: &str) -> bool {
    below == above
        || (above.contains('.')
            && below
                .strip_suffix(above)
                .is_some_and(|rest| rest.ends_with('.')))
}

//! What Trademax says: an envelope with a code of its own, in which 404 is a wrong key and 405 a
//! wrong signature. The two spaces of numbers never meet here.

use serde_json::Value;

use crate::order::Action;
use crate::partners::wire::answer::{Answer, Meaning, facts, is_id, plain};
use crate::partners::wire::link::{Link, question};
use crate::partners::wire::words;
use crate::partners::{Facts, Outcome, Receipt, Refusal, Request};

/// The code of the envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Code {
    Fine,
    /// 1: used when no other is set.
    General,
    /// 401 to 405: key, signature, time stamp.
    Credentials(u64),
    /// 406 and 407: resource, action.
    Rights(u64),
    /// 450 and 451: missing, badly formatted.
    Data(u64),
    /// 452: this transaction id was used before.
    Duplicate,
    /// 500 and 501.
    Server(u64),
    Other(u64),
}

impl Code {
    fn of(number: u64) -> Self {
        match number {
            0 => Self::Fine,
            1 => Self::General,
            401..=405 => Self::Credentials(number),
            406 | 407 => Self::Rights(number),
            450 | 451 => Self::Data(number),
            452 => Self::Duplicate,
            500..=599 => Self::Server(number),
            _ => Self::Other(number),
        }
    }
}

/// What an answer holds.
pub(super) struct Envelope {
    pub(super) code: Code,
    words: String,
    pub(super) data: Value,
}

impl Envelope {
    /// Reads an answer. Some of the documents' samples write `code`, some have no envelope.
    pub(super) fn read(answer: &Answer) -> Option<Self> {
        let mut body: Value = serde_json::from_slice(&answer.body).ok()?;
        let Some(error) = body.get("error").filter(|error| error.is_object()) else {
            let bare = body.is_object() && answer.status.is_success();
            return bare.then(|| Self {
                code: Code::Fine,
                words: String::new(),
                data: body,
            });
        };
        let number = error.get("error_code").or_else(|| error.get("code"));
        let number = number.and_then(plain)?.parse().ok()?;
        let messages = error.get("error_messages").cloned().unwrap_or_default();
        let words = match &messages {
            Value::Array(list) if list.is_empty() => String::new(),
            Value::Null => String::new(),
            messages => words::reason("application/json", messages.to_string().as_bytes()),
        };
        let data = body.get_mut("data").map(Value::take).unwrap_or_default();
        Some(Self {
            code: Code::of(number),
            words,
            data,
        })
    }

    fn receipt(&self, link: &Link, answer: &Answer) -> Receipt {
        let data = &self.data;
        let id = data.get("dispatch_id").or_else(|| data.get("receipt_id"));
        Receipt {
            remote_id: id.and_then(plain).filter(|id| is_id(id)),
            facts: told(data),
            answer: link.line(answer),
        }
    }
}

/// What an answer comes to.
pub(super) fn outcome(link: &Link, answer: &Answer, request: &Request) -> Outcome {
    let Some(envelope) = Envelope::read(answer) else {
        if answer.status.is_success() {
            return Outcome::Unknown(link.passing(answer.sentence(Meaning::Unknown, "")));
        }
        return link.plain(answer, request);
    };
    let words = envelope.words.as_str();
    let refused = |code: String| {
        Outcome::Refused(Refusal {
            code,
            words: if words.is_empty() {
                "no reason was given".to_owned()
            } else {
                words.to_owned()
            },
        })
    };
    match envelope.code {
        Code::Fine if answer.status.is_success() => {
            Outcome::Accepted(envelope.receipt(link, answer))
        }
        Code::Credentials(_) | Code::Rights(_) => {
            Outcome::Denied(link.failure(advice(envelope.code, words)))
        }
        // The packages that it says are taken may be those of our own request whose answer was lost.
        Code::Data(_) if request.repeated && names_packages(request) => {
            Outcome::Parked(link.failure(format!(
                "an earlier attempt may have been applied, and Trademax now refuses the packages \
                 (“{words}”): look there whether the dispatch exists, then release or cancel this \
                 delivery."
            )))
        }
        Code::Data(number) => refused(format!("Trademax {number}")),
        // Our own request whose answer was lost was applied. What they call it is not to be had.
        Code::Duplicate if request.repeated && request.action == Action::Create => {
            Outcome::Accepted(Receipt {
                answer: format!("{} (our own, whose answer was lost)", link.line(answer)),
                ..Receipt::default()
            })
        }
        Code::Duplicate => refused("Trademax 452".to_owned()),
        Code::Server(_) => link.later(answer, words),
        // Under a status of success it is the request that is meant.
        Code::General | Code::Other(_) if answer.status.is_success() => {
            refused("Trademax 1".to_owned())
        }
        Code::Fine | Code::General | Code::Other(_) => link.plain(answer, request),
    }
}

/// What an answer gives to a question or a change of what lies there; that the thing is not there is
/// then about the thing and not about the address.
pub(super) fn given(link: &Link, answer: &Answer) -> Result<Envelope, Outcome> {
    let Some(envelope) = Envelope::read(answer) else {
        return Err(outcome(link, answer, &question()));
    };
    let is_general = matches!(envelope.code, Code::General | Code::Other(_));
    if envelope.code == Code::Fine && answer.status.is_success() {
        return Ok(envelope);
    }
    if is_general && answer.status.is_client_error() {
        return Err(Outcome::Refused(Refusal {
            code: format!("HTTP {}", answer.status.as_u16()),
            words: envelope.words,
        }));
    }
    Err(outcome(link, answer, &question()))
}

/// What the answer to a change comes to.
pub(super) fn changed(link: &Link, answer: &Answer) -> Outcome {
    match given(link, answer) {
        Ok(envelope) => Outcome::Accepted(envelope.receipt(link, answer)),
        Err(outcome) => outcome,
    }
}

/// Whether packages have ids that are unique at the partner.
fn names_packages(request: &Request) -> bool {
    memchr::memmem::find(&request.body, b"external_package_id").is_some()
}

fn advice(code: Code, words: &str) -> String {
    let (number, advice) = match code {
        Code::Credentials(402) => (402, "Check this machine's clock, and api_key."),
        Code::Credentials(404) => (404, "It does not know the key: check api_key."),
        Code::Credentials(405) => (
            405,
            "The signature does not fit: check secret; and if the address that it knows itself by is \
             another than url, set signed_url.",
        ),
        Code::Credentials(number) => (number, "Check api_key and secret."),
        Code::Rights(number) => (
            number,
            "The key may not do this there: ask Trademax for the right, or check the warehouse.",
        ),
        _ => (0, ""),
    };
    format!("Trademax answered with its code {number} (“{words}”). {advice}")
}

/// What a dispatch's answer tells of it.
fn told(data: &Value) -> Facts {
    const NAMES: [(&str, &str); 11] = [
        ("tracking_number", "tracking_code"),
        ("carrier", "shipping_agent_code"),
        ("haulier", "haulier_id"),
        ("consignment", "logtrade_consignment_id"),
        ("labels_pdf", "labels_url_pdf"),
        ("labels_web", "labels_url_web"),
        ("dispatch_date", "dispatch_date"),
        ("total_weight", "total_weight"),
        ("total_volume", "total_volume"),
        ("stock_before", "old_quantity"),
        ("stock_now", "new_quantity"),
    ];
    let found = NAMES.iter();
    let mut told = facts(found.filter_map(|(name, theirs)| Some((*name, data.get(theirs)?))));
    let packages = data.get("packages").and_then(Value::as_array);
    let labels = packages.into_iter().flatten().flat_map(|package| {
        let id = package
            .get("package_id")
            .and_then(plain)
            .unwrap_or_default();
        let label = package
            .get("label_url")
            .map(|url| (format!("label_{id}"), url));
        let sscc = package
            .get("label_sscc")
            .map(|sscc| (format!("sscc_{id}"), sscc));
        label.into_iter().chain(sscc)
    });
    for (name, value) in facts(labels) {
        // Printed with its application identifier 00 (GS1 General Specifications, 3.3.1).
        let bare = value.strip_prefix("00").filter(|rest| rest.len() == 18);
        let value = bare
            .filter(|_| name.starts_with("sscc_"))
            .map(str::to_owned)
            .unwrap_or(value);
        if told.len() < crate::limits::FACTS {
            told.insert(name, value);
        }
    }
    told
}

//! What an answer means.
//!
//! Pure: status, headers and the start of the body in, an [`Outcome`] out. Our failure is never
//! the sender's failure: only what the sender can mend is refused, and what no rule covers waits
//! for a person.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use hyper::StatusCode;
use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderName, LOCATION, RETRY_AFTER};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::redact::Redactor;
use super::{address, words};
use crate::backoff;
use crate::clock::{self, Millis};
use crate::failure::{Failure, Lasting, Turn};
use crate::limits;
use crate::order::Action;
use crate::partners::{Facts, Outcome, Receipt, Refusal, Request};

#[cfg(test)]
mod tests;

/// What came back.
#[derive(Debug)]
pub(in crate::partners) struct Answer {
    pub(in crate::partners) status: StatusCode,
    pub(in crate::partners) headers: HeaderMap,
    pub(in crate::partners) body: Bytes,
    /// Whether the body was read to its end.
    pub(in crate::partners) whole: bool,
}

/// What a status code means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Meaning {
    /// The partner has the order.
    Accepted,
    /// The order is not acceptable: the sender's turn.
    Refused,
    /// Try again.
    Later,
    /// It may or may not have been applied.
    Unknown,
    /// This delivery waits for a person.
    Parked,
    /// Credentials or address are wrong: the lane pauses.
    Denied,
}

/// A text or number of a partner's JSON, which may be one today and the other tomorrow.
pub(in crate::partners) fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Whether a text may be an id of a partner's.
pub(in crate::partners) fn is_id(id: &str) -> bool {
    let plain = !id.chars().any(char::is_control);
    plain && !id.is_empty() && id.len() <= limits::REMOTE_ID_BYTES
}

/// What an answer tells of an order: what is no short plain text or number is left out.
pub(in crate::partners) fn facts<'a>(
    found: impl Iterator<Item = (impl Into<String>, &'a Value)>,
) -> Facts {
    found
        .filter_map(|(name, value)| Some((name.into(), plain(value)?)))
        .filter(|(_, value)| {
            let shown = !value.is_empty() && value.len() <= limits::FACT_BYTES;
            shown && !value.chars().any(char::is_control)
        })
        .take(limits::FACTS)
        .collect()
}

/// How one destination's answers are read.
#[derive(Debug, Default)]
pub(in crate::partners) struct Rules {
    codes: BTreeMap<u16, Meaning>,
    remote_id: Option<String>,
    facts: BTreeMap<String, String>,
}

impl Rules {
    /// `remote_id` and the values of `facts` are JSON pointers into the answer.
    pub(in crate::partners) fn new(
        codes: BTreeMap<u16, Meaning>,
        remote_id: Option<String>,
        facts: BTreeMap<String, String>,
    ) -> Result<Self, String> {
        let named = remote_id.iter().map(|pointer| ("remote_id", pointer));
        let named = named.chain(facts.iter().map(|(name, pointer)| (name.as_str(), pointer)));
        for (name, pointer) in named {
            if !pointer.starts_with('/') {
                return Err(format!(
                    "{name} = “{pointer}” must be a JSON pointer such as “/id”"
                ));
            }
        }
        if let Some(code) = codes.keys().find(|code| !(200..600).contains(*code)) {
            return Err(format!(
                "codes names {code}, which is no HTTP status of a final answer"
            ));
        }
        Ok(Self {
            codes,
            remote_id,
            facts,
        })
    }

    pub(in crate::partners) fn outcome(
        &self,
        answer: &Answer,
        request: &Request,
        during: &str,
        redactor: &Redactor,
    ) -> Outcome {
        let meaning = self.meaning(answer, request);
        if meaning == Meaning::Accepted {
            let body = serde_json::from_slice(&answer.body).unwrap_or_default();
            return Outcome::Accepted(Receipt {
                remote_id: self.remote_id(answer, &body),
                facts: self.facts(&body),
                answer: redactor.clean(answer.line()),
            });
        }
        let said = redactor.clean(words::reason(answer.content_type(), &answer.body));
        let failure = |lasting, turn| Failure {
            lasting,
            turn,
            during: during.to_owned(),
            message: redactor.clean(answer.sentence(meaning, &said)),
        };
        match meaning {
            Meaning::Accepted | Meaning::Refused => Outcome::Refused(Refusal {
                code: format!("HTTP {}", answer.status.as_u16()),
                words: if said.is_empty() {
                    format!("{} (no reason was given)", answer.status)
                } else {
                    said
                },
            }),
            Meaning::Later => Outcome::Later {
                after: answer.retry_after(clock::now()),
                failure: failure(Lasting::Temporary, Turn::Partner),
                destination: true,
            },
            Meaning::Unknown => Outcome::Unknown(failure(Lasting::Temporary, Turn::Partner)),
            Meaning::Parked => Outcome::Parked(failure(Lasting::Permanent, Turn::Operator)),
            Meaning::Denied => Outcome::Denied(failure(Lasting::Permanent, Turn::Operator)),
        }
    }

    fn meaning(&self, answer: &Answer, request: &Request) -> Meaning {
        let code = answer.status.as_u16();
        if let Some(meaning) = self.codes.get(&code) {
            return *meaning;
        }
        let Request {
            action, repeated, ..
        } = request;
        match code {
            200..=299 if answer.is_page() => Meaning::Unknown,
            200..=299 => Meaning::Accepted,
            // What we asked for was done when the answer was lost: the order is there, or is gone.
            409 if *repeated => Meaning::Accepted,
            404 | 410 if *repeated && *action == Action::Cancel => Meaning::Accepted,
            400 | 409 | 413 | 415 | 422 => Meaning::Refused,
            // The order to be changed is not there: the sender's matter, unlike a wrong address.
            404 | 410 if *action != Action::Create => Meaning::Refused,
            300..=399 | 401 | 403 | 404 | 405 | 407 | 410 => Meaning::Denied,
            // A gateway lost the answer of the server behind it (RFC 9110, 15.6.3 and 15.6.5).
            502 | 504 => Meaning::Unknown,
            408 | 425 | 429 | 500..=599 => Meaning::Later,
            _ => Meaning::Parked,
        }
    }

    /// The partner's own id of the order.
    fn remote_id(&self, answer: &Answer, body: &Value) -> Option<String> {
        let named = self.remote_id.as_deref();
        let named = named.and_then(|pointer| plain(body.pointer(pointer)?));
        named.or_else(|| answer.located()).filter(|id| is_id(id))
    }

    /// What else the answer tells of the order.
    fn facts(&self, body: &Value) -> Facts {
        let found = self.facts.iter();
        let found = found.filter_map(|(name, at)| Some((name.clone(), body.pointer(at)?)));
        facts(found)
    }
}

impl Answer {
    pub(in crate::partners) fn header(&self, name: &HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub(in crate::partners) fn content_type(&self) -> &str {
        self.header(&CONTENT_TYPE).unwrap_or_default()
    }

    /// A web page where an answer to an order was expected: a login page or a proxy spoke.
    pub(in crate::partners) fn is_page(&self) -> bool {
        let page = self.content_type().trim_start().get(..9);
        page.is_some_and(|kind| kind.eq_ignore_ascii_case("text/html")) && !self.body.is_empty()
    }

    /// The last part of the `Location` header, decoded: what was made there (RFC 9110, 10.2.2).
    fn located(&self) -> Option<String> {
        let location = self.header(&LOCATION)?;
        let path = location.split(['?', '#']).next()?.trim_end_matches('/');
        // The first two slashes of an address belong to its host.
        let path = path.split_once("://").map_or(path, |(_, tail)| tail);
        address::decoded(path.rsplit_once('/')?.1)
    }

    /// What Retry-After asks for, within our own bound: seconds or a date (RFC 9110, 10.2.3).
    /// Nothing and dates in the past leave the wait to the back-off.
    pub(in crate::partners) fn retry_after(&self, now: Millis) -> Option<Duration> {
        let asked = self.header(&RETRY_AFTER)?.trim();
        let wait = if !asked.is_empty() && asked.bytes().all(|byte| byte.is_ascii_digit()) {
            Duration::from_secs(asked.parse().unwrap_or(u64::MAX))
        } else {
            now.until(Millis(date(asked)?))
        };
        (!wait.is_zero()).then(|| backoff::asked(wait))
    }

    /// Status and the start of the body, for people.
    pub(in crate::partners) fn line(&self) -> String {
        let mut line = format!("HTTP {}", self.status);
        let start = words::start(&self.body, limits::ANSWER_CHARS);
        if !start.is_empty() {
            line.push_str(": ");
            line.push_str(&start);
        }
        if !self.whole {
            line.push_str(" (the answer was cut off)");
        }
        line
    }

    /// What happened and what to do about it.
    pub(in crate::partners) fn sentence(&self, meaning: Meaning, said: &str) -> String {
        let status = self.status;
        let said = if said.is_empty() {
            String::new()
        } else {
            format!(" (“{said}”)")
        };
        let advice = self.advice(meaning);
        format!("the destination answered {status}{said}. {advice}")
    }

    fn advice(&self, meaning: Meaning) -> Cow<'static, str> {
        let advice = match (meaning, self.status.as_u16()) {
            (Meaning::Denied, 300..=399) => return self.redirected().into(),
            (Meaning::Denied, 404 | 405 | 410) => {
                "It does not know this address or method: check url and method."
            }
            (Meaning::Denied, 407) => "The proxy wants credentials: check proxy.",
            (Meaning::Denied, _) => {
                "It does not accept our credentials: check auth and our rights there."
            }
            (Meaning::Unknown, 200..=299) => {
                "That is a web page, as a login page or a proxy sends it; the order may or may not \
                 have been taken. If this partner does answer so, set codes = { \"200\" = \
                 \"accepted\" }."
            }
            (Meaning::Unknown, _) => "The order may or may not have been taken.",
            (Meaning::Parked, _) => {
                "No rule covers it: look at the partner's side, then retry or cancel the \
                 delivery. The destination's codes can make a rule."
            }
            _ => "It is tried again.",
        };
        advice.into()
    }

    fn redirected(&self) -> String {
        match self.header(&LOCATION) {
            Some(location) => {
                let address = location.split(['?', '#']).next().unwrap_or_default();
                let address = words::start(address.as_bytes(), limits::ANSWER_CHARS);
                format!("Redirects are not followed: if {address} is right, set url to it.")
            }
            None => "Redirects are not followed: set url to the final address.".to_owned(),
        }
    }

    /// Whether a probe's answer shows a destination that will take orders.
    pub(in crate::partners) fn probed(&self, during: &str) -> Result<(), Failure> {
        let meaning = match self.status.as_u16() {
            401 | 403 | 407 | 300..=399 => Meaning::Denied,
            408 | 425 | 429 | 500..=599 => Meaning::Later,
            _ => return Ok(()),
        };
        let message = self.sentence(meaning, "");
        Err(match meaning {
            Meaning::Denied => Failure::operator(during, message),
            _ => Failure::temporary(during, message),
        })
    }
}

/// A date of HTTP in milliseconds: the form that is sent today and the two obsolete ones that must
/// still be read (RFC 9110, 5.6.7).
fn date(text: &str) -> Option<i64> {
    let obsolete = ["%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"];
    jiff::fmt::rfc2822::DateTimeParser::new()
        .relaxed_weekday(true)
        .parse_timestamp(text)
        .ok()
        .or_else(|| {
            obsolete.iter().find_map(|form| {
                let parsed = jiff::fmt::strtime::parse(form, text).ok()?;
                let civil = parsed.to_datetime().ok()?;
                Some(civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
            })
        })
        .map(jiff::Timestamp::as_millisecond)
}

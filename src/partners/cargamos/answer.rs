//! What Cargamos says: by the codes of the errors in its envelope, under whatever status.

use hyper::StatusCode;
use serde_json::Value;

use crate::limits;
use crate::partners::wire::answer::{Answer, Meaning, facts, is_id, plain};
use crate::partners::wire::link::{Link, question};
use crate::partners::wire::words;
use crate::partners::{Facts, Outcome, Receipt, Refusal, Request};

/// Whether the token is no longer taken.
pub(super) fn is_unauthorized(answer: &Answer) -> bool {
    let said = || {
        let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        codes(&body).any(|code| code == "UNAUTHORIZED")
    };
    answer.status == StatusCode::UNAUTHORIZED || said()
}

fn errors(body: &Value) -> impl Iterator<Item = &Value> {
    body.get("errors")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

fn codes(body: &Value) -> impl Iterator<Item = &str> {
    errors(body).filter_map(|error| error.get("code")?.as_str())
}

/// What an answer comes to; `own` is the tracking id that was sent.
pub(super) fn outcome(link: &Link, answer: &Answer, request: &Request, own: &str) -> Outcome {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let Some(code) = codes(&body).next() else {
        return without_error(link, answer, &body, request);
    };
    let words = words(&body);
    match code {
        // Our own request whose answer was lost was applied under the id that it was sent with.
        "ALREADY_EXISTS" if request.repeated => Outcome::Accepted(Receipt {
            facts: Facts::from([("tracking_number".to_owned(), own.to_owned())]),
            answer: format!("{} (our own, whose answer was lost)", link.line(answer)),
            ..Receipt::default()
        }),
        "ALREADY_EXISTS" | "COVERAGE_FAILURE" | "INVALID_PARAMETER" | "MISSING_PARAMETER"
        | "ILLEGAL_CHARACTERS" => Outcome::Refused(Refusal {
            code: format!("Cargamos {code}"),
            words,
        }),
        "UNAUTHORIZED" | "FORBIDDEN" | "NOT_FOUND" => link.denied(answer, &words),
        "UNEXPECTED_ERROR" => link.later(answer, &words),
        // Not documented: under a status of success the order was at least not refused for sure.
        _ if answer.status.is_success() => Outcome::Parked(link.failure(format!(
            "Cargamos answered with the code {code}, which no rule covers: {words}"
        ))),
        _ => link.plain(answer, request),
    }
}

/// What was asked for. That there is no such thing is what was told wrong.
pub(super) fn given(link: &Link, answer: &Answer) -> Result<Value, Outcome> {
    let mut body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    if codes(&body).next() == Some("NOT_FOUND") {
        return Err(Outcome::Refused(Refusal {
            code: "Cargamos NOT_FOUND".to_owned(),
            words: words(&body),
        }));
    }
    match outcome(link, answer, &question(), "") {
        Outcome::Accepted(_) => Ok(body.get_mut("data").map(Value::take).unwrap_or_default()),
        outcome => Err(outcome),
    }
}

fn without_error(link: &Link, answer: &Answer, body: &Value, request: &Request) -> Outcome {
    if !answer.status.is_success() {
        return link.plain(answer, request);
    }
    let data = body.get("data").filter(|data| data.is_object());
    let Some(data) = data else {
        return Outcome::Unknown(link.passing(answer.sentence(Meaning::Unknown, "")));
    };
    let id = data
        .get("shipmentId")
        .and_then(plain)
        .filter(|id| is_id(id));
    let told = [("tracking_number", "trackingId"), ("lot", "lotId")];
    let told = told.iter();
    Outcome::Accepted(Receipt {
        remote_id: id,
        facts: facts(told.filter_map(|(name, theirs)| Some((*name, data.get(theirs)?)))),
        answer: link.line(answer),
    })
}

/// The errors in their own words, each with the parameter it is about; some write its steps with
/// arrows, some with dots.
fn words(body: &Value) -> String {
    let text = |error: &Value, name: &str| error.get(name).and_then(plain).unwrap_or_default();
    let sentences = errors(body).take(limits::WORDS_FINDINGS).map(|error| {
        let place = text(error, "parameter").replace("->", ".");
        let message = text(error, "message");
        let details = match error.get("details") {
            Some(Value::Array(list)) => {
                list.iter().filter_map(plain).collect::<Vec<_>>().join(", ")
            }
            Some(other) => plain(other).unwrap_or_default(),
            None => String::new(),
        };
        let parts = [place, message, details].into_iter();
        let parts = parts.filter(|part| !part.is_empty());
        parts.collect::<Vec<_>>().join(": ")
    });
    let all = sentences.collect::<Vec<_>>().join("; ");
    words::start(all.as_bytes(), limits::WORDS_CHARS)
}

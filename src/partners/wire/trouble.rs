//! What it means when a request gets no answer.
//!
//! The one question that matters is whether the partner may have seen it. It cannot have before
//! there was a connection; after that it may, whatever the error says.

use std::error::Error;

use super::redact::Redactor;
use crate::failure::{Failure, Lasting, Turn};
use crate::partners::Outcome;

type Cause = Box<dyn Error + Send + Sync>;

/// Why there is no answer.
#[derive(Debug)]
pub(in crate::partners) enum Trouble {
    /// The request could not be made.
    Address(String),
    /// The destination's name has no address.
    Name(std::io::Error),
    /// No connection came about, TLS included.
    Connect(Cause),
    /// No answer in time.
    Late,
    /// The connection ended.
    Lost(hyper::Error),
}

impl Trouble {
    pub(in crate::partners) fn connect(error: impl Into<Cause>) -> Self {
        Self::Connect(error.into())
    }

    /// What the request may have done.
    pub(in crate::partners) fn outcome(&self, during: &str, redactor: &Redactor) -> Outcome {
        let failure = |turn, message: String| Failure {
            lasting: Lasting::Temporary,
            turn,
            during: during.to_owned(),
            message: redactor.clean(message),
        };
        let partner = |message| failure(Turn::Partner, message);
        let operator = |message| failure(Turn::Operator, message);
        match self {
            Self::Address(why) => {
                Outcome::Parked(operator(format!("the request could not be made: {why}.")))
            }
            Self::Name(error) => Outcome::Unreachable(operator(format!(
                "the destination's name could not be resolved: {error}. Nothing was sent. Check \
                 the url and this machine's name servers."
            ))),
            Self::Late => Outcome::Unknown(partner(
                "no answer in time. The order may or may not have been taken.".to_owned(),
            )),
            Self::Connect(error) => match tls_error(&**error) {
                Some(rustls::Error::AlertReceived(_)) => refused(&**error, operator),
                Some(_) => Outcome::Unreachable(operator(format!(
                    "the destination's TLS could not be verified: {}. Nothing was sent. Check its \
                     certificate, the name in the url, and ca.",
                    chain(&**error)
                ))),
                None => Outcome::Later {
                    after: None,
                    failure: partner(format!(
                        "no connection: {}. Nothing was sent.",
                        chain(&**error)
                    )),
                    destination: true,
                },
            },
            Self::Lost(error) => match tls_error(error) {
                Some(rustls::Error::AlertReceived(_)) => refused(error, operator),
                _ => Outcome::Unknown(partner(format!(
                    "the connection ended before the answer: {}. The order may or may not have \
                     been taken.",
                    chain(error)
                ))),
            },
        }
    }
}

/// The peer ended the session by an alert: it read no request of ours (RFC 8446, 6.2).
fn refused(error: &(dyn Error + 'static), operator: impl Fn(String) -> Failure) -> Outcome {
    Outcome::Unreachable(operator(format!(
        "the destination refused the TLS session: {}. Nothing was accepted.",
        chain(error)
    )))
}

/// The error of the TLS library at or below `error`.
fn tls_error<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(tls) = error.downcast_ref() {
            return Some(tls);
        }
        // An I/O error shows what it wraps only here, and not as its source.
        let inner = error.downcast_ref::<std::io::Error>();
        next = match inner.and_then(std::io::Error::get_ref) {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}

/// The innermost reasons of an error.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let word = error.to_string();
        if words.last().is_none_or(|last| !last.contains(&word)) {
            words.push(word);
        }
        next = error.source();
    }
    let from = words.len().saturating_sub(2);
    words.get(from..).unwrap_or_default().join(": ")
}

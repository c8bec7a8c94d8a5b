//! What a partner's answers and faults come to.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use orderdock::order::Action;
use orderdock::partners::http::{
    Auth, Authorities, BodyForm, Endpoint, Escape, HttpPartner, HttpSettings, Meaning, Text, Verb,
};
use orderdock::partners::{Body, Outcome, Partner as _, Request};

use crate::support::partner::{Answer, Partner};
use crate::support::{proxy, tls};

mod line;
mod meaning;
mod requests;
mod secrets;

const SECRET: &str = "canary-4711-secret";

fn settings(partner: &Partner) -> HttpSettings {
    HttpSettings {
        response_timeout: Duration::from_millis(300),
        total_timeout: Duration::from_millis(600),
        ..HttpSettings::new("erp", partner.url("/orders"))
    }
}

fn build(settings: &HttpSettings) -> HttpPartner {
    tls::provider();
    HttpPartner::new(settings).unwrap()
}

fn request(action: Action) -> Request {
    Request {
        key: "od1-abc".into(),
        action,
        reference: "4500/7".into(),
        body: Bytes::from_static(b"{\"reference\":\"4500/7\"}"),
        remote_id: Some("r 9".into()),
        repeated: false,
    }
}

/// The kind of an outcome and what it says, on one line.
fn told(outcome: &Outcome) -> (&'static str, String) {
    match outcome {
        Outcome::Accepted(receipt) => ("accepted", format!("{receipt:?}")),
        Outcome::Refused(refusal) => ("refused", format!("{} {}", refusal.code, refusal.words)),
        Outcome::Later { failure, after, .. } => ("later", format!("{failure} {after:?}")),
        Outcome::Unknown(failure) => ("unknown", failure.to_string()),
        Outcome::Denied(failure) => ("denied", failure.to_string()),
        Outcome::Unreachable(failure) => ("unreachable", failure.to_string()),
        Outcome::Parked(failure) => ("parked", failure.to_string()),
    }
}

async fn kind(settings: &HttpSettings, action: Action) -> &'static str {
    told(&build(settings).deliver(&request(action)).await).0
}

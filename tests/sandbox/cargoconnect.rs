//! CargoCONNECT: subscriptions, their life, and signed callbacks.

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use orderdock::sandbox::{Kind, Sandbox};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::support::partner::{Answer as Said, Partner};
use crate::support::smtp::{FakeSmtp, Script};

use super::{Answer, send, start, start_with};

const AWB: &str = "000-01234567";

async fn ask(sandbox: &Sandbox, path: &str, body: &Value) -> Answer {
    let headers = [
        ("x-api-key", "cargoconnect-key"),
        ("Content-Type", "application/json"),
    ];
    let path = format!("/solutions/track/{path}");
    send(
        sandbox,
        Kind::CargoConnect,
        ("POST", &path),
        &headers,
        &body.to_string(),
    )
    .await
}

async fn next(sandbox: &Sandbox, count: u64) -> Value {
    let input = json!({ "awb": AWB, "count": count });
    sandbox
        .act(Kind::CargoConnect, "next", &input)
        .await
        .unwrap()
}

async fn receiver() -> Partner {
    let receiver = Partner::start().await;
    receiver.always(Said::status(200));
    receiver
}

fn heard(receiver: &Partner) -> Vec<Value> {
    let seen = receiver.seen();
    let bodies = seen
        .iter()
        .map(|seen| serde_json::from_slice(&seen.body).unwrap());
    bodies.collect()
}

#[tokio::test]
async fn without_the_key_everything_is_forbidden() {
    let sandbox = start(Kind::CargoConnect).await;
    for headers in [&[][..], &[("x-api-key", "wrong")]] {
        let route = ("POST", "/solutions/track/subscribe");
        let answer = send(&sandbox, Kind::CargoConnect, route, headers, "{}").await;
        assert_eq!(answer.status, 403);
        assert_eq!(answer.json(), json!({ "message": "Forbidden" }));
    }
}

#[tokio::test]
async fn subscribing_answers_as_documented() {
    let sandbox = start(Kind::CargoConnect).await;
    let mails = |count: usize| {
        (0..count)
            .map(|n| format!("a{n}@example.com"))
            .collect::<Vec<_>>()
    };
    let invalid = json!({ "status": 400, "error": "invalid body" });
    let fine = json!({ "status": 200, "message": "successfully subscribed" });
    for (body, expected) in [
        (json!({ "awb": AWB, "url": "https://example.com/x" }), &fine),
        (json!({ "awb": AWB, "url": "https://example.com/x" }), &fine),
        (json!({ "awb": AWB, "emails": mails(5) }), &fine),
        (json!({ "awb": AWB, "emails": mails(6) }), &invalid),
        (json!({ "awb": AWB }), &invalid),
        (json!({ "awb": AWB, "email": "a@example.com" }), &invalid),
        (json!({ "awb": AWB, "emails": [] }), &invalid),
        (json!({ "awb": AWB, "emails": ["nobody"] }), &invalid),
        (
            json!({ "awb": "00001234567", "url": "https://example.com/x" }),
            &invalid,
        ),
        (
            json!({ "awb": "000-1234567", "url": "https://example.com/x" }),
            &invalid,
        ),
        (json!({ "url": "https://example.com/x" }), &invalid),
        (json!([]), &invalid),
    ] {
        let answer = ask(&sandbox, "subscribe", &body).await;
        assert_eq!(answer.json(), *expected, "{body}");
        assert_eq!(u64::from(answer.status), expected["status"], "{body}");
    }
    for url in [
        "https:://www.callback-url.to",
        "ftp://example.com",
        "example.com",
        "http://",
    ] {
        let answer = ask(&sandbox, "subscribe", &json!({ "awb": AWB, "url": url })).await;
        assert_eq!(
            answer.json(),
            json!({ "status": 400, "error": "invalid url format" }),
            "{url}"
        );
    }
    let limited = json!({ "awb": "999-00000000", "url": "https://example.com/x" });
    let answer = ask(&sandbox, "subscribe", &limited).await.json();
    assert_eq!(
        answer["message"],
        "successfully subscribed - This airline is not fully supported, so updates may be limited."
    );
}

#[tokio::test]
async fn unsubscribing_tells_apart_what_was_never_and_what_is_not_subscribed() {
    let sandbox = start(Kind::CargoConnect).await;
    let target = |url: &str| json!({ "awb": AWB, "url": format!("https://example.com/{url}") });
    let never = ask(&sandbox, "unsubscribe", &target("a")).await;
    assert_eq!(never.status, 404);
    assert_eq!(
        never.json()["error"],
        "No active subscription found for the given AWB/target"
    );
    ask(&sandbox, "subscribe", &target("a")).await;
    let other = ask(&sandbox, "unsubscribe", &target("b")).await;
    assert_eq!(
        (other.status, &other.json()["error"]),
        (400, &json!("not subscribed"))
    );
    let gone = ask(&sandbox, "unsubscribe", &target("a")).await;
    assert_eq!(
        gone.json(),
        json!({ "status": 200, "message": "successfully unsubscribed" })
    );
    assert_eq!(ask(&sandbox, "unsubscribe", &target("a")).await.status, 400);
    assert_eq!(
        ask(&sandbox, "subscribe", &target("a")).await.status,
        200,
        "again"
    );
    let mail = json!({ "awb": AWB, "emails": ["a@example.com"] });
    ask(&sandbox, "subscribe", &mail).await;
    let single = json!({ "awb": AWB, "email": "a@example.com" });
    assert_eq!(ask(&sandbox, "unsubscribe", &single).await.status, 200);
    assert_eq!(
        ask(&sandbox, "unsubscribe", &json!({ "awb": AWB }))
            .await
            .status,
        400
    );
}

#[tokio::test]
async fn a_callback_tells_what_was_what_is_new_and_all() {
    let receiver = receiver().await;
    let sandbox = start(Kind::CargoConnect).await;
    let body = json!({ "awb": AWB, "url": receiver.url("/hook") });
    ask(&sandbox, "subscribe", &body).await;
    next(&sandbox, 2).await;
    next(&sandbox, 3).await;
    let heard = heard(&receiver);
    let list = |index: usize, key: &str| heard[index][key].as_array().unwrap().clone();
    assert_eq!(list(0, "oldEvents"), Vec::<Value>::new());
    assert_eq!(list(0, "newEvents").len(), 2);
    assert_eq!(list(1, "oldEvents"), list(0, "newEvents"));
    assert_eq!(
        list(1, "events"),
        [list(1, "oldEvents"), list(1, "newEvents")].concat()
    );
    let all = list(1, "events");
    let codes: Vec<_> = all
        .iter()
        .map(|event| event["code"].as_str().unwrap())
        .collect();
    assert_eq!(
        codes,
        ["BKD", "FOH", "RCS", "DEP", "DEP"],
        "a departure was corrected"
    );
    assert!(all[0].get("eventDate").is_none(), "a booking has no date");
    assert_ne!(all[3]["eventDate"], all[4]["eventDate"]);
    assert!(
        all.iter()
            .all(|event| event["weight"] == "220.0" && event["pieces"] == "20")
    );
    assert!(all[3]["flight"]["number"].is_string());
}

#[tokio::test]
async fn subscriptions_end_after_three_weeks_and_can_be_renewed() {
    let receiver = receiver().await;
    let sandbox = start(Kind::CargoConnect).await;
    let body = json!({ "awb": AWB, "url": receiver.url("/hook") });
    let day = Duration::from_secs(86_400);
    ask(&sandbox, "subscribe", &body).await;
    sandbox.advance(day * 20);
    next(&sandbox, 1).await;
    ask(&sandbox, "subscribe", &body).await;
    sandbox.advance(day * 21 - Duration::from_secs(1));
    next(&sandbox, 1).await;
    assert_eq!(
        heard(&receiver).len(),
        2,
        "the renewal began the three weeks anew"
    );
    sandbox.advance(Duration::from_secs(1));
    let told = next(&sandbox, 1).await;
    assert_eq!(told["sent"], json!([]));
    let answer = ask(&sandbox, "unsubscribe", &body).await;
    assert_eq!(answer.status, 400, "it is over by itself");
}

#[tokio::test]
async fn nothing_comes_after_the_delivery() {
    let receiver = receiver().await;
    let sandbox = start(Kind::CargoConnect).await;
    let body = json!({ "awb": AWB, "url": receiver.url("/hook") });
    ask(&sandbox, "subscribe", &body).await;
    next(&sandbox, 9).await;
    let late = json!({ "awb": AWB, "event": { "code": "NFD" } });
    let told = sandbox
        .act(Kind::CargoConnect, "event", &late)
        .await
        .unwrap();
    assert_eq!(told["sent"], json!([]));
    assert_eq!(heard(&receiver).len(), 1);
    let script = json!({ "awb": AWB, "events": [{ "code": "RCS" }] });
    sandbox
        .act(Kind::CargoConnect, "script", &script)
        .await
        .unwrap();
    assert_eq!(
        next(&sandbox, 1).await["result"]["newEvents"],
        json!([{ "code": "RCS" }])
    );
    let end = json!({ "awb": AWB });
    assert!(sandbox.act(Kind::CargoConnect, "next", &end).await.is_err());
}

fn sum(key: &str, bytes: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(bytes);
    BASE64_STANDARD.encode(mac.finalize().into_bytes())
}

#[tokio::test]
async fn callbacks_say_who_they_are_from_in_four_ways() {
    // The published vector: what this test expects is what the partner does.
    assert_eq!(
        sum("test-key", br#"{"awb":"000-11223343"}"#),
        "0TKYafelg598/gKRD8XVrqTUylMqt5KV+Zk73rqcqSc="
    );
    let receiver = receiver().await;
    let sandbox = start(Kind::CargoConnect).await;
    let body = json!({ "awb": AWB, "url": receiver.url("/hook") });
    ask(&sandbox, "subscribe", &body).await;
    for callback in [
        json!({ "auth": "none" }),
        json!({ "auth": "basic", "user": "u", "password": "p" }),
        json!({ "auth": "bearer", "token": "t" }),
        json!({ "auth": "hmac" }),
    ] {
        let change = json!({ "cargoconnect": { "callback": callback } });
        sandbox.change(&change).unwrap();
        next(&sandbox, 1).await;
    }
    let seen = receiver.seen();
    let header = |index: usize, name: &str| seen[index].headers.get(name).map(String::as_str);
    assert_eq!(header(0, "authorization"), None);
    assert_eq!(header(1, "authorization"), Some("Basic dTpw"));
    assert_eq!(header(2, "authorization"), Some("Bearer t"));
    assert_eq!(header(3, "authorization"), None);
    let raw = &seen[3].body;
    assert_eq!(
        header(3, "cargoai-api-key"),
        Some(sum("cargoconnect-key", raw).as_str())
    );
    let again: Value = serde_json::from_slice(raw).unwrap();
    let again = serde_json::to_string_pretty(&again).unwrap();
    assert_ne!(
        header(3, "cargoai-api-key"),
        Some(sum("cargoconnect-key", again.as_bytes()).as_str())
    );
}

#[tokio::test]
async fn updates_go_by_mail_as_well() {
    let server = FakeSmtp::start(Script::default()).await;
    let url = format!("smtp://127.0.0.1:{}", server.port);
    let sandbox = start_with(&[Kind::CargoConnect], &json!({ "smtp": url })).await;
    let body = json!({ "awb": AWB, "emails": ["a@example.com", "b@example.com"] });
    ask(&sandbox, "subscribe", &body).await;
    let told = next(&sandbox, 1).await;
    assert_eq!(told["sent"].as_array().unwrap().len(), 2);
    for sent in told["sent"].as_array().unwrap() {
        assert_eq!(sent["status"], 250, "{sent}");
    }
    let heard = server.heard();
    for line in ["To: <a@example.com>", "To: <b@example.com>", "BKD AMS -"] {
        assert!(heard.iter().any(|heard| heard == line), "{line}: {heard:?}");
    }
}

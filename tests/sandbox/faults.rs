//! What can be made to go wrong.

use std::time::Duration;

use orderdock::sandbox::{Kind, Sandbox};
use serde_json::{Value, json};

use super::contargo::{call, login, sample};
use super::{start, try_send};

async fn orders(sandbox: &Sandbox) -> usize {
    let state = sandbox.state(Kind::Contargo);
    state["orders"].as_array().unwrap().len()
}

const POST: (&str, &str) = ("POST", "/star/orders");

/// The same request; `None` where the connection ended instead of an answer.
async fn post(sandbox: &Sandbox, bearer: &str, order: &Value) -> Option<u16> {
    let headers = [
        ("Authorization", bearer),
        ("Content-Type", "application/json"),
    ];
    let target = "/contargo/cola/1.0/star/orders";
    let body = order.to_string();
    let answer = try_send(sandbox.address(), "POST", target, &headers, &body).await;
    answer.map(|answer| answer.status)
}

#[tokio::test]
async fn commit_then_drop_keeps_the_order_and_says_nothing() {
    let sandbox = start(Kind::Contargo).await;
    let bearer = login(&sandbox).await;
    let order = sample(&sandbox, &bearer).await;
    sandbox
        .fault("contargo POST /star/orders = commit-then-drop, times=1")
        .unwrap();
    assert_eq!(post(&sandbox, &bearer, &order).await, None);
    assert_eq!(orders(&sandbox).await, 1);
    assert_eq!(post(&sandbox, &bearer, &order).await, Some(201));
    let log = sandbox.log();
    let dropped = &log[log.len() - 2];
    assert_eq!(dropped.status, None);
    assert_eq!(
        dropped.fault.as_deref(),
        Some("contargo POST /star/orders = commit-then-drop, times=1")
    );
}

#[tokio::test]
async fn reset_keeps_nothing() {
    let sandbox = start(Kind::Contargo).await;
    let bearer = login(&sandbox).await;
    let order = sample(&sandbox, &bearer).await;
    sandbox.fault("POST *orders = reset").unwrap();
    assert_eq!(post(&sandbox, &bearer, &order).await, None);
    assert_eq!(orders(&sandbox).await, 0);
    sandbox.heal();
    assert_eq!(post(&sandbox, &bearer, &order).await, Some(201));
}

#[tokio::test]
async fn failures_come_in_the_partners_words_and_with_retry_after() {
    let sandbox = start(Kind::Contargo).await;
    let bearer = login(&sandbox).await;
    let order = sample(&sandbox, &bearer).await;
    sandbox
        .fault("/star/orders = 503:30, after=1, times=2")
        .unwrap();
    let mut told = Vec::new();
    for _ in 0..4 {
        let answer = call(&sandbox, &bearer, POST, &order).await;
        if answer.status == 503 {
            assert_eq!(answer.headers["retry-after"], "30");
            assert!(answer.json()["messages"][0].is_string());
        }
        told.push(answer.status);
    }
    assert_eq!(told, [201, 503, 503, 201]);
    sandbox.fault("GET = 500").unwrap();
    assert_eq!(
        call(&sandbox, &bearer, ("GET", "/locations"), &Value::Null)
            .await
            .status,
        500
    );
    assert_eq!(orders(&sandbox).await, 2);
}

#[tokio::test]
async fn an_error_can_hide_under_200() {
    let sandbox = start(Kind::Contargo).await;
    let bearer = login(&sandbox).await;
    let order = sample(&sandbox, &bearer).await;
    sandbox.fault("/star/orders = error-under-200").unwrap();
    let answer = call(&sandbox, &bearer, POST, &order).await;
    assert_eq!(answer.status, 200);
    assert!(answer.json()["messages"][0].is_string(), "{}", answer.body);
    assert_eq!(orders(&sandbox).await, 0);
}

#[tokio::test]
async fn a_rate_limit_lets_so_many_pass_in_its_window() {
    let sandbox = start(Kind::Contargo).await;
    let bearer = login(&sandbox).await;
    sandbox.fault("/locations = rate-limit:2/10s").unwrap();
    let mut told = Vec::new();
    for _ in 0..3 {
        let answer = call(&sandbox, &bearer, ("GET", "/locations"), &Value::Null).await;
        told.push((answer.status, answer.headers.get("retry-after").cloned()));
    }
    sandbox.advance(Duration::from_secs(10));
    let answer = call(&sandbox, &bearer, ("GET", "/locations"), &Value::Null).await;
    told.push((answer.status, None));
    assert_eq!(
        told,
        [
            (200, None),
            (200, None),
            (429, Some("10".to_owned())),
            (200, None)
        ]
    );
}

#[tokio::test]
async fn a_slow_answer_is_a_whole_answer() {
    let sandbox = start(Kind::Contargo).await;
    let bearer = login(&sandbox).await;
    sandbox.fault("/locations = slow:10ms").unwrap();
    let answer = call(&sandbox, &bearer, ("GET", "/locations"), &Value::Null).await;
    assert_eq!(answer.status, 200);
    let log = sandbox.log();
    assert_eq!(
        log.last().unwrap().fault.as_deref(),
        Some("/locations = slow:10ms")
    );
}

#[tokio::test]
async fn a_rule_that_cannot_be_read_is_explained() {
    let sandbox = start(Kind::Contargo).await;
    for (rule, words) in [
        ("contargo", "no `=`"),
        ("fedex = 500", "none of contargo"),
        ("contargo = explode", "no fault"),
        ("contargo = 200", "no fault"),
        ("contargo = 500, times=x", "no number"),
        ("contargo = 500, often", "neither times=N nor after=N"),
        ("contargo = slow:1", "no span"),
        ("contargo = slow:2h", "longer"),
        ("contargo = rate-limit:5", "no rate"),
    ] {
        let told = sandbox.fault(rule).unwrap_err();
        assert!(told.contains(words), "{rule}: {told}");
    }
    assert_eq!(
        json!([]),
        super::control(&sandbox, "GET", "faults", "").await.json()
    );
}

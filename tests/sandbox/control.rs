//! The control path: log, clock, settings, faults, what happens on the partner's side.

use orderdock::sandbox::Kind;
use serde_json::{Value, json};

use super::contargo::{ask_token, call, login, sample};
use super::{control, send, start, start_with, try_send};

#[tokio::test]
async fn the_log_is_a_page_and_json_and_hides_secrets() {
    let sandbox = start(Kind::Contargo).await;
    let bearer = login(&sandbox).await;
    call(
        &sandbox,
        &bearer,
        ("GET", "/locations?name=b"),
        &Value::Null,
    )
    .await;
    ask_token(
        &sandbox,
        "grant_type=password&client_id=cola-api&username=<b>&password=canary-4711",
    )
    .await;
    let entries = control(&sandbox, "GET", "log.json", "").await;
    let list = entries.json();
    assert_eq!(list.as_array().unwrap().len(), 3);
    assert_eq!(list[0]["number"], 1);
    assert_eq!(list[0]["kind"], "contargo");
    assert_eq!(list[1]["status"], 200);
    assert_eq!(list[2]["note"], "Invalid user credentials");
    let page = control(&sandbox, "GET", "log", "").await;
    assert!(page.headers["content-type"].starts_with("text/html"));
    assert!(page.body.contains("username=&lt;b&gt;") && !page.body.contains("=<b>"));
    for text in [&entries.body, &page.body] {
        for secret in [
            "canary-4711",
            "contargo-password",
            bearer.strip_prefix("Bearer ").unwrap(),
        ] {
            assert!(!text.contains(secret), "{secret} is in the log");
        }
    }
    assert_eq!(control(&sandbox, "DELETE", "log", "").await.status, 204);
    assert_eq!(
        control(&sandbox, "GET", "log.json", "").await.json(),
        json!([])
    );
    let accept = [("Accept", "application/json")];
    let answer = try_send(sandbox.address(), "GET", "/_sandbox/log", &accept, "").await;
    assert_eq!(answer.unwrap().json(), json!([]));
}

#[tokio::test]
async fn the_clock_is_set_moved_and_stopped() {
    let sandbox = start(Kind::Contargo).await;
    let clock = control(&sandbox, "GET", "clock", "").await.json();
    assert_eq!(
        clock,
        json!({ "now": "2026-03-02T10:00:00.000Z", "frozen": true })
    );
    let clock = control(&sandbox, "POST", "clock", r#"{"advance": "21d"}"#)
        .await
        .json();
    assert_eq!(clock["now"], "2026-03-23T10:00:00.000Z");
    let set = r#"{"set": "2030-01-01T00:00:00Z", "advance": "1h"}"#;
    let clock = control(&sandbox, "POST", "clock", set).await.json();
    assert_eq!(clock["now"], "2030-01-01T01:00:00.000Z");
    let clock = control(&sandbox, "POST", "clock", r#"{"frozen": false}"#)
        .await
        .json();
    assert_eq!(clock["frozen"], false);
    for wrong in [r#"{"advance": "soon"}"#, r#"{"set": "noon"}"#, "{"] {
        assert_eq!(
            control(&sandbox, "POST", "clock", wrong).await.status,
            400,
            "{wrong}"
        );
    }
}

#[tokio::test]
async fn settings_are_changed_while_it_runs() {
    let sandbox = start(Kind::Contargo).await;
    let change = r#"{"contargo": {"password": "other"}}"#;
    let all = control(&sandbox, "PATCH", "settings", change).await.json();
    assert_eq!(all["contargo"]["password"], "other");
    assert_eq!(all["contargo"]["user"], "sandbox");
    let form = "grant_type=password&username=sandbox&password=other&client_id=cola-api";
    assert_eq!(ask_token(&sandbox, form).await.status, 200);
    let wrong = control(
        &sandbox,
        "PATCH",
        "settings",
        r#"{"contargo": {"pasword": "x"}}"#,
    )
    .await;
    assert_eq!(wrong.status, 400);
    assert!(wrong.body.contains("pasword"), "{}", wrong.body);
}

#[tokio::test]
async fn faults_and_actions_come_by_http_too() {
    let sandbox = start(Kind::Contargo).await;
    let bearer = login(&sandbox).await;
    let rules = "GET /locations = 500, times=1\n\n/star/orders = reset\n";
    let told = control(&sandbox, "POST", "faults", rules).await.json();
    assert_eq!(told.as_array().unwrap().len(), 2);
    let locations = ("GET", "/locations");
    assert_eq!(
        call(&sandbox, &bearer, locations, &Value::Null)
            .await
            .status,
        500
    );
    let told = control(&sandbox, "GET", "faults", "").await.json();
    assert_eq!(told[0]["fitted"], 1);
    assert_eq!(control(&sandbox, "DELETE", "faults", "").await.status, 204);
    assert_eq!(
        call(&sandbox, &bearer, locations, &Value::Null)
            .await
            .status,
        200
    );
    assert_eq!(
        control(&sandbox, "POST", "faults", "nonsense").await.status,
        400
    );

    let order = sample(&sandbox, &bearer).await;
    let made = call(&sandbox, &bearer, ("POST", "/star/orders"), &order)
        .await
        .json();
    let told = control(&sandbox, "POST", "contargo/book", &made.to_string()).await;
    assert_eq!(told.json()["result"]["state"], "BOOKED");
    let state = control(&sandbox, "GET", "state/contargo", "").await.json();
    assert_eq!(state["orders"][0]["state"], "BOOKED");
    let wrong = control(&sandbox, "POST", "contargo/dance", "{}").await;
    assert_eq!(wrong.status, 400);
    assert!(wrong.body.contains("book, event"), "{}", wrong.body);
    assert_eq!(
        control(&sandbox, "POST", "trademax/stock", "{}")
            .await
            .status,
        404
    );
    assert_eq!(control(&sandbox, "POST", "forget", "").await.status, 204);
    assert_eq!(sandbox.state(Kind::Contargo)["orders"], json!([]));
}

#[tokio::test]
async fn one_process_serves_all_and_every_run_gives_the_same_ids() {
    let mut ids = Vec::new();
    for _ in 0..2 {
        let sandbox = start_with(&Kind::ALL, &json!({})).await;
        let bearer = login(&sandbox).await;
        let order = sample(&sandbox, &bearer).await;
        let made = call(&sandbox, &bearer, ("POST", "/star/orders"), &order).await;
        ids.push((bearer, made.body));
        for (kind, route) in [
            (Kind::Trademax, ("GET", "/api/dispatch/1")),
            (Kind::Cargamos, ("POST", "/v1/shipments")),
            (Kind::CargoConnect, ("POST", "/solutions/track/subscribe")),
            (Kind::Cargooffice, ("GET", "/api/order")),
            (Kind::Soap, ("GET", "/")),
        ] {
            let status = send(&sandbox, kind, route, &[], "").await.status;
            assert!([401, 403, 405].contains(&status), "{kind}: {status}");
        }
        let nowhere = try_send(sandbox.address(), "GET", "/fedex", &[], "")
            .await
            .unwrap();
        assert_eq!(nowhere.status, 404);
        assert!(nowhere.body.contains("/contargo"));
    }
    assert_eq!(ids[0], ids[1]);
}

#[tokio::test]
async fn a_sandbox_that_was_stopped_is_gone() {
    let sandbox = start(Kind::Contargo).await;
    let address = sandbox.address();
    login(&sandbox).await;
    sandbox.stop().await;
    let error = tokio::net::TcpStream::connect(address).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionRefused);
}

//! Cargamos: login, delivery orders, states, webhook.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use orderdock::sandbox::{Kind, Sandbox};
use serde_json::{Value, json};

use crate::support::partner::{Answer as Said, Partner};

use super::{Answer, send, start, start_with};

async fn log_in(sandbox: &Sandbox, key: &str, pair: &str) -> Answer {
    let basic = format!("Basic {}", BASE64_STANDARD.encode(pair));
    let headers = [
        ("Authorization", basic.as_str()),
        ("Content-Type", "application/json"),
    ];
    let path = format!("/v1/login{key}");
    send(sandbox, Kind::Cargamos, ("GET", &path), &headers, "").await
}

async fn bearer(sandbox: &Sandbox) -> String {
    let answer = log_in(
        sandbox,
        "?key=cargamos-key",
        "sandbox@example.com:cargamos-password",
    )
    .await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    format!(
        "Bearer {}",
        answer.json()["data"]["token"].as_str().unwrap()
    )
}

async fn call(sandbox: &Sandbox, bearer: &str, route: (&str, &str), body: &Value) -> Answer {
    let headers = [
        ("Authorization", bearer),
        ("Content-Type", "application/json"),
    ];
    send(sandbox, Kind::Cargamos, route, &headers, &body.to_string()).await
}

fn order(id: Option<&str>) -> Value {
    json!({
        "recipientLocation": { "country": "mx", "postalCode": "06600", "city": "CDMX" },
        "recipientInformation": { "fullName": "Ana", "phone": "5511112222" },
        "package": { "weight": 1.2, "height": 10, "width": 20, "length": 30 },
        "shipperDropoffDate": "2026-03-02T09:00:00",
        "expectedDeliveryDate": "2026-03-03T20:00:00",
        "lotId": "L1", "shipperTrackingId": id,
    })
}

const SHIP: (&str, &str) = ("POST", "/v1/shipments");

#[tokio::test]
async fn a_login_gives_a_token_and_its_life_as_a_text() {
    let sandbox = start(Kind::Cargamos).await;
    let answer = log_in(
        &sandbox,
        "?key=cargamos-key",
        "sandbox@example.com:cargamos-password",
    )
    .await;
    let body = answer.json();
    assert_eq!(body["data"]["expiresIn"], "3600");
    assert_eq!(
        (&body["version"], &body["status"]),
        (&json!("1.0.0"), &json!("OK"))
    );
    assert_eq!(body["timestamp"], super::NOW_SECONDS * 1_000);
    for (key, pair, status, code) in [
        (
            "",
            "sandbox@example.com:cargamos-password",
            400,
            "MISSING_PARAMETER",
        ),
        (
            "?key=x",
            "sandbox@example.com:cargamos-password",
            401,
            "UNAUTHORIZED",
        ),
        (
            "?key=cargamos-key",
            "sandbox@example.com:x",
            401,
            "UNAUTHORIZED",
        ),
    ] {
        let answer = log_in(&sandbox, key, pair).await;
        assert_eq!(answer.status, status, "{key} {pair}");
        assert_eq!(answer.json()["errors"][0]["code"], code);
    }
    let reset = ("POST", "/v1/password/recovery?key=cargamos-key");
    assert_eq!(
        send(&sandbox, Kind::Cargamos, reset, &[], "").await.status,
        200
    );
}

#[tokio::test]
async fn a_token_ends_after_its_time() {
    let sandbox = start(Kind::Cargamos).await;
    let bearer = bearer(&sandbox).await;
    sandbox.advance(std::time::Duration::from_secs(3_599));
    assert_eq!(
        call(&sandbox, &bearer, SHIP, &order(None)).await.status,
        200
    );
    sandbox.advance(std::time::Duration::from_secs(1));
    let answer = call(&sandbox, &bearer, SHIP, &order(None)).await;
    assert_eq!(answer.status, 401);
    assert_eq!(answer.json()["status"], "UNAUTHORIZED");
    assert!(
        answer.json()["errors"][0]["details"]
            .to_string()
            .contains("expired")
    );
    assert_eq!(
        call(&sandbox, "Bearer x", SHIP, &order(None)).await.status,
        401
    );
}

#[tokio::test]
async fn a_shipment_is_the_order_with_two_ids() {
    let sandbox = start(Kind::Cargamos).await;
    let bearer = bearer(&sandbox).await;
    let answer = call(&sandbox, &bearer, SHIP, &order(Some("OD-1")))
        .await
        .json();
    assert_eq!(answer["data"]["trackingId"], "OD-1");
    assert_eq!(answer["data"]["lotId"], "L1");
    let shipment = answer["data"]["shipmentId"].as_str().unwrap();
    let own = call(&sandbox, &bearer, SHIP, &order(None)).await.json();
    let tracking = own["data"]["trackingId"].as_str().unwrap();
    assert!(
        tracking.starts_with("CH") && tracking.len() == 13,
        "{tracking}"
    );
    for (path, status) in [
        ("/v1/shipments/OD-1".to_owned(), 200),
        (format!("/v1/shipments/{shipment}"), 200),
        ("/v1/shipment-tracking/OD-1".to_owned(), 200),
        (format!("/v1/shipment-tracking/{shipment}"), 404),
        ("/v1/shipments/none".to_owned(), 404),
    ] {
        let answer = call(&sandbox, &bearer, ("GET", &path), &Value::Null).await;
        assert_eq!(answer.status, status, "{path}");
    }
}

#[tokio::test]
async fn what_is_missing_is_told_before_what_is_not_valid() {
    let sandbox = start(Kind::Cargamos).await;
    let bearer = bearer(&sandbox).await;
    for (place, value, code, parameter) in [
        (
            "/recipientLocation/country",
            json!("de"),
            "INVALID_PARAMETER",
            "recipientLocation->country",
        ),
        (
            "/recipientLocation/country",
            json!("MX"),
            "INVALID_PARAMETER",
            "recipientLocation->country",
        ),
        (
            "/recipientLocation/country",
            Value::Null,
            "MISSING_PARAMETER",
            "recipientLocation.country",
        ),
        (
            "/recipientLocation/postalCode",
            json!(6600),
            "INVALID_PARAMETER",
            "recipientLocation->postalCode",
        ),
        (
            "/recipientInformation/fullName",
            json!(""),
            "MISSING_PARAMETER",
            "recipientInformation.fullName",
        ),
        (
            "/recipientInformation/phone",
            Value::Null,
            "MISSING_PARAMETER",
            "recipientInformation.phone",
        ),
        (
            "/package/weight",
            Value::Null,
            "MISSING_PARAMETER",
            "package.weight",
        ),
        (
            "/package/height",
            json!(0),
            "INVALID_PARAMETER",
            "package->height",
        ),
        (
            "/shipperDropoffDate",
            json!("2.3.2026"),
            "INVALID_PARAMETER",
            "shipperDropoffDate",
        ),
        (
            "/expectedDeliveryDate",
            Value::Null,
            "MISSING_PARAMETER",
            "expectedDeliveryDate",
        ),
        (
            "/expectedDeliveryDate",
            json!("2026-03-01"),
            "INVALID_PARAMETER",
            "expectedDeliveryDate",
        ),
    ] {
        let mut wrong = order(None);
        *wrong.pointer_mut(place).unwrap() = value;
        let answer = call(&sandbox, &bearer, SHIP, &wrong).await;
        assert_eq!(answer.status, 400, "{place}");
        let body = answer.json();
        assert_eq!(body["status"], "BAD_REQUEST");
        assert!(body["processId"].is_string() && body["timestamp"].is_i64());
        let error = &body["errors"][0];
        assert_eq!(
            (&error["code"], &error["parameter"]),
            (&json!(code), &json!(parameter))
        );
        for key in ["message", "details", "location"] {
            assert!(error[key].is_string(), "{key}");
        }
    }
    let answer = call(&sandbox, &bearer, SHIP, &json!({})).await.json();
    assert_eq!(answer["errors"].as_array().unwrap().len(), 10);
}

#[tokio::test]
async fn a_duplicate_and_no_coverage_are_the_same_conflict_with_other_codes() {
    let sandbox = start(Kind::Cargamos).await;
    let bearer = bearer(&sandbox).await;
    assert_eq!(
        call(&sandbox, &bearer, SHIP, &order(Some("OD-1")))
            .await
            .status,
        200
    );
    let double = call(&sandbox, &bearer, SHIP, &order(Some("OD-1"))).await;
    let mut far = order(Some("OD-2"));
    far["recipientLocation"]["postalCode"] = json!("033002");
    let uncovered = call(&sandbox, &bearer, SHIP, &far).await;
    for (answer, code, parameter, words) in [
        (
            &double,
            "ALREADY_EXISTS",
            "shipperTrackingId",
            "Lot L1, integrated at 2026-03-02T10:00:00Z",
        ),
        (
            &uncovered,
            "COVERAGE_FAILURE",
            "recipientLocation.postalCode",
            "033002",
        ),
    ] {
        assert_eq!(answer.status, 409);
        assert_eq!(answer.json()["status"], "CONFLICT");
        let error = answer.json()["errors"][0].clone();
        assert_eq!(
            (&error["code"], &error["parameter"]),
            (&json!(code), &json!(parameter))
        );
        assert!(
            error["details"].as_str().unwrap().contains(words),
            "{error}"
        );
    }
    sandbox
        .change(&json!({ "cargamos": { "errors_under_200": true } }))
        .unwrap();
    let hidden = call(&sandbox, &bearer, SHIP, &order(Some("OD-1"))).await;
    assert_eq!(hidden.status, 200);
    assert_eq!(hidden.json()["errors"][0]["code"], "ALREADY_EXISTS");
    let state = sandbox.state(Kind::Cargamos);
    assert_eq!(state["shipments"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_name_of_the_callers_own_id_can_be_set() {
    let sandbox = start_with(
        &[Kind::Cargamos],
        &json!({ "cargamos": { "tracking_id_name": "shipmentTrackingId" } }),
    )
    .await;
    let bearer = bearer(&sandbox).await;
    let mut order = order(None);
    order["shipmentTrackingId"] = json!("OD-7");
    let answer = call(&sandbox, &bearer, SHIP, &order).await.json();
    assert_eq!(answer["data"]["trackingId"], "OD-7");
}

#[tokio::test]
async fn the_webhook_hears_of_the_chosen_states() {
    let receiver = Partner::start().await;
    receiver.always(Said::status(200));
    let sandbox = start(Kind::Cargamos).await;
    let bearer = bearer(&sandbox).await;
    let states = ["CREATED", "OUT_FOR_DELIVERY", "DELIVERED", "MISHAP"];
    let hook = json!({ "url": receiver.url("/hook"), "states": states });
    let answer = call(&sandbox, &bearer, ("POST", "/v1/webhooks"), &hook).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    call(&sandbox, &bearer, SHIP, &order(Some("OD-1"))).await;
    receiver.saw(1).await;
    for _ in 0..3 {
        let input = json!({ "trackingId": "OD-1" });
        sandbox
            .act(Kind::Cargamos, "advance", &input)
            .await
            .unwrap();
    }
    let mishap = json!({ "trackingId": "OD-1", "state": "MISHAP", "anomalies": { "reason": "x" } });
    sandbox
        .act(Kind::Cargamos, "advance", &mishap)
        .await
        .unwrap();
    let heard: Vec<Value> = receiver
        .seen()
        .iter()
        .map(|seen| serde_json::from_slice(&seen.body).unwrap())
        .collect();
    let told: Vec<_> = heard
        .iter()
        .map(|event| event["state"].as_str().unwrap())
        .collect();
    assert_eq!(told, states, "DELIVERY_ATTEMPTED was not chosen");
    assert!(heard.iter().all(|event| event["label_id"] == "OD-1"));
    let path = ("GET", "/v1/shipment-tracking/OD-1");
    let track = call(&sandbox, &bearer, path, &Value::Null).await.json();
    assert_eq!(track["data"]["state"], "MISHAP");
    assert_eq!(track["data"]["history"].as_array().unwrap().len(), 5);
    let suspend = json!({ "suspended": true });
    call(&sandbox, &bearer, ("PUT", "/v1/webhooks"), &suspend).await;
    let told = sandbox
        .act(Kind::Cargamos, "advance", &mishap)
        .await
        .unwrap();
    assert_eq!(told["sent"], json!([]));
}

//! Contargo: tokens, locations, STAR orders.

use std::time::Duration;

use orderdock::sandbox::{Kind, Sandbox};
use serde_json::{Value, json};

use super::{Answer, send, start, start_with};

const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");
const TOKEN: &str = "/auth/realms/cola/protocol/openid-connect/token";
const PASSWORD: &str = "grant_type=password&username=sandbox&password=contargo-password\
                        &client_id=cola-api&scope=openid";

pub(super) async fn ask_token(sandbox: &Sandbox, form: &str) -> Answer {
    send(sandbox, Kind::Contargo, ("POST", TOKEN), &[FORM], form).await
}

/// The header of someone who has logged in.
pub(super) async fn login(sandbox: &Sandbox) -> String {
    let answer = ask_token(sandbox, PASSWORD).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    format!("Bearer {}", answer.json()["access_token"].as_str().unwrap())
}

pub(super) async fn call(
    sandbox: &Sandbox,
    bearer: &str,
    (method, path): (&str, &str),
    body: &Value,
) -> Answer {
    let headers = [
        ("Authorization", bearer),
        ("Content-Type", "application/json"),
    ];
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    let path = format!("/cola/1.0{path}");
    send(sandbox, Kind::Contargo, (method, &path), &headers, &body).await
}

/// The id of the first terminal of a type.
async fn location(sandbox: &Sandbox, bearer: &str, kind: &str) -> String {
    let path = format!("/locations?type={kind}&pageSize=1");
    let answer = call(sandbox, bearer, ("GET", &path), &Value::Null).await;
    answer.json()["data"][0]["id"].as_str().unwrap().to_owned()
}

/// The partner's own sample, with a terminal that exists.
pub(super) async fn sample(sandbox: &Sandbox, bearer: &str) -> Value {
    json!({
        "terminalId": location(sandbox, bearer, "ADMINISTRATIVE_TERMINAL").await,
        "action": "PICK_UP",
        "reference": "REL-77",
        "unit": {
            "loadingState": "FULL", "isoCode": "45G1", "handlingCode": null,
            "number": "MSKU 123456-7", "dangerousGoodsIndication": "UNKNOWN", "condition": "OK",
            "seals": [{ "type": "CUSTOMS", "number": "C1" }],
        },
        "clientContext": {
            "plannedDate": { "date": "2026-03-02", "timeOfDay": "LATE" },
            "internalNote": "OD-3F9A1C",
        },
    })
}

#[tokio::test]
async fn a_login_gives_the_tokens_that_the_documents_show() {
    let sandbox = start(Kind::Contargo).await;
    let answer = ask_token(&sandbox, PASSWORD).await.json();
    assert_eq!(answer["expires_in"], 300);
    assert_eq!(answer["refresh_expires_in"], 21_600);
    assert_eq!(answer["token_type"], "bearer");
    assert_eq!(answer["not-before-policy"], 0);
    assert_eq!(answer["scope"], "openid email profile cola:profile");
    for name in ["access_token", "refresh_token", "id_token", "session_state"] {
        assert!(answer[name].is_string(), "{name}");
    }
    let refresh = answer["refresh_token"].as_str().unwrap();
    let form = format!("grant_type=refresh_token&refresh_token={refresh}&client_id=cola-api");
    let again = ask_token(&sandbox, &form).await;
    assert_eq!(again.status, 200);
    assert_ne!(again.json()["access_token"], answer["access_token"]);
    assert!(again.json().get("id_token").is_none());
}

#[tokio::test]
async fn logins_are_refused_as_keycloak_does() {
    let sandbox = start(Kind::Contargo).await;
    for (form, status, error, words) in [
        (
            PASSWORD.replace("contargo-password", "wrong"),
            401,
            "invalid_grant",
            "Invalid user credentials",
        ),
        (
            PASSWORD.replace("cola-api", "other"),
            401,
            "invalid_client",
            "Invalid client",
        ),
        (
            "grant_type=refresh_token&refresh_token=x&client_id=cola-api".to_owned(),
            400,
            "invalid_grant",
            "Token is not active",
        ),
        (
            "client_id=cola-api".to_owned(),
            400,
            "invalid_request",
            "grant_type",
        ),
        (
            "grant_type=magic&client_id=cola-api".to_owned(),
            400,
            "unsupported_grant_type",
            "",
        ),
    ] {
        let answer = ask_token(&sandbox, &form).await;
        assert_eq!(answer.status, status, "{form}");
        assert_eq!(answer.json()["error"], error, "{form}");
        let told = answer.json()["error_description"].to_string();
        assert!(told.contains(words), "{told}");
    }
}

#[tokio::test]
async fn an_expired_token_is_refused_with_the_documented_header() {
    let sandbox = start_with(
        &[Kind::Contargo],
        &json!({ "contargo": { "token_seconds": 60, "refresh_seconds": 120 } }),
    )
    .await;
    let tokens = ask_token(&sandbox, PASSWORD).await.json();
    let bearer = format!("Bearer {}", tokens["access_token"].as_str().unwrap());
    let locations = ("GET", "/locations");
    sandbox.advance(Duration::from_secs(59));
    let answer = call(&sandbox, &bearer, locations, &Value::Null).await;
    assert_eq!(answer.status, 200);
    sandbox.advance(Duration::from_secs(1));
    let answer = call(&sandbox, &bearer, locations, &Value::Null).await;
    assert_eq!(answer.status, 401);
    assert_eq!(
        answer.headers["www-authenticate"],
        "Bearer error=\"invalid_token\", error_description=\"An error occurred while attempting \
         to decode the Jwt: Jwt expired at 2026-03-02T10:01:00Z\", \
         error_uri=\"https://tools.ietf.org/html/rfc6750#section-3.1\""
    );
    let refresh = tokens["refresh_token"].as_str().unwrap();
    let form = format!("grant_type=refresh_token&refresh_token={refresh}&client_id=cola-api");
    assert_eq!(ask_token(&sandbox, &form).await.status, 200);
    sandbox.advance(Duration::from_secs(60));
    let answer = ask_token(&sandbox, &form).await;
    assert_eq!(
        (answer.status, answer.json()["error"].as_str()),
        (400, Some("invalid_grant"))
    );
    assert_eq!(
        sandbox.state(Kind::Contargo)["tokens_issued"],
        json!({ "password": 1, "refresh_token": 1 })
    );
}

#[tokio::test]
async fn nothing_is_told_without_a_token() {
    let sandbox = start(Kind::Contargo).await;
    let answer = send(
        &sandbox,
        Kind::Contargo,
        ("GET", "/cola/1.0/locations"),
        &[],
        "",
    )
    .await;
    assert_eq!(answer.status, 401);
    assert_eq!(answer.headers["www-authenticate"], "Bearer");
    let answer = call(&sandbox, "Bearer x", ("GET", "/locations"), &Value::Null).await;
    assert!(answer.headers["www-authenticate"].contains("error=\"invalid_token\""));
}

#[tokio::test]
async fn locations_come_in_pages_and_by_name_and_type() {
    let sandbox = start(Kind::Contargo).await;
    let bearer = login(&sandbox).await;
    let get = async |path: &str| call(&sandbox, &bearer, ("GET", path), &Value::Null).await;
    let first = get("/locations").await.json();
    assert_eq!(first["pagination"]["currentPage"], 1);
    assert_eq!(first["pagination"]["pageSize"], 50);
    let total = first["pagination"]["total"].as_u64().unwrap();
    assert!(total > 50, "more than one page");
    let mut seen = std::collections::BTreeSet::new();
    for page in 1..=total.div_ceil(50) {
        let answer = get(&format!("/locations?page={page}")).await.json();
        for location in answer["data"].as_array().unwrap() {
            assert!(location["designation"].is_string());
            assert!(seen.insert(location["id"].as_str().unwrap().to_owned()));
        }
    }
    assert_eq!(seen.len() as u64, total);
    let beyond = get("/locations?page=1000").await.json();
    assert_eq!(beyond["data"], json!([]));
    let found = get("/locations?name=NEUSS&type=ADMINISTRATIVE_TERMINAL")
        .await
        .json();
    assert_eq!(found["pagination"]["total"], 1);
    assert_eq!(found["data"][0]["locationCode"], "DENSS");
    assert_eq!(
        get("/locations?name=").await.json()["pagination"]["total"],
        total
    );
    let most = get("/locations?pageSize=5000").await.json();
    assert_eq!(most["pagination"]["pageSize"], 1_000);
    for wrong in [
        "page=0",
        "page=x",
        "pageSize=0",
        "type=HARBOUR",
        "page=2147483648",
    ] {
        let answer = get(&format!("/locations?{wrong}")).await;
        assert_eq!(answer.status, 400, "{wrong}");
        assert!(answer.json()["messages"][0].is_string());
    }
}

#[tokio::test]
async fn an_order_is_created_read_changed_and_deleted() {
    let sandbox = start(Kind::Contargo).await;
    let bearer = login(&sandbox).await;
    let order = sample(&sandbox, &bearer).await;
    let made = call(&sandbox, &bearer, ("POST", "/star/orders"), &order).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let path = format!("/star/orders/{id}");
    let read = call(&sandbox, &bearer, ("GET", &path), &Value::Null).await;
    let mut with_id = order.clone();
    with_id["id"] = json!(id);
    assert_eq!((read.status, read.json()), (200, with_id));
    let mut changed = order.clone();
    changed["reference"] = json!("REL-78");
    let answer = call(&sandbox, &bearer, ("PUT", &path), &changed).await;
    assert_eq!((answer.status, answer.body.as_str()), (204, ""));
    let read = call(&sandbox, &bearer, ("GET", &path), &Value::Null).await;
    assert_eq!(read.json()["reference"], "REL-78");
    let answer = call(&sandbox, &bearer, ("DELETE", &path), &Value::Null).await;
    assert_eq!(answer.status, 204);
    for method in ["GET", "DELETE"] {
        let answer = call(&sandbox, &bearer, (method, &path), &Value::Null).await;
        assert_eq!(answer.status, 404, "{method}");
        assert!(answer.json()["messages"][0].is_string());
    }
    let answer = call(&sandbox, &bearer, ("PUT", &path), &order).await;
    assert_eq!(answer.status, 404);
}

#[tokio::test]
async fn a_booked_order_can_be_neither_changed_nor_deleted() {
    let sandbox = start(Kind::Contargo).await;
    let bearer = login(&sandbox).await;
    let order = sample(&sandbox, &bearer).await;
    let made = call(&sandbox, &bearer, ("POST", "/star/orders"), &order).await;
    let id = made.json()["id"].clone();
    let path = format!("/star/orders/{}", id.as_str().unwrap());
    sandbox
        .act(Kind::Contargo, "book", &json!({ "id": id }))
        .await
        .unwrap();
    for (method, body) in [("PUT", &order), ("DELETE", &Value::Null)] {
        let answer = call(&sandbox, &bearer, (method, &path), body).await;
        assert_eq!(answer.status, 409, "{method}");
        assert!(answer.body.contains("no longer"), "{}", answer.body);
    }
    let answer = call(&sandbox, &bearer, ("PUT", &path), &json!({})).await;
    assert_eq!(answer.status, 400, "the body is looked at before the state");
}

#[tokio::test]
async fn every_rule_of_an_order_has_its_message() {
    let sandbox = start(Kind::Contargo).await;
    let bearer = login(&sandbox).await;
    let order = sample(&sandbox, &bearer).await;
    let seaport = location(&sandbox, &bearer, "SEAPORT").await;
    let seal = json!({ "type": "CUSTOMS", "number": "C1" });
    let cases: Vec<(&str, Value, &str)> = vec![
        (
            "/terminalId",
            Value::Null,
            "The mandatory property \"terminalId\" was missing!",
        ),
        ("/terminalId", json!("at_0"), "There is no location"),
        (
            "/terminalId",
            json!(seaport),
            "must be an ADMINISTRATIVE_TERMINAL",
        ),
        (
            "/action",
            Value::Null,
            "The mandatory property \"action\" was missing!",
        ),
        (
            "/action",
            json!("pick_up"),
            "must be one of PICK_UP, DROP_OFF",
        ),
        (
            "/reference",
            json!(""),
            "The mandatory property \"reference\" was missing!",
        ),
        ("/reference", json!(7), "must be a text"),
        (
            "/unit",
            Value::Null,
            "The mandatory property \"unit\" was missing!",
        ),
        (
            "/unit/loadingState",
            Value::Null,
            "\"unit.loadingState\" was missing!",
        ),
        (
            "/unit/loadingState",
            json!("HALF"),
            "must be one of FULL, EMPTY, UNKNOWN",
        ),
        ("/unit/isoCode", Value::Null, "One of the properties"),
        (
            "/unit/number",
            json!("MSKU1234567"),
            "must be written like \"MSKU 123456-7\"",
        ),
        (
            "/unit/dangerousGoodsIndication",
            json!("YES"),
            "NOT_DANGEROUS",
        ),
        (
            "/unit/condition",
            json!("FINE"),
            "must be one of OK, DAMAGED, UNKNOWN",
        ),
        (
            "/unit/seals",
            json!(vec![seal.clone(); 101]),
            "more than 100 items",
        ),
        (
            "/unit/seals/0/type",
            json!("WAX"),
            "OPERATOR, CUSTOMS, UNKNOWN",
        ),
        (
            "/clientContext/plannedDate/date",
            json!("02.03.2026"),
            "must be a date",
        ),
        (
            "/clientContext/plannedDate/timeOfDay",
            json!("NOON"),
            "EARLY, MIDDAY, LATE",
        ),
        (
            "/clientContext/internalNote",
            json!("A23456789012345678901"),
            "longer than 20",
        ),
        ("/clientContext/internalNote", json!("a b"), "must match"),
        ("/clientContext/internalNote", json!("a_b"), "must match"),
        ("/clientContext/internalNote", json!("a.b"), "must match"),
    ];
    for (place, value, words) in cases {
        let mut wrong = order.clone();
        *wrong.pointer_mut(place).unwrap() = value;
        let answer = call(&sandbox, &bearer, ("POST", "/star/orders"), &wrong).await;
        assert_eq!(answer.status, 400, "{place}");
        let messages = answer.json()["messages"].clone();
        assert_eq!(messages.as_array().unwrap().len(), 1, "{place}: {messages}");
        assert!(
            messages[0].as_str().unwrap().contains(words),
            "{place}: {messages}"
        );
    }
    let answer = call(&sandbox, &bearer, ("POST", "/star/orders"), &json!({})).await;
    assert_eq!(
        answer.json()["messages"].as_array().unwrap().len(),
        4,
        "all at once"
    );
    let mut fine = order.clone();
    fine["unit"]["seals"] = json!(vec![seal; 100]);
    fine["unit"]["handlingCode"] = json!("40DV");
    fine["clientContext"]["internalNote"] = json!("aZ9-/#\\");
    let answer = call(&sandbox, &bearer, ("POST", "/star/orders"), &fine).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    fine["clientContext"] = Value::Null;
    let answer = call(&sandbox, &bearer, ("POST", "/star/orders"), &fine).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
}

//! Trademax: the order of checks, dispatches, receipts, stock, locks.

use hmac::{Hmac, KeyInit, Mac};
use orderdock::sandbox::{Kind, Sandbox};
use serde_json::{Value, json};
use sha2::Sha256;

use super::{Answer, NOW_SECONDS, start, start_with, try_send};

mod auth;
mod dispatches;
mod drafts;
mod stock;

/// Names and values in the order in which they are signed. The indexes of these tests have one
/// digit, so that the order of bytes is the natural one.
fn leaves(value: &Value, name: &str, out: &mut Vec<(String, String)>) {
    let inner = |key: &str| match name {
        "" => key.to_owned(),
        name => format!("{name}[{key}]"),
    };
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                leaves(value, &inner(key), out);
            }
        }
        Value::Array(list) => {
            for (index, value) in list.iter().enumerate() {
                leaves(value, &inner(&index.to_string()), out);
            }
        }
        Value::String(text) => out.push((name.to_owned(), text.clone())),
        other => out.push((name.to_owned(), other.to_string())),
    }
}

fn sign(params: &mut Value, secret: &str) {
    let mut pairs = Vec::new();
    leaves(params, "", &mut pairs);
    pairs.sort();
    let parts: Vec<_> = pairs
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(parts.join("&").as_bytes());
    params["signature"] = json!(hex::encode(mac.finalize().into_bytes()));
}

fn signed(sandbox: &Sandbox, method: &str, path: &str, data: &Value) -> Value {
    let mut params = data.clone();
    params["api_key"] = json!("SANDBOX");
    params["timestamp"] = json!(NOW_SECONDS.to_string());
    params["method"] = json!(method);
    params["url"] = json!(format!("http://{}/trademax/api{path}", sandbox.address()));
    sign(&mut params, "trademax-secret");
    params
}

async fn raw(sandbox: &Sandbox, method: &str, path: &str, params: &Value) -> Answer {
    let mut target = format!("/trademax/api{path}");
    let mut body = String::new();
    let mut headers = Vec::new();
    if ["GET", "DELETE"].contains(&method) {
        let mut pairs = Vec::new();
        leaves(params, "", &mut pairs);
        let pairs: Vec<_> = pairs
            .iter()
            .map(|(key, value)| format!("{key}={value}"))
            .collect();
        target = format!("{target}?{}", pairs.join("&"));
    } else {
        body = params.to_string();
        headers.push(("Content-Type", "application/json"));
    }
    let answer = try_send(sandbox.address(), method, &target, &headers, &body).await;
    answer.unwrap()
}

async fn call(sandbox: &Sandbox, (method, path): (&str, &str), data: &Value) -> Answer {
    let params = signed(sandbox, method, path, data);
    raw(sandbox, method, path, &params).await
}

/// Status and code, and all messages on one line.
fn told(answer: &Answer) -> (u16, u64, String) {
    let body = answer.json();
    let code = body["error"]["error_code"].as_u64().unwrap();
    if code != 0 {
        assert_eq!(body["data"], json!([]), "nothing is given with an error");
    }
    (
        answer.status,
        code,
        body["error"]["error_messages"].to_string(),
    )
}

async fn expect(
    sandbox: &Sandbox,
    route: (&str, &str),
    data: &Value,
    (status, code, words): (u16, u64, &str),
) {
    let answer = call(sandbox, route, data).await;
    let told = told(&answer);
    assert_eq!(
        (told.0, told.1),
        (status, code),
        "{route:?} {data}: {}",
        told.2
    );
    assert!(told.2.contains(words), "{words}: {}", told.2);
}

fn dispatch(transaction: &str) -> Value {
    json!({
        "warehouse_id": "NW", "order_no": "FO1", "order_type": "SO",
        "transaction_id": transaction, "external_reference": "",
        "packages": [{
            "package_id": "1", "external_package_id": format!("E-{transaction}"), "weight": "34.5",
            "volume": "2", "picking_zones": ["A"],
            "products": [{ "line_no": "1000", "artno": "123-45" }],
        }],
        "products": [{ "line_no": "1000", "artno": "123-45", "quantity": "12" }],
    })
}

fn receipt(transaction: &str) -> Value {
    json!({
        "warehouse_id": "nw", "order_no": "PO1", "order_type": "PO",
        "transaction_id": transaction, "received_date": "2026-03-01",
        "products": [{ "line_no": "1000", "artno": "998", "quantity": "2", "vendor_shipment_no": "V" }],
    })
}

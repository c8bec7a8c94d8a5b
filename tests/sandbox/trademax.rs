//! Trademax: the order of checks, dispatches, receipts, stock, locks.

use hmac::{Hmac, KeyInit, Mac};
use orderdock::sandbox::{Kind, Sandbox};
use serde_json::{Value, json};
use sha2::Sha256;

use super::{Answer, NOW_SECONDS, start, start_with, try_send};

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

#[tokio::test]
async fn authentication_is_checked_in_its_order() {
    let sandbox = start_with(
        &[Kind::Trademax],
        &json!({ "trademax": { "warehouses": ["nw", "se"], "denied_warehouses": ["se"],
                               "denied_actions": ["POST receipt"] } }),
    )
    .await;
    let path = "/dispatch";
    // Each step mends the fault that was told last; the next one shows.
    let mut params = signed(&sandbox, "POST", path, &json!({ "warehouse_id": "se" }));
    let right = params.clone();
    params.as_object_mut().unwrap().remove("api_key");
    params["timestamp"] = json!("1");
    params["signature"] = json!("00");
    let mut steps = Vec::new();
    steps.push(told(&raw(&sandbox, "POST", path, &params).await));
    params["api_key"] = json!("OTHER");
    steps.push(told(&raw(&sandbox, "POST", path, &params).await));
    params["timestamp"] = right["timestamp"].clone();
    steps.push(told(&raw(&sandbox, "POST", path, &params).await));
    params["api_key"] = right["api_key"].clone();
    steps.push(told(&raw(&sandbox, "POST", path, &params).await));
    steps.push(told(&raw(&sandbox, "POST", path, &right).await));
    let codes: Vec<_> = steps
        .iter()
        .map(|(status, code, _)| (*status, *code))
        .collect();
    assert_eq!(
        codes,
        [(401, 401), (401, 402), (401, 404), (401, 405), (403, 406)]
    );
    let elsewhere = json!({ "warehouse_id": "xx" });
    expect(&sandbox, ("POST", path), &elsewhere, (403, 406, "xx")).await;
    expect(
        &sandbox,
        ("POST", "/receipt"),
        &json!({}),
        (403, 407, "POST receipt"),
    )
    .await;
    expect(
        &sandbox,
        ("POST", path),
        &json!({}),
        (400, 450, "warehouse_id"),
    )
    .await;
}

#[tokio::test]
async fn method_url_and_time_must_be_those_of_the_request() {
    let sandbox = start(Kind::Trademax).await;
    for (key, value) in [
        ("method", json!("GET")),
        ("method", json!("post")),
        ("url", json!("http://127.0.0.1/api/dispatch")),
        ("timestamp", json!((NOW_SECONDS - 301).to_string())),
        ("timestamp", json!((NOW_SECONDS + 301).to_string())),
        ("timestamp", json!("now")),
    ] {
        let mut params = signed(&sandbox, "POST", "/dispatch", &dispatch("T1"));
        params.as_object_mut().unwrap().remove("signature");
        params[key] = value;
        sign(&mut params, "trademax-secret");
        let answer = told(&raw(&sandbox, "POST", "/dispatch", &params).await);
        assert_eq!((answer.0, answer.1), (401, 402), "{key}");
        assert!(answer.2.contains(key), "{}", answer.2);
    }
    sandbox
        .change(&json!({ "trademax": { "timestamp_window": null } }))
        .unwrap();
    sandbox.advance(std::time::Duration::from_secs(86_400));
    assert_eq!(
        call(&sandbox, ("POST", "/dispatch"), &dispatch("T1"))
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn a_body_that_was_changed_after_signing_is_refused() {
    let sandbox = start(Kind::Trademax).await;
    let mut params = signed(&sandbox, "POST", "/dispatch", &dispatch("T1"));
    params["packages"][0]["weight"] = json!("35");
    let answer = told(&raw(&sandbox, "POST", "/dispatch", &params).await);
    assert_eq!((answer.0, answer.1), (401, 405));
    let mut params = signed(&sandbox, "POST", "/dispatch", &dispatch("T1"));
    params.as_object_mut().unwrap().remove("signature");
    sign(&mut params, "another secret");
    let answer = told(&raw(&sandbox, "POST", "/dispatch", &params).await);
    assert_eq!(answer.1, 405);
    assert_eq!(sandbox.state(Kind::Trademax)["dispatches"], json!([]));
}

#[tokio::test]
async fn a_dispatch_comes_back_with_labels_and_sums() {
    let sandbox = start(Kind::Trademax).await;
    let answer = call(&sandbox, ("POST", "/dispatch"), &dispatch("T1")).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let data = answer.json()["data"].clone();
    for key in [
        "shipping_agent_code",
        "tracking_code",
        "logtrade_consignment_id",
        "haulier_id",
    ] {
        assert!(!data[key].is_null(), "{key}");
    }
    assert_eq!(data["dispatch_date"], "2026-03-02");
    assert_eq!(data["draft"], false);
    assert_eq!(data["total_weight"], 34.5);
    assert_eq!(data["total_volume"], 2);
    assert!(data.get("signature").is_none());
    let label = data["packages"][0]["label_url"].as_str().unwrap();
    let path = label
        .strip_prefix(&format!("http://{}", sandbox.address()))
        .unwrap();
    assert_eq!(
        try_send(sandbox.address(), "GET", path, &[], "")
            .await
            .unwrap()
            .status,
        200
    );
    let path = format!("/dispatch/{}", data["dispatch_id"]);
    let read = call(&sandbox, ("GET", &path), &json!({})).await;
    assert_eq!(read.json()["data"], data);
    let missing = call(&sandbox, ("GET", "/dispatch/77"), &json!({})).await;
    assert_eq!(told(&missing).0, 404);
}

#[tokio::test]
async fn a_transaction_id_is_taken_once_and_only_by_what_was_created() {
    let sandbox = start(Kind::Trademax).await;
    let post = ("POST", "/dispatch");
    let mut wrong = dispatch("T1");
    wrong["order_type"] = json!("XX");
    expect(&sandbox, post, &wrong, (400, 451, "SO, PRO, TO")).await;
    expect(&sandbox, post, &dispatch("T1"), (200, 0, "")).await;
    let mut again = dispatch("T1");
    again["packages"][0]["external_package_id"] = json!("E2");
    expect(&sandbox, post, &again, (400, 452, "T1")).await;
    // What is wrong is told before what is double.
    wrong["packages"][0]["external_package_id"] = json!("E3");
    expect(&sandbox, post, &wrong, (400, 451, "order_type")).await;
    // Another sort of thing has its own ids.
    expect(&sandbox, ("POST", "/receipt"), &receipt("T1"), (200, 0, "")).await;
    expect(
        &sandbox,
        ("POST", "/receipt"),
        &receipt("T1"),
        (400, 452, "T1"),
    )
    .await;
}

#[tokio::test]
async fn every_field_of_a_dispatch_is_checked() {
    let sandbox = start(Kind::Trademax).await;
    let post = ("POST", "/dispatch");
    expect(&sandbox, post, &dispatch("T0"), (200, 0, "")).await;
    let package = dispatch("T9")["packages"][0].clone();
    let mut twin = package.clone();
    twin["external_package_id"] = json!("E-other");
    for (place, value, code, words) in [
        ("/warehouse_id", json!(""), 450, "warehouse_id"),
        ("/order_no", json!(""), 450, "order_no"),
        ("/order_type", json!("so"), 451, "order_type"),
        ("/transaction_id", json!(""), 450, "transaction_id"),
        ("/packages", json!(""), 450, "packages"),
        ("/packages", json!([package, twin]), 451, "there twice"),
        (
            "/packages/0/package_id",
            json!("a"),
            451,
            "packages[0][package_id]",
        ),
        ("/packages/0/weight", json!(""), 450, "packages[0][weight]"),
        (
            "/packages/0/weight",
            json!("1,5"),
            451,
            "packages[0][weight]",
        ),
        (
            "/packages/0/volume",
            json!("2."),
            451,
            "packages[0][volume]",
        ),
        (
            "/packages/0/products",
            json!(""),
            450,
            "packages[0][products]",
        ),
        (
            "/packages/0/products/0/artno",
            json!("777"),
            451,
            "no line of products",
        ),
        (
            "/packages/0/external_package_id",
            json!("E-T0"),
            451,
            "another dispatch",
        ),
        ("/products", json!(""), 450, "products"),
        (
            "/products/0/quantity",
            json!("1.5"),
            451,
            "products[0][quantity]",
        ),
        (
            "/products/0/line_no",
            json!(""),
            450,
            "products[0][line_no]",
        ),
    ] {
        let mut data = dispatch("T1");
        *data.pointer_mut(place).unwrap() = value;
        expect(&sandbox, post, &data, (400, code, words)).await;
    }
    let state = sandbox.state(Kind::Trademax);
    assert_eq!(state["dispatches"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_draft_grows_until_it_is_published() {
    let sandbox = start(Kind::Trademax).await;
    let header = json!({
        "warehouse_id": "nw", "order_no": "FO1", "order_type": "SO", "transaction_id": "T1",
        "draft": "1",
    });
    let made = call(&sandbox, ("POST", "/dispatch"), &header).await.json();
    assert_eq!(made["data"]["draft"], true, "{made}");
    let path = format!("/dispatch/{}", made["data"]["dispatch_id"]);
    let patch = ("PATCH", path.as_str());
    let publish = json!({ "warehouse_id": "nw", "draft": "0" });
    expect(&sandbox, patch, &publish, (400, 450, "packages")).await;
    let full = dispatch("T1");
    let part = json!({ "warehouse_id": "nw", "order_no": "FO2", "packages": full["packages"] });
    expect(&sandbox, patch, &part, (200, 0, "")).await;
    let mut more = part.clone();
    more["packages"][0]["package_id"] = json!("2");
    more["packages"][0]["external_package_id"] = json!("E2");
    expect(&sandbox, patch, &more, (200, 0, "")).await;
    more["packages"][0]["weight"] = json!("1");
    expect(&sandbox, patch, &more, (200, 0, "")).await;
    let mut publish = publish.clone();
    publish["products"] = full["products"].clone();
    let answer = call(&sandbox, patch, &publish).await.json();
    assert_eq!(answer["data"]["draft"], false, "{answer}");
    assert_eq!(answer["data"]["order_no"], "FO2");
    assert_eq!(answer["data"]["packages"].as_array().unwrap().len(), 2);
    assert_eq!(answer["data"]["total_weight"], 35.5);
    expect(&sandbox, patch, &publish, (400, 1, "published")).await;
    expect(
        &sandbox,
        patch,
        &json!({ "draft": "1" }),
        (400, 1, "published"),
    )
    .await;
    expect(
        &sandbox,
        ("DELETE", &path),
        &json!({}),
        (400, 1, "published"),
    )
    .await;
}

#[tokio::test]
async fn a_draft_can_be_deleted() {
    let sandbox = start(Kind::Trademax).await;
    let mut draft = dispatch("T1");
    draft["draft"] = json!("1");
    let made = call(&sandbox, ("POST", "/dispatch"), &draft).await.json();
    let path = format!("/dispatch/{}", made["data"]["dispatch_id"]);
    expect(&sandbox, ("DELETE", &path), &json!({}), (200, 0, "")).await;
    expect(&sandbox, ("GET", &path), &json!({}), (404, 1, "not found")).await;
    expect(
        &sandbox,
        ("DELETE", &path),
        &json!({}),
        (404, 1, "not found"),
    )
    .await;
    expect(
        &sandbox,
        ("PATCH", "/dispatch/x"),
        &json!({}),
        (404, 1, "not found"),
    )
    .await;
}

/// The check digit of a serial shipping container code (GS1): weights 3 and 1 from the right.
fn is_sscc(text: &str) -> bool {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(10)).collect();
    let sum: u32 = digits[2..19]
        .iter()
        .rev()
        .zip([3, 1].iter().cycle())
        .map(|(digit, weight)| digit * weight)
        .sum();
    text.len() == 20 && text.starts_with("00") && (sum + digits[19]).is_multiple_of(10)
}

#[tokio::test]
async fn a_vendor_gets_as_many_labels_as_asked_for() {
    let sandbox = start(Kind::Trademax).await;
    let post = ("POST", "/vendor/dispatch");
    expect(
        &sandbox,
        post,
        &json!({ "order_no": "FO1" }),
        (400, 450, "labels_quantity"),
    )
    .await;
    for wrong in ["0", "-1", "x"] {
        let data = json!({ "order_no": "FO1", "labels_quantity": wrong });
        expect(&sandbox, post, &data, (400, 451, "labels_quantity")).await;
    }
    let data = json!({ "order_no": "FO1", "labels_quantity": "3" });
    let answer = call(&sandbox, post, &data).await.json();
    let packages = answer["data"]["packages"].as_array().unwrap();
    assert_eq!(packages.len(), 3);
    for package in packages {
        let sscc = package["label_sscc"].as_str().unwrap();
        assert!(is_sscc(sscc), "{sscc}");
    }
    assert!(answer["data"]["vendor_id"].is_string());
}

fn receipt(transaction: &str) -> Value {
    json!({
        "warehouse_id": "nw", "order_no": "PO1", "order_type": "PO",
        "transaction_id": transaction, "received_date": "2026-03-01",
        "products": [{ "line_no": "1000", "artno": "998", "quantity": "2", "vendor_shipment_no": "V" }],
    })
}

#[tokio::test]
async fn a_receipt_is_made_and_read() {
    let sandbox = start(Kind::Trademax).await;
    let post = ("POST", "/receipt");
    let made = call(&sandbox, post, &receipt("T1")).await.json();
    let path = format!("/receipt/{}", made["data"]["receipt_id"]);
    assert_eq!(
        call(&sandbox, ("GET", &path), &json!({})).await.json(),
        made
    );
    expect(
        &sandbox,
        ("GET", "/receipt/9"),
        &json!({}),
        (404, 1, "not found"),
    )
    .await;
    for (place, value, code) in [
        ("/order_type", json!("SO"), 451),
        ("/received_date", json!("01.03.2026"), 451),
        ("/received_date", json!(""), 450),
        ("/products", json!(""), 450),
        ("/products/0/line_no", json!("a"), 451),
        ("/products/0/quantity", json!(""), 450),
    ] {
        let mut data = receipt("T2");
        *data.pointer_mut(place).unwrap() = value;
        let field = place.rsplit('/').next().unwrap();
        expect(&sandbox, post, &data, (400, code, field)).await;
    }
}

#[tokio::test]
async fn stock_is_set_and_moved_and_may_be_negative() {
    let sandbox = start(Kind::Trademax).await;
    let input = json!({ "artno": "A1", "quantity": 5 });
    sandbox.act(Kind::Trademax, "stock", &input).await.unwrap();
    let path = "/inventory/A1/stock-adjustment";
    let patch = ("PATCH", path);
    let change = |kind: &str, quantity: &str| json!({ "warehouse_id": "nw", "quantity": quantity, "type": kind, "reason": "7" });
    let answer = call(&sandbox, patch, &change("relative", "-7"))
        .await
        .json();
    let data = json!({ "artno": "A1", "old_quantity": 5, "new_quantity": -2 });
    assert_eq!(answer["data"], data);
    let answer = call(&sandbox, patch, &change("absolute", "40"))
        .await
        .json();
    assert_eq!(answer["data"]["new_quantity"], 40);
    let get = json!({ "warehouse_id": "nw" });
    let answer = call(&sandbox, ("GET", path), &get).await.json();
    assert_eq!(answer["data"], json!({ "artno": "A1", "quantity": 40 }));
    let mut wrong = change("relative", "1");
    wrong["reason"] = json!("");
    expect(&sandbox, patch, &wrong, (400, 450, "reason")).await;
    expect(&sandbox, patch, &change("twice", "1"), (400, 451, "type")).await;
    expect(
        &sandbox,
        patch,
        &change("absolute", "1.5"),
        (400, 451, "quantity"),
    )
    .await;
    let unknown = ("GET", "/inventory/nobody/stock-adjustment");
    expect(&sandbox, unknown, &get, (404, 1, "not found")).await;
    expect(
        &sandbox,
        ("GET", path),
        &json!({}),
        (400, 450, "warehouse_id"),
    )
    .await;
}

#[tokio::test]
async fn packages_of_a_product_need_a_volume_or_three_lengths() {
    let sandbox = start(Kind::Trademax).await;
    let path = "/inventory/998";
    let body = |package: Value| json!({ "warehouse_id": "nw", "packages": [package] });
    let base = json!({ "number": "1", "quantity": "1", "weight": "10" });
    let with = |pairs: &[&str]| {
        let mut package = base.clone();
        for key in pairs {
            package[*key] = json!("2");
        }
        body(package)
    };
    let patch = ("PATCH", path);
    expect(&sandbox, patch, &body(base.clone()), (400, 450, "volume")).await;
    expect(
        &sandbox,
        patch,
        &with(&["height", "width"]),
        (400, 450, "length"),
    )
    .await;
    expect(
        &sandbox,
        patch,
        &with(&["height", "width", "length"]),
        (200, 0, ""),
    )
    .await;
    expect(&sandbox, patch, &with(&["volume"]), (200, 0, "")).await;
    let read = call(&sandbox, ("GET", path), &json!({ "warehouse_id": "nw" }))
        .await
        .json();
    assert_eq!(read["data"]["packages"][0]["volume"], "2");
}

#[tokio::test]
async fn order_lines_are_locked_and_released() {
    let sandbox = start(Kind::Trademax).await;
    let route = |method| (method, "/order/outgoing/FO1");
    let get = json!({ "warehouse_id": "nw" });
    expect(&sandbox, route("GET"), &get, (404, 1, "not found")).await;
    let lines = |flag: &str| json!({ "warehouse_id": "nw", "lines": [{ "line_no": "1000", "processing": flag }] });
    expect(
        &sandbox,
        route("PATCH"),
        &lines("2"),
        (400, 451, "processing"),
    )
    .await;
    for flag in ["1", "0"] {
        expect(&sandbox, route("PATCH"), &lines(flag), (200, 0, "")).await;
        let read = call(&sandbox, route("GET"), &get).await.json();
        assert_eq!(read["data"]["lines"][0]["processing"].to_string(), flag);
    }
    sandbox
        .change(&json!({ "trademax": { "quirks": true } }))
        .unwrap();
    let bare = call(&sandbox, route("GET"), &get).await.json();
    assert_eq!(
        bare["order_no"], "FO1",
        "without the envelope, as in the samples"
    );
}

//! Trademax's signature: the published vectors pass as whole requests, the bad ones do not.

use orderdock::sandbox::{Kind, Options, Sandbox};
use serde_json::{Value, json};

use super::try_send;

const V1: &str = "c7a6b20d71c884bd3511f231d4d041f23edcebc62a14e5d95906c4e7b08ee91e";
/// Article numbers swapped, as the documents print the string.
const V1_BAD_A: &str = "c6a40c4762987d446972224f7a9b04b2bccad18f7bb855a66ea1d296f22436e2";
/// The `×` of the printed string.
const V1_BAD_B: &str = "ea2f13dcb3860c96f6eb2cdf3edf19046f6035d87e48551f9e9f651141616bba";
const V2: &str = "3cc798d5eca0f8d8973878a8408e0d42e7025cd4e91d836057b79242868dbc60";
/// Sorted by byte: `[10]` before `[1]`.
const V2_BAD: &str = "271c2328b64600d6c439ae43b2ee964ed786f188aaf9c28dd81ab677e4e03ef7";
const V3: &str = "ab13e5cbe1e1f9af134a211813460c66681e90f49049143b59ba227a333c9dd9";

/// A sandbox that knows the key of a vector at the vector's time.
async fn at(seconds: i64, key: &str) -> Sandbox {
    let mut options = Options::new(&[Kind::Trademax]);
    options.clock = Some(jiff::Timestamp::from_second(seconds).unwrap().to_string());
    options.frozen = true;
    let keys = json!({ "trademax": { "api_key": key, "secret": "SECRET" } });
    options.settings = options.settings.merge(&keys).unwrap();
    Sandbox::start(&options).await.unwrap()
}

/// The code in the envelope of an answer to a JSON body.
async fn code(sandbox: &Sandbox, host: &str, (method, path): (&str, &str), body: &Value) -> u64 {
    let headers = [("Host", host), ("Content-Type", "application/json")];
    let body = body.to_string();
    let answer = try_send(sandbox.address(), method, path, &headers, &body).await;
    let answer = answer.unwrap().json();
    answer["error"]["error_code"].as_u64().unwrap()
}

fn v1(signature: &str) -> Value {
    json!({
        "api_key": "YOUR_PUBLIC_KEY", "external_reference": null, "method": "POST",
        "order_no": "IS0000000", "order_type": "SO",
        "packages": [
            { "external_package_id": "7499999", "package_id": "1", "picking_zones": ["H"],
              "products": [{ "artno": "999", "line_no": 20000 }], "volume": 2.1, "weight": 55.0 },
            { "external_package_id": "7599999", "package_id": "2", "picking_zones": ["H"],
              "products": [{ "artno": "998", "line_no": 10000 }], "volume": "1.5", "weight": 35 },
        ],
        "products": [
            { "artno": "998", "line_no": "10000", "quantity": "1" },
            { "artno": "999", "line_no": "20000", "quantity": "1" },
        ],
        "timestamp": 1_523_021_209, "transaction_id": "DDDD1DdDDDDdddfffDF",
        "url": "http://api.trademax.com/vendor/dispatch", "vendor_id": "999999999",
        "signature": signature,
    })
}

#[tokio::test]
async fn vector_1_passes_and_its_misprints_do_not() {
    let sandbox = at(1_523_021_209, "YOUR_PUBLIC_KEY").await;
    let post = ("POST", "/vendor/dispatch");
    let host = "api.trademax.com";
    // Signed well; what the call itself needs is missing in the documents' example.
    assert_eq!(code(&sandbox, host, post, &v1(V1)).await, 450);
    for bad in [V1_BAD_A, V1_BAD_B, &V1.to_uppercase(), "00", "no hex"] {
        assert_eq!(code(&sandbox, host, post, &v1(bad)).await, 405, "{bad}");
    }
    // The request that was signed with the swapped numbers is another one.
    let mut swapped = v1(V1_BAD_A);
    swapped["packages"][0]["products"][0]["artno"] = json!("998");
    swapped["packages"][1]["products"][0]["artno"] = json!("999");
    assert_eq!(code(&sandbox, host, post, &swapped).await, 450);
}

fn v2(signature: &str) -> Value {
    let packages: Vec<_> = (1..=11).map(|id| json!({ "package_id": id })).collect();
    json!({
        "api_key": "PUB", "method": "POST", "order_no": "FO1", "packages": packages,
        "timestamp": 1_700_000_000, "transaction_id": "T1",
        "url": "http://127.0.0.1:8080/api/dispatch", "warehouse_id": "nw", "signature": signature,
    })
}

#[tokio::test]
async fn vector_2_needs_the_natural_order() {
    let sandbox = at(1_700_000_000, "PUB").await;
    let post = ("POST", "/api/dispatch");
    assert_eq!(code(&sandbox, "127.0.0.1:8080", post, &v2(V2)).await, 450);
    assert_eq!(
        code(&sandbox, "127.0.0.1:8080", post, &v2(V2_BAD)).await,
        405
    );
    let log = sandbox.log();
    let note = &log.last().unwrap().note;
    assert!(
        note.contains("packages[9][package_id]=10&packages[10][package_id]=11"),
        "{note}"
    );
}

#[tokio::test]
async fn a_form_signs_like_json() {
    let sandbox = at(1_700_000_000, "PUB").await;
    for (signature, expected) in [(V2, 450), (V2_BAD, 405)] {
        // The order on the wire means nothing, and brackets may be encoded.
        let mut form = format!("warehouse_id=nw&signature={signature}");
        for index in (0..11).rev() {
            form += &format!("&packages%5B{index}%5D[package_id]={}", index + 1);
        }
        form += "&api_key=PUB&method=POST&order_no=FO1&timestamp=1700000000&transaction_id=T1\
                 &url=http%3A%2F%2F127.0.0.1%3A8080%2Fapi%2Fdispatch";
        let headers = [
            ("Host", "127.0.0.1:8080"),
            ("Content-Type", "application/x-www-form-urlencoded"),
        ];
        let answer = try_send(sandbox.address(), "POST", "/api/dispatch", &headers, &form).await;
        assert_eq!(answer.unwrap().json()["error"]["error_code"], expected);
    }
}

#[tokio::test]
async fn vector_3_reads_the_stock() {
    let sandbox = at(1_700_000_000, "PUB").await;
    let path = |signature: &str| {
        format!(
            "/api/inventory/123/stock-adjustment?warehouse_id=nw&api_key=PUB&method=GET\
             &timestamp=1700000000&url=http://127.0.0.1:8080/api/inventory/123/stock-adjustment\
             &signature={signature}"
        )
    };
    let host = [("Host", "127.0.0.1:8080")];
    let answer = try_send(sandbox.address(), "GET", &path(V3), &host, "")
        .await
        .unwrap();
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.json(),
        json!({
            "error": { "error_code": 0, "error_messages": [] },
            "data": { "artno": "123", "quantity": 100 },
        })
    );
    let answer = try_send(sandbox.address(), "GET", &path(V2), &host, "")
        .await
        .unwrap();
    assert_eq!(answer.status, 401);
}

#[test]
fn a_thousand_packages_are_sorted_in_natural_order() {
    let mut names: Vec<String> = (0..1_000)
        .flat_map(|index| {
            ["artno", "line_no", "weight"].map(|key| format!("packages[{index}][{key}]"))
        })
        .collect();
    let wanted = names.clone();
    names.sort();
    assert_ne!(names, wanted);
    names.sort_by(|left, right| orderdock::sandbox::natural::compare(left, right));
    assert_eq!(names, wanted);
}

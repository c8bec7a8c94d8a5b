//! Receipts, stock, packages, locks.

use super::*;

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

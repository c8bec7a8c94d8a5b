//! Dispatches.

use super::*;

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

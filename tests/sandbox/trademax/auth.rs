//! Who asks, and whether it is what they signed.

use super::*;

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

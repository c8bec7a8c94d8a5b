//! Drafts, and labels of vendors.

use super::*;

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

//! Cargooffice: the signature, and orders in XML.

use md5::{Digest, Md5};
use orderdock::sandbox::{Kind, Sandbox};
use serde_json::json;

use super::{Answer, NOW_SECONDS, send, start, start_with};

fn sign(ts: i64, key: &str) -> String {
    hex::encode(Md5::digest(format!("{ts}{key}")))
}

async fn ask(sandbox: &Sandbox, method: &str, more: &str, body: &str) -> Answer {
    let sig = sign(NOW_SECONDS, "cargooffice-key");
    let path = format!("/api/order?sig={sig}&ts={NOW_SECONDS}{more}");
    send(sandbox, Kind::Cargooffice, (method, &path), &[], body).await
}

fn order(id: &str) -> String {
    format!(
        "<orderData><head><type>transportOrderXML</type><version>2.1</version></head><orders>\
         <order><CN>12021</CN><customerID>1234</customerID><orderReference>R&amp;D</orderReference>\
         <shipments><shipment><shipmentID>{id}</shipmentID><deliveryType>Normal delivery</deliveryType>\
         <deliveryName>Loginet B.V.</deliveryName><deliveryPostcode>1098 XH</deliveryPostcode>\
         <goods><good><quantity>8</quantity><packing>pallet</packing></good></goods>\
         </shipment></shipments></order></orders></orderData>"
    )
}

#[tokio::test]
async fn the_published_signature_passes_and_no_other() {
    assert_eq!(
        sign(1_523_021_209, "abcdefabcdef"),
        "29ce31583aba0322f9b3bc60158fff44"
    );
    let key = json!({ "cargooffice": { "key": "abcdefabcdef" } });
    let sandbox = start_with(&[Kind::Cargooffice], &key).await;
    for (query, status) in [
        ("sig=29ce31583aba0322f9b3bc60158fff44&ts=1523021209", 404),
        ("sig=29CE31583ABA0322F9B3BC60158FFF44&ts=1523021209", 401),
        ("sig=29ce31583aba0322f9b3bc60158fff44&ts=1523021210", 401),
        ("sig=29ce31583aba0322f9b3bc60158fff44", 401),
        ("ts=1523021209", 401),
        ("", 401),
    ] {
        let path = format!("/api/order?{query}");
        let answer = send(&sandbox, Kind::Cargooffice, ("GET", &path), &[], "").await;
        assert_eq!(answer.status, status, "{query}");
    }
    // There is no window for replays, unless one is wished for.
    let window = json!({ "cargooffice": { "timestamp_window": 900 } });
    sandbox.change(&window).unwrap();
    let path = "/api/order?sig=29ce31583aba0322f9b3bc60158fff44&ts=1523021209";
    let answer = send(&sandbox, Kind::Cargooffice, ("GET", path), &[], "").await;
    assert_eq!(answer.status, 401);
}

#[tokio::test]
async fn an_order_is_posted_read_and_changed() {
    let sandbox = start(Kind::Cargooffice).await;
    let made = ask(&sandbox, "POST", "", &order("700753")).await;
    assert_eq!(made.status, 201, "{}", made.body);
    assert!(
        made.body
            .contains("<result><shipmentID>700753</shipmentID></result>")
    );
    let read = ask(&sandbox, "GET", "&ShipmentID=700753&Postcode=1098xh", "").await;
    assert_eq!(read.status, 200);
    for words in [
        "<deliveryType>Normal delivery</deliveryType>",
        "<orderReference>R&amp;D</orderReference>",
        "<packing>pallet</packing>",
    ] {
        assert!(read.body.contains(words), "{words}: {}", read.body);
    }
    for query in [
        "&ShipmentID=700753&Postcode=1098XX",
        "&ShipmentID=700753",
        "&ShipmentID=1&Postcode=1098XH",
    ] {
        let answer = ask(&sandbox, "GET", query, "").await;
        assert_eq!(answer.status, 404, "{query}");
    }
    let status = "<order><shipmentID>700753</shipmentID><status>+2026-03-02 11:20 delivered</status></order>";
    let changed = ask(&sandbox, "PUT", "", status).await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    let more = json!({ "shipmentID": "700753", "status": "+2026-03-02 12:00 signed" });
    sandbox
        .act(Kind::Cargooffice, "status", &more)
        .await
        .unwrap();
    let read = ask(&sandbox, "GET", "&ShipmentID=700753&Postcode=1098XH", "").await;
    assert!(
        read.body
            .contains("<status>+2026-03-02 11:20 delivered\n+2026-03-02 12:00 signed</status>"),
        "{}",
        read.body
    );
}

#[tokio::test]
async fn an_order_without_what_is_mandatory_is_refused() {
    let sandbox = start(Kind::Cargooffice).await;
    for (body, words) in [
        (order("700753").replace("<CN>12021</CN>", ""), "CN"),
        (
            order("700753").replace("<customerID>1234</customerID>", ""),
            "customerID",
        ),
        (order("700753").replace("1234", "12 34"), "customerID"),
        (
            order("700753").replace("1234", "123456789012345678901"),
            "customerID",
        ),
        (order(""), "orderID or shipmentID"),
        (order("123456789012345678"), "17"),
        ("<orderData/>".to_owned(), "orders"),
        ("<orderData>".to_owned(), "no XML"),
        (
            "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>".to_owned(),
            "DOCTYPE",
        ),
    ] {
        let answer = ask(&sandbox, "POST", "", &body).await;
        assert_eq!(answer.status, 400, "{body}");
        assert!(
            answer.body.contains("<error>") && answer.body.contains(words),
            "{}",
            answer.body
        );
    }
    assert_eq!(sandbox.state(Kind::Cargooffice), json!([]));
}

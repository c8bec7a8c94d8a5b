//! The interface that clients of Cargooffice know, spoken to as its documents say.

use std::time::{SystemTime, UNIX_EPOCH};

use hmac::{Hmac, KeyInit, Mac};
use md5::{Digest, Md5};
use sha2::Sha256;

use super::{House, bearer};
use crate::support::http::{Ask, Reply};

const KEY: &str = "abcdefabcdef";
const OPEN: &str = "\n[http.cargooffice]\nkey = \"abcdefabcdef\"\nsender = \"star\"\n";

fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs()
}

fn md5(ts: u64) -> String {
    hex::encode(Md5::digest(format!("{ts}{KEY}")))
}

fn hmac(method: &str, path: &str, body: &str) -> String {
    let text = format!("{method}\n{path}\n{}", hex::encode(Sha256::digest(body)));
    let mut mac = Hmac::<Sha256>::new_from_slice(KEY.as_bytes()).unwrap();
    mac.update(text.as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

fn order(id: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?><orderData><head><type>transportOrderXML</type><version>2.1</version></head>\
         <orders><order><CN>12021</CN><customerID>1234</customerID><orderID>{id}</orderID>\
         <shipments><shipment><shipmentID>{id}</shipmentID><deliveryType>Normal delivery</deliveryType>\
         <pickupName>Loginet B.V.</pickupName><pickupAddress>Science Park 402</pickupAddress>\
         <pickupPostcode>1098 XH</pickupPostcode><pickupCity>Amsterdam</pickupCity>\
         <pickupCountry>NL</pickupCountry><deliveryName>R&amp;D</deliveryName>\
         <deliveryAddress>Boven Heining 2</deliveryAddress><deliveryPostcode>7921 AA</deliveryPostcode>\
         <deliveryCity>Zuidwolde</deliveryCity><deliveryCountry>NL</deliveryCountry>\
         <goods><good><quantity>2</quantity><packing>pallet</packing><goodsID>Apples</goodsID>\
         <weight>100</weight></good></goods></shipment></shipments></order></orders></orderData>"
    )
}

fn post(house: &House, ts: u64, id: &str) -> Reply {
    let path = format!("/api/order?ts={ts}&sig={}", md5(ts));
    Ask::post(&path).body(order(id)).send(house.at)
}

fn get(house: &House, ts: u64, id: &str, postcode: &str) -> Reply {
    let path = format!(
        "/api/order?ShipmentID={id}&Postcode={postcode}&ts={ts}&sig={}",
        md5(ts)
    );
    Ask::get(&path).send(house.at)
}

#[test]
fn an_order_is_posted_and_asked_for_with_its_postcode() {
    let house = House::with(OPEN);
    let key = house.key("all", &[]);
    let taken = post(&house, now(), "700753");
    assert_eq!(taken.status, 201, "{}", taken.text());
    assert!(
        taken.text().contains("<shipmentID>700753</shipmentID>"),
        "{}",
        taken.text()
    );
    house.erp.wait_for(1);
    let page = house.until(&key, "/api/v1/orders?state=delivered", |page| {
        page["items"].as_array().unwrap().len() == 1
    });
    assert_eq!(page["items"][0]["sender"], "star");
    let ts = now() - 1;
    let found = get(&house, ts, "700753", "7921aa");
    assert_eq!(found.status, 200, "{}", found.text());
    assert!(found.header("content-type").starts_with("application/xml"));
    for field in [
        "<deliveryType>Normal delivery</deliveryType>",
        "<pickupName>Loginet B.V.</pickupName>",
        "<pickupPostcode>1098 XH</pickupPostcode>",
        "<deliveryName>R&amp;D</deliveryName>",
        "<deliveryAddress>Boven Heining 2</deliveryAddress>",
        "<status>accepted</status>",
    ] {
        assert!(found.text().contains(field), "{field} in {}", found.text());
    }
    let wrong = get(&house, ts, "700753", "1098XH");
    let unknown = get(&house, ts, "700754", "7921aa");
    assert_eq!((wrong.status, unknown.status), (404, 404));
    assert_eq!(
        wrong.text(),
        unknown.text(),
        "nobody learns which of the two is wrong"
    );
}

#[test]
fn what_is_wrong_with_an_order_is_told_at_once_and_nothing_is_kept() {
    let house = House::with(OPEN);
    let ts = now();
    let path = format!("/api/order?ts={ts}&sig={}", md5(ts));
    let bad = Ask::post(&path)
        .body("<orderData><orders/></orderData>")
        .send(house.at);
    assert_eq!(bad.status, 400, "{}", bad.text());
    assert!(bad.text().contains("<error>"), "{}", bad.text());
    let large = Ask::post(&path).body("x".repeat(5 << 20)).send(house.at);
    assert_eq!(large.status, 413);
    assert!(house.dock.json(&["files", "list", "--json"]).is_empty());
}

#[test]
fn a_signature_that_is_wrong_late_or_used_before_is_refused() {
    let house = House::with(OPEN);
    let ts = now();
    let refused = |reply: Reply| assert_eq!(reply.status, 401, "{}", reply.text());
    refused(Ask::get("/api/order?ShipmentID=1&Postcode=2").send(house.at));
    refused(Ask::get(&format!("/api/order?ts={ts}&sig={}", md5(ts + 1))).send(house.at));
    refused(
        Ask::get("/api/order?ts=1523021209&sig=29ce31583aba0322f9b3bc60158fff44").send(house.at),
    );
    refused(get(&house, ts - 3_600, "1", "2"));
    refused(get(&house, ts + 3_600, "1", "2"));
    // The better signature is over the whole request, and is good once.
    let path = format!("/api/order?ShipmentID=1&Postcode=2&ts={ts}");
    let sig = hmac("GET", &path, "");
    let once = Ask::get(&format!("{path}&sig={sig}"));
    assert_eq!(once.send(house.at).status, 404);
    refused(once.send(house.at));
    refused(
        Ask::get(&format!(
            "/api/order?ShipmentID=2&Postcode=2&ts={ts}&sig={sig}"
        ))
        .send(house.at),
    );
    refused(
        Ask::post(&format!("{path}&sig={sig}"))
            .body("x")
            .send(house.at),
    );
    let path = format!("/api/order?ts={ts}");
    let posted = Ask::post(&format!("{path}&sig={}", hmac("POST", &path, &order("7"))));
    refused(posted.clone().body(order("8")).send(house.at));
    assert_eq!(posted.body(order("7")).send(house.at).status, 201);
}

#[test]
fn a_burst_is_all_that_an_old_signature_is_good_for() {
    let house = House::with(OPEN);
    let ts = now();
    assert_eq!(get(&house, ts, "1", "2").status, 404);
    // Refused as soon as the burst is over: nobody can use what was overheard.
    let refused = house.dock.until("the signature is used up", || {
        let reply = get(&house, ts, "1", "2");
        (reply.status != 404).then_some(reply.status)
    });
    assert_eq!(refused, 401);
}

#[test]
fn it_is_closed_unless_it_is_opened_and_the_old_signature_can_be_switched_off() {
    let closed = House::new();
    assert_eq!(get(&closed, now(), "1", "2").status, 404);
    drop(closed);
    let strict = House::with(&format!("{OPEN}md5 = false\n"));
    assert_eq!(get(&strict, now(), "1", "2").status, 401);
    let key = strict.key("all", &[]);
    let shown = bearer(Ask::get("/api/v1/status"), &key).send(strict.at);
    assert!(!shown.text().contains(KEY));
}

//! The review queue: look, correct, send.

use serde_json::{Value, json};

use super::{House, Visitor, bearer, table};
use crate::support::http::Ask;

/// Sends a table to the source that holds, and returns when its orders wait.
fn hold(house: &House, person: &Visitor<'_>, references: &[&str]) {
    let bytes = table(references);
    let form = Ask::post("/upload").files(
        &[("csrf", &person.csrf), ("source", "review")],
        &[("held.csv", bytes.as_bytes())],
    );
    assert_eq!(person.send(form).status, 303);
    let first = references[0];
    house.dock.until("the orders are held", || {
        person.get("/held").text().contains(first).then_some(())
    });
}

/// The fields of a form as they stand in the page.
fn fields(page: &str) -> Vec<(String, String)> {
    let form = page.split("action=\"/held/").nth(1).unwrap();
    let form = form.split("</form>").next().unwrap();
    let mut fields = Vec::new();
    for tag in form.split('<').filter(|tag| tag.starts_with("input ")) {
        let of = |key: &str| {
            let found = tag.split_once(&format!(" {key}=\""))?.1;
            Some(found.split('"').next()?.to_owned())
        };
        if let (Some(name), Some(value)) = (of("name"), of("value")) {
            fields.push((name, value));
        }
    }
    fields.push(("kind".to_owned(), "purchase".to_owned()));
    fields
}

fn save(
    person: &Visitor<'_>,
    path: &str,
    act: &str,
    changes: &[(&str, &str)],
) -> crate::support::http::Reply {
    let page = person.get(path);
    assert_eq!(page.status, 200, "{}", page.text());
    let mut all = fields(&page.text());
    all.retain(|(name, _)| changes.iter().all(|(other, _)| name != other));
    let mut all: Vec<(&str, &str)> = all.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    all.extend(changes);
    all.push(("act", act));
    person.send(Ask::post(path).form(&all))
}

#[test]
fn a_held_order_is_corrected_and_sent_and_then_can_no_longer_be_edited() {
    let house = House::new();
    let person = house.visitor("coordinator");
    hold(&house, &person, &["H-1"]);
    assert!(house.erp.seen().is_empty());
    let wrong = save(
        &person,
        "/held/1",
        "save",
        &[("lines.0.quantity", "ten"), ("currency", "XXQ")],
    );
    assert_eq!(wrong.status, 422, "{}", wrong.text());
    assert!(
        wrong.text().contains("lines[0].quantity"),
        "{}",
        wrong.text()
    );
    let saved = save(
        &person,
        "/held/1",
        "save",
        &[("lines.0.quantity", "7"), ("remarks", "by phone")],
    );
    assert_eq!(saved.status, 303, "{}", saved.text());
    let page = person.get("/held/1").text();
    assert!(
        page.contains("was 1"),
        "the original stands beside it: {page}"
    );
    let sent = save(&person, "/held/1", "send", &[("remarks", "")]);
    assert_eq!(sent.header("location"), "/orders/1", "{}", sent.text());
    house.erp.wait_for(1);
    let body: Value = serde_json::from_slice(&house.erp.seen()[0].body).unwrap();
    assert_eq!(body["lines"][0]["quantity"], "7");
    assert_eq!(body.get("remarks"), None);
    let order = person.get("/orders/1").text();
    assert!(
        order.contains("<del>1</del>") && order.contains("<ins>7</ins>"),
        "{order}"
    );
    let key = house.key("erp", &["--role", "coordinator"]);
    let late =
        bearer(Ask::new("PUT", "/api/v1/orders/1"), &key).json(&json!({ "reference": "H-1" }));
    let late = late.send(house.at);
    assert_eq!(late.status, 409, "{}", late.text());
    house.until(&key, "/api/v1/files/1", |file| file["verdict"] == "done");
}

#[test]
fn the_same_file_again_is_a_repeat_of_the_corrected_order() {
    let house = House::new();
    let person = house.visitor("coordinator");
    hold(&house, &person, &["H-1"]);
    let sent = save(&person, "/held/1", "send", &[("lines.0.quantity", "7")]);
    assert_eq!(sent.status, 303, "{}", sent.text());
    house.erp.wait_for(1);
    let bytes = table(&["H-1"]);
    let again = Ask::post("/upload").files(
        &[("csrf", &person.csrf), ("source", "review")],
        &[("again.csv", bytes.as_bytes())],
    );
    assert_eq!(person.send(again).status, 303);
    let key = house.key("erp", &[]);
    house.until(&key, "/api/v1/files/2", |file| file["verdict"] == "done");
    let order = bearer(Ask::get("/api/v1/orders/2"), &key)
        .send(house.at)
        .json();
    assert_eq!(order["deliveries"]["erp"], "repeat");
    assert_eq!(house.erp.seen().len(), 1);
}

#[test]
fn orders_are_sent_one_by_one_all_of_a_file_or_taken_back() {
    let house = House::new();
    let person = house.visitor("coordinator");
    hold(&house, &person, &["H-1", "H-2", "H-3", "H-4"]);
    assert_eq!(
        person.press("/held", &[("act", "release")]).status,
        400,
        "nothing is ticked"
    );
    assert_eq!(
        person
            .press("/held", &[("act", "release"), ("order-2", "on")])
            .status,
        303
    );
    house.erp.wait_for(1);
    let deleted = person.press(
        "/held",
        &[("act", "cancel"), ("order-3", "on"), ("why", "twice")],
    );
    assert_eq!(deleted.status, 303);
    assert_eq!(person.press("/held", &[("act", "release-1")]).status, 303);
    house.erp.wait_for(3);
    house.erp.has_each_once(&["H-1", "H-2", "H-4"]);
    let key = house.key("erp", &[]);
    house.until(&key, "/api/v1/files/1", |file| file["verdict"] == "error");
    assert!(
        person
            .get("/held")
            .text()
            .contains("Nothing waits for a review")
    );
}

#[test]
fn whoever_saves_second_is_told_and_saves_nothing() {
    let house = House::new();
    let person = house.visitor("coordinator");
    hold(&house, &person, &["H-1"]);
    let key = house.key("erp", &["--role", "coordinator"]);
    let order = bearer(Ask::get("/api/v1/orders/1"), &key)
        .send(house.at)
        .json();
    let hash = order["content_hash"].as_str().unwrap().to_owned();
    let edit = |quantity: &str| {
        let mut content = order["content"].clone();
        content["lines"][0]["quantity"] = json!(quantity);
        bearer(Ask::new("PUT", "/api/v1/orders/1"), &key)
            .with("If-Match", &format!("\"{hash}\""))
            .json(&content)
            .send(house.at)
    };
    assert_eq!(edit("5").status, 200);
    assert_eq!(edit("6").status, 409);
    let now = bearer(Ask::get("/api/v1/orders/1"), &key)
        .send(house.at)
        .json();
    assert_eq!(now["content"]["lines"][0]["quantity"], "5");
    assert_eq!(now["edits"][0]["who"], "erp");
    assert_eq!(now["edits"][0]["old"], order["content"]);
}

#[test]
fn a_later_revision_behind_a_held_order_follows_its_correction() {
    let house = House::new();
    let person = house.visitor("coordinator");
    hold(&house, &person, &["H-1"]);
    let key = house.key("erp", &["--role", "coordinator", "--sender", "review"]);
    let before = bearer(Ask::get("/api/v1/orders/1"), &key)
        .send(house.at)
        .json();
    let mut update = before["content"].clone();
    update["action"] = json!("update");
    update["remarks"] = json!("later");
    let post = bearer(Ask::post("/api/v1/orders"), &key)
        .json(&update)
        .send(house.at);
    assert_eq!(post.status, 202, "{}", post.text());
    house.until(&key, "/api/v1/files/2", |file| file["open"] == 1);
    assert!(house.erp.seen().is_empty(), "it waits for the one before");
    assert_eq!(
        save(&person, "/held/1", "send", &[("lines.0.quantity", "7")]).status,
        303
    );
    house.erp.wait_for(2);
    let seen = house.erp.seen();
    let first: Value = serde_json::from_slice(&seen[0].body).unwrap();
    let second: Value = serde_json::from_slice(&seen[1].body).unwrap();
    assert_eq!(first["lines"][0]["quantity"], "7");
    assert_eq!(second["remarks"], "later");
    assert_ne!(seen[0].key(), seen[1].key());
}

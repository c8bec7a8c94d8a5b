//! What programs ask.

use std::io::{BufRead, BufReader};

use serde_json::{Value, json};

use super::{House, bad, bearer, table};
use crate::support::http::{Ask, Reply, head};

fn order(reference: &str) -> Value {
    json!({
        "reference": reference, "kind": "purchase", "currency": "EUR", "issued": "2026-02-01",
        "lines": [{ "number": "1", "item_id": "SKU-1", "quantity": "1", "unit": "PCE", "unit_price": "1.00" }],
    })
}

fn is_fault(reply: &Reply, status: u16) {
    assert_eq!(reply.status, status, "{}", reply.text());
    assert_eq!(reply.header("content-type"), "application/problem+json");
    assert_eq!(reply.json()["status"], status);
    assert!(!reply.json()["detail"].as_str().unwrap().is_empty());
}

#[test]
fn a_key_opens_what_its_role_allows_and_nothing_without_one() {
    let house = House::new();
    let (viewer, admin) = (
        house.key("eyes", &[]),
        house.key("hands", &["--role", "admin"]),
    );
    is_fault(&house.get("/api/v1/orders"), 401);
    assert!(
        house
            .get("/api/v1/orders")
            .header("www-authenticate")
            .starts_with("Bearer")
    );
    is_fault(
        &bearer(Ask::get("/api/v1/orders"), "odk_wrong").send(house.at),
        401,
    );
    assert_eq!(
        bearer(Ask::get("/api/v1/orders"), &viewer)
            .send(house.at)
            .status,
        200
    );
    let post = |key: &str| {
        bearer(Ask::post("/api/v1/orders"), key)
            .json(&order("A-1"))
            .send(house.at)
    };
    is_fault(&post(&viewer), 403);
    assert_eq!(post(&admin).status, 202);
    let keys = house.dock.run(&["key", "list", "--json"]);
    let told = String::from_utf8(keys.stdout).unwrap();
    assert!(told.contains("hands") && !told.contains(&admin), "{told}");
    house.dock.run(&["key", "remove", "hands"]);
    is_fault(&post(&admin), 401);
}

#[test]
fn a_key_of_one_sender_sees_and_sends_that_senders_alone() {
    let house = House::new();
    let all = house.key("all", &["--role", "coordinator"]);
    let own = house.key("own", &["--role", "coordinator", "--sender", "star"]);
    assert_eq!(
        bearer(Ask::post("/api/v1/orders"), &all)
            .json(&order("A-1"))
            .send(house.at)
            .status,
        202
    );
    assert_eq!(
        bearer(Ask::post("/api/v1/orders"), &own)
            .json(&order("A-1"))
            .send(house.at)
            .status,
        202
    );
    house.erp.wait_for(2);
    house.until(&all, "/api/v1/orders", |page| {
        page["items"].as_array().unwrap().len() == 2
    });
    let page = bearer(Ask::get("/api/v1/orders"), &own)
        .send(house.at)
        .json();
    let senders: Vec<_> = page["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|o| o["sender"].clone())
        .collect();
    assert_eq!(senders, ["star"]);
    let mine = page["items"][0]["id"].as_i64().unwrap();
    let other = 3 - mine;
    let get = |path: String| bearer(Ask::get(&path), &own).send(house.at);
    assert_eq!(get(format!("/api/v1/orders/{mine}")).status, 200);
    is_fault(&get(format!("/api/v1/orders/{other}")), 404);
    is_fault(&get("/api/v1/orders?sender=upload".to_owned()), 403);
    is_fault(&get("/api/v1/sources".to_owned()), 403);
    let cancel = bearer(Ask::post(&format!("/api/v1/orders/{other}/cancel")), &own);
    is_fault(&cancel.send(house.at), 404);
}

#[test]
fn a_wrong_order_is_told_field_by_field() {
    let house = House::new();
    let key = house.key("erp", &["--role", "coordinator"]);
    let post = |body: Value| {
        bearer(Ask::post("/api/v1/orders"), &key)
            .json(&body)
            .send(house.at)
    };
    let mut wrong = order("");
    wrong["lines"][0]["unit"] = json!("NOPE");
    let reply = post(wrong);
    is_fault(&reply, 422);
    let codes = reply.json()["problems"].clone();
    assert!(codes.to_string().contains("lines[0].unit"), "{codes}");
    let unknown = post(json!({ "reference": "A", "colour": "red" }));
    is_fault(&unknown, 422);
    assert!(unknown.text().contains("colour"), "{}", unknown.text());
    is_fault(
        &bearer(Ask::post("/api/v1/orders"), &key)
            .with("Content-Type", "application/json")
            .body("{")
            .send(house.at),
        400,
    );
    is_fault(
        &bearer(Ask::post("/api/v1/orders"), &key)
            .body("{}")
            .send(house.at),
        415,
    );
    is_fault(
        &bearer(Ask::get("/api/v1/orders?state=lost"), &key).send(house.at),
        400,
    );
    is_fault(
        &bearer(Ask::get("/api/v1/orders?colour=red"), &key).send(house.at),
        400,
    );
    is_fault(
        &bearer(Ask::get("/api/v1/orders/x"), &key).send(house.at),
        404,
    );
    is_fault(
        &bearer(Ask::get("/api/v1/nowhere"), &key).send(house.at),
        404,
    );
    is_fault(
        &bearer(Ask::new("DELETE", "/api/v1/orders"), &key).send(house.at),
        405,
    );
    let large = json!({ "reference": "A", "remarks": "x".repeat(5 << 20) });
    is_fault(&post(large), 413);
    assert!(house.dock.json(&["files", "list", "--json"]).is_empty());
}

#[test]
fn the_same_idempotency_key_is_done_once() {
    let house = House::new();
    let key = house.key("erp", &["--role", "coordinator"]);
    let post = |once: &str, reference: &str| {
        bearer(Ask::post("/api/v1/orders"), &key)
            .with("Idempotency-Key", once)
            .json(&order(reference))
            .send(house.at)
    };
    let first = post("one", "A-1");
    assert_eq!(first.status, 202, "{}", first.text());
    let second = post("one", "A-1");
    assert_eq!((second.status, second.json()), (202, first.json()));
    assert_eq!(second.header("idempotency-replayed"), "true");
    is_fault(&post("one", "A-2"), 422);
    is_fault(&post("two words", "A-2"), 400);
    let upload = || {
        bearer(Ask::post("/api/v1/files?name=b.csv"), &key)
            .with("Idempotency-Key", "file")
            .body(table(&["B-1"]))
            .send(house.at)
    };
    assert_eq!(upload().json(), upload().json());
    assert_eq!(house.dock.json(&["files", "list", "--json"]).len(), 2);
    house.erp.wait_for(2);
    house.erp.has_each_once(&["A-1", "B-1"]);
}

#[test]
fn a_list_is_walked_page_by_page_to_its_end() {
    let house = House::new();
    let key = house.key("erp", &["--role", "coordinator"]);
    let names: Vec<String> = (1..=7).map(|n| format!("P-{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let upload = bearer(Ask::post("/api/v1/files?name=p.csv"), &key).body(table(&names));
    assert_eq!(upload.send(house.at).status, 202);
    house.erp.wait_for(7);
    let (mut seen, mut next) = (
        Vec::new(),
        Some("/api/v1/orders?limit=3&state=delivered".to_owned()),
    );
    house.until(&key, "/api/v1/orders?state=delivered", |page| {
        page["items"].as_array().unwrap().len() == 7
    });
    while let Some(path) = next {
        let page = bearer(Ask::get(&path), &key).send(house.at).json();
        let items = page["items"].as_array().unwrap().clone();
        seen.extend(
            items
                .iter()
                .map(|item| item["reference"].as_str().unwrap().to_owned()),
        );
        next = page["next"].as_str().map(str::to_owned);
    }
    assert_eq!(seen, ["P-7", "P-6", "P-5", "P-4", "P-3", "P-2", "P-1"]);
}

#[test]
fn files_orders_and_deliveries_are_shown_and_done_as_by_the_command_line() {
    let house = House::new();
    let key = house.key("erp", &["--role", "coordinator"]);
    let ask = |method: &str, path: &str| bearer(Ask::new(method, path), &key).send(house.at);
    let upload = bearer(Ask::post("/api/v1/files?name=bad.csv"), &key).body(bad());
    assert_eq!(upload.send(house.at).status, 202);
    // Read again is what was put away: not what is on its way to error/.
    let rests = |file: &Value| file["stage"] == "settled" && file["verdict"] == "error";
    let file = house.until(&key, "/api/v1/files/1", rests);
    assert_eq!(
        file["findings"][0]["place"],
        json!({ "row": 3, "column": "quantity" })
    );
    assert_eq!(ask("POST", "/api/v1/files/1/retry").status, 200);
    house.until(&key, "/api/v1/files/1", |file| {
        rests(file) && file["actions"].as_array().unwrap().len() == 2
    });
    assert_eq!(ask("POST", "/api/v1/destinations/erp/pause").status, 200);
    let post = bearer(Ask::post("/api/v1/orders"), &key)
        .json(&order("A-1"))
        .send(house.at);
    assert_eq!(post.status, 202, "{}", post.text());
    let page = house.until(&key, "/api/v1/deliveries?state=due", |page| {
        page["items"].as_array().unwrap().len() == 1
    });
    let id = page["items"][0]["id"].as_i64().unwrap();
    assert_eq!(
        ask("GET", &format!("/api/v1/deliveries/{id}")).json()["state"],
        "due"
    );
    is_fault(
        &ask("POST", &format!("/api/v1/deliveries/{id}/release")),
        409,
    );
    let lanes = ask("GET", "/api/v1/destinations").json();
    assert_eq!(
        (&lanes[0]["paused"], &lanes[0]["due"]),
        (&json!(true), &json!(1))
    );
    assert_eq!(ask("POST", "/api/v1/destinations/erp/resume").status, 200);
    house.erp.wait_for(1);
    assert_eq!(ask("POST", "/api/v1/sources/inbox/probe").status, 200);
    is_fault(&ask("POST", "/api/v1/sources/nowhere/probe"), 404);
    is_fault(&ask("POST", "/api/v1/sources/inbox/explode"), 404);
}

/// (A list was taken for the members in their order: `["admin", "a long password"]` made a user.)
#[test]
fn a_list_is_no_body_where_an_object_is_asked_for() {
    let house = House::new();
    let key = house.key("boss", &["--role", "admin"]);
    for (method, path, body) in [
        ("POST", "/api/v1/files/1/retry", json!([])),
        ("POST", "/api/v1/orders/1/followers", json!(["a@b.example"])),
        (
            "PUT",
            "/api/v1/users/maria",
            json!(["admin", "correct horse battery"]),
        ),
        ("PUT", "/api/v1/keys/erp", json!(["viewer"])),
    ] {
        let reply = bearer(Ask::new(method, path), &key)
            .json(&body)
            .send(house.at);
        assert!(
            matches!(reply.status, 400 | 422),
            "{path}: {}",
            reply.text()
        );
    }
    let users = bearer(Ask::get("/api/v1/users"), &key).send(house.at);
    assert_eq!(users.json(), json!([]));
}

#[test]
fn a_file_without_bytes_is_given_back_as_it_came() {
    let house = House::new();
    let key = house.key("erp", &["--role", "coordinator"]);
    let upload = bearer(Ask::post("/api/v1/files?name=empty.csv"), &key);
    assert_eq!(upload.send(house.at).status, 202);
    let original = bearer(Ask::get("/api/v1/files/1/original"), &key).send(house.at);
    assert_eq!((original.status, original.body.len()), (200, 0));
}

#[test]
fn a_file_is_tried_in_the_jail_and_not_kept() {
    let house = House::new();
    let key = house.key("erp", &["--role", "coordinator"]);
    let ask = bearer(Ask::post("/api/v1/profiles/test?name=bad.csv"), &key).body(bad());
    let tried = ask.send(house.at);
    assert_eq!(tried.status, 200, "{}", tried.text());
    assert_eq!(tried.json()["outcome"], "rejected");
    assert_eq!(tried.json()["problems"][0]["place"]["row"], 3);
    let names = bearer(Ask::get("/api/v1/profiles"), &key)
        .send(house.at)
        .json();
    let profile = names[0]["name"].as_str().unwrap();
    assert!(names.to_string().contains("\"ubl-order\""), "{names}");
    let ask = bearer(
        Ask::post(&format!(
            "/api/v1/profiles/test?name=a.csv&profile={profile}"
        )),
        &key,
    );
    assert_eq!(ask.body(table(&["A"])).send(house.at).status, 200);
    assert!(house.dock.json(&["files", "list", "--json"]).is_empty());
}

#[test]
fn news_are_told_as_they_happen_to_whom_they_concern() {
    let house = House::new();
    let all = house.key("all", &["--role", "coordinator"]);
    let own = house.key("own", &["--sender", "star"]);
    let listen = |key: &str| {
        let stream = bearer(Ask::get("/api/v1/events"), key).begin(house.at);
        let mut reader = BufReader::new(stream);
        let (status, headers) = head(&mut reader);
        assert_eq!(
            (status, headers["content-type"].as_str()),
            (200, "text/event-stream")
        );
        reader
    };
    let (mut listener, mut other) = (listen(&all), listen(&own));
    for reader in [&mut listener, &mut other] {
        let mut line = String::new();
        while line != "retry: 3000\n" {
            line.clear();
            reader.read_line(&mut line).unwrap();
        }
    }
    assert_eq!(
        bearer(Ask::post("/api/v1/orders"), &all)
            .json(&order("A-1"))
            .send(house.at)
            .status,
        202
    );
    house.erp.wait_for(1);
    let mut line = String::new();
    while !(line.starts_with("data: ") && line.contains("\"state\":\"delivered\"")) {
        line.clear();
        assert!(listener.read_line(&mut line).unwrap() > 0);
    }
    assert!(line.contains("\"reference\":\"A-1\""), "{line}");
    house.daemon.signal("TERM");
    let mut rest = String::new();
    drop(std::io::Read::read_to_string(&mut other, &mut rest));
    assert!(!rest.contains("A-1"), "not of another sender: {rest}");
}

#[test]
fn the_description_has_every_address_and_the_page_of_it_needs_no_key() {
    let house = House::new();
    let description = house.get("/api/openapi.json").json();
    assert!(description["openapi"].as_str().unwrap().starts_with("3.1"));
    let count = |value: &Value| value.as_object().unwrap().len();
    assert!(count(&description["components"]["schemas"]["Order"]["properties"]) > 15);
    let mut names: Vec<String> = Vec::new();
    for verbs in description["paths"].as_object().unwrap().values() {
        let operations = verbs.as_object().unwrap().values();
        names.extend(operations.map(|one| one["operationId"].as_str().unwrap().to_owned()));
    }
    let all = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), all, "every operation has a name of its own");
    let page = house.get("/api");
    assert_eq!(page.status, 200);
    for path in description["paths"].as_object().unwrap().keys() {
        assert!(page.text().replace("&#x2f;", "/").contains(path), "{path}");
    }
    assert!(!page.text().contains("src=\"http"));
}

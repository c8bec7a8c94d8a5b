//! What nobody may: each refused with the status that says why, and nothing done.

use super::{House, bearer, table};
use crate::support::http::{Ask, reply};

/// Every operation of the description, with something in the place of its parameters.
fn operations(house: &House) -> Vec<(String, String)> {
    let description = house.get("/api/openapi.json").json();
    let mut all = Vec::new();
    for (path, verbs) in description["paths"].as_object().unwrap() {
        let path = path
            .replace("{id}", "1")
            .replace("{name}", "inbox")
            .replace("{of}", "files")
            .replace(
                "{act}",
                if path.starts_with("/api/v1/changes") {
                    "retry"
                } else {
                    "probe"
                },
            );
        for verb in verbs.as_object().unwrap().keys() {
            all.push((verb.to_uppercase(), path.clone()));
        }
    }
    assert!(all.len() > 40, "{all:?}");
    all
}

#[test]
fn every_operation_asks_who_it_is_and_what_they_may_do() {
    let house = House::new();
    let viewer = house.key("viewer", &[]);
    let coordinator = house.key("coordinator", &["--role", "coordinator"]);
    let session = house.visitor("admin");
    for (method, path) in operations(&house) {
        let at = format!("{method} {path}");
        let ask = || Ask::new(&method, &path);
        assert_eq!(ask().send(house.at).status, 401, "{at} without a key");
        assert_eq!(
            bearer(ask(), "odk_wrong").send(house.at).status,
            401,
            "{at} with a wrong one"
        );
        let basic = ask().with("Authorization", "Basic YTpi").send(house.at);
        assert_eq!(basic.status, 401, "{at} with a password");
        let is_admins = ["/users", "/keys", "/check", "/reload"];
        let is_admins = is_admins.iter().any(|part| path.contains(part));
        if method != "GET" {
            assert_eq!(
                bearer(ask(), &viewer).send(house.at).status,
                403,
                "{at} by a viewer"
            );
            // A page elsewhere can send a session's cookie along, and not its token (CSRF).
            assert_eq!(session.send(ask()).status, 403, "{at} without the token");
            assert_eq!(
                session.send(ask().with("X-CSRF", "forged")).status,
                403,
                "{at} forged"
            );
        }
        if is_admins {
            assert_eq!(
                bearer(ask(), &coordinator).send(house.at).status,
                403,
                "{at}"
            );
        }
    }
    assert!(house.dock.json(&["files", "list", "--json"]).is_empty());
}

#[test]
fn tricks_with_addresses_lead_nowhere() {
    let house = House::new();
    let key = house.key("admin", &["--role", "admin"]);
    for path in [
        "/api/v1/files/..%2f..%2fetc%2fpasswd",
        "/api/v1/files/1%00",
        "/api/v1/files/-1",
        "/api/v1/files/1/../../../etc/passwd",
        "/api/v1//files",
        "/api/v1/files/",
        "/api/v1/profiles/..%2f..%2forderdock.toml",
        "/api/v1/profiles/%2fetc%2fpasswd",
        "/api/../etc/passwd",
        "/api/v2/files",
    ] {
        let status = bearer(Ask::get(path), &key).send(house.at).status;
        assert!(matches!(status, 400 | 404), "{path}: {status}");
    }
    // A name of a file is a label and never a path.
    let upload = bearer(Ask::post("/api/v1/files?name=..%2F..%2Fetc%2Fx.csv"), &key);
    assert_eq!(upload.body(table(&["A-1"])).send(house.at).status, 202);
    let files = house.dock.json(&["files", "list", "--json"]);
    assert_eq!(files[0]["name"], "x.csv");
}

#[test]
fn what_is_too_large_or_too_slow_is_refused_and_others_go_on() {
    let house = House::new();
    let key = house.key("admin", &["--role", "admin"]);
    let post = |path: &str, bytes: usize| {
        bearer(Ask::post(path), &key)
            .with("Content-Type", "application/json")
            .body("x".repeat(bytes))
            .send(house.at)
            .status
    };
    assert_eq!(post("/api/v1/orders", 5 << 20), 413);
    assert_eq!(post("/api/v1/files/1/retry", 5 << 20), 413);
    assert_eq!(post("/api/v1/files?name=a.csv", 4 << 20), 413);
    assert_eq!(post("/api/v1/profiles/test?name=a.csv", 40 << 20), 413);
    let long = bearer(
        Ask::get(&format!("/api/v1/orders?text={}", "x".repeat(20_000))),
        &key,
    );
    assert!(
        matches!(long.send(house.at).status, 414 | 431),
        "an address without an end"
    );
    // Bodies that never come: to be read whole, and to be read piece by piece.
    let silent = |path: &str| {
        bearer(Ask::post(path), &key)
            .with("Content-Type", "application/json")
            .with("Content-Length", "100")
            .begin(house.at)
    };
    let slow = [silent("/api/v1/orders"), silent("/api/v1/files?name=a.csv")];
    assert_eq!(
        bearer(Ask::get("/api/v1/orders"), &key)
            .send(house.at)
            .status,
        200
    );
    for stream in slow {
        assert_eq!(reply(stream).status, 408);
    }
    assert_eq!(house.dock.json(&["files", "list", "--json"]).len(), 0);
}

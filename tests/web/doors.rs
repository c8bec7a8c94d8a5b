//! Who gets in, and what every answer wears.

use std::io::{Read, Write};

use super::{House, PASSWORD};
use crate::support::http::{Ask, reply};

/// OWASP Secure Headers Project: what every answer must say, whatever it is.
const HEADERS: [(&str, &str); 9] = [
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-embedder-policy", "require-corp"),
    ("x-dns-prefetch-control", "off"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("x-permitted-cross-domain-policies", "none"),
    ("cache-control", "no-store"),
];

#[test]
fn every_answer_wears_the_headers_and_pages_load_nothing_from_elsewhere() {
    let house = House::new();
    for path in [
        "/login",
        "/files",
        "/nowhere",
        "/api/v1/orders",
        "/api/v1/nowhere",
        "/healthz",
        "/api",
    ] {
        let reply = house.get(path);
        for (name, value) in HEADERS {
            assert_eq!(reply.header(name), value, "{path}");
        }
        let policy = reply.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'"), "{path}: {policy}");
        assert!(
            !policy.contains("unsafe") && !policy.contains("http"),
            "{path}: {policy}"
        );
    }
}

#[test]
fn nothing_is_shown_or_done_without_a_log_in() {
    let house = House::new();
    for path in [
        "/",
        "/now",
        "/files",
        "/files/1",
        "/orders",
        "/orders/1",
        "/held",
        "/held/1",
        "/upload",
        "/charts",
        "/profiles",
        "/profiles/shopify",
        "/files/1/view",
        "/files/1/mails/1",
        "/orders/1/evidence",
    ] {
        let reply = house.get(path);
        assert_eq!(reply.status, 303, "{path}");
        assert!(reply.header("location").starts_with("/login"), "{path}");
    }
    for path in [
        "/files/1",
        "/held",
        "/held/1",
        "/pause",
        "/upload",
        "/profiles/try",
        "/profiles/suggest",
        "/profiles/bench",
    ] {
        let reply = Ask::post(path).form(&[("act", "release")]).send(house.at);
        assert_eq!(reply.status, 303, "{path}");
    }
}

#[test]
fn a_wrong_password_is_refused_and_the_sixth_has_to_wait() {
    let house = House::new();
    house.person("maria", "admin");
    for _ in 0..5 {
        assert_eq!(house.try_password("maria", "wrong password").status, 401);
    }
    let locked = house.try_password("maria", PASSWORD);
    assert_eq!(locked.status, 429, "the right one waits as well");
    assert!(locked.header("retry-after").parse::<u64>().unwrap() > 0);
}

#[test]
fn a_session_ends_when_its_person_is_removed() {
    let house = House::new();
    let maria = house.visitor("viewer");
    assert_eq!(maria.get("/files").status, 200);
    house.dock.run(&["user", "remove", "viewer"]);
    assert_eq!(maria.get("/files").status, 303);
}

#[test]
fn a_viewer_looks_and_changes_nothing() {
    let house = House::new();
    let viewer = house.visitor("viewer");
    assert_eq!(
        viewer
            .press("/pause", &[("name", "inbox"), ("act", "pause")])
            .status,
        403
    );
    assert_eq!(viewer.press("/held", &[("act", "release-1")]).status, 403);
    let form = Ask::post("/upload").files(&[("csrf", &viewer.csrf)], &[("a.csv", b"x")]);
    assert_eq!(viewer.send(form).status, 403);
    assert!(house.dock.json(&["files", "list", "--json"]).is_empty());
}

#[test]
fn a_form_from_elsewhere_is_refused() {
    let house = House::new();
    let admin = house.visitor("admin");
    let fields = [("name", "inbox"), ("act", "pause")];
    assert_eq!(admin.send(Ask::post("/pause").form(&fields)).status, 403);
    let forged = [("csrf", "forged"), fields[0], fields[1]];
    assert_eq!(admin.send(Ask::post("/pause").form(&forged)).status, 403);
    let upload = |csrf: &str| Ask::post("/upload").files(&[("csrf", csrf)], &[("a.csv", b"x")]);
    assert_eq!(admin.send(upload("forged")).status, 403);
    assert_eq!(admin.send(upload("")).status, 403);
    let login = Ask::post("/login")
        .form(&[("name", "admin"), ("password", PASSWORD)])
        .with("Sec-Fetch-Site", "cross-site");
    assert_eq!(login.send(house.at).status, 403);
    let by_session = Ask::post("/api/v1/sources/inbox/pause");
    assert_eq!(admin.send(by_session).status, 403);
    assert_eq!(
        house.dock.json(&["status", "--json"])[0]["paused"],
        serde_json::json!([])
    );
}

#[test]
fn a_request_for_another_host_is_misdirected() {
    let house = House::with("public_url = \"http://edi.example.com\"\n");
    let host = |host: &str| Ask::get("/login").with("Host", host).send(house.at).status;
    assert_eq!(host("evil.example"), 421);
    assert_eq!(host("edi.example.com.evil.example"), 421);
    assert_eq!(host("edi.example.com"), 200);
    assert_eq!(host("127.0.0.1"), 200);
    assert_eq!(host("localhost:8640"), 200);
}

#[test]
fn paths_lead_nowhere_but_where_they_should() {
    let house = House::new();
    let admin = house.visitor("admin");
    for path in [
        "/assets/../../etc/passwd",
        "/assets/x/..%2f..%2fetc%2fpasswd",
        "/assets/000000000000/style.css",
        "/files/..%2f..%2fetc%2fpasswd/original",
        "/files/1%00",
        "//etc/passwd",
        "/files/99999999999999999999",
        "/orders/-1",
        "/files/1/original",
    ] {
        let status = admin.get(path).status;
        assert!(matches!(status, 400 | 404), "{path}: {status}");
    }
    let back = Ask::post("/login").form(&[
        ("name", "admin"),
        ("password", PASSWORD),
        ("to", "//evil.example"),
    ]);
    assert_eq!(back.send(house.at).header("location"), "/");
}

#[test]
fn a_large_form_is_refused_and_a_slow_one_ends() {
    let house = House::new();
    let admin = house.visitor("admin");
    let why = "x".repeat(300 << 10);
    let large = admin.press(
        "/pause",
        &[("name", "inbox"), ("act", "pause"), ("why", &why)],
    );
    assert_eq!(large.status, 413);
    // Headers that never end.
    let mut slow = std::net::TcpStream::connect(house.at).unwrap();
    slow.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
        .unwrap();
    // A body that never comes.
    let waiting = Ask::post("/login")
        .with("Content-Type", "application/x-www-form-urlencoded")
        .with("Content-Length", "100")
        .begin(house.at);
    let mut rest = Vec::new();
    slow.read_to_end(&mut rest).unwrap();
    assert!(
        rest.is_empty() || rest.starts_with(b"HTTP/1.1 408"),
        "the connection was ended"
    );
    assert_eq!(reply(waiting).status, 408);
    assert_eq!(house.get("/healthz").status, 200);
}

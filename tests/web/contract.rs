//! The API keeps to its own description: schemathesis asks every operation everything it allows, and
//! much that it does not.

use std::process::Command;

use super::{House, bearer, table};
use crate::support::http::Ask;

/// By `ORDERDOCK_SCHEMATHESIS`, which names the program (`.ci/nightly` installs it), and
/// `ORDERDOCK_SEED`.
#[test]
fn schemathesis_finds_no_broken_contract() {
    let Some(program) = std::env::var_os("ORDERDOCK_SCHEMATHESIS") else {
        return;
    };
    let house = House::with("key_rate = 1000000\n");
    let key = house.key("schemathesis", &["--role", "admin"]);
    let upload = |source: &str, references: &[&str]| {
        let path = format!("/api/v1/files?name=a.csv&source={source}");
        let reply = bearer(Ask::post(&path), &key)
            .body(table(references))
            .send(house.at);
        assert_eq!(reply.status, 202, "{}", reply.text());
    };
    // Something to be found behind the first numbers, delivered and held.
    upload("upload", &["A-1", "A-2"]);
    upload("review", &["H-1", "H-2"]);
    house.erp.wait_for(2);
    let description = house.dock.path("openapi.json");
    std::fs::write(&description, house.get("/api/openapi.json").body).unwrap();
    // What is wrong in an order or file that fits its shape is told by 422: no shape can say that.
    let settings = "[checks]\npositive_data_acceptance.expected-statuses = \
                    [\"2xx\", \"401\", \"403\", \"404\", \"409\", \"422\", \"429\"]\n";
    std::fs::create_dir(house.dock.path("tool")).unwrap();
    std::fs::write(house.dock.path("tool/schemathesis.toml"), settings).unwrap();
    let report = concat!(env!("CARGO_MANIFEST_DIR"), "/target/schemathesis.log");
    let output = Command::new(program)
        .arg("run")
        .arg(&description)
        .args(["--url", &format!("http://{}", house.at)])
        .args(["--header", &format!("Authorization: Bearer {key}")])
        .args([
            "--checks",
            "all",
            "--phases",
            "examples,coverage,fuzzing,stateful",
        ])
        // A stream has no end.
        .args(["--exclude-path", "/api/v1/events"])
        .args([
            "--max-examples",
            &std::env::var("ORDERDOCK_EXAMPLES").unwrap_or("50".into()),
        ])
        .args([
            "--seed",
            &std::env::var("ORDERDOCK_SEED").unwrap_or("1".into()),
        ])
        .args([
            "--continue-on-failure",
            "--no-color",
            "--suppress-health-check",
            "all",
        ])
        .current_dir(house.dock.path("tool"))
        .output()
        .unwrap();
    std::fs::write(report, &output.stdout).unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}");
    assert_eq!(house.get("/readyz").status, 200);
    assert!(!house.dock.log().contains("panicked"));
}

//! What people ask and do, through a running daemon and without one.

use serde_json::Value;

use super::{bad, table};
use crate::support::dock::Dock;
use crate::support::erp::Erp;
use crate::support::partner::Answer;

/// Questions whose answers do not depend on whether a daemon runs.
const QUESTIONS: &[&[&str]] = &[
    &["files", "list"],
    &["files", "list", "--state", "error"],
    &["files", "list", "--name", "good", "-n", "1"],
    &["files", "show", "1"],
    &["files", "show", "2"],
    &["orders", "list"],
    &["orders", "list", "--reference", "A-2"],
    &["orders", "show", "1"],
    &["deliveries", "list"],
    &[
        "deliveries",
        "list",
        "--state",
        "delivered",
        "--destination",
        "erp",
    ],
    &["deliveries", "show", "1"],
    &["deliveries", "show", "99"],
    &["files", "retry", "2", "--dry-run"],
    &["deliveries", "retry", "--state", "refused", "--dry-run"],
    &[
        "deliveries",
        "cancel",
        "--reference",
        "A-1",
        "--why",
        "test",
        "--dry-run",
    ],
];

fn answers(dock: &Dock) -> Vec<(String, Option<i32>, String)> {
    let mut all = Vec::new();
    for question in QUESTIONS {
        let args = [question, &["--json"][..]].concat();
        let output = dock.run(&args);
        let told = [output.stdout, output.stderr].concat();
        all.push((
            args.join(" "),
            output.status.code(),
            String::from_utf8(told).unwrap(),
        ));
    }
    all
}

#[test]
fn every_question_has_the_same_answer_with_a_daemon_and_without() {
    let erp = Erp::start();
    let dock = Dock::new(&erp.orders(), "");
    dock.drop_file("good.csv", table(&["A-1", "A-2"]));
    dock.once();
    dock.drop_file("bad.csv", bad());
    erp.script([Answer::json(422, "{\"message\":\"no\"}")]);
    dock.drop_file("refused.csv", table(&["A-3"]));
    dock.once();
    let without = answers(&dock);
    let daemon = dock.start();
    let with = answers(&dock);
    assert_eq!(daemon.stop(), 0);
    for (without, with) in without.into_iter().zip(with) {
        assert_eq!(without, with);
    }
    assert_eq!(erp.seen().len(), 3, "no dry run does anything");
}

#[test]
fn status_tells_backlog_and_pauses_and_a_pause_outlives_a_restart() {
    let erp = Erp::start();
    let dock = Dock::new(&erp.orders(), "");
    let daemon = dock.start();
    assert!(
        dock.run(&["pause", "erp", "--why", "moves house"])
            .status
            .success()
    );
    assert_eq!(dock.run(&["pause", "epr"]).status.code(), Some(1));
    dock.drop_file("a.csv", table(&["A-1"]));
    dock.until("it waits for the lane", || {
        let status = dock.json(&["status", "--json"]).remove(0);
        (status["destinations"][0]["due"] == 1).then_some(())
    });
    daemon.stop();

    let told = |args: &[&str]| -> Value { dock.json(args).remove(0) };
    let status = told(&["status", "--json"]);
    assert_eq!(status["daemon"], Value::Null);
    assert_eq!(status["paused"][0]["name"], "erp");
    assert_eq!(status["sources"][0]["pending"], 1);
    let daemon = dock.start();
    let status = told(&["status", "--json"]);
    assert_eq!(status["daemon"]["pid"], daemon.pid());
    assert_eq!(status["paused"][0]["name"], "erp");
    assert!(erp.seen().is_empty());
    let resumed = told(&["resume", "erp", "--json"]);
    assert_eq!(resumed["done"], "erp runs again");
    dock.wait_for("done", "a.csv");
    daemon.stop();
    erp.has_each_once(&["A-1"]);
}

#[test]
fn a_paused_source_takes_nothing_until_it_is_resumed() {
    let erp = Erp::start();
    let dock = Dock::new(&erp.orders(), "");
    dock.run(&["pause", "inbox"]);
    dock.drop_file("a.csv", table(&["A-1"]));
    let (code, told) = dock.once();
    assert_eq!(code, 0, "{told}");
    assert_eq!(dock.names("."), ["a.csv"]);
    let daemon = dock.start();
    dock.run(&["resume", "inbox"]);
    dock.wait_for("done", "a.csv");
    daemon.stop();
    erp.has_each_once(&["A-1"]);
}

#[test]
fn a_refused_delivery_is_retried_and_its_file_comes_out_of_error() {
    let erp = Erp::start();
    let dock = Dock::new(&erp.orders(), "");
    erp.script([Answer::json(422, "{\"message\":\"unknown customer\"}")]);
    dock.drop_file("a.csv", table(&["A-1"]));
    dock.once();
    assert_eq!(dock.names("error").len(), 3);
    let daemon = dock.start();
    let dry = dock.json(&[
        "deliveries",
        "retry",
        "--state",
        "refused",
        "--dry-run",
        "--json",
    ]);
    assert_eq!(
        (&dry[0]["from"], &dry[0]["to"]),
        (&"refused".into(), &"due".into())
    );
    assert!(
        dock.run(&["deliveries", "retry", "--state", "refused"])
            .status
            .success()
    );
    dock.wait_for("done", "a.csv");
    daemon.stop();
    assert_eq!(dock.names("error"), [""; 0], "the sidecars go with it");
    let keys: std::collections::BTreeSet<_> = erp
        .seen()
        .iter()
        .map(|seen| seen.key().to_owned())
        .collect();
    assert_eq!(keys.len(), 1, "the same request once more");
}

/// An order file whose number stands in a column that no profile knows.
const ODD: &str = "lfdnr,order_date,sku,quantity\nA-1,2026-02-01,SKU-1,1\n";

const PROFILE: &str = r#"
name = "odd"
title = "numbers in lfdnr"
version = "1"
format = "table"
kind = "purchase"
group_by = ["reference"]

[recognise]
any = ["lfdnr"]

[order]
reference = "@lfdnr"

[line]
item_id = "@sku"
quantity = "@quantity"
"#;

#[test]
fn a_file_is_read_again_with_todays_profiles_and_comes_out_of_error() {
    let erp = Erp::start();
    let dock = Dock::new(&erp.orders(), "");
    dock.drop_file("a.csv", ODD);
    let (code, told) = dock.once();
    assert_eq!(code, 1, "{told}");
    assert!(dock.run(&["files", "retry", "1"]).status.success());
    assert_eq!(dock.once().0, 1, "nothing has changed");
    assert_eq!(
        dock.names("error"),
        ["a.csv", "a.csv.error.json", "a.csv.error.txt"]
    );

    std::fs::create_dir(dock.path("profiles")).unwrap();
    std::fs::write(dock.path("profiles/odd.toml"), PROFILE).unwrap();
    assert!(dock.run(&["files", "retry", "1"]).status.success());
    let (code, told) = dock.once();
    assert_eq!(code, 0, "{told}");
    assert_eq!(
        (dock.names("error"), dock.names("done")),
        (vec![], vec!["a.csv".to_owned()])
    );
    erp.has_each_once(&["A-1"]);
}

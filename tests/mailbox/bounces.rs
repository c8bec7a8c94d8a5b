//! Mails of ours that come back: matched to their arrival, told to the operators, never answered.

use super::answers::{office, post, settled};
use super::{Mail, bad};
use crate::support::dock::Dock;
use crate::support::erp::Erp;
use crate::support::postfix::Postfix;

fn gone(id: &str, to: &'static str) -> Vec<u8> {
    let mail = Mail {
        from: "gone@acme.test",
        to,
        ..Mail::with(id, &[("bad.csv", bad("B-1"))])
    };
    mail.bytes()
}

/// The mails about the newest file of this name, once one of them is in a state.
fn report(dock: &Dock, state: &str) -> serde_json::Value {
    dock.until(&format!("a report {state}"), || {
        let files = dock.json(&["files", "list", "--name", "bad.csv", "--json"]);
        let id = files.first()?["id"].to_string();
        let story = dock.json(&["files", "show", &id, "--json"]).remove(0);
        let reports = story["reports"].as_array()?.clone();
        reports.into_iter().find(|report| report["state"] == state)
    })
}

#[test]
fn a_delivery_report_is_matched_recorded_and_alerted_and_never_answered() {
    let erp = Erp::start();
    // The server takes mail for anybody and finds out later that nobody is there.
    let postfix = Postfix::with_boxes(
        &["orders"],
        "recipient_delimiter = +\nsmtpd_reject_unlisted_recipient = no",
    );
    let dock = office(&erp, &postfix, "bounces = \"orders@acme.test\"\n");
    let daemon = dock.start();
    post(
        &postfix,
        Some("gone@acme.test"),
        "orders@acme.test",
        &gone("1", "orders@acme.test"),
    );
    let report = report(&dock, "bounced");
    let detail = report["detail"].as_str().unwrap();
    assert!(
        detail.contains("gone@acme.test") && detail.contains('5'),
        "{detail}"
    );
    let alert = postfix.wait_for_mails(1).remove(0);
    let alert = String::from_utf8_lossy(&alert).into_owned();
    assert!(
        alert.contains("comes back") && alert.contains("gone@acme.test"),
        "{alert}"
    );
    settled(&dock, 2);
    daemon.stop();
    let done = std::fs::read_dir(dock.path("post-done")).unwrap().count();
    assert_eq!(done, 1, "the delivery report itself is done");
    assert!(erp.seen().is_empty());
}

#[test]
fn a_refusal_in_the_dialogue_is_recorded_and_alerted() {
    let erp = Erp::start();
    let postfix = Postfix::with_boxes(&["orders"], "recipient_delimiter = +");
    let dock = office(&erp, &postfix, "");
    let daemon = dock.start();
    post(
        &postfix,
        Some("gone@acme.test"),
        "orders@acme.test",
        &gone("1", "orders@acme.test"),
    );
    let report = report(&dock, "withheld");
    assert!(
        report["detail"].as_str().unwrap().contains("550"),
        "{report}"
    );
    let alert = postfix.wait_for_mails(1).remove(0);
    assert!(String::from_utf8_lossy(&alert).contains("refuses mail to gone@acme.test"));
    settled(&dock, 1);
    daemon.stop();
}

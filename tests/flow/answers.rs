//! What a partner may answer, and what becomes of the file.

use super::{alerts, states, story, table, wait_for_states};
use crate::support::dock::{Dock, read};
use crate::support::erp::{Absent, Erp, reference_of};
use crate::support::partner::Answer;

/// Mail that goes nowhere: the outbox keeps it, and the ledger tells what is in it.
const MAIL: &str = "[mail]\nurl = \"smtp://127.0.0.1:1\"\nfrom = \"edi@example.com\"\n\
                    operators = [\"ops@example.com\"]\n";

#[test]
fn refused_credentials_pause_the_lane_alert_once_and_mail_no_sender() {
    let erp = Erp::start();
    erp.always(Answer::status(401));
    let dock = Dock::new(&erp.orders(), MAIL);
    let daemon = dock.start();
    let names: Vec<_> = (0..8).map(|n| format!("{n}.csv")).collect();
    for name in &names {
        dock.drop_file(name, table(&[name]));
    }
    dock.wait_for_log("refuses us; paused");
    dock.until("the lane says so", || {
        let status = dock.json(&["status", "--json"]).remove(0);
        let stopped = status["daemon"]["lanes"][0]["stopped"].as_str()?.to_owned();
        stopped.contains("401").then_some(())
    });
    dock.run(&["resume", "erp"]);
    dock.until("it was tried again", || {
        (alerts(&dock.log(), "refuses us; paused") == 2).then_some(())
    });
    assert_eq!(dock.names("error"), [""; 0]);
    let asked = erp.seen().len();
    assert!(
        asked <= 4 + 1,
        "a paused lane sends one probe at a time, not {asked}"
    );

    erp.always(Answer::status(201));
    let resumed = dock.run(&["resume", "erp"]);
    assert!(resumed.status.success());
    for name in &names {
        dock.wait_for("done", name);
    }
    assert_eq!(daemon.stop(), 0);
    erp.has_each_once(&names);
    for name in &names {
        assert_eq!(
            story(&dock, name)["reports"],
            serde_json::json!([]),
            "{name}"
        );
    }
    // Both pauses were one alert: the outbox holds one mail.
    let status = dock.json(&["status", "--json"]).remove(0);
    assert_eq!(status["mails"], 1, "{status}");
}

#[test]
fn a_reload_tries_a_lane_that_paused_itself_at_once() {
    let erp = Erp::start();
    erp.script([Answer::status(403)]);
    let dock = Dock::new(&erp.orders(), "");
    let daemon = dock.start();
    dock.drop_file("a.csv", table(&["A-1"]));
    dock.wait_for_log("refuses us; paused");
    daemon.signal("HUP");
    dock.wait_for("done", "a.csv");
    daemon.stop();
    erp.has_each_once(&["A-1"]);
}

#[test]
fn while_the_partner_is_down_files_wait_and_then_all_is_delivered_once() {
    let absent = Absent::new();
    let dock = Dock::new(&absent.orders(), "");
    let daemon = dock.start();
    let names: Vec<_> = (0..12).map(|n| format!("{n}.csv")).collect();
    for name in &names {
        dock.drop_file(name, table(&[name]));
    }
    dock.wait_for_log("next try in");
    assert_eq!(dock.names("error"), [""; 0]);
    let erp = absent.appear();
    erp.always(Answer::status(503));
    dock.run(&["resume", "erp"]);
    erp.wait_for(1);
    dock.until("the log tells of the 503", || {
        dock.log().contains("503").then_some(())
    });
    assert_eq!(dock.names("error"), [""; 0]);
    erp.always(Answer::status(200));
    dock.run(&["resume", "erp"]);
    for name in &names {
        dock.wait_for("done", name);
    }
    daemon.stop();
    erp.has_each_once(&names);
    assert_eq!(dock.names("error"), [""; 0]);
}

#[test]
fn a_partner_that_asks_for_time_is_given_it_up_to_an_hour() {
    let erp = Erp::start();
    erp.script([
        Answer::header(429, "Retry-After", "600"),
        Answer::header(503, "Retry-After", "999999999"),
    ]);
    let dock = Dock::new(&erp.orders(), "");
    dock.drop_file("a.csv", table(&["A-1"]));
    for minutes in [10.0, 60.0] {
        let (code, told) = dock.once();
        assert_eq!(code, 1, "{told}");
        assert!(
            told.contains("remains   a.csv: 1 delivery is open"),
            "{told}"
        );
        assert!(told.contains("The next thing is due at"), "{told}");
        let delivery = dock.json(&["deliveries", "show", "1", "--json"]).remove(0);
        let instant =
            |value: &serde_json::Value| value.as_str().unwrap().parse::<jiff::Timestamp>();
        let due = instant(&delivery["due"]).unwrap();
        let attempts = delivery["attempts"].as_array().unwrap();
        let asked = instant(&attempts.last().unwrap()["ended"]).unwrap();
        let wait = due.duration_since(asked).as_secs_f64() / 60.0;
        // The wait counts from the answer, a moment before the end of the attempt.
        assert!(
            (minutes - 0.1..minutes + 1.0).contains(&wait),
            "{wait} minutes, not {minutes}"
        );
        dock.run(&["resume", "erp"]);
    }
    assert_eq!(dock.once().0, 0);
    erp.has_each_once(&["A-1"]);
}

#[test]
fn a_refusal_sends_the_file_to_error_with_the_partners_words_and_the_other_orders_through() {
    let erp = Erp::start();
    let words = r#"{"error":{"code":"sku.unknown","message":"SKU-1 is not in our range"}}"#;
    erp.script([Answer::json(422, words)]);
    let dock = Dock::new(&erp.orders(), "").with_destination("rate = \"1000/s\"");
    dock.drop_file("a.csv", table(&["A-1", "A-2", "A-3"]));
    dock.drop_file("b.csv", table(&["B-1"]));
    let (code, told) = dock.once();
    assert_eq!(code, 1, "{told}");
    let refused = reference_of(&erp.seen()[0]);
    let others = ["A-1", "A-2", "A-3", "B-1"]
        .into_iter()
        .filter(|other| *other != refused);
    erp.has_each_once(&others.collect::<Vec<_>>());
    let name = format!("{}.csv", refused[..1].to_lowercase());
    assert!(dock.names("error").contains(&name));
    for suffix in ["txt", "json"] {
        let sidecar = read(
            &dock
                .path("inbox/error")
                .join(format!("{name}.error.{suffix}")),
        );
        assert!(sidecar.contains("SKU-1 is not in our range"), "{sidecar}");
        assert!(sidecar.contains(&refused), "{sidecar}");
    }
    assert_eq!(states(&dock), "delivered=3 refused=1");
}

#[test]
fn a_lost_answer_is_answered_by_the_same_bytes_under_the_same_key() {
    let erp = Erp::start();
    erp.script([Answer::ResetAfter]);
    let dock = Dock::new(&erp.orders(), "");
    let daemon = dock.start();
    dock.drop_file("a.csv", table(&["A-1"]));
    dock.wait_for("done", "a.csv");
    daemon.stop();
    // `orders_applied` compares keys and bytes.
    assert_eq!(
        erp.orders_applied().into_iter().collect::<Vec<_>>(),
        [("A-1".to_owned(), 2)]
    );
    assert_eq!(erp.seen().len(), 2);
}

#[test]
fn a_daemon_killed_while_it_waits_for_the_answer_sends_the_same_request_again() {
    let erp = Erp::start();
    erp.script([Answer::Silence]);
    let dock = Dock::new(&erp.orders(), "");
    let daemon = dock.start();
    dock.drop_file("a.csv", table(&["A-1"]));
    erp.wait_for(1);
    daemon.kill();
    let daemon = dock.start();
    dock.wait_for("done", "a.csv");
    daemon.stop();
    assert_eq!(
        erp.orders_applied().into_iter().collect::<Vec<_>>(),
        [("A-1".to_owned(), 2)]
    );
}

#[test]
fn where_a_partner_cannot_recognise_repeats_a_lost_answer_waits_for_a_person() {
    let erp = Erp::start();
    let dock = Dock::new(&erp.orders(), "").with_destination("on_unknown = \"hold\"");
    let daemon = dock.start();
    let outcomes = [("retry", "done"), ("release", "done"), ("cancel", "error")];
    for (n, (verb, folder)) in outcomes.into_iter().enumerate() {
        let name = format!("{verb}.csv");
        erp.script([Answer::ResetAfter]);
        dock.drop_file(&name, table(&[verb]));
        let parked = dock.until("it is parked", || {
            let parked = dock.json(&["deliveries", "list", "--state", "parked", "--json"]);
            parked.first().map(|delivery| delivery["id"].to_string())
        });
        assert_eq!(
            erp.seen().len(),
            n * 2 - usize::from(n > 2) + 1,
            "it is not sent again"
        );
        let status = dock.json(&["status", "--json"]).remove(0);
        assert!(
            !status["attention"].as_array().unwrap().is_empty(),
            "{status}"
        );
        let mut args = vec!["deliveries", verb, &parked];
        if verb == "cancel" {
            args.extend(["--why", "phoned"]);
        }
        assert!(dock.run(&args).status.success());
        dock.wait_for(folder, &name);
    }
    wait_for_states(&dock, "cancelled=1 delivered=2");
    daemon.stop();
    let sidecar = read(&dock.path("inbox/error/cancel.csv.error.txt"));
    assert!(sidecar.contains("phoned"), "{sidecar}");
    assert_eq!(erp.orders_applied()["cancel"], 1);
}

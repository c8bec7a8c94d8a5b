//! CargoCONNECT: subscriptions, their rounds, and what its calls tell.

use std::io::Write;

use orderdock::sandbox::Kind;
use serde_json::{Value, json};

use super::super::Stand;
use super::{Door, STEP, codes};
use crate::support::dovecot::Dovecot;
use crate::support::http::Ask;
use crate::support::imapd::{Mailboxes, PASSWORD, USER};
use crate::support::postfix::Postfix;

pub(in crate::partners) const AWB: &str = "000-12345675";

pub(in crate::partners) fn stand(settings: &Value, more: &str) -> Stand {
    Stand::start(
        Kind::CargoConnect,
        &json!({ "cargoconnect": settings }),
        |_| format!("kind = \"cargoconnect\"\napi_key = \"cargoconnect-key\"\n{more}\n"),
    )
}

fn hook(rest: &str) -> String {
    format!("hook = {{ path = \"{STEP}\"{rest} }}")
}

pub(in crate::partners) fn freight(reference: &str, action: &str, notify: &[&str]) -> Value {
    json!({
        "reference": reference, "kind": "tracking", "action": action,
        "references": {"awb": AWB}, "notify": notify,
    })
}

#[test]
fn an_order_becomes_a_subscription_and_each_call_a_part_of_its_history() {
    let ways = [
        (json!({"auth": "none"}), ""),
        (
            json!({"auth": "basic", "user": "u", "password": "p"}),
            ", kind = \"basic\", user = \"u\", password = \"p\"",
        ),
        (
            json!({"auth": "bearer", "token": "t"}),
            ", kind = \"bearer\", token = \"t\"",
        ),
        (json!({"auth": "hmac"}), ", kind = \"hmac\""),
    ];
    for (callback, keys) in ways {
        let door = Door::new();
        let stand =
            stand(&json!({ "callback": callback }), &hook(keys)).with_section(&door.section());
        let daemon = stand.dock.start();
        door.open(&stand.dock);
        stand.drop_order("a.json", &freight("A-1", "create", &[]));
        stand.dock.wait_for("done", "a.json");
        let target = stand.state("/subscriptions/0/target");
        assert_eq!(target, format!("http://{}/hooks/{STEP}", door.at));
        for count in [1, 3, 5] {
            let statuses = stand.told("next", &json!({"awb": AWB, "count": count}));
            assert_eq!(statuses, [200], "{callback}");
        }
        let events = stand.history("A-1");
        let wanted = [
            "ARR", "BKD", "DEP", "DEP", "DLV", "FOH", "NFD", "RCF", "RCS",
        ];
        assert_eq!(codes(&events), wanted);
        assert_eq!(events.last().unwrap()["last"], true);
        drop(daemon);
    }
}

#[test]
fn a_call_that_does_not_prove_who_it_is_from_is_refused() {
    let door = Door::new();
    let stand = stand(
        &json!({"callback": {"auth": "hmac"}}),
        &hook(", kind = \"hmac\""),
    );
    let stand = stand.with_section(&door.section());
    let daemon = stand.dock.start();
    let at = door.open(&stand.dock);
    stand.drop_order("a.json", &freight("A-1", "create", &[]));
    stand.dock.wait_for("done", "a.json");
    let bearer = json!({"cargoconnect": {"callback": {"auth": "bearer", "token": "t"}}});
    stand.sandbox.change(&bearer).unwrap();
    assert_eq!(stand.told("next", &json!({"awb": AWB})), [401]);
    let body = json!({"awb": AWB, "newEvents": [{"code": "DLV"}]}).to_string();
    let signed = (
        "cargoai-api-key",
        "0TKYafelg598/gKRD8XVrqTUylMqt5KV+Zk73rqcqSc=",
    );
    let path = format!("/hooks/{STEP}");
    let wrong = Ask::post(&path).with(signed.0, signed.1).body(&body);
    assert_eq!(wrong.send(at).status, 401);
    assert_eq!(
        Ask::post("/hooks/0123456789").body(&body).send(at).status,
        404
    );
    assert_eq!(Ask::get(&path).send(at).status, 405);
    let large = Ask::post(&path).body(vec![b' '; (256 << 10) + 1]);
    assert_eq!(large.send(at).status, 413);
    assert_eq!(stand.history("A-1"), Vec::<Value>::new());
    // Signed by the right key it is read.
    stand
        .sandbox
        .change(&json!({"cargoconnect": {"callback": {"auth": "hmac"}}}))
        .unwrap();
    assert_eq!(stand.told("next", &json!({"awb": AWB})), [200]);
    assert_eq!(stand.history("A-1").len(), 2);
    assert!(!stand.dock.log().contains(STEP), "{}", stand.dock.log());
    drop(daemon);
}

#[test]
fn a_call_that_is_not_answered_is_told_again_and_known() {
    let door = Door::new();
    let stand = stand(&json!({}), &hook("")).with_section(&door.section());
    let daemon = stand.dock.start();
    let at = door.open(&stand.dock);
    stand.drop_order("a.json", &freight("A-1", "create", &[]));
    stand.dock.wait_for("done", "a.json");
    let event =
        json!({"code": "RCS", "eventDate": "2026-03-02T09:00:00+01:00", "eventLocation": "AMS"});
    let call = Ask::post(&format!("/hooks/{STEP}"))
        .json(&json!({"awb": AWB, "oldEvents": [], "newEvents": [event], "events": [event]}));
    // The daemon dies between the call and its answer.
    let mut unanswered = call.begin(at);
    unanswered.write_all(&call.body).unwrap();
    stand.dock.until("it was heard", || {
        (!stand.history("A-1").is_empty()).then_some(())
    });
    daemon.kill();
    drop(unanswered);
    let daemon = stand.dock.start();
    let at = door.open(&stand.dock);
    assert_eq!(call.send(at).status, 200);
    assert_eq!(codes(&stand.history("A-1")), ["RCS"]);
    drop(daemon);
}

#[test]
fn a_call_that_comes_before_the_order_is_known_waits_for_it() {
    let door = Door::new();
    let stand = stand(&json!({}), &hook("")).with_section(&door.section());
    let daemon = stand.dock.start();
    let at = door.open(&stand.dock);
    let call = Ask::post(&format!("/hooks/{STEP}"))
        .json(&json!({"awb": AWB, "newEvents": [{"code": "BKD", "eventLocation": "AMS"}]}));
    assert_eq!(call.send(at).status, 200);
    stand.drop_order("a.json", &freight("A-1", "create", &[]));
    let events = stand.wait_for_history("A-1", |events| !events.is_empty());
    assert_eq!(codes(&events), ["BKD"]);
    drop(daemon);
}

#[test]
fn a_subscription_is_begun_anew_while_the_order_is_under_way_and_so_many_times() {
    let stand = stand(
        &json!({}),
        "renew = \"1s\"\nrounds = 3\nemails = [\"air@edi.example\"]",
    );
    let daemon = stand.dock.start();
    stand.drop_order("a.json", &freight("A-1", "create", &["me@acme.example"]));
    stand.dock.wait_for("done", "a.json");
    let targets = stand.state("/subscriptions");
    let targets: Vec<_> = targets
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["target"])
        .collect();
    assert_eq!(targets, ["air@edi.example", "me@acme.example"]);
    let first = stand.state("/subscriptions/0/from");
    stand.advance(20 * 24 * 3600);
    stand.dock.until("it was begun anew", || {
        (stand.state("/subscriptions/0/from") != first).then_some(())
    });
    stand.dock.until("its rounds are over", || {
        (stand.count("POST track/subscribe 200") == 3).then_some(())
    });
    stand.dock.until("it is ended there as well", || {
        (stand.count("POST track/unsubscribe 200") == 1).then_some(())
    });
    drop(daemon);
}

/// How often it was subscribed to an air waybill.
fn rounds(stand: &Stand, awb: &str) -> usize {
    let all = stand.sandbox.log().into_iter();
    all.filter(|one| one.target.ends_with("/subscribe") && one.body.contains(awb))
        .count()
}

#[test]
fn a_subscription_is_not_begun_anew_once_the_goods_are_delivered() {
    let door = Door::new();
    let more = format!("{}\nrenew = \"1s\"\nrounds = 50", hook(""));
    let stand = stand(&json!({}), &more).with_section(&door.section());
    let daemon = stand.dock.start();
    door.open(&stand.dock);
    stand.drop_order("a.json", &freight("A-1", "create", &[]));
    let other = "111-11223344";
    let mut order = freight("A-2", "create", &[]);
    order["references"]["awb"] = json!(other);
    stand.drop_order("b.json", &order);
    stand.wait_for_state("A-1", "delivered");
    stand.wait_for_state("A-2", "delivered");
    assert_eq!(stand.told("next", &json!({"awb": AWB, "count": 9})), [200]);
    stand.wait_for_history("A-1", |events| codes(events).contains(&"DLV".to_owned()));
    // The one that is under way tells how time goes by for both.
    let wait_for_a_round = || {
        let before = rounds(&stand, other);
        stand.dock.until("another round of the other", || {
            (rounds(&stand, other) > before).then_some(())
        });
    };
    wait_for_a_round();
    let before = rounds(&stand, AWB);
    wait_for_a_round();
    wait_for_a_round();
    assert_eq!(rounds(&stand, AWB), before);
    drop(daemon);
}

#[test]
fn a_subscription_is_ended_and_that_there_is_none_is_as_good() {
    let stand = stand(&json!({}), "emails = [\"air@edi.example\"]");
    for (n, action) in ["create", "cancel", "create", "cancel"]
        .into_iter()
        .enumerate()
    {
        if n == 3 {
            // It has ended by itself meanwhile.
            stand.advance(22 * 24 * 3600);
        }
        stand.drop_order(&format!("{n}.json"), &freight("A-1", action, &[]));
        let (code, told) = stand.dock.once();
        assert_eq!(code, 0, "{told} {:?}", stand.sandbox.log());
        let over = stand.state("/subscriptions/0/over") == true;
        assert_eq!(over, n % 2 == 1 && n != 3, "{action} {n}");
    }
    assert_eq!(stand.dock.names("done").len(), 4);
}

#[test]
fn what_cannot_be_subscribed_to_goes_back_to_the_sender_before_any_call() {
    let stand = stand(&json!({}), "");
    let mut wrong = freight("A-1", "create", &[]);
    wrong["references"]["awb"] = json!("12");
    stand.drop_order("a.json", &wrong);
    assert_eq!(stand.once(), 1);
    let sidecar = stand.sidecar("a.json");
    for words in ["000-12345675", "references.awb", "notify"] {
        assert!(sidecar.contains(words), "{words}: {sidecar}");
    }
    assert_eq!(stand.calls(), Vec::<String>::new());
}

#[test]
fn a_wrong_key_is_the_operators_matter_and_found_by_check() {
    let stand = stand(
        &json!({"api_key": "other"}),
        "emails = [\"air@edi.example\"]",
    );
    let output = stand.dock.run(&["check", "--connect"]);
    let told = String::from_utf8_lossy(&output.stderr).into_owned()
        + &String::from_utf8_lossy(&output.stdout);
    assert!(
        told.contains("destination erp") && told.contains("403"),
        "{told}"
    );
    assert!(!told.contains("cargoconnect-key"), "{told}");
    stand.drop_order("a.json", &freight("A-1", "create", &[]));
    assert_eq!(stand.once(), 1);
    assert_eq!(stand.dock.names(""), ["a.json"]);
}

#[test]
fn an_update_by_mail_lands_in_the_history_of_the_freight() {
    let stand = stand(&json!({}), "emails = [\"air@edi.example\"]");
    let stand = stand.with_section(
        "\n[[sender]]\nname = \"cargoai\"\nmatch = { address = [\"*@sandbox.invalid\"] }\ncarries = [\"erp\"]\n",
    );
    let path = stand.dock.path("orderdock.toml");
    let text = std::fs::read_to_string(path).unwrap();
    let mails = "contact = \"partner@example.com\"\nunpack_mail = true\n";
    stand
        .dock
        .configure(&text.replace("contact = \"partner@example.com\"\n", mails));
    stand.drop_order("a.json", &freight("A-1", "create", &[]));
    assert_eq!(stand.once(), 0);
    stand.act("next", &json!({"awb": AWB, "count": 3}));
    let sent = stand.sandbox.log();
    let sent = sent.iter().find(|entry| entry.method == "MAIL").unwrap();
    let (subject, text) = sent.body.split_once("\n\n").unwrap();
    let mail = format!(
        "From: CargoCONNECT <noreply@sandbox.invalid>\r\nTo: air@edi.example\r\n{subject}\r\n\
         Message-ID: <1@sandbox.invalid>\r\nDate: Mon, 2 Mar 2026 10:00:00 +0000\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=utf-8\r\nAuto-Submitted: auto-generated\r\n\r\n{}\r\n",
        text.replace('\n', "\r\n")
    );
    stand.dock.drop_file("update.eml", &mail);
    let (code, told) = stand.dock.once();
    assert_eq!(code, 0, "{told}");
    let events = stand.history("A-1");
    assert_eq!(codes(&events), ["BKD", "FOH", "RCS"]);
    assert_eq!(events[0]["by"], "cargoai");
}

#[test]
fn updates_that_come_into_a_watched_mailbox_land_in_the_history_once() {
    let dovecot = Dovecot::start();
    let postfix = Postfix::with_boxes(
        &[],
        &format!(
            "relay_domains = mail.test\nrelay_recipient_maps =\nrelay_transport = lmtp:inet:127.0.0.1:{}",
            dovecot.lmtp_port()
        ),
    );
    let stand = stand(&json!({}), &format!("emails = [\"{USER}\"]"));
    let smtp = json!({ "smtp": format!("smtp://127.0.0.1:{}", postfix.port) });
    stand.sandbox.change(&smtp).unwrap();
    let stand = stand.with_section(&format!(
        "\n[[source]]\nname = \"mailbox\"\nkind = \"imap\"\nurl = \"imap://127.0.0.1:{}/INBOX\"\n\
         user = \"{USER}\"\npassword = \"{PASSWORD}\"\npoll = \"1s\"\n\n\
         [[sender]]\nname = \"cargoai\"\nmatch = {{ address = [\"*@sandbox.invalid\"] }}\n\
         carries = [\"erp\"]\n\n[[route]]\nsource = \"mailbox\"\ndestination = [\"erp\"]\n",
        dovecot.port()
    ));
    let daemon = stand.dock.start();
    stand.drop_order("a.json", &freight("A-1", "create", &[]));
    stand.wait_for_state("A-1", "delivered");
    for count in [1, 2] {
        let statuses = stand.told("next", &json!({"awb": AWB, "count": count}));
        assert_eq!(statuses, [250]);
    }
    let events = stand.wait_for_history("A-1", |events| events.len() == 3);
    assert_eq!(codes(&events), ["BKD", "FOH", "RCS"]);
    assert!(
        events.iter().all(|event| event["by"] == "cargoai"),
        "{events:?}"
    );
    stand.dock.until("both mails are settled", || {
        let args = [
            "files", "list", "--source", "mailbox", "--state", "settled", "--json",
        ];
        let whole = stand.dock.json(&args).into_iter();
        let whole = whole.filter(|file| file["container"].is_null());
        (whole.filter(|file| file["verdict"] == "done").count() == 2).then_some(())
    });
    assert_eq!(daemon.stop(), 0);
}

//! What is in a mail or archive becomes files of one arrival.

use serde_json::Value;

use super::{Mail, bad, house, table, zipped};
use crate::support::dock::Dock;
use crate::support::erp::Erp;

fn story(dock: &Dock, name: &str) -> Value {
    let files = dock.json(&["files", "list", "--name", name, "--json"]);
    let id = files[0]["id"].to_string();
    dock.json(&["files", "show", &id, "--json"]).remove(0)
}

#[test]
fn every_file_of_a_mail_has_its_own_outcome_and_the_mail_one_verdict() {
    let erp = Erp::start();
    let dock = house(&erp.orders(), "", "");
    let good = Mail::with(
        "1",
        &[
            ("a.csv", table(&["A-1", "A-2"])),
            ("b.csv", table(&["B-1"])),
        ],
    );
    let mixed = Mail::with("2", &[("c.csv", table(&["C-1"])), ("d.csv", bad("D-1"))]);
    dock.drop_file("good.eml", good.bytes());
    dock.drop_file("mixed.eml", mixed.bytes());
    let (exit, text) = dock.once();
    assert_eq!(exit, 1, "{text}");
    erp.has_each_once(&["A-1", "A-2", "B-1", "C-1"]);
    assert_eq!(dock.names("done"), ["good.eml"]);
    assert_eq!(
        dock.names("error"),
        ["mixed.eml", "mixed.eml.error.json", "mixed.eml.error.txt"]
    );
    let sidecar = std::fs::read_to_string(dock.path("inbox/error/mixed.eml.error.txt")).unwrap();
    assert!(
        sidecar.contains("d.csv") && sidecar.contains("ten"),
        "{sidecar}"
    );

    let mail = story(&dock, "mixed.eml");
    assert_eq!(mail["format"], "mail");
    assert_eq!(mail["letter"]["facts"]["subject"], "Our orders");
    let members = mail["members"].as_array().unwrap();
    assert_eq!(members.len(), 2);
    assert_eq!(members[1]["name"], "d.csv");
    assert_eq!(members[1]["container_name"], "mixed.eml");
    let listed = dock.run(&["files", "list"]);
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    assert!(
        listed.contains("d.csv") && listed.contains("mixed.eml"),
        "{listed}"
    );
}

#[test]
fn a_member_and_a_mail_can_be_read_again_and_send_nothing_twice() {
    let erp = Erp::start();
    let dock = house(&erp.orders(), "", "");
    let mail = Mail::with("1", &[("a.csv", table(&["A-1"])), ("b.csv", bad("B-1"))]);
    dock.drop_file("two.eml", mail.bytes());
    assert_eq!(dock.once().0, 1);
    let before = story(&dock, "two.eml");
    let member = story(&dock, "a.csv")["id"].to_string();
    assert!(dock.run(&["files", "retry", &member]).status.success());
    assert_eq!(dock.once().0, 1, "the other is still in error");
    let whole = before["id"].to_string();
    assert!(dock.run(&["files", "retry", &whole]).status.success());
    dock.once();
    erp.has_each_once(&["A-1"]);
    let after = story(&dock, "two.eml");
    assert_eq!(after["stage"], "settled");
    let ids = |story: &Value| {
        let members = story["members"].as_array().unwrap().iter();
        members
            .map(|member| member["id"].as_i64().unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(ids(&before), ids(&after), "members keep their numbers");
    assert_eq!(dock.names("error")[0], "two.eml");
}

#[test]
fn archives_are_opened_where_the_source_allows_it_and_one_level_deep() {
    let erp = Erp::start();
    let dock = house(&erp.orders(), "", "");
    let csv = table(&["Z-1"]);
    let inner = zipped(&[("inner.csv", table(&["Z-9"]).as_bytes())]);
    dock.drop_file(
        "orders.zip",
        zipped(&[("x/orders.csv", csv.as_bytes()), ("__MACOSX/._o", b"x")]),
    );
    dock.drop_file("deep.zip", zipped(&[("inner.zip", &inner)]));
    let mut mail = Mail::with("1", &[]);
    mail.files = vec![(
        "packed.zip".into(),
        zipped(&[("p.csv", table(&["Z-2"]).as_bytes())]),
    )];
    dock.drop_file("packed.eml", mail.bytes());
    assert_eq!(dock.once().0, 1);
    erp.has_each_once(&["Z-1", "Z-2"]);
    assert_eq!(dock.names("done"), ["orders.zip", "packed.eml"]);
    assert_eq!(
        story(&dock, "inner.zip")["problems"][0]["code"],
        "file.is-zip"
    );

    let closed = Dock::new(&erp.orders(), "");
    closed.drop_file("orders.zip", zipped(&[("orders.csv", csv.as_bytes())]));
    assert_eq!(closed.once().0, 1);
    assert_eq!(
        story(&closed, "orders.zip")["problems"][0]["code"],
        "file.is-zip"
    );
}

#[test]
fn the_address_tells_the_sender_and_the_format() {
    let erp = Erp::start();
    let senders = "[[sender]]\nname = \"garden\"\nmatch = { customer = [\"1234\"] }\n\n\
                   [[sender]]\nname = \"jan\"\nmatch = { address = [\"*@acme.test\"] }\n\n\
                   [[route]]\nsender = \"garden\"\ndestination = [\"erp\"]\n";
    let dock = house(&erp.orders(), "address = \"edi@example.com\"", senders);
    let mut number = Mail::with("1", &[("a.txt", table(&["A-1"]))]);
    number.to = "edi+1122.1234+csv@example.com";
    dock.drop_file("number.eml", number.bytes());
    dock.drop_file(
        "address.eml",
        Mail::with("2", &[("b.csv", table(&["A-1"]))]).bytes(),
    );
    let mut stranger = Mail::with("3", &[("c.csv", table(&["A-1"]))]);
    stranger.from = "eva@other.test";
    dock.drop_file("stranger.eml", stranger.bytes());
    let (exit, text) = dock.once();
    assert_eq!(exit, 0, "{text}");
    assert_eq!(story(&dock, "a.txt")["sender"], "garden");
    assert_eq!(story(&dock, "b.csv")["sender"], "jan");
    assert_eq!(story(&dock, "c.csv")["sender"], "inbox");
    assert_eq!(
        erp.seen().len(),
        3,
        "one number of three senders is three orders"
    );
}

#[test]
fn where_senders_must_be_known_a_stranger_sends_nothing() {
    let erp = Erp::start();
    let dock = house(&erp.orders(), "senders = \"known\"", "");
    dock.drop_file(
        "stranger.eml",
        Mail::with("1", &[("a.csv", table(&["A-1"]))]).bytes(),
    );
    assert_eq!(dock.once().0, 1);
    assert!(erp.seen().is_empty());
    let id = story(&dock, "stranger.eml")["id"].to_string();
    let known = format!(
        "{}[[sender]]\nname = \"jan\"\nmatch = {{ address = [\"jan@acme.test\"] }}\n",
        std::fs::read_to_string(dock.path("orderdock.toml")).unwrap()
    );
    dock.configure(&known);
    assert!(dock.run(&["files", "retry", &id]).status.success());
    let (exit, text) = dock.once();
    assert_eq!(exit, 0, "{text}");
    erp.has_each_once(&["A-1"]);
    assert_eq!(dock.names("done"), ["stranger.eml"]);
}

#[test]
fn a_large_member_is_stored_in_pieces_and_read_whole() {
    let erp = Erp::start();
    let dock = house(&erp.orders(), "", "");
    let mut big = table(&["L-1"]);
    // A remark as long as three pieces, in rows of their own orders' lines.
    let filler = "x".repeat(2_000);
    big = big
        .replace("currency\n", "currency,remarks\n")
        .replace("EUR\n", &format!("EUR,{filler}\n"));
    let row = big.lines().nth(1).unwrap().to_owned();
    for _ in 0..1_600 {
        big += &row;
        big.push('\n');
    }
    assert!(big.len() > 3 << 20);
    dock.drop_file(
        "big.zip",
        zipped(&[
            ("big.csv", big.as_bytes()),
            ("small.csv", table(&["S-1"]).as_bytes()),
        ]),
    );
    let (exit, text) = dock.once();
    assert_eq!(exit, 0, "{text}");
    erp.has_each_once(&["L-1", "S-1"]);
    assert_eq!(story(&dock, "big.csv")["bytes"], big.len());
}

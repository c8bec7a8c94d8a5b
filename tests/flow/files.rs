//! Files: each ends in one place, and its orders reach the partner once.

use std::fs;
use std::os::unix::fs::symlink;

use super::{bad, rows, states, story, table};
use crate::support::dock::{Dock, move_file, read};
use crate::support::erp::Erp;

fn fixture(path: &str) -> Vec<u8> {
    fs::read(
        std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("fixtures")
            .join(path),
    )
    .unwrap()
}

#[test]
fn every_order_of_every_good_file_reaches_the_partner_once_and_every_file_is_explained() {
    let erp = Erp::start();
    let dock = Dock::new(&erp.orders(), "");
    let daemon = dock.start();
    let good = [
        ("plain.csv", "profiles/plain.csv"),
        ("garden.csv", "demo/garden-centre.csv"),
        ("bakery.xml", "demo/bakery-order.xml"),
        ("kaffee.xls", "demo/kaffeehaus.xls"),
    ];
    for (name, path) in good {
        dock.drop_file(name, fixture(path));
    }
    dock.drop_file("bad.csv", bad());
    for (name, path) in good {
        assert_eq!(
            fs::read(dock.wait_for("done", name)).unwrap(),
            fixture(path),
            "{name}"
        );
    }
    assert_eq!(read(&dock.wait_for("error", "bad.csv")), bad());
    assert_eq!(daemon.stop(), 0);

    erp.has_each_once(&[
        "W-1",
        "W-2",
        "GC-10421",
        "GC-10422",
        "GC-10423",
        "BK-2026-0815",
        "A-5501",
        "A-5502",
    ]);
    assert_eq!(dock.names("."), [""; 0]);
    assert_eq!(
        dock.names("error"),
        ["bad.csv", "bad.csv.error.json", "bad.csv.error.txt"]
    );
    let sidecar = read(&dock.path("inbox/error/bad.csv.error.txt"));
    assert!(
        sidecar.contains("ten") && sidecar.contains("quantity"),
        "{sidecar}"
    );
    let story = story(&dock, "bad.csv");
    assert_eq!(story["reports"].as_array().unwrap().len(), 1);
    assert_eq!(story["reports"][0]["state"], "withheld");
    let why = story["reports"][0]["detail"].as_str().unwrap();
    assert!(why.contains("No mail is configured"), "{why}");
}

#[test]
fn a_file_moved_back_from_error_after_a_fix_sends_only_what_is_owed() {
    let erp = Erp::start();
    let dock = Dock::new(&erp.orders(), "on_bad_row = \"skip-orders\"\n");
    let daemon = dock.start();
    dock.drop_file("a.csv", rows([("A-1", "1"), ("A-2", "two"), ("A-3", "3")]));
    let rejected = dock.wait_for("error", "a.csv");
    // A file that is rewritten in the instant of its move is a new file: it would be laid back.
    dock.until("its settlement is on record", || {
        (story(&dock, "a.csv")["stage"] == "settled").then_some(())
    });
    erp.has_each_once(&["A-1", "A-3"]);

    fs::write(&rejected, rows([("A-1", "1"), ("A-2", "2"), ("A-3", "3")])).unwrap();
    move_file(&rejected, &dock.path("inbox/a.csv"));
    dock.wait_for("done", "a.csv");
    daemon.stop();
    erp.has_each_once(&["A-1", "A-2", "A-3"]);
    assert_eq!(
        erp.seen().len(),
        3,
        "what was accepted is not even asked again"
    );
    assert_eq!(states(&dock), "delivered=3 repeat=2");
}

#[test]
fn a_file_moved_back_from_error_unchanged_is_rejected_again_and_sends_nothing() {
    let erp = Erp::start();
    let dock = Dock::new(&erp.orders(), "");
    let daemon = dock.start();
    dock.drop_file("bad.csv", bad());
    for _ in 0..2 {
        let rejected = dock.wait_for("error", "bad.csv");
        move_file(&rejected, &dock.path("inbox/bad.csv"));
        dock.until("it is taken away again", || {
            (!rejected.exists()).then_some(())
        });
        dock.wait_for("error", "bad.csv");
    }
    daemon.stop();
    assert!(erp.seen().is_empty());
    assert_eq!(dock.json(&["files", "list", "--json"]).len(), 3);
}

#[test]
fn the_same_file_dropped_twice_is_delivered_once() {
    let erp = Erp::start();
    let dock = Dock::new(&erp.orders(), "");
    let daemon = dock.start();
    let text = table(&["A-1", "A-2"]);
    dock.drop_file("a.csv", &text);
    dock.wait_for("done", "a.csv");
    dock.drop_file("again.csv", &text);
    dock.wait_for("done", "again.csv");
    dock.drop_file("a.csv", &text);
    dock.until("a third file in done", || {
        (dock.names("done").len() == 3).then_some(())
    });
    daemon.stop();
    erp.has_each_once(&["A-1", "A-2"]);
    assert_eq!(states(&dock), "delivered=2 repeat=4");
    assert_eq!(dock.names("error"), [""; 0]);
}

#[test]
fn other_content_under_a_known_number_is_refused_and_the_sender_told_what_to_do() {
    let erp = Erp::start();
    let dock = Dock::new(&erp.orders(), "");
    dock.drop_file("a.csv", rows([("A-1", "1")]));
    assert_eq!(dock.once().0, 0);
    dock.drop_file("b.csv", rows([("A-1", "2"), ("A-2", "1")]));
    let (code, told) = dock.once();
    assert_eq!(code, 1, "{told}");
    assert!(told.contains("rejected  b.csv"), "{told}");
    erp.has_each_once(&["A-1", "A-2"]);
    let sidecar = read(&dock.path("inbox/error/b.csv.error.txt"));
    assert!(
        sidecar.contains("A-1") && !sidecar.contains("A-2"),
        "{sidecar}"
    );
    assert!(
        sidecar.contains("sent before with other content"),
        "{sidecar}"
    );
}

#[test]
fn where_changes_are_wanted_other_content_under_a_known_number_is_an_update() {
    let erp = Erp::start();
    let dock = Dock::new(&erp.orders(), "on_change = \"update\"\n")
        .with_destination("update_method = \"PUT\"");
    dock.drop_file("a.csv", rows([("A-1", "1")]));
    dock.once();
    dock.drop_file("b.csv", rows([("A-1", "2")]));
    let (code, told) = dock.once();
    assert_eq!(code, 0, "{told}");
    let methods: Vec<_> = erp.seen().into_iter().map(|seen| seen.method).collect();
    assert_eq!(methods, ["POST", "PUT"]);
    assert_eq!(erp.applied().len(), 2, "two revisions, two keys");
    assert_eq!(dock.names("done"), ["a.csv", "b.csv"]);
}

/// More than a megabyte: read piece by piece, staged in batches, made due in steps.
#[test]
fn a_big_file_is_delivered_whole_and_a_rejected_big_file_sends_nothing() {
    let erp = Erp::start();
    let dock = Dock::new(&erp.orders(), "");
    let references: Vec<_> = (0..3_000).map(|n| format!("BIG-{n}")).collect();
    let filler = "x".repeat(400);
    let wide = |quantity: &str| {
        let mut text =
            String::from("order_id,order_date,sku,quantity,unit,unit_price,currency,remarks\n");
        for (n, reference) in references.iter().enumerate() {
            let quantity = if n == 2_900 { quantity } else { "1" };
            text.extend([
                reference,
                ",2026-02-01,S,",
                quantity,
                ",PCE,1.00,EUR,",
                &filler,
                "\n",
            ]);
        }
        assert!(text.len() > 1 << 20);
        text
    };
    dock.drop_file("bad.csv", wide("ten"));
    let (code, told) = dock.once();
    assert_eq!(code, 1, "{told}");
    assert!(
        erp.seen().is_empty(),
        "orders before the bad row wait for the end of the file"
    );
    assert_eq!(dock.names("error").len(), 3);

    dock.drop_file("good.csv", wide("1"));
    let (code, told) = dock.once();
    assert_eq!(code, 0, "{told}");
    assert_eq!(dock.names("done"), ["good.csv"]);
    erp.has_each_once(&references);
}

#[test]
fn links_pipes_and_folders_are_left_alone_and_named_once() {
    let erp = Erp::start();
    let dock = Dock::new(&erp.orders(), "");
    let inbox = dock.path("inbox");
    fs::write(dock.path("secret.csv"), table(&["SECRET"])).unwrap();
    symlink(dock.path("secret.csv"), inbox.join("link.csv")).unwrap();
    let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
    let fifo = rustix::fs::FileType::Fifo;
    rustix::fs::mknodat(rustix::fs::CWD, inbox.join("pipe.csv"), fifo, mode, 0).unwrap();
    fs::create_dir(inbox.join("folder.csv")).unwrap();
    let daemon = dock.start();
    for name in ["a.csv", "b.csv"] {
        dock.drop_file(name, table(&[name]));
        dock.wait_for("done", name);
    }
    assert_eq!(daemon.stop(), 0);
    erp.has_each_once(&["a.csv", "b.csv"]);
    assert!(inbox.join("link.csv").is_symlink());
    assert!(inbox.join("pipe.csv").exists() && inbox.join("folder.csv").is_dir());
    for name in ["link.csv", "pipe.csv"] {
        let lines = dock
            .log()
            .lines()
            .filter(|line| line.contains(name))
            .count();
        assert_eq!(lines, 1, "{name}: {}", dock.log());
    }
}

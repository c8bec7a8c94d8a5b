//! Status files: into the history of their order, or back to their sender.

use std::fs;

use serde_json::json;

use super::{drop_in, history, order, orders, show, status, statuses, wait_for_history};
use crate::support::dock::{Dock, read};
use crate::support::erp::Erp;

fn fixture(path: &str) -> Vec<u8> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    fs::read(root.join(path)).unwrap()
}

#[test]
fn statuses_of_every_format_land_in_the_history_of_their_order_once() {
    let erp = Erp::start();
    let dock = Dock::new(&erp.orders(), "");
    let daemon = dock.start();
    let shipment = |id: &str| json!({ "shipments": [{ "id": id }] });
    let all = [
        order("123456789", &json!({})),
        order("123456790", &json!({})),
        order("TTM-1", &shipment("700753")),
        order("TR-5000", &json!({ "references": { "tracking": "TRK99" } })),
        order("TR-5001", &shipment("SHP-2")),
        order("PO-1", &json!({})),
    ];
    dock.drop_file("orders.json", orders(&all));
    dock.wait_for("done", "orders.json");
    let files = [
        ("status.csv", "profiles/cargooffice-status.csv"),
        ("status.ttm", "ttm/status.ttm"),
        ("iftsta.edi", "edifact/iftsta.edi"),
        ("214.edi", "x12/214.edi"),
    ];
    for (name, path) in files {
        dock.drop_file(name, fixture(path));
        dock.wait_for("done", name);
    }
    // By order number from two files, by shipment, by tracking number, by the sender's reference.
    assert_eq!(history(&dock, "123456789"), ["delivered", "delivered"]);
    assert_eq!(history(&dock, "123456790"), ["refused"]);
    assert_eq!(history(&dock, "TTM-1"), ["afgeleverd"]);
    assert_eq!(history(&dock, "TR-5000"), ["Signed", "Delivered"]);
    assert_eq!(history(&dock, "TR-5001"), ["13"]);
    assert_eq!(history(&dock, "PO-1").len(), 3);

    let story = show(&dock, "TR-5000");
    let event = &story["events"][1];
    assert_eq!(event["at"], "2026-11-25T10:10");
    assert_eq!(event["code"], "21");
    assert_eq!(event["place"], "Lyon");
    assert_eq!(event["by"], "inbox");
    assert_eq!(event["channel"], "file");
    assert_eq!(event["last"], true);

    // The same files again tell nothing new.
    for (name, path) in files {
        dock.drop_file(&format!("again-{name}"), fixture(path));
        dock.wait_for("done", &format!("again-{name}"));
    }
    assert_eq!(history(&dock, "TR-5000"), ["Signed", "Delivered"]);
    assert_eq!(history(&dock, "123456790"), ["refused"]);
    let page = dock.run(&["orders", "show", &story["id"].to_string()]);
    let page = String::from_utf8(page.stdout).unwrap();
    assert!(page.contains("Tracking") && page.contains("Lyon"), "{page}");
    assert_eq!(daemon.stop(), 0);
}

#[test]
fn a_status_before_its_order_waits_for_it_and_its_file_with_it() {
    let erp = Erp::start();
    let dock = Dock::new(&erp.orders(), "");
    let daemon = dock.start();
    dock.drop_file(
        "early.json",
        statuses(&[status("E-1", "loaded"), status("E-2", "on its way")]),
    );
    dock.drop_file("one.json", orders(&[order("E-1", &json!({}))]));
    dock.wait_for("done", "one.json");
    wait_for_history(&dock, "E-1", &["loaded"]);
    let file = &dock.json(&["files", "list", "--name", "early.json", "--json"])[0];
    assert_eq!(file["open"], 1, "one of its statuses still waits");
    dock.drop_file("two.json", orders(&[order("E-2", &json!({}))]));
    dock.wait_for("done", "early.json");
    assert_eq!(history(&dock, "E-2"), ["on its way"]);
    assert_eq!(daemon.stop(), 0);
}

#[test]
fn a_status_that_waits_in_vain_is_a_problem_of_its_file_and_the_others_count() {
    let erp = Erp::start();
    let dock = Dock::new(&erp.orders(), "[tracking]\nstatus_grace = \"0s\"\n");
    let daemon = dock.start();
    dock.drop_file("one.json", orders(&[order("V-1", &json!({}))]));
    dock.wait_for("done", "one.json");
    dock.drop_file(
        "both.json",
        statuses(&[status("V-1", "loaded"), status("V-404", "lost")]),
    );
    dock.wait_for("error", "both.json");
    let sidecar = read(&dock.path("inbox/error/both.json.error.txt"));
    assert!(sidecar.contains("V-404"), "{sidecar}");
    assert!(
        sidecar.starts_with("Your file “both.json” tells of orders that we do not know"),
        "{sidecar}"
    );
    assert!(!sidecar.contains("V-1"), "{sidecar}");
    assert_eq!(history(&dock, "V-1"), ["loaded"]);
    assert_eq!(daemon.stop(), 0);
}

#[test]
fn a_sender_tells_only_of_own_orders_and_of_those_it_carries() {
    let erp = Erp::start();
    let more = |root: &str| {
        format!(
            "[[source]]\nname = \"theirs\"\nkind = \"local\"\npath = \"{root}/theirs\"\nstable = \"0s\"\n\n\
             [[source]]\nname = \"road\"\nkind = \"local\"\npath = \"{root}/road\"\nstable = \"0s\"\n\n\
             [[sender]]\nname = \"stranger\"\nmatch = {{ source = \"theirs\" }}\n\n\
             [[sender]]\nname = \"carrier\"\ncarries = [\"erp\"]\nmatch = {{ source = \"road\" }}\n\n\
             [[route]]\ndestination = [\"erp\"]\n\n[tracking]\nstatus_grace = \"0s\"\n"
        )
    };
    let dock = Dock::new(&erp.orders(), "");
    let root = dock.path("").display().to_string();
    for folder in ["theirs", "road"] {
        fs::create_dir_all(dock.path(folder)).unwrap();
    }
    dock.configure(&format!(
        "{}{}",
        dock.config(),
        more(root.trim_end_matches('/'))
    ));
    let daemon = dock.start();
    dock.drop_file("one.json", orders(&[order("S-1", &json!({}))]));
    dock.wait_for("done", "one.json");
    let put = |folder: &str, text: &str| drop_in(&dock, folder, &[status("S-1", text)]);
    put("theirs", "stolen");
    dock.until("the stranger's file is refused", || {
        dock.path("theirs/error/status.json").exists().then_some(())
    });
    put("road", "delivered");
    dock.until("the carrier's file is done", || {
        dock.path("road/done/status.json").exists().then_some(())
    });
    assert_eq!(history(&dock, "S-1"), ["delivered"]);
    assert_eq!(show(&dock, "S-1")["events"][0]["by"], "carrier");
    assert_eq!(daemon.stop(), 0);
}

#[test]
fn killed_again_and_again_no_status_is_lost_or_doubled() {
    let erp = Erp::start();
    let dock = Dock::new(&erp.orders(), "");
    let references: Vec<String> = (0..40).map(|n| format!("K-{n}")).collect();
    let told: Vec<_> = references.iter().map(|r| status(r, "loaded")).collect();
    dock.drop_file("early.json", statuses(&told));
    for (n, part) in references.chunks(10).enumerate() {
        let daemon = dock.start();
        let list: Vec<_> = part.iter().map(|r| order(r, &json!({}))).collect();
        let name = format!("part-{n}.json");
        dock.drop_file(&name, orders(&list));
        dock.until("its orders are there", || {
            let rows = dock.json(&["orders", "list", "-n", "100", "--json"]);
            (rows.len() == (n + 1) * 10).then_some(())
        });
        daemon.signal("KILL");
    }
    let daemon = dock.start();
    dock.wait_for("done", "early.json");
    for reference in &references {
        assert_eq!(history(&dock, reference), ["loaded"], "{reference}");
    }
    assert_eq!(daemon.stop(), 0);
}

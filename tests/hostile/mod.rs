//! Files made to hurt go through the running daemon, and it is none the worse for it: the same
//! process, little memory, every file explained, and the next good one delivered.

use std::collections::BTreeSet;
use std::path::Path;

use orderdock::limits;
use serde_json::Value;

use crate::support::dock::{Daemon, Dock};
use crate::support::events;
use crate::support::partner::Partner;
use crate::support::process::Process;

pub(crate) mod made;

use made::Dice;

/// Most memory that the daemon may ever have taken.
const DAEMON_BYTES: u64 = 128 << 20;

const GOOD: &str = "order_id,sku,quantity\nGOOD-1,a,1\n";

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("fixtures")
            .join(name),
    )
    .unwrap()
}

/// Name, bytes, and the code of the first error that the sidecar gives. `*` stands for any.
fn hostile() -> Vec<(String, Vec<u8>, &'static str)> {
    let mut long_line = b"a;b\n1;".to_vec();
    long_line.resize(200 << 20, b'x');
    let columns = ["a;".repeat(16_000), "1;".repeat(16_000)].join("\n");
    let mut all: Vec<(&str, Vec<u8>, &str)> = vec![
        (
            "corner.xlsx",
            fixture("sheet/corner.xlsx"),
            "xlsx.too-large",
        ),
        ("corner.xls", fixture("sheet/corner.xls"), "xls.too-large"),
        ("bomb.xlsx", made::bomb(501 << 20, true), "xlsx.too-large"),
        ("ratio.xlsx", made::bomb(60 << 20, true), "xlsx.too-large"),
        ("lying.xlsx", made::bomb(501 << 20, false), "xlsx.damaged"),
        ("endless.ods", made::endless_ods(), "ods.too-large"),
        ("laughs.xml", fixture("xml/billion-laughs.xml"), "xml.dtd"),
        ("entity.xml", fixture("xml/external-entity.xml"), "xml.dtd"),
        ("nested.xml", nested().into_bytes(), "xml.too-deep"),
        ("nul.csv", vec![0; 100_000], "*"),
        ("columns.csv", columns.into_bytes(), "csv.too-many-columns"),
        ("line.csv", long_line, "csv.row-too-long"),
    ];
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    for name in [
        "random.csv",
        "random.xml",
        "random.xls",
        "random.xlsx",
        "random.json",
    ] {
        all.push((name, dice.bytes(20_000), "*"));
    }
    for name in [
        "empty.csv",
        "empty.xml",
        "empty.xls",
        "empty.xlsx",
        "empty.json",
    ] {
        all.push((name, Vec::new(), "file.empty"));
    }
    all.into_iter()
        .map(|(name, bytes, code)| (name.to_owned(), bytes, code))
        .collect()
}

/// Five million open elements in a document of a known kind: nobody reads on in any other.
fn nested() -> String {
    let root = r#"<Order xmlns="urn:oasis:names:specification:ubl:schema:xsd:Order-2">"#;
    root.to_owned() + &"<a>".repeat(5_000_000)
}

/// A workbook of an ordinary order with bits turned, again and again: some are still good.
fn flipped() -> Vec<(String, Vec<u8>)> {
    let whole = fixture("demo/kaffeehaus.xls");
    let mut dice = Dice(0x2545_F491_4F6C_DD1D);
    (0..200)
        .map(|n| (format!("flipped-{n:03}.xls"), dice.flipped(&whole)))
        .collect()
}

/// Waits until the inbox is empty; looks at the children meanwhile.
fn until_settled(dock: &Dock, daemon: &Daemon) {
    let mut most = 0;
    events::until(&dock.path("inbox"), "every file is settled", || {
        for child in Process(daemon.pid())
            .children()
            .iter()
            .filter(|child| child.is_confined())
        {
            // A child may end between two looks.
            let Some(limit) = child.limit("Max address space") else {
                continue;
            };
            assert_eq!(limit, limits::CHILD_ADDRESS_SPACE.to_string());
            most = most.max(child.peak_address_space());
        }
        dock.names("").is_empty().then_some(())
    });
    assert!(
        most <= limits::CHILD_ADDRESS_SPACE,
        "a child took {most} bytes"
    );
}

fn codes(told: &Value) -> Vec<String> {
    let problems = told["problems"].as_array().unwrap().iter();
    problems
        .map(|problem| problem["code"].as_str().unwrap().to_owned())
        .collect()
}

/// The first code of error severity.
fn cause(told: &Value) -> String {
    let problems = told["problems"].as_array().unwrap();
    let error = problems
        .iter()
        .find(|problem| problem["severity"] == "error");
    error.map_or_else(String::new, |error| {
        error["code"].as_str().unwrap().to_owned()
    })
}

fn sidecar(dock: &Dock, name: &str) -> Value {
    let folder = dock.path("inbox/error");
    let text = std::fs::read_to_string(folder.join(format!("{name}.error.txt"))).unwrap();
    assert!(text.contains(name), "{name}: {text}");
    let json = std::fs::read(folder.join(format!("{name}.error.json")));
    serde_json::from_slice(&json.unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_files_end_in_error_and_the_daemon_goes_on() {
    let partner = Partner::start().await;
    let dock = Dock::new(&partner.url("/orders"), "");
    let daemon = dock.start();
    let hostile = hostile();
    for (name, bytes, _) in &hostile {
        dock.drop_file(name, bytes);
    }
    until_settled(&dock, &daemon);
    let mut wrong = Vec::new();
    for (name, _, expected) in &hostile {
        let told = sidecar(&dock, name);
        let cause = cause(&told);
        if cause.is_empty() || (*expected != "*" && cause != *expected) {
            wrong.push(format!("{name}: {cause}, not {expected}: {told}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    alive_and_well(&dock, &daemon, &partner);
    parse_says_the_same(&dock);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workbook_with_flipped_bits_is_read_or_refused() {
    let partner = Partner::start().await;
    let dock = Dock::new(&partner.url("/orders"), "");
    let daemon = dock.start();
    let flipped = flipped();
    for (name, bytes) in &flipped {
        dock.drop_file(name, bytes);
    }
    until_settled(&dock, &daemon);
    let done: BTreeSet<String> = dock.names("done").into_iter().collect();
    for (name, _) in flipped.iter().filter(|(name, _)| !done.contains(name)) {
        // A changed order that was already delivered is told as such, not as a finding in the file.
        let told = sidecar(&dock, name);
        assert!(
            !codes(&told).is_empty() || told["outcome"] != "rejected",
            "{name}: {told}"
        );
    }
    alive_and_well(&dock, &daemon, &partner);
}

/// The same process, never large, and it delivers what is good.
fn alive_and_well(dock: &Dock, daemon: &Daemon, partner: &Partner) {
    let daemon = Process(daemon.pid());
    dock.drop_file("good.csv", GOOD);
    dock.wait_for("done", "good.csv");
    let good = partner
        .seen()
        .into_iter()
        .filter(|seen| String::from_utf8_lossy(&seen.body).contains("GOOD-1"));
    assert_eq!(good.count(), 1);
    assert!(daemon.is_running());
    let peak = daemon.peak_memory();
    assert!(
        peak < DAEMON_BYTES,
        "the daemon once took {} MB",
        peak >> 20
    );
}

/// What the dry run says about the files in error/ is what their sidecars say.
fn parse_says_the_same(dock: &Dock) {
    let names: Vec<String> = dock
        .names("error")
        .into_iter()
        .filter(|name| !name.contains(".error."))
        .collect();
    assert!(names.len() > 20, "{names:?}");
    let folder = dock.path("inbox/error");
    let paths: Vec<String> = names
        .iter()
        .map(|name| folder.join(name).to_str().unwrap().to_owned())
        .collect();
    let mut args = vec!["parse", "--json"];
    args.extend(paths.iter().map(String::as_str));
    let told = dock.json(&args);
    assert_eq!(told.len(), names.len());
    for (name, told) in names.iter().zip(&told) {
        assert_eq!(told["outcome"], "rejected", "{name}");
        assert_eq!(codes(told), codes(&sidecar(dock, name)), "{name}");
    }
}

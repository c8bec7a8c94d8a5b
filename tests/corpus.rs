//! The whole program over files of other people, where `ORDERDOCK_CORPUS` names a folder with them
//! and with `MANIFEST.tsv`: what each file is, and what became of it elsewhere.
//!
//! Orders are read as the reference tool read them; what is no order is refused by its true name;
//! whatever the bytes are, the program answers one line of JSON and ends well.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// One line of the manifest.
pub(crate) struct Sample {
    pub(crate) path: String,
    pub(crate) kind: String,
    /// What another reader, or a person, found in it.
    pub(crate) expected: String,
}

/// The folder, and its files whose kind starts with one of `kinds`. Nothing without the folder.
pub(crate) fn samples(kinds: &[&str]) -> Option<(PathBuf, Vec<Sample>)> {
    let folder = PathBuf::from(std::env::var_os("ORDERDOCK_CORPUS")?);
    let manifest = std::fs::read_to_string(folder.join("MANIFEST.tsv")).unwrap();
    let lines = manifest.lines().skip(1).map(|line| {
        let columns: Vec<&str> = line.split('\t').collect();
        Sample {
            path: columns[0].to_owned(),
            kind: columns[1].to_owned(),
            expected: columns[7].to_owned(),
        }
    });
    let wanted = lines.filter(|sample| kinds.iter().any(|kind| sample.kind.starts_with(kind)));
    Some((folder, wanted.collect()))
}

fn parse(folder: &Path, options: &[&str], files: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_orderdock"));
    command.arg("parse").args(options).args(files);
    command.current_dir(folder).output().unwrap()
}

/// What the program says of each sample, one run for all of them.
fn told(folder: &Path, options: &[&str], samples: &[Sample]) -> Vec<Value> {
    let files: Vec<&str> = samples.iter().map(|sample| &*sample.path).collect();
    let output = parse(folder, options, &files);
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert!(
        matches!(output.status.code(), Some(0 | 1)),
        "{}",
        output.status
    );
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(!text.contains("root:x:"), "a file of the machine was read");
    let told: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let names: Vec<&str> = told
        .iter()
        .map(|value| value["file"].as_str().unwrap())
        .collect();
    assert_eq!(names, files);
    told
}

fn errors(told: &Value) -> Vec<&Value> {
    let problems = told["problems"].as_array().into_iter().flatten();
    problems
        .filter(|problem| problem["severity"] == "error")
        .collect()
}

#[test]
fn every_file_of_others_gets_an_answer_that_explains_itself() {
    let Some((folder, samples)) = samples(&["csv", "sheet", "xml", "edi", "email", "tnef"]) else {
        return;
    };
    for (sample, told) in samples.iter().zip(told(&folder, &["--json"], &samples)) {
        let rejected = told["outcome"] == "rejected";
        let errors = errors(&told);
        assert_eq!(rejected, !errors.is_empty(), "{}: {told}", sample.path);
        assert_eq!(
            rejected,
            told["orders"] == serde_json::json!([])
                && told["status_updates"] == serde_json::json!([]),
            "{}: {told}",
            sample.path
        );
        for problem in errors {
            let message = problem["message"].as_str().unwrap();
            assert!(
                message.len() > 15 && message.ends_with('.'),
                "{}: {message}",
                sample.path
            );
        }
    }
}

#[test]
fn every_file_of_others_shows_its_records_or_why_there_are_none() {
    let Some((folder, samples)) = samples(&["csv", "sheet", "xml"]) else {
        return;
    };
    for (sample, told) in samples.iter().zip(told(&folder, &["--records"], &samples)) {
        let shown = told["tables"].is_array() || told["root"].is_object();
        assert!(
            shown || !errors(&told).is_empty(),
            "{}: {told}",
            sample.path
        );
    }
}

#[test]
fn exit_codes_tell_accepted_from_rejected() {
    let Some((folder, samples)) = samples(&["xml/order", "xml/malformed"]) else {
        return;
    };
    for sample in samples {
        let output = parse(&folder, &["--json"], &[&sample.path]);
        let told: Value = serde_json::from_slice(&output.stdout).unwrap();
        let wanted = i32::from(told["outcome"] != "accepted");
        assert_eq!(output.status.code(), Some(wanted), "{}", sample.path);
    }
}

/// Where the outcome is another than the manifest's, and why it stays so.
const ARGUED: [(&str, &str); 3] = [
    (
        "UBL-OrderCancellation-2.1-Example.xml",
        "its own number is 7, the order it cancels is 34",
    ),
    (
        "UBL-OrderChange-2.1-Example.xml",
        "its own number is 7, the order it changes is 34",
    ),
    (
        "emails/tnef/badchecksum.dat",
        "begins as no winmail.dat does",
    ),
];

fn is_argued(path: &str) -> bool {
    ARGUED.iter().any(|(part, _)| path.contains(part))
}

/// What follows `name` in the manifest's words, up to the next semicolon.
fn fact<'a>(expected: &'a str, name: &str) -> Option<&'a str> {
    let facts = expected.split([';', ':']).map(str::trim);
    facts
        .filter_map(|fact| fact.strip_prefix(name)?.strip_prefix(' '))
        .next()
}

#[test]
fn orders_of_others_hold_what_others_found_in_them() {
    let Some((folder, samples)) = samples(&["xml/order", "xml/transport"]) else {
        return;
    };
    for (sample, told) in samples.iter().zip(told(&folder, &["--json"], &samples)) {
        let action = match &*sample.kind {
            "xml/order-change" => Some("update"),
            "xml/order-cancel" => Some("cancel"),
            _ => None,
        };
        let order = &told["orders"][0];
        let path = &sample.path;
        assert_eq!(told["outcome"], "accepted", "{path}: {told}");
        assert_eq!(order["action"].as_str(), action, "{path}");
        let kind = if sample.kind.starts_with("xml/transport") {
            "transport"
        } else {
            "purchase"
        };
        assert_eq!(order["kind"], kind, "{path}");
        let lines = order["lines"].as_array().map_or(0, Vec::len).to_string();
        let total = order["totals"]["amount"]
            .as_str()
            .zip(order["currency"].as_str())
            .map(|(amount, currency)| format!("{amount} {currency}"));
        let facts = [
            (
                "id",
                order["reference"].as_str().filter(|_| !is_argued(path)),
            ),
            ("date", order["issued"].as_str()),
            ("currency", order["currency"].as_str()),
            ("order lines", Some(&*lines)),
            ("buyer", order["parties"]["buyer"]["name"].as_str()),
            ("seller", order["parties"]["seller"]["name"].as_str()),
            ("consignor", order["parties"]["consignor"]["name"].as_str()),
            ("consignee", order["parties"]["consignee"]["name"].as_str()),
            ("carrier", order["parties"]["carrier"]["name"].as_str()),
            ("total", total.as_deref()),
        ];
        for (name, ours) in facts {
            if let (Some(theirs), Some(ours)) = (fact(&sample.expected, name), ours) {
                // Of a moment, the day.
                let theirs = match name {
                    "date" => theirs.get(..10).unwrap_or(theirs),
                    _ => theirs,
                };
                assert_eq!(ours, theirs, "{path}: {name}");
            }
        }
        assert_eq!(told["orders"].as_array().map(Vec::len), Some(1), "{path}");
    }
}

#[test]
fn what_is_no_order_is_refused_by_its_true_name() {
    let Some((folder, samples)) = samples(&["xml/not-order", "xml/malformed", "edi/tradacoms"])
    else {
        return;
    };
    for (sample, told) in samples.iter().zip(told(&folder, &["--json"], &samples)) {
        let path = &sample.path;
        let problem = errors(&told)[0].clone();
        let (code, message) = (
            problem["code"].as_str().unwrap(),
            problem["message"].as_str().unwrap(),
        );
        let wanted = match sample.kind.split('/').take(2).collect::<Vec<_>>()[..] {
            ["xml", "not-order"] => "file.not-an-order",
            ["xml", "malformed"] => "xml.malformed",
            _ => "file.is-tradacoms",
        };
        assert!(
            code == wanted || is_argued(path),
            "{path}: {code}: {message}"
        );
        // `root Quotation: …`: the word under which others know the document.
        let root = sample
            .expected
            .strip_prefix("root ")
            .and_then(|rest| rest.split(':').next());
        let named = root.map(|root| root.trim_end_matches("Message"));
        assert!(
            code == "xml.malformed" || named.is_none_or(|name| message.contains(name)),
            "{path}: {message}"
        );
    }
}

#[test]
fn attacks_are_refused_and_tables_that_are_no_orders_make_none() {
    let Some((folder, samples)) = samples(&["xml-attack", "csv", "sheet"]) else {
        return;
    };
    for (sample, told) in samples.iter().zip(told(&folder, &["--json"], &samples)) {
        // Lists of goods, bank statements, test data: none has an order number and what is ordered. The
        // history of purchases of one shop is no export of orders to anybody and yet has both.
        if sample.path == "csv/exports/amazon.csv" {
            assert_eq!(told["profile"], "amazon-history", "{told}");
            continue;
        }
        assert_eq!(told["outcome"], "rejected", "{}: {told}", sample.path);
        assert_eq!(told["orders"], serde_json::json!([]), "{}", sample.path);
    }
}

//! Other people's mails, where a folder of them is given: `ORDERDOCK_CORPUS` names one with a
//! `TRUTH.jsonl` that says what a reference tool found in each.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

/// Where the reference tool and we part, and why we hold to ours.
const ARGUED: &[(&str, &str)] = &[
    (
        "rfc/007.eml",
        "an unnamed application/octet-stream is any file, and read as one",
    ),
    (
        "dovecot_malformed/019.eml",
        "the tool misses the subject behind a broken header line",
    ),
    (
        "dovecot_thirdparty/011.eml",
        "a picture of the HTML text is no file",
    ),
    ("dovecot_thirdparty/017.eml", "the same"),
    (
        "dovecot_thirdparty/018.eml",
        "the same; the attached one is a file",
    ),
    (
        "dovecot_thirdparty/019.eml",
        "the same; the attached one is a file",
    ),
    (
        "eml-format/sample.eml",
        "a picture of the HTML text is no file",
    ),
    (
        "stalwart_legacy/015.eml",
        "pictures of the HTML text are no files; the attached ones are",
    ),
    (
        "stalwart_legacy/018.eml",
        "pictures of the HTML text are no files",
    ),
    ("stalwart_legacy/021.eml", "the same; the attached ones are"),
    (
        "stalwart_legacy/024.eml",
        "pictures of the HTML text are no files",
    ),
    ("stalwart_legacy/025.eml", "the same; the attached ones are"),
    (
        "stalwart_legacy/035.eml",
        "pictures of the HTML text are no files",
    ),
    ("stalwart_legacy/039.eml", "the same"),
    ("stalwart_legacy/051.eml", "the same; the attached ones are"),
    (
        "stalwart_legacy/016.eml",
        "BinHex is named and not passed off as the files packed in it",
    ),
    (
        "tnef/badchecksum.dat",
        "the tool and we: no TNEF signature, refused",
    ),
    (
        "tnef/poi_oom.tnef",
        "the tool does not end; refused at once, it holds no file",
    ),
];

#[test]
fn real_mails_agree_with_the_reference_tools() {
    let Some(folder) = std::env::var_os("ORDERDOCK_CORPUS").map(PathBuf::from) else {
        return;
    };
    let truths = std::fs::read_to_string(folder.join("TRUTH.jsonl")).expect("TRUTH.jsonl");
    let truths: Vec<Value> = truths
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line of JSON"))
        .filter(|truth: &Value| truth["path"].as_str().unwrap().starts_with("emails/"))
        .collect();
    let paths: Vec<&str> = truths
        .iter()
        .map(|truth| truth["path"].as_str().unwrap())
        .collect();
    let read = parsed(&folder, &paths);
    let mut parted = Vec::new();
    for truth in &truths {
        let path = truth["path"].as_str().unwrap();
        let differences = compare(truth, &read[path]);
        for difference in &differences {
            println!("{path}: {difference}");
        }
        if !differences.is_empty() {
            parted.push(path);
        }
    }
    println!(
        "{} agree, {} part",
        paths.len() - parted.len(),
        parted.len()
    );
    let stale = ARGUED
        .iter()
        .filter(|(known, _)| !parted.iter().any(|path| path.ends_with(known)));
    assert_eq!(stale.count(), 0, "argued for nothing");
    parted.retain(|path| !ARGUED.iter().any(|(known, _)| path.ends_with(known)));
    assert!(parted.is_empty(), "not argued: {parted:?}");
}

/// What `parse` says of each file.
fn parsed(folder: &std::path::Path, paths: &[&str]) -> BTreeMap<String, Value> {
    let output = Command::new(env!("CARGO_BIN_EXE_orderdock"))
        .current_dir(folder)
        .args(["parse", "--json"])
        .args(paths)
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    let text = String::from_utf8(output.stdout).unwrap();
    let values = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    values
        .map(|value| (value["file"].as_str().unwrap().to_owned(), value))
        .collect()
}

fn compare(truth: &Value, read: &Value) -> Vec<String> {
    let mut differences = Vec::new();
    let found = &truth["truth"];
    if truth["path"].as_str().unwrap().starts_with("emails/tnef/") {
        let names = |value: &Value, key: &str| {
            let list = value.as_array().into_iter().flatten();
            list.map(|one| one[key].as_str().unwrap().to_owned())
                .collect::<Vec<_>>()
        };
        let mut ours = names(&read["members"], "file");
        let asides = read["problems"].as_array().unwrap().iter();
        ours.extend(
            asides
                .filter(|p| p["code"] == "mail.aside")
                .map(|p| p["place"]["member"].as_str().unwrap().to_owned()),
        );
        let mut theirs = names(&found["attachments"], "name");
        ours.sort();
        theirs.sort();
        if ours != theirs || theirs.is_empty() {
            differences.push(format!("files: truth {theirs:?}, found {ours:?}"));
        }
        return differences;
    }
    let mail = &read["mail"];
    if mail.is_null() {
        return vec!["not read as a mail".into()];
    }
    let (theirs, ours) = (subject(&found["subject"]), subject(&mail["subject"]));
    if theirs != ours {
        differences.push(format!("subject: truth {theirs:?}, found {ours:?}"));
    }
    let (theirs, ours) = (named(found), files(mail));
    if theirs != ours {
        differences.push(format!("files: truth {theirs:?}, found {ours:?}"));
    }
    let expected = truth["expected"].as_str().unwrap();
    let machine = expected.starts_with("AUTOMATIC") || expected.contains("automatic-mail evidence");
    if machine && mail["may_reply"] == true {
        differences.push("would be answered".into());
    }
    differences
}

/// A subject as people read it; the tool leaves encoded words in it where bytes beyond ASCII follow.
fn subject(value: &Value) -> String {
    let text = value.as_str().unwrap_or_default();
    let text = if text.contains("=?") { "" } else { text };
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text == "Die Hasen und die Frösche" {
        String::new()
    } else {
        text
    }
}

/// The named parts: last part of the name, start of the hash.
fn named(truth: &Value) -> Vec<(String, String)> {
    let parts = truth["leaf_parts"].as_array().into_iter().flatten();
    let mut named: Vec<_> = parts
        .filter_map(|part| {
            let name = part["filename"].as_str()?;
            let last = name.rsplit(['/', '\\']).next()?;
            Some((last.to_owned(), part["sha256"].as_str()?.to_owned()))
        })
        .collect();
    named.sort();
    named
}

fn files(mail: &Value) -> Vec<(String, String)> {
    let files = mail["files"].as_array().unwrap().iter();
    let mut files: Vec<_> = files
        .map(|file| {
            let hash = file["sha256"].as_str().unwrap();
            (
                file["name"].as_str().unwrap().to_owned(),
                hash[..16].to_owned(),
            )
        })
        .collect();
    files.sort();
    files
}

//! csv files of other people, where `ORDERDOCK_CORPUS` names a folder with them and with
//! `TRUTH.jsonl`: what another reader, told the dialect, found in each.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use orderdock::formats::{Bytes, ReadOptions};
use serde_json::{Value, json};

use crate::formats::told;

/// The folder and its truths about files whose path starts with `kind`.
pub(crate) fn corpus(kind: &str) -> Vec<(PathBuf, Value)> {
    let Some(folder) = std::env::var_os("ORDERDOCK_CORPUS") else {
        return Vec::new();
    };
    let truths = std::fs::read_to_string(Path::new(&folder).join("TRUTH.jsonl")).unwrap();
    truths
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter_map(|truth| {
            let path = truth["path"].as_str().unwrap().to_owned();
            path.starts_with(kind)
                .then(|| (Path::new(&folder).join(path), truth))
        })
        .collect()
}

fn cells(row: &Value) -> Vec<String> {
    let texts = row.as_array().into_iter().flatten();
    texts
        .map(|cell| {
            cell.as_str()
                .unwrap_or_default()
                .trim_start_matches(' ')
                .to_owned()
        })
        .collect()
}

/// The same object with its keys in order.
fn sorted(object: &Value) -> Value {
    let pairs: BTreeMap<&String, &Value> = object.as_object().into_iter().flatten().collect();
    json!(pairs)
}

/// How one file is read otherwise than `truth` says.
fn differences(path: &Path, truth: &Value) -> Vec<String> {
    let bytes = std::fs::read(path).unwrap();
    let name = path.file_name().unwrap().to_string_lossy();
    let read = told(&mut Bytes::new(&name, &bytes), &ReadOptions::default());
    let rows: Vec<&Value> = read["tables"][0]["rows"]
        .as_array()
        .into_iter()
        .flatten()
        .collect();
    let mut found = Vec::new();
    let mut compare = |what: &str, ours: String, theirs: String| {
        if ours != theirs {
            found.push(format!("{what}: ours {ours}, theirs {theirs}"));
        }
    };
    compare(
        "rows",
        rows.len().to_string(),
        truth["records_nonempty"].to_string(),
    );
    let mut widths: BTreeMap<String, u64> = BTreeMap::new();
    for row in &rows {
        *widths
            .entry(row.as_array().map_or(0, Vec::len).to_string())
            .or_default() += 1;
    }
    compare(
        "widths",
        json!(widths).to_string(),
        sorted(&truth["widths"]).to_string(),
    );
    compare(
        "delimiter",
        read["dialect"]["delimiter"].to_string(),
        truth["delimiter"].to_string(),
    );
    let numbered = [
        ("first", rows.first()),
        ("second", rows.get(1)),
        ("last", rows.last()),
    ];
    for (which, row) in numbered {
        if truth[which].is_array() {
            // The truths keep the first fifteen cells of a row.
            let theirs = cells(&truth[which]);
            let mut ours = row.map(|row| cells(row)).unwrap_or_default();
            ours.truncate(theirs.len().max(15));
            compare(which, format!("{ours:?}"), format!("{theirs:?}"));
        }
    }
    if !found.is_empty() {
        found.push(format!("{} {}", read["encoding"], read["problems"]));
    }
    found
}

#[test]
fn csv_files_of_others_are_read_as_others_read_them() {
    let mut all = Vec::new();
    for (path, line) in corpus("csv/") {
        let differences = differences(&path, &line["truth"]);
        if !differences.is_empty() && !is_argued(&path) {
            all.push(format!(
                "{}\n  {}",
                path.display(),
                differences.join("\n  ")
            ));
        }
    }
    assert!(all.is_empty(), "read otherwise:\n{}", all.join("\n"));
}

/// Files that must be refused, where the other reader answers one big cell or nothing.
fn is_argued(path: &Path) -> bool {
    const ARGUED: [&str; 3] = [
        // Not UTF-8 in one place: a guess with a warning, and any guess will do.
        "test__invalid_utf.csv",
        // Refused, as its own expectation says.
        "test__unterminated.csv",
        // Blanks before quotes: quotes are quotes there too.
        "prov-events.csv",
    ];
    ARGUED.iter().any(|name| path.ends_with(name))
}

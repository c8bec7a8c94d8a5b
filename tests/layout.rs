//! Who may import whom, how long a file may be, and what may not be left lying about.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Plain data and pure functions: may be used everywhere.
const VOCABULARY: &[&str] = &[
    "arrival",
    "backoff",
    "clock",
    "expression",
    "failure",
    "letter",
    "limits",
    "measure",
    "names",
    "order",
    "problem",
    "revision",
    "tracking",
];

/// Ports: what a room of each family may use of the other rooms, beside the vocabulary. Adapters
/// see their own family's `mod.rs`; only the flow and the shell see several families.
fn allowed(room: &str) -> Option<&'static [&'static str]> {
    Some(match room {
        // Secrets only as the wrapped values that settings hold.
        "sources" => &["sources", "clients", "secret", "token"],
        "clients" => &["secret"],
        // Only the rows that a correction is about.
        "formats" => &["formats", "profiles"],
        "profiles" => &["profiles", "formats"],
        // The sniffer of formats tells a workbook from an archive.
        "containers" => &["containers", "formats"],
        "jail" => &["jail", "containers", "formats", "profiles"],
        "partners" => &["partners", "clients", "mail", "token", "writers"],
        // What an answer has to quote of the file's envelope.
        "writers" => &["formats"],
        "token" => &[],
        "openid" => &["token"],
        "callbacks" => &[],
        "mail" => &["mail", "ledger", "profiles"],
        "ledger" => &["ledger", "profiles", "formats"],
        // Sees the daemon through its desk, as the command line does.
        "web" => &[
            "web", "control", "config", "flow", "ledger", "openid", "profiles",
        ],
        "flow" => &[
            "flow",
            "sources",
            "containers",
            "formats",
            "profiles",
            "jail",
            "partners",
            "mail",
            "callbacks",
            "ledger",
            "writers",
        ],
        // Never the connectors: a misreading of a partner's documents shows only between two readings.
        "sandbox" => &["sandbox", "mail"],
        vocabulary if VOCABULARY.contains(&vocabulary) => &[],
        // The shell may use everything.
        _ => return None,
    })
}

/// Third-party crates that only one place may name, so that an adapter can be replaced.
const ONLY: &[(&str, &[&str])] = &[
    ("notify::", &["sources/local"]),
    ("rusqlite::", &["ledger/sqlite"]),
    ("lettre::", &["mail"]),
    ("reqwest::", &["token", "callbacks", "sandbox/send.rs"]),
    ("ring::signature", &["openid"]),
    (
        "quick_xml::",
        &["formats", "partners/wire/xml.rs", "sandbox/xml.rs"],
    ),
    ("russh::", &["clients/sftp", "demo/sftp"]),
    ("rust_xlsxwriter::", &["writers"]),
    ("seccompiler::", &["jail"]),
    ("mail_parser::", &["containers/mail"]),
    ("axum::", &["web", "sandbox"]),
    ("argon2::", &["web"]),
    ("clap::", &["cli", "main.rs", "control", "daemon", "demo"]),
    (
        "minijinja::",
        &[
            "expression",
            "profiles",
            "mail",
            "partners/http",
            "partners/form",
            "web",
        ],
    ),
];

fn sources() -> BTreeMap<PathBuf, String> {
    fn walk(folder: &Path, into: &mut BTreeMap<PathBuf, String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, into);
            } else if path.extension().is_some_and(|ext| ext == "rs") {
                into.insert(path.clone(), fs::read_to_string(&path).unwrap());
            }
        }
    }
    let mut files = BTreeMap::new();
    walk(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut files,
    );
    files
}

fn relative(path: &Path) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    path.strip_prefix(root)
        .unwrap()
        .to_string_lossy()
        .into_owned()
}

/// The rooms that a text names by `crate::room`.
fn named(text: &str) -> Vec<String> {
    let code: String = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .map(|line| format!("{line}\n"))
        .collect();
    let mut rooms = Vec::new();
    for part in code.split("crate::").skip(1) {
        if let Some(group) = part.strip_prefix('{') {
            let inner = group.split('}').next().unwrap_or_default();
            rooms.extend(
                inner
                    .split(',')
                    .map(|name| name.trim().split("::").next().unwrap().to_owned()),
            );
        } else {
            rooms.push(
                part.split(|c: char| !c.is_alphanumeric() && c != '_')
                    .next()
                    .unwrap()
                    .to_owned(),
            );
        }
    }
    rooms.retain(|room| !room.is_empty());
    rooms
}

#[test]
fn rooms_import_only_what_the_table_allows() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let name = relative(&path);
        let room = name.split(['/', '.']).next().unwrap().to_owned();
        let Some(allowed) = allowed(&room) else {
            continue;
        };
        for other in named(&text) {
            let fine = other == room
                || VOCABULARY.contains(&other.as_str())
                || allowed.contains(&other.as_str());
            if !fine {
                wrong.push(format!("{name} names crate::{other}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_flow_never_names_an_adapter() {
    let adapters = [
        "sources::imap",
        "sources::local",
        "clients::",
        "sources::remote",
        "partners::http",
        "partners::contargo",
        "partners::trademax",
        "partners::cargamos",
        "partners::cargoconnect",
        "partners::cargooffice",
        "partners::soap",
        "partners::folder",
        "partners::mail",
        "partners::remote",
        "ledger::sqlite",
        "mail::smtp",
        "formats::csv",
        "formats::xml",
        "formats::sheet",
    ];
    for (path, text) in sources() {
        let name = relative(&path);
        if name.starts_with("flow") {
            for adapter in adapters {
                assert!(!text.contains(adapter), "{name} names {adapter}");
            }
        }
    }
}

/// Whether the text names the crate, and not one whose name only ends like it.
fn names(text: &str, krate: &str) -> bool {
    text.match_indices(krate)
        .any(|(at, _)| !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_'))
}

#[test]
fn third_party_crates_stay_in_their_rooms() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let name = relative(&path);
        // Tests name crates as data, or as a second opinion.
        if name.contains("tests") {
            continue;
        }
        for (krate, rooms) in ONLY {
            if names(&text, krate) && !rooms.iter().any(|room| name.starts_with(room)) {
                wrong.push(format!("{name} names {krate}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn files_stay_small_enough_to_read() {
    let long: Vec<String> = sources()
        .into_iter()
        .filter(|(path, _)| !relative(path).contains("tests"))
        .filter_map(|(path, text)| {
            let lines = text.lines().count();
            (lines > 600 && relative(&path) != "ledger/mod.rs")
                .then(|| format!("{}: {lines} lines", relative(&path)))
        })
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn nothing_unfinished_is_left_lying_about() {
    let words = [["TO", "DO"].concat(), ["FIX", "ME"].concat()];
    for (path, text) in sources() {
        for word in &words {
            assert!(
                !text.contains(word.as_str()),
                "{} has a {word}",
                relative(&path)
            );
        }
    }
}

#[test]
fn every_file_says_what_it_is_for() {
    for (path, text) in sources() {
        assert!(text.starts_with("//!"), "{} has no head", relative(&path));
    }
}

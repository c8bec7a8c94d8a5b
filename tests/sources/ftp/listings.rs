//! Listings of real servers of many makes, where ORDERDOCK_CORPUS names them.

use std::collections::BTreeMap;

use jiff::civil::date;
use orderdock::clients::ItemKind;
use orderdock::clients::ftp::listing::{Line, line, machine};

use super::*;

/// What each sample comes to: files, folders, other items, nothing, unknown, and the other systems.
fn counts(name: &str, bytes: &[u8]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    let lines = bytes
        .strip_suffix(b"\n")
        .unwrap_or(bytes)
        .split(|byte| *byte == b'\n');
    for text in lines.map(|line| line.strip_suffix(b"\r").unwrap_or(line)) {
        let read = match name.contains("mlsx") {
            true => machine(text),
            false => line(text, date(2026, 11, 22)),
        };
        let word = match read {
            Line::Item(item) => match item.kind {
                ItemKind::File => "file".to_owned(),
                ItemKind::Folder => "folder".to_owned(),
                ItemKind::Other => "other".to_owned(),
            },
            Line::Nothing => "nothing".to_owned(),
            Line::Unknown => "unknown".to_owned(),
            Line::Other(system) => system.to_owned(),
        };
        *counts.entry(word).or_default() += 1;
    }
    counts
}

/// `fixtures/ftp/corpus.expected.txt` has a line for each sample; `UPDATE_EXPECT=1` writes it.
#[test]
fn every_sample_is_read_refused_by_name_or_left_out() {
    let Some(corpus) = std::env::var_os("ORDERDOCK_CORPUS") else {
        return;
    };
    let folder = PathBuf::from(corpus).join("ftp_listings");
    let mut told = String::new();
    let mut samples: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|one| one.unwrap().path())
        .collect();
    samples.sort();
    assert!(!samples.is_empty());
    for path in samples {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let counts = counts(&name, &fs::read(&path).unwrap());
        let words: Vec<_> = counts
            .iter()
            .map(|(word, count)| format!("{count} {word}"))
            .collect();
        told += &format!("{name}: {}\n", words.join(", "));
    }
    let expected = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/ftp/corpus.expected.txt");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&expected, &told).unwrap();
    }
    assert_eq!(told, fs::read_to_string(expected).unwrap());
}

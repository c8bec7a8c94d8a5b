//! Lines of listings and what is read of them.

use jiff::civil::date;

use super::{Line, line, machine};
use crate::clients::ItemKind;

fn shown(line: Line) -> String {
    match line {
        Line::Item(item) => {
            let kind = match item.kind {
                ItemKind::File => "file",
                ItemKind::Folder => "folder",
                ItemKind::Other => "other",
            };
            let size = item.size.map_or("-".to_owned(), |size| size.to_string());
            let at = item.modified.map_or("-".to_owned(), |at| {
                jiff::Timestamp::from_nanosecond(i128::from(at))
                    .unwrap()
                    .to_string()
            });
            format!(
                "{kind} {size} {at} {:?}",
                String::from_utf8_lossy(&item.name)
            )
        }
        Line::Nothing => "nothing".to_owned(),
        Line::Other(system) => format!("listing of {system}"),
        Line::Unknown => "unknown".to_owned(),
    }
}

/// `fixtures/ftp/NAME.txt` beside `NAME.expected.txt`; `UPDATE_EXPECT=1` writes what is read now.
#[test]
fn listings_are_read_as_the_lines_beside_them_say() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/ftp");
    let mut count = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let Some(stem) = name
            .strip_suffix(".txt")
            .filter(|stem| !stem.ends_with(".expected"))
        else {
            continue;
        };
        count += 1;
        let bytes = std::fs::read(&path).unwrap();
        let lines = bytes
            .strip_suffix(b"\n")
            .unwrap()
            .split(|byte| *byte == b'\n');
        let mut read = String::new();
        for text in lines {
            let one = if stem.starts_with("machine") {
                machine(text)
            } else {
                line(text, date(2026, 3, 1))
            };
            read += &shown(one);
            read.push('\n');
        }
        let expected = folder.join(format!("{stem}.expected.txt"));
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::write(&expected, &read).unwrap();
        }
        assert_eq!(read, std::fs::read_to_string(&expected).unwrap(), "{name}");
    }
    assert!(count >= 3);
}

#[test]
fn a_date_without_a_year_lies_in_the_last_twelve_months() {
    let at = |text: &str, today| shown(line(text.as_bytes(), today));
    let listed = "-rw-r--r-- 1 a b 7 Dec 31 23:59 x";
    assert_eq!(
        at(listed, date(2026, 12, 31)),
        "file 7 2026-12-31T23:59:00Z \"x\""
    );
    assert_eq!(
        at(listed, date(2027, 1, 1)),
        "file 7 2026-12-31T23:59:00Z \"x\""
    );
    assert_eq!(
        at(listed, date(2027, 7, 1)),
        "file 7 2026-12-31T23:59:00Z \"x\""
    );
    // The server's day has begun before ours.
    let next = "-rw-r--r-- 1 a b 7 Jan  1 00:10 x";
    assert_eq!(
        at(next, date(2026, 12, 31)),
        "file 7 2027-01-01T00:10:00Z \"x\""
    );
    let leap = "-rw-r--r-- 1 a b 7 Feb 29 00:10 x";
    assert_eq!(
        at(leap, date(2024, 3, 1)),
        "file 7 2024-02-29T00:10:00Z \"x\""
    );
}

proptest::proptest! {
    #[test]
    fn no_line_whatever_makes_it_fail(text: Vec<u8>, words in "[-drwx0-9:a-zA-Z <>;=.]{0,80}") {
        for bytes in [text.as_slice(), words.as_bytes()] {
            for read in [line(bytes, date(2026, 3, 1)), machine(bytes)] {
                if let Line::Item(item) = read {
                    proptest::prop_assert!(!item.name.is_empty());
                    proptest::prop_assert!(bytes.windows(item.name.len()).any(|part| part == item.name));
                }
            }
        }
    }
}

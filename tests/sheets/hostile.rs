//! Workbooks made to hurt, and workbooks hurt on their way.

use std::io::{Cursor, Write};

use orderdock::formats::{Hidden, ReadOptions};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::{Collected, read, read_into};

const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

fn package(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        zip.start_file(*name, SimpleFileOptions::default())
            .expect("a part");
        zip.write_all(bytes).expect("its bytes");
    }
    zip.finish().expect("a zip").into_inner()
}

/// A workbook of one sheet with these rows and shared strings.
fn workbook(rows: &str, strings: &str) -> Vec<u8> {
    let relation = |id: &str, kind: &str, target: &str| {
        format!(r#"<Relationship Id="{id}" Type="{RELATIONS}/{kind}" Target="{target}"/>"#)
    };
    let relations = |inner: String| format!("<Relationships>{inner}</Relationships>");
    let root = relations(relation("a", "officeDocument", "xl/workbook.xml"));
    let parts =
        relations(relation("b", "worksheet", "s.xml") + &relation("c", "sharedStrings", "t.xml"));
    let book = r#"<workbook xmlns:r="r"><sheets><sheet name="S" r:id="b"/></sheets></workbook>"#;
    let sheet = format!("<worksheet><sheetData>{rows}</sheetData></worksheet>");
    package(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("_rels/.rels", root.as_bytes()),
        ("xl/workbook.xml", book.as_bytes()),
        ("xl/_rels/workbook.xml.rels", parts.as_bytes()),
        ("xl/t.xml", format!("<sst>{strings}</sst>").as_bytes()),
        ("xl/s.xml", sheet.as_bytes()),
    ])
}

fn read_xlsx(bytes: &[u8]) -> Collected {
    read("orders.xlsx", bytes, &ReadOptions::default())
}

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(super::folder().join(name)).expect("a fixture")
}

/// Where the zip's end record starts.
fn end_record(bytes: &[u8]) -> usize {
    bytes
        .windows(4)
        .rposition(|four| four == b"PK\x05\x06")
        .expect("an end record")
}

/// Where the directory's entries start, in order.
fn entries(bytes: &[u8]) -> Vec<usize> {
    (0..bytes.len() - 4)
        .filter(|at| bytes[*at..].starts_with(b"PK\x01\x02"))
        .collect()
}

#[test]
fn a_sheet_that_unpacks_a_hundredfold_is_refused_before_it_is_unpacked() {
    let mut rows = " ".repeat(60 << 20);
    rows.push_str("<row><c><v>1</v></c></row>");
    let bytes = workbook(&rows, "");
    assert!(bytes.len() < 1 << 20);
    let collected = read_xlsx(&bytes);
    assert_eq!(collected.codes(), ["xlsx.too-large"]);
    assert_eq!(collected.rows, 0);
}

#[test]
fn one_long_text_told_by_many_cells_is_refused() {
    let strings = format!("<si><t>{}</t></si>", "x".repeat(1_000_000));
    let row = "<c t=\"s\"><v>0</v></c>".repeat(20);
    let collected = read_xlsx(&workbook(&format!("<row>{row}</row>"), &strings));
    assert_eq!(collected.codes(), ["xlsx.too-large"]);
}

#[test]
fn more_parts_than_a_workbook_has_are_refused_by_their_number() {
    let mut bytes = workbook("", "");
    let end = end_record(&bytes);
    bytes[end + 10..end + 12].copy_from_slice(&60_000_u16.to_le_bytes());
    assert_eq!(read_xlsx(&bytes).codes(), ["xlsx.too-large"]);
}

#[test]
fn a_part_larger_than_it_says_is_damage() {
    let mut bytes = workbook("<row><c><v>1</v></c></row>", "");
    let sheet = entries(&bytes)[5];
    bytes[sheet + 24..sheet + 28].copy_from_slice(&10_u32.to_le_bytes());
    let collected = read_xlsx(&bytes);
    assert_eq!(
        collected.codes(),
        ["xlsx.damaged"],
        "{:?}",
        collected.refused
    );
}

#[test]
fn parts_that_share_bytes_are_damage() {
    let mut bytes = workbook("<row><c><v>1</v></c></row>", "");
    let entries = entries(&bytes);
    let offset: Vec<u8> = bytes[entries[4] + 42..entries[4] + 46].to_vec();
    bytes[entries[5] + 42..entries[5] + 46].copy_from_slice(&offset);
    assert_eq!(read_xlsx(&bytes).codes(), ["xlsx.damaged"]);
}

#[test]
fn entities_and_document_types_are_refused() {
    let collected = read_xlsx(&workbook("<row><c t=\"str\"><v>&x;</v></c></row>", ""));
    assert_eq!(collected.codes(), ["xlsx.damaged"]);
    let mut sheet = b"<!DOCTYPE worksheet [<!ENTITY x \"y\">]>".to_vec();
    sheet.extend_from_slice(b"<office:document-content/>");
    let ods = package(&[
        (
            "mimetype",
            b"application/vnd.oasis.opendocument.spreadsheet",
        ),
        ("content.xml", &sheet),
    ]);
    let collected = read("a.ods", &ods, &ReadOptions::default());
    assert_eq!(collected.codes(), ["ods.damaged"]);
}

#[test]
fn a_million_open_tags_are_refused() {
    let collected = read_xlsx(&workbook(&"<a>".repeat(100_000), ""));
    assert_eq!(collected.codes(), ["xlsx.too-large"]);
}

#[test]
fn a_sink_that_has_enough_ends_reading_at_once() {
    let mut collected = Collected {
        enough: Some(2),
        ..Collected::default()
    };
    read_into(
        "orders.xlsx",
        &fixture("orders.xlsx"),
        &ReadOptions::default(),
        &mut collected,
    );
    assert_eq!(collected.rows, 2);
    assert!(collected.codes().is_empty());
}

#[test]
fn hidden_content_is_left_out_or_read_as_told() {
    let bytes = fixture("hidden.xlsx");
    let with = |hidden| {
        let options = ReadOptions {
            hidden,
            ..ReadOptions::default()
        };
        read("hidden.xlsx", &bytes, &options)
    };
    let skipped = with(Hidden::Skip);
    assert_eq!(skipped.texts(0), [vec!["a", ""], vec!["3"]]);
    assert!(skipped.problems.iter().all(|problem| !problem.is_error()));
    let all = with(Hidden::Read);
    assert_eq!(all.tables.len(), 3);
    assert_eq!(all.texts(0), [vec!["a", "b"], vec!["1", "2"], vec!["3"]]);
    assert!(all.codes().is_empty());
}

#[test]
fn a_workbook_cut_anywhere_is_refused() {
    for name in ["orders.xlsx", "orders.xlsb", "orders.ods"] {
        let bytes = fixture(name);
        for end in (0..bytes.len() - 1).step_by(7) {
            let collected = read(name, &bytes[..end], &ReadOptions::default());
            assert!(collected.refused.is_some(), "{name} cut at {end}");
        }
    }
}

/// A small generator of numbers without order (xorshift), the same in every run.
struct Dice(u64);

impl Dice {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % below as u64).expect("below a usize")
    }
}

#[test]
fn flipped_bits_never_do_more_than_refuse() {
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    for name in [
        "orders.xls",
        "orders.xls",
        "orders.xlsx",
        "orders.xlsb",
        "orders.ods",
        "biff3.xls",
        "really-html.xls",
        "really-sylk.xls",
        "really-spreadsheetml.xls",
    ] {
        let whole = fixture(name);
        for _ in 0..1_000 {
            let mut bytes = whole.clone();
            for _ in 0..=dice.next(8) {
                let at = dice.next(bytes.len());
                bytes[at] ^= 1 << dice.next(8);
            }
            read(name, &bytes, &ReadOptions::default());
        }
    }
}

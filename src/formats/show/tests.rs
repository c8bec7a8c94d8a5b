//! What is kept of large originals, and what is marked.

use super::*;
use crate::formats::{self, Bytes, ReadOptions};

fn show(format: FormatKind, text: &str, places: Vec<Place>) -> Shown {
    let mut sink = Show::new(places);
    let mut input = Bytes::new("sample", text.as_bytes());
    let read = formats::read(format, &mut input, &ReadOptions::default(), &mut sink);
    sink.finish(read.err().as_ref())
}

#[test]
fn a_large_table_keeps_its_head_and_the_rows_about_a_finding_with_the_cell_marked() {
    let rows = (2..5_000).map(|row| {
        let quantity = if row == 3_000 { "ten" } else { "1" };
        format!("A-{row},{quantity}\n")
    });
    let text = format!("order,quantity\n{}", rows.collect::<String>());
    let place = Place::row(3_000).column("quantity");
    let made = show(FormatKind::Csv, &text, vec![place]);
    let rows = &made.tables[0].rows;
    assert!(made.cut && rows.len() < 40, "{}", rows.len());
    let bad = rows.iter().find(|row| row.number == 3_000).unwrap();
    assert_eq!(
        bad.cells,
        [("A-3000".into(), None), ("ten".into(), Some(0))]
    );
    let first = rows.iter().find(|row| row.number == 2_998).unwrap();
    assert!(first.gap);
}

#[test]
fn a_cell_that_is_missing_is_there_to_be_marked_and_a_row_without_a_column_is_marked_itself() {
    let places = vec![Place::row(2).column("quantity"), Place::row(3)];
    let made = show(FormatKind::Csv, "order,quantity\nA-1,\nA-2,3\n", places);
    let rows = &made.tables[0].rows;
    assert_eq!(rows[1].cells[1], (String::new(), Some(0)));
    assert_eq!(rows[2].mark, Some(1));
}

#[test]
fn an_element_is_marked_by_its_line_and_name() {
    let text =
        "<Orders><Order>\n<Id>7</Id>\n<Date>1</Date><Qty unit=\"C62\">ten</Qty>\n</Order></Orders>";
    let place = Place {
        path: Some("/Orders/Order[1]/Qty".into()),
        line: Some(3),
        ..Place::default()
    };
    let made = show(FormatKind::Xml, text, vec![place]);
    let marked: Vec<_> = made
        .lines
        .iter()
        .filter(|line| line.mark.is_some())
        .collect();
    assert_eq!(marked.len(), 1);
    assert_eq!(marked[0].text, "<Qty unit=\"C62\">ten</Qty>");
    assert_eq!(marked[0].depth, 2);
}

#[test]
fn a_segment_is_marked_by_its_number_and_written_as_it_stands() {
    let text = "UNB+UNOC:3+A+B+260101:1200+1'UNH+1+ORDERS:D:96A:UN'BGM+220+4711+9'UNT+3+1'UNZ+1+1'";
    let place = Place {
        segment: Some("BGM+220 (segment 3)".into()),
        ..Place::default()
    };
    let made = show(FormatKind::Edifact, text, vec![place]);
    let bgm = made.lines.iter().find(|line| line.mark == Some(0)).unwrap();
    assert_eq!(
        (bgm.text.as_str(), bgm.number, bgm.depth),
        ("BGM+220+4711+9", 3, 2)
    );
}

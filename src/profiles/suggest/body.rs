//! The rows of a table: where they end, what is between them, which columns belong together.

use std::collections::BTreeSet;

use super::super::beside::KeptCell;
use super::super::columns::Headers;
use super::write::quoted;
use super::{Draft, guess};

/// Rows with their numbers.
pub(super) type Rows = [(u64, Vec<KeptCell>)];

/// The rows of the table: up to an empty row behind which something else stands, totals left out.
pub(super) fn body<'d>(headers: &Headers, data: &'d Rows, draft: &mut Draft) -> &'d Rows {
    let header: Vec<&str> = headers
        .columns
        .iter()
        .map(|column| column.header.as_str())
        .collect();
    let mut end = data.len();
    let mut last = headers.row;
    for (at, (number, _)) in data.iter().enumerate() {
        if *number > last + 1 && at > 0 {
            end = at;
            break;
        }
        last = *number;
    }
    let rest = data.get(end..).unwrap_or_default();
    let again = rest.iter().any(|(_, cells)| {
        let same = cells
            .iter()
            .zip(&header)
            .filter(|(cell, header)| cell.text == **header && !header.is_empty());
        same.count() * 2 > header.len()
    });
    if again {
        draft.keys.push((
            "end".into(),
            "\"gap\"".into(),
            "an empty row ends a table".into(),
        ));
        draft.keys.push((
            "blocks".into(),
            "true".into(),
            "behind it the next begins".into(),
        ));
    } else if !rest.is_empty() {
        draft.keys.push((
            "end".into(),
            "\"gap\"".into(),
            "what stands behind the empty row is no order".into(),
        ));
    }
    let body = data.get(..end).unwrap_or_default();
    let mut skip = BTreeSet::new();
    for (_, cells) in body {
        let first = cells.iter().find(|cell| !cell.text.is_empty());
        if let Some(word) = first.and_then(|cell| total(&cell.text)) {
            skip.insert(format!("{word}*"));
        }
    }
    if !skip.is_empty() {
        let all: Vec<String> = skip.iter().map(|pattern| quoted(pattern)).collect();
        draft.keys.push((
            "skip".into(),
            format!("[{}]", all.join(", ")),
            "rows of totals".into(),
        ));
    }
    body
}

/// The first word of a row of totals.
fn total(text: &str) -> Option<&str> {
    const TOTALS: [&str; 9] = [
        "total",
        "summe",
        "gesamt",
        "zwischensumme",
        "totaal",
        "somme",
        "subtotal",
        "summa",
        "sous",
    ];
    let word = text.split([' ', ':', '-']).next()?;
    let lower = word.to_lowercase();
    TOTALS
        .iter()
        .any(|total| lower.starts_with(total))
        .then_some(word)
}

/// Columns side by side that differ by a number: `Article 1`, `Article 2`.
pub(super) struct Group {
    /// With `#` for the number.
    pub(super) template: String,
    /// Without the number.
    pub(super) stem: String,
    pub(super) columns: Vec<usize>,
}

pub(super) fn groups(headers: &Headers) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (index, column) in headers.columns.iter().enumerate() {
        let header = &column.header;
        let end = header
            .rfind(|c: char| c.is_ascii_digit())
            .map_or(0, |at| at + 1);
        let head = header.get(..end).unwrap_or("");
        let start = head.trim_end_matches(|c: char| c.is_ascii_digit()).len();
        let Ok(number) = head.get(start..).unwrap_or("").parse::<usize>() else {
            continue;
        };
        let before = header.get(..start).unwrap_or("");
        let behind = header.get(end..).unwrap_or("");
        let template = format!("{before}#{behind}");
        match groups.iter_mut().find(|group| group.template == template) {
            Some(group) if number == group.columns.len() + 1 => group.columns.push(index),
            None if number == 1 => groups.push(Group {
                template,
                stem: format!("{} {}", before.trim(), behind.trim())
                    .trim()
                    .to_owned(),
                columns: vec![index],
            }),
            _ => {}
        }
    }
    // “Address 1” and “Address 2” are parts of one address.
    let is_part = |group: &Group| {
        guess::by_name(&group.stem).is_some_and(|(field, _)| {
            field.starts_with("lines.") || field.starts_with("shipments.goods.")
        })
    };
    groups.retain(|group| group.columns.len() > 1 && is_part(group));
    groups
}

pub(super) fn samples(rows: &Rows, column: usize) -> Vec<String> {
    let mut samples: Vec<String> = Vec::new();
    for (_, cells) in rows {
        let first = cells.iter().find(|cell| !cell.text.is_empty());
        if first.is_some_and(|cell| total(&cell.text).is_some()) {
            continue;
        }
        if let Some(cell) = cells.get(column)
            && !cell.text.is_empty()
            && !samples.contains(&cell.text)
            && samples.len() < 30
        {
            samples.push(cell.text.clone());
        }
    }
    samples
}

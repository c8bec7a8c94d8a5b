//! Suggestions for tables: where the header is, what stands above it, what the columns are.

use std::collections::{BTreeMap, BTreeSet};

use super::super::beside::{Kept, KeptCell};
use super::super::columns::{Headers, letters};
use super::super::synonyms::normalise;
use super::body::{Rows, body, groups, samples};
use super::guess::{self, ENOUGH, Scored, Written};
use super::labels::{labels, labels_of_order};
use super::survey::{SeenTable, Survey};
use super::write::quoted;
use super::{Draft, Guess};
use crate::formats::{CellKind, FormatKind};
use crate::limits;

/// A header that was found.
struct Found<'s> {
    table: &'s SeenTable,
    /// Index of its last row.
    at: usize,
    /// How many rows it has.
    rows: usize,
    headers: Headers,
    score: u32,
    /// How many fields its columns name.
    fields: usize,
    /// How many of them are of lines.
    lines: usize,
    /// The column of the order number.
    reference: Option<usize>,
}

/// The draft for the table that looks most like orders.
pub(super) fn draft(survey: &Survey) -> Option<Draft> {
    let found = survey.tables.iter().filter_map(header);
    let mut found: Vec<Found<'_>> = found.collect();
    // Lines on a sheet behind that of their heads are what the heads are joined to.
    let lines = found
        .iter()
        .rposition(|found| found.lines >= 2 && found.reference.is_some())
        .filter(|at| found.iter().take(*at).any(|head| head.reference.is_some()));
    let found = match lines {
        Some(at) => Some(found.swap_remove(at)),
        None => found.into_iter().max_by_key(|found| found.score),
    };
    let pairs = survey
        .tables
        .iter()
        .max_by_key(|table| labels(&table.kept).len())?;
    let mut draft = Draft {
        format: match survey.format {
            Some(FormatKind::Csv) => "csv",
            _ => "sheet",
        },
        ..Draft::default()
    };
    match found {
        Some(found) if found.score >= 3 * 80 || (lines.is_some() && found.fields >= 2) => {
            of_table(survey, &found, &mut draft);
        }
        _ if labels(&pairs.kept).len() >= 3 => of_keys(survey, pairs, &mut draft),
        Some(found) if found.fields >= 2 => of_table(survey, &found, &mut draft),
        _ => return None,
    }
    Some(draft)
}

/// The row, or the rows joined, whose cells are most like headers of an order.
fn header(table: &SeenTable) -> Option<Found<'_>> {
    let rows = table.kept.rows();
    let most = usize::try_from(limits::HEADER_ROWS)
        .unwrap_or(50)
        .min(rows.len());
    let mut best: Option<Found<'_>> = None;
    for at in 0..most {
        for count in 1..=3.min(at + 1) {
            let Some(part) = rows.get(at + 1 - count..=at) else {
                continue;
            };
            let headers = Headers::read(part);
            let Some((score, fields)) = header_score(&headers, part, rows.get(at + 1)) else {
                continue;
            };
            // Joined rows must be clearly better than one.
            let more = if count > 1 { 40 } else { 0 };
            let better = best.as_ref().is_none_or(|best| score > best.score + more);
            if better && headers.twice().is_none() {
                best = Some(Found {
                    table,
                    at,
                    rows: count,
                    score,
                    fields: fields.len(),
                    lines: fields
                        .keys()
                        .filter(|field| field.starts_with("lines."))
                        .count(),
                    reference: fields.get("reference").copied(),
                    headers,
                });
            }
        }
    }
    best
}

/// What the headers are worth, and the fields that they name with their columns.
fn header_score(
    headers: &Headers,
    part: &Rows,
    next: Option<&(u64, Vec<KeptCell>)>,
) -> Option<(u32, BTreeMap<&'static str, usize>)> {
    let named = headers
        .columns
        .iter()
        .filter(|column| !column.header.is_empty());
    if named.count() < 2 || next.is_none() {
        return None;
    }
    // A row of values is no header: numbers, dates, cells that end in a colon.
    let last = part.last().map_or(&[][..], |row| row.1.as_slice());
    let looks_like_value = |cell: &&KeptCell| {
        cell.kind != CellKind::Text
            || cell.text.ends_with(':')
            || (!cell.text.is_empty() && guess::decimal_of(&cell.text).is_some())
    };
    let values = last.iter().filter(looks_like_value).count();
    if values * 3 > last.iter().filter(|cell| !cell.text.is_empty()).count() {
        return None;
    }
    let mut fields = BTreeMap::new();
    let mut score = 0;
    for (index, column) in headers.columns.iter().enumerate() {
        if column.header.is_empty() {
            continue;
        }
        if let Some((field, points)) = guess::by_name(&column.header)
            && !fields.contains_key(field)
        {
            fields.insert(field, index);
            score += u32::from(points);
        }
    }
    (score > 0).then_some((score, fields))
}

fn of_table(survey: &Survey, found: &Found<'_>, draft: &mut Draft) {
    let rows = found.table.kept.rows();
    let data = rows.get(found.at + 1..).unwrap_or_default();
    let first = found.at + 1 - found.rows;
    if draft.format == "sheet" && survey.tables.len() > 1 {
        draft
            .keys
            .push(("sheet".into(), quoted(&found.table.name), String::new()));
    }
    if first > 0 {
        draft.keys.push((
            "header".into(),
            "\"find\"".into(),
            "the first row that has the columns below".into(),
        ));
    }
    if found.rows > 1 {
        let why = "the titles above each other are joined";
        draft
            .keys
            .push(("header_rows".into(), found.rows.to_string(), why.into()));
    }
    let body = body(&found.headers, data, draft);
    let mut guesses: Vec<(Scored, Guess)> = Vec::new();
    columns(found, body, &mut guesses, draft);
    let above = rows.get(..first).unwrap_or_default();
    let mut kept = Kept::default();
    for (number, cells) in above {
        let cells: Vec<_> = cells
            .iter()
            .map(|cell| crate::formats::Cell {
                text: &cell.text,
                kind: cell.kind,
            })
            .collect();
        kept.push(&crate::formats::Row {
            number: *number,
            line: 0,
            cells: &cells,
        });
    }
    for (label, value, field) in labels(&kept) {
        let scored = (field.0, field.1.saturating_sub(2));
        guesses.push((scored, guess_of(scored, format!("@^{label}"), &[value])));
    }
    other_sheets(survey, found, body, &mut guesses, draft);
    best_of(guesses, draft);
    notation(body, &found.headers, draft);
    finish(&found.headers, draft);
}

/// What the columns are.
fn columns(found: &Found<'_>, body: &Rows, guesses: &mut Vec<(Scored, Guess)>, draft: &mut Draft) {
    let groups = groups(&found.headers);
    for (index, column) in found.headers.columns.iter().enumerate() {
        let samples = samples(body, index);
        let group = groups.iter().find(|group| group.columns.contains(&index));
        if group.is_some_and(|group| group.columns.first() != Some(&index)) {
            continue;
        }
        let header = group.map_or(column.header.as_str(), |group| group.stem.as_str());
        let name = (!header.is_empty())
            .then(|| guess::by_name(header))
            .flatten();
        let value = match group {
            Some(group) => format!("@{}", group.template),
            None => column_value(found, index),
        };
        match guess::scored(name, &samples) {
            Some(scored) => guesses.push((scored, guess_of(scored, value, &samples))),
            None if !column.header.is_empty() || !samples.is_empty() => {
                draft.left.push((value, samples));
            }
            None => {}
        }
    }
    if let Some(most) = groups.iter().map(|group| group.columns.len()).max() {
        let goods = guesses.iter().any(|(scored, guess)| {
            guess.value.contains('#') && scored.0.starts_with("shipments.goods.")
        });
        draft.repeat = Some((if goods { "goods" } else { "line" }, most));
    }
}

fn column_value(found: &Found<'_>, index: usize) -> String {
    let header = found
        .headers
        .columns
        .get(index)
        .map_or("", |column| &column.header);
    let alone = header.len() == 1 && header.bytes().all(|b| b.is_ascii_uppercase());
    match normalise(header).as_str() {
        "" => format!("@[{}]", letters(index)),
        _ if alone || header.contains('!') || header.starts_with(['^', '=', '[', '"', '\'']) => {
            format!("@={header}")
        }
        _ => format!("@{header}"),
    }
}

fn guess_of((field, score): Scored, value: String, samples: &[String]) -> Guess {
    Guess {
        field: field.to_owned(),
        value,
        score,
        samples: samples
            .iter()
            .take(3)
            .map(|text| crate::problem::excerpt(text))
            .collect(),
    }
}

/// Heads on a sheet before: joined by the order number, or labels and values.
fn other_sheets(
    survey: &Survey,
    found: &Found<'_>,
    body: &Rows,
    guesses: &mut Vec<(Scored, Guess)>,
    draft: &mut Draft,
) {
    let before = survey
        .tables
        .iter()
        .take_while(|table| !std::ptr::eq(*table, found.table));
    let reference = found.headers.columns.iter().position(|column| {
        guess::by_name(&column.header).is_some_and(|(field, _)| field == "reference")
    });
    for table in before {
        let head = header(table).filter(|head| head.score >= 2 * 80);
        let joined = head.as_ref().zip(reference).and_then(|(head, reference)| {
            let ours = samples(body, reference);
            let rows = table.kept.rows().get(head.at + 1..)?;
            let key = (0..head.headers.columns.len()).find(|column| {
                let theirs = samples(rows, *column);
                !ours.is_empty() && ours.iter().all(|value| theirs.contains(value))
            })?;
            Some((head, rows, key, reference))
        });
        let Some((head, rows, key, reference)) = joined else {
            for (label, value, scored) in labels(&table.kept) {
                let value_of = format!("@{}!{label}", table.name);
                guesses.push((scored, guess_of(scored, value_of, &[value])));
            }
            continue;
        };
        let key_header = head
            .headers
            .columns
            .get(key)
            .map_or("", |column| &column.header);
        draft.sections.push(format!(
            "[join.heads]\nsheet = {}\nkey = {}\nby = {}\n",
            quoted(&table.name),
            quoted(key_header),
            quoted(&column_value(found, reference)),
        ));
        for (index, column) in head
            .headers
            .columns
            .iter()
            .enumerate()
            .filter(|(index, _)| *index != key)
        {
            let samples = samples(rows, index);
            let name =
                guess::by_name(&column.header).map(|(field, score)| (guess::of_head(field), score));
            if let Some(scored) = guess::scored(name, &samples) {
                let value = format!("@heads!{}", column.header);
                guesses.push((scored, guess_of(scored, value, &samples)));
            }
        }
    }
}

/// The best guess for each field; what loses is left.
fn best_of(mut guesses: Vec<(Scored, Guess)>, draft: &mut Draft) {
    guesses.sort_by_key(|((_, score), _)| std::cmp::Reverse(*score));
    let mut taken = BTreeSet::new();
    for ((field, score), guess) in guesses {
        if score >= ENOUGH && taken.insert(field) {
            draft.guesses.push(guess);
        } else {
            draft.left.push((guess.value, guess.samples));
        }
    }
}

/// How numbers and dates are written.
fn notation(body: &Rows, headers: &Headers, draft: &mut Draft) {
    let mut texts: Vec<String> = Vec::new();
    for index in 0..headers.columns.len() {
        for (_, cells) in body {
            if let Some(cell) = cells.get(index).filter(|cell| cell.kind == CellKind::Text) {
                texts.push(cell.text.clone());
            }
        }
    }
    for guess in &draft.guesses {
        texts.extend(guess.samples.iter().cloned());
    }
    declare(&texts, draft);
}

/// The keys `decimal` and `dates`, from texts of all kinds.
pub(super) fn declare(texts: &[String], draft: &mut Draft) {
    let count = |sign| {
        let signs = texts.iter().filter_map(|text| guess::decimal_of(text));
        signs.filter(|found| *found == sign).count()
    };
    if count(Written::Comma) > count(Written::Point) {
        draft.keys.push((
            "decimal".into(),
            "\"comma\"".into(),
            "numbers are written 1.234,50".into(),
        ));
    }
    let dates: Vec<&String> = texts
        .iter()
        .filter(|text| {
            text.len() >= 6 && text.len() <= 20 && text.bytes().any(|b| b.is_ascii_digit())
        })
        .filter(|text| text.contains(['.', '/', '-']) && guess::decimal_of(text).is_none())
        .collect();
    let patterns = guess::patterns(&dates);
    if !patterns.is_empty() {
        let all: Vec<String> = patterns.iter().map(|pattern| quoted(pattern)).collect();
        draft.keys.push((
            "dates".into(),
            format!("[{}]", all.join(", ")),
            "check the order of day and month".into(),
        ));
    }
}

/// What every draft of a table has at its end: its kind, and what it is recognised by.
fn finish(headers: &Headers, draft: &mut Draft) {
    kind(draft);
    let mut required: Vec<String> = Vec::new();
    for guess in draft.guesses.iter().filter(|guess| guess.score >= 80) {
        if let Some(header) = guess.value.strip_prefix('@')
            && headers.columns.iter().any(|column| column.header == header)
            && required.len() < 4
        {
            required.push(quoted(header));
        }
    }
    if !required.is_empty() {
        draft
            .recognise
            .push(("required".into(), format!("[{}]", required.join(", "))));
    }
}

/// Goods to be carried, or articles to be bought.
pub(super) fn kind(draft: &mut Draft) {
    let count = |prefix: &str| {
        draft
            .guesses
            .iter()
            .filter(|guess| guess.field.starts_with(prefix))
            .count()
    };
    let (lines, goods) = (count("lines."), count("shipments.goods."));
    let kind = if goods > lines {
        "transport"
    } else {
        "purchase"
    };
    draft.keys.push((
        "kind".into(),
        quoted(kind),
        "purchase, transport, pickup, dropoff, dispatch, receipt, delivery or tracking".into(),
    ));
}

/// A sheet of labels and values.
fn of_keys(survey: &Survey, table: &SeenTable, draft: &mut Draft) {
    draft.keys.push((
        "header".into(),
        "\"keys\"".into(),
        "labels with their values beside or below".into(),
    ));
    if draft.format == "sheet" && survey.tables.len() > 1 {
        draft
            .keys
            .push(("sheet".into(), quoted(&table.name), String::new()));
    }
    let mut guesses = Vec::new();
    let pairs = labels_of_order(&table.kept);
    for (label, value, scored) in &pairs {
        guesses.push((
            *scored,
            guess_of(*scored, format!("@^{label}"), std::slice::from_ref(value)),
        ));
    }
    let texts: Vec<String> = pairs.iter().map(|(_, value, _)| value.clone()).collect();
    best_of(guesses, draft);
    declare(&texts, draft);
    kind(draft);
    let required = pairs
        .iter()
        .filter(|(_, _, (_, score))| *score >= 80)
        .take(3);
    let required: Vec<String> = required.map(|(label, _, _)| quoted(label)).collect();
    draft
        .recognise
        .push(("required".into(), format!("[{}]", required.join(", "))));
}

//! Suggestions for tables: where the header is, what stands above it, what the columns are.

use std::collections::{BTreeMap, BTreeSet};

use super::super::beside::{Kept, KeptCell};
use super::super::columns::{Headers, letters};
use super::super::synonyms::normalise;
use super::super::target::level_of;
use super::guess::{self, ENOUGH, Scored, Written};
use super::survey::{SeenTable, Survey};
use super::write::quoted;
use super::{Draft, Guess};
use crate::formats::{CellKind, FormatKind};
use crate::limits;

/// Rows with their numbers.
type Rows = [(u64, Vec<KeptCell>)];

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
    let body = body(found, data, draft);
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

/// The rows of the table: up to an empty row behind which something else stands, totals left out.
fn body<'d>(found: &Found<'_>, data: &'d Rows, draft: &mut Draft) -> &'d Rows {
    let header: Vec<&str> = found
        .headers
        .columns
        .iter()
        .map(|column| column.header.as_str())
        .collect();
    let mut end = data.len();
    let mut last = found.headers.row;
    for (at, (number, cells)) in data.iter().enumerate() {
        if *number > last + 1 && at > 0 {
            end = at;
            break;
        }
        last = *number;
        let _ = cells;
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
struct Group {
    /// With `#` for the number.
    template: String,
    /// Without the number.
    stem: String,
    columns: Vec<usize>,
}

fn groups(headers: &Headers) -> Vec<Group> {
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

fn samples(rows: &Rows, column: usize) -> Vec<String> {
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

/// Labels with their values and what they mean, where the words are known.
fn labels(kept: &Kept) -> Vec<(String, String, Scored)> {
    use super::super::model::Beside;
    let mut found = Vec::new();
    for (_, cells) in kept.rows() {
        for cell in cells {
            let label = cell.text.split([':', '=']).next().unwrap_or("").trim();
            if label.is_empty() || label.len() > 40 || cell.kind != CellKind::Text {
                continue;
            }
            let normal = normalise(label);
            let named = match normal.as_str() {
                "date" | "datum" => Some(("issued", 70)),
                _ => guess::by_name(label).filter(|(_, score)| *score >= 65),
            };
            let Some((field, score)) = named else {
                continue;
            };
            let is_label = |cell: &KeptCell| {
                cell.text.len() > 3
                    && guess::by_name(&cell.text).is_some_and(|(_, score)| score >= 95)
            };
            let Some(value) = kept.find(&Beside::Label(normal, label.to_owned()), &is_label) else {
                continue;
            };
            let field = guess::name_or_street(guess::of_head(field), &value.text);
            let value = [value.text];
            if let Some(scored) =
                guess::scored(Some((field, score)), &value).filter(|(found, _)| *found == field)
                && !found.iter().any(|(_, _, (known, _))| *known == field)
            {
                let [value] = value;
                found.push((label.to_owned(), value, scored));
            }
        }
    }
    found
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

/// Labels of a sheet that is one order: what is ordered stands among them.
fn labels_of_order(kept: &Kept) -> Vec<(String, String, Scored)> {
    let mut pairs = labels(kept);
    for (label, value, scored) in &mut pairs {
        let Some((field, _)) = guess::by_name(label) else {
            continue;
        };
        let line = level_of(field).1;
        if ["quantity", "amount"].contains(&line) && field.starts_with("lines.") {
            let checked = guess::scored(Some((field, scored.1)), std::slice::from_ref(value));
            if let Some(checked) = checked {
                *scored = checked;
            }
        }
    }
    pairs
}
